"""A record typed by hand: a form with a line for each field."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from leads_local.app.citations import TYPED, add_record
from leads_local.tui import labels
from leads_local.tui.error_guard import Guarded
from leads_local.tui.session import Session

_KEYS_TOLD = "   Tab: next field · Ctrl+s: add it · Escape: leave"
_LONG = "abstract"
_NAMES = {"doi": "DOI", "pmid": "PMID", "urls": "Links"}


class TypeRecord(Guarded, ModalScreen[str | None]):
    """Adds the record and returns what came of it; Escape leaves without storing anything."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Add", priority=True),
        Binding("escape", "leave", "Cancel"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog large", can_focus=False):
            heading = Content.assemble(("A record typed by hand", "bold"), (_KEYS_TOLD, labels.MUTED))
            yield Static(heading, markup=False)
            for name, hint in TYPED:
                label = _NAMES.get(name, name.capitalize())
                yield Static(Content.assemble((label, "bold"), (f"  {hint}", labels.MUTED)), markup=False)
                if name == _LONG:
                    yield TextArea(id=name, tab_behavior="focus", compact=True)
                else:
                    yield Input(id=name, compact=True)

    def on_mount(self) -> None:
        """Begin with the heading and the first field's name in sight, which focusing that field scrolls away."""
        self.call_after_refresh(self.query_one(VerticalScroll).scroll_home, animate=False)

    def action_save(self) -> None:
        typed = {name: self.query_one(f"#{name}", Input).value for name, _ in TYPED if name != _LONG}
        typed[_LONG] = self.query_one(f"#{_LONG}", TextArea).text
        self.dismiss(" ".join(add_record(self._session.review, typed).lines))

    def action_leave(self) -> None:
        self.dismiss(None)

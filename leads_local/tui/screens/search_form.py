"""How the records of a file were searched for, as a form: when a file is imported, and of one that was."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from leads_local.app.sources import check_search
from leads_local.errors import InputError
from leads_local.review.search_details import NOTHING, SearchDetails, SourceKind
from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.error_guard import Guarded

_FIELDS = (
    ("database", "Database, register or website", "such as Embase"),
    ("platform", "Platform", "such as Ovid"),
    ("kind", f"Kind: {', '.join(SourceKind)}", "its beginning will do"),
    ("searched", "Searched on", "such as 2026-11-29"),
    ("claimed", "Hits that the database claimed", "such as 1,234"),
    ("limits", "Limits that were set there", "such as English, 2000-"),
    ("strategy", "Strategy as it was run", "the text, or the path of the file that holds it"),
)


class SearchForm(Guarded, ModalScreen[dict[str, str] | None]):
    """Returns what was typed in the fields of these names, as far as it is new; None when it was left. ``skipping``
    says what Escape does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Skip")]

    def __init__(self, heading: str, skipping: str, said: SearchDetails = NOTHING) -> None:
        super().__init__()
        self._heading, self._skipping = heading, skipping
        self._said = {name: "" if (value := getattr(said, name)) is None else str(value) for name, _, _ in _FIELDS}

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            yield Static(Content.styled(safe_line(self._heading), "bold"), markup=False)
            for name, label, example in _FIELDS:
                yield Static(label, markup=False)
                kept = name == "strategy" and self._said[name]
                placeholder = "kept as it is; type another one, or the path of its file" if kept else example
                value = "" if name == "strategy" else safe_line(self._said[name])
                yield Input(value=value, placeholder=placeholder, id=name, compact=True)
            yield Static("", id="problem", markup=False)
            yield Static(
                Content.styled(f"Tab goes on, Enter in a line stores it. {self._skipping}", labels.MUTED), markup=False
            )

    def on_mount(self) -> None:
        self.query_one("#database", Input).focus()

    @on(Input.Submitted)
    def _done(self) -> None:
        typed = {name: self.query_one(f"#{name}", Input).value.strip() for name, _, _ in _FIELDS}
        new = {name: text for name, text in typed.items() if text != self._said[name] and (text or name != "strategy")}
        try:
            check_search(new)
        except InputError as error:
            self.query_one("#problem", Static).update(Content.styled(safe_line(str(error)), "$text-error"))
        else:
            self.dismiss(new)

    def action_leave(self) -> None:
        self.dismiss(None)

"""A dialog whose lines are changed one by one; nothing is stored before it is saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.screens.pick import Dialog


class ChangingDialog(Dialog):
    """``options`` says what is listed, ``heading`` and ``keys_told`` what stands above and below."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "save", "Save", priority=True)]
    heading: str
    keys_told: str
    box: ClassVar[str] = "dialog"

    def options(self) -> Sequence[Option]:
        raise NotImplementedError

    def action_save(self) -> None:
        raise NotImplementedError

    def below(self) -> Iterable[Widget]:
        """What stands between the lines and the keys."""
        return ()

    def compose(self) -> ComposeResult:
        with Vertical(classes=self.box):
            yield Static(Content.styled(safe_line(self.heading), "bold"), markup=False)
            yield OptionList(compact=True)
            yield from self.below()
            yield Static(Content.styled(self.keys_told, labels.MUTED), markup=False)

    def on_mount(self) -> None:
        self.show(0)
        self.query_one(OptionList).focus()

    def show(self, place: int) -> None:
        """Draw the lines as they are now, with the cursor on this one."""
        listed, lines = self.query_one(OptionList), self.options()
        listed.clear_options()
        listed.add_options(lines)
        listed.highlighted = place if lines else None

"""A report in lines, longer than fits below a screen: what came of an import, what this computer can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from leads_local.terminal_text import safe_block, safe_line
from leads_local.tui.error_guard import Guarded


class ReportScreen(Guarded, ModalScreen[None]):
    """All lines, to be scrolled. Escape or q closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close"),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, heading: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._heading = heading
        self._lines = lines

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog large"):
            yield Static(Content.styled(safe_line(self._heading), "bold"), markup=False)
            yield Static(Content("\n".join(map(_as_it_stands, self._lines))), markup=False)
            yield Static("Escape closes this.", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def action_scroll(self, step: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)


def _as_it_stands(line: str) -> str:
    """One line, safe to draw, with the spaces that make it a row of a table."""
    return safe_block(line).replace("\n", " ")

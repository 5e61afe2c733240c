"""Writing down what a value should be. The model's text is there to be corrected; a note may say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from leads_local.terminal_text import safe_block, safe_line
from leads_local.tui import labels
from leads_local.tui.error_guard import Guarded
from leads_local.tui.widgets.value_list import value_label

if TYPE_CHECKING:
    from leads_local.review.read_models import StoredValue


class EditValue(Guarded, ModalScreen[tuple[str, str] | None]):
    """Returns (text, note), or None when nothing is to change."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Cancel")]

    def __init__(self, stored: StoredValue, text: str) -> None:
        super().__init__()
        self._stored = stored
        self._text = text

    def compose(self) -> ComposeResult:
        stored = self._stored
        model = safe_block(stored.value.text) or "the paper does not report it"
        with Vertical(classes="dialog"):
            yield Static(Content.styled(value_label(stored), "bold"), markup=False)
            yield Static(Content.assemble(("Model: ", labels.MUTED), model), markup=False)
            yield Static(
                Content.assemble(("Quote: ", labels.MUTED), labels.format_pages(stored.value.quote)), markup=False
            )
            yield Static("What is right", markup=False)
            yield Input(value=safe_line(self._text), id="text")
            yield Static("Note (may stay empty)", markup=False)
            yield Input(value=safe_line(stored.note), id="note")
            yield Static(Content.styled("Enter stores it, Escape leaves all as it is.", labels.MUTED), markup=False)

    @on(Input.Submitted)
    def _done(self) -> None:
        self.dismiss((self.query_one("#text", Input).value.strip(), self.query_one("#note", Input).value.strip()))

    def action_leave(self) -> None:
        self.dismiss(None)

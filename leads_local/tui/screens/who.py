"""Who is at the keyboard: asked before a review is first worked on, so that nothing is said under nobody's name."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from leads_local.app import reviewers
from leads_local.errors import InputError
from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.screens.pick import Dialog

NOTE = "You can work on a review once you have a name: it stands beside what you decide."


class NameDialog(Dialog):
    """Returns a name that can be stored, None when the person would rather not say."""

    def __init__(self, note: str, suggested: str) -> None:
        super().__init__()
        self._note = note
        self._suggested = suggested

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(reviewers.WHO, "bold"), markup=False)
            yield Static(Content(safe_line(self._note)), markup=False)
            yield Input(value=safe_line(self._suggested), placeholder="first name and surname, say")
            yield Static("", id="problem", markup=False)
            yield Static(
                Content.styled("Enter accepts. Escape: back to the list of reviews.", labels.MUTED), markup=False
            )

    @on(Input.Submitted)
    def _said(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(reviewers.clean_name(event.value))
        except InputError as error:
            self.query_one("#problem", Static).update(Content.styled(safe_line(str(error)), "$text-error"))

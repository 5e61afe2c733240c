"""Where the program begins when no review was named: the reviews opened last, another one by its path, or a new one."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from leads_local.terminal_text import safe_line
from leads_local.tui import labels, recent
from leads_local.tui.error_guard import Guarded
from leads_local.tui.file_tasks import typed_path
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.messages import ReviewChosen
from leads_local.tui.screens.pick import TextPrompt
from leads_local.tui.screens.question import NewReview

_WELCOME = "Systematic reviews on your own computer. Nothing that you do here leaves it."


class HomeScreen(Guarded, Screen[None]):
    """A short list; Enter opens what is under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "open", "Open a file", tooltip="Open a review by the path of its .leads file."),
        Binding("n", "new", "New review", tooltip="Make a new review: its question, and where to keep it."),
        Binding("j", "cursor(1)", "Down", show=False),
        Binding("k", "cursor(-1)", "Up", show=False),
        Binding("q", "app.quit", "Quit"),
    ]

    def __init__(self, leads: LeadsInterface) -> None:
        super().__init__()
        self.leads = leads

    def compose(self) -> ComposeResult:
        with Vertical(id="home"):
            yield Static(
                Content.assemble(("leads-local", "bold $text-accent"), "\n", _WELCOME), markup=False, id="welcome"
            )
            yield Static(markup=False, id="recent-heading")
            yield OptionList(compact=True, id="recent")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._paths = recent.recent_reviews()
        heading = "Opened last" if self._paths else "No review yet: n makes a new one, o opens one by its path."
        self.query_one("#recent-heading", Static).update(Content.styled(heading, "bold"))
        options = self.query_one(OptionList)
        for path in self._paths:
            options.add_option(
                Option(
                    Content.assemble(
                        (safe_line(path.stem), "bold"), ("   " + safe_line(str(path.parent)), labels.MUTED)
                    )
                )
            )
        if self._paths:
            options.highlighted = 0
        options.focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self._open(self._paths[event.option_index])

    def action_cursor(self, step: int) -> None:
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    def action_open(self) -> None:
        self.leads.ask(
            TextPrompt("Which review file?", "Type the path of a .leads file, or drag the file into the terminal."),
            self._typed,
        )

    def _typed(self, text: str | None) -> None:
        if text:
            self._open(typed_path(text))

    def _open(self, path: Path) -> None:
        self.app.post_message(ReviewChosen(path))

    def action_new(self) -> None:
        self.leads.ask(NewReview(), self._made)

    def _made(self, path: Path | None) -> None:
        if path is not None:
            self._open(path)

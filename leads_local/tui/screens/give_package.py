"""Giving a part of the review to one reviewer: what for, then to whom, which records, and into which file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Checkbox, Input, Static

from leads_local.app import reviewers
from leads_local.app.packages import Selection, read_selection
from leads_local.errors import InputError
from leads_local.records import Stage
from leads_local.terminal_text import safe_line
from leads_local.tui import file_tasks, labels
from leads_local.tui.error_guard import Guarded
from leads_local.tui.screens.pick import PickItem, PickOne

_CONFLICTS = "conflicts"
_WHICH = (
    "Which of these (empty: all; or numbers such as 1,2,5-9; or a part such as 0.5; or conditions such as year>2010)"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was filled in."""

    reviewer: str
    stage: Stage
    selection: Selection
    path: Path
    texts: bool
    scores: bool


def ask_what_for() -> PickOne:
    """The answer names the stage and what is to be done at it: see ``GivePackage``."""
    answers = [
        PickItem("a", "Titles and abstracts that they have to decide", str(Stage.ABSTRACT)),
        PickItem("f", "Full texts that they have to decide", str(Stage.FULLTEXT)),
        PickItem("c", "Conflicts at title and abstract, to settle them", f"{Stage.ABSTRACT} {_CONFLICTS}"),
        PickItem("x", "Conflicts at full text, to settle them", f"{Stage.FULLTEXT} {_CONFLICTS}"),
    ]
    explanation = (
        "A work package is a part of the review in a file of its own, for one reviewer to work on anywhere. What the "
        "others decided is not in it, but where it is to be settled."
    )
    return PickOne("A work package of what?", answers, explanation=explanation)


def _cross(chosen: bool) -> str:
    return "X" if chosen else " "


def _box(label: str, chosen: bool, name: str) -> Checkbox:
    """A box with a cross only where it is chosen, which Textual tells by the colour alone."""
    box = Checkbox(label, chosen, id=name, compact=True)
    box.BUTTON_INNER = _cross(chosen)
    return box


class GivePackage(Guarded, ModalScreen[Wish | None]):
    """Returns what the package is to be, None when nothing is to be given out. ``what_for``: ``ask_what_for``'s."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Cancel")]

    def __init__(self, what_for: str, review: Path) -> None:
        super().__init__()
        stage, _, settle = what_for.partition(" ")
        self._stage, self._settle, self._review = Stage(stage), settle == _CONFLICTS, review

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled("A work package for one reviewer", "bold"), markup=False)
            yield Static("For whom", markup=False)
            yield Input(placeholder="the name under which they decide", id="reviewer")
            if not self._settle:
                yield Static(_WHICH, markup=False)
                yield Input(id="which")
            yield Static("Into which new file (empty: beside the review, with their name)", markup=False)
            yield Input(id="file")
            yield _box("Only what no work package has yet", False, "rest")
            yield _box("With full texts", self._stage is Stage.FULLTEXT, "texts")
            yield _box("With the model's judgements, though reviewers are blind", False, "scores")
            yield Static("", id="problem", markup=False)
            yield Static(Content.styled("Tab goes on, Enter in a line writes it. Escape: none.", labels.MUTED))

    @on(Input.Submitted)
    def _done(self) -> None:
        try:
            self.dismiss(self._wish())
        except InputError as error:
            self.query_one("#problem", Static).update(Content.styled(safe_line(str(error)), "$text-error"))

    def _wish(self) -> Wish:
        name = reviewers.clean_name(self.query_one("#reviewer", Input).value)
        selection = Selection(conflicts=self._settle, rest=self._is_on("rest"))
        if not self._settle:
            selection = read_selection(self.query_one("#which", Input).value, selection)
        typed = self.query_one("#file", Input).value
        path = file_tasks.typed_target(typed) if typed.strip() else self._default_file(name)
        return Wish(name, self._stage, selection, path, self._is_on("texts"), self._is_on("scores"))

    def _default_file(self, name: str) -> Path:
        plain = "-".join(re.findall(r"\w+", name.casefold()))
        return self._review.with_name(f"{self._review.stem}-{plain}.leads")

    @on(Checkbox.Changed)
    def _show_cross(self, event: Checkbox.Changed) -> None:
        event.checkbox.BUTTON_INNER = _cross(event.value)
        event.checkbox.refresh()

    def _is_on(self, name: str) -> bool:
        return self.query_one(f"#{name}", Checkbox).value

    def action_leave(self) -> None:
        self.dismiss(None)

"""Help: what the keys of the screen in view do, and what the words mean. The keys come from the bindings and can't be
out of date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from leads_local import offline
from leads_local.tui.commands import list_commands
from leads_local.tui.error_guard import Guarded

GLOSSARY = (
    ("Record", "One entry of a database export. Several records can be of one report; they are then shown once."),
    ("Report", "A document: a journal article, say. A study can have several reports."),
    ("Study", "What was done. Values are extracted from the reports of the studies that you include."),
    ("Stage", "Every record is decided by title and abstract first; those included there once more by full text."),
    (
        "Decision",
        "Yours alone: include, exclude or maybe. Stored at once, kept for ever, and nothing of the model's can "
        "change it.",
    ),
    (
        "Keyword",
        "A word of the protocol, marked in titles and abstracts: underlined where it speaks for including, reversed "
        "where it speaks for excluding.",
    ),
    (
        "Waiting",
        "You have decided it, and a second reviewer has not. In conflict: the reviewers differ. Neither is decided.",
    ),
    (
        "Judgement",
        "What the model says of one criterion. A suggestion: read it beside the abstract, never instead of it.",
    ),
    ("YES", "The model takes the criterion as met."),
    ("PARTIAL", "Met in part, or met by some of the participants."),
    ("NO", "The model takes the criterion as not met."),
    ("UNCERTAIN", "The text does not say enough to tell."),
    (
        "YES 55%",
        "How probable that word was to the model, of the four. Others that were worth a thought stand behind: (or "
        "NO 30%).",
    ),
    (
        "Score",
        "The mean over all criteria: YES 1, PARTIAL 0.5, UNCERTAIN 0, NO -1. From -1 to +1; good for an order, not "
        "for a decision.",
    ),
    (
        "Triage",
        "The model gives its words for all records first, then reasons where a word is PARTIAL, UNCERTAIN or "
        "nearly another one.",
    ),
    (
        "Probability",
        "Of inclusion: learned from how your decisions went with the model's scores so far. With fewer than five "
        "of each decision there is "
        "none, and the list shows the expected score: the score by the model's own probabilities of its words.",
    ),
    (
        "Parts",
        "A paper too long for the model is read in parts. Values that they give differently stay side by side, "
        "marked ≠.",
    ),
    (
        "Needs a look",
        "The model's answer failed, duplicates were decided differently, or a full text is missing or can't be read.",
    ),
    (
        "Quote",
        "The place in the paper where a value was found, with its page. “Not found in the paper: check by hand” "
        "means just that.",
    ),
    (
        "Copies",
        "The review as it was: made with k, once a day by itself, and before anything rewrites the file. Going "
        "back keeps what is there.",
    ),
    ("To check", "A value that the model proposes and nobody has looked at. Accept, edit or reject it."),
)


def _table(rows: Sequence[tuple[str, str]]) -> Table:
    """Two columns: the term, and what it means, wrapped in its own column."""
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(ratio=1)
    for term, meaning in rows:
        table.add_row(Text(term), Text(meaning))
    return table


class HelpScreen(Guarded, ModalScreen[None]):
    """Keys first, then words. Escape, q or ? closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", "Close"),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, about: Screen[Any]) -> None:
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog large"):
            yield Static("Keys here", markup=False, classes="heading")
            yield Static(self._keys(), markup=False)
            yield Static("The words", markup=False, classes="heading")
            yield Static(_table(GLOSSARY), markup=False)
            yield Static(
                f"Nothing that you do here leaves this computer: the network is {offline.guard_in_force().in_words()}.",
                markup=False,
            )
            yield Static("Escape closes this help.", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _keys(self) -> Table:
        keys = [(command.key, command.help) for command in list_commands(self.app, self._about)]
        return _table([*keys, ("Ctrl+p", "The command palette: all of this by name.")])

    def action_scroll(self, step: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)

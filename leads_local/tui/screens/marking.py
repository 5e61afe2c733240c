"""Deciding many records at once on the screening screen: mark them, look at which they are, decide them as one.

Each mark remembers the record as it was on the screen, so that nothing is replaced unseen; all are decided or none, and
one undo takes all back.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.binding import Binding, BindingType

from leads_local.app.choosing import preview
from leads_local.app.outcome import format_count
from leads_local.records import Choice
from leads_local.review.sights import ChangedMeanwhile, Sight
from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.file_tasks import decide_marked
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.messages import ChoreEnded
from leads_local.tui.screens.deciding import DecidingScreen
from leads_local.tui.screens.pick import PickItem, PickOne
from leads_local.tui.screens.reason import ReasonDialog
from leads_local.tui.session import Session

_LINE = 60  # cells
_AT_ONCE = 1_000  # records; more are decided beside the screen
_DECIDING = "Deciding what was marked"


class MarkingScreen(DecidingScreen):
    """A list whose records can be marked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "asterisk",
            "mark",
            "Mark",
            show=False,
            tooltip="Mark this record, or take its mark away. D decides all marked.",
        ),
        Binding(
            "plus",
            "mark_all",
            "Mark all listed",
            show=False,
            tooltip="Mark all that are listed; where all are, take the marks away.",
        ),
        Binding(
            "D",
            "decide_marked",
            "Decide all marked",
            show=False,
            tooltip="Decide all marked records at once, after a look at which they are.",
        ),
    ]

    def __init__(self, leads: LeadsInterface, session: Session) -> None:
        super().__init__(leads, session)
        self.marked: dict[int, Sight] = {}

    def action_mark(self) -> None:
        view = self.seen_view()
        if view is None:
            return
        if self.marked.pop(view.id, None) is None:
            self.marked[view.id] = self.session.review.sight_of(view, self.stage)
        self._show_marks()
        self.records.action_move(1)

    def action_mark_all(self) -> None:
        listed = list(self.records.ids)
        if all(record in self.marked for record in listed):
            self.unmark()
        else:
            self.marked.update(self.session.review.sights(listed, self.stage))
            self.decided_elsewhere()  # the rows show what was marked
        self._show_marks()

    def unmark(self) -> None:
        self.marked.clear()

    def _show_marks(self) -> None:
        self.records.marked = self.marked
        self.records.refresh()
        self.show_status()

    def action_decide_marked(self) -> None:
        if not self.marked:
            self.leads.tell("Nothing is marked. * marks a record, + all that are listed.")
            return
        marked = dict(self.marked)
        answers = [PickItem(choice.value[0], labels.CHOICE[choice].text, choice.value) for choice in Choice]
        told = "\n".join(_one_line(line) for line in preview(self.session.review, list(marked), self.stage))
        question = f"Decide {format_count(len(marked), 'marked record')} at once?"
        self.leads.ask(PickOne(question, answers, explanation=told), partial(self._chosen, marked))

    def _chosen(self, marked: dict[int, Sight], choice: str | None) -> None:
        if choice == Choice.EXCLUDE:
            ask = ReasonDialog(self.session.reasons(), format_count(len(marked), "marked record"), self.stage)
            self.leads.ask(ask, partial(self._decide_marked, marked, Choice.EXCLUDE))
        elif choice is not None:
            self._decide_marked(marked, Choice(choice), "")

    def _decide_marked(self, marked: dict[int, Sight], choice: Choice, reason: str | None) -> None:
        if reason is None:
            return
        if len(marked) > _AT_ONCE:
            self.leads.tell(f"Deciding {format_count(len(marked), 'record')}; you are told when it is done.")
            self.leads.start_chore(_DECIDING, decide_marked(marked, self.stage, choice, reason))
            return
        review = self.session.review
        try:
            review.decide_many(marked, self.stage, choice, reason, self.session.reviewer, marked)
        except ChangedMeanwhile as error:
            self._unmark_changed(error)
            return
        self.unmark()
        self.decided_elsewhere()
        self._show_marks()
        self.leads.tell(f"{format_count(len(marked), 'record')}: {choice}. u takes all of them back.")

    def chore_ended(self, event: ChoreEnded) -> None:
        """What is not any more as it was marked, since it was decided by that or by somebody else, loses its mark."""
        if event.what == _DECIDING:
            now = self.session.review.sights(list(self.marked), self.stage)
            for record in [one for one, sight in self.marked.items() if now.get(one) != sight]:
                del self.marked[record]
            self.decided_elsewhere()
            self._show_marks()

    def _unmark_changed(self, error: ChangedMeanwhile) -> None:
        """Show what happened; what is as it was seen stays marked."""
        for record in [one for one in self.marked if self.session.review.record(one).id in error.records]:
            del self.marked[record]
        self.show_change(self.records.key, error)
        self._show_marks()


def _one_line(line: str) -> str:
    line = safe_line(line)
    return line if cell_len(line) <= _LINE else set_cell_size(line, _LINE - 1).rstrip() + "…"

"""The questions before decisions out of another screening tool are taken: whose they are, and whether what is shown is
to be taken."""

from __future__ import annotations

from leads_local import files
from leads_local.app.taking import describe_plan, make_order, make_reading
from leads_local.citations.screened import Reading
from leads_local.records import Stage
from leads_local.review.told_plan import TakingPlan
from leads_local.terminal_text import safe_block
from leads_local.tui import file_tasks
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.screens.pick import PickItem, PickOne, TextPrompt
from leads_local.tui.session import Session

_TAKE, _WHO, _STAGE, _COLUMN, _LEAVE = "take", "who", "stage", "column", "leave"


class TakingDialogs:
    """What an import's records say beside their citations, shown until the person takes it or leaves it."""

    def __init__(self, leads: LeadsInterface, session: Session, source: str) -> None:
        self._leads, self._session, self._source = leads, session, source
        self._reading, self._stage, self._who = Reading(), Stage.ABSTRACT, ""

    def show(self) -> None:
        """Show what would be taken, with what can be said of it."""
        review = self._session.review
        file = review.told_by(self._source, self._reading)
        plan = review.plan_taking(file, make_order(self._stage, [f"={self._who}"] if self._who else []))
        other = Stage.FULLTEXT if self._stage is Stage.ABSTRACT else Stage.ABSTRACT
        answers = [
            *([] if plan.is_empty else [PickItem("t", "Take all of this; u takes it back", _TAKE)]),
            *([PickItem("w", "Say who decided …", _WHO)] if plan.unnamed else []),
            *([PickItem("s", f"They were made at the {other} stage", _STAGE)] if plan.decisions else []),
            PickItem("c", "Name the column that holds decisions …", _COLUMN),
            PickItem("n", "Take nothing", _LEAVE),
        ]
        question = f"What {files.name_of(plan.path)} says of its records"
        told = safe_block("\n".join(describe_plan(plan, file).lines))
        self._leads.ask(PickOne(question, answers, _LEAVE, told), lambda answer: self._answered(answer, plan))

    def _answered(self, answer: str | None, plan: TakingPlan) -> None:
        if answer == _TAKE:
            self._leads.start_chore("Taking decisions", file_tasks.take_decisions(plan))
        elif answer == _STAGE:
            self._stage = Stage.FULLTEXT if self._stage is Stage.ABSTRACT else Stage.ABSTRACT
            self.show()
        elif answer == _WHO:
            self._leads.ask(TextPrompt("Who made the decisions that name nobody?", value=self._who), self._named)
        elif answer == _COLUMN:
            explanation = "NAME, or NAME=REVIEWER. Its labels: include, exclude, maybe, yes, no, 1, 0 and the like."
            self._leads.ask(TextPrompt("Which column holds decisions?", explanation), self._column_named)

    def _named(self, who: str | None) -> None:
        if who is not None:
            self._who = who
            self.show()

    def _column_named(self, column: str | None) -> None:
        if column:
            self._reading = make_reading([column], [], None)
            self.show()

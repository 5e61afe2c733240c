"""The questions before decisions out of another screening tool are taken: whose they are, what its labels mean, and
whether what is shown is to be taken."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from leads_local import files
from leads_local.app.taking import describe_plan, make_order, make_reading
from leads_local.errors import InputError
from leads_local.records import Choice, Stage
from leads_local.review.told_plan import TakingPlan
from leads_local.terminal_text import safe_block
from leads_local.tui import file_tasks
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.screens.pick import PickItem, PickOne, TextPrompt
from leads_local.tui.session import Session

_TAKE, _UNNAMED, _NAME, _STAGE = "take", "unnamed", "name", "stage"
_COLUMN, _LABEL, _EVERY, _LEAVE = "column", "label", "every", "leave"
_ASKED = {
    _UNNAMED: ("Who made the decisions that name nobody?", ""),
    _NAME: ("Who is meant by a name there?", "NAME THERE=NAME HERE, such as ann.smith=Ann."),
    _COLUMN: (
        "Which column holds decisions?",
        "NAME, or NAME=REVIEWER. Its labels: include, exclude, maybe, yes, no, 1, 0 and the like.",
    ),
    _LABEL: ("What does a label mean?", "LABEL=CHOICE, such as perhaps=maybe: include, exclude, maybe or nothing."),
}
"""What is typed: the question, and how it is written."""
_EVERY_CHOICES = [PickItem(choice[0], choice.capitalize(), choice) for choice in Choice]


class TakingDialogs:
    """What an import's records say beside their citations, shown until the person takes it, when ``begun`` is called,
    or leaves it. What was said of it before is kept for the next look."""

    def __init__(self, leads: LeadsInterface, session: Session, source: str, begun: Callable[[], object]) -> None:
        self._leads, self._session, self._source, self._begun = leads, session, source, begun
        self._stage, self._every = Stage.ABSTRACT, ""
        self._columns, self._labels, self._names = list[str](), list[str](), list[str]()

    def show(self) -> None:
        """Show what would be taken, with what can be said of it."""
        review = self._session.review
        file = review.told_by(self._source, make_reading(self._columns, self._labels, self._every or None))
        plan = review.plan_taking(file, make_order(self._stage, self._names))
        other = Stage.FULLTEXT if self._stage is Stage.ABSTRACT else Stage.ABSTRACT
        answers = [
            *([] if plan.is_empty else [PickItem("t", "Take all of this; U takes it back", _TAKE)]),
            *([PickItem("w", "Say who decided …", _UNNAMED)] if plan.unnamed else []),
            *([PickItem("r", "Say who is meant by a name …", _NAME)] if plan.decisions else []),
            *([PickItem("s", f"They were made at the {other} stage", _STAGE)] if plan.decisions else []),
            PickItem("c", "Name the column that holds decisions …", _COLUMN),
            PickItem("l", "Say what a label in it means …", _LABEL),
            PickItem("e", "All of its records were decided alike …", _EVERY),
            PickItem("n", "Take nothing", _LEAVE),
        ]
        question = f"What {files.name_of(plan.path)} says of its records"
        told = safe_block("\n".join(describe_plan(plan, file).lines))
        self._leads.ask(PickOne(question, answers, _LEAVE, told), lambda answer: self._answered(answer, plan))

    def _answered(self, answer: str | None, plan: TakingPlan) -> None:
        if answer == _TAKE:
            self._begun()
            self._leads.start_chore("Taking decisions", file_tasks.take_decisions(plan))
        elif answer == _STAGE:
            self._stage = Stage.FULLTEXT if self._stage is Stage.ABSTRACT else Stage.ABSTRACT
            self.show()
        elif answer == _EVERY:
            self._leads.ask(PickOne("What was decided of every record of it?", _EVERY_CHOICES), self._alike)
        elif answer in _ASKED:
            self._leads.ask(TextPrompt(*_ASKED[answer]), partial(self._typed, answer))

    def _alike(self, choice: str | None) -> None:
        self._every = choice or self._every
        self.show()

    def _typed(self, about: str, text: str | None) -> None:
        """What was typed, added to what was said before; a mistake in it changes nothing."""
        said = {_COLUMN: self._columns, _LABEL: self._labels}.get(about, self._names)
        before = list(said)
        if text:
            said.append(f"={text}" if about == _UNNAMED else text)
        try:
            self.show()
        except InputError as error:
            said[:] = before
            self._leads.report(error)
            self.show()

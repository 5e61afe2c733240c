"""What one stage's screening asks of a report: the questions with their keys, their requests, and how each answer is
read.

An abstract is its own stand-in: the request that its key is made of is the one that is asked. A full text is shown as
it is laid out for the model, and its key holds what stands for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from leads_local.documents.sections import PaperText
from leads_local.engine import Engine
from leads_local.engine.types import Reply, Request
from leads_local.jobs import before_loading, context_budget, job_queue
from leads_local.jobs.context_budget import PaperStandIn
from leads_local.jobs.job_queue import StoreAnswer
from leads_local.jobs.papers import PaperShelf
from leads_local.records import Criterion, ScreeningMethod, ScreeningMode, Stage
from leads_local.review import suggestions
from leads_local.review.attachments import Paper
from leads_local.review.database import Database
from leads_local.review.store import job_rows, screenings
from leads_local.review.store.job_rows import RowQuestion
from leads_local.tasks import screening as task
from leads_local.tasks.prompts import PromptPack

TASK = "screening"


@dataclass(eq=False)
class ScreeningQuestions:
    """One stage's criteria, put to one model in one way; ``pack`` is arranged as ``way`` says.

    ``comparing``: the answers are only to be compared with those of other ways, and what is shown of the reports stays.
    """

    engine: Engine
    stage: Stage
    pack: PromptPack
    criteria: tuple[Criterion, ...]
    way: ScreeningMethod
    shelf: PaperShelf
    comparing: bool = False

    @property
    def place(self) -> str:
        """What the job takes for itself alone."""
        return before_loading.work_place(self.stage, self.way if self.comparing else None)

    @cached_property
    def budget(self) -> int | None:
        """The most tokens of a paper. Raises ModelError when there is no room for one."""
        return context_budget.token_budget(self.engine, [task.request("", "", self.criteria, self.pack)])

    def bare(self, head: int) -> RowQuestion:
        """The question about a report, without its key."""
        return RowQuestion(TASK, self.stage, head, way=self.way, comparison=self.comparing)

    def compose(self, question: RowQuestion, paper: str) -> Request:
        name = job_queue.request_id(question)
        return task.request(name, paper, self.criteria, self.pack, question.way.mode)

    def with_key(self, question: RowQuestion, request: Request) -> RowQuestion:
        """``question`` with the key of ``request``, the same whether it is asked for comparing or for showing."""
        return job_queue.with_key(question, request, self.engine.model, self.pack.name)

    def question(self, head: int, paper: str) -> RowQuestion:
        bare = self.bare(head)
        return self.with_key(bare, self.compose(bare, paper))

    def about_parts(self, head: int, stand_in: PaperStandIn, parts: int) -> list[RowQuestion]:
        """One question for each of so many parts of the paper. Parts are always asked in full: where they disagree, a
        person must see why."""
        full = replace(self.bare(head), way=replace(self.way, mode=ScreeningMode.FULL))
        return [self.with_key(one, self.compose(one, text)) for one, text in stand_in.numbered(full, parts)]

    def stand_in(self, paper: Paper) -> PaperStandIn:
        """What stands for a paper as it is laid out today. Not inside a transaction: the model counts."""
        return context_budget.make_stand_in(paper.name, self.texts(paper))

    def texts(self, paper: Paper) -> tuple[PaperText, ...]:
        """A paper as the model is shown it: one text, or one for each part."""
        return self.shelf.texts(paper, self.budget)

    def reader(self, head: int, stand_in: PaperStandIn | None = None, part: int = 0) -> Callable[[Reply], StoreAnswer]:
        """How to read an answer about a paper, or about one of its parts: those are shown together when all are
        there."""

        def read(reply: Reply) -> StoreAnswer:
            judgements = task.parse(reply, self.criteria)

            def store(db: Database, reply_id: int) -> None:
                screenings.add_judgements(db, reply_id, judgements)
                if self.comparing:
                    return
                if not part or stand_in is None:
                    suggestions.set_newest(db, head, self.stage, [reply_id], judgements)
                else:
                    self._show_parts(db, head, stand_in)

            return store

        return read

    def _show_parts(self, db: Database, head: int, stand_in: PaperStandIn) -> None:
        """Show what the answers about all parts say together, once all are there."""
        questions = self.about_parts(head, stand_in, len(stand_in.parts))
        if found := job_rows.newest_answers(db, [question.key for question in questions]):
            replies = [reply_id for reply_id, _ in found]
            suggestions.set_newest(db, head, self.stage, replies, suggestions.combine_replies(db, replies))

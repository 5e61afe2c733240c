"""Reasons for judgements that have none: in triage for those that a person must look at, and on demand for all
judgements of a record.

A reason is a question of its own, one for each criterion, about the judgement that stands: its words are forced, so the
answer explains the judgement and can't change it. Its key holds those words, so a judgement that changes is explained
anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from leads_local.engine import Engine
from leads_local.engine.types import Reply, Request
from leads_local.jobs import job_queue
from leads_local.jobs.job_queue import RowPlan, RowRequest, StoreAnswer
from leads_local.records import Stage
from leads_local.review.read_models import ScreeningView
from leads_local.review.store import screenings
from leads_local.review.store.job_rows import QuestionRow, RowQuestion
from leads_local.tasks import screening as task
from leads_local.tasks.prompts import PromptPack

TASK = "rationale"


def missing_positions(screening: ScreeningView, *, every: bool = False) -> list[int]:
    """The positions of judgements that have no reason and need one; with ``every``, of all that have none."""
    return [
        place for place, one in enumerate(screening.judgements) if not one.rationale and (every or task.is_unsure(one))
    ]


@dataclass(frozen=True, slots=True)
class ReasonQuestions:
    """Asks for the reasons of judgements at one stage; ``pack`` is arranged as it was for the judgements."""

    engine: Engine
    stage: Stage
    pack: PromptPack

    def rows(
        self, plan: RowPlan, head: int, screening: ScreeningView, positions: Iterable[int], paper: str
    ) -> list[tuple[QuestionRow, Request]]:
        """A row for each of ``positions``, with the request that its key was made of, in which ``paper`` stands: the
        paper's text or what stands for it. Inside a transaction."""
        found = []
        for position in positions:
            item = str(screening.judgements[position].criterion.id)
            question = RowQuestion(TASK, self.stage, head, item, way=screening.way)
            request = self.compose(question, screening, paper)
            keyed = job_queue.with_key(question, request, self.engine.model, self.pack.name)
            found.append((plan.row(keyed, _reader(screening, position, self.pack)), request))
        return found

    def compose(self, question: RowQuestion, screening: ScreeningView, paper: str) -> Request:
        position = _position(question, screening)
        return task.reason_request(job_queue.request_id(question), paper, screening.judgements, position, self.pack)

    def ask(
        self, row: QuestionRow, screening: ScreeningView, request: Request, left_out: tuple[str, ...] = ()
    ) -> RowRequest:
        """The row with its request, about a paper without ``left_out``."""
        return RowRequest(row, request, _reader(screening, _position(row.question, screening), self.pack), left_out)


def _position(question: RowQuestion, screening: ScreeningView) -> int:
    """The place of the judgement whose reason is asked for."""
    return next(place for place, one in enumerate(screening.judgements) if str(one.criterion.id) == question.item)


def _reader(screening: ScreeningView, position: int, pack: PromptPack) -> Callable[[Reply], StoreAnswer]:
    """How to read a reason and store it beside the judgement at ``position``."""

    def read(reply: Reply) -> StoreAnswer:
        text = task.parse_reason(reply, position, len(screening.judgements), pack)
        return lambda db, reply_id: screenings.add_reason(db, screening.reply_id, position, reply_id, text)

    return read

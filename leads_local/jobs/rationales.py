"""Reasons for judgements that came without: in triage for what someone must look at, and on demand for all of a record.

A reason is a question of its own, one for each criterion, about the judgement that stands: its words are forced, so the
answer explains the judgement and can't change it. Its key holds those words, so a judgement that changes is explained
anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from leads_local.documents.sections import PaperText
from leads_local.engine import Engine
from leads_local.engine.types import Reply
from leads_local.jobs import job_queue
from leads_local.jobs.job_queue import RowPlan, RowRequest, StoreAnswer
from leads_local.records import Stage
from leads_local.review.database import Database
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

    db: Database
    engine: Engine
    stage: Stage
    pack: PromptPack

    def rows(
        self, plan: RowPlan, head: int, screening: ScreeningView, positions: Iterable[int], stand_in: str
    ) -> list[QuestionRow]:
        """A row for each of ``positions``; ``stand_in`` stands for the paper in its key. Inside a transaction."""
        rows = []
        for position in positions:
            question = RowQuestion(
                TASK, self.stage, head, str(screening.judgements[position].criterion.id), way=screening.way
            )
            request = task.reason_request("", stand_in, screening.judgements, position, self.pack)
            keyed = job_queue.with_key(question, request, self.engine.model, self.pack.name)
            rows.append(plan.row(keyed, self._read(screening, position)))
        return rows

    def ask(self, row: QuestionRow, screening: ScreeningView, paper: PaperText) -> RowRequest:
        """The request for a reason, about a paper that is laid out."""
        position = next(
            place for place, one in enumerate(screening.judgements) if str(one.criterion.id) == row.question.item
        )
        request = task.reason_request(
            job_queue.request_id(row.question), paper.text, screening.judgements, position, self.pack
        )
        return RowRequest(row, request, self._read(screening, position), paper.left_out)

    def _read(self, screening: ScreeningView, position: int) -> Callable[[Reply], StoreAnswer]:
        def read(reply: Reply) -> StoreAnswer:
            text = task.parse_reason(reply, position, len(screening.judgements), self.pack)
            return lambda db, reply_id: screenings.add_reason(db, screening.reply_id, position, reply_id, text)

        return read

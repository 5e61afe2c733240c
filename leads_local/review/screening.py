"""The model's screening as rows of work: which reports are asked about, and what becomes of an answer.

Abstracts: every report of the review, one question each. Full texts: what people included by its abstract and what has a document that
can be read. A record with neither title nor abstract can't be asked about; it is listed as a failure, never scored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from leads_local.engine import Engine
from leads_local.errors import InputError
from leads_local.records import Criterion, Reply, Request, Stage
from leads_local.review import asking, papers
from leads_local.review.asking import Ask, Plan, Store
from leads_local.review.database import Database
from leads_local.review.store import citations, documents, lists, screenings, work
from leads_local.review.store.work import Question, Work
from leads_local.review.views import Order, Show
from leads_local.tasks import screening as task
from leads_local.tasks.prompts import PromptPack

TASK = "screening"
NOTHING_TO_READ = "The record has neither a title nor an abstract, so there is nothing to judge."
NO_TEXT = "The document holds no text to judge."


@dataclass(frozen=True, slots=True)
class Screening:
    """One stage's screening by one model with one set of criteria."""

    db: Database
    engine: Engine
    stage: Stage
    pack: PromptPack
    criteria: tuple[Criterion, ...]
    waiting: list[Work] = field(default_factory=list)

    def plan(self, retry: bool) -> Iterator[int]:
        """Make a row for every report; ``waiting`` has then those that must be asked. Gives the number of rows so far now and then.

        Raises InputError without criteria, ModelError when there is no room for a paper.
        """
        if not self.criteria:
            raise InputError(f"{self.db.path} has no criteria to screen by.", "Write the question or at least one criterion first.")
        plan, planned = Plan(self.db, self.stage, retry=retry), 0
        for portion in asking.portions(self._papers(), asking.PLANNED_AT_ONCE):
            with self.db.transaction():
                rows = [self._row(plan, head, paper) for head, paper in portion]
            self.waiting.extend(row for row in rows if row.state == "pending")
            planned += len(rows)
            yield planned
        plan.close()

    def asks(self) -> Iterator[Iterator[Ask]]:
        """The requests of ``waiting``, in runs. For full texts a run is as many papers as are laid out at a time."""
        if self.stage is Stage.ABSTRACT:
            yield (self._ask(row, task.abstract_paper(citations.read(self.db, row.question.record_id))) for row in self.waiting)
            return
        budget = self._budget()
        for portion in asking.portions(self.waiting, papers.AT_ONCE):
            yield iter([ask for row in portion for ask in self._fulltext_ask(row, budget)])

    def _row(self, plan: Plan, head: int, paper: str) -> Work:
        question = Question(TASK, self.stage, head)
        if not paper:
            row = plan.row(question, self._read(head))
            work.settle(self.db, row, "failed", NOTHING_TO_READ)
            return replace(row, state="failed")
        request = self._request(question, paper)
        return plan.row(asking.keyed(question, request, self.engine.model, self.pack.name), self._read(head))

    def _ask(self, row: Work, paper: str, left_out: tuple[str, ...] = ()) -> Ask:
        return Ask(row, self._request(row.question, paper), self._read(row.question.record_id), left_out)

    def _request(self, question: Question, paper: str) -> Request:
        return task.request(asking.name(question), paper, self.criteria, self.pack)

    def _read(self, head: int) -> Callable[[Reply], Store]:
        def read(reply: Reply) -> Store:
            judgements = task.parse(reply, self.criteria)
            score = task.score(judgements)
            return lambda db, reply_id: screenings.put(db, head, self.stage, reply_id, judgements, score)

        return read

    def _papers(self) -> Iterator[tuple[int, str]]:
        """Every report with its prompt's paper, or with what stands for it; "" where there is nothing to read."""
        if self.stage is Stage.ABSTRACT:
            for portion in asking.portions(lists.ids(self.db, Stage.ABSTRACT, Show.ALL, Order.ENTRY), asking.PLANNED_AT_ONCE):
                for head, citation in citations.read_many(self.db, portion).items():
                    empty = not (citation.title.strip() or citation.abstract.strip())
                    yield head, "" if empty else task.abstract_paper(citation)
            return
        budget = self._budget()
        for head in lists.ids(self.db, Stage.FULLTEXT, Show.ALL, Order.ENTRY):
            attachment = documents.of_head(self.db, head)
            if attachment is not None and not attachment.problem:
                document = documents.read(self.db, attachment.sha256)
                yield head, papers.stand_in(attachment.sha256, document.passages if document is not None else (), budget, self.engine)

    def _budget(self) -> int | None:
        return papers.budget(self.engine, [task.request("", "", self.criteria, self.pack)])

    def _fulltext_ask(self, row: Work, budget: int | None) -> Iterator[Ask]:
        attachment = documents.of_head(self.db, row.question.record_id)
        document = documents.read(self.db, attachment.sha256) if attachment is not None else None
        paper = papers.laid_out(document.passages if document is not None else (), budget, self.engine)
        if paper.text:
            yield self._ask(row, paper.text, paper.left_out)
        else:
            with self.db.transaction():
                work.settle(self.db, row, "failed", NO_TEXT)

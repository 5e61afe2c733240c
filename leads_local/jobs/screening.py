"""The model's screening as rows of work: which reports are asked about, and what becomes of an answer.

Abstracts: every report of the review, one question each. Full texts: what people included by its abstract and what has
a document that can be read. A record with neither title nor abstract can't be asked about; it is listed as a failure,
never scored.

In triage the reasons that are needed follow the words. For abstracts they follow when all have their words, the most
promising first, so that the ranking is there early; for a full text at once, while the paper is still in the model's
memory.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from leads_local.documents.sections import PaperText
from leads_local.engine import Engine
from leads_local.engine.types import Reply, Request
from leads_local.errors import InputError
from leads_local.jobs import context_budget, job_queue, rationales
from leads_local.jobs.context_budget import PaperStandIn
from leads_local.jobs.job_queue import RowPlan, RowRequest, StoreAnswer, Tally
from leads_local.jobs.rationales import ReasonQuestions
from leads_local.records import Criterion, ScreeningMethod, ScreeningMode, Stage
from leads_local.review import suggestions
from leads_local.review.database import Database
from leads_local.review.read_models import RecordFilter, RecordOrder
from leads_local.review.store import citations, documents, job_rows, lists, screenings
from leads_local.review.store.job_rows import QuestionRow, RowQuestion
from leads_local.tasks import screening as task
from leads_local.tasks.prompts import PromptPack

TASK = "screening"
NOTHING_TO_READ = "The record has neither a title nor an abstract, so there is nothing to judge."
NO_TEXT = "The document holds no text to judge."

_WaitingReason = tuple[float, int, QuestionRow]  # what comes first, then the row of a reason


@dataclass(slots=True)
class ScreeningJob:
    """One stage's screening by one model with one set of criteria. ``pack`` is arranged as ``way`` says.

    With ``trial`` only these reports are asked about, for their words alone, and what is shown for them stays as it is.
    """

    db: Database
    engine: Engine
    stage: Stage
    pack: PromptPack
    criteria: tuple[Criterion, ...]
    way: ScreeningMethod
    tally: Tally
    trial: frozenset[int] | None = None
    _waiting: dict[int, list[QuestionRow]] = field(
        default_factory=dict
    )  # by report: its words, or the reasons that are still wanted
    _late: list[_WaitingReason] = field(default_factory=list)  # a heap of reasons that can be asked for
    _stand_ins: dict[int, str] = field(default_factory=dict)
    _texts: dict[int, tuple[PaperText, ...]] = field(default_factory=dict)
    _plan: RowPlan | None = None

    def plan(self, retry: bool) -> Iterator[int]:
        """Make a row for every report and every reason that is wanted by now. Gives the number of reports so far now
        and then.

        Raises InputError without criteria, ModelError when there is no room for a paper.
        """
        if not self.criteria:
            raise InputError(
                f"{self.db.path} has no criteria to screen by.", "Write the question or at least one criterion first."
            )
        triage = self.way.mode is ScreeningMode.TRIAGE and self.trial is None
        compared = self.way if self.trial is not None else None
        plan, planned = RowPlan(self.db, self.stage, retry=retry, task=TASK if triage else "", comparison=compared), 0
        self._plan = RowPlan(self.db, self.stage, retry=retry, task=rationales.TASK) if triage else None
        for portion in job_queue.in_portions(self._papers(), job_queue.ROWS_PER_TRANSACTION):
            with self.db.transaction():
                for head, stand_in in portion:
                    self._plan_report(plan, head, stand_in)
            planned += len(portion)
            yield planned
        plan.close()
        if not self._waiting:
            self._close_reasons()
        self.tally.total = sum(len(rows) for rows in self._waiting.values())

    def asks(self) -> Iterator[Iterator[RowRequest]]:
        """The requests, in runs. For full texts a run is about as many papers as are laid out at a time."""
        size = len(self._waiting) if self.stage is Stage.ABSTRACT else context_budget.AT_ONCE
        for portion in job_queue.in_portions(list(self._waiting), max(size, 1)):
            self._texts = {} if self.stage is Stage.ABSTRACT else self._laid_out(portion)
            words: deque[QuestionRow] = deque()
            for head in portion:
                for row in self._waiting.pop(head):
                    if row.question.task == TASK:
                        words.append(row)
                    else:
                        self._queue_reason(row)
            while words or self._late:
                yield self._run(words)
        self._close_reasons()

    def _run(self, words: deque[QuestionRow]) -> Iterator[RowRequest]:
        at_once = self.stage is Stage.FULLTEXT
        while True:
            if self._late and (at_once or not words):
                yield from self._ask_reason(heapq.heappop(self._late)[2])
            elif words:
                yield from self._ask_judgements(words.popleft())
            else:
                return

    # ------------------------------------------------------------ planning

    def _plan_report(self, plan: RowPlan, head: int, stand_in: PaperStandIn | None) -> None:
        if stand_in is None:
            row = plan.row(self._bare(head), self._read(head, stand_in))
            job_rows.settle_row(self.db, row, "failed", NOTHING_TO_READ)
            return
        if self.stage is Stage.FULLTEXT:
            self._stand_ins[head] = stand_in.parts[0]
        rows = self._rows(plan, head, stand_in)
        if pending := [row for row in rows if row.state == "pending"]:
            self._waiting[head] = pending
        elif len(rows) == 1 and rows[0].state == "done" and (wanted := self._wanted(head)):
            self._waiting[head] = wanted

    def _rows(self, plan: RowPlan, head: int, stand_in: PaperStandIn) -> list[QuestionRow]:
        for better in stand_in.better:
            if (row := plan.kept(self._question(head, better))) is not None:
                self._stand_ins[head] = better
                return [row]
        if len(stand_in.parts) > 1 and (
            kept := plan.keep_done_parts(self._bare(head), lambda parts: self._about(head, stand_in, parts))
        ):
            return kept
        return [
            plan.row(question, self._read(head, stand_in, question.part))
            for question in self._questions(head, stand_in)
        ]

    def _questions(self, head: int, stand_in: PaperStandIn) -> list[RowQuestion]:
        """One question for each part of the paper. Parts are always asked in full: where they disagree, a person must
        see why."""
        if len(stand_in.parts) == 1:
            return [self._question(head, stand_in.parts[0])]
        return self._about(head, stand_in, len(stand_in.parts))

    def _about(self, head: int, stand_in: PaperStandIn, parts: int) -> list[RowQuestion]:
        full = replace(self._bare(head), way=replace(self.way, mode=ScreeningMode.FULL))
        return [self._keyed(question, text) for question, text in stand_in.numbered(full, parts)]

    def _question(self, head: int, paper: str) -> RowQuestion:
        return self._keyed(self._bare(head), paper)

    def _bare(self, head: int) -> RowQuestion:
        return RowQuestion(TASK, self.stage, head, way=self.way, comparison=self.trial is not None)

    def _keyed(self, question: RowQuestion, paper: str) -> RowQuestion:
        return job_queue.with_key(question, self._request(question, paper), self.engine.model, self.pack.name)

    def _wanted(self, head: int) -> list[QuestionRow]:
        """The rows of the reasons that are missing and needed for a report whose words are there. Inside a
        transaction."""
        if self._plan is None:
            return []
        screening = suggestions.read(self.db, head)[self.stage]
        paper = self._stand_ins.get(head) or self._paper(head)[0].text
        asker = ReasonQuestions(self.db, self.engine, self.stage, self.pack)
        rows = asker.rows(self._plan, head, screening, rationales.missing_positions(screening), paper)
        return [row for row in rows if row.state == "pending"]

    def _heads(self) -> list[int]:
        return [
            head
            for head in lists.report_ids(self.db, self.stage, RecordFilter.ALL, RecordOrder.ENTRY)
            if self.trial is None or head in self.trial
        ]

    def _papers(self) -> Iterator[tuple[int, PaperStandIn | None]]:
        """Every report with what stands for its paper, for an abstract the text itself; None where there is nothing to
        read."""
        if self.stage is Stage.ABSTRACT:
            for portion in job_queue.in_portions(self._heads(), job_queue.ROWS_PER_TRANSACTION):
                for head, citation in citations.read_many(self.db, portion).items():
                    empty = not (citation.title.strip() or citation.abstract.strip())
                    yield head, None if empty else PaperStandIn((task.citation_as_paper(citation),))
            return
        budget = self._budget()
        for head in self._heads():
            attachment = documents.of_head(self.db, head)
            if attachment is not None and not attachment.problem:
                document = documents.read(self.db, attachment.sha256)
                texts = context_budget.lay_out_paper(
                    document.passages if document is not None else (), budget, self.engine
                )
                yield head, context_budget.make_stand_in(attachment.sha256, texts)

    def _budget(self) -> int | None:
        return context_budget.token_budget(self.engine, [task.request("", "", self.criteria, self.pack)])

    def _close_reasons(self) -> None:
        """All is judged: forget the reasons that nobody wants any more."""
        if self._plan is not None:
            self._plan.close(answered_too=False)

    # ------------------------------------------------------------ asking

    def _ask_judgements(self, row: QuestionRow) -> Iterator[RowRequest]:
        head, question = row.question.record_id, row.question
        texts = self._paper(head)
        if not texts[0].text:
            self._fail(row)
            return
        paper = texts[max(question.part - 1, 0)]
        attachment = documents.of_head(self.db, head) if question.parts else None
        stand_in = context_budget.make_stand_in(attachment.sha256, texts) if attachment is not None else None
        ask = RowRequest(
            row, self._request(question, paper.text), self._read(head, stand_in, question.part), paper.left_out
        )
        yield ask if self._plan is None or question.parts else replace(ask, then=partial(self._judged, head))

    def _ask_reason(self, row: QuestionRow) -> Iterator[RowRequest]:
        head = row.question.record_id
        screening = suggestions.read(self.db, head)[self.stage]
        yield ReasonQuestions(self.db, self.engine, self.stage, self.pack).ask(row, screening, self._paper(head)[0])

    def _judged(self, head: int, reply: Reply | None) -> None:
        """The words for a report are there: its reasons, where they are needed, are ready to be asked for."""
        if reply is None:
            return
        with self.db.transaction():
            rows = self._wanted(head)
        self.tally.total += len(rows)
        for row in rows:
            self._queue_reason(row)

    def _queue_reason(self, row: QuestionRow) -> None:
        expected = suggestions.read(self.db, row.question.record_id)[self.stage].expected
        heapq.heappush(self._late, (-(expected or 0.0), row.id, row))

    def _fail(self, row: QuestionRow) -> None:
        with self.db.transaction():
            job_rows.settle_row(self.db, row, "failed", NO_TEXT)
        self.tally.count_settled(failed=True)

    def _paper(self, head: int) -> tuple[PaperText, ...]:
        return (
            self._texts[head]
            if head in self._texts
            else (PaperText(task.citation_as_paper(citations.read(self.db, head))),)
        )

    def _laid_out(self, heads: list[int]) -> dict[int, tuple[PaperText, ...]]:
        budget, found = self._budget(), {}
        for head in heads:
            attachment = documents.of_head(self.db, head)
            document = documents.read(self.db, attachment.sha256) if attachment is not None else None
            found[head] = context_budget.lay_out_paper(
                document.passages if document is not None else (), budget, self.engine
            )
        return found

    def _request(self, question: RowQuestion, paper: str) -> Request:
        return task.request(job_queue.request_id(question), paper, self.criteria, self.pack, question.way.mode)

    def _read(self, head: int, stand_in: PaperStandIn | None, part: int = 0) -> Callable[[Reply], StoreAnswer]:
        """How to read an answer about a paper, or about one of its parts: those are shown together when all are
        there."""

        def read(reply: Reply) -> StoreAnswer:
            judgements = task.parse(reply, self.criteria)

            def store(db: Database, reply_id: int) -> None:
                screenings.add_judgements(db, reply_id, judgements)
                if self.trial is not None:
                    return
                if not part or stand_in is None:
                    suggestions.set_newest(db, head, self.stage, [reply_id], judgements)
                elif found := job_rows.newest_answers(
                    db, [question.key for question in self._questions(head, stand_in)]
                ):
                    replies = [one for one, _ in found]
                    suggestions.set_newest(db, head, self.stage, replies, suggestions.combine_replies(db, replies))

            return store

        return read

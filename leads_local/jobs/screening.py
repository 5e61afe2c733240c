"""The model's screening as rows of work: which reports are asked about, and in what order.

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
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from leads_local.documents.sections import PaperText
from leads_local.engine.types import Reply, Request
from leads_local.jobs import before_loading, context_budget, job_queue, papers, rationales
from leads_local.jobs.context_budget import PaperStandIn
from leads_local.jobs.job_queue import ComposedRequests, RowPlan, RowRequest, Tally
from leads_local.jobs.rationales import ReasonQuestions
from leads_local.jobs.screening_questions import TASK, ScreeningQuestions
from leads_local.records import ScreeningMode, Stage
from leads_local.review import suggestions
from leads_local.review.attachments import Paper
from leads_local.review.database import Database
from leads_local.review.read_models import RecordFilter, RecordOrder, ScreeningView
from leads_local.review.store import citations, documents, job_rows, lists
from leads_local.review.store.job_rows import QuestionRow
from leads_local.tasks import screening as task

NOTHING_TO_READ = "The record has neither a title nor an abstract, so there is nothing to judge."
NO_TEXT = "The document holds no text to judge."


@dataclass(slots=True)
class _ReportWork:
    """What is open of one report: the rows of its words or, with ``screening``, of the reasons for them.

    ``paper`` is its full text, None for an abstract; ``stand_in`` what stands for that in its keys.
    """

    head: int
    paper: Paper | None = None
    stand_in: str = ""
    rows: list[QuestionRow] = field(default_factory=list)
    screening: ScreeningView | None = None


_WaitingReason = tuple[float, int, QuestionRow, _ReportWork]  # what comes first, a tie's breaker, the reason's row


@dataclass(slots=True)
class ScreeningJob:
    """One stage's screening. With ``only`` these reports alone are asked about, and only for their words."""

    db: Database
    questions: ScreeningQuestions
    tally: Tally
    only: frozenset[int] | None = None
    _waiting: deque[_ReportWork] = field(default_factory=deque)
    _late: list[_WaitingReason] = field(default_factory=list)  # a heap of reasons that can be asked for
    _composed: ComposedRequests = field(default_factory=ComposedRequests)
    _reasons: RowPlan | None = None

    def plan(self, retry: bool) -> Iterator[int]:
        """Make a row for every report and every reason that is wanted by now. Gives the number of reports so far now
        and then.

        Raises InputError without criteria, ModelError when there is no room for a paper.
        """
        if not self.questions.criteria:
            raise before_loading.no_criteria(self.db.path)
        triage = self.questions.way.mode is ScreeningMode.TRIAGE and self.only is None
        compared = self.questions.way if self.questions.comparing else None
        plan, planned = RowPlan(self.db, self._stage, retry=retry, task=TASK if triage else "", comparison=compared), 0
        self._reasons = RowPlan(self.db, self._stage, retry=retry, task=rationales.TASK) if triage else None
        for portion in job_queue.in_portions(self._reports(plan), job_queue.ROWS_PER_TRANSACTION):
            with self.db.transaction():
                for work, stand_in in portion:
                    self._plan_report(plan, work, stand_in)
            planned += len(portion)
            yield planned
        plan.close()
        if not self._waiting:
            self._close_reasons()
        self.tally.total = sum(len(work.rows) for work in self._waiting)

    def asks(self) -> Iterator[Iterator[RowRequest]]:
        """The requests, in runs. For full texts a run is about as many papers as are laid out at a time."""
        size = len(self._waiting) if self._stage is Stage.ABSTRACT else papers.AT_ONCE
        for number, portion in enumerate(job_queue.in_portions(_drain(self._waiting), max(size, 1))):
            if number:
                self.questions.shelf.put_passages_back()
            words: deque[tuple[QuestionRow, _ReportWork]] = deque()
            for work in _drain(deque(portion)):
                if work.paper:  # laid out before the run: an engine that is working is not asked to count
                    self.questions.texts(work.paper)
                if work.screening is None:
                    words.extend((row, work) for row in work.rows)
                else:
                    self._queue_reasons(work)
            portion.clear()
            while words or self._late:
                yield self._run(words)
        self._close_reasons()

    def _run(self, words: deque[tuple[QuestionRow, _ReportWork]]) -> Iterator[RowRequest]:
        at_once = self._stage is Stage.FULLTEXT
        while True:
            if self._late and (at_once or not words):
                _, _, row, work = heapq.heappop(self._late)
                yield self._ask_reason(row, work)
            elif words:
                yield from self._ask_judgements(*words.popleft())
            else:
                return

    @property
    def _stage(self) -> Stage:
        return self.questions.stage

    # ------------------------------------------------------------ planning

    def _reports(self, plan: RowPlan) -> Iterator[tuple[_ReportWork, PaperStandIn | None]]:
        """Every report with what stands for its paper, for an abstract the text itself; None where there is nothing to
        read."""
        heads = lists.report_ids(self.db, self._stage, RecordFilter.ALL, RecordOrder.ENTRY)
        heads = [head for head in heads if self.only is None or head in self.only]
        if self._stage is Stage.ABSTRACT:
            for portion in job_queue.in_portions(heads, job_queue.ROWS_PER_TRANSACTION):
                for head, citation in citations.read_many(self.db, portion).items():
                    empty = not (citation.title.strip() or citation.abstract.strip())
                    yield _ReportWork(head), None if empty else PaperStandIn((task.citation_as_paper(citation),))
            return
        for head in heads:
            paper = documents.paper_of(self.db, head)
            if paper is not None:
                yield _ReportWork(head, paper), self._stand_in(plan, head, paper)

    def _stand_in(self, plan: RowPlan, head: int, paper: Paper) -> PaperStandIn:
        """What stands for a full text. The model is not needed where the whole paper was asked about before."""
        whole = context_budget.whole_stand_in(paper.name)
        settled = plan.is_settled(self.questions.question(head, whole.parts[0]))
        return whole if settled else self.questions.stand_in(paper)

    def _plan_report(self, plan: RowPlan, work: _ReportWork, stand_in: PaperStandIn | None) -> None:
        head = work.head
        if stand_in is None:
            row = plan.row(self.questions.bare(head), self.questions.reader(head))
            job_rows.settle_row(self.db, row, "failed", NOTHING_TO_READ)
            return
        rows = self._rows(plan, work, stand_in)
        work.rows = [row for row in rows if row.state == "pending"]
        if not work.rows and len(rows) == 1 and rows[0].state == "done":
            work.rows = self._wanted_reasons(work)
        if work.rows:
            self._waiting.append(work)

    def _rows(self, plan: RowPlan, work: _ReportWork, stand_in: PaperStandIn) -> list[QuestionRow]:
        """The rows of one report: as they were where its answer is as good as one about today's text, else one, or one
        for each part of the paper."""
        if (row := self._keep_as_good(plan, work, stand_in)) is not None:
            return [row]
        head, parts = work.head, len(stand_in.parts)
        if parts == 1:
            return [self._row(plan, work, stand_in.parts[0])]
        bare = self.questions.bare(head)
        if kept := plan.keep_done_parts(bare, lambda count: self.questions.about_parts(head, stand_in, count)):
            return kept
        return [
            plan.row(question, self.questions.reader(head, stand_in, question.part))
            for question in self.questions.about_parts(head, stand_in, parts)
        ]

    def _keep_as_good(self, plan: RowPlan, work: _ReportWork, stand_in: PaperStandIn) -> QuestionRow | None:
        then = plan.left_out_before(self.questions.bare(work.head)) if stand_in.document else None
        same = stand_in.as_good(then) if then is not None else None
        if same and (row := plan.keep_if_done(self.questions.question(work.head, same))) is not None:
            work.stand_in = same
            return row
        for text in stand_in.earlier:
            question, read = self.questions.question(work.head, text), self.questions.reader(work.head)
            if (
                row := plan.keep_earlier(question, read, lambda left_out: bool(stand_in.as_good(left_out)))
            ) is not None:
                work.stand_in = text
                return row
        return None

    def _row(self, plan: RowPlan, work: _ReportWork, paper: str) -> QuestionRow:
        """The row of a paper that is one text, here ``paper`` or what stands for it."""
        bare = self.questions.bare(work.head)
        request = self.questions.compose(bare, paper)
        row = plan.row(self.questions.with_key(bare, request), self.questions.reader(work.head))
        if work.paper:
            work.stand_in = paper
        elif row.state == "pending":
            self._composed.keep(row, request)
        return row

    def _wanted_reasons(self, work: _ReportWork) -> list[QuestionRow]:
        """The rows of the reasons that are missing and needed for a report whose words are there. Inside a
        transaction."""
        if self._reasons is None:
            return []
        work.screening = suggestions.read(self.db, work.head)[self._stage]
        positions = rationales.missing_positions(work.screening)
        if not positions:
            return []
        paper = work.stand_in if work.paper else self._texts(work)[0].text
        rows = self._reason_questions.rows(self._reasons, work.head, work.screening, positions, paper)
        for row, request in rows:
            if row.state == "pending" and not work.paper:
                self._composed.keep(row, request)
        return [row for row, _ in rows if row.state == "pending"]

    @property
    def _reason_questions(self) -> ReasonQuestions:
        return ReasonQuestions(self.questions.engine, self._stage, self.questions.pack)

    def _close_reasons(self) -> None:
        """All is judged: forget the reasons that nobody wants any more."""
        if self._reasons is not None:
            self._reasons.close(answered_too=False)

    # ------------------------------------------------------------ asking

    def _ask_judgements(self, row: QuestionRow, work: _ReportWork) -> Iterator[RowRequest]:
        question = row.question
        if not work.paper:
            request = self._composed.take(row, lambda: self.questions.compose(question, self._texts(work)[0].text))
            ask = RowRequest(row, request, self.questions.reader(work.head))
        else:
            texts = self._texts(work)
            if not texts[0].text:
                self._fail(row)
                return
            paper, stand_in = texts[max(question.part - 1, 0)], context_budget.make_stand_in(work.paper.name, texts)
            read = self.questions.reader(work.head, stand_in, question.part)
            ask = RowRequest(row, self.questions.compose(question, paper.text), read, paper.left_out)
        yield ask if self._reasons is None or question.parts else replace(ask, then=partial(self._judged, work))

    def _ask_reason(self, row: QuestionRow, work: _ReportWork) -> RowRequest:
        assert work.screening is not None
        screening, reasons = work.screening, self._reason_questions

        def compose() -> Request:
            return reasons.compose(row.question, screening, self._texts(work)[0].text)

        if work.paper:
            return reasons.ask(row, screening, compose(), self._texts(work)[0].left_out)
        return reasons.ask(row, screening, self._composed.take(row, compose))

    def _judged(self, work: _ReportWork, reply: Reply | None) -> None:
        """The words for a report are there: its reasons, where they are needed, are ready to be asked for."""
        if reply is None:
            return
        with self.db.transaction():
            work.rows = self._wanted_reasons(work)
        self.tally.total += len(work.rows)
        self._queue_reasons(work)

    def _queue_reasons(self, work: _ReportWork) -> None:
        assert work.screening is not None
        for row in work.rows:
            heapq.heappush(self._late, (-(work.screening.expected or 0.0), row.id, row, work))

    def _fail(self, row: QuestionRow) -> None:
        with self.db.transaction():
            job_rows.settle_row(self.db, row, "failed", NO_TEXT)
        self.tally.count_settled(failed=True)

    def _texts(self, work: _ReportWork) -> tuple[PaperText, ...]:
        """The report as the model is shown it."""
        if work.paper:
            return self.questions.texts(work.paper)
        return (PaperText(task.citation_as_paper(citations.read(self.db, work.head))),)


def _drain(waiting: deque[_ReportWork]) -> Iterator[_ReportWork]:
    """Each of them, which is let go of by that."""
    while waiting:
        yield waiting.popleft()

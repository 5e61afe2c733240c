"""The model's extraction as rows of work, ordered by paper.

For each report the arms are asked first, with the characteristics, which need no arms; as soon as the arms are known,
results and participants are asked for them, before any further paper, while theirs is still in the model's memory.
Until then the next papers' questions go out, so that the model always has something to do.

A run never waits for a reply: when nothing can be asked before more replies are in, it ends, and the job begins
another. So the engine may read it in whatever rhythm it likes. Arms that can't be read are a failure of the questions
that depend on them, each in its own row.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from leads_local.engine.types import Reply
from leads_local.jobs import job_queue, papers
from leads_local.jobs.extraction_questions import STAGE, Arms, ExtractionQuestions, ReportDocument
from leads_local.jobs.job_queue import RowPlan, RowRequest, Tally
from leads_local.review.database import Database
from leads_local.review.store import documents, job_rows, lists
from leads_local.review.store.job_rows import QuestionRow, RowQuestion
from leads_local.tasks import arms as arms_task

NO_ARMS = "The arms of this report could not be read, and this question is about its arms. Ask again with --retry."
NO_TEXT = "The document holds no text to extract from."


@dataclass(slots=True)
class _ReportWork:
    """One report's open work: ``ready`` can be asked with ``arms``, ``later`` once the arms are known."""

    subject: ReportDocument
    arms: Arms = ()
    ready: list[QuestionRow] = field(default_factory=list)
    later: list[QuestionRow] = field(default_factory=list)
    about_arms: list[QuestionRow] = field(default_factory=list)  # one, or one for each part of the paper


@dataclass(slots=True)
class ExtractionJob:
    """One extraction with one form."""

    db: Database
    questions: ExtractionQuestions
    tally: Tally
    _reports: list[_ReportWork] = field(default_factory=list)
    _about_arms: deque[RowRequest] = field(default_factory=deque)  # asked before
    _first: deque[RowRequest] = field(default_factory=deque)

    def plan(self, retry: bool) -> Iterator[int]:
        """Make a row for every question about every report that is to be extracted. Gives the number of reports so far
        after each."""
        plan = RowPlan(self.db, STAGE, retry=retry)
        for planned, head in enumerate(lists.included_reports(self.db)[1], 1):
            yield planned
            paper = documents.paper_of(self.db, head)
            if paper is None:
                continue
            subject = ReportDocument(head, paper)
            self.questions.assume_whole(subject)
            if not self._is_settled(subject, plan):
                self.questions.measure_paper(subject)
            with self.db.transaction():
                report = self._plan_report(subject, plan)
            if report.ready or report.later:
                self._reports.append(report)
                self.tally.total += len(report.ready) + len(report.later)
        plan.close()

    def asks(self) -> Iterator[Iterator[RowRequest]]:
        """The requests, in runs: as many papers as are laid out at a time, then what their last arms have made
        ready."""
        for number, portion in enumerate(job_queue.in_portions(self._reports, papers.AT_ONCE)):
            if number:
                self.questions.shelf.put_passages_back()
            reports = deque(report for report in portion if self._has_text(report))
            while reports or self._about_arms or self._first:
                yield self._run(reports)

    def _run(self, reports: deque[_ReportWork]) -> Iterator[RowRequest]:
        while True:
            if self._about_arms:
                yield self._about_arms.popleft()
            elif self._first:
                yield self._first.popleft()
            elif reports:
                report = reports.popleft()
                self._first.extend(self._ask(report, row) for row in report.ready)
            else:
                return

    def _ask(self, report: _ReportWork, row: QuestionRow) -> RowRequest:
        request, left_out = self.questions.compose(report.subject, row.question, report.arms)
        read = self.questions.reader(report.subject, row.question, report.arms)
        if row.question.task != arms_task.TASK:
            return RowRequest(row, request, read, left_out)

        def then(reply: Reply | None) -> None:
            if reply is None:
                self._fail(report.later, NO_ARMS)
            elif (arms := self.questions.answered_arms([row.question for row in report.about_arms])) is not None:
                report.arms = arms
                self._about_arms.extend(self._ask(report, late) for late in self._make_rows_ready(report))

        return RowRequest(row, request, read, left_out, then)

    def _is_settled(self, subject: ReportDocument, plan: RowPlan) -> bool:
        """Whether nothing is to be asked about a report because its whole paper was asked about before."""
        first = [self.questions.asked(subject, question, ())[0] for question in self.questions.first(subject.head)]
        if not all(plan.is_settled(question) for question in first):
            return False
        about_arms = [question for question in first if question.task == arms_task.TASK]
        arms = self.questions.answered_arms(about_arms)
        later = [
            one for base in self.questions.later(subject.head) for one in self.questions.asked(subject, base, arms)
        ]
        return all(plan.is_settled(question) for question in later)

    def _plan_report(self, subject: ReportDocument, plan: RowPlan) -> _ReportWork:
        rows = [
            row for question in self.questions.first(subject.head) for row in self._rows(subject, question, (), plan)
        ]
        about_arms = [row for row in rows if row.question.task == arms_task.TASK]
        failed = any(row.state == "failed" for row in about_arms)
        arms = (
            self.questions.answered_arms([row.question for row in about_arms])
            if all(row.state == "done" for row in about_arms)
            else None
        )
        report = _ReportWork(
            subject, arms or (), [row for row in rows if row.state == "pending"], about_arms=about_arms
        )
        for row in (
            row for question in self.questions.later(subject.head) for row in self._rows(subject, question, arms, plan)
        ):
            if failed:
                job_rows.settle_row(self.db, row, "failed", NO_ARMS)
            elif row.state == "pending":
                (report.later if arms is None else report.ready).append(row)
        return report

    def _rows(
        self, subject: ReportDocument, question: RowQuestion, arms: Arms | None, plan: RowPlan
    ) -> list[QuestionRow]:
        """The rows of one question: one, or one for each part of the paper; as it was where more of the paper was asked
        about before."""
        if arms is not None:
            if (row := self._keep_as_good(subject, question, arms, plan)) is not None:
                return [row]
            if kept := plan.keep_done_parts(
                question, lambda parts: self.questions.about(subject, question, arms, parts)
            ):
                return kept
        return [
            plan.row(one, self.questions.reader(subject, one, arms or ()))
            for one in self.questions.asked(subject, question, arms)
        ]

    def _keep_as_good(
        self, subject: ReportDocument, question: RowQuestion, arms: Arms, plan: RowPlan
    ) -> QuestionRow | None:
        """The row of an answer that is as good as one about today's text of the paper, if there is one."""
        then = plan.left_out_before(question)
        same = self.questions.as_good(subject, question, arms, then) if then is not None else None
        if same is not None and (row := plan.keep_if_done(same)) is not None:
            return row

        def is_as_good(left_out: Sequence[str]) -> bool:
            return self.questions.as_good(subject, question, arms, left_out) is not None

        for one in self.questions.earlier(subject, question, arms):
            if (row := plan.keep_earlier(one, self.questions.reader(subject, one, arms), is_as_good)) is not None:
                return row
        return None

    def _make_rows_ready(self, report: _ReportWork) -> list[QuestionRow]:
        """The rows that waited for the arms, with their keys; those that were answered before are settled here."""
        asked = [
            one
            for base in self.questions.later(report.subject.head)
            for one in self.questions.asked(report.subject, base, report.arms)
        ]
        keys = {job_rows.row_address(one): one.key for one in asked}
        ready = []
        with self.db.transaction():
            for row in report.later:
                question = replace(row.question, key=keys[job_rows.row_address(row.question)])
                reader = self.questions.reader(report.subject, question, report.arms)
                keyed = job_queue.reuse_answer(self.db, job_rows.make_pending(self.db, question), reader)
                if keyed.state == "pending":
                    ready.append(keyed)
                else:
                    self.tally.count_settled(failed=False)
        report.later = []
        return ready

    def _fail(self, rows: list[QuestionRow], reason: str) -> None:
        with self.db.transaction():
            for row in rows:
                job_rows.settle_row(self.db, row, "failed", reason)
                self.tally.count_settled(failed=True)
        rows.clear()

    def _has_text(self, report: _ReportWork) -> bool:
        """Lay the paper out; a paper without text fails all its questions."""
        if self.questions.has_text(report.subject):
            return True
        self._fail([*report.ready, *report.later], NO_TEXT)
        return False

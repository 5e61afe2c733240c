"""The model's screening as rows of work: which reports are asked about, and what becomes of an answer.

Abstracts: every report of the review, one question each. Full texts: what people included by its abstract and what has a document that
can be read. A record with neither title nor abstract can't be asked about; it is listed as a failure, never scored.

In triage the reasons that are needed follow the words. For abstracts they follow when all have their words, the most promising first, so
that the ranking is there early; for a full text at once, while the paper is still in the model's memory.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from leads_local.documents.sections import PaperText
from leads_local.engine import Engine
from leads_local.errors import InputError
from leads_local.records import Criterion, Mode, Reply, Request, Stage, Way
from leads_local.review import asking, papers, reasons
from leads_local.review.asking import Ask, Plan, Store, Tally
from leads_local.review.database import Database
from leads_local.review.reasons import Reasons
from leads_local.review.store import citations, documents, lists, screenings, work
from leads_local.review.store.work import Question, Work
from leads_local.review.views import Order, Show
from leads_local.tasks import screening as task
from leads_local.tasks.prompts import PromptPack

TASK = "screening"
NOTHING_TO_READ = "The record has neither a title nor an abstract, so there is nothing to judge."
NO_TEXT = "The document holds no text to judge."

_Late = tuple[float, int, Work]  # what comes first, then the row of a reason


@dataclass(slots=True)
class Screening:
    """One stage's screening by one model with one set of criteria. ``pack`` is arranged as ``way`` says.

    With ``trial`` only these reports are asked about, for their words alone, and what is shown for them stays as it is.
    """

    db: Database
    engine: Engine
    stage: Stage
    pack: PromptPack
    criteria: tuple[Criterion, ...]
    way: Way
    tally: Tally
    trial: frozenset[int] | None = None
    _waiting: dict[int, list[Work]] = field(default_factory=dict)  # by report: its words, or the reasons that are still wanted
    _late: list[_Late] = field(default_factory=list)  # a heap of reasons that can be asked for
    _stand_ins: dict[int, str] = field(default_factory=dict)
    _texts: dict[int, PaperText] = field(default_factory=dict)
    _plan: Plan | None = None

    def plan(self, retry: bool) -> Iterator[int]:
        """Make a row for every report and every reason that is wanted by now. Gives the number of reports so far now and then.

        Raises InputError without criteria, ModelError when there is no room for a paper.
        """
        if not self.criteria:
            raise InputError(f"{self.db.path} has no criteria to screen by.", "Write the question or at least one criterion first.")
        triage = self.way.mode is Mode.TRIAGE and self.trial is None
        plan, planned = Plan(self.db, self._place, retry=retry, task=TASK if triage else ""), 0
        self._plan = Plan(self.db, self.stage, retry=retry, task=reasons.TASK) if triage else None
        for portion in asking.portions(self._papers(), asking.PLANNED_AT_ONCE):
            with self.db.transaction():
                for head, paper in portion:
                    self._plan_report(plan, head, paper)
            planned += len(portion)
            yield planned
        plan.close()
        self.tally.total = sum(len(rows) for rows in self._waiting.values())

    def asks(self) -> Iterator[Iterator[Ask]]:
        """The requests, in runs. For full texts a run is about as many papers as are laid out at a time."""
        size = len(self._waiting) if self.stage is Stage.ABSTRACT else papers.AT_ONCE
        for portion in asking.portions(list(self._waiting), max(size, 1)):
            self._texts = {} if self.stage is Stage.ABSTRACT else self._laid_out(portion)
            words: deque[Work] = deque()
            for head in portion:
                for row in self._waiting.pop(head):
                    if row.question.task == TASK:
                        words.append(row)
                    else:
                        self._push(row)
            while words or self._late:
                yield self._run(words)

    def _run(self, words: deque[Work]) -> Iterator[Ask]:
        at_once = self.stage is Stage.FULLTEXT
        while True:
            if self._late and (at_once or not words):
                yield from self._reason_ask(heapq.heappop(self._late)[2])
            elif words:
                yield from self._word_ask(words.popleft())
            else:
                return

    # ------------------------------------------------------------ planning

    def _plan_report(self, plan: Plan, head: int, paper: str) -> None:
        question = Question(TASK, self.stage, head, way=self.way)
        if not paper:
            row = plan.row(question, self._read(head))
            work.settle(self.db, row, "failed", NOTHING_TO_READ)
            return
        keyed = asking.keyed(question, self._request(question, paper), self.engine.model, self.pack.name)
        row = plan.row(replace(keyed, stage=self._place), self._read(head))  # a trial's answer is the same answer
        if self._plan is not None and self.stage is Stage.FULLTEXT:
            self._stand_ins[head] = paper
        if row.state == "pending":
            self._waiting[head] = [row]
        elif row.state == "done" and (wanted := self._wanted(head, paper)):
            self._waiting[head] = wanted

    def _wanted(self, head: int, paper: str) -> list[Work]:
        """The rows of the reasons that are missing and needed for a report whose words are there. Inside a transaction."""
        if self._plan is None:
            return []
        screening = screenings.read(self.db, head)[self.stage]
        asker = Reasons(self.db, self.engine, self.stage, self.pack)
        rows = asker.rows(self._plan, head, screening, reasons.missing(screening), paper)
        return [row for row in rows if row.state == "pending"]

    @property
    def _place(self) -> str:
        """The stage under which the rows of work stand."""
        return self.stage if self.trial is None else screenings.trial_stage(self.stage, self.way)

    def _heads(self) -> list[int]:
        return [head for head in lists.ids(self.db, self.stage, Show.ALL, Order.ENTRY) if self.trial is None or head in self.trial]

    def _papers(self) -> Iterator[tuple[int, str]]:
        """Every report with its prompt's paper, or with what stands for it; "" where there is nothing to read."""
        if self.stage is Stage.ABSTRACT:
            for portion in asking.portions(self._heads(), asking.PLANNED_AT_ONCE):
                for head, citation in citations.read_many(self.db, portion).items():
                    empty = not (citation.title.strip() or citation.abstract.strip())
                    yield head, "" if empty else task.abstract_paper(citation)
            return
        budget = self._budget()
        for head in self._heads():
            attachment = documents.of_head(self.db, head)
            if attachment is not None and not attachment.problem:
                document = documents.read(self.db, attachment.sha256)
                yield head, papers.stand_in(attachment.sha256, document.passages if document is not None else (), budget, self.engine)

    def _budget(self) -> int | None:
        return papers.budget(self.engine, [task.request("", "", self.criteria, self.pack)])

    # ------------------------------------------------------------ asking

    def _word_ask(self, row: Work) -> Iterator[Ask]:
        head = row.question.record_id
        paper = self._paper(head)
        if not paper.text:
            self._fail(row)
            return
        then = partial(self._judged, head) if self._plan is not None else None
        ask = Ask(row, self._request(row.question, paper.text), self._read(head), paper.left_out)
        yield ask if then is None else replace(ask, then=then)

    def _reason_ask(self, row: Work) -> Iterator[Ask]:
        head = row.question.record_id
        screening = screenings.read(self.db, head)[self.stage]
        yield Reasons(self.db, self.engine, self.stage, self.pack).ask(row, screening, self._paper(head))

    def _judged(self, head: int, reply: Reply | None) -> None:
        """The words for a report are there: its reasons, where they are needed, are ready to be asked for."""
        if reply is None:
            return
        paper = self._stand_ins.get(head) or self._paper(head).text
        with self.db.transaction():
            rows = self._wanted(head, paper)
        self.tally.total += len(rows)
        for row in rows:
            self._push(row)

    def _push(self, row: Work) -> None:
        expected = screenings.read(self.db, row.question.record_id)[self.stage].expected
        heapq.heappush(self._late, (-(expected or 0.0), row.id, row))

    def _fail(self, row: Work) -> None:
        with self.db.transaction():
            work.settle(self.db, row, "failed", NO_TEXT)
        self.tally.settled(failed=True)

    def _paper(self, head: int) -> PaperText:
        return self._texts[head] if head in self._texts else PaperText(task.abstract_paper(citations.read(self.db, head)))

    def _laid_out(self, heads: list[int]) -> dict[int, PaperText]:
        budget, found = self._budget(), {}
        for head in heads:
            attachment = documents.of_head(self.db, head)
            document = documents.read(self.db, attachment.sha256) if attachment is not None else None
            found[head] = papers.laid_out(document.passages if document is not None else (), budget, self.engine)
        return found

    def _request(self, question: Question, paper: str) -> Request:
        return task.request(asking.name(question), paper, self.criteria, self.pack, self.way.mode)

    def _read(self, head: int) -> Callable[[Reply], Store]:
        def read(reply: Reply) -> Store:
            judgements = task.parse(reply, self.criteria)
            score, expected = task.score(judgements), task.expected_score(judgements)

            def store(db: Database, reply_id: int) -> None:
                screenings.keep(db, reply_id, judgements)
                if self.trial is None:
                    screenings.show(db, head, self.stage, reply_id, score, expected)

            return store

        return read

"""What an extraction form asks of a paper: the questions, their requests, and how each answer is read.

All requests about one paper hold the very same text of it, so that the model evaluates it once. Questions about arms
have no key of their own until the arms are known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from leads_local.engine import Engine
from leads_local.engine.types import Reply, Request
from leads_local.jobs import context_budget, job_queue
from leads_local.jobs.context_budget import PaperStandIn
from leads_local.jobs.job_queue import StoreAnswer
from leads_local.jobs.papers import PaperShelf
from leads_local.records import Arm, ExtractedValue, Field, Passage
from leads_local.review import proposals
from leads_local.review.attachments import Paper
from leads_local.review.database import Database
from leads_local.review.read_models import StoredValue
from leads_local.review.store import job_rows, values
from leads_local.review.store.job_rows import RowQuestion
from leads_local.tasks import arms as arms_task
from leads_local.tasks import characteristics, participants, parts, results
from leads_local.tasks.forms import Form
from leads_local.tasks.prompts import PromptPack

STAGE = "extraction"
_TOKENS_FOR_ARMS = 1280  # of the names and descriptions of as many arms as may be answered

Arms = tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A report and its document."""

    head: int
    paper: Paper


@dataclass(eq=False)
class ExtractionQuestions:
    """One form, asked by one model in the wording of one pack."""

    db: Database
    engine: Engine
    pack: PromptPack
    form: Form
    shelf: PaperShelf
    _portions: dict[str, tuple[Field, ...]] = field(default_factory=dict)
    _stand_ins: dict[str, PaperStandIn] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first = 1
        for portion in characteristics.split(self.form.fields):
            self._portions[f"fields {first}-{first + len(portion) - 1}"] = portion
            first += len(portion)

    @cached_property
    def budget(self) -> int | None:
        """The most tokens of a paper. Raises ModelError when there is no room for one."""
        bare = [self._request(question, "", ()) for question in (*self.first(0), *self.later(0))]
        return context_budget.token_budget(self.engine, bare, _TOKENS_FOR_ARMS)

    def assume_whole(self, subject: ReportDocument) -> None:
        """Make the keys of its questions as for a paper that fits whole, until ``measure_paper`` says otherwise."""
        self._stand_ins.setdefault(subject.paper.name, context_budget.whole_stand_in(subject.paper.name))

    def measure_paper(self, subject: ReportDocument) -> None:
        """See how much of the paper fits, which the keys of its questions depend on. Not inside a transaction: the
        model counts."""
        texts = self.shelf.texts(subject.paper, self.budget)
        self._stand_ins[subject.paper.name] = context_budget.make_stand_in(subject.paper.name, texts)

    def first(self, head: int) -> list[RowQuestion]:
        """What needs no arms: the arms themselves, then the characteristics."""
        return [
            RowQuestion(arms_task.TASK, STAGE, head),
            *(RowQuestion(characteristics.TASK, STAGE, head, item) for item in self._portions),
        ]

    def later(self, head: int) -> list[RowQuestion]:
        """What is asked for each arm."""
        outcomes = [RowQuestion(results.TASK, STAGE, head, outcome.name) for outcome in self.form.outcomes]
        return outcomes + [RowQuestion(participants.TASK, STAGE, head, measure.name) for measure in self.form.measures]

    def asked(self, subject: ReportDocument, question: RowQuestion, arms: Arms | None) -> list[RowQuestion]:
        """``question`` with its key, or one for each part of a paper that is asked about in parts.

        While the arms are not known (None), its key says only by which questions they will be.
        """
        stand_in = self._stand_ins[subject.paper.name]
        count = len(stand_in.parts)
        numbered = [(question, stand_in.parts[0])] if count == 1 else stand_in.numbered(question, count)
        if arms is None:
            keys = [one.key for one in self.asked(subject, RowQuestion(arms_task.TASK, STAGE, subject.head), ())]
            return [replace(one, key=f"after {' '.join(keys)}") for one, _ in numbered]
        return [self._keyed(one, text, arms) for one, text in numbered]

    def as_good(
        self, subject: ReportDocument, question: RowQuestion, arms: Arms, left_out: Sequence[str]
    ) -> RowQuestion | None:
        """The same question as it was asked of the paper without ``left_out``, where an answer to that is as good as
        one about today's text; None where it is not."""
        text = self._stand_ins[subject.paper.name].as_good(left_out)
        return self._keyed(question, text, arms) if text is not None else None

    def earlier(self, subject: ReportDocument, question: RowQuestion, arms: Arms) -> list[RowQuestion]:
        """The same question about more of the paper, or as earlier versions of this program asked it."""
        return [self._keyed(question, text, arms) for text in self._stand_ins[subject.paper.name].earlier]

    def about(self, subject: ReportDocument, question: RowQuestion, arms: Arms, parts: int) -> list[RowQuestion]:
        """The same question about so many parts of the paper."""
        numbered = self._stand_ins[subject.paper.name].numbered(question, parts)
        return [self._keyed(one, text, arms) for one, text in numbered]

    def has_text(self, subject: ReportDocument) -> bool:
        """Whether the paper has any. It is laid out by that, before a run begins."""
        return bool(self.shelf.texts(subject.paper, self.budget)[0].text)

    def compose(self, subject: ReportDocument, question: RowQuestion, arms: Arms) -> tuple[Request, tuple[str, ...]]:
        """The request about a paper, and what of the paper it does not hold."""
        text = self.shelf.texts(subject.paper, self.budget)[max(question.part - 1, 0)]
        return self._request(question, text.text, arms), text.left_out

    def reader(self, subject: ReportDocument, question: RowQuestion, arms: Arms) -> Callable[[Reply], StoreAnswer]:
        """How to read the answer to ``question`` and store its values with their evidence; those about parts of a paper
        when all are in."""

        def read(reply: Reply) -> StoreAnswer:
            found = self._read_values(subject, question, reply, arms)

            def store(db: Database, reply_id: int) -> None:
                said = (
                    [(reply_id, value) for value in found]
                    if not question.parts
                    else self._together(subject, question, arms)
                )
                if said is not None:
                    standing = [stored for stored in values.of_head(db, subject.head) if self._asked(question, stored)]
                    proposals.propose(db, subject.head, subject.paper, said, standing)

            return store

        return read

    def answered_arms(self, questions: Sequence[RowQuestion]) -> Arms | None:
        """The arms that were answered to these questions, one or one for each part of a paper; None while an answer is
        missing."""
        found = job_rows.newest_answers(self.db, [question.key for question in questions])
        if found is None:
            return None
        arms = [arms_task.parse(reply) for _, reply in found]
        return parts.merge_arms(arms) if len(arms) > 1 else arms[0]

    def _together(
        self, subject: ReportDocument, question: RowQuestion, arms: Arms
    ) -> list[tuple[int, ExtractedValue]] | None:
        """What the answers about all parts say together, each value with its reply; None while one is missing."""
        whole = replace(question, part=0, parts=0, key="")
        found = job_rows.newest_answers(self.db, [one.key for one in self.asked(subject, whole, arms)])
        if found is None:
            return None
        numbered = (replace(question, part=part) for part in range(1, len(found) + 1))
        said = parts.merge_values(
            [self._read_values(subject, one, reply, arms) for one, (_, reply) in zip(numbered, found, strict=True)]
        )
        return [(found[place][0], value) for place, value in said]

    def _read_values(
        self, subject: ReportDocument, question: RowQuestion, reply: Reply, arms: Arms
    ) -> list[ExtractedValue]:
        return proposals.add_evidence(
            self._parse(question, reply, arms), self._hints(question), self._passages_shown(subject, question)
        )

    def _passages_shown(self, subject: ReportDocument, question: RowQuestion) -> tuple[Passage, ...]:
        """The passages that the model saw: evidence for what it read in one part is not looked for in another, nor in
        what only says which file follows."""
        passages = tuple(passage for passage in self.shelf.passages(subject.paper) if passage.spans)
        if not question.part:
            return passages
        texts = self.shelf.texts(subject.paper, self.budget)
        text = texts[question.part - 1].text if question.parts == len(texts) else ""
        return tuple(passage for passage in passages if passage.text in text) or passages

    def _keyed(self, question: RowQuestion, paper: str, arms: Arms) -> RowQuestion:
        return job_queue.with_key(question, self._request(question, paper, arms), self.engine.model, self.pack.name)

    def _request(self, question: RowQuestion, paper: str, arms: Arms) -> Request:
        name = job_queue.request_id(question)
        if question.task == arms_task.TASK:
            return arms_task.request(name, paper, self.pack)
        if question.task == characteristics.TASK:
            return characteristics.request(name, paper, self._portions[question.item], self.pack)
        if question.task == results.TASK:
            outcome = next(outcome for outcome in self.form.outcomes if outcome.name == question.item)
            return results.request(name, paper, outcome, arms, self.pack)
        measure = next(measure for measure in self.form.measures if measure.name == question.item)
        return participants.request(name, paper, measure, arms, self.pack)

    def _parse(self, question: RowQuestion, reply: Reply, arms: Arms) -> tuple[ExtractedValue, ...]:
        if question.task == arms_task.TASK:
            return arms_task.make_values(arms_task.parse(reply), arms_task.completeness_note(reply))
        if question.task == characteristics.TASK:
            return characteristics.parse(reply, self._portions[question.item])
        if question.task == results.TASK:
            outcome = next(outcome for outcome in self.form.outcomes if outcome.name == question.item)
            return results.parse(reply, outcome, arms)
        measure = next(measure for measure in self.form.measures if measure.name == question.item)
        return participants.parse(reply, measure, arms)

    def _hints(self, question: RowQuestion) -> list[str]:
        """Words on what is asked, beyond the names that each value has."""
        defined = [outcome.definition for outcome in self.form.outcomes if outcome.name == question.item]
        measured = [text for m in self.form.measures if m.name == question.item for text in (m.definition, m.unit)]
        return defined if question.task == results.TASK else measured if question.task == participants.TASK else []

    def _asked(self, question: RowQuestion, stored: StoredValue) -> bool:
        """Whether ``stored`` is a value of what ``question`` asks."""
        if stored.value.task != question.task:
            return False
        if question.task == characteristics.TASK:
            return stored.value.item in {field.name for field in self._portions[question.item]}
        return question.task == arms_task.TASK or stored.value.item == question.item

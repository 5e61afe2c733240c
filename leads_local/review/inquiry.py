"""What an extraction form asks of a paper: the questions, their requests, and how each answer is read.

All requests about one paper hold the very same text of it, so that the model evaluates it once. Questions about arms have no key
of their own until the arms are known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from leads_local.documents.sections import PaperText
from leads_local.engine import Engine
from leads_local.records import Arm, Field, Passage, Reply, Request, Value
from leads_local.review import asking, papers, proposals
from leads_local.review.asking import Store
from leads_local.review.database import Database
from leads_local.review.store import documents, values
from leads_local.review.store.work import Question
from leads_local.review.views import StoredValue
from leads_local.tasks import arms as arms_task
from leads_local.tasks import characteristics, participants, results
from leads_local.tasks.forms import Form
from leads_local.tasks.prompts import PromptPack

STAGE = "extraction"
_ARMS_TOKENS = 1280  # of the names and descriptions of as many arms as may be answered

Arms = tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """A report and its document."""

    head: int
    sha256: str
    document_id: int


@dataclass(frozen=True, slots=True)
class _Paper:
    text: PaperText
    passages: tuple[Passage, ...]


@dataclass(slots=True)
class Inquiry:
    """One form, asked by one model in the wording of one pack. Raises ModelError when the model has no room for a paper."""

    db: Database
    engine: Engine
    pack: PromptPack
    form: Form
    budget: int | None = None
    _portions: dict[str, tuple[Field, ...]] = field(default_factory=dict)
    _papers: dict[str, _Paper] = field(default_factory=dict)
    _stand_ins: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first = 1
        for portion in characteristics.split(self.form.fields):
            self._portions[f"fields {first}-{first + len(portion) - 1}"] = portion
            first += len(portion)
        bare = [self._request(question, "", ()) for question in (*self._first(0), *self._later(0))]
        self.budget = papers.budget(self.engine, bare, _ARMS_TOKENS)

    def survey(self, subject: Subject) -> None:
        """See how much of the paper fits, which the keys of its questions depend on. Not inside a transaction: the model counts."""
        if subject.sha256 not in self._stand_ins:
            found = papers.stand_in(subject.sha256, self._passages(subject), self.budget, self.engine)
            self._stand_ins[subject.sha256] = found

    def first(self, subject: Subject) -> list[Question]:
        """What needs no arms: the arms themselves, then the characteristics."""
        return [self._keyed(subject, question, ()) for question in self._first(subject.head)]

    def later(self, subject: Subject, arms: Arms | None) -> list[Question]:
        """What is asked for each arm; while the arms are not known, its key says only by which question they will be."""
        questions = self._later(subject.head)
        if arms is None:
            after = self._keyed(subject, Question(arms_task.TASK, STAGE, subject.head), ()).key
            return [replace(question, key=f"after {after}") for question in questions]
        return [self._keyed(subject, question, arms) for question in questions]

    def lay_out(self, subject: Subject) -> bool:
        """Read the paper into memory. False when it has no text."""
        passages = self._passages(subject)
        self._papers[subject.sha256] = _Paper(papers.laid_out(passages, self.budget, self.engine), passages)
        return bool(self._papers[subject.sha256].text.text)

    def forget(self) -> None:
        """Let go of the papers that were laid out."""
        self._papers.clear()

    def compose(self, subject: Subject, question: Question, arms: Arms) -> tuple[Request, tuple[str, ...]]:
        """The request about a paper that is laid out, and what of the paper it does not hold."""
        paper = self._papers[subject.sha256].text
        return self._request(question, paper.text, arms), paper.left_out

    def reader(self, subject: Subject, question: Question, arms: Arms) -> Callable[[Reply], Store]:
        """How to read the answer to ``question`` and store its values with their evidence."""

        def read(reply: Reply) -> Store:
            found = proposals.with_evidence(self._parse(question, reply, arms), self._hints(question), self._passages(subject))

            def store(db: Database, reply_id: int) -> None:
                standing = [stored for stored in values.of_head(db, subject.head) if self._asked(question, stored)]
                proposals.propose(db, subject.head, reply_id, subject.document_id, found, standing)

            return store

        return read

    def _first(self, head: int) -> list[Question]:
        return [Question(arms_task.TASK, STAGE, head), *(Question(characteristics.TASK, STAGE, head, item) for item in self._portions)]

    def _later(self, head: int) -> list[Question]:
        outcomes = [Question(results.TASK, STAGE, head, outcome.name) for outcome in self.form.outcomes]
        return outcomes + [Question(participants.TASK, STAGE, head, measure.name) for measure in self.form.measures]

    def _keyed(self, subject: Subject, question: Question, arms: Arms) -> Question:
        request = self._request(question, self._stand_ins[subject.sha256], arms)
        return asking.keyed(question, request, self.engine.model, self.pack.name)

    def _passages(self, subject: Subject) -> tuple[Passage, ...]:
        if subject.sha256 in self._papers:
            return self._papers[subject.sha256].passages
        document = documents.read(self.db, subject.sha256)
        return document.passages if document is not None else ()

    def _request(self, question: Question, paper: str, arms: Arms) -> Request:
        name = asking.name(question)
        if question.task == arms_task.TASK:
            return arms_task.request(name, paper, self.pack)
        if question.task == characteristics.TASK:
            return characteristics.request(name, paper, self._portions[question.item], self.pack)
        if question.task == results.TASK:
            outcome = next(outcome for outcome in self.form.outcomes if outcome.name == question.item)
            return results.request(name, paper, outcome, arms, self.pack)
        measure = next(measure for measure in self.form.measures if measure.name == question.item)
        return participants.request(name, paper, measure, arms, self.pack)

    def _parse(self, question: Question, reply: Reply, arms: Arms) -> tuple[Value, ...]:
        if question.task == arms_task.TASK:
            return arms_task.values(arms_task.parse(reply))
        if question.task == characteristics.TASK:
            return characteristics.parse(reply, self._portions[question.item])
        if question.task == results.TASK:
            outcome = next(outcome for outcome in self.form.outcomes if outcome.name == question.item)
            return results.parse(reply, outcome, arms)
        measure = next(measure for measure in self.form.measures if measure.name == question.item)
        return participants.parse(reply, measure, arms)

    def _hints(self, question: Question) -> list[str]:
        """Words on what is asked, beyond the names that each value has."""
        defined = [outcome.definition for outcome in self.form.outcomes if outcome.name == question.item]
        measured = [text for m in self.form.measures if m.name == question.item for text in (m.definition, m.unit)]
        return defined if question.task == results.TASK else measured if question.task == participants.TASK else []

    def _asked(self, question: Question, stored: StoredValue) -> bool:
        """Whether ``stored`` is a value of what ``question`` asks."""
        if stored.value.task != question.task:
            return False
        if question.task == characteristics.TASK:
            return stored.value.item in {field.name for field in self._portions[question.item]}
        return question.task == arms_task.TASK or stored.value.item == question.item

"""A review: the core that both front ends call.

Why it exists: everything that can be done to a review is a method here, usable from a script, the command line or the
screen alike. It holds no state but its connection: the file is the only state, and what a method has changed is on disk
when it returns.

A Review belongs to the thread that opened it; open the file once in each thread. It must never let a model's word
replace a person's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from leads_local.errors import ReviewError
from leads_local.ranking import calibration
from leads_local.ranking.calibration import Calibration
from leads_local.records import (
    Choice,
    Citation,
    Criterion,
    Decision,
    Document,
    Progress,
    Question,
    ScreeningMethod,
    Stage,
)
from leads_local.review import (
    backups,
    deciding,
    deduplication,
    file_identity,
    fulltexts,
    importing,
    opening,
    proposals,
    putting_back,
    rescue,
    screening_question,
    suggestions,
)
from leads_local.review.database import Database, utc_now
from leads_local.review.outcomes import Rule
from leads_local.review.read_models import (
    Attachment,
    DedupeReport,
    Event,
    ImportReport,
    IncompletePaper,
    ModelFailure,
    PrismaCounts,
    PutBackReport,
    RecordFilter,
    RecordOrder,
    RecordSummary,
    RecordView,
    StoredValue,
    ValueStatus,
    WorkState,
)
from leads_local.review.session_acts import SessionActs
from leads_local.review.store import (
    citations,
    counting,
    decisions,
    documents,
    events,
    groups,
    job_rows,
    lists,
    questions,
    values,
)


class Review:
    """A context manager (or call ``close``). All methods raise ReviewError when the file can't be read or written."""

    def __init__(self, db: Database, *, tells_of_rescued: bool = False) -> None:
        self.db = db  # for the modules of this package and for export; front ends use the methods
        self._acts = SessionActs(db)
        self._tells_of_rescued = tells_of_rescued

    @classmethod
    def create(cls, path: Path | str, question: Question, criteria: Sequence[Criterion] = ()) -> Self:
        """A new review file. Raises ReviewError when something stands at ``path``, it can't be written, or two criteria
        have one name."""
        return cls(opening.create(Path(path), lambda db: screening_question.write_first(db, question, criteria)))

    @classmethod
    def open(cls, path: Path | str, *, busy_seconds: float = 10.0) -> Self:
        """Open it to be changed.

        Raises ReviewError when there is no usable review at ``path``: missing, damaged, locked, or made by another
        version (OldReview when ``upgrade`` would help). One on a read-only medium is opened; changing it raises.
        """
        db = opening.open_file(Path(path), busy_seconds=busy_seconds)
        try:
            backups.back_up_daily(db)
            return cls(db, tells_of_rescued=True)
        except BaseException:
            db.close()
            raise

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Open it only to be read: also one that is older, which stays as it is, or damaged (see ``notices``)."""
        return cls(opening.open_file(Path(path), to_write=False))

    def copied(self) -> Self:
        """The review as it stands now, to be read for as long as it takes while others write into the file."""
        return type(self)(self.db.copied())

    def back_up(self, to: Path | None = None) -> Path:
        """Make a copy as the review stands now: ``to`` a new file or a folder, else the folder of copies beside it.
        Returns where it is.

        Raises InputError when it can't be written there.
        """
        return backups.back_up(self.db, to)

    def rescued(self) -> list[Path]:
        """Files of what was said here before another version was put in its place, and is not put back yet."""
        return rescue.find_files(self.path)

    @property
    def notices(self) -> list[str]:
        """What the person should know of how the file was opened, a sentence each."""
        return [*self.db.notices, *(rescue.notices(self.path) if self._tells_of_rescued else [])]

    @property
    def writable(self) -> bool:
        return self.db.writable

    @property
    def read_only(self) -> str:
        """Why it can't be changed: which of file, folder and disk can't be written to; "" when it can."""
        if self.writable:
            return ""
        return self.db.only_read_because or file_identity.why_read_only(self.path) or "it was opened only to be read"

    def unreadable(self) -> list[str]:
        """What could not be read of a damaged file so far, a few words each."""
        return list(self.db.unreadable)

    def check_same(self) -> None:
        """Raise ReviewReplaced, which says where this session's acts are kept, when another version is at its path."""
        self.db.check_same()

    def put_back(self, file: Path | str) -> PutBackReport:
        """Do the acts again that were rescued into ``file``. InputError when it is none, ReviewError when it is another
        review's."""
        return putting_back.put_back_file(self, Path(file), self._acts.birth)

    def close(self) -> None:
        """May be called again. Raises ReviewError, which says where what was said is kept, when the file turns out not
        to hold it."""
        self._acts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        return self.db.path

    # ------------------------------------------------------------ question

    @property
    def question(self) -> Question:
        return questions.read(self.db)

    def set_question(self, question: Question) -> None:
        with self._acts.recording("question", said=asdict(question)):
            screening_question.set_question(self.db, self._acts.log, question)

    def criteria(self, stage: Stage = Stage.ABSTRACT) -> tuple[Criterion, ...]:
        """What is asked at ``stage``: the question's non-empty parts in the order P I C O, then the reviewer's own
        criteria."""
        return questions.criteria(self.db, stage)

    def set_criteria(self, criteria: Sequence[Criterion], stage: Stage | None = None) -> None:
        """Replace the reviewer's own criteria of both stages, or those that are asked at ``stage`` only."""
        said = {"stage": stage or "both stages", "criteria": [[one.name, one.text] for one in criteria]}
        with self._acts.recording("criteria", said=said):
            screening_question.set_criteria(self.db, self._acts.log, criteria, stage)

    # ------------------------------------------------------------ records and documents

    def import_file(self, path: Path | str) -> ImportReport:
        """Add a citation file's records, all or none. Raises InputError when it can't be read."""
        return importing.import_file(self.db, self._acts.log, Path(path))

    def dedupe(self, progress: Callable[[Progress], None] | None = None) -> DedupeReport:
        """Group the records of the same report. Groups found before stay; a record that was set apart stays apart."""
        return deduplication.group_duplicates(self.db, self._acts.log, progress)

    def separate(self, record_id: int) -> None:
        """Say that a record is no duplicate: it stands for itself from now on, and stays so when ``dedupe`` runs
        again."""
        with self._acts.recording("separate", record_id):
            deduplication.separate(self.db, self._acts.log, record_id)

    def rejoin(self, record_id: int) -> None:
        """Take ``separate`` back; the next ``dedupe`` may group the record again."""
        with self._acts.recording("rejoin", record_id):
            deduplication.rejoin(self.db, self._acts.log, record_id)

    def attach(self, folder: Path | str, progress: Callable[[Progress], None] | None = None) -> list[Attachment]:
        """Read and link the PDFs under ``folder``. Raises InputError when there are none."""
        return fulltexts.attach_pdfs(self.db, self._acts.log, Path(folder), progress)

    def link(self, sha256: str, record_id: int) -> Attachment:
        with self._acts.recording("link", record_id, said={"sha256": sha256}):
            return fulltexts.link_by_hand(self.db, self._acts.log, sha256, record_id)

    def attachments(self) -> list[Attachment]:
        """Every PDF of the review, in the order of attaching."""
        return documents.attachments(self.db)

    def document(self, record_id: int) -> Document | None:
        """The full text of a report, or None. Its ``problem`` says why it has no passages."""
        attachment = documents.of_head(self.db, self._head(record_id))
        return documents.read(self.db, attachment.sha256) if attachment is not None else None

    def document_of(self, stored: StoredValue) -> Document | None:
        """The full text that a value was read from and its quote stands in, which need not be its report's full text
        any more."""
        return documents.read(self.db, stored.document) if stored.document else None

    # ------------------------------------------------------------ lists and records

    def record_ids(
        self, stage: Stage, show: RecordFilter = RecordFilter.ALL, order: RecordOrder = RecordOrder.ENTRY
    ) -> list[int]:
        """One id for each report that is to be decided at ``stage``: all for abstracts, what was included there for
        full texts."""
        return lists.report_ids(self.db, stage, show, order)

    def included(self) -> tuple[Stage, list[int]]:
        """The reports that are in the review as far as it has come: those included by full text or, while no full text
        has been decided, by abstract; and which of the two it was."""
        return lists.included_reports(self.db)

    def summaries(self, ids: Sequence[int], stage: Stage = Stage.ABSTRACT) -> list[RecordSummary]:
        """A line for each id, in their order; choice, score and failure are those of ``stage``."""
        return lists.summaries(self.db, ids, stage)

    def record(self, record_id: int) -> RecordView:
        """Everything about the report that ``record_id`` belongs to. Raises ReviewError when there is no such
        record."""
        with self.db.snapshot():
            head = self._head(record_id)
            citation = citations.read(self.db, head)
            self._acts.note_seen(head)
            return RecordView(
                id=head,
                citation=citation,
                source=citations.source_path(self.db, head),
                duplicates=groups.duplicates(self.db, head),
                reasons=groups.reasons(self.db, head),
                screenings=suggestions.read(self.db, head),
                decisions=decisions.standing(self.db, head),
                history=decisions.history(self.db, head),
                fulltext=documents.of_head(self.db, head),
                failures=tuple(job_rows.failures(self.db, head)),
            )

    def citation(self, record_id: int) -> Citation:
        """The citation of this very record, head of its group or not."""
        self._head(record_id)
        return citations.read(self.db, record_id)

    def begun_method(self, stage: Stage) -> ScreeningMethod | None:
        """The way in which the model's screening of ``stage`` was begun; None while it was not."""
        return job_rows.begun_method(self.db, stage, "screening")

    def calibration(self, stage: Stage) -> Calibration:
        """How the model's expected scores go with what people decided at ``stage``: probabilities of inclusion, or why
        there are none."""
        return calibration.fit([calibration.Example(*found) for found in lists.decided_scores(self.db, stage)])

    # ------------------------------------------------------------ what people say

    def decide(self, record_id: int, stage: Stage, choice: Choice, reason: str = "", reviewer: str = "") -> Decision:
        """Store a person's decision about the report of ``record_id``; it replaces the one before, which the history
        keeps.

        Raises ReviewError when there is no such record, or when a full text is decided whose abstract is not included.
        """
        return self.decide_at(utc_now(), record_id, stage, choice, reason, reviewer)

    def decide_at(
        self, at: str, record_id: int, stage: Stage, choice: Choice, reason: str = "", reviewer: str = ""
    ) -> Decision:
        """``decide`` with the time at which it was said, for what was said before and is put back."""
        said = {"stage": stage, "choice": choice, "reason": reason.strip()}
        with self._acts.recording("decide", record_id, reviewer, said, at):
            head = self._head(record_id)
            self.require_stage(head, stage)
            stood = decisions.own(self.db, head, stage, reviewer)
            self._acts.complete(said={"instead of": [stood.choice, stood.reason] if stood else None})
            decision = Decision(head, stage, Choice(choice), reason.strip(), reviewer, at)
            deciding.decide(self.db, self._acts.log, decision)
        return decision

    def require_stage(self, head: int, stage: Stage) -> None:
        """Raise ReviewError when a report can't be decided at ``stage``: its full text, where its abstract is not
        included."""
        if stage is Stage.FULLTEXT:
            abstract = decisions.standing(self.db, head).get(Stage.ABSTRACT)
            if abstract is None or abstract.choice is not Choice.INCLUDE:
                message = (
                    f"{self.path}: record {head} is not included by its abstract, so its full text can't be decided."
                )
                raise ReviewError(message, "Include it at the abstract stage first.")

    def undo(self, stage: Stage, reviewer: str = "") -> Decision | None:
        """Take back the latest decision that stands at ``stage`` (of ``reviewer``, unless that is ""). What it had
        replaced stands again.

        Returns the decision taken back, with the record that stands for its report now, or None when there is none.
        """
        with self._acts.recording("undo", reviewer=reviewer, said={"stage": stage}):
            taken = deciding.take_back(self.db, self._acts.log, stage, reviewer, reviewer)
            if taken is None:
                self._acts.drop()
                return None
            self._acts.complete(taken.record_id)
            events.add(self.db, "undo", f"record {taken.record_id}, {stage}: {taken.choice} taken back", reviewer)
            return replace(taken, record_id=citations.head(self.db, taken.record_id))

    def adjudicate(
        self, record_id: int, stage: Stage, choice: Choice, reason: str = "", reviewer: str = ""
    ) -> Decision:
        """Say what holds for a report although its reviewers differ, or wait for each other. It holds until it is taken
        back. Raises ReviewError as ``decide`` does, and where nobody has decided yet."""
        said = {"stage": stage, "choice": choice, "reason": reason.strip()}
        with self._acts.recording("adjudicate", record_id, reviewer, said):
            head = self._head(record_id)
            self.require_stage(head, stage)
            decision = Decision(head, stage, Choice(choice), reason.strip(), reviewer, utc_now())
            deciding.adjudicate(self.db, self._acts.log, decision)
        return decision

    def rules(self) -> dict[Stage, Rule]:
        """How each stage is decided."""
        return decisions.rules(self.db)

    def set_rule(self, stage: Stage, rule: Rule, reviewer: str = "") -> None:
        """Say how ``stage`` is decided from now on; what holds follows at once."""
        with self._acts.recording(
            "rule", reviewer=reviewer, said={"stage": stage, "rule": rule.kind, "share": rule.share}
        ):
            deciding.set_rule(self.db, self._acts.log, stage, rule, reviewer)

    def values(self, record_id: int) -> list[StoredValue]:
        """The current values of a report, those that a person has verified among them: characteristics, arms,
        participants, results."""
        return values.of_head(self.db, self._head(record_id))

    def count_unverified(self, record_ids: Sequence[int]) -> int:
        """How many current values of these reports nobody has accepted, edited or rejected."""
        return values.count_unverified(self.db, record_ids)

    def verify(
        self, value_id: int, status: ValueStatus | str, text: str = "", note: str = "", reviewer: str = ""
    ) -> StoredValue:
        """Say what a person makes of a value: accepted as it is, edited to ``text``, rejected, or "proposed" to take
        that back.

        A value that a later extraction has set aside meanwhile holds again by that. Raises ReviewError when there is no
        such value or status.
        """
        if status not in tuple(ValueStatus):
            raise ReviewError(f"{status!r} is no status of a value.", f"Use one of {', '.join(ValueStatus)}.")
        with self._acts.recording("verify", reviewer=reviewer, said={"status": status, "text": text, "note": note}):
            stored = values.read(self.db, value_id)
            if stored is None:
                raise ReviewError(f"{self.path}: there is no value {value_id}.", "Choose a value of this review.")
            value = stored.value
            what = [value.task, value.item, value.group, value.part, value.text, stored.document]
            self._acts.complete(stored.record_id, {"value": what})
            return proposals.verify(self.db, self._acts.log, stored, ValueStatus(status), text, note, reviewer)

    # ------------------------------------------------------------ where it stands

    def counts(self) -> PrismaCounts:
        """The numbers of the PRISMA flow, all of one moment."""
        return counting.counts(self.db)

    def failures(self) -> list[ModelFailure]:
        """Model work that did not succeed, by record."""
        return job_rows.failures(self.db)

    def unread(self, stage: str | None = None) -> list[IncompletePaper]:
        """Papers that the model did not see as one whole text, at ``stage`` ("fulltext", "extraction") or at all."""
        return job_rows.incomplete_papers(self.db, stage)

    def work(self) -> WorkState:
        return job_rows.count_states(self.db)

    def record_event(self, kind: str, text: str, reviewer: str = "") -> None:
        """Add an entry to the log of what was done to the review."""
        with self.db.transaction():
            events.add(self.db, kind, text, reviewer)

    def events(self) -> list[Event]:
        """What was done to the review, oldest first."""
        return events.read(self.db)

    def _head(self, record_id: int) -> int:
        head = citations.head(self.db, record_id)
        if not head:
            raise ReviewError(f"{self.path}: there is no record {record_id}.", "Choose a record of this review.")
        return head

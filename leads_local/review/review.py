"""A review: the core that both front ends call.

Why it exists: everything that can be done to a review is a method here, usable from a script, the command line or the
screen alike. It holds no state but its connection: the file is the only state, and what a method has changed is on disk
when it returns.

A Review belongs to the thread that opened it; open the file once in each thread. It must never let a model's word
replace a person's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from leads_local.citations import previews
from leads_local.citations.formats.column_roles import Roles
from leads_local.citations.previews import TablePreview
from leads_local.records import (
    Citation,
    Criterion,
    Document,
    Progress,
    Question,
    Stage,
)
from leads_local.review import (
    backups,
    column_memory,
    deduplication,
    file_identity,
    fulltexts,
    importing,
    limiting,
    merging,
    opening,
    putting_back,
    rescue,
    scans,
    screening_question,
    sights,
    suggestions,
    typed_records,
    withdrawing,
)
from leads_local.review.attachments import Attachment
from leads_local.review.database import Database
from leads_local.review.importing import Imported
from leads_local.review.merging import Merged
from leads_local.review.protocol_acting import ProtocolReview
from leads_local.review.read_models import (
    DedupeReport,
    FoundGroup,
    ImportReport,
    OpenDoubt,
    OutcomeCounts,
    PutBackReport,
    RecordFilter,
    RecordOrder,
    RecordSummary,
    RecordView,
    Source,
    StoredValue,
)
from leads_local.review.readings import PaperReading, read_papers
from leads_local.review.reporting import ReportedReview
from leads_local.review.scans import ScanRead
from leads_local.review.sharing import SharedReview
from leads_local.review.sights import Sight
from leads_local.review.store import (
    acts,
    annotation_rows,
    citations,
    decisions,
    documents,
    groups,
    job_rows,
    limit_rows,
    lists,
    protocol_rows,
    questions,
    sources,
    values,
)
from leads_local.review.studying import StudiedReview
from leads_local.review.told_taking import TakingReview


class Review(ProtocolReview, StudiedReview, SharedReview, TakingReview, ReportedReview):
    """A context manager (or call ``close``). All methods raise ReviewError when the file can't be read or written."""

    def __init__(self, db: Database, *, tells_of_rescued: bool = False) -> None:
        super().__init__(db)
        self._tells_of_rescued = tells_of_rescued
        self._open_doubts = deduplication.OpenDoubts()

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

    def said_since_look(self) -> int:
        """How many acts were said here, if some of them since every byte of the file was looked at last; else 0. Then
        it is time for ``opening.find_damage_aside``, in any thread."""
        return self._acts.said_since_look()

    def note_look(self, acts: int, damage: Sequence[str]) -> None:
        """Say what was found by that when ``acts`` had been said. Raises ReviewReplaced, which says where this
        session's acts are kept, unless that is nothing."""
        self._acts.note_look(acts, damage)

    def put_back(self, file: Path | str) -> PutBackReport:
        """Do the acts again that were rescued into ``file``. InputError when it is none, ReviewError when it is another
        review's."""
        return putting_back.put_back_file(self, Path(file), self._acts.birth, self._acts.log)

    def merge(self, paths: Sequence[Path]) -> Merged:
        """Take from copies of this review what it lacks, all or nothing: see ``merging``."""
        return merging.merge(self.db, paths, self.acting)

    def close(self) -> None:
        """May be called again. Raises ReviewError, which says where what was said is kept, when the file turns out not
        to hold it."""
        self.end_search()
        self._acts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------ question

    @property
    def question(self) -> Question:
        return questions.read(self.db)

    def criteria(self, stage: Stage = Stage.ABSTRACT) -> tuple[Criterion, ...]:
        """What is asked at ``stage``: the question's non-empty parts in the order P I C O, then the reviewer's own
        criteria."""
        return questions.criteria(self.db, stage)

    # ------------------------------------------------------------ records and documents

    def import_file(self, path: Path | str, columns: Roles = ()) -> ImportReport:
        """Add a citation file's records, all or none; ``columns`` says what some columns of a table hold, which is
        remembered for tables with the same columns. Raises InputError when it can't be read."""
        return importing.import_file(self.db, self._acts.log, Path(path), columns)

    def import_path(self, path: Path | str, columns: Roles = ()) -> Iterator[Imported]:
        """The same for a file or for each file in a ZIP: what came of it, a report or an InputError. Raises InputError
        where the whole can't be used."""
        return importing.import_path(self.db, self._acts.log, Path(path), self.import_file, columns)

    def add_record(self, fields: Mapping[str, str]) -> int:
        """Add a record that a person typed, a text for each field (``typed_records.FIELDS``); it is a source of its
        own, which can be withdrawn. Returns its number. Raises InputError where a text can't be what the field
        holds."""
        return importing.add_typed(self.db, self._acts.log, typed_records.citation_of(fields))

    def preview_table(self, path: Path | str) -> TablePreview | None:
        """The columns of a table that is not imported yet, with its first rows; None of what is no table."""
        return previews.preview(Path(path), column_memory.choice(self.db, ()))

    def dedupe(self, progress: Callable[[Progress], None] | None = None, *, anew: bool = False) -> DedupeReport:
        """Group the records of the same report. Groups found before stay, as does what people said of two records. What
        was compared before is not compared again, unless ``anew``."""
        return deduplication.group_duplicates(self.db, self._acts.log, progress, anew=anew)

    def doubts(self) -> list[OpenDoubt]:
        """The pairs of records of which a person has to say whether they are one report, as the searches for duplicates
        found them and as they stand now."""
        with self.db.snapshot():
            return self._open_doubts.read(self.db)

    def duplicate_groups(self) -> list[FoundGroup]:
        """Every group of records of one report, and why they are one."""
        with self.db.snapshot():
            return deduplication.found_groups(self.db)

    def conflicting_reports(self) -> list[int]:
        """The reports whose reviewers differ, or whose records had been decided differently before they were one, as
        long as nobody has decided on the report since."""
        return groups.conflicting_heads(self.db)

    def attach(self, folder: Path | str, progress: Callable[[Progress], None] | None = None) -> list[Attachment]:
        """Read and link the PDFs under ``folder``. Raises InputError when there are none."""
        return fulltexts.attach_pdfs(self.db, self._acts.log, Path(folder), progress)

    def read_scans(
        self, files: Sequence[str] = (), languages: str = "", progress: Callable[[Progress], None] | None = None
    ) -> list[ScanRead]:
        """Have OCR read the pages of these files (by SHA-256; none: of all) whose writing is a picture or drawn, in
        these languages ("eng+deu", say; "": English). Raises InputError where there is no OCR for them here."""
        return scans.read_by_ocr(self.db, self._acts.log, files, languages, progress)

    def take_back_ocr(self, sha256: str) -> Attachment:
        """Have a file be what it was before OCR read it. Raises InputError where OCR read nothing of it."""
        return scans.take_back(self.db, sha256)

    def attachments(self) -> list[Attachment]:
        """Every PDF of the review, in the order of attaching."""
        return documents.attachments(self.db)

    def waiting_pdfs(self) -> list[Attachment]:
        """The PDFs of which a person has to say what they are: they match no record."""
        return [one for one in documents.attachments(self.db) if one.waits]

    def readings(self) -> list[PaperReading]:
        """What could be read of each report that has a file."""
        return read_papers(self.db)

    def sources(self) -> list[Source]:
        """Every imported file with its counts, also those that were withdrawn."""
        return sources.imports(self.db)

    def find_source(self, named: str) -> Source:
        """The import with this number, path, name or beginning of its SHA-256. Raises InputError where that is none, or
        several."""
        return withdrawing.find_source(self.db, named)

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
        if show is not RecordFilter.EARLIER_WORDING:
            return lists.report_ids(self.db, stage, show, order, self.acting)
        earlier = {*self.decided_earlier(stage), *self.stale(stage)}
        return [one for one in lists.report_ids(self.db, stage, RecordFilter.ALL, order) if one in earlier]

    def outcome_counts(self, stage: Stage) -> OutcomeCounts:
        """On how many reports of ``stage`` something holds, and of the others on how many the reviewers differ or a
        second one is waited for."""
        return lists.count_outcomes(self.db, stage, self.acting)

    def hidden_reports(self) -> list[int]:
        """The reports of which others have decided or noted something that the person at the keyboard may not know
        yet: they have to decide for themselves first."""
        with self.db.snapshot():
            found = {head for stage in Stage for head in lists.hidden_reports(self.db, stage, self.acting)}
            return sorted(found.union(annotation_rows.hidden_notes(self.db, self.acting)))

    def included(self) -> tuple[Stage, list[int]]:
        """The reports that are in the review as far as it has come: those included by full text or, while no full text
        has been decided, by abstract; and which of the two it was."""
        return lists.included_reports(self.db)

    def summaries(self, ids: Sequence[int], stage: Stage = Stage.ABSTRACT) -> list[RecordSummary]:
        """A line for each id, in their order; choice, score and failure are those of ``stage``."""
        return lists.summaries(self.db, ids, stage, self.acting)

    def find_by_title(self, words: str, at_most: int) -> list[RecordSummary]:
        """The first reports whose title has all of these words."""
        return self.summaries(lists.find_by_title(self.db, words.split(), at_most))

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
                apart=groups.is_separate(self.db, head),
                apart_from=deduplication.apart_from(self.db, head),
                reasons=groups.reasons(self.db, head),
                screenings=suggestions.read(self.db, head),
                decisions=decisions.standing(self.db, head),
                states=decisions.states(self.db, head),
                votes=decisions.votes(self.db, head),
                history=decisions.history(self.db, head),
                fulltext=documents.of_head(self.db, head),
                failures=tuple(job_rows.failures(self.db, head)),
                annotations=self.annotations(head),
                not_retrieved_by=protocol_rows.not_retrieved_by(self.db, head),
                limits=limiting.answers(self.db, head),
                ruled_out_by=limit_rows.ruled_out_by(self.db, head),
            )

    def sight_of(self, view: RecordView, stage: Stage) -> Sight:
        """What the person at the keyboard sees who has ``view`` before them: send it along with what they decide."""
        return sights.of_view(view, stage, self.acting, self.rules()[stage])

    def sights(self, record_ids: Sequence[int], stage: Stage) -> dict[int, Sight]:
        """``sight_of`` for many reports as they stand, by head."""
        with self.db.snapshot():
            return sights.now(self.db, record_ids, stage, self.acting)

    def reviewers(self) -> list[str]:
        """Everybody who has said something to the review, by name."""
        return acts.reviewers(self.db)

    def citation(self, record_id: int) -> Citation:
        """The citation of this very record, head of its group or not."""
        self._head(record_id)
        return citations.read(self.db, record_id)

    def named_records(self) -> Iterator[tuple[int, int, Citation]]:
        """Every record, the head of its group, and its citation."""
        return ((record, head, citation) for record, head, _, citation in citations.stream(self.db))

    def values(self, record_id: int) -> list[StoredValue]:
        """The current values of a report, those that a person has verified among them: characteristics, arms,
        participants, results."""
        return values.of_head(self.db, self._head(record_id))

    def count_unverified(self, record_ids: Sequence[int]) -> int:
        """How many current values of these reports nobody has accepted, edited or rejected."""
        return values.count_unverified(self.db, record_ids)

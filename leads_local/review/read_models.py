"""What the core hands to a front end: frozen records, complete in themselves, without a connection behind them.

They may be posted from a worker's thread to the screen or printed as JSON. None of them may hold rows, cursors or paths
to be opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leads_local import files
from leads_local.citations.formats.column_roles import NO_TABLE, TableColumns
from leads_local.citations.limits import LimitAnswer
from leads_local.judgements import Judgement
from leads_local.records import (
    AS_TRAINED,
    Choice,
    Citation,
    Decision,
    ExtractedValue,
    ReadProblem,
    ScreeningMethod,
    Stage,
)
from leads_local.review.annotations import NOTHING_ADDED, Annotations
from leads_local.review.attachments import Attachment
from leads_local.review.newer_reports import NOTHING_NEWER, NewerReport
from leads_local.review.outcomes import OutcomeState

_SHORTEST_SHA = 8  # digits by which a person may call a file
UNMATCHED = "unmatched PDF"
"""What people read as the kind of a record that was made for a PDF which matched none. Another program's export may say
so, too."""


class RecordFilter(StrEnum):
    """Which records a list holds. UNDECIDED: nothing holds yet; of those TO_DO: the person at the keyboard has to
    decide, CONFLICT: reviewers differ, WAITING: a second one has to decide (where only what was excluded waits, whoever
    is at the keyboard sees that of their own decisions only). NEEDS_LOOK: the model's work on it failed,
    its duplicates or its reviewers' decisions differ, or (at the full-text stage) there is no document that can be
    read. EARLIER_WORDING: people decided it, or the model judged it, by other criteria than there are now, or other
    words of them. CHANGED: people decided it before a newer export changed it in substance: title or abstract, or a
    retraction. RULED_OUT: what a limit takes out before screening; no other list, nor ALL, has these."""

    ALL = "all"
    UNDECIDED = "undecided"
    TO_DO = "to_do"
    INCLUDED = "included"
    EXCLUDED = "excluded"
    MAYBE = "maybe"
    CONFLICT = "conflict"
    WAITING = "waiting"
    NEEDS_LOOK = "needs_look"
    EARLIER_WORDING = "earlier_wording"
    CHANGED = "changed"
    RULED_OUT = "ruled_out"


class RecordOrder(StrEnum):
    """ENTRY: as imported. SCORE: the model's score, highest first, those without one last. CHANCE: the same by the
    score that its probabilities lead one to expect (the score itself where they are not known), which is also the order
    of calibrated probabilities."""

    ENTRY = "entry"
    SCORE = "score"
    CHANCE = "chance"


class ValueStatus(StrEnum):
    """What a person has said of an extracted value. PROPOSED: nothing yet."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    EDITED = "edited"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class PutBackReport:
    """What became of rescued acts: ``done`` again, ``there`` already, or left to be done ``by_hand``, each with the
    reason."""

    done: int
    there: int
    by_hand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """``read`` records stood in the file; ``added`` are new. ``already`` counts them when this very file had been
    imported before. ``doubt`` says that records may hold lines of each other, where they may. ``tells``: the tools
    whose decisions, labels or notes stand in the records. ``columns``: of a table. ``newer``:
    what it says newer of records that were known. ``sha256``: of the
    file."""

    path: str
    format: str
    encoding: str
    read: int
    added: int
    already: int
    problems: tuple[ReadProblem, ...] = ()
    doubt: str = ""
    tells: tuple[str, ...] = ()
    columns: TableColumns = NO_TABLE
    newer: NewerReport = NOTHING_NEWER
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class DedupeReport:
    """``groups`` have more than one record; ``duplicates`` are the records that another one stands for. ``conflicts``
    are the heads of groups whose records had been decided differently: the latest decision counts until someone looks
    again. ``doubts``: of how many pairs a person has to say whether they are one report."""

    records: int
    groups: int
    duplicates: int
    conflicts: tuple[int, ...] = ()
    doubts: int = 0


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """Records of one report, rising, and why they are one. ``head`` stands for them."""

    head: int
    records: tuple[int, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenDoubt:
    """Two records of which a person has to say whether they are one report, and why it can't be told."""

    one: int
    other: int
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """An imported file: ``number`` is its place in the list of them, from 1. ``records`` came with it, of which another
    one stands for ``duplicates``. Where it is ``withdrawn``, none of them is in the review any more."""

    number: int
    path: str
    sha256: str
    format: str
    at: str
    records: int
    duplicates: int
    problems: int
    withdrawn: bool = False
    reason: str = ""
    withdrawn_by: str = ""
    withdrawn_at: str = ""

    def is_called(self, named: str) -> bool:
        """Whether a person may call it so."""
        return is_file_called(self.path, self.sha256, named)


def is_file_called(path: str, sha256: str, named: str) -> bool:
    """Whether a person may call this file so: by its path, its name, or the beginning of its SHA-256."""
    short = len(named) >= _SHORTEST_SHA and sha256.startswith(named.lower())
    return named in (path, files.name_of(path)) or short


@dataclass(frozen=True, slots=True)
class RecordSummary:
    """One line of a list. ``choice`` is what holds, None also where reviewers differ or wait for each other."""

    id: int
    title: str
    authors: tuple[str, ...]
    year: int | None
    choice: Choice | None
    score: float | None
    has_fulltext: bool
    failed: bool
    state: OutcomeState | None = None  # None where nobody has decided
    own: Choice | None = None  # what the person at the keyboard decides
    expected: float | None = None  # the score that the model's probabilities lead one to expect
    ruled_out_by: str = ""  # the limit that takes it out before screening
    noticed: tuple[str, ...] = ()  # what has become of the paper: retracted, or under an expression of concern

    @property
    def shown_title(self) -> str:
        """The title, or that there is none, after what has become of the paper, so that no list hides a retraction."""
        marks = "".join(f"[{one.upper().replace('-', ' ')}] " for one in self.noticed)
        return f"{marks}{self.title or '(no title)'}"


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another record of the same report."""

    id: int
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class ScreeningView:
    """What the model suggested at one stage. ``left_out`` names the parts of the paper that did not fit into the
    prompt; ``expected`` is the score that its probabilities lead one to expect, None where they are not known;
    ``reply_id`` is the reply that judged, the first of ``parts`` where the paper was asked about in parts (0: as one
    text) and its judgements are those of the parts together. ``stale``: it is by other criteria, or other words of
    them, than are asked now."""

    judgements: tuple[Judgement, ...]
    score: float
    model: str
    pack: str
    at: str
    margin: float | None = None
    left_out: tuple[str, ...] = ()
    expected: float | None = None
    way: ScreeningMethod = AS_TRAINED
    reply_id: int = 0
    parts: int = 0
    stale: bool = False


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """``action`` is "decided", "undone" or "redone"; ``at`` is when that happened and ``by`` who did it,
    ``decision.at`` when the decision was made."""

    action: str
    decision: Decision
    at: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class ModelFailure:
    """Model work that did not succeed. ``raw`` is what the model wrote, if anything. ``comparison``: it was asked
    only to compare ways of asking."""

    record_id: int
    task: str
    item: str
    reason: str
    raw: str = ""
    stage: str = ""
    comparison: bool = False


@dataclass(frozen=True, slots=True)
class RecordView:
    """Everything about one report: the head of its duplicate group, and what holds for all its records. ``decisions``
    is what holds, by stage; ``states`` says whether anything does, where somebody has decided; ``votes`` is what each
    reviewer decides, in their order. ``not_retrieved_by``: who says that its report could not be had, None where nobody
    does. ``apart``: a person has said, in an earlier version, that it is nobody's duplicate; ``apart_from``: that it is
    another report than these records. ``limits``: what each limit says by its records'
    fields; ``ruled_out_by``: the one that takes it out before screening, "" for none."""

    id: int
    citation: Citation
    source: str
    duplicates: tuple[Duplicate, ...] = ()
    reasons: tuple[str, ...] = ()
    screenings: Mapping[Stage, ScreeningView] = field(default_factory=dict)
    decisions: Mapping[Stage, Decision] = field(default_factory=dict)
    states: Mapping[Stage, OutcomeState] = field(default_factory=dict)
    votes: Mapping[Stage, tuple[Decision, ...]] = field(default_factory=dict)
    history: tuple[HistoryEntry, ...] = ()
    fulltext: Attachment | None = None
    failures: tuple[ModelFailure, ...] = ()
    annotations: Annotations = NOTHING_ADDED
    not_retrieved_by: str | None = None
    apart: bool = False
    apart_from: tuple[int, ...] = ()
    limits: tuple[LimitAnswer, ...] = ()
    ruled_out_by: str = ""

    @property
    def judgements(self) -> dict[Stage, tuple[Judgement, ...]]:
        return {stage: screening.judgements for stage, screening in self.screenings.items()}

    @property
    def scores(self) -> dict[Stage, float]:
        return {stage: screening.score for stage, screening in self.screenings.items()}

    @property
    def failure(self) -> ModelFailure | None:
        return self.failures[0] if self.failures else None


@dataclass(frozen=True, slots=True)
class StoredValue:
    """A value as the model proposed it and what a person made of it. ``final_text`` is what holds: the model's text
    until a person has edited it, "" once it is rejected. ``left_out`` names the parts of the paper that the model did
    not see. ``document`` is the SHA-256 of the file that the quote's passage and page are of, ``file`` its path: a
    report may have several, and another one since."""

    id: int
    record_id: int
    value: ExtractedValue
    status: ValueStatus = ValueStatus.PROPOSED
    final_text: str = ""
    note: str = ""
    reviewer: str = ""
    at: str = ""
    model: str = ""
    pack: str = ""
    current: bool = True
    left_out: tuple[str, ...] = ()
    document: str = ""
    file: str = ""

    @property
    def page(self) -> int:
        """The page (1-based) of the evidence, 0 when none was found."""
        quote = self.value.quote
        return quote.places[0].page if quote is not None and quote.places else 0


@dataclass(frozen=True, slots=True)
class IncompletePaper:
    """A paper that did not fit into the prompts of ``stage`` as one text: the sections that no prompt held, and in how
    many parts the rest was asked about (0: as one text)."""

    record_id: int
    stage: str
    left_out: tuple[str, ...]
    parts: int

    def in_words(self) -> str:
        asked = [f"asked about in {self.parts} parts"] if self.parts else []
        return "; ".join(asked + ([f"the model did not read {', '.join(self.left_out)}"] if self.left_out else []))


@dataclass(frozen=True, slots=True)
class WorkState:
    pending: int
    done: int
    failed: int

    @property
    def total(self) -> int:
        return self.pending + self.done + self.failed


@dataclass(frozen=True, slots=True)
class Event:
    id: int
    kind: str
    text: str
    reviewer: str
    at: str


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """On how many reports of a stage something holds, on how many the reviewers differ, and how many of those that the
    person at the keyboard has decided wait for a second reviewer (where nobody is: how many wait)."""

    settled: int = 0
    conflict: int = 0
    waiting: int = 0

    def moved(self, before: OutcomeState | None, after: OutcomeState | None) -> OutcomeCounts:
        """The same once a report that was counted in one of them is counted in another, None being none of them."""
        counts = {str(state): getattr(self, state) - (state is before) + (state is after) for state in OutcomeState}
        return OutcomeCounts(**counts)

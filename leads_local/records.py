"""The records that layers hand to each other: frozen, typed, without behaviour beyond their own consistency.

Terms follow PRISMA 2020: a *record* is one entry of a database export, a *report* is a document, a *study* is what was
done. Texts in here come from outside. They are data: never markup, SQL, shell or instructions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# ---------------------------------------------------------------- citations


@dataclass(frozen=True, slots=True)
class Citation:
    """One bibliographic record as a source gave it, normalised only where that loses nothing.

    ``doi`` is lower-case without a resolver prefix, ``pmid`` is digits, ``year`` is the publication year or None.
    ``extra`` keeps every field that has no place above, as ``(tag, value)`` in the order of the file, so that a writer
    can give it back. ``number`` is the 1-based place of the record in its source.
    """

    title: str = ""
    abstract: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    language: str = ""
    kind: str = ""
    keywords: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True)
class ReadProblem:
    """Something in a file that could not be read as it should. ``raw`` keeps what stood there, so that nothing is lost.

    ``whole`` says that ``raw`` is a whole record that was left out, not a stray line or a remark about a record that
    was read. ``doubtful`` says that records may hold lines of each other.
    """

    message: str
    line: int = 0
    """Where it begins, from 1; 0 where it is about no one line."""
    raw: str = ""
    whole: bool = False
    doubtful: bool = False

    def in_words(self, file: str) -> str:
        """For a person, with the name of the file, and the line where there is one."""
        place = f"{file}, line {self.line}" if self.line else file
        return f"{place}: {self.message}"


# ---------------------------------------------------------------- documents


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page in PDF points, origin at the top left of the page as displayed (rotation applied)."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Span:
    """``text[start:end]`` of a passage stands in ``box`` on ``page`` (1-based). One span for each printed line.
    ``confidence``: how sure OCR is of the line, 0 to 1; None where the text is the file's own."""

    start: int
    end: int
    page: int
    box: Box
    confidence: float | None = None


class PassageKind(StrEnum):
    """What a passage is. Furniture is running heads, page numbers and the like: kept, but never shown to a model."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    CAPTION = "caption"
    TABLE_ROW = "table_row"
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of text that belongs together, in reading order. A table row's cells are joined by ``" | "``.

    ``section`` is the normalised name of the section it stands in (``abstract``, ``methods``, ``results``,
    ``references`` …) or "".
    """

    order: int
    kind: PassageKind
    text: str
    spans: tuple[Span, ...]
    section: str = ""

    @property
    def page(self) -> int:
        return self.spans[0].page if self.spans else 0

    @property
    def by_ocr(self) -> bool:
        """Whether OCR has read it from a picture, so that any letter and any number may be wrong."""
        return any(span.confidence is not None for span in self.spans)


class PageState(StrEnum):
    """What could be read of a page. NOT_LOOKED_AT: an earlier version read it, which did not look."""

    NOT_LOOKED_AT = ""
    READ = "read"
    BLANK = "blank"
    PICTURE = "picture"
    """A scan: next to no text, and a picture that covers the page or holds writing."""
    DRAWN = "drawn"
    """Most of its writing is drawn as curves and is no text."""
    GIBBERISH = "gibberish"
    """Its fonts do not say which letters they show; its text is left out."""
    DAMAGED = "damaged"
    """A part of it, or all, could not be read."""
    OCR = "ocr"
    """Its writing is a picture or drawn, and OCR has read it: any letter and any number may be wrong."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: ``width`` and ``height`` in points as displayed; ``characters`` is 0 where a page holds only a
    picture. ``pictured``: how many of its tables are pictures or drawn, so that their cells are no text.
    ``confidence``: how sure OCR is of what it read on the page, 0 to 1; 0 where it read nothing."""

    number: int
    width: float
    height: float
    characters: int
    state: PageState = PageState.NOT_LOOKED_AT
    pictured: int = 0
    confidence: float = 0.0

    @property
    def unread(self) -> bool:
        """Whether text that stands on it is, or may be, missing."""
        return self.state not in (PageState.NOT_LOOKED_AT, PageState.READ, PageState.BLANK, PageState.OCR)


@dataclass(frozen=True, slots=True)
class PageRange:
    """Pages of a file, counted from 1, ``last`` among them."""

    first: int
    last: int

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def in_words(self) -> str:
        return f"{'page' if self.first == self.last else 'pages'} {self}"


@dataclass(frozen=True, slots=True)
class Document:
    """What the reader made of one PDF. Either there are passages, or ``problem`` says in one sentence why there are
    none.

    ``notice`` is a remark about a document that could be read only in part (some pages are scans, say). ``missing``:
    how many pages the file should have and lacks, as far as that can be seen. ``rebuilt``: the file's own list of pages
    was damaged and made anew, so that pages may be missing unseen. ``ocr_engine``: what read the pages that are
    pictures, "" where nothing did.
    """

    path: str
    sha256: str
    pages: tuple[Page, ...] = ()
    passages: tuple[Passage, ...] = ()
    problem: str = ""
    notice: str = ""
    info: tuple[tuple[str, str], ...] = ()  # what the file says of itself: title, author, subject, keywords
    missing: int = 0
    rebuilt: bool = False
    ocr_engine: str = ""


@dataclass(frozen=True, slots=True)
class QuotePlace:
    """One rectangle of a quote on one page. ``confidence`` as in ``Span``."""

    page: int
    box: Box
    confidence: float | None = None


_DOUBTS = {
    "nearest": "nearest passage, words differ",
    "other numbers": "the value's numbers are not in it",
    "other column": "the value stands in another column than its group's",
}


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a paper and where they stand. ``match`` says how they were found: "exact" or "normalised"; "other
    numbers" where they stand there, but not the numbers of the value that they are quoted for; "other column" where
    these stand in a table under another head than the value's group; "ocr" where they stand in what OCR read from a
    picture, which may be wrong; "nearest" where the paper does not hold them, and the place is that of the passage most
    like them; "" for no place at all."""

    text: str
    match: str = ""
    passage: int = -1  # Passage.order
    places: tuple[QuotePlace, ...] = ()

    @property
    def found(self) -> bool:
        """Whether the words stand in the paper and hold what they are quoted for."""
        return self.match in ("exact", "normalised")

    @property
    def stands(self) -> bool:
        """Whether the words stand in the paper as it was read, with what they are quoted for or not."""
        return self.found or self.match in ("other numbers", "other column", "ocr")

    @property
    def confidence(self) -> float | None:
        """How sure OCR is of the least certain of the lines, 0 to 1; None where the text is the file's own."""
        return min((place.confidence for place in self.places if place.confidence is not None), default=None)

    @property
    def doubt(self) -> str:
        """What is wrong with a place that is shown all the same, in words; "" where nothing is."""
        doubts = [_DOUBTS.get(self.match, "")]
        if self.match == "ocr" or self.confidence is not None:
            sure = f", {self.confidence:.0%} sure" if self.confidence is not None else ""
            doubts.append(f"read by OCR{sure}: compare it with the page")
        return "; ".join(filter(None, doubts))


# ---------------------------------------------------------------- the review's question


PICO = ("population", "intervention", "comparison", "outcome")


@dataclass(frozen=True, slots=True)
class Question:
    """The review's question as PICO. An empty part is not asked about and not scored."""

    title: str = ""
    population: str = ""
    intervention: str = ""
    comparison: str = ""
    outcome: str = ""

    @property
    def parts(self) -> dict[str, str]:
        """The parts of PICO that say something, in that order: name → text."""
        return {name: getattr(self, name) for name in PICO if getattr(self, name).strip()}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One eligibility criterion: ``name`` (Population, Design …) and ``text``. ``id`` is 0 until a review has stored
    it."""

    name: str
    text: str
    id: int = 0


class Eligibility(StrEnum):
    """What a model says of one criterion. The score that upstream gives each is in ``tasks.screening``."""

    YES = "YES"
    PARTIAL = "PARTIAL"
    NO = "NO"
    UNCERTAIN = "UNCERTAIN"


class ScreeningMode(StrEnum):
    """FULL: word and reason for each criterion in turn, as LEADS was trained. TRIAGE: all words first, reasons where
    someone must look."""

    FULL = "full"
    TRIAGE = "triage"


class PaperPosition(StrEnum):
    """Where the paper stands in a screening prompt. TRAINED: before the criteria, as LEADS was trained. CRITERIA_FIRST:
    last, so that all records share the evaluation of everything before it."""

    TRAINED = "trained"
    CRITERIA_FIRST = "criteria-first"


@dataclass(frozen=True, slots=True)
class ScreeningMethod:
    """How screening asks. Another way can give other judgements, so it is stored with each."""

    mode: ScreeningMode = ScreeningMode.FULL
    layout: PaperPosition = PaperPosition.TRAINED

    def __str__(self) -> str:
        return f"{self.mode}, {self.layout}"


AS_TRAINED = ScreeningMethod()


class Stage(StrEnum):
    ABSTRACT = "abstract"
    FULLTEXT = "fulltext"


class Choice(StrEnum):
    INCLUDE = "include"
    EXCLUDE = "exclude"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one record at one stage. ``at`` is UTC, ISO 8601."""

    record_id: int
    stage: Stage
    choice: Choice
    reason: str = ""
    reviewer: str = ""
    at: str = ""


# ---------------------------------------------------------------- extraction


@dataclass(frozen=True, slots=True)
class Field:
    """One study characteristic to extract: ``name`` and what is meant by it."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome whose results are to be extracted for each arm."""

    name: str
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One participant statistic (age, sex …) to be extracted for each arm."""

    name: str
    definition: str = ""
    param_type: str = "MEAN"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a trial as a model read it. ``kind`` is ClinicalTrials.gov's arm group type (EXPERIMENTAL,
    PLACEBO_COMPARATOR …)."""

    label: str
    kind: str = ""
    description: str = ""
    interventions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExtractedValue:
    """One extracted value. ``(task, item, group, part)`` says what it is a value of.

    ``task`` is characteristics, results, participants or arms; ``item`` the field, outcome, measure or arm; ``group``
    the arm where there is one; ``part`` what of it (``value``, ``unit``, ``denominator``, ``time frame``, ``type`` …).
    ``text`` is "" where the paper was said not to report it. ``quote`` is the evidence, found or not.
    ``parts_disagree``: another part of the paper gives another text for the same. ``cut``: the answer was as long as it
    might be, so that more may follow. Where one of these holds, ``note`` says so in words.
    """

    task: str
    item: str
    text: str
    group: str = ""
    part: str = "value"
    note: str = ""
    quote: Quote | None = None
    parts_disagree: bool = False
    cut: bool = False


# ---------------------------------------------------------------- long work


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long piece of work has come. ``total`` is 0 while it is not known; ``note`` is for a person to read."""

    what: str
    done: int
    total: int
    failed: int = 0
    record_id: int = 0
    note: str = ""

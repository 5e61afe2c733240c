"""What could be read of a paper, in numbers: pages, signs, tables, words. Made when a PDF is read, and kept with it.

What is not known is said to be so: a file that an earlier version has read was not looked at page by page.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from leads_local.documents.captions import split_table_caption
from leads_local.documents.characters import count_unreadable
from leads_local.documents.notices import format_page_ranges
from leads_local.documents.pictured_tables import without_rows
from leads_local.records import Document, Page, PageState, Passage, PassageKind

PageCounts = tuple[tuple[int, int], ...]
"""(page, how many) for each page that has any."""


@dataclass(frozen=True, slots=True)
class KeptOcr:
    """What a review keeps of OCR beside its text, which is never deleted: ``at`` says when OCR was last asked for or
    taken back. Where it holds, ``digest`` is that of the text, which stands in the passages numbered ``first`` to
    ``end - 1``, and ``problem``, ``notice`` and ``before`` (a Reading as JSON) are what was said of the file without
    it."""

    at: str
    digest: str = ""
    first: int = 0
    end: int = 0
    problem: str = ""
    notice: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """``states``: the pages that were not simply read, with what they are; ``missing`` and ``rebuilt`` as in
    ``Document``; ``signs``: how many signs could not be read on which page; ``tables``: how many have rows; ``bare``:
    name and page of those that have none; ``pictured``: how many tables of which page are pictures; ``words``: of the
    running text that the model is given; ``looked_at``: False where an earlier version read the file; ``ocr``: how
    sure OCR is (0 to 1) of each page that it read, ``engine``: which OCR that was, ``kept``: see there."""

    pages: int
    states: tuple[tuple[int, PageState], ...] = ()
    missing: int = 0
    rebuilt: bool = False
    signs: PageCounts = ()
    tables: int = 0
    bare: tuple[tuple[str, int], ...] = ()
    pictured: PageCounts = ()
    words: int = 0
    looked_at: bool = True
    ocr: tuple[tuple[int, float], ...] = ()
    engine: str = ""
    kept: KeptOcr | None = None

    @property
    def unread(self) -> tuple[int, ...]:
        """The pages of which text is, or may be, missing."""
        return tuple(page for page, state in self.states if state not in (PageState.BLANK, PageState.OCR))

    @property
    def unreadable_signs(self) -> int:
        return sum(count for _, count in self.signs)

    @property
    def whole(self) -> bool:
        """Whether nothing is known to be lost or guessed: all pages, all signs, no table is a picture, none by OCR."""
        lost = self.unread or self.missing or self.rebuilt or self.signs or self.pictured or self.ocr
        return self.looked_at and not lost

    def state_of(self, page: int) -> PageState:
        usual = PageState.READ if self.looked_at else PageState.NOT_LOOKED_AT
        return dict(self.states).get(page, usual)

    def confidence_of(self, page: int) -> float:
        return dict(self.ocr).get(page, 0.0)

    @property
    def confidence(self) -> float:
        """How sure OCR is of the page that it is least sure of, 0 to 1; 0 where it read none."""
        return min((sure for _, sure in self.ocr), default=0.0)

    def pictured_on(self, page: int) -> int:
        return dict(self.pictured).get(page, 0)


def read_from(document: Document) -> Reading:
    """What the reader made of a paper."""
    shown = [passage for passage in document.passages if passage.kind is not PassageKind.FURNITURE]
    bare = tuple((" ".join(one.name.split()), one.page) for one in without_rows(document.passages))
    return Reading(
        pages=len(document.pages),
        states=tuple((page.number, page.state) for page in document.pages if _is_remarkable(page)),
        missing=document.missing,
        rebuilt=document.rebuilt,
        signs=_count_signs(shown),
        tables=_count_tables(shown, bare),
        bare=bare,
        pictured=tuple((page.number, page.pictured) for page in document.pages if page.pictured),
        words=sum(len(passage.text.split()) for passage in shown),
        looked_at=all(page.state is not PageState.NOT_LOOKED_AT for page in document.pages),
        ocr=tuple((page.number, page.confidence) for page in document.pages if page.state is PageState.OCR),
        engine=document.ocr_engine,
    )


def _is_remarkable(page: Page) -> bool:
    return page.state not in (PageState.NOT_LOOKED_AT, PageState.READ)


def _count_signs(passages: Sequence[Passage]) -> PageCounts:
    signs: Counter[int] = Counter()
    for passage in passages:
        for span in passage.spans:
            signs[span.page] += count_unreadable(passage.text[span.start : span.end])
    return tuple((page, count) for page, count in sorted(signs.items()) if count)


def _count_tables(passages: Sequence[Passage], bare: Sequence[tuple[str, int]]) -> int:
    """How many tables have a caption and rows, each once though it goes on over pages."""
    names = {
        "".join(name.split()).lower()
        for passage in passages
        if passage.kind is PassageKind.CAPTION and (name := split_table_caption(passage.text)[0])
    }
    return len(names - {"".join(name.split()).lower() for name, _ in bare})


def to_json(reading: Reading) -> str:
    return json.dumps(asdict(reading), separators=(",", ":"))


def from_json(text: str) -> Reading:
    """Raises ValueError for anything that ``to_json`` does not write."""
    try:
        told = json.loads(text)
        return Reading(
            **{
                **told,
                "states": tuple((page, PageState(state)) for page, state in told["states"]),
                **{name: tuple((one, other) for one, other in told[name]) for name in ("signs", "bare", "pictured")},
                "ocr": tuple((page, sure) for page, sure in told.get("ocr", ())),
                "kept": KeptOcr(**told["kept"]) if told.get("kept") else None,
            }
        )
    except (TypeError, KeyError) as error:
        raise ValueError(f"not what was read of a paper: {error}") from error


def describe(reading: Reading) -> str:
    """One line for a person."""
    read = reading.pages - len(reading.unread)
    parts = [f"{read} of {reading.pages} pages read{_why_not(reading)}"]
    if not reading.looked_at:
        parts = [f"{reading.pages} pages, read by an earlier version, which did not look for what was lost"]
    if reading.ocr:
        parts.append(
            f"{_pages(format_page_ranges([page for page, _ in reading.ocr]))} by OCR ({describe_ocr(reading)})"
        )
    if reading.missing:
        parts.append(f"{reading.missing} missing from the file")
    if reading.rebuilt:
        parts.append("the file is damaged, pages may be missing")
    if reading.signs:
        pages = format_page_ranges([page for page, _ in reading.signs])
        parts.append(f"{_count(reading.unreadable_signs, 'unreadable sign')} ({_pages(pages)})")
    parts.append(_describe_tables(reading))
    parts.append(_count(reading.words, "word"))
    return ", ".join(parts)


def describe_ocr(reading: Reading) -> str:
    """Which OCR read pages of it, and how sure it is of the page that it is least sure of."""
    return f"{reading.engine}, {'' if len(reading.ocr) == 1 else 'at least '}{reading.confidence:.0%} sure"


def _why_not(reading: Reading) -> str:
    kinds: dict[PageState, list[int]] = {}
    for page, state in reading.states:
        if state is not PageState.OCR:
            kinds.setdefault(state, []).append(page)
    said = [f"{_pages(format_page_ranges(pages))} {state}" for state, pages in kinds.items()]
    return f" ({'; '.join(said)})" if said else ""


def _describe_tables(reading: Reading) -> str:
    pictured = sum(count for _, count in reading.pictured)
    parts = [_count(reading.tables, "table")]
    if reading.bare:
        which = ", ".join(f"{name} on page {page}" for name, page in reading.bare)
        parts.append(f"{len(reading.bare)} without rows ({which})")
    if pictured:
        parts.append(f"{pictured} {'a picture' if pictured == 1 else 'pictures'}")
    return " and ".join(parts) if len(parts) < 3 else f"{parts[0]}, {parts[1]}, of these {parts[2]}"


def _pages(ranges: str) -> str:
    return f"{'pages' if ',' in ranges or '-' in ranges else 'page'} {ranges}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"

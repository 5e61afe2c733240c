"""What OCR read of pages that are pictures, as passages of their document. No engine is known here.

Engines give words with boxes. Lines are made straight again where the page was scanned askew, words get the type size
and the baseline that their letters speak of, and the same layout as for printed text makes passages of them. Each span
keeps how sure the engine was, and the box of its letters in the picture, so that nobody takes them for the file's own
text. The document's own passages stay as they are, under the same numbers, since quotes point at them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import groupby
from statistics import mean, median

from leads_local.documents import layout, notices
from leads_local.documents.geometry import Fragment, Frame, Sheet, Word
from leads_local.records import Box, Document, Page, PageState, Passage, PassageKind, Span

READABLE = frozenset({PageState.PICTURE, PageState.DRAWN, PageState.GIBBERISH})
"""The pages whose writing can be seen and is no text."""

_HIGH, _LOW = frozenset("bdfhijklt&%!?"), frozenset("gjpqyQ,;()[]{}|/@$§µμ")
_SHARE = {(True, False): 0.71, (True, True): 0.93, (False, True): 0.69, (False, False): 0.48}
"""Of a type size, how high words are that have (high, low) letters: "Ab", "Ag", "ag", "ac"."""
_ASCENT, _DESCENT = 0.8, 0.22  # of the type size, above and below the baseline
_ALIKE = 0.18  # how far a line's measured size may be from the running text's for the same type
_GUTTER = 1.0  # a gap of this many type sizes may be a gutter between columns or cells
_SKEWED = 0.001  # slope from which lines are made straight
_STEEPEST = 0.2  # slope that is still taken for a line's
_HAIR = 0.6  # points: how far a word may stand out of its line's box


@dataclass(frozen=True, slots=True)
class OcrWord:
    """A word that was read: its box in points on the page as displayed, how sure the engine is of it (0 to 1), and by
    number the printed line that it stands in."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float
    line: int


@dataclass(frozen=True, slots=True)
class OcrPage:
    """What an engine read of a page, lines in any order, words of a line from left to right; ``turn`` as in ``Frame``.
    ``problem``: why it read nothing."""

    number: int
    words: tuple[OcrWord, ...] = ()
    turn: int = 0
    problem: str = ""


def dumps(page: OcrPage) -> bytes:
    """The page as one line of JSON, for the pipe between a worker and us."""
    value = [page.number, page.turn, page.problem, [astuple(word) for word in page.words]]
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def loads(line: bytes) -> OcrPage:
    """The page of one line. Raises ValueError for anything that ``dumps`` does not write."""
    try:
        number, turn, problem, words = json.loads(line)
        if turn not in (0, 90, 180, 270):
            raise ValueError(f"not a direction: {turn}")
        return OcrPage(int(number), tuple(_unpack_word(*word) for word in words), turn, str(problem))
    except TypeError as error:
        raise ValueError(f"not a page: {error}") from error


def _unpack_word(text: str, x0: float, y0: float, x1: float, y1: float, confidence: float, line: int) -> OcrWord:
    return OcrWord(str(text), float(x0), float(y0), float(x1), float(y1), float(confidence), int(line))


def pages_to_read(document: Document) -> list[int]:
    """The numbers of the pages that OCR could read: those whose writing can be seen and is no text."""
    return [page.number for page in document.pages if page.state in READABLE]


def add_pages(document: Document, found: Iterable[OcrPage], engine: str) -> Document:
    """The document with what OCR read of some of its pages. Its own passages keep their numbers, what was read comes
    after them by number and in its place by order. Pages of which nothing was read stay what they are."""
    pages = {page.number: page for page in document.pages}
    own = _own_places(document.passages)
    read = {one.number: _without_own(one, own.get(one.number, ())) for one in found if one.number in pages}
    read = {number: one for number, one in read.items() if one.words}
    if not read:
        return document
    passages = _passages_of(list(read.values()), pages)
    start = max((passage.order for passage in document.passages), default=-1) + 1
    passages = [replace(passage, order=start + place) for place, passage in enumerate(passages)]
    told = {number: round(sureness(one.words), 3) for number, one in read.items()}
    changed = tuple(
        replace(page, state=PageState.OCR, confidence=told[page.number]) if page.number in told else page
        for page in document.pages
    )
    result = replace(
        document,
        pages=changed,
        passages=in_reading_order(document.passages, passages),
        problem="",
        ocr_engine=engine,
    )
    return replace(result, notice=_notice(document, result))


def _notice(before: Document, after: Document) -> str:
    """What was said of the document, with what is true of its pages now."""
    rest = before.notice.replace(notices.describe_unread(before.pages), "").strip()
    return " ".join(filter(None, (notices.describe_unread(after.pages), rest)))


def in_reading_order(own: Sequence[Passage], read: Sequence[Passage]) -> tuple[Passage, ...]:
    """A document's own passages with those that OCR read, each of these after what stands on its page and before it."""
    result: list[Passage] = []
    waiting, page = list(read), 0
    for passage in own:
        page = max(page, passage.page)
        while waiting and waiting[0].page < page:
            result.append(waiting.pop(0))
        result.append(passage)
    return (*result, *waiting)


# ---------------------------------------------------------------- pages that are partly text


def _own_places(passages: Iterable[Passage]) -> dict[int, list[Box]]:
    places: dict[int, list[Box]] = {}
    for passage in passages:
        for span in passage.spans:
            places.setdefault(span.page, []).append(span.box)
    return places


def _without_own(page: OcrPage, own: Sequence[Box]) -> OcrPage:
    """The page without the words that the file itself has as text."""
    if not own:
        return page
    return replace(page, words=tuple(word for word in page.words if not any(_is_in(word, box) for box in own)))


def _is_in(word: OcrWord, box: Box) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
    return box.x0 - _HAIR <= x <= box.x1 + _HAIR and box.y0 - _HAIR <= y <= box.y1 + _HAIR


# ---------------------------------------------------------------- words to lines of one type


@dataclass(frozen=True, slots=True)
class _PrintedLine:
    """Words on one baseline, in the frame that they are read in and as straight as they were printed."""

    words: tuple[OcrWord, ...]  # as the engine gave them
    boxes: tuple[Box, ...]  # of the same words, in the frame
    size: float
    base: float


def _passages_of(found: Sequence[OcrPage], pages: Mapping[int, Page]) -> list[Passage]:
    lines = {page.number: list(_printed_lines(page, pages[page.number])) for page in found}
    body = _usual_size(line for on_page in lines.values() for line in on_page)
    sheets, printed = [], {}
    for page in sorted(found, key=lambda one: one.number):
        told = pages[page.number]
        across, down = (told.height, told.width) if page.turn in (90, 270) else (told.width, told.height)
        alike = [replace(line, size=_type_size(line.size, body)) for line in lines[page.number]]
        fragments = tuple(fragment for line in alike for fragment in _fragments(line))
        frame = Frame(page.turn, across, down, fragments)
        sheets.append(Sheet(page.number, told.width, told.height, (frame,)))
        printed[page.number] = [placed for line in alike for placed in _places(line, frame)]
    return [_measured(passage, printed) for passage in layout.build_passages(sheets)]


def _printed_lines(page: OcrPage, told: Page) -> Iterator[_PrintedLine]:
    by_line = groupby(sorted(page.words, key=lambda word: word.line), key=lambda word: word.line)
    lines = [tuple(words) for _, words in by_line]
    framed = [[_in_frame(word, page.turn, told) for word in words] for words in lines]
    slope = _slope(lines, framed)
    for words, boxes in zip(lines, framed, strict=True):
        straight = [_straightened(box, slope) for box in boxes]
        size = median(_size(word.text, box) for word, box in zip(words, straight, strict=True))
        on_base = [box.y1 for word, box in zip(words, straight, strict=True) if not _LOW & set(word.text)]
        base = median(on_base) if on_base else median(box.y1 for box in straight) - _DESCENT * size
        yield _PrintedLine(words, tuple(straight), size, base)


def _in_frame(word: OcrWord, turn: int, page: Page) -> Box:
    """The word's box in the reading frame: see ``Frame.displayed``, of which it is the inverse."""
    x0, y0, x1, y1 = word.x0, word.y0, word.x1, word.y1
    if turn == 90:
        return Box(y0, page.width - x1, y1, page.width - x0)
    if turn == 180:
        return Box(page.width - x1, page.height - y1, page.width - x0, page.height - y0)
    if turn == 270:
        return Box(page.height - y1, x0, page.height - y0, x1)
    return Box(x0, y0, x1, y1)


def _slope(lines: Sequence[Sequence[OcrWord]], framed: Sequence[Sequence[Box]]) -> float:
    """By how much the page's lines fall to the right, the median of those that are long enough to tell."""
    slopes = []
    for words, boxes in zip(lines, framed, strict=True):
        feet = [
            ((box.x0 + box.x1) / 2, box.y1)
            for word, box in zip(words, boxes, strict=True)
            if not _LOW & set(word.text) and word.text[-1].isalnum()
        ]
        if len(feet) >= 3 and feet[-1][0] - feet[0][0] > 60:
            middle, foot = mean(x for x, _ in feet), mean(y for _, y in feet)
            spread = sum((x - middle) ** 2 for x, _ in feet)
            slopes.append(sum((x - middle) * (y - foot) for x, y in feet) / spread)
    usual = median(slopes) if slopes else 0.0
    return usual if _SKEWED < abs(usual) < _STEEPEST else 0.0


def _straightened(box: Box, slope: float) -> Box:
    down = slope * (box.x0 + box.x1) / 2
    left = slope * (box.y0 + box.y1) / 2
    return Box(box.x0 + left, box.y0 - down, box.x1 + left, box.y1 - down)


def _size(text: str, box: Box) -> float:
    """The type size that a word of such letters is as high as its box in."""
    letters = set(text)
    high = any(letter in _HIGH or letter.isupper() or letter.isdigit() for letter in letters)
    return max(1.0, (box.y1 - box.y0) / _SHARE[high, bool(_LOW & letters)])


def _usual_size(lines: Iterable[_PrintedLine]) -> float:
    """The size that half of the letters have at most."""
    sizes = sorted((line.size, sum(len(word.text) for word in line.words)) for line in lines)
    half, seen = sum(letters for _, letters in sizes) / 2, 0
    for size, letters in sizes:
        seen += letters
        if seen >= half:
            return round(size, 1)
    return 10.0


def _type_size(measured: float, body: float) -> float:
    return body if abs(measured / body - 1) < _ALIKE else round(measured)


def _fragments(line: _PrintedLine) -> Iterator[Fragment]:
    """The line's words, parted where a gap is as wide as a gutter may be."""
    run: list[Word] = []
    top, foot = line.base - _ASCENT * line.size, line.base + _DESCENT * line.size
    for word, box in sorted(zip(line.words, line.boxes, strict=True), key=lambda pair: pair[1].x0):
        if run and box.x0 - run[-1].x1 > _GUTTER * line.size:
            yield Fragment.of(run)
            run = []
        run.append(Word(word.text, box.x0, top, box.x1, foot, line.base, line.size))
    if run:
        yield Fragment.of(run)


# ---------------------------------------------------------------- how sure it is, and where it stands


@dataclass(frozen=True, slots=True)
class _Placed:
    """A word by the middle of its place on the page as it was laid out."""

    x: float
    y: float
    word: OcrWord


def _places(line: _PrintedLine, frame: Frame) -> Iterator[_Placed]:
    for word, box in zip(line.words, line.boxes, strict=True):
        at = frame.displayed(box.x0, line.base - _ASCENT * line.size, box.x1, line.base + _DESCENT * line.size)
        yield _Placed((at.x0 + at.x1) / 2, (at.y0 + at.y1) / 2, word)


def _measured(passage: Passage, printed: Mapping[int, Sequence[_Placed]]) -> Passage:
    """The passage with the boxes of its letters in the picture, and how sure the engine was of each line."""
    return replace(passage, spans=tuple(_measured_span(span, printed[span.page]) for span in passage.spans))


def _measured_span(span: Span, printed: Sequence[_Placed]) -> Span:
    box = span.box
    words = [
        placed.word
        for placed in printed
        if box.x0 - _HAIR <= placed.x <= box.x1 + _HAIR and box.y0 - _HAIR <= placed.y <= box.y1 + _HAIR
    ]
    if not words:
        return replace(span, confidence=0.0)
    box = Box(
        *(round(min(getattr(word, edge) for word in words), 2) for edge in ("x0", "y0")),
        *(round(max(getattr(word, edge) for word in words), 2) for edge in ("x1", "y1")),
    )
    return replace(span, box=box, confidence=round(sureness(words), 3))


def sureness(words: Sequence[OcrWord]) -> float:
    """How sure the engine is of these words together, longer ones counting more; 0 for none."""
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / letters if letters else 0.0


def mark_pages(passages: Iterable[Passage], pages: Sequence[Page]) -> Iterator[Passage]:
    """The passages, with a line before those of each page that OCR read which says so. These lines have numbers of
    their own, below 0, and no place: nothing is quoted from them."""
    sure = {page.number: page.confidence for page in pages if page.state is PageState.OCR}
    told = 0
    for passage in passages:
        number = passage.page if passage.by_ocr and passage.kind is not PassageKind.FURNITURE else 0
        if number and number != told:
            text = (
                f"[Page {number} was read by OCR, {sure.get(number, 0.0):.0%} sure: letters and numbers may be wrong.]"
            )
            yield Passage(-2 - passage.order, PassageKind.PARAGRAPH, text, (), passage.section)
        told = number or told
        yield passage

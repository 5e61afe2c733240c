"""Tables and figures stand behind the paragraph that first speaks of them.

Where they are printed is the typesetter's choice: overleaf, between the halves of a sentence, behind the references. A
reader turns to them where the text does, and so does whoever gets the text in parts. A table goes with its notes and
with what is printed of it overleaf; what no paragraph speaks of, and a caption without rows, stays where it is printed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from leads_local.documents.captions import FIGURE, TABLE, caption_key, is_continued, kind_of, mentioned
from leads_local.documents.paragraphs import ENUMERATOR, Block
from leads_local.records import Passage, PassageKind

_WHOLE = re.compile(r"[.?!][\"'”’)\]]*(?:\s?\[?[\d,;–-]+\]?)?$")  # the end of a text that says all it has to say
_AHEAD = 12  # passages within which a paragraph that goes on in a list, or was not joined, comes to its end
_SMALLER = 0.3  # points by which a figure's notes are set in smaller type than the text
_SHORT = 60  # characters of a piece of a table that was not taken for one of its rows
_APART = frozenset({"abstract", "references", "acknowledgements", "funding", "declarations", "appendix"})


@dataclass
class _Float:
    """A table or figure: ``places`` are those of its caption, rows and notes among the passages, in the order in which
    they are read."""

    key: str
    places: list[int] = field(default_factory=list)


def place_floats(passages: Sequence[Passage], blocks: Sequence[Block], body: float) -> list[Passage]:
    """The passages with tables and figures behind the text that first speaks of them, numbered anew. ``blocks`` are
    those that they were made of, ``body`` is the type size of the running text."""
    floats = _without_twins(_find_floats(passages, blocks, body), passages)
    own = {place for one in floats for place in one.places}
    text = [n for n, block in enumerate(blocks) if n not in own and not (block.aside or block.note) and _is_read(block)]
    behind: dict[int, list[_Float]] = {}
    wanted = {one.key: one for one in floats if passages[one.places[0]].section != "appendix"}
    for at, n in enumerate(text):
        if not wanted or passages[n].kind is not PassageKind.PARAGRAPH or passages[n].section in _APART:
            continue
        for key in mentioned(passages[n].text):
            if key in wanted and caption_key(passages[n].text) != key:
                behind.setdefault(_end_of_text(text, at, passages), []).append(wanted.pop(key))
    moved = {place for found in behind.values() for one in found for place in one.places}
    result: list[Passage] = []
    for n, passage in enumerate(passages):
        if n not in moved:
            result.append(passage)
        for place in (place for one in behind.get(n, ()) for place in one.places):
            result.append(replace(passages[place], section=passage.section or passages[place].section))
    return [passage if passage.order == n else replace(passage, order=n) for n, passage in enumerate(result)]


def _is_read(block: Block) -> bool:
    return block.kind in {PassageKind.PARAGRAPH, PassageKind.HEADING, PassageKind.TITLE}


def _end_of_text(text: Sequence[int], at: int, passages: Sequence[Passage]) -> int:
    """The place of the passage in which the text of ``text[at]`` comes to its end."""
    for here in range(at, min(at + _AHEAD, len(text) - 1)):
        following = passages[text[here + 1]]
        if following.kind is not PassageKind.PARAGRAPH:
            return text[here]
        goes_on = following.text[:1].islower() or ENUMERATOR.match(following.text.split(" ", 1)[0])
        if _WHOLE.search(passages[text[here]].text) and not goes_on:
            return text[here]
    return text[at]


def _without_twins(floats: Iterable[_Float], passages: Sequence[Passage]) -> list[_Float]:
    """The floats with what goes on under the same caption made one; those left out whose key several have, as where
    several reports stand in one file."""
    found: dict[str, _Float] = {}
    twins: Counter[str] = Counter()
    for one in floats:
        first = found.setdefault(one.key, one)
        if first is not one and is_continued(passages[one.places[0]].text):
            first.places += one.places
        else:
            twins[one.key] += 1
    return [one for one in found.values() if twins[one.key] == 1]


def _find_floats(passages: Sequence[Passage], blocks: Sequence[Block], body: float) -> Iterator[_Float]:
    place = 0
    while place < len(blocks):
        found: list[int] = []
        if blocks[place].kind is PassageKind.CAPTION and not blocks[place].aside:
            kind = kind_of(passages[place].text)
            if kind == TABLE:
                found = _table(blocks, place)
            elif kind == FIGURE:
                found = _figure(blocks, place, body)
        if found:
            yield _Float(caption_key(passages[place].text), found)
        place = max([place, *found]) + 1


def _table(blocks: Sequence[Block], place: int) -> list[int]:
    """The places of a table whose caption stands at ``place``: nothing where no rows follow it."""
    end = _end_of_rows(blocks, place + 1)
    if end == place + 1:
        return []
    found = list(range(place, end))
    while rest := _rest_of_table(blocks, found):
        found += rest
    return found


def _end_of_rows(blocks: Sequence[Block], start: int) -> int:
    """Where the rows that begin at ``start``, and the notes under them, come to their end."""
    end = start
    while end < len(blocks) and _is_row(blocks[end]):
        end += 1
    while start < end < len(blocks) and blocks[end].note:
        end += 1
    return end


def _is_row(block: Block) -> bool:
    return block.kind is PassageKind.TABLE_ROW and not block.aside


def _rest_of_table(blocks: Sequence[Block], found: Sequence[int]) -> list[int]:
    """The places of what a table goes on with, without a caption and in as many columns: after no more than short
    pieces, or overleaf."""
    last = next(blocks[place] for place in reversed(found) if _is_row(blocks[place]))
    page = _last_page(last)
    pieces: list[int] = []
    ended = False
    for place in range(found[-1] + 1, len(blocks)):
        block = blocks[place]
        overleaf = _last_page(block) - page
        if overleaf > 1 or block.kind is PassageKind.CAPTION:
            return []
        if _is_row(block):
            goes_on = len(block.cells) == len(last.cells) and (overleaf or not ended)
            return [*pieces, *range(place, _end_of_rows(blocks, place))] if goes_on else []
        if not overleaf and _is_read(block) and not block.aside:
            pieces.append(place)
            ended = ended or block.kind is not PassageKind.PARAGRAPH or len(block.text) > _SHORT
        if ended or overleaf:
            pieces = []
    return []


def _last_page(block: Block) -> int:
    return max(line.page for line in block.lines)


def _figure(blocks: Sequence[Block], place: int, body: float) -> list[int]:
    """The places of a figure whose caption stands at ``place``: the caption, its notes, and the words in the figure
    where they are printed above it."""
    caption = blocks[place]
    end = place + 1
    while (
        end < len(blocks)
        and blocks[end].kind is PassageKind.PARAGRAPH
        and not blocks[end].aside
        and blocks[end].page == caption.page
        and abs(blocks[end].size - caption.size) < 0.2
        and blocks[end].size < body - _SMALLER
    ):
        end += 1
    start = place
    while start and blocks[start - 1].aside and blocks[start - 1].page == caption.page:
        start -= 1
    return [*range(place, end), *range(start, place)]

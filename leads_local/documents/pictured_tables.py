"""Tables that a page announces and does not have as text: their cells are a picture, or drawn.

A table's caption without rows is no proof, since rows may have been taken for running text. Where a picture with lines
of writing, or drawn writing, stands right below or above the caption, the table is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from leads_local.documents import ink
from leads_local.documents.captions import split_table_caption
from leads_local.records import Box, Passage, PassageKind

_LONGEST = 400  # characters of a caption
_NEAR = 60.0  # points between a caption and its table
_TALL = 400.0  # points: how far a table that is drawn is looked for
_PIECES = 4  # of written lines that a table has at the least


@dataclass(frozen=True, slots=True)
class Announced:
    """A table's caption that no rows follow."""

    name: str
    page: int
    box: Box


def without_rows(passages: Sequence[Passage]) -> Iterator[Announced]:
    """The captions of tables that no row of a table stands next to, in reading order."""
    kept = [passage for passage in passages if passage.kind is not PassageKind.FURNITURE]
    for place, passage in enumerate(kept):
        name, rest = split_table_caption(passage.text)
        if not name or len(passage.text) > _LONGEST or not passage.spans:
            continue
        if passage.kind is not PassageKind.CAPTION and not _stands_alone(rest):
            continue
        if not _has_rows(kept, place):
            yield Announced(name, passage.page, passage.spans[0].box)


def _stands_alone(rest: str) -> bool:
    """Whether the words behind "Table 1" are its title and not the rest of a sentence."""
    return not rest.strip() or rest[0] in ".:|" or rest.lstrip()[:1].isupper()


def _has_rows(kept: Sequence[Passage], place: int) -> bool:
    """Whether rows stand right behind a caption, or right before it and under no other one."""
    for other in kept[place + 1 : place + 3]:
        if other.kind is PassageKind.TABLE_ROW:
            return True
        if other.kind is PassageKind.CAPTION:
            break
    above = place - 1
    while above >= 0 and kept[above].kind is PassageKind.TABLE_ROW:
        above -= 1
    return above < place - 1 and not (above >= 0 and kept[above].kind is PassageKind.CAPTION)


def pictured(
    announced: Iterable[Announced], page: int, picture: ink.Picture, pictures: Sequence[Box], text: Sequence[Box]
) -> list[Announced]:
    """Those of this page that are a picture (one of ``pictures``) or drawn; ``text``: where the page's text stands."""
    own = [one for one in announced if one.page == page]
    if not own:
        return []
    untold = picture.without(text)
    return [
        one for one in own if any(_is_written(untold, box) for box in _candidates(one.box, pictures, text, picture))
    ]


def _candidates(caption: Box, pictures: Sequence[Box], text: Sequence[Box], page: ink.Picture) -> Iterator[Box]:
    """Where the table of a caption may stand: pictures beside it, or the space without text below or above it."""
    for box in pictures:
        across = min(box.x1, caption.x1) - max(box.x0, caption.x0)
        if across > 0 and (0 <= box.y0 - caption.y0 < _NEAR or 0 <= caption.y1 - box.y1 < _NEAR):
            yield box
    beside = [box for box in text if min(box.x1, caption.x1) > max(box.x0, caption.x0)]
    below = min((box.y0 for box in beside if box.y0 > caption.y1 + _NEAR), default=float(page.height))
    above = max((box.y1 for box in beside if box.y1 < caption.y0 - _NEAR), default=0.0)
    yield Box(caption.x0, caption.y1, max(caption.x1, caption.x0 + 100), min(below, caption.y1 + _TALL))
    yield Box(caption.x0, max(above, caption.y0 - _TALL), max(caption.x1, caption.x0 + 100), caption.y0)


def _is_written(page: ink.Picture, box: Box) -> bool:
    return ink.count_written(page.cut(box)) >= _PIECES

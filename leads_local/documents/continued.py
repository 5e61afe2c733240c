"""Tables that go on in another column or overleaf: what went on is given its column heads, and its first row the label
that it stands under, from the part before.

What is repeated keeps the place where it is printed. A table that prints its own heads again, has another number of
columns, or another caption, is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from leads_local.documents.captions import caption_key, is_continued
from leads_local.documents.paragraphs import Block
from leads_local.records import PassageKind


@dataclass
class _Part:
    """A table, or what one page has of it: where its rows begin and end among the blocks, and its caption."""

    start: int
    end: int
    caption: str = ""


def carry_heads(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with heads and label repeated where a table goes on without them."""
    result: list[Block] = []
    at = 0
    before: list[Block] = []
    key = ""
    for part in _parts(blocks):
        rows = list(blocks[part.start : part.end])
        result.extend(blocks[at : part.start])
        at = part.end
        if before and _goes_on(part, rows, before, key):
            rows = _with_heads(rows, before)
        result.extend(rows)
        before, key = rows, caption_key(part.caption) or key
    return [*result, *blocks[at:]]


def _parts(blocks: Sequence[Block]) -> list[_Part]:
    """The runs of rows, from top to bottom; rows of figures are none."""
    parts: list[_Part] = []
    for place, block in enumerate(blocks):
        if block.kind is not PassageKind.TABLE_ROW or block.aside:
            continue
        above = blocks[place - 1] if place else None
        if parts and parts[-1].end == place and not block.begins:
            parts[-1].end = place + 1
            continue
        captioned = above is not None and above.kind is PassageKind.CAPTION
        parts.append(_Part(place, place + 1, above.text if captioned and above is not None else ""))
    return parts


def _goes_on(part: _Part, rows: Sequence[Block], before: Sequence[Block], key: str) -> bool:
    if rows[0].head or not before[0].head or len(rows[0].cells) != len(before[0].cells):
        return False
    if not 0 <= rows[0].page - before[-1].page <= 1:
        return False
    if not part.caption:
        return rows[0].page > before[-1].page
    return caption_key(part.caption) == key or is_continued(part.caption)


def _with_heads(rows: Sequence[Block], before: Sequence[Block]) -> list[Block]:
    first = rows[0]
    if not first.cells[0]:
        label = next((row.cells[0] for row in reversed(before[1:]) if row.cells[0]), ())
        cells = (label, *first.cells[1:])
        first = replace(first, cells=cells, lines=tuple(line for cell in cells for line in cell))
    return [before[0], first, *rows[1:]]

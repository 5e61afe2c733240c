"""Which blocks are headings, and which one is the title.

A heading is short, does not end like a sentence, and is set apart by its type or by what it says. The title is what is printed largest on
the first pages and is long enough to be one. Both are judged against the type of the document's running text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from leads_local.documents.paragraphs import Block
from leads_local.documents.sections import section_of
from leads_local.records import PassageKind

_LONGEST = 160
_MOST_LINES = 4
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_NUMBERED = re.compile(r"(?:\d{1,2}\.?(?:\d{1,2}\.?){0,3}|[IVX]{1,4}\.)\s+[^\W\d_]")
_UNFINISHED = re.compile(r"(?:[,;(–-]|\b(?:and|or|of|the|in|to|for|with|by|a|an))$", re.IGNORECASE)


def body_size(blocks: Sequence[Block]) -> float:
    """The type size of the running text: the one that most characters of paragraphs have."""
    sizes: Counter[float] = Counter()
    for block in blocks:
        if block.kind is PassageKind.PARAGRAPH and len(block.lines) > 1:
            sizes[block.size] += sum(line.printed.characters for line in block.lines)
    if not sizes:
        return max((block.size for block in blocks), default=0.0)
    return sizes.most_common(1)[0][0]


def told(blocks: Sequence[Block], body: float) -> list[Block]:
    """The same blocks with title and headings told from the paragraphs."""
    title = _title(blocks, body)
    result = []
    for place, block in enumerate(blocks):
        if place == title:
            block = replace(block, kind=PassageKind.TITLE)
        elif block.kind is PassageKind.PARAGRAPH and is_heading(block, body):
            block = replace(block, kind=PassageKind.HEADING)
        result.append(block)
    return result


def is_heading(block: Block, body: float) -> bool:
    text = block.text
    if len(block.lines) > _MOST_LINES or len(text) > _LONGEST or not _LETTERS.search(text) or text[0].islower():
        return False
    if section_of(text) and len(block.lines) == 1:
        return True
    numbered = _NUMBERED.match(text) is not None
    if text.endswith((".", "!", ";", ",")) and not numbered:
        return False
    if _UNFINISHED.search(text):
        return False
    capitals = text.isupper() and len(text) > 4
    larger = block.size > 1.07 * body
    italic = all(line.printed.italic for line in block.lines)
    set_apart = block.bold or larger or capitals or (italic and len(text) < 90)
    return set_apart and block.size > 0.85 * body


def _title(blocks: Sequence[Block], body: float) -> int | None:
    best, best_size = None, 1.1 * body
    for place, block in enumerate(blocks):
        if block.page > 2:
            break
        words = block.text.split()
        long_enough = len(words) >= 4 and len(block.text) >= 20 and len(block.text) < 500
        if block.kind is PassageKind.PARAGRAPH and long_enough and block.size > best_size + 0.3:
            best, best_size = place, block.size
    return best

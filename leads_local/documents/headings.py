"""Which blocks are headings, and which one is the title.

A heading is short, does not end like a sentence, and is set apart by its type or by what it says. The title is what is
printed largest on the first pages and is long enough to be one. Both are judged against the type of the document's
running text.
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


def body_font(blocks: Sequence[Block], size: float) -> str:
    """The font of the running text, whose type size is ``size``."""
    fonts: Counter[str] = Counter()
    for block in blocks:
        if block.kind is PassageKind.PARAGRAPH and len(block.lines) > 1 and abs(block.size - size) < 0.2:
            for line in block.lines:
                fonts[line.printed.font] += line.printed.characters
    return fonts.most_common(1)[0][0] if fonts else ""


def mark_headings(blocks: Sequence[Block], body: float) -> list[Block]:
    """The same blocks with title and headings told from the paragraphs; a title in several blocks is made one."""
    font = body_font(blocks, body)
    title = _find_title(blocks, body)
    begun = title is None
    result: list[Block] = []
    for place, block in enumerate(blocks):
        if block.aside:
            pass
        elif place == title:
            block = replace(block, kind=PassageKind.TITLE)
        elif result and result[-1].kind is PassageKind.TITLE and _same_typeface(result[-1], block):
            result[-1] = replace(result[-1], lines=result[-1].lines + block.lines)
            continue
        elif block.kind is PassageKind.PARAGRAPH and len(block.lines) == 1 and (section := section_of(block.text)):
            block = replace(block, kind=PassageKind.HEADING)
            begun = begun or bool(section)
        elif (
            block.kind is PassageKind.PARAGRAPH
            and begun
            and is_heading(block, body, font)
            and _stands_over_text(blocks, place, body)
        ):
            block = replace(block, kind=PassageKind.HEADING)
        result.append(block)
    return result


def _same_typeface(title: Block, block: Block) -> bool:
    return (
        block.kind is PassageKind.PARAGRAPH
        and abs(block.size - title.size) < 0.3
        and block.page == title.page
        and block.bold == title.bold
    )


def _stands_over_text(blocks: Sequence[Block], place: int, body: float) -> bool:
    """Whether running text follows soon. What stands over none is a label in a figure, or an author's name."""
    for block in blocks[place + 1 : place + 5]:
        if block.page != blocks[place].page:
            return False
        if (
            block.kind is PassageKind.PARAGRAPH
            and abs(block.size - body) < 0.06 * body
            and (len(block.lines) > 1 or len(block.text) > 60)
        ):
            return True
    return False


def is_heading(block: Block, body: float, font: str) -> bool:
    """Whether a block is set and worded as a heading; ``body`` and ``font`` are those of the running text."""
    text = block.text
    if len(block.lines) > _MOST_LINES or len(text) > _LONGEST or not _LETTERS.search(text) or text[0].islower():
        return False
    numbered = _NUMBERED.match(text) is not None
    if (
        (text.endswith((".", "!", ";", ",", ":")) and not numbered)
        or _UNFINISHED.search(text)
        or block.size < 0.85 * body
    ):
        return False
    if block.bold or block.size > 1.07 * body or (text.isupper() and len(text) > 4):
        return True
    other = all(line.printed.italic or line.printed.font != font for line in block.lines)
    return other and len(text) < 90 and abs(block.size - body) < 0.12 * body


def _find_title(blocks: Sequence[Block], body: float) -> int | None:
    best, best_size = None, 1.1 * body
    for place, block in enumerate(blocks):
        if block.page > 2:
            break
        words = block.text.split()
        long_enough = len(words) >= 4 and len(block.text) >= 20 and len(block.text) < 500
        if block.kind is PassageKind.PARAGRAPH and long_enough and block.size > best_size + 0.3:
            best, best_size = place, block.size
    return best

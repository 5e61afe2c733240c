"""Paragraphs that run on in the next column or page made whole; what stood between follows them.

A sentence that is cut shows that by itself. One that happens to end with its column's last line does not: there the
next column's first line tells, in papers that set every other paragraph's first line in.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from leads_local.documents.paragraphs import SENTENCE_END, Block, number_before
from leads_local.records import PassageKind

_FARTHEST = 200  # blocks between two parts of a paragraph
_LIKE = 0.3  # points by which the type of two parts may differ
_LEAST, _SHARE = 5, 0.8  # paragraphs under another one, and how many of them are set in, for a paper that sets them in


def join_paragraphs(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with the parts of each paragraph made one."""
    sets_in = _sets_in(blocks)
    result: list[Block] = []
    taken: set[int] = set()
    for place, block in enumerate(blocks):
        if place in taken:
            continue
        end = place
        while (following := _find_continuation(blocks, block, end, taken, sets_in)) is not None:
            taken.add(following)
            more = blocks[following]
            block = replace(block, lines=block.lines + more.lines, room=more.room)
            end = following
        result.append(block)
    return result


def _sets_in(blocks: Sequence[Block]) -> bool:
    """Whether next to all paragraphs that follow another one have their first line set in."""
    under = [
        block.indented
        for above, block in itertools.pairwise(blocks)
        if _is_text(above) and _is_text(block) and not block.first and len(block.lines) > 1 and _alike(above, block)
    ]
    return len(under) >= _LEAST and sum(under) >= _SHARE * len(under)


def _is_text(block: Block) -> bool:
    return block.kind is PassageKind.PARAGRAPH and not (block.aside or block.note)


def _alike(a: Block, b: Block) -> bool:
    return abs(a.size - b.size) < _LIKE


def _find_continuation(blocks: Sequence[Block], block: Block, place: int, taken: set[int], sets_in: bool) -> int | None:
    """Where the paragraph ``block``, whose last part stands at ``place``, goes on after the end of its column, or
    None."""
    if not _is_text(block):
        return None
    page, headed = blocks[place].lines[-1].page, False
    for other in range(place + 1, min(place + _FARTHEST, len(blocks))):
        candidate = blocks[other]
        if candidate.page > page + 2:
            return None
        if candidate.kind is PassageKind.HEADING:
            headed = True
            if _alike(candidate, block) and not _heads_other_type(blocks, other, block):
                return None
        if other in taken or not _is_text(candidate) or not _alike(candidate, block):
            continue
        if (other > place + 1 or candidate.first) and _runs_on(block, candidate, sets_in and not headed):
            return other
        if len(candidate.lines) > 1:  # other running text; a single line may be the page's foot
            return None
    return None


def _heads_other_type(blocks: Sequence[Block], place: int, block: Block) -> bool:
    """Whether a heading stands over text in another type size, as in a box between the parts of ``block``."""
    under = next((b for b in blocks[place + 1 :] if _is_text(b)), None)
    return under is not None and under.page == blocks[place].page and not _alike(under, block)


def _runs_on(block: Block, candidate: Block, sets_in: bool) -> bool:
    """Whether the text at the end of ``block`` goes on at the beginning of ``candidate``. ``sets_in``: a new paragraph
    would have its first line set in."""
    text, following = block.text, candidate.text
    if len(text) < 20 or block.bold != candidate.bold:
        return False
    ended = SENTENCE_END.search(text) is not None
    if following[0].islower():
        return not ended or text.endswith((";", ":"))
    if text.endswith("-"):
        return True
    if len(block.lines) < 2 or candidate.indented:
        return False
    word = candidate.lines[0].printed.words[0]
    if (before := number_before(word.text)) and before in text.split()[1:]:
        return True
    filled = block.room < word.x1 - word.x0 + 0.6 * block.size
    return filled and (not ended or text.endswith(";") or (sets_in and candidate.first and len(candidate.lines) > 1))

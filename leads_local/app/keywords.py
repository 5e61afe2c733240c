"""Where the protocol's keywords stand in a text, so that they can be marked for the reader: those that speak for
including and those that speak for excluding, each in a way of its own.

Case and accents make no difference, any white space stands for any other, and ``*`` at the end of a keyword for the
rest of a word. Only whole words are found: “rat” is not in “ratio”.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from leads_local.app.outcome import format_count
from leads_local.review.phrases import fold_text
from leads_local.review.protocol import Keywords


@dataclass(frozen=True, slots=True)
class Mark:
    """``text[start:end]`` is a keyword that speaks for excluding (``against``) or for including."""

    start: int
    end: int
    against: bool


def find_keywords(text: str, keywords: Keywords) -> list[Mark]:
    """The keywords in ``text``, in order, none within another: of two that begin together the longer one, of the same
    words for both the one against."""
    folded, places = _fold(text)
    found: list[Mark] = []
    for against, words in ((False, keywords.include), (True, keywords.exclude)):
        if pattern := _pattern(words):
            spans = ((places[one.start()], places[one.end() - 1] + 1) for one in pattern.finditer(folded))
            found += [Mark(start, _past_accents(text, end), against) for start, end in spans]
    found.sort(key=lambda mark: (mark.start, -mark.end, not mark.against))
    kept: list[Mark] = []
    for mark in found:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def mark_in_words(text: str, keywords: Keywords) -> str:
    """``text`` with ``[+…+]`` around what speaks for including and ``[-…-]`` around what speaks for excluding."""
    return "".join(
        part if mark is None else f"[-{part}-]" if mark.against else f"[+{part}+]"
        for part, mark in pieces(text, find_keywords(text, keywords))
    )


def pieces(text: str, marks: list[Mark]) -> Iterator[tuple[str, Mark | None]]:
    """``text`` cut where marks begin and end, each piece with its mark."""
    at = 0
    for mark in marks:
        yield text[at : mark.start], None
        yield text[mark.start : mark.end], mark
        at = mark.end
    yield text[at:], None


def describe_marks(texts: tuple[str, ...], keywords: Keywords) -> str:
    """How many keywords of either kind these texts hold; "" where they hold none."""
    marks = [mark for text in texts for mark in find_keywords(text, keywords)]
    against = sum(mark.against for mark in marks)
    told = [(len(marks) - against, "[+for including+]"), (against, "[-for excluding-]")]
    counted = ", ".join(f"{format_count(number, 'keyword')} {what}" for number, what in told if number)
    return f"Marked of the protocol: {counted}." if counted else ""


def keywords_as_data(texts: tuple[str, ...], keywords: Keywords) -> dict[str, list[str]]:
    """The keywords of either kind that these texts hold, as they stand there, each once."""
    found: dict[str, dict[str, None]] = {"for including": {}, "for excluding": {}}
    for text in texts:
        for mark in find_keywords(text, keywords):
            found["for excluding" if mark.against else "for including"][text[mark.start : mark.end]] = None
    return {kind: list(words) for kind, words in found.items()}


def _fold(text: str) -> tuple[str, list[int]]:
    """``text`` as ``finding`` compares it, and the place in ``text`` of each of its letters."""
    folded, places = [], []
    for place, letter in enumerate(text):
        for one in fold_text(letter):
            folded.append(one)
            places.append(place)
    return "".join(folded), places


def _past_accents(text: str, end: int) -> int:
    """``end`` behind the accents that belong to the letter before it."""
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end


@lru_cache(maxsize=8)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    found = [pattern for word in words if (pattern := _word_pattern(word))]
    return re.compile("|".join(sorted(found, key=len, reverse=True))) if found else None


def _word_pattern(word: str) -> str:
    """A keyword as a pattern; "" where it has no letter."""
    stem, open_end = word.strip().removesuffix("*"), word.strip().endswith("*")
    parts = [re.escape(part) for part in fold_text(stem).split()]
    if not any(letter.isalnum() for letter in stem):
        return ""
    return r"(?<!\w)" + r"\s+".join(parts) + (r"\w*" if open_end else r"(?!\w)")

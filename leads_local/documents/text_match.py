"""When two wordings are the same, and where one stands in the other.

Case, white space, hyphens, dashes, quotation marks, ligatures and thousand separators do not count; digits are never
joined or parted by that. Each character of the reduced text knows where it comes from, so that a place is exact in the
passage's own text.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from leads_local.documents.characters import count_unreadable, is_unreadable
from leads_local.records import Passage, Quote, QuotePlace

_DASHES = frozenset("-‐‑‒–—―−﹣－")
_SINGLE = frozenset("'‘’‚‛′`´")
_DOUBLE = frozenset('"“”„‟″«»')
_REACH = 12  # characters looked at on each side of a dash
_DROPPED = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_WITHOUT: dict[int, None] = {ord(char): None for char in _DROPPED}


def quote_span(passage: Passage, start: int, end: int, match: str) -> Quote:
    """``passage.text[start:end]`` as a Quote with the boxes of its lines. In a passage with a sign that could not be
    read nothing is found to the letter: what stands there may be another number. In one that OCR has read nothing is
    found at all: each letter and each number may be another."""
    if match == "exact" and count_unreadable(passage.text):
        match = "normalised"
    if match in ("exact", "normalised") and passage.by_ocr:
        match = "ocr"
    spans = [s for s in passage.spans if s.start < end and start < s.end]
    places = tuple(QuotePlace(s.page, s.box, s.confidence) for s in spans)
    return Quote(passage.text[start:end], match, passage.order, places)


def find_normalised(text: str, sought: str) -> tuple[int, int] | None:
    """Where ``sought``, already normalised, stands in ``text`` between word boundaries: the offsets in ``text``, or
    None."""
    flat, offsets = normalise_wording(text)
    at = flat.find(sought)
    while at >= 0:
        start, end = offsets[at], offsets[at + len(sought) - 1] + 1
        if _cuts_nothing(text, start, end):
            return start, end
        at = flat.find(sought, at + 1)
    return None


def find_exact(text: str, quote: str) -> tuple[int, int] | None:
    """Where ``quote`` stands in ``text`` to the letter and between word boundaries, or None."""
    at = text.find(quote)
    while at >= 0:
        if _cuts_nothing(text, at, at + len(quote)):
            return at, at + len(quote)
        at = text.find(quote, at + 1)
    return None


def find_part(text: str, quote: str) -> tuple[int, int] | None:
    """Where ``quote`` stands in ``text`` to the letter, perhaps as a part of a word but never of a number, or None."""
    at = text.find(quote)
    while at >= 0:
        end = at + len(quote)
        if not any(_within_number(text[max(cut - 2, 0) : cut], text[cut : cut + 2]) for cut in (at, end)):
            return at, end
        at = text.find(quote, at + 1)
    return None


def _cuts_nothing(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` cuts no word or number in two, nor a number from its sign."""
    return not any(_bound_together(text[max(cut - 2, 0) : cut], text[cut : cut + 2]) for cut in (start, end))


def _bound_together(before: str, after: str) -> bool:
    return bool(before and after and before[-1].isalnum() and after[0].isalnum()) or _within_number(before, after)


def is_sign(text: str, at: int) -> bool:
    """Whether the dash at a place is the sign of the number behind it, and neither a range's nor a word's."""
    before = text[max(at - 1, 0) : at]
    return text[at] in _DASHES and not (before.isalnum() or before in ("%", ")"))


def _within_number(before: str, after: str) -> bool:
    """Whether two characters before a place and two after it belong to one number: "1|2", "1|.2", "1.|2", "−|1" but not
    "1–|2". A sign that could not be read may be a minus, a point or a digit."""
    if not before or not after:
        return False
    if (is_unreadable(before[-1]) and after[0].isdigit()) or (before[-1].isdigit() and is_unreadable(after[0])):
        return True
    if after[0] in ".,·" and after[1:2].isdigit() and before[-1].isdigit():
        return True
    if not after[0].isdigit():
        return False
    if before[-1] in _DASHES:
        return is_sign(before, len(before) - 1)
    return before[-1].isdigit() or (before[-1] in ".,·" and before[:-1].isdigit())


@lru_cache(maxsize=8192)
def normalise_wording(text: str) -> tuple[str, tuple[int, ...]]:
    """``text`` reduced to what must agree, and for each of its characters the offset in ``text`` that it comes from."""
    flat: list[str] = []
    offsets: list[int] = []
    space = False
    for at, char in enumerate(text):
        if char in _DROPPED:
            continue
        if char.isspace():
            space = True
            continue
        for letter in _reduce_character(text, at, char):
            if space and flat and flat[-1].isdigit() and letter.isdigit():
                flat.append(" ")
                offsets.append(at - 1)
            space = False
            flat.append(letter)
            offsets.append(at)
    return "".join(flat), tuple(offsets)


def _reduce_dash(text: str, at: int) -> str:
    """A sign or a range stays, what only joins words goes."""
    before = text[max(0, at - _REACH) : at].translate(_WITHOUT)
    after = text[at + 1 : at + 1 + _REACH].translate(_WITHOUT)
    if after[:1].isdigit() and not before[-1:].isalnum():
        return "-"
    before, after = before.rstrip(), after.lstrip()
    if text[at] == "−" and after[:1].isdigit():
        return "-"
    joins = before[-1:].isalnum() and after[:1].isalnum() and not (before[-1].isdigit() and after[0].isdigit())
    return "" if joins else "-"


def _reduce_character(text: str, at: int, char: str) -> str:
    if char.isascii() and char.isalnum():
        return char.lower()
    if char in _DASHES:
        return _reduce_dash(text, at)
    if char in _SINGLE:
        return "'"
    if char in _DOUBLE:
        return '"'
    if char == "·":
        return "."
    if (
        char == ","
        and text[at - 1 : at].isdigit()
        and text[at + 1 : at + 4].isdigit()
        and len(text[at + 1 : at + 4]) == 3
    ):
        return "" if not text[at + 4 : at + 5].isdigit() else ","
    return "".join(c for c in unicodedata.normalize("NFKC", char).casefold() if not c.isspace())

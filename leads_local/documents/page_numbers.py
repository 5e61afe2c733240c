"""How many pages a file should have, by what it says of itself and by the page numbers that are printed in it.

A page that is gone leaves no hole that a program would see. But the file may still say how many pages there were, and
the printed numbers leap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from leads_local.documents.geometry import Sheet

_LINEARIZED = re.compile(
    rb"/Linearized\b.{0,300}?/N\s+(\d{1,6})\b|/N\s+(\d{1,6})\b[^<>]{0,200}/Linearized\b", re.DOTALL
)
_NUMBER = re.compile(r"(?:[Pp](?:age|\.)?\s*)?\(?(?:[eES])?(\d{1,5})\)?")
_OF = re.compile(r"\b(\d{1,4})\s*(?:/|of|von|de|sur|di)\s*(\d{1,4})\b")
_LENGTH = re.compile(r"[Aa]rticle .{1,40}, (\d{1,2}) pages?$")
_EDGE = 0.1  # of the page's height: where page numbers are printed
_MOST_PAGES = 5  # that are gone in one place; a larger leap is another part of a book
_LEAST_PAGES = 4  # of a file whose printed numbers are looked at


@dataclass(frozen=True, slots=True)
class Leap:
    """Printed page numbers that leap: ``missing`` pages are gone after the page ``after`` of the file."""

    after: int
    missing: int
    first: int

    def in_words(self) -> str:
        """Which pages these are, as printed."""
        last = self.first + self.missing - 1
        return f"page {self.first}" if self.missing == 1 else f"pages {self.first} to {last}"


def claimed_pages(pdf: Any, head: bytes) -> int:
    """The most pages that the file says of itself that it has; 0 where it says nothing. ``head``: how it begins."""
    claims = [0]
    if found := _LINEARIZED.search(head[:2048]):
        claims.append(int(found[1] or found[2]))
    with suppress(Exception):  # of MuPDF's own classes, for what is damaged
        tree = pdf.xref_get_key(pdf.pdf_catalog(), "Pages")[1]
        claims.append(int(pdf.xref_get_key(int(tree.split()[0]), "Count")[1]))
    return max(claims)


def find_leap(sheets: Sequence[Sheet]) -> Leap | None:
    """Where the printed page numbers leap by a few, if everything before and behind counts on."""
    if len(sheets) < _LEAST_PAGES:
        return None
    shifts = [{number - place for number in _edge_numbers(sheet)} for place, sheet in enumerate(sheets)]
    for cut in range(1, len(sheets)):
        before, behind = shifts[:cut], shifts[cut:]
        for low in before[-1]:
            for missing in range(1, _MOST_PAGES + 1):
                high = low + missing
                if high in behind[0] and low not in behind[0] and _fits(before, low, behind, high):
                    return Leap(cut, missing, low + cut)
    return None


def _fits(before: Sequence[set[int]], low: int, behind: Sequence[set[int]], high: int) -> bool:
    """Whether nearly all pages have the numbers that these shifts would give them, and hardly any the other side's."""
    fitting = [sum(low in found for found in before), sum(high in found for found in behind)]
    crossing = sum(high in found for found in before) + sum(low in found for found in behind)
    sure = fitting[0] >= min(2, len(before)) and fitting[1] >= min(2, len(behind))
    return sum(fitting) >= 0.75 * (len(before) + len(behind)) and crossing <= (
        max(1, 0.1 * sum(fitting)) if sure else 0
    )


def printed_total(sheets: Sequence[Sheet]) -> int:
    """Of how many pages each says to be one ("3 of 12"), where most of them say the same, or the first page says that
    the paper has ("Article 12, 8 pages"); else 0."""
    totals: dict[int, list[int]] = {}
    for place, sheet in enumerate(sheets, start=1):
        for number, total in _edge_pairs(sheet):
            if place <= number <= total:
                totals.setdefault(total, []).append(number)
    best = max(totals, key=lambda total: len(totals[total]), default=0)
    if best and len(totals[best]) >= max(2, 0.6 * len(sheets)) and totals[best] == sorted(totals[best]):
        return best
    told = [int(found[1]) for sheet in sheets[:1] for text in _edge_texts(sheet) for found in _LENGTH.finditer(text)]
    return max(told, default=0)


def _edge_texts(sheet: Sheet) -> Iterator[str]:
    for frame in sheet.frames:  # over a turned table, the number stands upright
        for fragment in frame.fragments:
            if fragment.y1 < _EDGE * frame.height or fragment.y0 > (1 - _EDGE) * frame.height:
                yield fragment.text


def _edge_numbers(sheet: Sheet) -> Iterator[int]:
    """Whatever may be the page's printed number: a number that stands alone at the top or the bottom, or at an end of a
    line there."""
    for text in _edge_texts(sheet):
        words = text.split()
        for word in {words[0], words[-1], text} if words else ():
            if found := _NUMBER.fullmatch(word.strip("|·•–—-,.")):
                yield int(found[1])
        for number, _ in _pairs(text):
            yield number


def _edge_pairs(sheet: Sheet) -> Iterator[tuple[int, int]]:
    for text in _edge_texts(sheet):
        yield from _pairs(text)


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    for found in _OF.finditer(text):
        yield int(found[1]), int(found[2])

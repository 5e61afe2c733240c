"""Running heads, feet and page numbers: what stands in the same place on page after page.

They are found by repetition, never by wording, and only near the top and bottom edge or printed sideways. They stay in the document as
furniture, so that nothing is lost, but must not cut a sentence in two.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from leads_local.documents.printed import Fragment, Frame, Rule, Sheet

_MARGIN = 0.14  # of the height, at the top and at the bottom
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"(?:page\s*)?[-–—|(\[ ]*(?:[a-z]?\d{1,5}|[ivxl]{1,6})(?:\s*(?:of|/)\s*\d{1,5})?[-–—|)\] ]*", re.IGNORECASE)
_TABLE = re.compile(r"(?:table|tab\.|figure|fig\.)\s*\S?\d", re.IGNORECASE)
_SIDEWAYS = 400  # characters: what is printed in another direction and is shorter is a mark in the margin


def split(sheets: Sequence[Sheet]) -> dict[tuple[int, int], tuple[list[Fragment], list[Fragment]]]:
    """For each ``(page number, frame's place)`` its fragments as ``(content, furniture)``, each in the frame's order."""
    repeated = _repeated(sheets)
    result: dict[tuple[int, int], tuple[list[Fragment], list[Fragment]]] = {}
    for sheet in sheets:
        for place, frame in enumerate(sheet.frames):
            content: list[Fragment] = []
            furniture: list[Fragment] = []
            aside = place > 0 and sum(f.characters for f in frame.fragments) < _SIDEWAYS
            top, bottom = _extent(frame, repeated)
            for fragment in frame.fragments:
                head = not aside and _key(frame, fragment) in repeated
                number = (fragment.y1 <= top or fragment.y0 >= bottom) and _NUMBER.fullmatch(fragment.text) is not None
                (furniture if aside or head or number else content).append(fragment)
            result[sheet.number, place] = (content, furniture)
    return result


def rules(sheets: Sequence[Sheet]) -> set[tuple[int, int, int]]:
    """The horizontal rules that stand in the same place on a third of the pages, as ``rule_place`` gives it: no table's."""
    pages: dict[tuple[int, int, int], set[int]] = defaultdict(set)
    for sheet in sheets:
        for frame in sheet.frames[:1]:
            for rule in frame.rules:
                if rule.across:
                    pages[rule_place(rule)].add(sheet.number)
    return {key for key, found in pages.items() if len(found) >= max(3, 0.35 * len(sheets))}


def rule_place(rule: Rule) -> tuple[int, int, int]:
    return round(rule.x0 / 2), round(rule.x1 / 2), round(rule.y0 / 2)


def _at_edge(frame: Frame, fragment: Fragment) -> bool:
    return fragment.y1 < _MARGIN * frame.height or fragment.y0 > (1 - _MARGIN) * frame.height


def _key(frame: Frame, fragment: Fragment) -> tuple[str, int, bool] | None:
    """What two pages must share for a fragment to be furniture: its text but for digits, its type size and its edge."""
    if not _at_edge(frame, fragment) or _TABLE.match(fragment.text):
        return None
    text = _DIGITS.sub("#", fragment.text.casefold())
    if not any(c.isalpha() for c in text) and len(text) > 12:
        return None
    return text, round(fragment.size), fragment.y0 < frame.height / 2


def _repeated(sheets: Sequence[Sheet]) -> set[tuple[str, int, bool]]:
    """The keys that stand at the same height on at least two pages, and on a tenth of all."""
    heights: dict[tuple[str, int, bool], list[tuple[int, float]]] = defaultdict(list)
    for sheet in sheets:
        for frame in sheet.frames:
            for fragment in frame.fragments:
                key = _key(frame, fragment)
                if key is not None:
                    heights[key].append((sheet.number, fragment.base))
    found = set()
    for key, places in heights.items():
        pages = {page for page, base in places if sum(1 for other, y in places if other != page and abs(y - base) < 4) > 0}
        if len(pages) >= max(2, min(len(sheets) // 10, 6)):
            found.add(key)
    return found


def _extent(frame: Frame, repeated: set[tuple[str, int, bool]]) -> tuple[float, float]:
    """Above and below which y a bare number is a page number: the outermost text of the page that is more than a number."""
    body = [f for f in frame.fragments if _key(frame, f) not in repeated and _NUMBER.fullmatch(f.text) is None]
    if not body:
        return frame.height / 2, frame.height / 2
    top, bottom = min(f.y0 for f in body), max(f.y1 for f in body)
    return min(top + 1, 0.2 * frame.height), max(bottom - 1, 0.8 * frame.height)

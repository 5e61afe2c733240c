"""Running heads, feet and page numbers: what stands in the same place on page after page.

They are found by repetition of a text or a place, never by wording, and only as the outermost lines of a page: what
lies inside of a line that is not repeated is content, even if other pages have the same there (a table that goes on).
They stay in the document as furniture, so that nothing is lost, but must not cut a sentence in two.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from leads_local.documents.captions import match_caption
from leads_local.documents.geometry import Fragment, Frame, Rule, Sheet

_MARGIN = 0.14  # of the height, at the top and at the bottom
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"(?:page\s*)?[-–—|(\[ ]*[a-z]?(\d{1,5})(?:\s*(?:of|/)\s*\d{1,5})?[-–—|)\] ]*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_WIDER = 1.4  # times the usual distance of lines on the page
_APART = 2.0  # type sizes between the baselines of a running head and the text under it, at least
_MOST_PARTS = 3  # of a running head: left, middle and right; what has more may be the head of a table that goes on
_SIDEWAYS = 400  # characters: what is printed in another direction and is shorter is a mark in the margin

RepeatKey = tuple[str, int, bool]
MarginPlace = tuple[int, int, bool]
ContentAndFurniture = tuple[list[Fragment], list[Fragment]]


@dataclass(frozen=True, slots=True)
class _SharedByPages:
    """What the document's pages share: texts and on how many pages, offsets of page numbers, places of running heads.

    ``often`` is the number of pages from which a text is furniture even beside other text.
    """

    keys: dict[RepeatKey | None, int]
    offsets: set[int]
    slots: set[MarginPlace]
    often: float


def split_off(sheets: Sequence[Sheet]) -> dict[tuple[int, int], ContentAndFurniture]:
    """For each ``(page number, frame's place)`` its fragments as ``(content, furniture)``, each in the frame's
    order."""
    seen = _SharedByPages(
        _count_repeats(sheets), _page_number_offsets(sheets), _shared_margin_places(sheets), max(3.0, 0.4 * len(sheets))
    )
    result: dict[tuple[int, int], ContentAndFurniture] = {}
    for sheet in sheets:
        for place, frame in enumerate(sheet.frames):
            if place > 0 and sum(f.characters for f in frame.fragments) < _SIDEWAYS:
                result[sheet.number, place] = [], list(frame.fragments)
                continue
            edge = _find_furniture(sheet, frame, seen)
            result[sheet.number, place] = (
                [f for f in frame.fragments if id(f) not in edge],
                [f for f in frame.fragments if id(f) in edge],
            )
    return result


def repeated_rules(sheets: Sequence[Sheet]) -> set[tuple[int, int, int]]:
    """The horizontal rules that stand in the same place on a third of the pages, as ``rule_place`` gives it: no
    table's."""
    pages: dict[tuple[int, int, int], set[int]] = defaultdict(set)
    for sheet in sheets:
        for frame in sheet.frames[:1]:
            for rule in frame.rules:
                if rule.across:
                    pages[rule_key(rule)].add(sheet.number)
    return {key for key, found in pages.items() if len(found) >= max(3, 0.35 * len(sheets))}


def rule_key(rule: Rule) -> tuple[int, int, int]:
    """Extent and height of a rule, rounded so that the same rule on another page agrees."""
    return round(rule.x0 / 2), round(rule.x1 / 2), round(rule.y0 / 2)


def _find_furniture(sheet: Sheet, frame: Frame, seen: _SharedByPages) -> set[int]:
    """The ids of the fragments of the page's outermost lines that are furniture, from each edge inwards up to the first
    line of content."""
    found: set[int] = set()
    for lines in _lines_from_edges(frame):
        for place, line in enumerate(lines):
            numbers = [f for f in line if _is_page_number(sheet, frame, f, line, seen.offsets)]
            least = 2 if len(line) <= _MOST_PARTS else seen.often
            edge = [f for f in line if seen.keys.get(_repeat_key(frame, f), 0) >= least]
            if len(edge) + len(numbers) < len(line) and _margin_place(frame, lines, place) not in seen.slots:
                # beside content, only what stands on most pages
                found.update(
                    id(f) for f in numbers + [f for f in edge if seen.keys[_repeat_key(frame, f)] >= seen.often]
                )
                break
            found.update(id(f) for f in line)
    return found


def _lines_from_edges(frame: Frame) -> tuple[list[list[Fragment]], list[list[Fragment]]]:
    """The lines of a frame from its top downwards, and from its bottom upwards."""
    ordered = sorted(frame.fragments, key=lambda f: f.base)
    downwards = [list(row) for _, row in groupby(ordered, key=lambda f: round(f.base / 3))]
    return downwards, downwards[::-1]


def _margin_place(frame: Frame, lines: Sequence[Sequence[Fragment]], place: int) -> MarginPlace | None:
    """The place of a short line that stands well apart from what is inwards of it, as running heads do; None for any
    other."""
    line = lines[place]
    leading = _usual_leading(lines)
    if place > 1 or place + 1 >= len(lines) or len(line) > 2 or not all(_at_edge(frame, f) for f in line):
        return None
    text = " ".join(f.text for f in line)
    gap = abs(lines[place + 1][0].base - line[0].base)
    if (
        gap < max(_APART * line[0].size, _WIDER * leading)
        or len(text) > 100
        or sum(c.isalpha() for c in text) < 6
        or match_caption(text)
    ):
        return None
    return round(line[0].base / 2), round(line[0].size), line[0].y0 < frame.height / 2


def _usual_leading(lines: Sequence[Sequence[Fragment]]) -> float:
    """The middle distance of the baselines of a page: where a manuscript is double-spaced, all lines stand apart."""
    gaps = sorted(abs(b[0].base - a[0].base) for a, b in pairwise(lines))
    return gaps[len(gaps) // 2] if gaps else 0.0


def _shared_margin_places(sheets: Sequence[Sheet]) -> set[MarginPlace]:
    """The places where several pages have such a line, in type no larger than most: authors on left pages, the journal
    on right ones. A place whose lines share no word is none: a running head repeats."""
    sizes: Counter[int] = Counter()
    pages: dict[MarginPlace, dict[int, set[str]]] = defaultdict(dict)
    for sheet, frame in _each_frame(sheets):
        for fragment in frame.fragments:
            sizes[round(fragment.size)] += fragment.characters
        for lines in _lines_from_edges(frame):
            for place in range(min(2, len(lines))):
                if (slot := _margin_place(frame, lines, place)) is not None:
                    pages[slot][sheet.number] = _words(" ".join(f.text for f in lines[place]))
    usual = sizes.most_common(1)[0][0] if sizes else 0
    least = max(2, 0.4 * len(sheets))
    top = (f for frame in sheets[0].frames for f in frame.fragments if f.y0 < 0.4 * frame.height) if sheets else ()
    first = _words(" ".join(f.text for f in top))
    return {
        slot
        for slot, found in pages.items()
        if len(found) >= least and slot[1] <= usual and _count_alike(found, first) >= 2
    }


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.casefold()) if len(word) > 3}


def _count_alike(found: Mapping[int, set[str]], first: set[str]) -> int:
    """How many of these pages' lines share a word with another page's or with the ``first`` page, which names journal,
    title and authors."""
    times = Counter(word for words in found.values() for word in words)
    return sum(any(times[word] > 1 or word in first for word in words) for words in found.values())


def _at_edge(frame: Frame, fragment: Fragment) -> bool:
    return fragment.y1 < _MARGIN * frame.height or fragment.y0 > (1 - _MARGIN) * frame.height


def _repeat_key(frame: Frame, fragment: Fragment) -> RepeatKey | None:
    """What two pages must share for a fragment to be furniture: its text, its type size and its edge.

    Digits may differ beside words, as in "Page 3 of 9"; what is all digits must be the same.
    """
    if not _at_edge(frame, fragment) or match_caption(fragment.text):
        return None
    text = fragment.text.casefold()
    if any(c.isalpha() for c in text):
        text = _DIGITS.sub("#", text)
    return text, round(fragment.size), fragment.y0 < frame.height / 2


def _count_repeats(sheets: Sequence[Sheet]) -> dict[RepeatKey | None, int]:
    """On how many pages each key stands at the same height, where that is at least two and a tenth of all."""
    heights: dict[RepeatKey, list[tuple[int, float]]] = defaultdict(list)
    for sheet, frame in _each_frame(sheets):
        for fragment in frame.fragments:
            key = _repeat_key(frame, fragment)
            if key is not None:
                heights[key].append((sheet.number, fragment.base))
    found: dict[RepeatKey | None, int] = {}
    for key, places in heights.items():
        common = Counter(round(base / 4) + shift for _, base in places for shift in (0, 1))
        height, _ = common.most_common(1)[0]
        pages = {page for page, base in places if round(base / 4) in (height, height - 1)}
        least = min(len(sheets) // 10, 6) if any(c.isalpha() for c in key[0]) else 0.4 * len(sheets)
        if len(pages) >= max(2, least):
            found[key] = len(pages)
    return found


def _page_number_offsets(sheets: Sequence[Sheet]) -> set[int]:
    """By how much the numbers printed near the edges exceed the place of their page, if several pages agree on it."""
    seen: dict[int, set[int]] = defaultdict(set)
    for sheet, frame in _each_frame(sheets):
        for fragment in frame.fragments:
            number = _NUMBER.fullmatch(fragment.text)
            if number is not None and _at_edge(frame, fragment):
                seen[int(number[1]) - sheet.number].add(sheet.number)
    return {offset for offset, pages in seen.items() if len(pages) >= max(2, 0.3 * len(sheets))}


def _is_page_number(
    sheet: Sheet, frame: Frame, fragment: Fragment, line: Sequence[Fragment], offsets: set[int]
) -> bool:
    number = _NUMBER.fullmatch(fragment.text)
    if number is None or not _at_edge(frame, fragment):
        return False
    return int(number[1]) - sheet.number in offsets or (len(line) == 1 and int(number[1]) == sheet.number)


def _each_frame(sheets: Sequence[Sheet]) -> Iterable[tuple[Sheet, Frame]]:
    return ((sheet, frame) for sheet in sheets for frame in sheet.frames)

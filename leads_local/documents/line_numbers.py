"""The numbers of lines that manuscripts have in their margin: 1, 2, 3 or 5, 10, 15 at one place beside running text.

They are known by counting, by standing at one x, and by the lines that they count: the numbers of a table's rows or of
references count something else, and stay.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence

from leads_local.documents.geometry import Fragment, Frame, Sheet

_LEAST = 5  # numbers on a page
_STEPS = (1, 2, 5, 10)
_TEXT = 20  # characters of a line of running text, at least


def find_line_numbers(sheets: Sequence[Sheet]) -> dict[tuple[int, int], list[Fragment]]:
    """The line numbers of each ``(page number, frame's place)`` that has some; none unless half of the pages that have
    running text have them."""
    found: dict[tuple[int, int], list[Fragment]] = {}
    pages = 0
    for sheet in sheets:
        for place, frame in enumerate(sheet.frames[:1]):
            lines = _text_lines(frame)
            pages += len(lines) >= _LEAST
            numbers = next((run for run in _runs(frame) if _counts_lines(run, lines)), None)
            if numbers:
                found[sheet.number, place] = numbers
    return found if 2 * len(found) >= pages else {}


def _text_lines(frame: Frame) -> list[float]:
    """The baselines of running text."""
    return sorted({round(f.base, 1) for f in frame.fragments if f.characters >= _TEXT})


def _runs(frame: Frame) -> Iterator[list[Fragment]]:
    """Numbers that begin, or end, at one x, from top to bottom."""
    numbers = [f for f in frame.fragments if len(f.words) == 1 and f.text.isascii() and f.text.isdigit()]
    for edge in ("x1", "x0"):
        places: dict[int, list[Fragment]] = defaultdict(list)
        for number in numbers:
            places[round(getattr(number, edge) / 3)].append(number)
        for run in sorted(places.values(), key=len, reverse=True):
            if len(run) >= _LEAST:
                yield sorted(run, key=lambda f: f.base)


def _counts_lines(run: Sequence[Fragment], lines: Sequence[float]) -> bool:
    """Whether these numbers count up in even steps, each beside a line of text, and count the lines."""
    values = [int(f.text) for f in run]
    steps = [b - a for a, b in itertools.pairwise(values)]
    step = max(set(steps), key=steps.count)
    if step not in _STEPS or steps.count(step) < 0.9 * len(steps):
        return False
    beside = sum(any(abs(line - f.base) < 0.5 * f.size + 2 for line in lines) for f in run)
    between = sum(run[0].base - 3 <= line <= run[-1].base + 3 for line in lines)
    counted = values[-1] - values[0] + 1
    return beside >= 0.6 * len(run) and between >= 0.5 * len(lines) and 0.7 * counted <= between <= 1.3 * counted

"""Where the tables of a page are: under their captions, between rules, in filled bands, or by aligned values alone.

What is found here is a place only; ``tables`` makes rows of what stands in it. What is running text is never taken for
a table, though rules stand above and below it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from leads_local.documents.captions import TABLE, is_caption, kind_of
from leads_local.documents.cells import chunks_of, is_number
from leads_local.documents.geometry import Fragment, Rule, Shape
from leads_local.documents.paragraphs import join_rows

_REACH = 75.0  # points under a caption's first line within which its first rule is looked for
_BAND = (4.0, 80.0)  # points that a filled band of a table is high
_LONGEST_CELL = 45  # characters of a line in a cell, where no rule says that it is one
_LEAST_LINES = 4  # of aligned values, where nothing else says that they are a table
NOTE = re.compile(r"(?i:notes?|abbreviations?|data are|values are|source)\b|[*†‡§¶#]|[a-z]\s[A-Z]")


@dataclass(frozen=True, slots=True)
class Area:
    """The place of a table. ``banded``: its rows are told apart by filled bands."""

    x0: float
    y0: float
    x1: float
    y1: float
    banded: bool = False

    def holds(self, item: Fragment) -> bool:
        return (
            item.x0 >= self.x0 - 3 and item.x1 <= self.x1 + 3 and self.y0 - 1 <= (item.y0 + item.y1) / 2 <= self.y1 + 1
        )


def is_table_caption(fragment: Fragment, fragments: Sequence[Fragment]) -> bool:
    """Whether a fragment begins a table's caption, and no sentence before it in the same line goes on to it."""
    if kind_of(fragment.text) != TABLE or not is_caption(fragment):
        return False
    beside = (f for f in fragments if f.x1 <= fragment.x0 and abs(f.base - fragment.base) < 2)
    return not any(fragment.x0 - f.x1 < 2 * fragment.size for f in beside)


def long_rules(rules: Sequence[Rule]) -> list[Rule]:
    """Horizontal rules from top to bottom, with pieces that continue each other made one."""
    pieces = sorted((r for r in rules if r.across), key=lambda r: (round(r.y0 / 2), r.x0))
    joined: list[Rule] = []
    for rule in pieces:
        before = joined[-1] if joined else None
        if (
            before is not None
            and abs(rule.y0 - before.y0) < 2
            and rule.x0 <= before.x1 + 4
            and rule.x1 >= before.x0 - 4
        ):
            joined[-1] = Rule(
                min(before.x0, rule.x0), before.y0, max(before.x1, rule.x1), max(before.y1, rule.y1), True
            )
        else:
            joined.append(rule)
    return sorted(joined, key=lambda r: r.y0)


def find_bands(shapes: Sequence[Shape]) -> list[Shape]:
    """Filled rectangles as high as rows, those side by side made one, from top to bottom."""
    low, high = _BAND
    pieces = sorted(
        (s for s in shapes if s.filled and low <= s.y1 - s.y0 <= high), key=lambda s: (round(s.y0), round(s.y1), s.x0)
    )
    joined: list[Shape] = []
    for piece in pieces:
        before = joined[-1] if joined else None
        level = before is not None and abs(piece.y0 - before.y0) < 1.5 and abs(piece.y1 - before.y1) < 1.5
        if before is not None and level and piece.x0 <= before.x1 + 4:
            joined[-1] = Shape(before.x0, before.y0, max(before.x1, piece.x1), before.y1, True)
        else:
            joined.append(piece)
    return [band for band in joined if band.x1 - band.x0 > 60]


def band_edges(bands: Sequence[Shape]) -> list[Rule]:
    """The upper and lower edges of bands, which part rows as rules do."""
    return [Rule(b.x0, y - 0.2, b.x1, y + 0.2, True) for b in bands for y in (b.y0, b.y1)]


def captioned_area(
    caption: Fragment,
    rules: Sequence[Rule],
    bands: Sequence[Shape],
    fragments: Sequence[Fragment],
    captions: Sequence[Fragment],
    body: float,
    gutters: Sequence[float],
) -> Area | None:
    """The table under a caption's first line; None where there is none."""
    return _ruled_area(caption, rules, bands, fragments, captions, body) or _aligned_area(
        caption, fragments, captions, body, gutters
    )


def _ruled_area(
    caption: Fragment,
    rules: Sequence[Rule],
    bands: Sequence[Shape],
    fragments: Sequence[Fragment],
    captions: Sequence[Fragment],
    body: float,
) -> Area | None:
    """From a caption's first line to the last rule of its table; None where there are no rules of its own."""
    near = [
        r
        for r in rules
        if caption.base < r.y0 <= caption.y1 + _REACH and r.x1 - r.x0 > 60 and r.x0 < caption.x1 and r.x1 > caption.x0
    ]
    near = [r for r in near if r.x0 <= caption.x0 + 12]
    if not near:
        return None
    widest = max(near, key=lambda r: r.x1 - r.x0)
    x0, x1 = min(widest.x0, caption.x0), widest.x1
    stop = min((c.y0 for c in captions if c.y0 > caption.y1 + 2 and c.x0 < x1 and c.x1 > x0), default=float("inf"))
    bottom, last = widest.y1, 0
    for rule in rules:
        if bottom < rule.y0 < stop and abs(rule.x0 - widest.x0) < 6 and abs(rule.x1 - x1) < 6:
            between = [f for f in fragments if f.y0 >= bottom - 1 and f.y1 <= rule.y1 + 1 and f.x0 < x1 and f.x1 > x0]
            if is_running_text(between, body):
                break
            bottom, last = rule.y1, last + 1
    banded = _is_band_edge(widest.x0, bottom, bands)
    inside = [f for f in fragments if f.x0 >= x0 - 3 and f.x1 <= x1 + 3 and f.y0 < stop]
    if last < 2 or banded:  # with rules above and below its head and below its rows it is closed
        bottom = _extend_bottom(bottom, [f for f in inside if f.base > bottom], body)
    return Area(x0, caption.y0, x1, bottom, banded) if bottom > widest.y1 + 1 else None


def _is_band_edge(x0: float, y: float, bands: Sequence[Shape]) -> bool:
    return any(abs(b.x0 - x0) < 6 and min(abs(b.y1 - y), abs(b.y0 - y)) < 2 for b in bands)


def _aligned_area(
    caption: Fragment,
    fragments: Sequence[Fragment],
    captions: Sequence[Fragment],
    body: float,
    gutters: Sequence[float],
) -> Area | None:
    """The rows of cells under a caption that has no rules; None where there are none."""
    stop = min((c.y0 for c in captions if c.y0 > caption.y1 + 2), default=float("inf"))
    below = [f for f in fragments if caption.base < f.base < stop and f.x0 >= caption.x0 - 6]
    left, right = min((f.x0 for f in fragments), default=0.0), max((f.x1 for f in fragments), default=0.0)
    beside = [c.x0 - 8 for c in captions if c.x0 > caption.x1 and abs(c.y0 - caption.y0) < 30]
    beside += [
        gutter for gutter in gutters if caption.x0 < gutter - 40 and _is_text_beside(caption, gutter, below, body)
    ]
    right, middle = min([right, *beside]), (left + right) / 2
    for x1 in (right, middle + 6) if caption.x0 < middle - 40 else (right,):
        inside = [f for f in below if f.x1 <= x1 + 2]
        start = next((row for row in join_rows(inside) if is_tabular(row)), None)
        if start is None or start.y0 - caption.y1 > _REACH:
            continue
        bottom = _extend_bottom(start.y0 - 1, [f for f in inside if f.base > start.y0], body)
        if sum(1 for row in join_rows(inside) if start.y0 - 1 < row.base <= bottom + 1) >= 3:
            return Area(caption.x0 - 6, caption.y0, x1, bottom)
    return None


def _is_text_beside(caption: Fragment, gutter: float, below: Sequence[Fragment], body: float) -> bool:
    """Whether running text stands beyond a gutter, beside what is under a caption."""
    near = [f for f in below if f.x0 > gutter - 2 and f.y0 < caption.y1 + 2 * _REACH]
    return is_running_text(near, body)


def _extend_bottom(bottom: float, below: Sequence[Fragment], body: float) -> float:
    """How far down rows of cells go on under ``bottom``, as where a table has no last rule because it goes on
    overleaf."""
    reached, at, alone, labels = bottom, bottom, 0.0, 0.0
    for row in join_rows(below):
        if row.y0 - at > 1.6 * row.size or alone > 1:
            break
        tabular = is_tabular(row)
        labels = chunks_of(row)[1].x0 if tabular else labels
        alone = 0.0 if tabular else alone + (0.3 if row.x1 < labels else 1.0)  # a label may have four lines
        if not tabular and (row.characters > 60 or NOTE.match(row.text)):
            break
        goes_on = row.x1 < labels and row.text[0].islower() and row.y0 < at + 0.2 * row.size
        at = row.y1
        if tabular or goes_on:
            reached = row.y1
    return reached


def is_tabular(row: Fragment) -> bool:
    """Whether a line is cells: several of them, and none of them a line of running text."""
    chunks = chunks_of(row)
    if len(chunks) < 2 or any(c.characters > _LONGEST_CELL for c in chunks):
        return False
    return len(chunks) > 2 or is_number(chunks[1].text)


def is_running_text(fragments: Sequence[Fragment], body: float) -> bool:
    """Whether most lines are long ones in the type of the running text: no table, though there are rules above and
    below."""
    long = sum(1 for f in fragments if f.characters > 30 and f.size > 0.97 * body)
    return len(fragments) >= 4 and long > 0.5 * len(fragments)


def uncaptioned_areas(
    rules: Sequence[Rule], bands: Sequence[Shape], fragments: Sequence[Fragment], body: float
) -> list[Area]:
    """Areas between three or more rules of the same extent, as where a table goes on from another page."""
    found: list[Area] = []
    used: set[int] = set()
    for place, rule in enumerate(rules):
        if place in used or rule.x1 - rule.x0 < 120:
            continue
        same = _of_one_extent(place, rules)
        if len(same) < 3:
            continue
        area = _closed_area(rule, rules[same[-1]], bands, fragments, body)
        inside = [f for f in fragments if area.holds(f)]
        lines = join_rows(inside)
        several = sum(1 for line in lines if len(chunks_of(line)) >= 3 or is_tabular(line))
        enough = len(lines) >= 4 or len(lines) == several == 3
        if enough and several >= 0.5 * len(lines) and not is_running_text(inside, body):
            found.append(area)
            used.update(same)
    return found


def _of_one_extent(place: int, rules: Sequence[Rule]) -> list[int]:
    """The rules from ``place`` on that begin and end where that one does, without a wide gap under one of them."""
    rule = rules[place]
    found = [place]
    for other in range(place + 1, len(rules)):
        if abs(rules[other].x0 - rule.x0) < 4 and abs(rules[other].x1 - rule.x1) < 4:
            found.append(other)
    return found


def _closed_area(first: Rule, last: Rule, bands: Sequence[Shape], fragments: Sequence[Fragment], body: float) -> Area:
    """From a first to a last rule; where they are edges of bands, with the rows without a band above and below."""
    if not _is_band_edge(first.x0, last.y0, bands):
        return Area(first.x0, first.y0, first.x1, last.y1)
    beside = [f for f in fragments if f.x0 >= first.x0 - 3 and f.x1 <= first.x1 + 3]
    bottom = _extend_bottom(last.y1, [f for f in beside if f.base > last.y1], body)
    top = first.y0
    above = join_rows(f for f in beside if f.base < first.y0)
    if above and is_tabular(above[-1]) and first.y0 - above[-1].base < 1.2 * above[-1].size:
        top = above[-1].y0
    return Area(first.x0, top, first.x1, bottom, True)


def aligned_areas(fragments: Sequence[Fragment], gutters: Sequence[float]) -> list[Area]:
    """Tables without caption, rule or band: lines of values that stand under each other, over the page and then in each
    of its columns."""
    found: list[Area] = []
    left = list(fragments)
    if sum(is_number(f.text) for f in fragments) < 2 * _LEAST_LINES:
        return found
    sides: list[tuple[float, float]] = [(float("-inf"), float("inf"))]
    for gutter in gutters[:1]:
        sides += [(float("-inf"), gutter), (gutter, float("inf"))]
    for x0, x1 in sides:
        inside = [f for f in left if f.x0 >= x0 - 1 and f.x1 <= x1 + 1]
        for run in _aligned_runs(join_rows(inside)):
            area = Area(min(r.x0 for r in run), run[0].y0, max(r.x1 for r in run), run[-1].y1)
            found.append(area)
            left = [f for f in left if not area.holds(f)]
    return found


def _aligned_runs(lines: Sequence[Fragment]) -> list[list[Fragment]]:
    runs: list[list[Fragment]] = [[]]
    for line in lines:
        run = runs[-1]
        if not is_tabular(line) and not (run and len(line.text) < _LONGEST_CELL):
            runs.append([])
            continue
        if run and line.base - run[-1].base > 2.4 * line.size:
            run = []
            runs.append(run)
        run.append(line)
    trimmed = [_trim(run) for run in runs]
    return [run for run in trimmed if _is_aligned(run)]


def _trim(run: list[Fragment]) -> list[Fragment]:
    """The run without lines at its ends that are no cells."""
    cells = [n for n, line in enumerate(run) if is_tabular(line)]
    return run[cells[0] : cells[-1] + 1] if cells else []


def _is_aligned(run: Sequence[Fragment]) -> bool:
    """Whether lines are rows: most hold several cells, most of these values, and most stand under each other."""
    tabular = [chunks_of(line) for line in run if is_tabular(line)]
    if len(tabular) < _LEAST_LINES or len(tabular) < 0.6 * len(run):
        return False
    with_values = [chunks for chunks in tabular if any(is_number(c.text) for c in chunks[1:])]
    if len(with_values) < 0.6 * len(tabular) or sum(len(c) > 2 for c in tabular) < 0.5 * len(tabular):
        return False
    if sum(is_number(chunks[0].text) for chunks in tabular) > 0.7 * len(tabular):
        return False  # without labels: the numbers of an axis, or of a list
    cells = list(itertools.chain.from_iterable(tabular))
    aligned = sum(_stands_under(cell, cells) for cell in cells)
    return aligned >= 0.7 * len(cells)


def _stands_under(cell: Fragment, cells: Sequence[Fragment]) -> bool:
    """Whether a cell begins, ends or has its middle where two others have theirs."""
    places = ((c.x0 - cell.x0, c.x1 - cell.x1, (c.x0 + c.x1 - cell.x0 - cell.x1) / 2) for c in cells if c is not cell)
    begin = end = middle = 0
    for x0, x1, centre in places:
        begin, end, middle = begin + (abs(x0) < 2), end + (abs(x1) < 2), middle + (abs(centre) < 2)
    return max(begin, end, middle) >= 2

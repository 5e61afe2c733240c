"""Tables: where they are, and their rows with cells in order.

A table is found by its caption and by the rules that are printed under it (or, where a page has none, by lines of aligned cells), or by
rules alone where it goes on from the page before. Columns are the strips of white space that all rows leave free; a printed line that only
carries on the cells of the line before is joined with it. A row's text is its cells joined by " | ", empty ones included, so that a value
stays under its header.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from leads_local.documents.paragraphs import CAPTION, is_caption, rows
from leads_local.documents.printed import Fragment, Rule, Word

_CELL_GAP = 0.62  # of the type size: a wider gap parts cells, a narrower one words
_OVERLAP = 0.75  # of the type size: baselines nearer than that are of one row, its cells centred upon each other
_REACH = 75.0  # points under a caption's first line within which its first rule is looked for
_NOTE = re.compile(r"(?:notes?|abbreviations?|data are|values are|source)\b|[*†‡§¶#]|[a-z]\s[A-Z]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cell:
    """The lines of one cell, from top to bottom; none in an empty cell."""

    lines: tuple[Fragment, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table as an obstacle on the page: its box covers caption, rows and notes."""

    x0: float
    y0: float
    x1: float
    y1: float
    caption: tuple[Fragment, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Fragment, ...] = ()


@dataclass(frozen=True, slots=True)
class _Area:
    x0: float
    y0: float
    x1: float
    y1: float

    def holds(self, item: Fragment) -> bool:
        return item.x0 >= self.x0 - 3 and item.x1 <= self.x1 + 3 and self.y0 - 1 <= (item.y0 + item.y1) / 2 <= self.y1 + 1


def split(fragments: Sequence[Fragment], rules: Sequence[Rule], body: float) -> tuple[list[Table], list[Fragment]]:
    """The tables of a page, and the fragments that are in none. ``body`` is the type size of the running text."""
    lines = _long_rules(rules)
    captions = [f for f in fragments if _is_table_caption(f, fragments)]
    left = list(fragments)
    found: list[Table] = []
    for caption in sorted(captions, key=lambda f: f.y0):
        if caption not in left:
            continue
        area = _ruled_area(caption, lines, left, captions, body) or _aligned_area(caption, left, captions, body)
        if area is not None:
            table = _table(caption, area, left, lines, body)
            if table is not None:
                found.append(table)
                taken = {id(f) for f in _parts(table, left)}
                left = [f for f in left if id(f) not in taken]
    for area in _uncaptioned(lines, left, body):
        table = _table(None, area, left, lines, body)
        if table is not None:
            found.append(table)
            taken = {id(f) for f in _parts(table, left)}
            left = [f for f in left if id(f) not in taken]
    return found, left


def _parts(table: Table, fragments: Sequence[Fragment]) -> list[Fragment]:
    area = _Area(table.x0, table.y0, table.x1, table.y1)
    return [f for f in fragments if area.holds(f)]


def _is_table_caption(fragment: Fragment, fragments: Sequence[Fragment]) -> bool:
    match = CAPTION.match(fragment.text)
    if match is None or "tab" not in match["what"].lower() or not is_caption(fragment):
        return False
    beside = (f for f in fragments if f.x1 <= fragment.x0 and abs(f.base - fragment.base) < 2)
    return not any(fragment.x0 - f.x1 < 2 * fragment.size for f in beside)


def _long_rules(rules: Sequence[Rule]) -> list[Rule]:
    """Horizontal rules from top to bottom, with pieces that continue each other made one."""
    pieces = sorted((r for r in rules if r.across), key=lambda r: (round(r.y0 / 2), r.x0))
    joined: list[Rule] = []
    for rule in pieces:
        before = joined[-1] if joined else None
        if before is not None and abs(rule.y0 - before.y0) < 2 and rule.x0 <= before.x1 + 4 and rule.x1 >= before.x0 - 4:
            joined[-1] = Rule(min(before.x0, rule.x0), before.y0, max(before.x1, rule.x1), max(before.y1, rule.y1), True)
        else:
            joined.append(rule)
    return sorted(joined, key=lambda r: r.y0)


def _ruled_area(
    caption: Fragment, rules: Sequence[Rule], fragments: Sequence[Fragment], captions: Sequence[Fragment], body: float
) -> _Area | None:
    """From a caption's first line to the last rule of its table; None where there are no rules of its own."""
    near = [r for r in rules if caption.base < r.y0 <= caption.y1 + _REACH and r.x1 - r.x0 > 60 and r.x0 < caption.x1 and r.x1 > caption.x0]
    near = [r for r in near if r.x0 <= caption.x0 + 12]
    if not near:
        return None
    widest = max(near, key=lambda r: r.x1 - r.x0)
    x0, x1 = min(widest.x0, caption.x0), widest.x1
    stop = min((c.y0 for c in captions if c.y0 > caption.y1 + 2 and c.x0 < x1 and c.x1 > x0), default=float("inf"))
    bottom = widest.y1
    for rule in rules:
        if bottom < rule.y0 < stop and abs(rule.x0 - widest.x0) < 6 and abs(rule.x1 - x1) < 6:
            between = [f for f in fragments if f.y0 >= bottom - 1 and f.y1 <= rule.y1 + 1 and f.x0 < x1 and f.x1 > x0]
            if _is_running_text(between, body):
                break
            bottom = rule.y1
    inside = [f for f in fragments if f.x0 >= x0 - 3 and f.x1 <= x1 + 3 and f.y0 < stop]
    bottom = _extended(bottom, [f for f in inside if f.base > bottom], body)
    return _Area(x0, caption.y0, x1, bottom) if bottom > widest.y1 + 1 else None


def _aligned_area(caption: Fragment, fragments: Sequence[Fragment], captions: Sequence[Fragment], body: float) -> _Area | None:
    """The rows of cells under a caption that has no rules; None where there are none."""
    stop = min((c.y0 for c in captions if c.y0 > caption.y1 + 2), default=float("inf"))
    below = [f for f in fragments if caption.base < f.base < stop and f.x0 >= caption.x0 - 6]
    left, right = min((f.x0 for f in fragments), default=0.0), max((f.x1 for f in fragments), default=0.0)
    middle = (left + right) / 2
    for x1 in (right, middle + 6) if caption.x0 < middle - 40 else (right,):
        inside = [f for f in below if f.x1 <= x1 + 2]
        start = next((row for row in rows(inside) if _is_tabular(row, body)), None)
        if start is None or start.y0 - caption.y1 > _REACH:
            continue
        bottom = _extended(start.y0 - 1, [f for f in inside if f.base > start.y0], body)
        if sum(1 for row in rows(inside) if start.y0 - 1 < row.base <= bottom + 1) >= 3:
            return _Area(caption.x0 - 6, caption.y0, x1, bottom)
    return None


def _extended(bottom: float, below: Sequence[Fragment], body: float) -> float:
    """How far down rows of cells go on under ``bottom``, as where a table has no last rule because it goes on overleaf."""
    reached, at, alone = bottom, bottom, 0
    for row in rows(below):
        if row.y0 - at > 1.6 * row.size or alone > 1:
            break
        tabular = _is_tabular(row, body)
        alone = 0 if tabular else alone + 1
        if not tabular and (row.characters > 60 or _NOTE.match(row.text)):
            break
        at = row.y1
        if tabular:
            reached = row.y1
    return reached


def _is_tabular(row: Fragment, body: float) -> bool:
    """Whether a line is cells: several of them, and none of them a line of running text."""
    chunks = _chunks(row)
    if len(chunks) < 2 or any(c.characters > 45 for c in chunks):
        return False
    return len(chunks) > 2 or _is_number(chunks[1].text)


def _is_running_text(fragments: Sequence[Fragment], body: float) -> bool:
    """Whether most lines are long ones in the type of the running text: no table, though there are rules above and below."""
    long = sum(1 for f in fragments if f.characters > 30 and f.size > 0.97 * body)
    return len(fragments) >= 4 and long > 0.5 * len(fragments)


def _uncaptioned(rules: Sequence[Rule], fragments: Sequence[Fragment], body: float) -> list[_Area]:
    """Areas between three or more rules of the same extent, as where a table goes on from another page."""
    found: list[_Area] = []
    used: set[int] = set()
    for place, rule in enumerate(rules):
        if place in used or rule.x1 - rule.x0 < 120:
            continue
        same = [other for other in range(place, len(rules)) if abs(rules[other].x0 - rule.x0) < 4 and abs(rules[other].x1 - rule.x1) < 4]
        if len(same) < 3:
            continue
        area = _Area(rule.x0, rule.y0, rule.x1, rules[same[-1]].y1)
        inside = [f for f in fragments if area.holds(f)]
        lines = rows(inside)
        several = sum(1 for line in lines if len(_chunks(line)) >= 3)
        if len(lines) >= 4 and several >= 0.5 * len(lines) and not _is_running_text(inside, body):
            found.append(area)
            used.update(same)
    return found


def _table(caption: Fragment | None, area: _Area, fragments: Sequence[Fragment], rules: Sequence[Rule], body: float) -> Table | None:
    inside = [f for f in fragments if area.holds(f)]
    head: list[Fragment] = []
    if caption is not None:
        own = (r.y0 for r in rules if caption.base < r.y0 < area.y1 - 2 and abs(r.x0 - area.x0) < 15)
        tabular = (row.y0 for row in rows(inside) if row.base > caption.base + 2 and _is_tabular(row, body))
        first = min(own, default=min(tabular, default=area.y1))
        head = [f for f in inside if f.base < first]
        inside = [f for f in inside if f.base >= first]
    if len(inside) < 2:
        return None
    lines = rows(inside)
    grid = _rows(lines, [r for r in rules if area.y0 <= r.y0 <= area.y1], area)
    if len(grid) < 2:
        return None
    grid, last = _without_notes(grid, area)
    notes = [*last, *_notes(area, fragments, body)]
    bottom = max([area.y1, *(n.y1 for n in notes)])
    return Table(area.x0, area.y0, area.x1, bottom, tuple(rows(head)), tuple(grid), tuple(notes))


def _without_notes(grid: list[tuple[Cell, ...]], area: _Area) -> tuple[list[tuple[Cell, ...]], list[Fragment]]:
    """The rows, and apart from them the notes that stand under the rows but above the last rule."""
    end = len(grid)
    while end > 1 and _is_note(grid[end - 1], area):
        end -= 1
    return grid[:end], [line for row in grid[end:] for line in row[0].lines]


def _is_note(row: tuple[Cell, ...], area: _Area) -> bool:
    alone = bool(row[0].lines) and not any(cell.lines for cell in row[1:])
    if not alone:
        return False
    line = row[0].lines[0]
    return _NOTE.match(line.text) is not None or line.width > 0.7 * (area.x1 - area.x0)


def _notes(area: _Area, fragments: Sequence[Fragment], body: float) -> list[Fragment]:
    """The lines of small type right under the last rule."""
    below = [f for f in fragments if f.y0 >= area.y1 - 2 and f.x0 >= area.x0 - 3 and f.x1 <= area.x1 + 3 and f.y0 < area.y1 + 150]
    found: list[Fragment] = []
    bottom = area.y1
    for line in rows(below):
        if line.size > 0.95 * body or line.y0 - bottom > 0.9 * line.size or (CAPTION.match(line.text) and is_caption(line)):
            break
        found.append(line)
        bottom = line.y1
    return found


def _chunks(line: Fragment) -> list[Fragment]:
    """The line parted at every gap that is wider than one between words."""
    runs: list[list[Word]] = []
    for word in line.words:
        if runs and (word.glued or word.x0 - runs[-1][-1].x1 <= _CELL_GAP * line.size):
            runs[-1].append(word)
        else:
            runs.append([word])
    return [Fragment.of([replace(run[0], glued=False), *run[1:]]) for run in runs]


def _columns(chunked: Sequence[Sequence[Fragment]]) -> list[float]:
    """The left edges of the columns, the first being minus infinity.

    An edge lies in a strip that next to no line with several cells prints in.
    """
    several = [chunks for chunks in chunked if len(chunks) > 1]
    spans = sorted((chunk.x0, chunk.x1) for chunks in several for chunk in chunks)
    if not spans:
        return [float("-inf")]
    tolerated = len(several) // 12
    steps = sorted([(x0, 1) for x0, _ in spans] + [(x1 + 0.5, -1) for _, x1 in spans])
    edges = [float("-inf")]
    covered, free_from = 0, None
    for x, step in steps:
        if step > 0 and covered <= tolerated and free_from is not None:
            if x - free_from > 0.8:
                edges.append((free_from + x) / 2)
                free_from = None
        covered += step
        if step < 0 and covered <= tolerated and free_from is None:
            free_from = x
        elif covered > tolerated:
            free_from = None
    return edges


def _place(chunk: Fragment, edges: Sequence[float]) -> int:
    """The column that a chunk begins in: where its left edge is, unless most of it is in the next one."""
    return max(n for n, edge in enumerate(edges) if edge <= chunk.x0 + 0.3 * min(chunk.width, 10))


def _rows(lines: Sequence[Fragment], rules: Sequence[Rule], area: _Area) -> list[tuple[Cell, ...]]:
    chunked = [_chunks(line) for line in lines]
    edges = _columns(chunked)
    grid: list[list[list[Fragment]]] = []
    for chunks in chunked:
        row: list[list[Fragment]] = [[] for _ in edges]
        for chunk in chunks:
            row[_place(chunk, edges)].append(chunk)
        grid.append([[Fragment.of([w for c in cell for w in c.words])] if cell else [] for cell in row])
    right = [max((cell[0].x1 for row in grid if (cell := row[n])), default=0.0) for n in range(len(edges))]
    parted = [place > 0 and _ruled(lines[place - 1], lines[place], rules) for place in range(len(lines))]
    leading = _leading(lines, parted)
    merged: list[list[list[Fragment]]] = []
    for place, row in enumerate(grid):
        carries_on = merged and not parted[place] and _carries_on(merged[-1], row, lines[place - 1], lines[place], right, leading)
        if carries_on or (merged and merged[-1][0] and _is_label_between(place, grid, lines)):
            merged[-1] = [a + b for a, b in zip(merged[-1], row, strict=True)]
        else:
            merged.append(row)
    return [tuple(Cell(tuple(cell)) for cell in row) for row in merged]


def _is_label_between(place: int, grid: Sequence[Sequence[Sequence[Fragment]]], lines: Sequence[Fragment]) -> bool:
    """Whether a line is the second line of a label whose row stands above it, set between that row and the next."""

    def label_only(n: int) -> bool:
        return bool(grid[n][0]) and not any(grid[n][1:])

    def touches(n: int) -> bool:
        return lines[n + 1].base - lines[n].base < _OVERLAP * lines[n].size

    if place + 1 >= len(lines) or not label_only(place) or not touches(place) or grid[place + 1][0]:
        return False
    if place + 2 < len(lines) and label_only(place + 2) and touches(place + 1):
        return False  # a label of two lines with its values centred beside it
    return lines[place].base - lines[place - 1].base < 1.3 * lines[place].size


def _ruled(above: Fragment, line: Fragment, rules: Sequence[Rule]) -> bool:
    return any(above.base < r.y0 < line.y1 - 0.5 * line.size for r in rules)


def _leading(lines: Sequence[Fragment], parted: Sequence[bool]) -> tuple[float, bool]:
    """The smallest usual distance of baselines, and whether rows are set further apart than that; not counted across rules."""
    steps = zip(itertools.pairwise(lines), parted[1:], strict=True)
    gaps = sorted(b.base - a.base for (a, b), cut in steps if not cut and b.base - a.base > 0.75 * b.size)
    if not gaps:
        return 0.0, False
    small = gaps[len(gaps) // 10]
    wide = sum(1 for gap in gaps if gap > 1.22 * small)
    return small, wide >= 0.3 * len(gaps)


def _carries_on(
    row: Sequence[Sequence[Fragment]],
    following: Sequence[Sequence[Fragment]],
    above: Fragment,
    line: Fragment,
    right: Sequence[float],
    leading: tuple[float, bool],
) -> bool:
    """Whether a printed line only carries on the cells of the row before it."""
    gap = line.base - above.base
    filled = [n for n, cell in enumerate(following) if cell]
    before = [n for n, cell in enumerate(row) if cell]
    if gap < _OVERLAP * line.size:
        return not set(filled) & set(before) - {0}
    small, spaced = leading
    if spaced:
        return gap <= 1.12 * small
    if gap > 1.3 * small or not filled:
        return False
    if not set(filled) <= set(before):  # the label's first line alone, its values beside the last
        return before == [0] and 0 in filled and following[0][0].text[0].islower() and _wrapped(row[0][-1], following[0][0], right[0])
    if len(filled) == len(before) > 1 and not following[filled[0]][0].text[0].islower():
        return False
    if any(_is_number(following[n][0].text) and _is_number(row[n][-1].text) for n in filled):
        return False
    wrapped = [_wrapped(row[n][-1], following[n][0], right[n]) for n in filled]
    return wrapped[0] if 0 in filled else sum(wrapped) >= 0.5 * len(wrapped)


def _is_number(text: str) -> bool:
    return text[:1].isdigit() or text[:1] in "<>=±-−–("


def _wrapped(above: Fragment, line: Fragment, right: float) -> bool:
    """Whether the first word of ``line`` had no room at the end of ``above``, or plainly belongs there."""
    text, first = above.text, line.words[0]
    if len(text) < 4:
        return False
    if text.endswith(("-", ",", "/", " and", " or", " of")) or text.count("(") > text.count(")"):
        return True
    no_room = above.x1 + first.x1 - first.x0 + 0.3 * above.size > right
    return no_room and (line.text[0].islower() or line.text[0] in "([/")

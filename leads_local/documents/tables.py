"""Tables: where they are, and their rows with cells in order.

A table is found by its caption and by the rules that are printed under it (or, where a page has none, by lines of aligned cells), or by
rules alone where it goes on from the page before. Columns are the strips of white space that all rows leave free; a printed line that only
carries on the cells of the line before is joined with it. A row's text is its cells joined by " | ", empty ones included, so that a value
stays under its header.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from leads_local.documents.paragraphs import CAPTION, is_caption, rows
from leads_local.documents.printed import Fragment, Rule, Word

_CELL_GAP = 0.62  # of the type size: a wider gap parts cells, a narrower one words
_REACH = 75.0  # points under a caption's first line within which its first rule is looked for


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
        area = _ruled_area(caption, lines, left, captions)
        if area is not None:
            table = _table(caption, area, left, lines, body)
            if table is not None:
                found.append(table)
                taken = {id(f) for f in _parts(table, left)}
                left = [f for f in left if id(f) not in taken]
    for area in _uncaptioned(lines, left):
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
        if before is not None and abs(rule.y0 - before.y0) < 2 and rule.x0 <= before.x1 + 4:
            joined[-1] = Rule(min(before.x0, rule.x0), before.y0, max(before.x1, rule.x1), max(before.y1, rule.y1), True)
        else:
            joined.append(rule)
    return sorted(joined, key=lambda r: r.y0)


def _ruled_area(caption: Fragment, rules: Sequence[Rule], fragments: Sequence[Fragment], captions: Sequence[Fragment]) -> _Area | None:
    """From a caption's first line to the last rule of its table; None where there are no rules of its own."""
    near = [
        r
        for r in rules
        if caption.y0 - 4 <= r.y0 <= caption.y1 + _REACH
        and r.x1 - r.x0 > 60
        and r.x0 < caption.x1
        and r.x1 > caption.x0
        and r.x0 <= caption.x0 + 12
    ]
    near = [r for r in near if r.y0 > caption.base]
    if not near:
        return None
    widest = max(near, key=lambda r: r.x1 - r.x0)
    x0, x1 = widest.x0, widest.x1
    stop = min((c.y0 for c in captions if c.y0 > caption.y1 + 2 and c.x0 < x1 and c.x1 > x0), default=float("inf"))
    bottom = widest.y1
    for rule in rules:
        if bottom < rule.y0 < stop and abs(rule.x0 - x0) < 6 and abs(rule.x1 - x1) < 6:
            between = [f for f in fragments if f.y0 >= bottom - 1 and f.y1 <= rule.y1 + 1 and f.x0 < x1 and f.x1 > x0]
            if not _is_running_text(between, x1 - x0):
                bottom = rule.y1
            else:
                break
    if bottom <= widest.y1 + 1:
        return None
    return _Area(min(x0, caption.x0), caption.y0, x1, bottom)


def _is_running_text(fragments: Sequence[Fragment], width: float) -> bool:
    """Whether most lines run over nearly the whole width, or leave it: no table."""
    if len(fragments) < 4:
        return False
    wide = sum(1 for f in fragments if f.width > 0.85 * width)
    return wide > 0.6 * len(rows(fragments))


def _uncaptioned(rules: Sequence[Rule], fragments: Sequence[Fragment]) -> list[_Area]:
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
        if len(lines) >= 4 and several >= 0.5 * len(lines):
            found.append(area)
            used.update(same)
    return found


def _table(caption: Fragment | None, area: _Area, fragments: Sequence[Fragment], rules: Sequence[Rule], body: float) -> Table | None:
    inside = [f for f in fragments if area.holds(f)]
    first = min((r.y0 for r in rules if r.y0 > (caption.base if caption else area.y0 - 1) and abs(r.x0 - area.x0) < 15), default=area.y0)
    head: list[Fragment] = []
    if caption is not None:
        head = [f for f in inside if f.base < first]
        inside = [f for f in inside if f.base >= first]
    if len(inside) < 2:
        return None
    lines = rows(inside)
    grid = _rows(lines, [r for r in rules if area.y0 <= r.y0 <= area.y1], area)
    if len(grid) < 2:
        return None
    notes = _notes(area, fragments, body)
    bottom = max([area.y1, *(n.y1 for n in notes)])
    return Table(area.x0, area.y0, area.x1, bottom, tuple(rows(head)), tuple(grid), tuple(notes))


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
    """The left edges of the columns, the first being minus infinity."""
    if not chunked:
        return [float("-inf")]
    full = [c for c in chunked if len(c) > 1] or list(chunked)
    most = max(len(c) for c in full)
    rich = [c for c in full if len(c) >= max(2, most - 1)] or full
    intervals = sorted((chunk.x0, chunk.x1) for c in rich for chunk in c)
    edges = [float("-inf")]
    reach = intervals[0][1]
    for x0, x1 in intervals:
        if x0 > reach + 1:
            edges.append((x0 + reach) / 2)
        reach = max(reach, x1)
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
    leading = _leading(lines)
    merged: list[list[list[Fragment]]] = []
    for place, row in enumerate(grid):
        ruled = place > 0 and any(lines[place - 1].base < r.y0 < lines[place].y1 - 0.5 * lines[place].size for r in rules)
        if merged and not ruled and _carries_on(merged[-1], row, lines[place - 1], lines[place], right, leading):
            merged[-1] = [a + b for a, b in zip(merged[-1], row, strict=True)]
        else:
            merged.append(row)
    return [tuple(Cell(tuple(cell)) for cell in row) for row in merged]


def _leading(lines: Sequence[Fragment]) -> tuple[float, bool]:
    """The smallest usual distance of baselines, and whether rows are set further apart than that."""
    gaps = sorted(b.base - a.base for a, b in itertools.pairwise(lines) if b.base - a.base > 0.75 * b.size)
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
    if gap < 0.75 * line.size:
        return True
    small, spaced = leading
    if spaced:
        return gap <= 1.12 * small
    filled = [n for n, cell in enumerate(following) if cell]
    if gap > 1.3 * small or not filled:
        return False
    before = [n for n, cell in enumerate(row) if cell]
    if not set(filled) <= set(before):
        if before != [0] or 0 not in filled:
            return False
        return _wrapped(row[0][-1], following[0][0], right[0]) and following[0][0].text[0].islower()
    if len(filled) == len(before) and len(before) > 1:
        return all(_wrapped(row[n][-1], following[n][0], right[n]) for n in filled if n == 0) and following[filled[0]][0].text[0].islower()
    return all(_wrapped(row[n][-1], following[n][0], right[n]) for n in filled)


def _wrapped(above: Fragment, line: Fragment, right: float) -> bool:
    """Whether the first word of ``line`` had no room at the end of ``above``, or plainly belongs there."""
    text, first = above.text, line.words[0]
    if text.endswith(("-", ",", "/", " and", " or", " of")) or text.count("(") > text.count(")"):
        return True
    no_room = above.x1 + first.x1 - first.x0 + 0.3 * above.size > right
    return no_room and (line.text[0].islower() or line.text[0] in "([/")

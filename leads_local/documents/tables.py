"""Tables: where they are, and their rows with cells in order.

A table is found by its caption and by the rules that are printed under it (or, where a page has none, by lines of
aligned cells), or by rules alone where it goes on from the page before. What is running text is never taken for a
table, though rules stand above and below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from leads_local.documents.cells import Cell, build_grid, chunks_of, is_number
from leads_local.documents.geometry import Fragment, Rule
from leads_local.documents.paragraphs import CAPTION, is_caption, join_rows

_REACH = 75.0  # points under a caption's first line within which its first rule is looked for
_NOTE = re.compile(r"(?i:notes?|abbreviations?|data are|values are|source)\b|[*†‡§¶#]|[a-z]\s[A-Z]")


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
        return (
            item.x0 >= self.x0 - 3 and item.x1 <= self.x1 + 3 and self.y0 - 1 <= (item.y0 + item.y1) / 2 <= self.y1 + 1
        )


def find_tables(
    fragments: Sequence[Fragment], rules: Sequence[Rule], body: float
) -> tuple[list[Table], list[Fragment]]:
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
            table = _build_table(caption, area, left, lines, body)
            if table is not None:
                found.append(table)
                taken = {id(f) for f in _fragments_of(table, left)}
                left = [f for f in left if id(f) not in taken]
    for area in _uncaptioned_areas(lines, left, body):
        table = _build_table(None, area, left, lines, body)
        if table is not None:
            found.append(table)
            taken = {id(f) for f in _fragments_of(table, left)}
            left = [f for f in left if id(f) not in taken]
    return found, left


def _fragments_of(table: Table, fragments: Sequence[Fragment]) -> list[Fragment]:
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


def _ruled_area(
    caption: Fragment, rules: Sequence[Rule], fragments: Sequence[Fragment], captions: Sequence[Fragment], body: float
) -> _Area | None:
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
            if _is_running_text(between, body):
                break
            bottom, last = rule.y1, last + 1
    inside = [f for f in fragments if f.x0 >= x0 - 3 and f.x1 <= x1 + 3 and f.y0 < stop]
    if last < 2:  # with rules above and below its head and below its rows it is closed
        bottom = _extend_bottom(bottom, [f for f in inside if f.base > bottom], body)
    return _Area(x0, caption.y0, x1, bottom) if bottom > widest.y1 + 1 else None


def _aligned_area(
    caption: Fragment, fragments: Sequence[Fragment], captions: Sequence[Fragment], body: float
) -> _Area | None:
    """The rows of cells under a caption that has no rules; None where there are none."""
    stop = min((c.y0 for c in captions if c.y0 > caption.y1 + 2), default=float("inf"))
    below = [f for f in fragments if caption.base < f.base < stop and f.x0 >= caption.x0 - 6]
    left, right = min((f.x0 for f in fragments), default=0.0), max((f.x1 for f in fragments), default=0.0)
    middle = (left + right) / 2
    for x1 in (right, middle + 6) if caption.x0 < middle - 40 else (right,):
        inside = [f for f in below if f.x1 <= x1 + 2]
        start = next((row for row in join_rows(inside) if _is_tabular(row, body)), None)
        if start is None or start.y0 - caption.y1 > _REACH:
            continue
        bottom = _extend_bottom(start.y0 - 1, [f for f in inside if f.base > start.y0], body)
        if sum(1 for row in join_rows(inside) if start.y0 - 1 < row.base <= bottom + 1) >= 3:
            return _Area(caption.x0 - 6, caption.y0, x1, bottom)
    return None


def _extend_bottom(bottom: float, below: Sequence[Fragment], body: float) -> float:
    """How far down rows of cells go on under ``bottom``, as where a table has no last rule because it goes on
    overleaf."""
    reached, at, alone = bottom, bottom, 0
    for row in join_rows(below):
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
    chunks = chunks_of(row)
    if len(chunks) < 2 or any(c.characters > 45 for c in chunks):
        return False
    return len(chunks) > 2 or is_number(chunks[1].text)


def _is_running_text(fragments: Sequence[Fragment], body: float) -> bool:
    """Whether most lines are long ones in the type of the running text: no table, though there are rules above and
    below."""
    long = sum(1 for f in fragments if f.characters > 30 and f.size > 0.97 * body)
    return len(fragments) >= 4 and long > 0.5 * len(fragments)


def _uncaptioned_areas(rules: Sequence[Rule], fragments: Sequence[Fragment], body: float) -> list[_Area]:
    """Areas between three or more rules of the same extent, as where a table goes on from another page."""
    found: list[_Area] = []
    used: set[int] = set()
    for place, rule in enumerate(rules):
        if place in used or rule.x1 - rule.x0 < 120:
            continue
        same = [
            other
            for other in range(place, len(rules))
            if abs(rules[other].x0 - rule.x0) < 4 and abs(rules[other].x1 - rule.x1) < 4
        ]
        if len(same) < 3:
            continue
        area = _Area(rule.x0, rule.y0, rule.x1, rules[same[-1]].y1)
        inside = [f for f in fragments if area.holds(f)]
        lines = join_rows(inside)
        several = sum(1 for line in lines if len(chunks_of(line)) >= 3)
        if len(lines) >= 4 and several >= 0.5 * len(lines) and not _is_running_text(inside, body):
            found.append(area)
            used.update(same)
    return found


def _build_table(
    caption: Fragment | None, area: _Area, fragments: Sequence[Fragment], rules: Sequence[Rule], body: float
) -> Table | None:
    inside = [f for f in fragments if area.holds(f)]
    head: list[Fragment] = []
    if caption is not None:
        own = (r.y0 for r in rules if caption.base < r.y0 < area.y1 - 2 and abs(r.x0 - area.x0) < 15)
        tabular = (row.y0 for row in join_rows(inside) if row.base > caption.base + 2 and _is_tabular(row, body))
        first = min(own, default=min(tabular, default=area.y1))
        head = [f for f in inside if f.base < first]
        inside = [f for f in inside if f.base >= first]
    if len(inside) < 2:
        return None
    table = build_grid(join_rows(inside), [r for r in rules if area.y0 <= r.y0 <= area.y1])
    if len(table) < 2:
        return None
    table, last = _split_off_notes(table, area)
    notes = [*last, *_notes_below(area, fragments, body)]
    bottom = max([area.y1, *(n.y1 for n in notes)])
    return Table(area.x0, area.y0, area.x1, bottom, tuple(join_rows(head)), tuple(table), tuple(notes))


def _split_off_notes(table: list[tuple[Cell, ...]], area: _Area) -> tuple[list[tuple[Cell, ...]], list[Fragment]]:
    """The rows, and apart from them the notes that stand under the rows but above the last rule."""
    end = len(table)
    while end > 1 and _is_note(table[end - 1], area):
        end -= 1
    return table[:end], [line for row in table[end:] for line in row[0].lines]


def _is_note(row: tuple[Cell, ...], area: _Area) -> bool:
    alone = bool(row[0].lines) and not any(cell.lines for cell in row[1:])
    if not alone:
        return False
    line = row[0].lines[0]
    return _NOTE.match(line.text) is not None or line.width > 0.7 * (area.x1 - area.x0)


def _notes_below(area: _Area, fragments: Sequence[Fragment], body: float) -> list[Fragment]:
    """The lines of small type right under the last rule."""
    below = [
        f
        for f in fragments
        if f.y0 >= area.y1 - 2 and f.x0 >= area.x0 - 3 and f.x1 <= area.x1 + 3 and f.y0 < area.y1 + 150
    ]
    found: list[Fragment] = []
    bottom = area.y1
    for line in join_rows(below):
        if (
            line.size > 0.95 * body
            or line.y0 - bottom > 0.9 * line.size
            or (CAPTION.match(line.text) and is_caption(line))
        ):
            break
        found.append(line)
        bottom = line.y1
    return found

"""The heads of a table's columns: which lines they are, and which columns each covers.

A head in several lines or over several columns becomes one row, in which every column has its whole head: what stands
over a column and the next one is repeated over each. So a value is never without its arm, however the head is set.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from leads_local.documents.cells import Cell, Columns, RowDraft, chunks_of, is_value
from leads_local.documents.geometry import Fragment, Rule

_MOST_LINES = 7
_CENTRED = 0.9  # of the type size by which the middle of a head may miss the middle of its columns


def covers(rule: Rule, lines: Sequence[Fragment]) -> bool:
    """Whether a rule runs over next to the whole width of what is printed in these lines, from its left edge on."""
    x0, x1 = min(line.x0 for line in lines), max(line.x1 for line in lines)
    return rule.x0 <= x0 + 0.06 * (x1 - x0) and rule.x1 >= x1 - 0.15 * (x1 - x0)


def count_head_lines(lines: Sequence[Fragment], rules: Sequence[Rule]) -> int:
    """How many of the first lines are the heads of the columns: those above the first rule under a line, if they hold
    no values, or those above the first line of values."""
    wide = [r.y0 for r in rules if r.across and covers(r, lines) and r.y0 > lines[0].base]
    above = sum(1 for line in lines if wide and line.base < min(wide))
    values = next((n for n, line in enumerate(lines) if _holds_values(line)), len(lines))
    if 0 < above <= min(_MOST_LINES, values) and above < len(lines):
        return above
    if wide and values == 0:
        return 0
    heads = [line for line in lines[:values] if len(chunks_of(line)) > 1]
    if not heads or values >= len(lines) or values > _MOST_LINES:
        return 0
    return 1 + max(n for n, line in enumerate(lines[:values]) if len(chunks_of(line)) > 1)


def inner_heads(lines: Sequence[Fragment], head: int, rules: Sequence[Rule]) -> list[tuple[int, int]]:
    """Where, after the first ``head`` lines, other heads of columns stand between two rules, as where a table is
    several set under each other: two lines or more, no values in them, each as the first line and the one after the
    last."""
    wide = [r.y0 for r in rules if r.across and covers(r, lines)]
    cuts = [n for n in range(1, len(lines)) if any(lines[n - 1].base < y < lines[n].base for y in wide)]
    found = []
    for start, end in itertools.pairwise(cuts):
        inside = lines[start:end]
        several = [line for line in inside if len(chunks_of(line)) > 2]
        plain = not any(_holds_values(line) for line in inside) and _holds_values(lines[end])
        if plain and start >= head > 0 and 2 <= len(inside) <= _MOST_LINES and len(several) >= 2:
            found.append((start, end))
    return found


def _holds_values(line: Fragment) -> bool:
    cells = chunks_of(line)[1:]
    return bool(cells) and sum(is_value(cell.text) for cell in cells) >= 0.5 * len(cells)


def read_head(
    lines: Sequence[Fragment], columns: Columns, printed: Sequence[RowDraft], rules: Sequence[Rule]
) -> tuple[Cell, ...]:
    """The row of heads. ``printed`` are the lines of the table's body, sorted into its columns."""
    extents = _extents(columns, printed)
    cells: list[list[Fragment]] = [[] for _ in columns.edges]
    for place, line in enumerate(lines):
        below = lines[place + 1].base if place + 1 < len(lines) else line.base + 1.5 * line.size
        under = [r for r in rules if r.across and line.base < r.y0 < below and not covers(r, lines)]
        parts = columns.pieces(line)
        for n, part in enumerate(parts):
            left = parts[n - 1].x1 if n else float("-inf")
            right = parts[n + 1].x0 if n + 1 < len(parts) else float("inf")
            own = [r for r in under if not any(r.x0 < p.x1 and p.x0 < r.x1 for p in parts if p is not part)]
            for column in _covered(part, extents, own, (left, right)) or [columns.column_of(part)]:
                cells[column].append(part)
    return tuple(Cell(tuple(cell)) for cell in cells)


def _extents(columns: Columns, printed: Sequence[RowDraft]) -> dict[int, tuple[float, float]]:
    """From where to where the cells of each column that has any are printed."""
    found: dict[int, tuple[float, float]] = {}
    for n in range(len(columns.edges)):
        cells = [row[n][0] for row in printed if row[n]]
        if cells:
            found[n] = min(c.x0 for c in cells), max(c.x1 for c in cells)
    return found


def _covered(
    part: Fragment, extents: dict[int, tuple[float, float]], under: Sequence[Rule], between: tuple[float, float]
) -> list[int]:
    """The columns that one printed piece of a head stands over: those above its own rule, those that it is printed
    over, or those that it is centred over; none where it is over no column's cells.

    ``between`` is where its neighbours in the line end and begin.
    """
    for rule in under:
        if rule.x0 - 3 <= (part.x0 + part.x1) / 2 <= rule.x1 + 3:
            ruled = [n for n, (x0, x1) in extents.items() if n and rule.x0 - 3 <= (x0 + x1) / 2 <= rule.x1 + 3]
            if len(ruled) > 1:
                return ruled
    shared = {n: min(part.x1, x1) - max(part.x0, x0) for n, (x0, x1) in extents.items()}
    wide = [n for n, (x0, x1) in extents.items() if n and shared[n] >= 0.5 * (x1 - x0)]
    if len(wide) > 1:
        return wide
    return _centred_over(part, extents, between) or [
        n for n in shared if shared[n] > 0 and shared[n] == max(shared.values())
    ]


def _centred_over(part: Fragment, extents: dict[int, tuple[float, float]], between: tuple[float, float]) -> list[int]:
    """The columns, several and next to each other, that a piece is centred over; none where it fits one alone."""
    middle, near = (part.x0 + part.x1) / 2, _CENTRED * part.size
    for x0, x1 in extents.values():
        if min(abs((x0 + x1) / 2 - middle), abs(x0 - part.x0), abs(x1 - part.x1)) < 2.5:
            return []
    free = [n for n, (x0, x1) in extents.items() if n and x0 >= between[0] - 2 and x1 <= between[1] + 2]
    best: list[int] = []
    for first in range(len(free)):
        for last in range(first + 1, len(free)):
            run = free[first : last + 1]
            hull = (extents[run[0]][0] + extents[run[-1]][1]) / 2
            if run == list(range(run[0], run[-1] + 1)) and abs(hull - middle) < near and len(run) > len(best):
                best = run
    return best

"""The rows of a table, from the lines that are printed in it.

A printed line that only carries on the cells of the line above it is joined with it, which is judged by white space, by
what would have had room, and by the rules and bands between them; two numbers are never joined into one cell, because a
wrong value is worse than a row too many.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from leads_local.documents.cells import Cell, RowDraft, find_columns, is_number, is_value
from leads_local.documents.geometry import Fragment, Rule
from leads_local.documents.heads import covers, inner_heads, read_head

_OVERLAP = 0.75  # of the type size: baselines nearer than that are of one row, its cells centred upon each other
_LEAST_SLOTS = 3  # rows that rules or bands must part before they are taken to part all rows


def build_grid(lines: Sequence[Fragment], rules: Sequence[Rule], head: int = 0) -> list[tuple[Cell, ...]]:
    """The rows of a table whose printed lines are ``lines``, from top to bottom. Each has a cell for every column,
    empty or not. The first ``head`` lines are the column heads, and become the first row."""
    columns = find_columns(lines, head, [r for r in rules if not r.across])
    printed = [columns.sort(line) for line in lines[head:]]
    rows: list[tuple[Cell, ...]] = [read_head(lines[:head], columns, printed, rules)] if head else []
    at = head
    for start, end in [*inner_heads(lines, head, rules), (len(lines), len(lines))]:
        merged = _merge_lines(lines[at:start], printed[at - head : start - head], rules)
        rows += [tuple(Cell(tuple(cell)) for cell in row) for row in merged]
        if start < end:
            rows.append(read_head(lines[start:end], columns, printed[end - head :], rules))
        at = end
    return rows


def _merge_lines(lines: Sequence[Fragment], printed: Sequence[RowDraft], rules: Sequence[Rule]) -> list[RowDraft]:
    if not lines:
        return []
    right = [max((row[n][0].x1 for row in printed if row[n]), default=0.0) for n in range(len(printed[0]))]
    parted = [place > 0 and _is_rule_between(lines[place - 1], lines[place], rules) for place in range(len(lines))]
    whole = _whole_slots(printed, lines, rules)
    leading = _measure_leading(lines, parted)
    apart = _row_distance(lines, printed, parted)
    merged: list[RowDraft] = []
    for place, row in enumerate(printed):
        if place in whole or (merged and not parted[place] and _is_close(place, merged[-1], printed, lines, apart)):
            carries_on = True
        else:
            carries_on = (
                bool(merged) and not parted[place] and _carries_on(place, merged[-1], printed, lines, right, leading)
            )
        if carries_on:
            merged[-1] = [a + b for a, b in zip(merged[-1], row, strict=True)]
        else:
            merged.append(row)
    return merged


def _row_distance(lines: Sequence[Fragment], printed: Sequence[RowDraft], parted: Sequence[bool]) -> float:
    """The smallest distance of two lines that must be rows of their own, each with a label and values; 0 where the
    table has no lines that are nearer to each other than that."""
    gaps = [
        below.base - above.base
        for (above, below), (a, b), cut in zip(
            itertools.pairwise(lines), itertools.pairwise(printed), parted[1:], strict=True
        )
        if not cut and _is_full(a) and _is_full(b)
    ]
    return min(gaps, default=0.0)


def _is_full(row: RowDraft) -> bool:
    """Whether a printed line has a label and a value."""
    return bool(row[0]) and any(cell and is_value(cell[0].text) for cell in row[1:])


def _is_close(place: int, row: RowDraft, printed: Sequence[RowDraft], lines: Sequence[Fragment], apart: float) -> bool:
    """Whether a line stands nearer to the one above than rows do in this table, and fits in with it."""
    if not 0 < lines[place].base - lines[place - 1].base < 0.94 * apart:
        return False
    cells = printed[place]
    return not any(a and b and _are_two_numbers(a[-1].text, b[0].text) for a, b in zip(row, cells, strict=True))


def _carries_on(
    place: int,
    row: RowDraft,
    printed: Sequence[RowDraft],
    lines: Sequence[Fragment],
    right: Sequence[float],
    leading: tuple[float, bool, float],
) -> bool:
    return _continues_row(row, printed[place], lines[place - 1], lines[place], right, leading) or (
        bool(row[0]) and _is_label_between(place, printed, lines)
    )


def _whole_slots(printed: Sequence[RowDraft], lines: Sequence[Fragment], rules: Sequence[Rule]) -> set[int]:
    """The lines that carry on a row because rules or bands stand between all rows, and none above them."""
    wide = [r for r in rules if r.across and covers(r, lines)]
    slots: list[list[int]] = []
    for place, line in enumerate(lines):
        if not slots or _is_rule_between(lines[place - 1], line, wide):
            slots.append([])
        slots[-1].append(place)
    single = [slot for slot in slots if _is_one_row(slot, printed)]
    if len(slots) < _LEAST_SLOTS or len(single) < 0.8 * len(slots):
        return set()
    return {place for slot in single for place in slot[1:]}


def _is_one_row(slot: Sequence[int], printed: Sequence[RowDraft]) -> bool:
    """Whether the lines between two rules can be one row: no two values under each other, no value beside a second
    label."""
    last: dict[int, str] = {}
    for place in slot:
        for n, cell in enumerate(printed[place]):
            if not cell:
                continue
            text = cell[0].text
            if n in last and _are_two_numbers(last[n], text):
                return False
            if place != slot[0] and n > 0 and printed[place][0] and is_number(text) and 0 in last:
                return False
            last[n] = text
    return True


def _is_label_between(place: int, table: Sequence[RowDraft], lines: Sequence[Fragment]) -> bool:
    """Whether a line is the second line of a label whose row stands above it, set between that row and the next."""

    def label_only(n: int) -> bool:
        return bool(table[n][0]) and not any(table[n][1:])

    def touches(n: int) -> bool:
        return lines[n + 1].base - lines[n].base < _OVERLAP * lines[n].size

    if place + 1 >= len(lines) or not label_only(place) or not touches(place) or table[place + 1][0]:
        return False
    if place + 2 < len(lines) and label_only(place + 2) and touches(place + 1):
        return False  # a label of two lines with its values centred beside it
    return lines[place].base - lines[place - 1].base < 1.3 * lines[place].size


def _is_rule_between(above: Fragment, line: Fragment, rules: Sequence[Rule]) -> bool:
    return any(above.base < r.y0 < line.y1 - 0.5 * line.size for r in rules)


def _measure_leading(lines: Sequence[Fragment], parted: Sequence[bool]) -> tuple[float, bool, float]:
    """The smallest usual distance of baselines, and whether rows are set further apart than that, and the middle one.

    Distances across rules do not count.
    """
    steps = zip(itertools.pairwise(lines), parted[1:], strict=True)
    gaps = sorted(b.base - a.base for (a, b), cut in steps if not cut and b.base - a.base > 0.75 * b.size)
    if not gaps:
        return 0.0, False, 0.0
    small = gaps[len(gaps) // 10]
    wide = sum(1 for gap in gaps if gap > 1.22 * small)
    return small, wide >= 0.3 * len(gaps), gaps[len(gaps) // 2]


def _continues_row(
    row: RowDraft,
    following: RowDraft,
    above: Fragment,
    line: Fragment,
    right: Sequence[float],
    leading: tuple[float, bool, float],
) -> bool:
    """Whether a printed line only carries on the cells of the row before it."""
    gap = line.base - above.base
    filled = [n for n, cell in enumerate(following) if cell]
    before = [n for n, cell in enumerate(row) if cell]
    if gap < _OVERLAP * line.size:
        return not set(filled) & set(before) - {0}
    if any(_are_two_numbers(row[n][-1].text, following[n][0].text) for n in filled if row[n]):
        return False
    small, spaced, usual = leading
    if gap < 0.9 * usual and not spaced and set(filled) <= set(before) and 0 not in filled:
        return True
    if spaced:
        return gap <= 1.12 * small
    if gap > 1.3 * small or not filled:
        return False
    if not set(filled) <= set(before):  # the label's first line alone, its values beside the last
        return (
            before == [0]
            and 0 in filled
            and following[0][0].text[0].islower()
            and _is_wrapped(row[0][-1], following[0][0], right[0])
        )
    if len(filled) == len(before) > 1 and not following[filled[0]][0].text[0].islower():
        return False
    wrapped = [_is_wrapped(row[n][-1], following[n][0], right[n]) for n in filled]
    return wrapped[0] if 0 in filled else sum(wrapped) >= 0.5 * len(wrapped)


def _are_two_numbers(above: str, below: str) -> bool:
    """Whether these are two values, and not one with its interval or spread on the next line."""
    return is_number(above) and is_number(below) and not (below[0] in "([" and above[-1] not in ")]")


def _is_wrapped(above: Fragment, line: Fragment, right: float) -> bool:
    """Whether the first word of ``line`` had no room at the end of ``above``, or plainly belongs there."""
    text, first = above.text, line.words[0]
    if len(text) < 4:
        return False
    if text.endswith(("-", ",", "/", " and", " or", " of")) or text.count("(") > text.count(")"):
        return True
    no_room = above.x1 + first.x1 - first.x0 + 0.3 * above.size > right
    return no_room and (line.text[0].islower() or line.text[0] in "([/")

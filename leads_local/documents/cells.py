"""The rows and cells of a table, from the lines that are printed in it.

Columns are the strips of white space that the lines leave free. A printed line that only carries on the cells of the
line above it is joined with it, which is judged by white space, by what would have had room, and by rules between them;
two numbers are never joined into one cell, because a wrong value is worse than a row too many.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from leads_local.documents.geometry import Fragment, Rule, Word

_CELL_GAP = 0.62  # of the type size: a wider gap parts cells, a narrower one words
_OVERLAP = 0.75  # of the type size: baselines nearer than that are of one row, its cells centred upon each other


RowDraft = list[list[Fragment]]  # while it is being made: for each column the lines of its cell


@dataclass(frozen=True, slots=True)
class Cell:
    """The lines of one cell, from top to bottom; none in an empty cell."""

    lines: tuple[Fragment, ...] = ()


def chunks_of(line: Fragment) -> list[Fragment]:
    """A printed line parted at every gap that is wider than one between words."""
    runs: list[list[Word]] = []
    for word in line.words:
        if runs and (word.glued or word.x0 - runs[-1][-1].x1 <= _CELL_GAP * line.size):
            runs[-1].append(word)
        else:
            runs.append([word])
    return [Fragment.of([replace(run[0], glued=False), *run[1:]]) for run in runs]


def _find_column_edges(chunked: Sequence[Sequence[Fragment]]) -> list[float]:
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
        if step > 0 and covered <= tolerated and free_from is not None and x - free_from > 0.8:
            edges.append((free_from + x) / 2)
            free_from = None
        covered += step
        if step < 0 and covered <= tolerated and free_from is None:
            free_from = x
        elif covered > tolerated:
            free_from = None
    return edges


def _column_of(chunk: Fragment, edges: Sequence[float]) -> int:
    """The column that a chunk begins in: where its left edge is, unless most of it is in the next one."""
    return max(n for n, edge in enumerate(edges) if edge <= chunk.x0 + 0.3 * min(chunk.width, 10))


def build_grid(lines: Sequence[Fragment], rules: Sequence[Rule]) -> list[tuple[Cell, ...]]:
    """The rows of a table whose printed lines are ``lines``, from top to bottom. Each has a cell for every column,
    empty or not."""
    chunked = [chunks_of(line) for line in lines]
    edges = _find_column_edges(chunked)
    printed = [_sort_into_columns(chunks, edges) for chunks in chunked]
    right = [max((row[n][0].x1 for row in printed if row[n]), default=0.0) for n in range(len(edges))]
    parted = [place > 0 and _is_rule_between(lines[place - 1], lines[place], rules) for place in range(len(lines))]
    leading = _measure_leading(lines, parted)
    merged: list[RowDraft] = []
    for place, row in enumerate(printed):
        carries_on = (
            merged
            and not parted[place]
            and _continues_row(merged[-1], row, lines[place - 1], lines[place], right, leading)
        )
        if carries_on or (merged and merged[-1][0] and _is_label_between(place, printed, lines)):
            merged[-1] = [a + b for a, b in zip(merged[-1], row, strict=True)]
        else:
            merged.append(row)
    return [tuple(Cell(tuple(cell)) for cell in row) for row in merged]


def _sort_into_columns(chunks: Sequence[Fragment], edges: Sequence[float]) -> RowDraft:
    """One printed line as a row; chunks that fall into one column are one line of its cell."""
    words: list[list[Word]] = [[] for _ in edges]
    for chunk in chunks:
        words[_column_of(chunk, edges)].extend(chunk.words)
    return [[Fragment.of(cell)] if cell else [] for cell in words]


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


def is_number(text: str) -> bool:
    """Whether a cell begins as a number does."""
    return text[:1].isdigit() or text.startswith(tuple("<>=±-−–("))


def _is_wrapped(above: Fragment, line: Fragment, right: float) -> bool:
    """Whether the first word of ``line`` had no room at the end of ``above``, or plainly belongs there."""
    text, first = above.text, line.words[0]
    if len(text) < 4:
        return False
    if text.endswith(("-", ",", "/", " and", " or", " of")) or text.count("(") > text.count(")"):
        return True
    no_room = above.x1 + first.x1 - first.x0 + 0.3 * above.size > right
    return no_room and (line.text[0].islower() or line.text[0] in "([/")

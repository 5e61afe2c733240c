"""The order in which the parts of a page are read: columns from left to right, between what runs across them from top
to bottom.

A gutter is a vertical strip that many lines end before and many lines begin after, and that only headings, abstracts,
figures and tables cross. What crosses it parts the page into bands; each band's columns are read one after the other.
The content stream's own order is not used: it is right in most files, but nothing in a file says whether it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol, TypeVar

_LEAST_ROWS = 3  # rows that a column must have on each side of a gutter
_LEAST_WIDTH = 0.14  # of the region's width: what is narrower is a column of numbers or bullets, not of text
_LEAST_POINTS = 36.0
_WIDE = 15.0  # points of white space that make a gutter beyond doubt
_NUMBERS = 6.0  # points by which longer numbers of a list begin further left
_DEPTH = 6


class Boxed(Protocol):
    """Anything with a place on the page."""

    @property
    def x0(self) -> float: ...
    @property
    def y0(self) -> float: ...
    @property
    def x1(self) -> float: ...
    @property
    def y1(self) -> float: ...


T = TypeVar("T", bound=Boxed)


@dataclass(frozen=True, slots=True)
class _Band:
    """Neighbours from top to bottom that all cross the gutter, or all lie beside it."""

    crossing: bool
    start: int
    end: int


def split_columns(items: Sequence[T], known: Sequence[float] = (), depth: int = 0) -> list[list[T]]:
    """``items`` parted into single columns, in reading order; within each from top to bottom, then left to right.

    ``known`` are gutters of the document's other pages: a last page may have too few lines in its right column to show
    its own.
    """
    if not items:
        return []
    found = find_gutter(items) if depth < _DEPTH else None
    gutter = found if found is not None else next((x for x in known if _gutter_fits(items, x)), None)
    if gutter is None:
        return [_sort_top_down(items)]
    ordered = sorted(items, key=_middle)
    result: list[list[T]] = []
    loose: list[T] = []
    for band in _split_into_bands(ordered, gutter):
        part = ordered[band.start : band.end]
        left = [item for item in part if item.x1 <= gutter]
        right = [item for item in part if item.x1 > gutter]
        if (
            band.crossing
            or not (left and right)
            or (found is not None and min(_count_rows(left), _count_rows(right)) < 2)
        ):
            loose.extend(part)
            continue
        for part in (loose, left, right):
            result.extend(split_columns(part, (), depth + 1))
        loose = []
    result.extend(split_columns(loose, (), depth + 1))
    return result


def _middle(item: Boxed) -> float:
    return (item.y0 + item.y1) / 2


def _sort_top_down(items: Sequence[T]) -> list[T]:
    return sorted(items, key=lambda item: (_middle(item), item.x0))


def _crosses(item: Boxed, gutter: float) -> bool:
    return item.x0 < gutter < item.x1


def _split_into_bands(ordered: Sequence[Boxed], gutter: float) -> list[_Band]:
    """Runs of items, sorted by their middles, that cross the gutter or do not. What stands in a row with one that
    crosses goes with it."""
    across = sorted((item for item in ordered if _crosses(item, gutter)), key=lambda item: item.y0)
    marks: list[bool] = []
    begun, reach = 0, float("-inf")  # how many of those across begin above an item, and how far down they reach
    for item in ordered:
        middle = _middle(item)
        while begun < len(across) and across[begun].y0 < middle:
            reach = max(reach, across[begun].y1)
            begun += 1
        marks.append(middle < reach or _crosses(item, gutter))
    bands = []
    position = 0
    for crossing, run in groupby(marks):
        length = len(list(run))
        bands.append(_Band(crossing, position, position + length))
        position += length
    return bands


def _count_rows(items: Sequence[Boxed]) -> int:
    """How many rows the items make, with those side by side counted once."""
    count, bottom = 0, float("-inf")
    for item in sorted(items, key=_middle):
        if _middle(item) > bottom:
            count += 1
            bottom = item.y1
    return count


def _gutter_fits(items: Sequence[Boxed], gutter: float) -> bool:
    """Whether another page's gutter parts these items too: text on both sides of it, and little across."""
    left = [item for item in items if item.x1 <= gutter]
    right = [item for item in items if item.x0 >= gutter]
    across = len(items) - len(left) - len(right)
    beside = any(a.y0 < b.y1 and b.y0 < a.y1 for a in left for b in right)
    return beside and across < 0.3 * len(items)


def find_gutter(items: Sequence[Boxed]) -> float | None:
    """The x that parts the most rows into columns of text, or None."""
    if len(items) < 2 * _LEAST_ROWS:
        return None
    ordered = sorted(items, key=_middle)
    least = max(_LEAST_POINTS, _LEAST_WIDTH * (max(i.x1 for i in items) - min(i.x0 for i in items)))
    best, best_score = None, 0.0
    for x in _gutter_candidates(items):
        score = 0.0
        for band in _split_into_bands(ordered, x):
            if not band.crossing:
                part = ordered[band.start : band.end]
                score += _two_column_score([i for i in part if i.x1 <= x], [i for i in part if i.x1 > x], least)
        if score > best_score:
            best, best_score = x, score
    return best


def _gutter_candidates(items: Sequence[Boxed]) -> list[float]:
    """Positions just left of where at least three items begin, with and without room for numbers that stand out to the
    left."""
    starts = sorted(item.x0 for item in items)
    found: list[float] = []
    run = [starts[0]]
    for x in [*starts[1:], float("inf")]:
        if x - run[-1] <= 1.5:
            run.append(x)
            continue
        if len(run) >= _LEAST_ROWS:
            found += [run[0] - 0.5, run[0] - _NUMBERS]
        run = [x]
    return [x for x in found if x > starts[0]]


def _two_column_score(left: Sequence[Boxed], right: Sequence[Boxed], least: float) -> float:
    """How much a band gains by being read as two columns: 0 unless both sides are text of some width that stand beside
    each other.

    The wider the white space, the more: else the numbers of a list in the right column would be taken for the end of
    the left one.
    """
    if not left or not right:
        return 0.0
    rows = min(_count_rows(left), _count_rows(right))
    if rows < _LEAST_ROWS or _typical_width(left) < least or _typical_width(right) < least:
        return 0.0
    beside = min(max(i.y1 for i in left), max(i.y1 for i in right)) - max(
        min(i.y0 for i in left), min(i.y0 for i in right)
    )
    if beside <= 0:
        return 0.0
    white = min(i.x0 for i in right) - max(i.x1 for i in left)
    return rows * (0.5 + min(white, _WIDE) / _WIDE)


def _typical_width(items: Sequence[Boxed]) -> float:
    widths = sorted(item.x1 - item.x0 for item in items)
    return widths[(2 * len(widths)) // 3]

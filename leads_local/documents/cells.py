"""The columns and cells of a table, from the lines that are printed in it.

Columns lie between the strips of white space that the lines of the whole table leave free. Where cells nearly touch, a
strip that is wider than the space between words and that all lines keep free parts them, too.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from leads_local.documents.geometry import Fragment, Rule, Word

_CELL_GAP = 0.62  # of the type size: a wider gap parts cells, a narrower one words
_TIGHT = 0.36  # of the type size: wider than the space between words, if all lines keep it free
_VALUE = re.compile(r"[(\[]?[<>=≤≥±~−–-]*\s?[<>=≤≥±~−–-]?\d[^A-Za-z]*(?:\s?[a-z*†‡])?")

RowDraft = list[list[Fragment]]  # while it is being made: for each column the lines of its cell


@dataclass(frozen=True, slots=True)
class Cell:
    """The lines of one cell, from top to bottom; none in an empty cell."""

    lines: tuple[Fragment, ...] = ()


def has_gap(line: Fragment) -> bool:
    """Whether a printed line has a gap that is wider than one between words."""
    gap = _CELL_GAP * line.size
    return any(b.x0 - a.x1 > gap and not b.glued for a, b in itertools.pairwise(line.words))


def chunks_of(line: Fragment) -> list[Fragment]:
    """A printed line parted at every gap that is wider than one between words."""
    if not has_gap(line):
        return [line]
    runs: list[list[Word]] = []
    for word in line.words:
        if runs and (word.glued or word.x0 - runs[-1][-1].x1 <= _CELL_GAP * line.size):
            runs[-1].append(word)
        else:
            runs.append([word])
    return [Fragment.of([replace(run[0], glued=False), *run[1:]] if run[0].glued else run) for run in runs]


def is_number(text: str) -> bool:
    """Whether a cell begins as a number does."""
    return text[:1].isdigit() or text.startswith(tuple("<>=±-−–("))


def is_value(text: str) -> bool:
    """Whether a cell is a number, with or without its spread, range or share, and not words that begin with one."""
    return _VALUE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Columns:
    """The left edges of a table's columns, the first being minus infinity."""

    edges: tuple[float, ...]

    def sort(self, line: Fragment) -> RowDraft:
        """One printed line as a row; chunks that fall into one column are one line of its cell."""
        words: list[list[Word]] = [[] for _ in self.edges]
        for part in self.pieces(line):
            words[self.column_of(part)].extend(part.words)
        return [[Fragment.of(cell)] if cell else [] for cell in words]

    def pieces(self, line: Fragment) -> list[Fragment]:
        """The chunks of a line, parted further where columns nearly touch."""
        return [part for chunk in chunks_of(line) for part in self._part(chunk)]

    def column_of(self, chunk: Fragment) -> int:
        """The column that a chunk begins in: where its left edge is, unless most of it is in the next one."""
        return max(n for n, edge in enumerate(self.edges) if edge <= chunk.x0 + 0.3 * min(chunk.width, 10))

    def _part(self, chunk: Fragment) -> list[Fragment]:
        """The chunk, parted where the edge of a column lies in a gap that is wider than the space between words."""
        runs: list[list[Word]] = [[]]
        for word in chunk.words:
            before = next((w for w in reversed(runs[-1]) if not w.raised), None)
            if (
                before is not None
                and not word.glued
                and word.x0 - before.x1 > _TIGHT * chunk.size
                and any(before.x1 - 0.5 <= edge <= word.x0 + 0.5 for edge in self.edges)
            ):
                runs.append([])
            runs[-1].append(word)
        return [Fragment.of(run) for run in runs]


def find_columns(lines: Sequence[Fragment], head: int = 0, rules: Sequence[Rule] = ()) -> Columns:
    """The columns of a table, by its printed lines and the vertical ``rules`` between them. The first ``head`` lines,
    whose cells may lie over several columns, count only where too few of the others have several cells."""
    several = [chunks for line in lines[head:] if len(chunks := chunks_of(line)) > 1]
    if len(several) < 2:
        several = [chunks for line in lines if len(chunks := chunks_of(line)) > 1]
    edges = sorted((x0 + x1) / 2 for x0, x1 in _free_strips(several, 0.8))
    for x0, x1 in _tight_strips(several):
        if not any(x0 - 1 <= edge <= x1 + 1 for edge in edges):
            edges.append((x0 + x1) / 2)
    for x in _ruled_edges(lines[head:], rules):
        left = max((c.x1 for chunks in several for c in chunks if c.x1 <= x), default=x)
        right = min((c.x0 for chunks in several for c in chunks if c.x0 >= x), default=x)
        if not any(left - 1 <= edge <= right + 1 for edge in edges):
            edges.append(x)
    return Columns((float("-inf"), *sorted(edges)))


def _ruled_edges(lines: Sequence[Fragment], rules: Sequence[Rule]) -> list[float]:
    """Where vertical rules stand beside most of the lines, and no word of these lines crosses them."""
    inside = [line for line in lines if line.words]
    if not inside:
        return []
    x0, x1 = min(line.x0 for line in inside), max(line.x1 for line in inside)
    heights: dict[int, float] = {}
    for rule in rules:
        heights[round(rule.x0)] = heights.get(round(rule.x0), 0.0) + rule.y1 - rule.y0
    tall = 0.5 * (inside[-1].y1 - inside[0].y0)
    found = [float(x) for x, height in sorted(heights.items()) if height > tall and x0 + 1 < x < x1 - 1]
    words = [word for line in inside for word in line.words]
    return [x for x in found if not any(word.x0 + 1 < x < word.x1 - 1 for word in words)]


def _free_strips(
    several: Sequence[Sequence[Fragment]], least: float, tolerated: int | None = None
) -> list[tuple[float, float]]:
    """The strips, wider than ``least``, that next to no line with several cells prints in."""
    spans = sorted((chunk.x0, chunk.x1) for chunks in several for chunk in chunks)
    if tolerated is None:
        tolerated = len(several) // 12
    steps = sorted([(x0, 1) for x0, _ in spans] + [(x1 + 0.5, -1) for _, x1 in spans])
    found: list[tuple[float, float]] = []
    covered, free_from = 0, None
    for x, step in steps:
        if step > 0 and covered <= tolerated and free_from is not None and x - free_from > least:
            found.append((free_from, x))
            free_from = None
        covered += step
        if step < 0 and covered <= tolerated and free_from is None:
            free_from = x
        elif covered > tolerated:
            free_from = None
    return found


def _tight_strips(several: Sequence[Sequence[Fragment]]) -> list[tuple[float, float]]:
    """Strips that are wider than the space between words and that every line keeps free. Where lines are few, cells
    must begin or end at it, too: chance leaves a strip free in three lines of text."""
    if len(several) < 3:
        return []
    size = max(chunk.size for chunks in several for chunk in chunks)
    lines = [[part for chunk in chunks for part in _loosen(chunk)] for chunks in several]
    found = []
    for x0, x1 in _free_strips(lines, _TIGHT * size - 0.5, 0):
        beside = [line for line in lines if line[0].x1 <= x0 + 0.5 and line[-1].x0 >= x1 - 0.5]
        flush = sum(any(abs(p.x1 - x0) < 1.5 or abs(p.x0 - x1) < 1.5 for p in line) for line in beside)
        if len(beside) >= 3 and len(beside) >= 0.3 * len(lines) and (len(lines) > 5 or flush >= 0.6 * len(lines)):
            found.append((x0, x1))
    return found


def _loosen(chunk: Fragment) -> list[Fragment]:
    """The chunk's words without raised marks, those with no more than the space between words between them
    together."""
    runs: list[list[Word]] = []
    for word in [w for w in chunk.words if not w.raised] or chunk.words:
        if runs and (word.glued or word.x0 - runs[-1][-1].x1 <= _TIGHT * chunk.size):
            runs[-1].append(word)
        else:
            runs.append([word])
    return [Fragment.of(run) for run in runs]

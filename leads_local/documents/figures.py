"""Figures: the parts of a page that are drawn, with the small type in and around them.

The numbers of an axis, a legend and the numbers at risk under a curve stand beside running text and must not be woven
into it. A figure is known by its axes or by curves; what is drawn like a table, with rows of cells inside, is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from leads_local.documents.captions import is_caption
from leads_local.documents.cells import chunks_of, is_value
from leads_local.documents.geometry import Fragment, Rule, Shape
from leads_local.documents.paragraphs import join_rows

_LEAST = 40.0  # points that an axis is long
_CELL = 12.0  # points: what is drawn nearer to each other than that is one drawing
_STROKES = 5  # curves that make a drawing
_SMALL = 0.93  # of the size of the running text: larger type is no label, unless it is a number
_LONGEST = 40  # characters of a label
_LONGEST_LABEL = 25  # in a drawing: where three lines are longer, it is a box with text
_REACH = (3.2, 2.2)  # of its type size: how far a label stands from what it belongs to, beside it and above or below


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as an obstacle on the page, with what is printed in it."""

    x0: float
    y0: float
    x1: float
    y1: float
    fragments: tuple[Fragment, ...] = ()

    def rows(self) -> list[tuple[Fragment, ...]]:
        """The lines that hold a label and values, as the numbers at risk do, each as its cells."""
        found = []
        for line in join_rows(self.fragments):
            cells = chunks_of(line)
            if len(cells) > 2 and not is_value(cells[0].text) and all(is_value(cell.text) for cell in cells[1:]):
                found.append(tuple(cells))
        return found


def find_figures(
    fragments: Sequence[Fragment], rules: Sequence[Rule], shapes: Sequence[Shape], body: float
) -> list[Figure]:
    """The figures of a page, by their drawings. ``body`` is the type size of the running text."""
    drawn = [*_axes(rules), *_drawings(shapes)]
    found: list[Figure] = []
    for figure in _join_near(drawn):
        inside = [f for f in fragments if _within(f, figure)]
        if _is_text(inside, body):
            continue
        captions = [f for f in fragments if is_caption(f)]
        taken = {id(f) for other in found for f in other.fragments}
        grown = _grow(figure, [f for f in fragments if id(f) not in taken and f not in captions], captions, body)
        if grown.fragments:
            found.append(grown)
    return found


def _axes(rules: Sequence[Rule]) -> Iterator[Figure]:
    """The fields that an upright line and a level one enclose that meet at their lower left."""
    upright = [r for r in rules if not r.across and r.y1 - r.y0 >= _LEAST]
    level = [r for r in rules if r.across and r.x1 - r.x0 >= _LEAST]
    for side in upright:
        for foot in level:
            if abs(side.x0 - foot.x0) < 4 and abs(side.y1 - foot.y1) < 4:
                yield Figure(side.x0, side.y0, foot.x1, foot.y1)


def _drawings(shapes: Sequence[Shape]) -> Iterator[Figure]:
    """Where several curves stand close together."""
    cells: dict[tuple[int, int], int] = {}
    for shape in shapes:
        if not shape.filled and shape.x1 - shape.x0 < 300 and shape.y1 - shape.y0 < 300:
            for x in range(int(shape.x0 // _CELL), int(shape.x1 // _CELL) + 1):
                for y in range(int(shape.y0 // _CELL), int(shape.y1 // _CELL) + 1):
                    cells[x, y] = cells.get((x, y), 0) + 1
    while cells:
        patch, waiting, strokes = [], [next(iter(cells))], 0
        while waiting:
            x, y = waiting.pop()
            if (x, y) in cells:
                strokes += cells.pop((x, y))
                patch.append((x, y))
                waiting += [(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        x0, x1 = min(x for x, _ in patch) * _CELL, (max(x for x, _ in patch) + 1) * _CELL
        y0, y1 = min(y for _, y in patch) * _CELL, (max(y for _, y in patch) + 1) * _CELL
        if strokes >= _STROKES and x1 - x0 > 1.5 * _LEAST and y1 - y0 > _LEAST:
            yield Figure(x0, y0, x1, y1)


def _join_near(figures: Sequence[Figure]) -> list[Figure]:
    """Figures that overlap made one."""
    joined: list[Figure] = []
    for figure in figures:
        while (other := next((one for one in joined if _overlap(one, figure)), None)) is not None:
            joined.remove(other)
            figure = _hull(figure, other)
        joined.append(figure)
    return joined


def _overlap(a: Figure, b: Figure) -> bool:
    return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


def _hull(figure: Figure, item: Figure | Fragment) -> Figure:
    x0, y0 = min(figure.x0, item.x0), min(figure.y0, item.y0)
    return replace(figure, x0=x0, y0=y0, x1=max(figure.x1, item.x1), y1=max(figure.y1, item.y1))


def _within(item: Fragment, figure: Figure) -> bool:
    x, y = (item.x0 + item.x1) / 2, (item.y0 + item.y1) / 2
    return figure.x0 - 2 <= x <= figure.x1 + 2 and figure.y0 - 2 <= y <= figure.y1 + 2


def _is_text(inside: Sequence[Fragment], body: float) -> bool:
    """Whether a frame holds rows of cells, or running text: a table or a box, then, and no figure."""
    lines = join_rows(inside)
    several = sum(1 for line in lines if len(chunks_of(line)) > 1)
    long = [f for f in inside if f.characters > _LONGEST_LABEL]
    return several >= 3 or len(long) >= 3 or sum(f.size > _SMALL * body for f in long) >= 2


def _grow(figure: Figure, fragments: Sequence[Fragment], captions: Sequence[Fragment], body: float) -> Figure:
    """The figure with what is printed in it and, step by step, the labels around it, up to its caption."""
    floor = min((c.y0 for c in captions if c.y0 >= figure.y1 - 5 and _beside(c, figure)), default=float("inf"))
    roof = max((c.y1 for c in captions if c.y1 <= figure.y0 + 5 and _beside(c, figure)), default=0.0)
    labels = [f for f in fragments if _is_label(f, body) and roof - 1 <= f.y0 and f.y1 <= floor + 1]
    taken: dict[int, Fragment] = {id(f): f for f in labels if _within(f, figure)}
    for _ in range(8):
        near = [f for f in labels if id(f) not in taken and (_touches(f, figure) or _carries_on(f, taken.values()))]
        if not near:
            break
        for fragment in near:
            taken[id(fragment)] = fragment
            figure = _hull(figure, fragment)
    return replace(figure, fragments=tuple(taken.values()))


def _beside(item: Fragment, figure: Figure) -> bool:
    return item.x0 < figure.x1 and item.x1 > figure.x0


def _is_label(fragment: Fragment, body: float) -> bool:
    if fragment.size <= _SMALL * body:
        return fragment.characters <= _LONGEST
    return fragment.characters <= 6 and is_value(fragment.text)


def _touches(label: Fragment, figure: Figure) -> bool:
    across, down = (reach * label.size for reach in _REACH)
    if label.size == 0 or label.y1 < figure.y0 - down or label.y0 > figure.y1 + down:
        return False
    level = figure.y0 <= (label.y0 + label.y1) / 2 <= figure.y1
    reach = across if level else 0.0
    return label.x1 >= figure.x0 - reach and label.x0 <= figure.x1 + reach


def _carries_on(label: Fragment, taken: Iterable[Fragment]) -> bool:
    """Whether three or more labels stand in its line, as after "Number at risk"."""
    return sum(abs(f.base - label.base) < 1 and abs(f.size - label.size) < 0.5 for f in taken) >= 3

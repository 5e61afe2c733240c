"""Tables: their captions, rows and notes, from what is printed in the areas that ``areas`` finds on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leads_local.documents import areas
from leads_local.documents.areas import NOTE, Area
from leads_local.documents.captions import is_caption
from leads_local.documents.cells import Cell, chunks_of
from leads_local.documents.geometry import Fragment, Rule, Shape
from leads_local.documents.heads import count_head_lines
from leads_local.documents.paragraphs import join_rows
from leads_local.documents.rows import build_grid


@dataclass(frozen=True, slots=True)
class Table:
    """A table as an obstacle on the page: its box covers caption, rows and notes. ``head`` says whether the first row
    is its column heads."""

    x0: float
    y0: float
    x1: float
    y1: float
    caption: tuple[Fragment, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Fragment, ...] = ()
    head: bool = False


def find_tables(
    fragments: Sequence[Fragment],
    rules: Sequence[Rule],
    body: float,
    shapes: Sequence[Shape] = (),
    gutters: Sequence[float] = (),
) -> tuple[list[Table], list[Fragment]]:
    """The tables of a page, and the fragments that are in none. ``body`` is the type size of the running text,
    ``gutters`` are where the page may have its gutter."""
    bands = areas.find_bands(shapes)
    lines = areas.long_rules([*rules, *areas.band_edges(bands)])
    captions = [f for f in fragments if areas.is_table_caption(f, fragments)]
    left = list(fragments)
    found: list[Table] = []

    def take(caption: Fragment | None, area: Area | None) -> None:
        nonlocal left
        table = _build_table(caption, area, left, lines, body) if area is not None else None
        if table is not None:
            found.append(table)
            place = Area(table.x0, table.y0, table.x1, table.y1)
            left = [f for f in left if not place.holds(f)]

    for caption in sorted(captions, key=lambda f: f.y0):
        if caption in left:
            take(caption, areas.captioned_area(caption, lines, bands, left, captions, body, gutters))
    for area in areas.uncaptioned_areas(lines, bands, left, body):
        take(None, area)
    for area in areas.aligned_areas(left, gutters):
        take(None, area)
    return found, left


def _build_table(
    caption: Fragment | None, area: Area, fragments: Sequence[Fragment], rules: Sequence[Rule], body: float
) -> Table | None:
    inside = [f for f in fragments if area.holds(f)]
    above: list[Fragment] = []
    if caption is not None:
        first = _first_row(caption, area, inside, rules)
        above = [f for f in inside if f.base < first]
        inside = [f for f in inside if f.base >= first]
    if len(inside) < 2:
        return None
    lines = join_rows(inside)
    own = [r for r in rules if area.y0 <= r.y0 <= area.y1 and r.x0 < area.x1 and r.x1 > area.x0]
    head = count_head_lines(lines, own)
    rows = build_grid(lines, own, head)
    if len(rows) < 2:
        return None
    rows, last = _split_off_notes(rows, area)
    notes = [*last, *_notes_below(area, fragments, body)]
    bottom = max([area.y1, *(n.y1 for n in notes)])
    return Table(area.x0, area.y0, area.x1, bottom, tuple(join_rows(above)), tuple(rows), tuple(notes), head > 0)


def _first_row(caption: Fragment, area: Area, inside: Sequence[Fragment], rules: Sequence[Rule]) -> float:
    """The height that parts a caption from its table: the first rule, or the first line of cells."""
    own = (r.y0 for r in rules if caption.base < r.y0 < area.y1 - 2 and abs(r.x0 - area.x0) < 15)
    first = min(own, default=area.y1)
    if not area.banded and first < area.y1:
        return first
    below = [row for row in join_rows(inside) if row.base > caption.base + 2]
    at = next((n for n, row in enumerate(below) if areas.is_tabular(row)), len(below))
    heads = [n for n in range(at) if len(chunks_of(below[n])) > 1 and not any(map(_is_wide, below[n:at]))]
    at = min(heads, default=at)  # heads over several columns are fewer than these
    return min(first, below[at].y0 if at < len(below) else area.y1)


def _is_wide(line: Fragment) -> bool:
    return any(chunk.characters > 45 for chunk in chunks_of(line))


def _split_off_notes(table: list[tuple[Cell, ...]], area: Area) -> tuple[list[tuple[Cell, ...]], list[Fragment]]:
    """The rows, and apart from them the notes that stand under the rows but above the last rule."""
    end = len(table)
    while end > 1 and _is_note(table[end - 1], area):
        end -= 1
    return table[:end], [line for row in table[end:] for line in row[0].lines]


def _is_note(row: tuple[Cell, ...], area: Area) -> bool:
    alone = bool(row[0].lines) and not any(cell.lines for cell in row[1:])
    if not alone:
        return False
    line = row[0].lines[0]
    return NOTE.match(line.text) is not None or line.width > 0.7 * (area.x1 - area.x0)


def _notes_below(area: Area, fragments: Sequence[Fragment], body: float) -> list[Fragment]:
    """The lines of small type right under the last rule."""
    below = [
        f
        for f in fragments
        if f.y0 >= area.y1 - 2 and f.x0 >= area.x0 - 3 and f.x1 <= area.x1 + 3 and f.y0 < area.y1 + 150
    ]
    found: list[Fragment] = []
    bottom = area.y1
    for line in join_rows(below):
        if line.size > 0.95 * body or line.y0 - bottom > 0.9 * line.size or is_caption(line):
            break
        found.append(line)
        bottom = line.y1
    return found

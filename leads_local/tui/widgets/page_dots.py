"""A page of a paper as it is printed, drawn with the dots of braille, with the places of values in their colours."""

from __future__ import annotations

from collections.abc import Sequence

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from leads_local.documents.marks import Colour
from leads_local.records import Box
from leads_local.tui.error_guard import Guarded
from leads_local.tui.page_cells import ACROSS, DOWN, DottedPage

_BLANK = Style()


class PageDots(Guarded, ScrollView, can_focus=True):
    """Only the rows in view are drawn. Nothing is shown until there is a page."""

    DEFAULT_CSS = "PageDots { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._page: DottedPage | None = None
        self._cells: list[tuple[int, int, int, int, Style]] = []

    def show(self, page: DottedPage, marks: Sequence[tuple[Box, Colour]], scale: float) -> None:
        """``marks`` in points of the page, of which each is ``scale`` dots."""
        self._page, self._cells = page, [_cells_of(box, colour, scale) for box, colour in marks]
        self.virtual_size = Size(page.columns, page.rows)
        self.refresh()

    def go_to(self, box: Box, scale: float) -> None:
        """Bring a place into view, near the upper edge."""
        column, row = int(box.x0 * scale) // ACROSS, int(box.y0 * scale) // DOWN
        self.scroll_to(max(0, column - 4), max(0, row - self.size.height // 3), animate=False)

    def render_line(self, y: int) -> Strip:
        width, left, row = self.size.width, self.scroll_offset.x, self.scroll_offset.y + y
        if self._page is None or row >= self._page.rows:
            return Strip.blank(width, self.rich_style)
        dots = self._page.row(row, left, left + width)
        styles = [self._style_at(left + place, row) for place in range(len(dots))]
        segments: list[Segment] = []
        start = 0
        for place in range(1, len(dots) + 1):
            if place == len(dots) or styles[place] is not styles[start]:
                segments.append(Segment(dots[start:place], self.rich_style + styles[start]))
                start = place
        return Strip(segments, len(dots)).adjust_cell_length(width, self.rich_style)

    def _style_at(self, column: int, row: int) -> Style:
        for first, top, last, bottom, style in self._cells:
            if first <= column < last and top <= row < bottom:
                return style
        return _BLANK


def _cells_of(box: Box, colour: Colour, scale: float) -> tuple[int, int, int, int, Style]:
    """The cells that a box covers the greater part of, and how they are drawn."""
    first, last = round(box.x0 * scale / ACROSS), round(box.x1 * scale / ACROSS)
    top, bottom = round(box.y0 * scale / DOWN), round(box.y1 * scale / DOWN)
    red, green, blue = (round(255 * part) for part in colour)
    style = Style(color="black", bgcolor=Color.from_rgb(red, green, blue))
    return first, top, max(last, first + 1), max(bottom, top + 1), style

"""A list with one line for each row, of any length: only the rows in view are ever made.

Textual's DataTable lays out every cell before the first paint, which takes a minute for the 100,000 records of a large
review. Here the number of rows is all that is known beforehand; ``render_line`` asks for the row it draws. A subclass
must not do work that grows with the number of rows, except when it is given a new list.
"""

from __future__ import annotations

from itertools import chain
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from leads_local.tui import labels
from leads_local.tui.error_guard import Guarded
from leads_local.tui.messages import CursorMoved, RowChosen


class LineList(Guarded, ScrollView, can_focus=True, inherit_bindings=False):
    """The cursor, the scrolling and the keys; a subclass says what the rows are.

    A ScrollView's own keys are not inherited: PgUp and PgDn belong to the screen, which reads on in the text with them.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-list--cursor", "line-list--heading"}
    DEFAULT_CSS = """
    LineList { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }
    LineList .line-list--cursor { background: $primary 20%; text-style: bold; }
    LineList:focus .line-list--cursor { background: $primary 40%; text-style: bold; }
    LineList .line-list--heading { color: $foreground 70%; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("home", "first", "First row", show=False),
        Binding("end", "last", "Last row", show=False),
        Binding("enter", "choose", "Open", show=False),
    ]
    empty_text = "Nothing here."

    cursor: var[int] = var(0, init=False)

    def row_count(self) -> int:
        raise NotImplementedError

    def row(self, index: int, width: int) -> Content:
        """The row to draw, at most ``width`` cells wide; a longer one is cut."""
        raise NotImplementedError

    def row_key(self, index: int) -> int:
        """The id that messages carry for this row; 0 for a heading, on which the cursor never stands."""
        raise NotImplementedError

    # ------------------------------------------------------------ state

    @property
    def key(self) -> int:
        """The id under the cursor, 0 when there is none."""
        return self.row_key(self.cursor) if 0 <= self.cursor < self.row_count() else 0

    def rows_changed(self, cursor: int = 0) -> None:
        """Draw a new list with the cursor on row ``cursor`` or the next one that can bear it, and tell where it
        stands."""
        self.virtual_size = Size(self.size.width, self.row_count())
        target = self._bearing(min(cursor, self.row_count() - 1), 1)
        moved = target != self.cursor
        self.cursor = target
        if not moved:
            self._announce()
        self.refresh()
        self.call_after_refresh(self._keep_in_view)

    def _bearing(self, index: int, step: int) -> int:
        """The nearest row from ``index`` in the direction of ``step``, then in the other, that bears the cursor."""
        count = self.row_count()
        if not count:
            return 0
        for candidate in chain(
            range(index, count if step > 0 else -1, step), range(index, -1 if step > 0 else count, -step)
        ):
            if self.row_key(candidate):
                return candidate
        return 0

    def watch_cursor(self, old: int, new: int) -> None:
        self.refresh_line(old)
        self.refresh_line(new)
        self._keep_in_view()
        self._announce()

    def _announce(self) -> None:
        self.post_message(CursorMoved(self.id or "", self.key))

    def _keep_in_view(self) -> None:
        top, height = round(self.scroll_y), self.scrollable_content_region.height
        if height <= 0:
            return
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)

    # ------------------------------------------------------------ drawing

    def render_line(self, y: int) -> Strip:
        index = round(self.scroll_y) + y
        width = self.scrollable_content_region.width
        if index >= self.row_count():
            content = (
                Content.styled(f" {self.empty_text}", labels.MUTED) if y == 0 and not self.row_count() else Content("")
            )
            return self._strip(content, width)
        if index == self.cursor and self.row_key(index):
            return self._strip(self.row(index, width), width, "line-list--cursor")
        return self._strip(self.row(index, width), width, *([] if self.row_key(index) else ["line-list--heading"]))

    def _strip(self, content: Content, width: int, *names: str) -> Strip:
        style = self.get_visual_style(*names) if names else self.visual_style
        line = content.truncate(width, ellipsis=True, pad=True)
        return Visual.to_strips(self, line, width, 1, style, apply_selection=False)[0]

    def on_resize(self, event: events.Resize) -> None:
        self.virtual_size = Size(event.size.width, self.row_count())
        self.call_after_refresh(self._keep_in_view)

    # ------------------------------------------------------------ keys and mouse

    def action_move(self, step: int) -> None:
        count = self.row_count()
        index = self.cursor + step
        while 0 <= index < count and not self.row_key(index):
            index += 1 if step > 0 else -1
        if 0 <= index < count:
            self.cursor = index
        elif step < 0:
            self.scroll_to(y=0, animate=False, immediate=True)

    def action_first(self) -> None:
        if self.row_count():
            self.cursor = self._bearing(0, 1)

    def action_last(self) -> None:
        if self.row_count():
            self.cursor = self._bearing(self.row_count() - 1, -1)

    def action_choose(self) -> None:
        if self.key:
            self.post_message(RowChosen(self.id or "", self.key))

    def on_click(self, event: events.Click) -> None:
        index = round(self.scroll_y) + event.y
        if 0 <= index < self.row_count() and self.row_key(index):
            self.cursor = index
            if event.chain == 2:
                self.action_choose()

"""A page of a paper as it is printed, with the values that stand on it in the colours of their states. It can be saved
as a picture for a viewer of the person's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static
from textual.worker import get_current_worker

from leads_local.app import pages
from leads_local.app.outcome import format_count
from leads_local.app.pages import MarkedPage
from leads_local.documents.marks import PagePicture
from leads_local.errors import LeadsError
from leads_local.records import Box
from leads_local.terminal_text import safe_line
from leads_local.tui import file_tasks
from leads_local.tui.error_guard import Guarded
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.page_cells import ACROSS, DottedPage
from leads_local.tui.screens.pick import TextPrompt
from leads_local.tui.screens.report import ReportScreen
from leads_local.tui.session import Session
from leads_local.tui.widgets.page_dots import PageDots

_SCALES = (0.0, 1.0, 1.5, 2.0)  # dots for each point of the page; 0: as many as make it as wide as the window
_READABLE = 1
_INK, _FAINT_INK, _FAINT_BELOW = 176, 224, 0.8  # letters that are smaller than the dots are only a little gray


class PagePictureScreen(Guarded, Screen[None]):
    """One page at a time; opens at the place of the value that it was opened for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "turn(1)", "Next", tooltip="Turn to the next page."),
        Binding("p", "turn(-1)", "Previous", tooltip="Turn back a page."),
        Binding("plus,equals_sign", "zoom(1)", "Larger", key_display="+", tooltip="Draw the page larger."),
        Binding("minus", "zoom(-1)", "Smaller", key_display="-", tooltip="Draw the page smaller, at last all of it."),
        Binding("q", "place", "To the value", tooltip="Go to the place of the value."),
        Binding("l", "list_values", "Values", tooltip="Which values are marked on this page."),
        Binding("s", "save", "Save", tooltip="Write this page, with its marks, into a picture (PNG)."),
        Binding("escape,w", "close", "Back", tooltip="Back to where you came from."),
    ]

    def __init__(self, leads: LeadsInterface, session: Session, page: MarkedPage, value_id: int = 0) -> None:
        super().__init__()
        self._leads, self._session, self._value = leads, session, value_id
        self._first = page
        self._page = page
        self._zoom = _READABLE

    def compose(self) -> ComposeResult:
        yield Static(id="status", markup=False)
        yield PageDots()
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(PageDots).focus()
        self._draw()

    # ------------------------------------------------------------ drawing

    def _scale(self) -> float:
        fitting = ACROSS * max(20, self.size.width - 2) / self._page.width
        return _SCALES[self._zoom] or min(1.0, fitting)

    def _draw(self) -> None:
        page, scale = self._page, self._scale()
        self._tell(page, ", drawing …")
        draw = partial(self._draw_aside, page, scale)
        self.run_worker(draw, group="page", exclusive=True, thread=True, exit_on_error=False)

    def _tell(self, page: MarkedPage, doing: str = "") -> None:
        values = format_count(len(page.values), "value")
        told = f" {safe_line(page.name)}, page {page.number} of {page.pages}, {values} on it{doing}"
        self.query_one("#status", Static).update(Content.styled(told, "bold"))

    def _draw_aside(self, page: MarkedPage, scale: float) -> None:
        """In a thread: another process draws, which takes a moment."""
        worker = get_current_worker()
        then: Callable[[], None]
        try:
            then = partial(self._drawn, page, scale, pages.draw(page, scale, gray=True))
        except Exception as error:
            then = partial(self._failed, error)
        if not worker.is_cancelled:
            self.app.call_from_thread(then)

    def _drawn(self, page: MarkedPage, scale: float, drawn: PagePicture) -> None:
        if not self.is_mounted:
            return
        self._tell(page)
        dots = self.query_one(PageDots)
        real = drawn.width / page.width  # a huge page is drawn smaller than was asked for
        ink = _INK if real > _FAINT_BELOW else _FAINT_INK
        dots.show(DottedPage(drawn.png, drawn.width, drawn.height, ink), page.marks, real)
        self.call_after_refresh(self._show_place, real)

    def _failed(self, error: Exception) -> None:
        if not self.is_mounted:
            return
        self._leads.report(error)
        if isinstance(error, LeadsError):
            self.query_one("#status", Static).update(Content.styled(f" {safe_line(str(error))}", "$text-warning"))

    def _show_place(self, scale: float) -> None:
        box = self._place_box()
        if box is not None:
            self.query_one(PageDots).go_to(box, scale)
        else:
            self.query_one(PageDots).scroll_home(animate=False)

    def _place_box(self) -> Box | None:
        """Where the value that this was opened for stands on the page, else the first that is marked."""
        for stored in self._page.values:
            quote = stored.value.quote
            if stored.id == self._value and quote is not None:
                return next((place.box for place in quote.places if place.page == self._page.number), None)
        return self._page.marks[0][0] if self._page.marks else None

    # ------------------------------------------------------------ keys

    def _go(self, number: int) -> None:
        self._page = pages.find_page(self._session.review, self._page.report, number, self._value)
        self._draw()

    def action_turn(self, step: int) -> None:
        if 1 <= self._page.number + step <= self._page.pages:
            self._go(self._page.number + step)

    def action_zoom(self, step: int) -> None:
        zoom = max(0, min(len(_SCALES) - 1, self._zoom + step))
        if zoom != self._zoom:
            self._zoom = zoom
            self._draw()

    def action_place(self) -> None:
        self._go(self._first.number)

    def action_list_values(self) -> None:
        page = self._page
        self.app.push_screen(ReportScreen(f"{page.name}, page {page.number}", pages.describe_marks(page)))

    def action_save(self) -> None:
        name = pages.file_name(self._session.review, self._page)
        told = "It is a file of yours then, for a viewer of yours; what is there is not replaced."
        self._leads.ask(TextPrompt("Save the page into which file?", told, name), self._save)

    def _save(self, text: str | None) -> None:
        if text:
            outcome = pages.save(self._page, file_tasks.typed_target(text))
            self._leads.tell(outcome.results[0])

    def action_close(self) -> None:
        self.dismiss(None)

"""The text of a paper, page by page as it was read from the PDF, with a quote marked where one is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from leads_local.documents.aligned import Padding, pad_rows
from leads_local.records import Document, PageRange, PageState, Passage, PassageKind, Quote, Span
from leads_local.terminal_text import safe_line
from leads_local.tui import highlight, labels, searching
from leads_local.tui.error_guard import Guarded
from leads_local.tui.widgets.evidence_view import mark_passage

_STYLE = {
    PassageKind.TITLE: "bold",
    PassageKind.HEADING: "bold underline",
    PassageKind.CAPTION: "italic",
    PassageKind.FURNITURE: labels.MUTED,
}


def _css_classes(passage: Passage) -> str:
    return "passage row" if passage.kind is PassageKind.TABLE_ROW else "passage"


def _by_page(passages: Sequence[Passage]) -> dict[int, list[Passage]]:
    """The passages by the page that they are printed on. The heads that a table repeats, and the label that its first
    row does, are shown on the page that they are repeated for."""
    found: dict[int, list[Passage]] = {}
    rows: set[tuple[Span, ...]] = set()
    for passage, following in zip_longest(passages, passages[1:]):
        last = max((span.page for span in passage.spans), default=0)
        if passage.kind is not PassageKind.TABLE_ROW:
            page = passage.page
        elif passage.spans in rows and following is not None:
            page = max((span.page for span in following.spans), default=last)
        else:
            page = last
            rows.add(passage.spans)
        found.setdefault(page, []).append(passage)
    return found


class PaperScreen(Guarded, Screen[None]):
    """One page at a time, so that a paper of any length opens at once. n and p turn the pages."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,right", "turn(1)", "Next page", tooltip="Turn to the next page."),
        Binding("p,left", "turn(-1)", "Previous page", tooltip="Turn back a page."),
        Binding("q", "quote", "To the quote", tooltip="Go to the page that the quote is on."),
        Binding("w", "picture", "As printed", tooltip="This page as it is printed, with its values marked."),
        Binding("slash", "find", "Find", tooltip="Find the next passage that holds the words that you type."),
        Binding("escape,v,d", "close", "Back", tooltip="Back to where you came from."),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
    ]

    def __init__(
        self,
        document: Document,
        quote: Quote | None = None,
        own: PageRange | None = None,
        show_page: Callable[[int], None] = lambda number: None,
    ) -> None:
        """``own``: the pages that are the report's, where the file has other reports, too. ``show_page`` shows a page
        as it is printed."""
        super().__init__()
        self._show_page = show_page
        self._own = own
        self._quote = quote if quote is not None and quote.match else None
        self._pages = _by_page(document.passages)
        self._states = {page.number: page.state for page in document.pages}
        self._sure = {page.number: page.confidence for page in document.pages if page.state is PageState.OCR}
        unread = (page.number for page in document.pages if page.unread or page.state is PageState.BLANK)
        self._numbers = sorted({*self._pages, *unread})
        self._last = max([page.number for page in document.pages], default=0)
        self._found = -1  # which of the passages that hold the words a search stopped at
        self._term = ""
        first = own.first if own is not None else 0
        self.page = self._quoted_page() or next((one for one in self._numbers if one >= first), self._numbers[0])

    def _quoted_page(self) -> int:
        if self._quote is None:
            return 0
        return next(
            (number for number, page in self._pages.items() if any(p.order == self._quote.passage for p in page)), 0
        )

    def compose(self) -> ComposeResult:
        yield Static(id="status", markup=False)
        yield Input(
            placeholder="words to find; Enter goes to the next passage that holds them", compact=True, id="find"
        )
        with VerticalScroll(id="page"):
            yield from ()
        yield Footer(compact=True, show_command_palette=False)

    async def on_mount(self) -> None:
        self.query_one("#find").display = False
        self.query_one("#page").focus()
        await self._show(self.page, self._quote.passage if self._quote else -1)

    async def _show(self, number: int, order: int = -1) -> None:
        """Show a page; the passage ``order`` is brought into view."""
        self.page = number
        own = f"; this report: {self._own.in_words()}" if self._own is not None else ""
        state = labels.PAGE_STATE.get(self._states.get(number, PageState.READ), "")
        if number in self._sure:
            state = f"{state} ({self._sure[number]:.0%} sure)"
        head = Content.styled(f" Page {number} of {self._last}{own}", "bold")
        self.query_one("#status", Static).update(Content.assemble(head, (state, "$text-warning")))
        page = self.query_one("#page", VerticalScroll)
        await page.remove_children()
        padding = pad_rows(self._pages.get(number, []), max(40, self.size.width - 6))
        statics = [
            Static(self._content(passage, padding.get(passage.order, {})), markup=False, classes=_css_classes(passage))
            for passage in self._pages.get(number, [])
        ]
        await page.mount_all(statics)
        page.scroll_home(animate=False)
        for passage, static in zip(self._pages.get(number, []), statics, strict=True):
            if passage.order == order:
                self.call_after_refresh(static.scroll_visible, animate=False)

    def _content(self, passage: Passage, padding: Padding) -> Content:
        quoted = highlight.quote_ranges(self._quote, passage) if self._quote else []
        found = highlight.value_ranges(self._term, passage, [(0, len(passage.text))]) if self._term else []
        return mark_passage(passage, quoted, found, padding).stylize_before(_STYLE.get(passage.kind, ""))

    # ------------------------------------------------------------ keys

    async def action_turn(self, step: int) -> None:
        place = self._numbers.index(self.page) + step
        if 0 <= place < len(self._numbers):
            await self._show(self._numbers[place])

    async def action_quote(self) -> None:
        if self._quote is not None and self._quoted_page():
            await self._show(self._quoted_page(), self._quote.passage)

    def action_picture(self) -> None:
        self._show_page(self.page)

    def action_scroll(self, step: int) -> None:
        self.query_one("#page").scroll_relative(y=step, animate=False)

    def action_find(self) -> None:
        field = self.query_one("#find", Input)
        field.display = True
        field.focus()

    @on(Input.Submitted)
    async def _find(self, event: Input.Submitted) -> None:
        if event.value.strip() != self._term:
            self._term, self._found = event.value.strip(), -1
        passages = [(number, passage) for number in self._numbers for passage in self._pages.get(number, [])]
        hits = [(n, p.order) for n, p in passages if self._term and searching.matches(self._term, p.text)]
        if not hits:
            self.notify(f"“{safe_line(self._term)}” is not in this paper.", markup=False)
            return
        self._found = (self._found + 1) % len(hits)
        await self._show(*hits[self._found])

    def action_close(self) -> None:
        field = self.query_one("#find", Input)
        if field.display:
            field.display = False
            self.query_one("#page").focus()
        else:
            self.dismiss(None)

"""The paper is read page by page; a quote and what is searched for are marked on the page that they stand on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import App
from textual.widgets import Input

from leads_local.records import Box, Document, Page, PageRange, PageState, Passage, PassageKind, Quote, QuotePlace, Span
from leads_local.tui.screens.paper import PaperScreen
from leads_local.tui.widgets.evidence_view import mark_passage
from tests.tui.conftest import BOX, paper, shown

LONG = paper("0" * 64, pages=300)
QUOTE = Quote("aspirin or placebo", "exact", 151, (QuotePlace(150, BOX),))


class Harness(App[int]):
    def __init__(self, quote: Quote | None, own: PageRange | None = None, document: Document = LONG) -> None:
        super().__init__()
        self.paper = PaperScreen(document, quote, own)

    def on_mount(self) -> None:
        self.push_screen(self.paper)


async def test_pages_are_turned_and_have_an_end() -> None:
    app = Harness(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "A paper with [b]markup[/b]" in shown(app)
        seen = [app.paper.page]
        for key in ("p", "n", "n", "p"):
            await pilot.press(key)
            seen.append(app.paper.page)
        assert seen == [1, 1, 2, 3, 2]
        assert "On page 2 adults" in shown(app)
        assert "Page 2 of 300" in shown(app)


async def test_a_page_that_could_not_be_read_is_shown_as_such_and_not_passed_over() -> None:
    short = paper("1" * 64, pages=2)
    pages = (*short.pages, Page(3, 595, 842, 0, PageState.PICTURE), Page(4, 595, 842, 0, PageState.BLANK))
    app = Harness(None, document=replace(short, pages=pages))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("n", "n")
        assert "Page 3 of 4: a picture, not read" in shown(app)
        await pilot.press("n")
        assert "Page 4 of 4: blank" in shown(app)
        await pilot.press("p", "p")
        assert "Page 2 of 4" in shown(app) and "not read" not in shown(app)


async def test_it_opens_at_the_quote_and_comes_back_to_it() -> None:
    app = Harness(QUOTE)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.paper.page == 150
        await pilot.press("n", "q")
        assert app.paper.page == 150


async def test_it_opens_at_the_pages_that_are_the_report_s_and_shows_the_others_too() -> None:
    app = Harness(None, PageRange(20, 22))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.paper.page == 20
        assert "Page 20 of 300; this report: pages 20-22" in shown(app)
        await pilot.press("p")
        assert app.paper.page == 19


async def test_a_quote_that_was_not_found_opens_the_first_page() -> None:
    app = Harness(replace(QUOTE, match=""))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        assert app.paper.page == 1


async def test_find_goes_from_passage_to_passage_and_round() -> None:
    app = Harness(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash")
        app.paper.query_one(Input).value = "PAGE 29"
        seen = []
        for _ in range(3):
            await pilot.press("enter")
            await pilot.pause()
            seen.append(app.paper.page)
        assert seen == [29, 129, 229]
        app.paper.query_one(Input).value = "[nowhere]"
        await pilot.press("enter")
        await pilot.pause()
        assert app.paper.page == 229
        assert "[nowhere]" in shown(app)


@pytest.mark.parametrize(("quoted", "strong"), [([], []), ([(3, 20)], [(5, 9)]), ([(0, 26)], [(0, 1), (25, 26)])])
def test_marking_never_changes_the_words(quoted: list[tuple[int, int]], strong: list[tuple[int, int]]) -> None:
    passage = LONG.passages[0]
    assert mark_passage(passage, quoted, strong).plain == passage.text


def test_padding_adds_spaces_and_moves_no_mark() -> None:
    one = paper("0" * 64).passages[0]
    row = replace(one, kind=PassageKind.TABLE_ROW, text="Pain | 3.1 | 4.5")
    content = mark_passage(row, [], [(7, 10)], {4: 3})
    assert content.plain == "Pain    | 3.1 | 4.5"
    (span,) = [span for span in content.spans if "reverse" in str(span.style)]
    assert content.plain[span.start : span.end] == "3.1"


def _on(page: int, order: int, kind: PassageKind = PassageKind.TABLE_ROW, *more: int) -> Passage:
    spans = tuple(
        Span(n, n + 1, place, Box(50, 10 * order, 60, 10 * order + 9)) for n, place in enumerate((page, *more))
    )
    return Passage(order, kind, "a passage that is found", spans)


def test_passages_stand_on_the_page_that_they_are_printed_on_repeated_heads_where_they_are_repeated() -> None:
    paragraph = _on(1, 0, PassageKind.PARAGRAPH, 2)
    head, row, again, labelled = _on(3, 1), _on(3, 2), replace(_on(3, 1), order=3), _on(3, 4, PassageKind.TABLE_ROW, 4)
    after = _on(2, 5, PassageKind.PARAGRAPH)
    screen = PaperScreen(replace(paper("0" * 64), passages=(paragraph, head, row, again, labelled, after)))
    assert screen._pages == {1: [paragraph], 3: [head, row], 4: [again, labelled], 2: [after]}


async def test_find_reaches_a_table_that_is_printed_after_the_text_behind_it() -> None:
    passages = (_on(1, 0, PassageKind.PARAGRAPH), _on(3, 1), _on(2, 2, PassageKind.PARAGRAPH))
    app = Harness(None, document=replace(paper("0" * 64, pages=3), passages=passages))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash")
        app.paper.query_one(Input).value = "found"
        seen = []
        for _ in range(4):
            await pilot.press("enter")
            await pilot.pause()
            seen.append(app.paper.page)
        assert seen == [1, 2, 3, 1]

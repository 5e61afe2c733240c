"""Only what is in view is ever made, whatever the length of the list, and the cursor never stands on a heading."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.message import Message

from leads_local.review.read_models import RecordSummary
from leads_local.tui.messages import CursorMoved, RowChosen
from leads_local.tui.widgets.line_list import LineList
from leads_local.tui.widgets.record_list import RecordList

MANY = 20_000


class Numbers(LineList):
    """Rows 0, 5, 10 … are headings."""

    count = 0
    drawn: set[int]

    def row_count(self) -> int:
        return self.count

    def row_key(self, index: int) -> int:
        return 0 if index % 5 == 0 else index

    def row(self, index: int, width: int) -> Content:
        self.drawn.add(index)
        return Content(f"[row] {index}")


class Harness(App[None]):
    def __init__(self, widget: LineList) -> None:
        super().__init__()
        self.widget = widget
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_mount(self) -> None:
        self.widget.focus()

    def on_cursor_moved(self, event: CursorMoved) -> None:
        self.heard.append(event)

    def on_row_chosen(self, event: RowChosen) -> None:
        self.heard.append(event)


class Store:
    """Summaries made on demand; remembers which ids were asked for, call by call."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(self, ids: Sequence[int]) -> list[RecordSummary]:
        self.asked.append(list(ids))
        return [RecordSummary(i, f"Title of record {i}", ("Ilves, K",), 2001, None, 0.5, False, False) for i in ids]


async def test_headings_never_bear_the_cursor() -> None:
    numbers = Numbers(id="numbers")
    numbers.drawn = set()
    app = Harness(numbers)
    async with app.run_test(size=(40, 10)) as pilot:
        numbers.count = 12
        numbers.rows_changed()
        assert numbers.key == 1
        visited = [numbers.key]
        for _ in range(12):
            await pilot.press("j")
            visited.append(numbers.key)
        assert visited == [1, 2, 3, 4, 6, 7, 8, 9, 11, 11, 11, 11, 11]
        await pilot.press("home", "up", "enter")
        assert numbers.key == 1
        chosen = [event.key for event in app.heard if isinstance(event, RowChosen)]
        assert chosen == [1]


async def test_page_keys_are_left_to_the_screen() -> None:
    """A list that moves away under its cursor helps nobody, and the keys are promised to the text."""
    numbers = Numbers(id="numbers")
    numbers.drawn = set()
    app = Harness(numbers)
    async with app.run_test(size=(40, 10)) as pilot:
        numbers.count = 100
        numbers.rows_changed()
        await pilot.press("pagedown", "pagedown")
        assert (numbers.key, numbers.scroll_y) == (1, 0)


@pytest.mark.parametrize("count", [0, 1])
async def test_a_list_without_rows_to_stand_on(count: int) -> None:
    numbers = Numbers(id="numbers")
    numbers.drawn = set()
    app = Harness(numbers)
    async with app.run_test(size=(40, 10)) as pilot:
        numbers.count = count
        numbers.rows_changed()
        await pilot.press("j", "k", "home", "end", "enter")
        await pilot.click(numbers, offset=(2, 0))
        assert numbers.key == 0
        assert not [event for event in app.heard if isinstance(event, RowChosen)]


async def test_a_long_list_is_fetched_by_the_window() -> None:
    store = Store()
    records = RecordList(store, id="records")
    app = Harness(records)
    async with app.run_test(size=(80, 24)) as pilot:
        records.show(range(1, MANY + 1))
        await pilot.pause()
        first = sum(map(len, store.asked))
        assert 24 <= first <= 24 + 2 * 8
        await pilot.press("end")
        await pilot.pause()
        assert records.key == MANY
        assert records.scroll_y == MANY - 24
        assert sum(map(len, store.asked)) - first <= 24 + 2 * 8 + 1
        assert len(store.asked) <= 4


async def test_stepping_down_is_not_a_query_a_step() -> None:
    store = Store()
    records = RecordList(store, id="records")
    async with Harness(records).run_test(size=(80, 24)) as pilot:
        records.show(range(1, MANY + 1))
        await pilot.pause()
        store.asked.clear()
        for _ in range(30):
            await pilot.press("j")
        assert records.key == 31
        assert len(store.asked) <= 30 // 8 + 1


async def test_what_changed_is_fetched_again_and_nothing_else() -> None:
    store = Store()
    records = RecordList(store, id="records")
    async with Harness(records).run_test(size=(80, 24)) as pilot:
        records.show(range(1, MANY + 1))
        await pilot.pause()
        store.asked.clear()
        records.forget([3])
        await pilot.pause()
        assert store.asked == [[3]]


async def test_the_next_wanted_record_goes_round() -> None:
    records = RecordList(Store(), id="records")
    async with Harness(records).run_test(size=(80, 24)):
        records.show([10, 30, 20, 40])
        assert [records.next_after(i, {10, 20}) for i in (10, 30, 20, 40)] == [20, 20, 10, 10]
        assert records.next_after(10, {10}) == 0
        assert records.next_after(10, set()) == 0
        assert records.select(40)
        assert not records.select(99)
        assert records.key == 40
        records.show([40, 50], keep=40)
        assert records.key == 40

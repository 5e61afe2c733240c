"""Two windows on one review: a key replaces nothing that was not on the screen when it was pressed."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from leads_local.records import Choice, Stage
from leads_local.review.read_models import RecordFilter, ValueStatus
from leads_local.review.review import Review
from leads_local.tui.app import LeadsApp
from leads_local.tui.screens.extraction import ExtractionScreen
from leads_local.tui.screens.screening import ScreeningScreen
from tests.tui.conftest import WIDE, Opened, shown, told

A = Stage.ABSTRACT


async def go(pilot: Pilot[int], key: str) -> LeadsApp:
    await pilot.press(key)
    await pilot.pause()
    assert isinstance(pilot.app, LeadsApp)
    return pilot.app


def screening(app: LeadsApp) -> ScreeningScreen:
    assert isinstance(app.screen, ScreeningScreen)
    return app.screen


def votes(path: Path, record: int) -> list[tuple[str, Choice]]:
    with Review.read(path) as review:
        return [(vote.reviewer, vote.choice) for vote in review.record(record).votes.get(A, ())]


async def test_a_record_decided_in_another_window_is_shown_and_not_decided(opened: Opened, review_path: Path) -> None:
    async with opened(WIDE) as pilot:
        app = await go(pilot, "2")
        record = screening(app).records.key
        with Review.open(review_path) as other:
            other.decide(record, A, Choice.INCLUDE, reviewer="Kim")
        await pilot.press("m")
        await pilot.pause()
        assert votes(review_path, record) == [("Kim", Choice.INCLUDE)]
        assert f"record {record}: you decided include in another window. Nothing was stored." in told(app)
        assert screening(app).records.key == record, "it stays, to be looked at"
        assert "You: include" in shown(app)
        assert "1 of 20 decided" in shown(app)
        await pilot.press("m")
        await pilot.pause()
        assert votes(review_path, record) == [("Kim", Choice.MAYBE)], "now it was seen"


async def test_what_another_decided_while_the_reason_was_chosen_is_not_passed_over(
    opened: Opened, review_path: Path
) -> None:
    async with opened(WIDE) as pilot:
        app = await go(pilot, "2")
        record = screening(app).records.key
        await pilot.press("e")
        await pilot.pause()
        with Review.open(review_path) as other:
            other.decide(record, A, Choice.INCLUDE, reviewer="Ben")
        await pilot.press("enter")
        await pilot.pause()
        assert votes(review_path, record) == [("Ben", Choice.INCLUDE)]
        assert "Ben decided include" in told(app)
        assert "Ben: include" in shown(app)


async def test_a_record_that_left_the_filter_is_still_shown_as_it_is(opened: Opened, review_path: Path) -> None:
    async with opened(WIDE) as pilot:
        app = await go(pilot, "2")
        await pilot.press("f", "u")
        await pilot.pause()
        screen = screening(app)
        assert screen.showing is RecordFilter.UNDECIDED
        record = screen.records.key
        with Review.open(review_path) as other:
            other.decide(record, A, Choice.INCLUDE, reviewer="Ben")
        await pilot.press("i")
        await pilot.pause()
        assert votes(review_path, record) == [("Ben", Choice.INCLUDE)]
        assert screen.records.key == record
        assert "Ben: include" in shown(app)


async def test_records_that_became_one_are_listed_as_one(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        doubled = review_path.parent / "doubled.csv"
        doubled.write_text("title,year,doi\nTwice over in sleep,2001,10.5555/twice\n", encoding="utf-8")
        again = review_path.parent / "again.csv"
        again.write_text("doi,title,year\n10.5555/twice,Twice over in sleep,2001\n", encoding="utf-8")
        review.import_file(doubled)
        review.import_file(again)
        first, second = review.record_ids(A)[-2:]
    async with opened(WIDE) as pilot:
        app = await go(pilot, "2")
        screen = screening(app)
        screen.records.select(second)
        await pilot.pause()
        with Review.open(review_path) as other:
            other.dedupe()
            head = other.record(second).id
        assert head == first
        await pilot.press("i")
        await pilot.pause()
        assert votes(review_path, first) == []
        assert f"it was put together with {first} as one report" in told(app)
        assert screen.records.key == first
        assert second not in screen.records.ids


async def test_what_was_settled_in_another_window_is_not_settled_again(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        record = review.record_ids(A)[0]
        review.decide(record, A, Choice.INCLUDE, reviewer="Kim")
        review.decide(record, A, Choice.EXCLUDE, reviewer="Ben")
    async with opened(WIDE) as pilot:
        app = await go(pilot, "2")
        await pilot.press("a")
        await pilot.pause()
        with Review.open(review_path) as other:
            other.adjudicate(record, A, Choice.INCLUDE, reviewer="Cem")
        await pilot.press("m")
        await pilot.pause()
        assert "it was settled as include by Cem" in told(app)
        with Review.read(review_path) as there:
            assert there.record(record).decisions[A].reviewer == "Cem"
        assert "settled by Cem: include" in shown(app)


async def test_a_value_checked_in_another_window_is_shown_and_not_checked_again(
    opened: Opened, extracted_path: Path
) -> None:
    async with opened(WIDE, path=extracted_path) as pilot:
        app = await go(pilot, "3")
        assert isinstance(app.screen, ExtractionScreen)
        seen = app.screen.values.current
        assert seen is not None
        with Review.open(extracted_path) as other:
            other.verify(seen.id, "edited", "mine", reviewer="Ben")
        await pilot.press("r")
        await pilot.pause()
        assert "Ben has edited this value meanwhile. Nothing was stored." in told(app)
        stands = app.screen.values.current
        assert stands is not None and (stands.id, stands.status, stands.reviewer) == (seen.id, "edited", "Ben")
        await pilot.press("r")
        await pilot.pause()
        with Review.read(extracted_path) as there:
            found = {stored.id: stored for stored in there.values(seen.record_id)}
        assert (found[seen.id].status, found[seen.id].reviewer) == (ValueStatus.REJECTED, "Kim")


async def test_after_undo_of_anything_a_value_can_be_checked_at_once(opened: Opened, extracted_path: Path) -> None:
    async with opened(WIDE, path=extracted_path) as pilot:
        app = await go(pilot, "3")
        assert isinstance(app.screen, ExtractionScreen)
        first = app.screen.values.key
        await pilot.press("a", "U", "up", "a")
        await pilot.pause()
        assert "meanwhile" not in told(app)
        with Review.read(extracted_path) as there:
            assert {one.id: one.status for one in there.values(app.screen.studies.key)}[first] == "accepted"

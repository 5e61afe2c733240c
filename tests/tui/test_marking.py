"""Many records at once on the screening screen: marks, the look before, one decision for all, one undo."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from leads_local.records import Choice, Stage
from leads_local.review.review import Review
from leads_local.tui.app import LeadsApp
from leads_local.tui.screens.pick import PickOne
from leads_local.tui.screens.screening import ScreeningScreen
from tests.tui.conftest import NARROW, SIZES, WIDE, Opened, shown, told

A = Stage.ABSTRACT


async def begin(pilot: Pilot[int]) -> tuple[LeadsApp, ScreeningScreen]:
    await pilot.press("2")
    await pilot.pause()
    assert isinstance(pilot.app, LeadsApp) and isinstance(pilot.app.screen, ScreeningScreen)
    return pilot.app, pilot.app.screen


def stored(path: Path) -> dict[int, tuple[Choice, str]]:
    with Review.read(path) as review:
        views = [review.record(record) for record in review.record_ids(A)]
        return {view.id: (said.choice, said.reason) for view in views if (said := view.decisions.get(A))}


@pytest.mark.parametrize("size", SIZES)
async def test_marked_records_are_shown_decided_at_once_and_taken_back_at_once(
    opened: Opened, review_path: Path, size: tuple[int, int]
) -> None:
    async with opened(size) as pilot:
        app, screen = await begin(pilot)
        ids = list(screen.records.ids)
        await pilot.press("*", "down", "*", "*")
        await pilot.pause()
        assert set(screen.marked) == {ids[0], ids[2], ids[3]}
        assert "* [red]x[/]" in shown(app)
        if size == WIDE:
            assert "D 3 marked" in shown(app)
        await pilot.press("D")
        await pilot.pause()
        assert isinstance(app.screen, PickOne)
        dialog = shown(app)
        assert "Decide 3 marked records at once?" in dialog
        assert f"{ids[0]}: [red]x[/]" in dialog and "3 records at the abstract stage" in dialog
        assert stored(review_path) == {}
        await pilot.press("e", "1")
        await pilot.pause()
        assert stored(review_path) == dict.fromkeys((ids[0], ids[2], ids[3]), (Choice.EXCLUDE, "Wrong population"))
        assert screen.marked == {}
        assert "3 records: exclude. u takes all of them back." in told(app)
        assert "3 of 20 decided" in shown(app)
        await pilot.press("u")
        await pilot.pause()
        assert stored(review_path) == {}
        assert "Taken back: exclude of 3 records that were decided at once." in told(app)
        assert "0 of 20 decided" in shown(app)


async def test_the_preview_tells_of_own_decisions_and_of_the_first_ten(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        review.decide(review.record_ids(A)[0], A, Choice.INCLUDE, reviewer="Kim")
    async with opened() as pilot:
        app, screen = await begin(pilot)
        await pilot.press("+", "D")
        await pilot.pause()
        dialog = shown(app)
        assert "You have decided 1 of these before (include 1)" in dialog
        assert "20 records at the abstract stage:" in dialog
        await pilot.press("pagedown")
        await pilot.pause()
        dialog = shown(app)
        assert f"{screen.records.ids[9]}: Trial 1" in dialog and f"{screen.records.ids[10]}: Trial 2" not in dialog
        assert "… and 10 more" in dialog
        await pilot.press("escape")
        await pilot.pause()
        assert len(screen.marked) == 20
        await pilot.press("+")
        await pilot.pause()
        assert screen.marked == {}
        assert len(stored(review_path)) == 1


@pytest.mark.parametrize("leave", [["escape"], ["e", "escape"]])
async def test_leaving_a_dialog_decides_nothing(opened: Opened, review_path: Path, leave: list[str]) -> None:
    async with opened() as pilot:
        _, screen = await begin(pilot)
        await pilot.press("*", "D", *leave)
        await pilot.pause()
        assert stored(review_path) == {}
        assert len(screen.marked) == 1


async def test_without_marks_nothing_is_asked(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        app, screen = await begin(pilot)
        await pilot.press("D")
        await pilot.pause()
        assert app.screen is screen
        assert "Nothing is marked. * marks a record" in told(app)
        await pilot.press("*", "up", "*", "D")
        await pilot.pause()
        assert app.screen is screen


async def test_what_changed_since_it_was_marked_is_not_decided_and_loses_its_mark(
    opened: Opened, review_path: Path
) -> None:
    async with opened(WIDE) as pilot:
        app, screen = await begin(pilot)
        one, two, three = screen.records.ids[:3]
        await pilot.press("*", "*", "*")
        await pilot.pause()
        with Review.open(review_path) as other:
            other.decide(two, A, Choice.INCLUDE, reviewer="Ben")
        await pilot.press("D", "m")
        await pilot.pause()
        assert stored(review_path) == {two: (Choice.INCLUDE, "")}
        assert f"record {two}: Ben decided include. Nothing was stored." in told(app)
        assert set(screen.marked) == {one, three}
        assert "1 of 20 decided" in shown(app)
        await pilot.press("D", "m")
        await pilot.pause()
        assert {record: said[0] for record, said in stored(review_path).items()} == {
            one: Choice.MAYBE,
            two: Choice.INCLUDE,
            three: Choice.MAYBE,
        }


async def test_very_many_are_decided_beside_the_screen(
    opened: Opened, review_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads_local.tui.screens.marking._AT_ONCE", 5)
    async with opened(WIDE) as pilot:
        app, screen = await begin(pilot)
        await pilot.press("+")
        await pilot.pause()
        with Review.open(review_path) as other:
            other.decide(3, A, Choice.INCLUDE, reviewer="Ben")
        await pilot.press("D", "m")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "Deciding 20 records; you are told when it is done." in told(app)
        assert "record 3: Ben decided include. Nothing was stored." in told(app)
        assert set(screen.marked) == set(range(1, 21)) - {3}, "as it was seen it stays marked"
        assert stored(review_path).keys() == {3}
        await pilot.press("D", "m")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "19 records: maybe. u takes all of them back." in told(app)
        assert screen.marked == {}
        assert "20 of 20 decided" in shown(app)
        await pilot.press("u")
        await pilot.pause()
        assert "Taken back: maybe of 19 records that were decided at once." in told(app)
        assert stored(review_path).keys() == {3}


async def test_marks_are_of_one_stage(opened: Opened) -> None:
    async with opened(NARROW) as pilot:
        _, screen = await begin(pilot)
        await pilot.press("*", "f", "a")
        await pilot.pause()
        assert len(screen.marked) == 1, "another filter keeps them"
        await pilot.press("t")
        await pilot.pause()
        assert screen.marked == {}

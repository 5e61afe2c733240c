"""Criteria that are checked by rule, on the screen: what they say of the record in view, their list, and the look at
what they would take out before it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static, TextArea

from leads_local.citations import limits
from leads_local.records import Choice, Stage
from leads_local.review.annotations import Field
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.review import Review
from leads_local.tui.screens.limit_list import LimitList
from leads_local.tui.screens.pick import PickOne
from leads_local.tui.screens.screening import ScreeningScreen
from leads_local.tui.widgets.judgement_panel import HIDDEN_NOTE
from tests.tui.conftest import WIDE, Opened, app_of, shown, told, until

A = Stage.ABSTRACT
YEARS = limits.parse_line("Years", "year only 2000-")


@pytest.fixture
def old(review_path: Path) -> int:
    """A record that is too old; its number."""
    with Review.open(review_path) as review:
        record = review.record_ids(A)[0]
        for one in review.record_ids(A):
            review.correct(one, Field.YEAR, "2010")
        review.correct(record, Field.YEAR, "1990")
    return record


def limited(path: Path, *, excludes: bool) -> None:
    with Review.open(path) as review:
        review.set_limits([replace(YEARS, excludes=excludes)])


async def test_the_answer_stands_beside_the_record_also_when_the_model_is_hidden(
    opened: Opened, review_path: Path, old: int
) -> None:
    limited(review_path, excludes=False)
    with Review.open(review_path) as review:
        review.set_rule(A, Rule(RuleKind.TWO))
    async with opened() as pilot:
        await pilot.press("2")
        await pilot.pause()
        assert "Years: no (year: 1990)  year only 2000-" in shown(app_of(pilot))
        assert "not the model" in shown(app_of(pilot))
        await pilot.press("v")
        await pilot.pause()
        assert HIDDEN_NOTE in shown(app_of(pilot))
        assert "Years: no (year: 1990)" in shown(app_of(pilot))
        await pilot.press("j")
        await pilot.pause()
        assert "Years: yes (year: 2010)" in shown(app_of(pilot))


async def test_what_is_taken_out_has_a_list_and_a_decision_takes_it_in(
    opened: Opened, review_path: Path, old: int
) -> None:
    limited(review_path, excludes=True)
    async with opened() as pilot:
        await pilot.press("2")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, ScreeningScreen)
        assert old not in screen.records.ids
        await pilot.press("f", "r")
        await pilot.pause()
        assert list(screen.records.ids) == [old]
        assert "Taken out before screening, as not within Years" in shown(app_of(pilot))
        await pilot.press("i")
        await pilot.pause()
        await pilot.press("f", "a")
        await pilot.pause()
        assert old in screen.records.ids
    with Review.read(review_path) as review:
        assert review.ruled_out() == {}
        assert review.record(old).decisions[A].choice is Choice.INCLUDE


async def listed(pilot: Pilot[int]) -> LimitList:
    await pilot.press("c", "ctrl+l")
    await pilot.pause()
    assert isinstance(pilot.app.screen, LimitList)
    return pilot.app.screen


async def test_the_list_is_changed_after_a_look_at_what_follows(opened: Opened, review_path: Path, old: int) -> None:
    async with opened(size=WIDE) as pilot:
        screen = await listed(pilot)
        await pilot.press(*"Years:year", "space", *"only", "space", *"2000-", "enter")
        await until(pilot, lambda: "1 no" in str(screen.query_one("#preview", Static).content))
        await pilot.press("shift+tab", "x", "ctrl+s")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PickOne)
        assert f"{old}: " in shown(app_of(pilot)) and "(year: 1990)" in shown(app_of(pilot))
        await pilot.press("n")
        await pilot.pause()
        assert pilot.app.screen is screen
        with Review.read(review_path) as review:
            assert review.limits() == ()
        await pilot.press("ctrl+s", "y")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert "Years: year only 2000-   (by rule, and takes out)" in shown(app_of(pilot))
    with Review.open(review_path) as review:
        review.acting = "Kim"
        assert review.limits() == (replace(YEARS, excludes=True),)
        assert review.ruled_out() == {old: "Years"}
        assert [act.kind for act, _ in review.undo_last()] == ["limits"]


async def test_one_is_taken_away_and_escape_leaves_all(opened: Opened, review_path: Path, old: int) -> None:
    limited(review_path, excludes=True)
    async with opened() as pilot:
        await listed(pilot)
        await pilot.press("minus", "escape")
        await pilot.pause()
        with Review.read(review_path) as review:
            assert review.ruled_out() == {old: "Years"}
        await pilot.press("ctrl+l")
        await pilot.pause()
        await pilot.press("minus", "ctrl+s")
        await pilot.pause()
    with Review.read(review_path) as review:
        assert review.limits() == ()


async def test_a_mistake_is_told_and_can_be_put_right(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        await listed(pilot)
        await pilot.press(*"Years:year", "space", *"only", "space", *"soon", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, LimitList)
        assert "are no years" in told(app_of(pilot))


async def test_the_protocols_menu_and_its_text_lead_there_too(opened: Opened, review_path: Path, old: int) -> None:
    limited(review_path, excludes=False)
    async with opened(size=WIDE) as pilot:
        await pilot.press("r", "y")
        await pilot.pause()
        assert isinstance(pilot.app.screen, LimitList)
        await pilot.press("escape", "r", "e")
        await pilot.pause()
        area = pilot.app.screen.query_one(TextArea)
        area.text = area.text.replace('\nonly = ["2000-"]', '\nonly = ["2000-"]\nexcludes = true')
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert f"- {old}: " in shown(app_of(pilot)) and "(year: 1990)" in shown(app_of(pilot))
        await pilot.press("y")
        await pilot.pause()
    with Review.read(review_path) as review:
        assert review.ruled_out() == {old: "Years"}

"""Studies on the screen: what may be one is confirmed or turned down by a key, and a study is renamed, added to and
taken apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from leads_local.records import Choice, Stage
from leads_local.review.annotations import Field
from leads_local.review.review import Review
from leads_local.tui.screens.overview import OverviewScreen
from leads_local.tui.screens.study_dialog import StudyDialog
from tests.tui.conftest import NARROW, WIDE, Opened, app_of, shown, told

NUMBER = "NCT01234567"


@pytest.fixture
def sought(review_path: Path) -> Path:
    """Records 1 to 3 are sought, the first two with one registration number; their titles are hostile."""
    with Review.open(review_path) as review:
        for record in (1, 2, 3):
            review.decide(record, Stage.ABSTRACT, Choice.INCLUDE, reviewer="Kim")
        for record in (1, 2):
            review.correct(record, Field.ABSTRACT, f"Registered as {NUMBER}.", "Kim")
    return review_path


def text_of(pilot: Pilot[int]) -> str:
    return " ".join(shown(app_of(pilot)).split())


def review_of(pilot: Pilot[int]) -> Review:
    session = app_of(pilot).session
    assert session is not None
    return session.review


def together(pilot: Pilot[int]) -> list[tuple[int, ...]]:
    return [study.reports for study in review_of(pilot).studies()]


async def press(pilot: Pilot[int], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def answer(pilot: Pilot[int], key: str, text: str) -> None:
    await press(pilot, key)
    pilot.app.screen.query_one(Input).value = text
    await press(pilot, "enter")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_what_may_be_one_is_confirmed(opened: Opened, sought: Path, size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        await press(pilot, "u")
        assert isinstance(pilot.app.screen, StudyDialog)
        assert "1 question, 3 studies." in text_of(pilot)
        assert f"One study? 1, 2: same registration number {NUMBER}" in text_of(pilot)
        assert "1: [red]x[/] (Ilves, K and others, 1990)" in text_of(pilot)
        await press(pilot, "y")
        assert together(pilot) == [(1, 2), (3,)]
        assert NUMBER in review_of(pilot).why_linked(2)
        assert "0 questions, 2 studies." in text_of(pilot)
        assert "Linked because: same registration number" in text_of(pilot)
        await press(pilot, "y")
        assert "This is a study, not a question" in told(app_of(pilot))
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, OverviewScreen)
        await press(pilot, "U")
        assert together(pilot) == [(1,), (2,), (3,)]


async def test_what_is_turned_down_is_gone(opened: Opened, sought: Path) -> None:
    async with opened(size=WIDE) as pilot:
        await press(pilot, "u", "r")
        assert "This is a question, not a study" in told(app_of(pilot))
        await press(pilot, "n")
        assert "Records 1 and 2 are not of one study" in told(app_of(pilot))
        assert "0 questions, 3 studies." in text_of(pilot)
        assert review_of(pilot).study_suggestions() == []


async def test_a_study_is_renamed_added_to_and_taken_apart(opened: Opened, sought: Path) -> None:
    async with opened(size=WIDE) as pilot:
        await press(pilot, "u", "y")
        await answer(pilot, "r", "[b]KNEE[/b]")
        assert "Study 1, [b]KNEE[/b]: 2 reports" in text_of(pilot)
        await answer(pilot, "l", "3")
        assert together(pilot) == [(1, 2, 3)]
        await press(pilot, "u")
        assert "Which report is not of [b]KNEE[/b]?" in text_of(pilot)
        await press(pilot, "2")
        assert together(pilot) == [(1, 3), (2,)]
        await answer(pilot, "l", "quit")
        await press(pilot, "1")
        assert together(pilot) == [(1, 2, 3)]
        await answer(pilot, "r", "")
        assert review_of(pilot).studies()[0].label == "Ilves 1990"


async def test_one_report_can_not_be_taken_out(opened: Opened, sought: Path) -> None:
    async with opened(size=WIDE) as pilot:
        await press(pilot, "u")
        pilot.app.screen.query_one(OptionList).highlighted = 3
        await press(pilot, "u")
        assert "It has one report only." in told(app_of(pilot))
        await answer(pilot, "l", "99")
        assert "there is no record 99" in told(app_of(pilot))
        assert len(together(pilot)) == 3


async def test_a_link_that_somebody_said_no_to_is_told(opened: Opened, sought: Path) -> None:
    with Review.open(sought) as review:
        review.tell_apart([1, 3], "Bob")
        review.put_in_study(1, "aa", reviewer="Bob")
        review.put_in_study(3, "aa", reviewer="Bob")
    async with opened(size=WIDE) as pilot:
        await press(pilot, "u")
        assert "Records 1 and 3 are linked into one study, but it was also said" in text_of(pilot)


async def test_nothing_is_sought_yet(opened: Opened) -> None:
    async with opened(size=WIDE) as pilot:
        await press(pilot, "u", "y", "n", "l", "u", "r")
        assert "No report is sought in full yet." in text_of(pilot)


async def test_extraction_shows_of_which_study_a_report_is(opened: Opened, extracted_path: Path) -> None:
    with Review.open(extracted_path) as review:
        review.link_reports([1, 2], "[b]KNEE[/b]")
    async with opened(size=WIDE, path=extracted_path) as pilot:
        await press(pilot, "3")
        assert "Report 1 of 2 ([b]KNEE[/b] with 2):" in text_of(pilot)
        assert text_of(pilot).count("[b]KNEE[/b]") == 3  # in both rows of the list, too

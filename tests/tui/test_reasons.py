"""Reasons for exclusion on the screen: keys that mean the same every day, what could not be had, the list's order; and
the form that ``s`` extracts with."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from leads_local.config import Settings
from leads_local.records import Choice, Field, Question, Stage
from leads_local.review.reasons import NOT_RETRIEVED, Reason
from leads_local.review.review import Review
from leads_local.tasks.forms import Form
from leads_local.tui import model_job
from leads_local.tui.model_job import ModelJob
from leads_local.tui.screens.reason import ReasonDialog
from leads_local.tui.screens.reasons_order import ReasonsOrder
from leads_local.tui.screens.screening import ScreeningScreen
from tests.fake_engine import FakeEngine
from tests.tui.conftest import Opened, app_of, shown, told


@pytest.fixture
def sought(review_path: Path) -> list[int]:
    """Three reports that are sought in full."""
    with Review.open(review_path) as review:
        ids = review.record_ids(Stage.ABSTRACT)[:3]
        for record in ids:
            review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)
    return ids


async def fulltexts(pilot: Pilot[int]) -> ScreeningScreen:
    await pilot.press("2", "t")
    await pilot.pause()
    assert isinstance(pilot.app.screen, ScreeningScreen)
    return pilot.app.screen


async def test_a_key_means_the_same_reason_whatever_was_used(
    opened: Opened, review_path: Path, sought: list[int]
) -> None:
    async with opened() as pilot:
        await fulltexts(pilot)
        for key in ("7", "7", "2"):
            await pilot.press("e", key)
            await pilot.pause()
    with Review.read(review_path) as review:
        given = [review.record(record).decisions[Stage.FULLTEXT].reason for record in sought]
        assert given == [next(one.text for one in review.reasons() if one.key == key) for key in "772"]


async def test_a_full_text_is_not_excluded_without_a_reason(
    opened: Opened, review_path: Path, sought: list[int]
) -> None:
    async with opened() as pilot:
        await fulltexts(pilot)
        await pilot.press("e", "0")
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReasonDialog)
        await pilot.press("escape")
    with Review.read(review_path) as review:
        assert review.counts().fulltext_excluded == 0


@pytest.mark.parametrize("keys", [["-"], ["tab", *"not available in full", "enter"]])
async def test_what_could_not_be_had_is_not_retrieved(
    opened: Opened, review_path: Path, sought: list[int], keys: list[str]
) -> None:
    keys = ["space" if key == " " else "minus" if key == "-" else key for key in keys]
    async with opened() as pilot:
        screen = await fulltexts(pilot)
        await pilot.press("e")
        await pilot.pause()
        assert f"-  {NOT_RETRIEVED}  not retrieved; no exclusion" in shown(app_of(pilot))
        await pilot.press(*keys)
        await pilot.pause()
        assert screen.records.key == sought[1]
        await pilot.press("p")
        await pilot.pause()
        assert "not retrieved (Kim)" in shown(app_of(pilot))
        with Review.read(review_path) as review:
            counts = review.counts()
            assert (counts.not_retrieved_said, counts.fulltext_excluded, counts.reasons) == (1, 0, ())
        await pilot.press("U")
        await pilot.pause()
        assert "not retrieved (Kim)" not in shown(app_of(pilot))


async def test_by_its_abstract_nothing_is_missing(opened: Opened) -> None:
    async with opened() as pilot:
        await pilot.press("2", "e")
        await pilot.pause()
        assert NOT_RETRIEVED not in shown(app_of(pilot))
        assert "0  Give no reason" in shown(app_of(pilot))


async def order(pilot: Pilot[int]) -> ReasonsOrder:
    await pilot.press("c", "ctrl+r")
    await pilot.pause()
    assert isinstance(pilot.app.screen, ReasonsOrder)
    return pilot.app.screen


async def test_the_order_is_changed_and_stored_as_one_step(opened: Opened, review_path: Path) -> None:
    with Review.read(review_path) as review:
        first, second, third, *others = review.reasons()
    async with opened() as pilot:
        await order(pilot)
        await pilot.press("minus", "minus", "r")
        await pilot.press("tab", *"Old", "enter", "ctrl+s")
        await pilot.pause()
    with Review.open(review_path) as review:
        review.acting = "Kim"
        expected = (second, third, replace(first, retired=True), *others, Reason("8", "Old"))
        assert review.reasons() == expected
        assert [act.kind for act, _ in review.undo_last()] == ["reasons"]
        assert review.reasons() == (first, second, third, *others)


async def test_escape_leaves_the_order_as_it_was(opened: Opened, review_path: Path) -> None:
    with Review.read(review_path) as review:
        before = review.reasons()
    async with opened() as pilot:
        await order(pilot)
        await pilot.press("minus", "plus", "plus", "minus", "r", "escape")
        await pilot.pause()
    with Review.read(review_path) as review:
        assert review.reasons() == before


async def test_a_wrong_list_is_told_and_can_be_put_right(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        await order(pilot)
        await pilot.press("tab", *"wrong", "space", *"design", "enter", "ctrl+s")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReasonsOrder)
        assert "is in the list twice" in told(app_of(pilot))


def test_the_model_extracts_with_the_reviews_own_form(extracted_path: Path) -> None:
    with Review.open(extracted_path) as review:
        review.set_form(Form("Own", fields=(Field("Shoe size"),)))
        review.set_question(Question(population="adults"))
    engine = FakeEngine()
    job = ModelJob(extracted_path, None)
    list(
        model_job.run_job(
            job, Settings(), lambda settings, loading: engine, threading.Event(), loading=print, loaded=print
        )
    )
    with Review.read(extracted_path) as review:
        study = review.record_ids(Stage.ABSTRACT)[0]
        assert "Shoe size" in {one.value.item for one in review.values(study)}


async def test_an_earlier_wording_is_marked(opened: Opened, review_path: Path) -> None:
    from leads_local.records import Eligibility
    from tests.review.test_protocol import judge

    with Review.open(review_path) as review:
        judge(review, review.record_ids(Stage.ABSTRACT)[0], Eligibility.YES)
        review.set_question(replace(review.question, population="children"))
    async with opened() as pilot:
        await pilot.press("2")
        await pilot.pause()
        assert "Judged by an earlier wording of the criteria" in shown(app_of(pilot))

"""Triage on the screen: the way is chosen once, the ranking is shown for what it is, reasons come for what one
opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.jobs import model_jobs, rationales
from leads_local.records import Choice, PaperPosition, ScreeningMethod, ScreeningMode, Stage
from leads_local.review.read_models import RecordFilter, RecordOrder
from leads_local.review.review import Review
from leads_local.tasks import prompts
from tests.fake_engine import FakeEngine
from tests.jobs.test_triage import answer
from tests.tui.conftest import SIZES, Opened, shown, told
from tests.tui.test_app import app_of, until, using

TRIAGE = ScreeningMethod(ScreeningMode.TRIAGE)


@pytest.fixture
def judged(review_path: Path) -> Path:
    """The twenty records judged in triage, with no reason at all."""
    with Review.open(review_path) as review:
        engine = FakeEngine(lambda request: answer(request) if "/screening/" in request.id else "none")
        list(model_jobs.screen(review, engine, Stage.ABSTRACT, prompts.load(), way=TRIAGE))
    return review_path


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
async def test_the_way_is_asked_for_once_and_kept(opened: Opened, review_path: Path, size: tuple[int, int]) -> None:
    async with opened(size=size, open_engine=using(FakeEngine(answer))) as pilot:
        app = app_of(pilot)
        await pilot.press("2", "s")
        await pilot.pause()
        for words in ("full: a word and a reason", "triage: words first", "criteria first"):
            assert words in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert not app.work_view.busy
        await pilot.press("s", "d")
        await until(lambda: "Screening abstracts (triage)" in told(app), pilot)
        await pilot.press("s")
        await until(lambda: "nothing to ask" in told(app), pilot)
    with Review.open(review_path) as review:
        assert review.begun_method(Stage.ABSTRACT) == ScreeningMethod(
            ScreeningMode.TRIAGE, PaperPosition.CRITERIA_FIRST
        )


async def test_another_way_can_be_chosen_later(opened: Opened, judged: Path) -> None:
    async with opened(open_engine=using(FakeEngine(answer))) as pilot:
        app = app_of(pilot)
        await pilot.press("2", "w")
        await pilot.pause()
        assert "not asked in that way before" in shown(app)
        await pilot.press("f")
        await until(lambda: "20 done" in told(app), pilot)
    with Review.open(judged) as review:
        assert review.begun_method(Stage.ABSTRACT) == ScreeningMethod()
        assert all(judgement.rationale for judgement in review.record(1).judgements[Stage.ABSTRACT])


async def test_reasons_come_for_what_is_opened_and_the_judgements_stay(opened: Opened, judged: Path) -> None:
    async with opened(open_engine=using(FakeEngine(answer))) as pilot:
        app = app_of(pilot)
        await pilot.press("2")
        await pilot.pause()
        assert "no reason yet; r asks for it" in shown(app)
        review = app.session.review  # type: ignore[union-attr]
        first, second = review.record_ids(Stage.ABSTRACT)[:2]
        before = review.record(first).screenings[Stage.ABSTRACT]
        for number, record in enumerate((first, second)):
            await pilot.press("j" if number else "r")
            await until(
                lambda record=record: (
                    not rationales.missing_positions(review.record(record).screenings[Stage.ABSTRACT], every=True)
                ),
                pilot,
            )
            await until(lambda: "because" in shown(app) and "no reason yet" not in shown(app), pilot)
        after = review.record(first).screenings[Stage.ABSTRACT]
        assert [j.chances for j in after.judgements] == [j.chances for j in before.judgements]
        assert app.work_view.busy  # for what is opened next
        await pilot.press("x")
        await until(lambda: not app.work_view.busy, pilot)


async def test_the_ranking_says_what_it_is_worth(opened: Opened, judged: Path) -> None:
    with Review.open(judged) as review:
        ids = review.record_ids(Stage.ABSTRACT, RecordFilter.ALL, RecordOrder.CHANCE)
        for place, record in enumerate(ids[:9]):
            review.decide(record, Stage.ABSTRACT, Choice.INCLUDE if place < 5 else Choice.EXCLUDE)
    async with opened(size=SIZES[1]) as pilot:
        app = app_of(pilot)
        await pilot.press("2", "o", "o")
        await pilot.pause()
        text = shown(app)
        assert "by probability" in text
        assert "Not calibrated" in text
        assert "%  1" not in text
        app.session.review.decide(ids[9], Stage.ABSTRACT, Choice.EXCLUDE)  # type: ignore[union-attr]
        await pilot.press("1", "2")
        await pilot.pause()
        text = shown(app)
        told = " ".join(" ".join(row.partition("│")[2] for row in text.splitlines()).split())
        assert "Calibrated on 10 of your decisions" in told and "beyond these nothing was learned" in told
        assert "Probability that you" in text
        await pilot.press("v")
        await pilot.pause()
        assert "Probability that" not in shown(app)

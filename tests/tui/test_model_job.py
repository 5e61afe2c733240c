"""Time left comes from the latest rate; a job closes its engine however it ends."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from leads_local.config import Settings
from leads_local.engine.types import ModelInfo
from leads_local.errors import ModelError, ReviewError
from leads_local.records import Progress, Stage
from leads_local.review.review import Review
from leads_local.tasks import forms
from leads_local.tui import model_job
from leads_local.tui.model_job import ModelJob, Pace, WorkPhase, WorkView
from leads_local.tui.widgets.bars import WorkBar
from tests.fake_engine import FakeEngine


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_nothing_is_said_before_there_is_a_rate() -> None:
    pace = Pace(Clock())
    assert [pace.left(Progress("x", done, 10)) for done in (1, 2, 3)] == [None, None, None]


def test_time_left_follows_the_latest_rate() -> None:
    clock, left = Clock(), None
    pace = Pace(clock)
    for done in range(1, 301):
        clock.now += 1.0 if done < 200 else 3.0
        left = pace.left(Progress("x", done, 400))
    assert left == pytest.approx(300.0)


def test_an_unknown_total_has_no_end() -> None:
    clock = Clock()
    pace = Pace(clock)
    for done in range(5):
        clock.now += 1
        assert pace.left(Progress("x", done, 0)) is None


def test_screening_judges_every_record_and_closes_the_engine(review_path: Path) -> None:
    engine, loaded = FakeEngine(), list[ModelInfo]()
    job = ModelJob(review_path, Stage.ABSTRACT)
    seen = list(
        model_job.run_job(
            job,
            Settings(),
            forms.default(),
            lambda settings, loading: engine,
            threading.Event(),
            loading=print,
            loaded=loaded.append,
        )
    )
    with Review.open(review_path) as review:
        assert all(s.score is not None for s in review.summaries(review.record_ids(Stage.ABSTRACT)))
    assert seen[-1].done == seen[-1].total == 20
    assert loaded == [engine.model]
    assert engine.closed


def test_the_engine_is_closed_when_the_review_is_gone_or_the_model_dies(tmp_path: Path, review_path: Path) -> None:
    for path, error in ((tmp_path / "none.leads", ReviewError), (review_path, ModelError)):
        engine = FakeEngine(dies_after=3)
        with pytest.raises(error):
            list(
                model_job.run_job(
                    ModelJob(path, Stage.ABSTRACT),
                    Settings(),
                    forms.default(),
                    lambda s, p, e=engine: e,
                    threading.Event(),
                    loading=print,
                    loaded=print,
                )
            )
        assert engine.closed


async def test_on_a_narrow_screen_the_bar_gives_way_before_the_words_do() -> None:
    class Harness(App[None]):
        def compose(self) -> ComposeResult:
            yield WorkBar()

    app = Harness()
    async with app.run_test(size=(80, 24)):
        bar = app.query_one(WorkBar)
        bar.show(WorkView(WorkPhase.RUNNING, "Screening abstracts (triage)", 123, 224, seconds_left=18.0))
        drawn = str(bar.visual)
        assert len(drawn) <= 80 and drawn.endswith("left, x stops") and "▱" in drawn

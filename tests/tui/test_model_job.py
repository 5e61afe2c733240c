"""Time left comes from the latest rate; a job closes its engine however it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult

from leads_local import keep_awake
from leads_local.config import Settings
from leads_local.engine.types import ModelInfo, Reply
from leads_local.errors import ModelError, ReviewError
from leads_local.jobs.lease import StageTaken, hold_stage
from leads_local.records import Progress, Question, ScreeningMethod, ScreeningMode, Stage
from leads_local.review.review import Review
from leads_local.tui import model_job
from leads_local.tui.app import LeadsApp
from leads_local.tui.background import ModelWork
from leads_local.tui.messages import WorkEnded, WorkProgressed
from leads_local.tui.model_job import ModelJob, OpenEngine, Pace, WorkPhase, WorkView
from leads_local.tui.widgets.bars import WorkBar
from tests.fake_engine import FakeEngine
from tests.sleepy import SleepyClock
from tests.tui.conftest import Opened

MODES = ("full", "triage")


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


def test_the_time_left_does_not_jump_over_a_sleep(computer: SleepyClock) -> None:
    pace, told = Pace(), []
    for done in range(1, 9):
        time.sleep(0.2)
        told.append(pace.left(Progress("Screening", done, 100)))
        if done == 5:
            computer.sleep()
    assert all(left is not None and left < 600 for left in told[2:]), told


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


def test_the_engine_is_closed_when_the_model_dies_and_not_opened_when_the_review_is_gone(
    tmp_path: Path, review_path: Path
) -> None:
    for path, error in ((tmp_path / "none.leads", ReviewError), (review_path, ModelError)):
        engine = FakeEngine(dies_after=3)
        with pytest.raises(error):
            list(
                model_job.run_job(
                    ModelJob(path, Stage.ABSTRACT),
                    Settings(),
                    lambda s, p, e=engine: e,
                    threading.Event(),
                    loading=print,
                    loaded=print,
                )
            )
        assert engine.closed == (error is ModelError)


def run(path: Path, load: OpenEngine, cancel: threading.Event | None = None) -> list[Progress]:
    job, never = ModelJob(path, Stage.ABSTRACT), cancel or threading.Event()
    return list(model_job.run_job(job, Settings(), load, never, loading=print, loaded=print))


def not_loaded(settings: Settings, tell: Callable[[float], None]) -> FakeEngine:
    raise AssertionError("the model was loaded")


def test_nothing_is_loaded_where_there_is_nothing_to_ask_and_the_note_says_why(
    review_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(review_path, lambda settings, tell: FakeEngine())
    monkeypatch.setattr("leads_local.engine.on_demand.known_model", lambda settings: FakeEngine().model)
    (said,) = run(review_path, not_loaded)
    assert (said.total, said.note) == (0, "all that is wanted has been answered before")
    empty = tmp_path / "empty.leads"
    Review.create(empty, Question(population="adults")).close()
    (said,) = run(empty, not_loaded)
    assert said.note == "the review has no records yet"


def test_a_job_that_is_stopped_while_the_model_loads_is_no_error(review_path: Path) -> None:
    cancel = threading.Event()

    def load(settings: Settings, tell: Callable[[float], None]) -> FakeEngine:
        cancel.set()
        tell(0.5)
        raise AssertionError("loading went on")

    with pytest.raises(model_job.LoadingStopped):
        run(review_path, load, cancel)


def test_another_job_at_work_is_told_before_anything_is_loaded(review_path: Path) -> None:
    with (
        Review.open(review_path) as other,
        hold_stage(other.db, "abstract", "Screening abstracts"),
        pytest.raises(StageTaken, match="Screening abstracts"),
    ):
        run(review_path, not_loaded)


def test_what_a_job_without_an_answer_says_at_its_end(review_path: Path) -> None:
    job, app = ModelJob(review_path, Stage.ABSTRACT), App[None]()

    def end(stopped: bool, *notes: str) -> str:
        work = ModelWork(app, lambda settings, tell: FakeEngine(), lambda view: None, "")
        for note in notes:
            work.progressed(WorkProgressed(job, Progress(job.what, 0, 0, note=note), None))
        return work.ended(WorkEnded(job, stopped))

    assert end(False, "5,000 records looked through", "all is answered").endswith("nothing to ask: all is answered.")
    assert "stopped before anything was answered" in end(True, "5,000 records looked through")
    assert "nothing to ask" not in end(True)


async def test_that_the_computer_is_kept_awake_is_told_once_and_ends_with_the_work(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, computer: SleepyClock
) -> None:
    """Through a night in the middle of the work: the time left does not jump, and nothing fails."""
    held: list[bool] = []
    left: list[float | None] = []

    @contextmanager
    def while_working(wanted: bool) -> Iterator[str]:
        held.append(wanted)
        yield "This computer is kept awake." if wanted else ""
        held.append(False)

    class Nightly(FakeEngine):
        def run(self, *arguments: Any, **options: Any) -> Iterator[Reply]:
            for reply in super().run(*arguments, **options):
                assert held[-1] is True
                computer.sleep()
                yield reply

    monkeypatch.setattr(keep_awake, "while_working", while_working)
    settings = Settings(model="fake.gguf", reviewer="Kim")
    async with opened(settings=settings, open_engine=lambda settings, loading: Nightly(delay=0.02)) as pilot:
        app, told = pilot.app, []
        assert isinstance(app, LeadsApp)
        monkeypatch.setattr(app, "tell", lambda text, *_: told.append(text))
        app.work_signal.subscribe(app.screen, lambda view: left.append(view.seconds_left))
        for _ in range(2):
            app.start_work(Stage.ABSTRACT, retry=True, way=ScreeningMethod(ScreeningMode(MODES[len(held) // 2])))
            await app.workers.wait_for_complete()
            await pilot.pause()
        assert held == [True, False, True, False]
        assert app.session is not None and not app.session.review.failures()
    assert told.count("This computer is kept awake.") == 1
    known = [seconds for seconds in left if seconds is not None]
    assert known and max(known) < 1800


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

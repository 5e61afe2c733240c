"""The frame: places, the model's work beside the person's, notices, and ways out. No error is ever a traceback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from leads_local import paths
from leads_local.config import Settings
from leads_local.engine.types import ModelInfo, Request
from leads_local.errors import LeadsError, ModelError, ReviewError
from leads_local.records import Choice, Progress, Stage
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review
from leads_local.tui import app as app_module
from leads_local.tui import labels, recent
from leads_local.tui.file_tasks import ReportProgress
from leads_local.tui.model_job import OpenEngine, WorkPhase
from leads_local.tui.screens.failures import FailuresScreen
from leads_local.tui.screens.home import HomeScreen
from leads_local.tui.screens.overview import OverviewScreen
from leads_local.tui.screens.pick import PickOne
from leads_local.tui.screens.screening import ScreeningScreen
from tests.fake_engine import FakeEngine, answer_for
from tests.tui.conftest import HOSTILE, SIZES, Opened, app_of, shown, told


def using(engine: FakeEngine) -> OpenEngine:
    return lambda settings, loading: engine


async def until(condition: Callable[[], bool], pilot: Pilot[int]) -> None:
    """Let the app go on until ``condition`` holds."""
    async with asyncio.timeout(20):
        while not condition():
            await pilot.pause(0.01)


def judged(path: Path) -> int:
    with Review.open(path) as review:
        return sum(s.score is not None for s in review.summaries(review.record_ids(Stage.ABSTRACT)))


class Gate:
    """An engine whose replies wait until they are let through."""

    def __init__(self) -> None:
        self.open = threading.Semaphore(0)
        self.engine = FakeEngine(self._answer, window=1)

    def _answer(self, request: Request) -> str:
        import json

        self.open.acquire(timeout=60)  # ends a test that has failed
        assert request.schema is not None
        return json.dumps(answer_for(request.schema, request.prompt))

    def let(self, count: int) -> None:
        self.open.release(count)


# ---------------------------------------------------------------- places


async def test_each_place_has_its_key_and_says_where_one_is(opened: Opened) -> None:
    async with opened() as pilot:
        for key, name in (("2", "Screening"), ("3", "Extraction"), ("1", "Overview"), ("2", "Screening")):
            await pilot.press(key)
            await pilot.pause()
            assert f"[{key}] {name}" in shown(app_of(pilot))


async def test_a_place_keeps_its_cursor_and_reads_what_changed(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        await pilot.press("2", "j", "j")
        screen = pilot.app.screen
        assert isinstance(screen, ScreeningScreen)
        await pilot.press("1")
        with Review.open(review_path) as review:
            review.decide(screen.records.ids[0], Stage.ABSTRACT, Choice.MAYBE)
        await pilot.press("2")
        await pilot.pause()
        assert screen.records.cursor == 2
        assert "1 of 20 decided" in shown(app_of(pilot))


async def test_a_review_that_was_opened_is_remembered(opened: Opened, review_path: Path) -> None:
    async with opened():
        assert recent.recent_reviews() == [review_path]


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x40"])
async def test_the_overview_shows_numbers_and_what_is_next(opened: Opened, size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        text = " ".join(shown(app_of(pilot)).split())
        for part in (
            "Exercise for sleep",
            "Adults with insomnia",
            "20 Records identified in all",
            "What to do next",
            "s starts it",
            "i Import",
        ):
            assert part in text, part


# ---------------------------------------------------------------- the model's work


async def test_people_decide_while_the_model_works(opened: Opened, review_path: Path) -> None:
    gate = Gate()
    async with opened(open_engine=using(gate.engine)) as pilot:
        app = app_of(pilot)
        await pilot.press("2", "s", "enter")
        gate.let(3)
        await until(lambda: app.work_view.done == 3, pilot)
        assert app.work_view.total == 20
        await until(lambda: "3 of 20" in shown(app), pilot)
        await pilot.press("i", "m")
        await pilot.pause()
        with Review.open(review_path) as review:
            assert len(review.record_ids(Stage.ABSTRACT, RecordFilter.UNDECIDED)) == 18
        gate.let(40)
        await until(lambda: not app.work_view.busy, pilot)
        assert judged(review_path) == 20
        assert gate.engine.closed
        await until(lambda: "20 done" in told(app), pilot)


async def test_stopped_and_started_again_goes_on(opened: Opened, review_path: Path) -> None:
    gate = Gate()
    async with opened(open_engine=using(gate.engine)) as pilot:
        app = app_of(pilot)
        await pilot.press("2", "s", "enter")
        gate.let(5)
        await until(lambda: app.work_view.done == 5, pilot)
        await pilot.press("x")
        assert app.work_view.phase is WorkPhase.STOPPING
        gate.let(1)
        await until(lambda: not app.work_view.busy, pilot)
        kept = judged(review_path)
        assert 5 <= kept <= 6
        await until(lambda: "Stopped" in told(app), pilot)
        gate.let(40)
        await pilot.press("s")
        await until(lambda: not app.work_view.busy, pilot)
        assert judged(review_path) == 20
        assert len({request.id for request in gate.engine.seen}) == 20


async def test_the_keys_to_start_and_stop_take_turns(opened: Opened) -> None:
    gate = Gate()
    async with opened(open_engine=using(gate.engine)) as pilot:
        app = app_of(pilot)
        assert "s Run model" in shown(app)
        assert "x Stop" not in shown(app)
        await pilot.press("s", "enter")
        await pilot.pause()
        assert "s Run model" not in shown(app)
        assert "x Stop" in shown(app)
        gate.let(50)
        await until(lambda: not app.work_view.busy, pilot)


@pytest.mark.parametrize(
    ("engine_error", "said"),
    [
        (
            ModelError("model.gguf: the file is cut short.", "Convert it again."),
            "model.gguf: the file is cut short. Convert it again.",
        ),
        (RuntimeError("[/] boom"), "Something went wrong inside the program"),
    ],
)
async def test_a_model_that_cannot_be_used_is_one_sentence(opened: Opened, engine_error: Exception, said: str) -> None:
    def refuse(settings: Settings, loading: Callable[[float], None]) -> FakeEngine:
        raise engine_error

    async with opened(open_engine=refuse) as pilot:
        app = app_of(pilot)
        await pilot.press("s", "enter")
        await until(lambda: bool(told(app)), pilot)
        assert said in told(app)
        assert "Traceback" not in shown(app)
        assert not app.work_view.busy
    logged = isinstance(engine_error, LeadsError) or "[/] boom" in paths.log_file().read_text(encoding="utf-8")
    assert logged


async def test_a_model_that_dies_keeps_what_it_answered(opened: Opened, review_path: Path) -> None:
    async with opened(open_engine=using(FakeEngine(dies_after=4))) as pilot:
        app = app_of(pilot)
        await pilot.press("s", "enter")
        await until(lambda: bool(told(app)), pilot)
        assert "The model process ended twice." in told(app)
        assert judged(review_path) == 4


async def test_what_one_must_know_of_a_model_is_said(opened: Opened) -> None:
    engine = FakeEngine(
        model=ModelInfo(
            "noise", "noise.gguf", context=4096, notice="Random weights: answers are noise.", shortage="No room."
        )
    )
    async with opened(open_engine=using(engine)) as pilot:
        await pilot.press("s", "enter")
        await until(lambda: "answers are noise" in told(app_of(pilot)), pilot)
        await until(lambda: "No room." in told(app_of(pilot)), pilot)
        await until(lambda: not app_of(pilot).work_view.busy, pilot)


async def test_failures_are_listed_with_what_the_model_wrote_and_asked_again(opened: Opened, review_path: Path) -> None:
    engine = FakeEngine(lambda request: "[red]no[/] JSON at all")
    engines = [engine, FakeEngine()]
    async with opened(open_engine=lambda settings, loading: engines.pop(0)) as pilot:
        app = app_of(pilot)
        await pilot.press("2", "s", "enter")
        await until(lambda: not app.work_view.busy, pilot)
        await until(lambda: "20 failures" in told(app), pilot)
        await pilot.press("exclamation_mark")
        await pilot.pause()
        assert isinstance(app.screen, FailuresScreen)
        assert "[red]no[/] JSON at all" in shown(app)
        assert HOSTILE[0] in shown(app)
        await pilot.press("r")
        await until(lambda: not app.work_view.busy and not engines, pilot)
        assert judged(review_path) == 20


async def test_with_no_model_all_but_the_model_works(opened: Opened, review_path: Path) -> None:
    async with opened(open_engine=app_module._open_engine, settings=Settings(reviewer="Kim")) as pilot:
        app = app_of(pilot)
        assert labels.NO_MODEL in shown(app)
        await pilot.press("2", "s", "enter")
        await until(lambda: bool(told(app)), pilot)
        assert "No model" in told(app)
        await pilot.press("i")
        await pilot.pause()
        with Review.open(review_path) as review:
            assert len(review.record_ids(Stage.ABSTRACT, RecordFilter.INCLUDED)) == 1


# ---------------------------------------------------------------- errors


async def test_a_fault_in_a_handler_is_told_once_and_the_screen_lives_on(
    opened: Opened, review_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(faults=2) as pilot:
        app = app_of(pilot)
        await pilot.press("2")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, ScreeningScreen)
        broken = monkeypatch.context()
        with broken as patch:
            patch.setattr(screen.session.review, "decide", lambda *args: 1 / 0)
            await pilot.press("i", "i")
            await pilot.pause()
        assert told(app).count("Something went wrong") == 1
        assert "ZeroDivisionError" in paths.log_file().read_text(encoding="utf-8")
        assert "Traceback" not in shown(app)
        await pilot.press("i")
        await pilot.pause()
        assert "1 of 20 decided" in shown(app)


@pytest.mark.parametrize("hostile", HOSTILE[:4])
async def test_what_an_error_says_is_not_markup(opened: Opened, monkeypatch: pytest.MonkeyPatch, hostile: str) -> None:
    def refuse(*args: object) -> None:
        raise ReviewError(f"{hostile}: the file is in use.")

    async with opened() as pilot:
        app = app_of(pilot)
        await pilot.press("2")
        await pilot.pause()
        assert isinstance(app.screen, ScreeningScreen)
        monkeypatch.setattr(app.screen.session.review, "decide", refuse)
        await pilot.press("m")
        await pilot.pause()
        assert told(app) == f"{hostile}: the file is in use."
        assert app.is_running


async def test_a_fault_that_no_guard_caught_ends_with_one_sentence(
    opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(faults=1) as pilot:
        app = app_of(pilot)
        app._handle_exception(RuntimeError("[/] boom"))
        await until(lambda: app.return_value is not None, pilot)
        assert app.return_value == app.return_code == 1
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    assert "boom" in paths.log_file().read_text(encoding="utf-8")


def test_a_review_that_cannot_be_opened_is_refused_before_the_screen_changes(tmp_path: Path) -> None:
    with pytest.raises(ReviewError):
        app_module.run_ui(tmp_path / "none.leads", Settings())


# ---------------------------------------------------------------- leaving


async def test_quit_leaves_at_once_when_nothing_runs(opened: Opened) -> None:
    async with opened() as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert app_of(pilot).return_value == 0


async def test_quitting_while_the_model_works_asks_and_keeps_what_is_done(opened: Opened, review_path: Path) -> None:
    gate = Gate()
    async with opened(open_engine=using(gate.engine)) as pilot:
        app = app_of(pilot)
        await pilot.press("2", "s", "enter")
        gate.let(4)
        await until(lambda: app.work_view.done == 4, pilot)
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(app.screen, PickOne)
        await pilot.press("k")
        await pilot.pause()
        assert isinstance(app.screen, ScreeningScreen)
        assert app.work_view.phase is WorkPhase.RUNNING
        await pilot.press("q", "s")
        gate.let(1)
        await until(lambda: app.return_value is not None, pilot)
        assert app.return_value == 0
    assert 4 <= judged(review_path) <= 5
    assert gate.engine.closed


async def test_leaving_during_a_chore_asks_and_ends_it_between_two_files(opened: Opened) -> None:
    goes_on, started = threading.Event(), threading.Event()

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        for number in range(1_000):
            tell(Progress("Reading", number, 1_000))
            started.set()
            goes_on.wait(60)
        return ()

    async with opened() as pilot:
        app = app_of(pilot)
        app.start_chore("Reading PDFs", chore)
        await until(started.is_set, pilot)
        await pilot.press("q")
        await pilot.pause()
        assert "Reading PDFs is not finished" in shown(app)
        await pilot.press("s")
        goes_on.set()
        await until(lambda: app.return_value is not None, pilot)
        assert app.return_value == 0


async def test_other_reviews_are_reached_without_leaving(opened: Opened, review_path: Path) -> None:
    async with opened() as pilot:
        app = app_of(pilot)
        await pilot.press("0")
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)
        assert app.session is None
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, OverviewScreen)
        assert app.session is not None


async def test_textuals_way_out_shows_no_traceback(opened: Opened, capsys: pytest.CaptureFixture[str]) -> None:
    async with opened() as pilot:
        app = app_of(pilot)
        app.panic("Traceback (most recent call last)")
        await pilot.pause()
        assert app.return_code == 1
    assert "Traceback" not in capsys.readouterr().err


async def test_asked_to_end_it_stops_what_runs_and_goes(opened: Opened, review_path: Path) -> None:
    async with opened(open_engine=lambda settings, loading: FakeEngine(delay=0.2)) as pilot:
        app = app_of(pilot)
        app.start_work(Stage.ABSTRACT)
        while app.work_view.phase is not WorkPhase.RUNNING:
            await pilot.pause(0.02)
        threading.Thread(target=app.end, args=(15,)).start()
        while app.return_code is None:
            await pilot.pause(0.02)
        assert app.return_code == 143
    with Review.open(review_path) as review:
        assert review.work().done < 20

"""Progress reaches standard error only, and the first Ctrl-C lets work end by itself."""

from __future__ import annotations

import os
import queue
import re
import signal
import time
from collections.abc import Iterator

import pytest

from leads_local import ending
from leads_local.cli import progress
from leads_local.records import Progress
from tests.sleepy import SleepyClock


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "FIRST_SHOWN_AFTER_SECONDS", 0.0)


def test_follow_shows_every_step_and_gives_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [Progress("Screening", n, 3, failed=int(n == 3)) for n in (1, 2, 3)]
    assert progress.follow(iter(steps), "record") == steps[-1]
    captured = capsys.readouterr()
    assert not captured.out
    assert "3/3" in captured.err
    assert "1 failed" in captured.err
    assert progress.follow(iter([]), "record") is None


def test_callbacks_show_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.reporting("Reading PDFs", "file") as report:
        report(Progress("Reading PDFs", 2, 2))
    with progress.loading("Loading") as part:
        part(0.5)
        part(2.0)
    captured = capsys.readouterr()
    assert not captured.out
    assert "2/2" in captured.err
    assert "100%" in captured.err


def test_what_can_not_say_how_far_it_is_shows_the_time_gone(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.waiting("Reading big.ris"):
        for _ in range(100):
            time.sleep(0.05)
            if "Reading big.ris" in (err := capsys.readouterr().err):
                break
    assert "gone" in err


def test_the_first_interrupt_asks_and_the_second_ends(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with progress.interruptible() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.wait(5)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
    assert signal.getsignal(signal.SIGINT) == before
    assert "finished is kept" in capsys.readouterr().err


def test_a_signal_to_end_stops_the_work_and_then_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending._EndRequest, "number", 0)
    monkeypatch.setattr(ending._EndRequest, "words", queue.SimpleQueue())
    done = []
    with pytest.raises(ending.Ended) as raised, progress.interruptible() as stop:
        ending._on_signal(signal.SIGTERM, None)
        assert stop.is_set() and ending._EndRequest.words.get_nowait() == 0
        ending._on_signal(signal.SIGTERM, None)  # the same end, told by another
        done.append("the step in hand")
    assert done and raised.value.code == 143
    with pytest.raises(ending.Ended), progress.interruptible() as stop:  # what begins now ends as soon
        assert stop.is_set()


def test_ctrl_c_while_a_line_is_being_written_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise RuntimeError("reentrant call inside <_io.BufferedWriter name='<stderr>'>")

    monkeypatch.setattr(progress, "echo", busy)
    with progress.interruptible() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()


def test_the_time_left_does_not_jump_over_a_sleep(computer: SleepyClock, capsys: pytest.CaptureFixture[str]) -> None:
    def steps() -> Iterator[Progress]:
        for done in range(1, 6):
            yield Progress("Screening", done, 100)
            computer.sleep()
            time.sleep(0.15)

    assert progress.follow(steps(), "record")
    shown = capsys.readouterr().err
    times = re.findall(r"\[(\S+) gone, (\S+) left\]", shown)
    assert len(times) > 3
    assert all(re.fullmatch(r"\?|\d\d:\d\d", text) for pair in times for text in pair), times  # minutes, no hours
    assert [left for _, left in times if left != "?"], "it is told at last"

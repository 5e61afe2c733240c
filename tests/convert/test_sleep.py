"""The converter's limits and bars count what the computer was awake, not what it slept."""

from __future__ import annotations

import re
import sys
import threading
import time
from pathlib import Path

import pytest

from convert import awake_clock, manifest, native, progress
from convert.errors import ConvertError, ModelError
from convert.lock import lock_file
from convert.pipeline import ConversionProgress
from tests.patience import patience
from tests.sleepy import SleepyClock

ANSWER = "import sys, time; time.sleep(float(sys.argv[1])); sys.stdin.read(); print('[1]')"


@pytest.fixture
def computer(monkeypatch: pytest.MonkeyPatch) -> SleepyClock:
    clock = SleepyClock()
    clock.install(monkeypatch)
    monkeypatch.setattr(awake_clock, "_clock", awake_clock.AwakeClock(clock))
    return clock


def _answer_after(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-c", ANSWER, str(seconds)]
    monkeypatch.setattr(native, "child_command", lambda module: (command, None))


def test_llama_cpp_may_answer_after_a_sleep(monkeypatch: pytest.MonkeyPatch, computer: SleepyClock) -> None:
    _answer_after(2.5, monkeypatch)
    monkeypatch.setattr(native, "PATIENCE", patience(20))
    threading.Timer(0.5, computer.sleep).start()
    assert native.ask_llama_cpp("tokenize", Path("some.gguf"), texts=["long " * 100_000]) == [1]


def test_llama_cpp_that_hangs_is_given_up_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    _answer_after(600, monkeypatch)
    monkeypatch.setattr(native, "PATIENCE", 1.5)
    with pytest.raises(ModelError, match=r"some.gguf: .*it gave no answer in 2 seconds") as caught:
        native.ask_llama_cpp("tokenize", Path("some.gguf"))
    assert caught.value.hint


def test_a_manifest_that_another_holds_is_waited_for_while_awake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, computer: SleepyClock
) -> None:
    monkeypatch.setattr(manifest, "PATIENCE", patience(15))
    held = lock_file(tmp_path / (manifest.FILE_NAME + ".lock"))
    assert held is not None
    threading.Timer(0.3, computer.sleep).start()
    threading.Timer(1.5, held.close).start()
    with manifest._hold_lock(tmp_path / manifest.FILE_NAME):
        pass
    held = lock_file(tmp_path / (manifest.FILE_NAME + ".lock"))
    monkeypatch.setattr(manifest, "PATIENCE", 0.5)
    with (
        pytest.raises(ConvertError, match="another program holds it"),
        manifest._hold_lock(tmp_path / manifest.FILE_NAME),
    ):
        pass
    assert held is not None
    held.close()


def test_the_time_left_does_not_jump(computer: SleepyClock, capsys: pytest.CaptureFixture[str]) -> None:
    with progress.conversion_bar(quiet=False) as report:
        for done in range(1, 6):
            report(ConversionProgress("writing", done, 10, done << 20, 100 << 20))
            computer.sleep()
            time.sleep(0.25)
    with progress.token_bar() as read:
        for done in (1, 2, 3):
            read(done, 100)
            computer.sleep()
            time.sleep(0.25)
    shown = capsys.readouterr().err
    assert "5.24M/105MB" in shown and "3/100 tokens" in shown
    left = re.findall(r"(\S+) left", shown)
    assert len(left) > 4 and all(text == "?" or re.fullmatch(r"\d\d:\d\d", text) for text in left), left  # no hours

"""A computer that sleeps, and programs that are stopped, for tests of what counts as work."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

ROOT = Path(__file__).resolve().parents[1]
NIGHT = 8 * 3600.0
LIMIT, STOP = 5.0, 8.0  # seconds: the limits that programs have here, and for how long they are stopped
needs_stops = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows stops no programs")


_CLOCKS = {name: getattr(time, name) for name in ("monotonic", "perf_counter", "time")}


class SleepyClock:
    """The clocks of a computer that sleeps now and then; they go on meanwhile, as those of Windows do."""

    def __init__(self) -> None:
        self.slept = 0.0

    def __call__(self) -> float:
        return self.read("perf_counter")

    def read(self, name: str) -> float:
        return float(_CLOCKS[name]()) + self.slept

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put it in the place of the system's clocks, for code that asks ``time`` for them."""
        for name in _CLOCKS:
            monkeypatch.setattr(time, name, partial(self.read, name))
        monkeypatch.setattr("tqdm.std.time", partial(self.read, "time"))

    def sleep(self, seconds: float = NIGHT) -> None:
        self.slept += seconds

    @property
    def worked(self) -> float:
        """Seconds, without those that it slept."""
        return float(_CLOCKS["monotonic"]())


def stop_meanwhile(code: str, *arguments: object, begun: Path, who: Callable[[psutil.Process], list[int]]) -> str:
    """What the program ``code`` prints, some of whose processes were stopped for a while once the file ``begun`` was
    there: ``who`` gives their numbers, or minus the number for all of its group, which is what Ctrl-Z stops."""
    command = [sys.executable, "-P", "-c", code, *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as program:
        try:
            while not begun.exists() and program.poll() is None:
                time.sleep(0.05)
            stopped = who(psutil.Process(program.pid))
            _send(stopped, signal.SIGSTOP)
            time.sleep(STOP)
            _send(stopped, signal.SIGCONT)
            return program.communicate(timeout=120)[0]
        finally:
            _send([-program.pid], signal.SIGKILL)


def _send(numbers: list[int], what: signal.Signals) -> None:
    for number in numbers:
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(-number, what) if number < 0 else os.kill(number, what)


def whole_group(program: psutil.Process) -> list[int]:
    return [-program.pid]


def program_alone(program: psutil.Process) -> list[int]:
    return [program.pid]


def children_alone(program: psutil.Process) -> list[int]:
    return [child.pid for child in program.children(recursive=True)]

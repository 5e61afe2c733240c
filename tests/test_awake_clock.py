"""The clock that counts only what this program was awake."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from leads_local import awake_clock
from leads_local.awake_clock import AwakeClock
from tests.patience import patience
from tests.sleepy import NIGHT, SleepyClock

ROOT = Path(__file__).resolve().parents[1]


def test_of_a_gap_at_most_a_few_seconds_count() -> None:
    now = [1000.0]
    clock = AwakeClock(lambda: now[0])
    began = clock.seconds()
    for step in (0.5, 1.0, 2.5):
        now[0] += step
        clock.look()
    assert clock.seconds() - began == pytest.approx(4.0)
    now[0] += NIGHT
    assert clock.seconds() - began == pytest.approx(7.0)  # whoever asks before the first look after a sleep
    clock.look()
    assert clock.seconds() - began == pytest.approx(7.0)
    now[0] += 0.25
    assert clock.seconds() - began == pytest.approx(7.25)


def test_it_goes_on_by_itself_where_nobody_asks() -> None:
    began = awake_clock.seconds()
    time.sleep(4.5)
    assert 4.0 < awake_clock.seconds() - began < 4.5 + patience(2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_it_goes_on_after_a_fork() -> None:
    code = (
        "import os, time\nfrom leads_local import awake_clock\nawake_clock.seconds()\nif not os.fork():\n"
        "    awake_clock._LONGEST_GAP = 1.0\n    began = awake_clock.seconds()\n    time.sleep(3)\n"
        "    os._exit(0 if awake_clock.seconds() - began > 1.2 else 3)\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.wait()[1]))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_waiting_is_for_seconds_awake(computer: SleepyClock) -> None:
    event, began = threading.Event(), computer.worked
    threading.Timer(0.3, computer.sleep).start()
    assert not awake_clock.wait(event, 4.0)
    assert computer.worked - began > 0.9  # the night has taken 3 seconds of the 4
    event.set()
    assert awake_clock.wait(event, 4.0)


def test_the_converter_has_the_same_clock() -> None:
    ours, its = ((ROOT / package / "awake_clock.py").read_bytes() for package in ("leads_local", "convert"))
    assert ours == its

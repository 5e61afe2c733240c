"""While the model works, this computer is asked not to fall asleep by itself, where the system lets a program without
network ask for that.

On macOS ``caffeinate`` asks, a program of the system that ends with the process that it is told to watch. On Windows a
thread asks, whose wish holds for as long as it lives. So nothing stays behind, however this process ends. On Linux one
would ask through a socket, which the guard against the network refuses for good reasons: there the person is told what
to do. Nowhere does it help against a closed lid or an empty battery, and nothing here is needed for the work itself: it
goes on when the computer wakes (``awake_clock``).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

SYSTEM: str = sys.platform
CAFFEINATE = "/usr/bin/caffeinate"
INHIBIT = "systemd-inhibit"
_ALIVE_SECONDS = 0.2  # after which caffeinate has not been refused
_PROMPTLY = 5.0  # seconds in which a call of the system's is done
_CONTINUOUS, _SYSTEM_REQUIRED = 0x80000000, 0x00000001  # of SetThreadExecutionState
_PROC = Path("/proc")

_MAY_SLEEP = "This computer may fall asleep while the model works; the work goes on when it wakes."
_KEPT = (
    "This computer is kept awake while the model works; its screen may go dark, and a closed lid{} may still put it "
)
_HELD = {
    "darwin": f"{_KEPT.format('')}to sleep.",
    "win32": f"{_KEPT.format(', or Windows on battery,')}to sleep.",
}


class _NotGranted(Exception):
    """The system does not keep this computer awake for us."""


@contextmanager
def while_working(wanted: bool) -> Iterator[str]:
    """Keep this computer awake until the block ends. Gives the sentence that tells the person whether it is, "" where
    the settings say that it is not ``wanted``."""
    with contextlib.ExitStack() as held:
        said = ""
        if wanted:
            try:
                if SYSTEM in _ASKING:
                    held.enter_context(_ASKING[SYSTEM]())
                said = _in_words()
            except (_NotGranted, OSError):
                said = _MAY_SLEEP
        yield said


def _in_words() -> str:
    """What is done here against sleep, or what a person can do; "" where somebody has seen to it."""
    if SYSTEM in _HELD:
        return _HELD[SYSTEM]
    if SYSTEM != "linux" or "microsoft" in platform.release().lower() or not shutil.which(INHIBIT):  # Windows' Linux
        return _MAY_SLEEP
    if _is_inhibited():
        return ""
    return f"{_MAY_SLEEP} To keep it awake, begin the command with: {INHIBIT} --what=idle:sleep"


# ---------------------------------------------------------------- asking the system


@contextmanager
def _run_caffeinate() -> Iterator[None]:
    """``-i``: not for being idle. ``-w``: until that process has ended. In a session of its own, since Ctrl-C lets us
    end the step in hand."""
    nothing = subprocess.DEVNULL
    command = [CAFFEINATE, "-i", "-w", str(os.getpid())]
    with subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True) as asking:
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                asking.wait(_ALIVE_SECONDS)
                raise _NotGranted
            yield
        finally:
            asking.terminate()


@contextmanager
def _ask_windows() -> Iterator[None]:
    asked, over = threading.Event(), threading.Event()
    granted: list[bool] = []

    def ask() -> None:
        with contextlib.suppress(OSError, AttributeError):
            windows: Any = ctypes  # has WinDLL there only
            set_state = windows.WinDLL("kernel32").SetThreadExecutionState
            set_state.argtypes, set_state.restype = (ctypes.c_uint,), ctypes.c_uint
            granted.append(bool(set_state(_CONTINUOUS | _SYSTEM_REQUIRED)))  # the state before, 0 where it failed
            asked.set()
            over.wait()
            set_state(_CONTINUOUS)
        asked.set()

    thread = threading.Thread(target=ask, name="keep-awake", daemon=True)
    thread.start()
    try:
        asked.wait(_PROMPTLY)
        if not any(granted):
            raise _NotGranted
        yield
    finally:
        over.set()
        thread.join(_PROMPTLY)


_ASKING: dict[str, Callable[[], AbstractContextManager[None]]] = {"darwin": _run_caffeinate, "win32": _ask_windows}


def _is_inhibited() -> bool:
    """Whether one of the programs that this one was started by is ``systemd-inhibit``."""
    number = os.getppid()
    with contextlib.suppress(OSError, ValueError, StopIteration):
        while number > 1:
            lines = (_PROC / str(number) / "status").read_text(encoding="utf-8", errors="replace").splitlines()
            if lines[0].partition(":")[2].strip() == INHIBIT:
                return True
            number = int(next(line for line in lines if line.startswith("PPid:")).partition(":")[2])
    return False

"""A child process and its descendants: their memory, their processor time, and ending them all.

In a virtual environment on Windows, Python is a launcher that starts the real one: who watches the launcher alone sees
nothing, and who ends it alone relies on it for the rest. Starting the real one, as multiprocessing does, would take two
names that Python does not document; whatever the launcher is (venv's, uv's, none), it is the real one's parent. The
real one looks after this process itself (``lifeline``), not after its launcher.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psutil  # type: ignore[import-untyped]

_T = TypeVar("_T")
_LOOK_SECONDS = 1.0  # seconds between two looks for who belongs to it


class ProcessTree:
    """A child of ours with what it started. Nothing here fails because one of them has ended."""

    def __init__(self, child: subprocess.Popen[Any]) -> None:
        self._popen = child
        self._child: Any = None  # knows the process from a later one of the same number
        with contextlib.suppress(psutil.Error):
            self._child = psutil.Process(child.pid)
        self._members: list[Any] = []
        self._looked = float("-inf")

    def resident_bytes(self) -> int:
        """Bytes of memory."""
        return sum(self._ask_each("memory_info", lambda held: int(held.rss)))

    def spent(self) -> float:
        """Seconds of processor time."""
        return sum(self._ask_each("cpu_times", lambda times: float(times.user + times.system)))

    def kill(self) -> None:
        """End all of them, those first that were started last."""
        self._looked = float("-inf")
        self._ask_each("kill", lambda nothing: nothing)
        self._popen.kill()

    def _ask_each(self, method: str, value: Callable[[Any], _T]) -> list[_T]:
        if self._child is not None and time.monotonic() - self._looked > _LOOK_SECONDS:
            self._looked = time.monotonic()
            self._members = [self._child]
            with contextlib.suppress(psutil.Error):
                self._members = [*reversed(self._child.children(recursive=True)), self._child]
        found = []
        for member in self._members:
            with contextlib.suppress(psutil.Error):
                found.append(value(getattr(member, method)()))
        return found

"""The few functions of Windows' own libraries that ours calls, each as far as a caller can see, and a record of all
calls.

A function that fails leaves its reason for ``get_last_error``, from which ``WinError`` makes the exception."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import Any

import psutil  # type: ignore[import-untyped]

from tests.simulated_windows import locks

CALLS: list[tuple[str, tuple[Any, ...]]] = []
ANSWERS: dict[str, Callable[..., Any]] = {}
"""What a function answers, for those that a test sets; 1, which is success nearly everywhere, for all others."""


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)


def _wait(handle: Any, milliseconds: Any) -> int:
    """Until the process has ended, or the time is over (258)."""
    end = time.monotonic() + _plain(milliseconds) / 1000 if _plain(milliseconds) not in (-1, 0xFFFFFFFF) else None
    while psutil.pid_exists(int(_plain(handle))):
        if end is not None and time.monotonic() > end:
            return 258
        time.sleep(0.2)
    return 0


def _control(handler: Any, on: Any) -> int:
    """``SetConsoleCtrlHandler``: without a handler it says whether this process is deaf to Ctrl-C."""
    if handler is None:
        signal.pthread_sigmask(signal.SIG_BLOCK if on else signal.SIG_UNBLOCK, {signal.SIGINT})
    return 1


ANSWERS["SetConsoleCtrlHandler"] = _control
ANSWERS["OpenProcess"] = lambda access, inherit, process: _plain(process)
ANSWERS["WaitForSingleObject"] = _wait
ANSWERS["RtlAreLongPathsEnabled"] = lambda: 0  # as Windows is delivered


class Function:
    """Callable as a function of a library is, with the attributes that ctypes gives one."""

    restype: Any = None
    argtypes: Any = None

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *arguments: Any) -> Any:
        CALLS.append((self.name, arguments))
        answer = ANSWERS.get(self.name)
        return 1 if answer is None else answer(*arguments)


class Library:
    def __init__(self, name: str) -> None:
        self._name = name
        self._functions: dict[str, Function] = {}

    def __getattr__(self, name: str) -> Function:
        return self._functions.setdefault(name, Function(name))


def library(name: str, **options: Any) -> Library:
    return Library(name)


LOCK_VIOLATION = 33
ERRNO = {5: 13, 32: 13, LOCK_VIOLATION: 13}
ERRORS: dict[int, type[OSError]] = dict.fromkeys(ERRNO, PermissionError)
FAILED = [0]


def _lock(handle: Any, low: Any, high: Any, size_low: Any, size_high: Any) -> int:
    """``LockFile``: any place of 64 bits."""
    at, size = (_plain(upper) << 32 | _plain(lower) for upper, lower in ((high, low), (size_high, size_low)))
    if locks.take(_plain(handle), at, size):
        return 1
    FAILED[0] = LOCK_VIOLATION
    return 0


def last_error() -> int:
    return FAILED[0]


def error(code: int | None = None, text: str = "") -> OSError:
    """As ``ctypes.WinError``."""
    code = last_error() if code is None else code
    found = ERRORS.get(code, OSError)(ERRNO.get(code, 22), text or f"Windows' error {code}")
    found.winerror = code  # type: ignore[attr-defined, unused-ignore]
    return found


ANSWERS["LockFile"] = _lock
ANSWERS["RtlAreLongPathsEnabled"] = lambda: 0

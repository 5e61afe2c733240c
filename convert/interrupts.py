"""Ctrl-C and SIGTERM as a wish that is looked at in safe places.

An exception that comes up between any two instructions can hit a lock or a clean-up half-way. So the first signal is only remembered, and
``check``, which every progress report calls, stops the work; a second one stops it wherever it is.
"""

from __future__ import annotations

import signal
from types import FrameType


class _Wish:
    asked = False


def install() -> None:
    """Take over both signals; for programs only, and only in the main thread."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ask)


def _ask(number: int, frame: FrameType | None) -> None:
    if _Wish.asked:
        raise KeyboardInterrupt
    _Wish.asked = True


def asked() -> bool:
    """Whether a signal has come."""
    return _Wish.asked


def check() -> None:
    """Raise KeyboardInterrupt when a signal has come."""
    if _Wish.asked:
        raise KeyboardInterrupt

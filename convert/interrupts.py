"""Ctrl-C, SIGTERM and a closed terminal (SIGHUP) as a wish that is looked at in safe places.

An exception that comes up between any two instructions can hit a lock or a clean-up half-way. So the first signal is
only remembered, and ``check``, which every progress report calls, stops the work; a second one stops it wherever it is.
A terminal that is closed is told by more than one at a time, which is one wish.
"""

from __future__ import annotations

import signal
import time
from types import FrameType

_ONE_WISH = 1.0  # seconds


class _Wish:
    asked = False
    at = 0.0


def install() -> None:
    """Take over these signals, but those that were ignored; for programs only, and only in the main thread."""
    for number in (
        signal.SIGINT,
        *(getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)),
    ):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _ask)


def _ask(number: int, frame: FrameType | None) -> None:
    if _Wish.asked and (number == signal.SIGINT or time.monotonic() - _Wish.at > _ONE_WISH):
        raise KeyboardInterrupt
    _Wish.asked, _Wish.at = True, time.monotonic()


def asked() -> bool:
    """Whether a signal has come."""
    return _Wish.asked


def check() -> None:
    """Raise KeyboardInterrupt when a signal has come."""
    if _Wish.asked:
        raise KeyboardInterrupt

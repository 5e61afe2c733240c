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
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))


class _StopRequest:
    number = 0  # of the first signal
    at = 0.0


def install() -> None:
    """Take over these signals, but those that were ignored; for programs only, and only in the main thread."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _handle_signal)


def release() -> None:
    """The work is over and what is left is to end, which a signal may do at once and without a word."""
    for number in _SIGNALS:
        if signal.getsignal(number) is _handle_signal:
            signal.signal(number, signal.SIG_DFL)


def _handle_signal(number: int, frame: FrameType | None) -> None:
    if _StopRequest.number and (number == signal.SIGINT or time.monotonic() - _StopRequest.at > _ONE_WISH):
        raise KeyboardInterrupt
    _StopRequest.number, _StopRequest.at = _StopRequest.number or number, time.monotonic()


def stop_requested() -> bool:
    """Whether a signal has come."""
    return bool(_StopRequest.number)


def stop_if_requested() -> None:
    """Raise KeyboardInterrupt when a signal has come."""
    if _StopRequest.number:
        raise KeyboardInterrupt


def exit_code() -> int:
    """What a program that was stopped ends with: 130 after Ctrl-C, 143 after SIGTERM."""
    return 128 + int(_StopRequest.number or signal.SIGINT)

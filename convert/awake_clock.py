"""A clock that counts only while this program could work: neither the time that the computer slept nor the time that
the program was stopped (Ctrl-Z).

Limits such as "this PDF takes too long" and rates such as "an hour left" are about work. The system's clocks are not:
those of Windows go on while a laptop sleeps, and every system's while a program is stopped. A thread looks at the
system's clock every ``_LOOK_SECONDS``. Where it finds a gap much longer than that, nobody here was awake, so that of
one gap at most ``_LONGEST_GAP`` seconds count. A child that hangs or was stopped by itself is still found: this clock
goes on as long as its own process does.

``convert/awake_clock.py`` is the same file, since the converter imports nothing of leads_local.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_LOOK_SECONDS = 0.5
_LONGEST_GAP = 3.0  # seconds; on a busy computer a look may come late


class AwakeClock:
    """``look`` has to be called again and again, by one thread; ``clock`` is the system's."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        now = clock()
        self._counted = (now, now)  # seconds awake until that moment; replaced as a whole, so that no lock is needed

    def seconds(self) -> float:
        """Seconds awake so far. From any thread, and from a handler of signals."""
        awake, until = self._counted
        return awake + min(self._clock() - until, _LONGEST_GAP)

    def look(self) -> None:
        """Count the time since the last look."""
        awake, until = self._counted
        now = self._clock()
        self._counted = (awake + min(now - until, _LONGEST_GAP), now)


_clock = AwakeClock(lambda: time.perf_counter())  # time.monotonic has steps of 16 ms on Windows
_looking: threading.Thread | None = None


def seconds() -> float:
    """Seconds that this process was awake, from some moment on."""
    global _looking
    if _looking is None or not _looking.is_alive():  # none yet, or it was left behind by a fork
        _clock.look()
        _looking = threading.Thread(target=_look_on, name="awake-clock", daemon=True)
        _looking.start()
    return _clock.seconds()


def wait(event: threading.Event, limit: float) -> bool:
    """``event.wait(limit)`` in seconds awake."""
    end = seconds() + limit
    while not event.is_set() and (left := end - seconds()) > 0:
        event.wait(min(left, _LOOK_SECONDS))
    return event.is_set()


def _look_on() -> None:
    while True:
        time.sleep(_LOOK_SECONDS)
        _clock.look()

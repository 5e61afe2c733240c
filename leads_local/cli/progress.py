"""Progress on standard error with the time left, and Ctrl-C that stops cleanly.

What a bar says passes ``terminal_text`` as everything on the terminal does, so the bars of all commands are made here.
The first Ctrl-C sets an event that the work looks at, so that what is finished is stored and counted; a second one ends
at once. So do a terminal that is closed and a log-out, after which the program leaves.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tqdm import tqdm

from leads_local import awake_clock, ending, keep_awake
from leads_local.cli.echo import echo
from leads_local.config import Settings
from leads_local.records import Progress
from leads_local.terminal_text import safe_line

BAR = "{l_bar}{bar:20}| {n_fmt}/{total_fmt} [{elapsed} gone, {remaining} left]{postfix}"
FIRST_SHOWN_AFTER_SECONDS = 1.0
_STOPPING = "\nStopping after the step in hand; what is finished is kept. Press Ctrl-C again to end at once."


class AwakeBar(tqdm):  # type: ignore[misc]  # it has no types
    """A bar whose time gone and time left are those of a computer that was awake."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.begun = awake_clock.seconds()
        super().__init__(*arguments, **options)

    @property
    def format_dict(self) -> dict[str, Any]:
        """``rate`` None is what was done in all of the time gone."""
        found: dict[str, Any] = super().format_dict
        found.update(elapsed=awake_clock.seconds() - self.begun, rate=None)
        return found


def bar(what: str, **options: Any) -> AwakeBar:
    """A bar named ``what``, on standard error."""
    return AwakeBar(desc=safe_line(what), file=sys.stderr, **options)


@contextmanager
def loading(what: str) -> Iterator[Callable[[float], None]]:
    """A bar for one thing whose share done (0 to 1) is reported."""
    with bar(
        what, total=100, bar_format="{l_bar}{bar:20}| {elapsed}", leave=False, delay=FIRST_SHOWN_AFTER_SECONDS
    ) as shown:

        def report(share: float) -> None:
            shown.update(max(0.0, min(100.0, share * 100) - shown.n))

        yield report


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets, or a signal to end; the second Ctrl-C interrupts as usual.

    Raises Ended at the end of the block when it was a signal.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        with contextlib.suppress(RuntimeError):  # the signal came while this very stream was being written to
            echo(_STOPPING, err=True)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        with ending.stop_instead(lambda number: stop.set()):
            yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def staying_awake(settings: Settings, *, quiet: bool = False) -> Iterator[None]:
    """Keep this computer awake while a model works inside, as the settings say, and say so unless ``quiet``."""
    with keep_awake.while_working(settings.keep_awake) as said:
        say_of_sleep("" if quiet else said)
        yield


def say_of_sleep(said: str) -> None:
    """What ``keep_awake`` has to say at the beginning of some work."""
    if said:
        echo(said, err=True)


def follow(steps: Iterable[Progress], unit: str) -> Progress | None:
    """Show each step of a long piece of work; returns the last one."""
    last: Progress | None = None
    shown: AwakeBar | None = None
    try:
        for step in steps:
            if shown is None:
                shown = bar(
                    step.what, total=step.total or None, unit=unit, bar_format=BAR, delay=FIRST_SHOWN_AFTER_SECONDS
                )
            update_bar(shown, step)
            last = step
    finally:
        if shown is not None:
            shown.close()
    return last


def update_bar(shown: AwakeBar, step: Progress) -> None:
    """Bring the bar to where ``step`` says the work is."""
    shown.total = step.total or None
    shown.set_description(safe_line(step.what), refresh=False)
    if step.failed:
        shown.set_postfix_str(f"{step.failed} failed", refresh=False)
    shown.update(step.done - shown.n)


@contextmanager
def reporting(what: str, unit: str) -> Iterator[Callable[[Progress], None]]:
    """The same for work that calls back instead of yielding."""
    with bar(what, unit=unit, bar_format=BAR, delay=FIRST_SHOWN_AFTER_SECONDS) as shown:
        yield lambda step: update_bar(shown, step)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """For work that can't say how far it is: after a second a line with the time gone, so that it is seen to be
    alive."""
    done = threading.Event()

    def tick() -> None:
        if done.wait(FIRST_SHOWN_AFTER_SECONDS):
            return
        with bar(what, bar_format="{desc} … {elapsed} gone", leave=False) as shown:
            while not done.wait(0.5):
                shown.refresh()

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()

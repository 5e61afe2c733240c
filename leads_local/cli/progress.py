"""Progress on standard error with the time left, and Ctrl-C that stops cleanly.

The first Ctrl-C sets an event that the work looks at, so that what is finished is stored and counted; a second one ends at once. So do a
terminal that is closed and a log-out, after which the program leaves.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

import click
from tqdm import tqdm

from leads_local import ending
from leads_local.records import Progress

BAR = "{l_bar}{bar:20}| {n_fmt}/{total_fmt} [{elapsed} gone, {remaining} left]{postfix}"
FIRST_SHOWN_AFTER_SECONDS = 1.0


@contextmanager
def loading(what: str) -> Iterator[Callable[[float], None]]:
    """A bar for one thing whose share done (0 to 1) is reported."""
    with tqdm(
        total=100, desc=what, bar_format="{l_bar}{bar:20}| {elapsed}", file=sys.stderr, leave=False, delay=FIRST_SHOWN_AFTER_SECONDS
    ) as bar:

        def report(share: float) -> None:
            bar.update(max(0.0, min(100.0, share * 100) - bar.n))

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
        click.echo("\nStopping after the step in hand; what is finished is kept. Press Ctrl-C again to end at once.", err=True)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        with ending.wish(lambda number: stop.set()):
            yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def follow(steps: Iterable[Progress], unit: str) -> Progress | None:
    """Show each step of a long piece of work; returns the last one."""
    last: Progress | None = None
    bar: tqdm | None = None
    try:
        for step in steps:
            if bar is None:
                bar = tqdm(
                    total=step.total or None, desc=step.what, unit=unit, bar_format=BAR, file=sys.stderr, delay=FIRST_SHOWN_AFTER_SECONDS
                )
            show(bar, step)
            last = step
    finally:
        if bar is not None:
            bar.close()
    return last


def show(bar: tqdm, step: Progress) -> None:
    """Bring ``bar`` to where ``step`` says the work is."""
    bar.total = step.total or None
    bar.set_description(step.what, refresh=False)
    if step.failed:
        bar.set_postfix_str(f"{step.failed} failed", refresh=False)
    bar.update(step.done - bar.n)


@contextmanager
def reporting(what: str, unit: str) -> Iterator[Callable[[Progress], None]]:
    """The same for work that calls back instead of yielding."""
    with tqdm(desc=what, unit=unit, bar_format=BAR, file=sys.stderr, delay=FIRST_SHOWN_AFTER_SECONDS) as bar:
        yield lambda step: show(bar, step)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """For work that can't say how far it is: after a second a line with the time gone, so that it is seen to be alive."""
    done = threading.Event()

    def tick() -> None:
        if done.wait(FIRST_SHOWN_AFTER_SECONDS):
            return
        with tqdm(desc=what, bar_format="{desc} … {elapsed} gone", file=sys.stderr, leave=False) as bar:
            while not done.wait(0.5):
                bar.refresh()

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()

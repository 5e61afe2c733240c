"""The progress bar on stderr: tensors, bytes, time left. The only importer of tqdm in this package."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from . import awake_clock
from .interrupts import stop_if_requested
from .pipeline import ConversionProgress

FORMAT = "{desc}: {percentage:3.0f}% |{bar:24}| {n_fmt}/{total_fmt}B, {remaining} left{postfix}"

TOKENS = "{desc}: {percentage:3.0f}% |{bar:24}| {n_fmt}/{total_fmt} tokens, {remaining} left"


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


@contextmanager
def conversion_bar(*, quiet: bool) -> Iterator[Callable[[ConversionProgress], None]]:
    """A function that shows what it is told, and stops the work when a signal has come; the bar ends with the block."""
    shown: AwakeBar | None = None
    stage = ""

    def report(progress: ConversionProgress) -> None:
        nonlocal shown, stage
        stop_if_requested()
        if shown is None or progress.stage != stage:
            if shown is not None:
                shown.close()
            stage = progress.stage
            shown = AwakeBar(
                desc=stage.capitalize(),
                total=progress.total,
                unit_scale=True,
                bar_format=FORMAT,
                disable=quiet,
                mininterval=0.2,
            )
        if stage == "writing":
            shown.set_postfix_str(f"tensor {progress.tensors_done}/{progress.tensors}", refresh=False)
        shown.update(progress.done - shown.n)

    try:
        yield report
    finally:
        if shown is not None:
            shown.close()


@contextmanager
def token_bar() -> Iterator[Callable[[int, int], None]]:
    """The same for tokens read: a function of how many are done and how many there are."""
    shown: AwakeBar | None = None

    def report(done: int, total: int) -> None:
        nonlocal shown
        if shown is None:
            shown = AwakeBar(desc="Reading", total=total, initial=done, bar_format=TOKENS, mininterval=0.2)
        shown.update(done - shown.n)

    try:
        yield report
    finally:
        if shown is not None:
            shown.close()

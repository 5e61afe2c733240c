"""How the scheduler batches work: its settings, decided in ``worker``; which sequences go on together; its counters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from leads_local.engine.disk_prefix_cache import DiskPrefixCache
from leads_local.engine.sequence import Sequence
from leads_local.engine.throughput import ThroughputCurve


@dataclass(frozen=True, slots=True)
class Policy:
    """How the work is cut: ``sequences`` at a time, at most ``context`` tokens for one of them, and up to ``rows``
    prompt tokens a step.

    Sequences that decode come first in a step, then prompts: as many rows as make the model work at its best rate, and
    no more, so that decoding does not starve. ``curve`` says when decoding had better wait for prompts, how many of the
    sequences go on together when no prompt is left, and how many tokens proposed by ``draft`` are verified beside them.
    A prompt's ``keep`` or more unshared tokens stay in the cache after its end, for ``grace`` seconds in any case, and
    requests that share it go before others; ``states`` keeps them on disk too. Of prompts that are ``paper`` tokens
    long or longer, only such as begin alike are worked on at a time (0: any). ``reserve`` is the first guess of an
    answer's length.
    """

    sequences: int
    context: int
    rows: int = 128
    curve: ThroughputCurve | None = None
    keep: int = 1024
    grace: float = 0.0
    paper: int = 0
    reserve: int = 192
    draft: Callable[[Sequence, int], list[int]] | None = None
    states: DiskPrefixCache | None = None


@dataclass(frozen=True, slots=True)
class WorkCounts:
    """What was done so far: ``tokens`` evaluated in ``steps``, ``seconds`` of them in the model, times a sequence had
    to give way, tokens drafted and those of them that were right, and the most cells in use at a time."""

    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0
    gave_way: int = 0
    drafted: int = 0
    right: int = 0
    cells: int = 0

    def after_step(self, tokens: int, seconds: float, cells: int) -> WorkCounts:
        """After a further step of ``tokens`` that took ``seconds``, with ``cells`` in use."""
        return replace(
            self,
            steps=self.steps + 1,
            tokens=self.tokens + tokens,
            seconds=self.seconds + seconds,
            cells=max(self.cells, cells),
        )


def choose_together(decoding: list[Sequence], curve: ThroughputCurve, *, apart: bool) -> list[Sequence]:
    """Those of ``decoding``, the oldest first, that are to go on in one step for the most tokens a second.

    Apart (each in a part of the cache of its own), that may be one alone that has many forced tokens to take in, which
    beside the others would go by one at a time.
    """
    width = curve.width(len(decoding))
    if not apart:
        return decoding[:width]
    longest = max(decoding, key=lambda s: s.pending)
    if longest.pending / curve.time(longest.pending) > width / curve.time(width):
        return [longest]
    side_by_side = sorted(decoding, key=lambda s: s.slot)
    start = min(side_by_side.index(decoding[0]), len(decoding) - width)
    return side_by_side[start : start + width]

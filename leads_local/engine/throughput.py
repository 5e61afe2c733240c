"""How long a step takes for how many rows, measured once for a machine, model and number of threads, and kept.

On CPUs the time is not proportional to the rows and the rate does not even rise steadily: eight rows may take as long
as sixteen. What to put into a step follows from this curve: how many prompt rows to add, how many sequences to let
decode when there is no prompt, how many drafted tokens are worth their price. Without a curve everything is taken as if
rows cost nothing up to the policy's limit.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from leads_local import private
from leads_local.engine.runner import Runner

SIZES = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256)
_TOKEN = 1000  # any ordinary one
_GOOD_ENOUGH = 0.93  # of the best rate is good enough for the smaller step
_LEAST_WORKING = 0.85  # of the time, at least, that the threads must have had a core
_MOST_SCATTER = 1.35  # times the shortest is the most that the longest of three may take, for most sizes


@dataclass(frozen=True, slots=True)
class ThroughputCurve:
    """``seconds[i]`` for a step of ``rows[i]`` rows, both rising in ``rows``; at least one point."""

    rows: tuple[int, ...]
    seconds: tuple[float, ...]

    def time(self, rows: int) -> float:
        """Seconds for ``rows`` rows: measured, or on the line between two measured points, or at the rate of the
        last."""
        at = bisect_left(self.rows, rows)
        if at == len(self.rows):
            return self.seconds[-1] * rows / self.rows[-1]
        if self.rows[at] == rows or at == 0:
            return self.seconds[at]
        low, high = self.rows[at - 1], self.rows[at]
        return self.seconds[at - 1] + (self.seconds[at] - self.seconds[at - 1]) * (rows - low) / (high - low)

    def width(self, ready: int) -> int:
        """How many of the ``ready`` sequences to decode in one step for the most tokens a second; the larger number
        when two are equally fast."""
        sizes = {size for size in self.rows if size < ready} | {ready}
        return max(sizes, key=lambda size: (size / self.time(size), size))

    def drafts(self, width: int, right: float, most: int) -> int:
        """How many drafted tokens to verify beside ``width`` rows, when the fraction ``right`` of drafted tokens is
        expected to be accepted."""
        sizes = {size - width for size in self.rows if width < size <= width + most} | {0}
        return max(sizes, key=lambda drafted: ((width + right * drafted) / self.time(width + drafted), -drafted))

    def step(self) -> int:
        """The smallest step that comes near the best rate."""
        best = max(rows / seconds for rows, seconds in zip(self.rows, self.seconds, strict=True))
        return next(
            rows for rows, seconds in zip(self.rows, self.seconds, strict=True) if rows / seconds >= _GOOD_ENOUGH * best
        )


# What a processor with wide vectors makes of a model in Q4_K_M, in units of one row's time: a guess for machines too
# busy to be measured.
TYPICAL = ThroughputCurve(
    (1, 2, 4, 8, 12, 16, 20, 24, 32, 48, 64, 128), (1.0, 1.38, 1.75, 2.83, 3.7, 3.8, 5.1, 6.3, 6.8, 10.1, 12.5, 24.6)
)


def measure(
    runner: Runner,
    threads: int,
    patience: float = 20.0,
    clock: Callable[[], float] = time.perf_counter,
    work: Callable[[], float] = time.process_time,
) -> ThroughputCurve | None:
    """Time steps of growing size on an empty ``runner``, three times each; the best counts. Ends early after
    ``patience`` seconds.

    None when the machine is too busy with other things to tell, seen from times that scatter or from ``threads`` that
    had to wait (``work`` is the processor's time; 0 threads, on a GPU, are not asked): then a guess is better than a
    curve that would be kept.
    """
    points: list[tuple[int, list[float]]] = []
    began, worked = clock(), work()
    for rows in [size for size in SIZES if size <= min(runner.batch_size, runner.cells)]:
        if points and clock() - began > patience:
            break
        points.append((rows, [_time_step(runner, rows, clock) for _ in range(3)]))
    restless = sum(max(times) > _MOST_SCATTER * min(times) for _, times in points)
    if restless > len(points) // 2 or work() - worked < _LEAST_WORKING * threads * (clock() - began):
        return None
    return ThroughputCurve(tuple(rows for rows, _ in points), tuple(min(times) for _, times in points))


def _time_step(runner: Runner, rows: int, clock: Callable[[], float], outputs: int = 0) -> float:
    wanted = [number >= rows - (outputs or runner.outputs) for number in range(rows)]
    start = clock()
    runner.evaluate([_TOKEN] * rows, list(range(rows)), [0] * rows, wanted)
    seconds = clock() - start
    runner.remove(0, 0)
    return max(seconds, 1e-9)


def measure_prompt_rates(
    runner: Runner, sizes: Sequence[int], clock: Callable[[], float] = time.perf_counter
) -> dict[int, float]:
    """Tokens a second for prompts of these sizes on an empty ``runner``, logits for the last token only; the best of
    three."""
    found = {}
    for size in [size for size in sizes if size <= runner.batch_size]:
        seconds = min(_time_step(runner, size, clock, outputs=1) for _ in range(3))
        found[size] = round(size / seconds, 1)
    return found


def key(model: Path, size: int, threads: int, gpu_layers: int) -> str:
    """A name for what a curve belongs to: this processor, this model file, this way to run it."""
    parts = (platform.node(), platform.machine(), processor_name(), model.name, size, threads, gpu_layers)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def processor_name() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def load(file: Path, name: str) -> ThroughputCurve | None:
    """The curve kept in ``file`` under ``name``, None when there is none that can be used."""
    try:
        entry = json.loads(file.read_text(encoding="utf-8"))[name]
        rows, seconds = tuple(map(int, entry["rows"])), tuple(map(float, entry["seconds"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    usable = len(rows) == len(seconds) > 0 and list(rows) == sorted(set(rows)) and rows[0] > 0 and min(seconds) > 0
    return ThroughputCurve(rows, seconds) if usable else None


def save(file: Path, name: str, curve: ThroughputCurve) -> None:
    """Keep ``curve`` in ``file`` beside the others; a file that can't be written is no error, the curve is measured
    again then."""
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    known = known if isinstance(known, dict) else {}
    known[name] = {"rows": list(curve.rows), "seconds": [round(seconds, 6) for seconds in curve.seconds]}
    with contextlib.suppress(OSError):
        private.replace_file(file, json.dumps(known).encode())

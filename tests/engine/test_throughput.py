"""The curve's choices are the best by its own figures, and a curve survives being kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, repeat
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from leads_local.engine import throughput as curves
from leads_local.engine.throughput import ThroughputCurve
from tests.engine.mock_runner import MockRunner

CPU = ThroughputCurve((1, 2, 4, 8, 16, 128, 256), (0.015, 0.028, 0.041, 0.15, 0.16, 0.29, 0.6))


def test_choices_on_a_curve_that_is_not_monotonic() -> None:
    assert CPU.time(12) == (0.15 + 0.16) / 2 and CPU.time(512) == 1.2
    assert [CPU.width(n) for n in (1, 4, 5, 8, 16)] == [1, 4, 4, 4, 16]
    assert CPU.step() == 128
    assert CPU.drafts(1, 0.5, 3) == 0 and CPU.drafts(1, 0.95, 3) == 3
    assert CPU.drafts(8, 0.5, 120) == 120 and CPU.drafts(8, 0.0, 120) == 0


def test_the_guess_lets_sixteen_go_on_together() -> None:
    assert [curves.TYPICAL.width(n) for n in (1, 4, 16, 20, 32)] == [1, 4, 16, 16, 32]
    assert curves.TYPICAL.step() == 64 and list(curves.TYPICAL.seconds) == sorted(curves.TYPICAL.seconds)


@given(
    st.lists(st.tuples(st.integers(1, 300), st.floats(0.001, 10)), min_size=1, max_size=12, unique_by=lambda p: p[0]),
    st.integers(1, 64),
)
def test_choices_are_possible_and_no_worse_than_the_plain_one(points: list[tuple[int, float]], ready: int) -> None:
    points.sort()
    made = ThroughputCurve(tuple(r for r, _ in points), tuple(s for _, s in points))
    width = made.width(ready)
    assert 1 <= width <= ready and width / made.time(width) >= ready / made.time(ready) * 0.999999
    drafts = made.drafts(ready, 0.5, 40)
    assert 0 <= drafts <= 40 and (ready + drafts / 2) / made.time(ready + drafts) >= ready / made.time(ready) * 0.999999
    assert made.step() in made.rows


class Timed(MockRunner):
    """Takes a second for each row, times what ``uneven`` gives for each call."""

    def __init__(self, uneven: Iterator[float]) -> None:
        super().__init__(batch_size=64)
        self.now = 0.0
        self._uneven = uneven

    def evaluate(
        self, tokens: Sequence[int], positions: Sequence[int], slots: Sequence[int], wanted: Sequence[bool]
    ) -> NDArray[np.float32]:
        self.now += len(tokens) * next(self._uneven)
        return super().evaluate(tokens, positions, slots, wanted)


def test_measuring_takes_the_best_of_three_and_ends_in_time() -> None:
    runner = Timed(cycle((1.2, 1.0, 1.1)))
    made = curves.measure(runner, 2, 1e9, lambda: runner.now, lambda: runner.now * 2)
    assert made is not None and made.rows[-1] == 64 and made.rows == tuple(round(seconds) for seconds in made.seconds)
    assert runner.used == 0
    runner = Timed(repeat(1.0))
    short = curves.measure(runner, 0, 10.0, lambda: runner.now, lambda: 0.0)
    assert short is not None and short.rows == (1, 2, 3)
    runner = Timed(cycle((1.0, 1.5, 1.0)))
    assert curves.measure(runner, 2, 1e9, lambda: runner.now, lambda: runner.now * 2) is None
    runner = Timed(repeat(1.0))
    assert curves.measure(runner, 2, 1e9, lambda: runner.now, lambda: runner.now * 1.5) is None


def test_kept_curves_come_back_and_damaged_ones_do_not(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "curves.json"
    assert curves.load(file, "a") is None
    curves.save(file, "a", CPU)
    curves.save(file, "b", ThroughputCurve((1,), (1.0,)))
    assert curves.load(file, "a") == CPU and curves.load(file, "b") == ThroughputCurve((1,), (1.0,))
    for damage in (
        "",
        "[]",
        '{"a": 3}',
        '{"a": {"rows": [2, 1], "seconds": [1, 1]}}',
        '{"a": {"rows": [1], "seconds": [0]}}',
    ):
        file.write_text(damage)
        assert curves.load(file, "a") is None
    assert curves.key(Path("a"), 1, 2, 0) != curves.key(Path("a"), 1, 3, 0)

"""Whatever layout a request is worked on in, its answer is the same, and it is given back once."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from leads_local.engine.cache_modes import CacheModes
from leads_local.engine.policy import Policy
from leads_local.engine.runner import EvaluationError
from leads_local.engine.scheduler import Scheduler
from leads_local.engine.sequence import Sequence
from leads_local.engine.types import FinishReason
from tests.engine.mock_runner import MockRunner, alone

ENDS = frozenset({7})
STREAM = 450


class Layouts:
    """``opened`` tells in which order the layouts were opened: True is streams. There is no memory for those in
    ``refused``."""

    def __init__(self) -> None:
        self.opened: list[bool] = []
        self.refused: set[bool] = set()

    def __call__(self, short: bool) -> Scheduler:
        if short in self.refused:
            raise EvaluationError("no memory")
        self.opened.append(short)
        runner = MockRunner(cells=4 * STREAM, slots=4 if short else 9, batch_size=600, apart=short)
        return Scheduler(runner, Policy(3, STREAM if short else 4 * STREAM))


@settings(deadline=None, max_examples=60)
@given(
    lengths=st.lists(st.integers(1, 500), min_size=1, max_size=12),
    limit=st.integers(1, 90),
    stream=st.sampled_from([0, STREAM]),
    seed=st.integers(0, 99),
)
def test_the_layout_changes_no_answer(lengths: list[int], limit: int, stream: int, seed: int) -> None:
    rng, lanes, ended = random.Random(seed), CacheModes(Layouts(), stream, patience=seed % 2 * 0.001), []
    prompts = [[rng.randrange(3) for _ in range(length)] for length in lengths]
    waiting = list(range(len(prompts)))
    while waiting or not lanes.idle:
        for number in waiting[: rng.randrange(4)]:
            lanes.add(Sequence(number, prompts[number], limit, ENDS))
            waiting.remove(number)
        assert lanes.active() | set(waiting) | {s.id for s in ended} == set(range(len(prompts)))
        ended += lanes.step()
    assert sorted(s.id for s in ended) == list(range(len(prompts)))
    for sequence in ended:
        expected = alone(prompts[sequence.id], limit, ENDS)
        assert sequence.output == expected, sequence.error
        assert sequence.finish is (FinishReason.LENGTH if len(expected) == limit else FinishReason.STOP)


def run(lanes: CacheModes) -> list[Sequence]:
    ended = []
    while not lanes.idle:
        ended += lanes.step()
    return ended


def test_the_layout_follows_what_is_asked() -> None:
    layouts = Layouts()
    lanes = CacheModes(layouts, STREAM, patience=0.0)
    for length in (20, 30):
        lanes.add(Sequence(length, [1] * length, 5, frozenset()))
    lanes.step()
    lanes.add(Sequence(600, [2] * 600, 5, frozenset()))
    lanes.add(Sequence(40, [2] * 40, 5, frozenset()))
    assert {s.id for s in run(lanes)} == {20, 30, 40, 600} and layouts.opened == [False, True, False, True]
    lanes.add(Sequence(50, [2] * 50, 5, frozenset()))
    run(lanes)
    assert layouts.opened == [False, True, False, True]


def test_a_few_of_the_other_kind_wait_and_many_do_not() -> None:
    layouts = Layouts()
    lanes = CacheModes(layouts, STREAM)
    for number in range(20):
        lanes.add(Sequence(number, [1] * 20, 5, frozenset()))
    lanes.step()
    for number in range(20, 27):
        lanes.add(Sequence(number, [2] * 600, 1, frozenset()))
    assert lanes._scheduler.active() and layouts.opened == [False, True]
    lanes.step()
    lanes.add(Sequence(30, [1] * 20, 5, frozenset()))
    lanes.step()
    assert 30 in lanes._scheduler.active()
    lanes.add(Sequence(27, [2] * 600, 1, frozenset()))
    lanes.add(Sequence(31, [1] * 20, 5, frozenset()))
    lanes.step()
    assert 31 not in lanes._scheduler.active()
    order = [s.id for s in run(lanes)]
    assert (
        order.index(27) < order.index(31)
        and order.index(30) < order.index(20)
        and layouts.opened == [False, True, False, True]
    )


def test_an_answer_that_outgrows_its_stream_goes_on() -> None:
    layouts = Layouts()
    lanes = CacheModes(layouts, STREAM)
    lanes.add(Sequence(1, [1] * 60, 600, frozenset()))
    ended = run(lanes)
    assert ended[0].output == alone([1] * 60, 600, frozenset()) and layouts.opened == [False, True, False]
    assert lanes.counts.tokens >= 660


def test_cancel_reaches_what_is_held() -> None:
    lanes = CacheModes(Layouts(), STREAM)
    for number in range(6):
        lanes.add(Sequence(number, [number] * (30 if number % 2 else 700), 300, frozenset()))
    lanes.step()
    lanes.add(Sequence(9, [1] * 10, 300, frozenset()))
    lanes.cancel(range(10))
    ended = run(lanes)
    assert sorted(s.id for s in ended) == [0, 1, 2, 3, 4, 5, 9] and {s.finish for s in ended} == {
        FinishReason.CANCELLED
    }


def test_without_memory_for_streams_all_share_one_cache() -> None:
    layouts = Layouts()
    lanes = CacheModes(layouts, STREAM)
    layouts.refused = {True}
    for number, length in enumerate((20, 600, 30)):
        lanes.add(Sequence(number, [number] * length, 5, ENDS))
    ended = run(lanes)
    assert {s.id: s.output for s in ended} == {
        n: alone([n] * length, 5, ENDS) for n, length in enumerate((20, 600, 30))
    }
    assert layouts.opened == [False, False]


def test_without_memory_for_the_shared_cache_long_requests_fail_and_short_ones_go_on() -> None:
    layouts = Layouts()
    lanes = CacheModes(layouts, STREAM, patience=0.0)
    lanes.add(Sequence(1, [1] * 20, 5, ENDS))
    lanes.step()
    layouts.refused = {False}
    for number, length in ((2, 600), (3, 20)):
        lanes.add(Sequence(number, [1] * length, 5, ENDS))
    ended = {s.id: s for s in run(lanes)}
    assert [ended[number].finish for number in (1, 2, 3)] == [
        FinishReason.LENGTH,
        FinishReason.ERROR,
        FinishReason.LENGTH,
    ]
    assert ended[2].error == "no memory" and ended[3].output == alone([1] * 20, 5, ENDS) and lanes.counts.tokens > 40
    layouts.refused = set()
    lanes.add(Sequence(4, [1] * 600, 5, ENDS))
    assert [s.output for s in run(lanes)] == [alone([1] * 600, 5, ENDS)]

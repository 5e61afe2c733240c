"""Batch = single, with any sharing, chunking and shortage of room; every sequence ends once; the arithmetic of cells is
exact."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Sequence as Seq
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from leads_local.engine.kv_cache import PrefixCache
from leads_local.engine.policy import Policy
from leads_local.engine.runner import CacheGap, EvaluationAborted, EvaluationError
from leads_local.engine.scheduler import Scheduler
from leads_local.engine.sequence import Sequence
from leads_local.engine.throughput import ThroughputCurve
from leads_local.engine.types import FinishReason
from tests.engine.mock_runner import MockRunner, alone
from tests.patience import patience

ENDS = frozenset({7})


def run(scheduler: Scheduler, most_steps: int = 5000) -> list[Sequence]:
    ended = []
    for _ in range(most_steps):
        if scheduler.idle:
            return ended
        ended += scheduler.step()
    raise AssertionError("the scheduler never became idle")


prompts = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=40), min_size=1, max_size=14)


@settings(deadline=None, max_examples=120)
@given(
    prompts=prompts,
    sequences=st.integers(1, 6),
    rows=st.integers(1, 40),
    outputs=st.integers(1, 48),
    mixing=st.integers(0, 60),
    times=st.lists(st.floats(0.01, 1), max_size=6),
    cells=st.integers(64, 400),
    paper=st.sampled_from([0, 0, 10, 25]),
    keep=st.integers(0, 50),
    drafts=st.integers(0, 3),
    limit=st.integers(1, 20),
    apart=st.booleans(),
)
def test_batch_is_single(
    prompts: list[list[int]],
    sequences: int,
    rows: int,
    outputs: int,
    mixing: int,
    times: list[float],
    cells: int,
    paper: int,
    keep: int,
    drafts: int,
    limit: int,
    apart: bool,
) -> None:
    cells = 64 * (sequences + 3) if apart else cells
    runner = MockRunner(cells=cells, slots=sequences + 3, batch_size=48, outputs=outputs, mixing=mixing, apart=apart)
    rng = random.Random(1)

    def draft(sequence: Sequence, room: int) -> list[int]:
        """Right and wrong tokens mixed."""
        coming = alone(sequence.tokens, drafts, ENDS)
        return [token if rng.random() < 0.7 else rng.randrange(20) for token in coming]

    curve = ThroughputCurve((1, 2, 3, 5, 9, 20)[: len(times)], tuple(times)) if times else None
    policy = Policy(sequences, 64, rows, curve, keep, paper=paper, reserve=4, draft=draft if drafts else None)
    scheduler = Scheduler(runner, policy)
    for number, prompt in enumerate(prompts):
        scheduler.add(Sequence(number, prompt, limit, ENDS))
    ended = []
    while not scheduler.idle:
        ended += scheduler.step()
        assert scheduler._prefixes.used == runner.used <= cells
    assert sorted(s.id for s in ended) == list(range(len(prompts)))
    for sequence in ended:
        expected = alone(prompts[sequence.id], limit, ENDS)
        assert sequence.output == expected, sequence.error
        assert sequence.finish is (FinishReason.LENGTH if len(expected) == limit else FinishReason.STOP)


def test_apart_those_at_work_sit_side_by_side_and_the_kept_last() -> None:
    runner = MockRunner(cells=8 * 128, slots=8, batch_size=512, apart=True)
    scheduler = Scheduler(runner, Policy(sequences=7, context=128, keep=1000))
    for number in range(7):
        scheduler.add(Sequence(number, [3] * 40 + [number], 2 + number % 3, frozenset()))
    while not scheduler.idle:
        scheduler.step()
        held = [slot for slot in range(8) if runner._held[slot]]
        assert len(held) <= 1 or 7 in held or held == list(range(len(held)))
    assert held == [7] and len(runner._held[7]) == 40


class Forcing:
    """A constraint that forces ``run`` more tokens after every third that was chosen."""

    finished = False

    def __init__(self, run: int) -> None:
        self._run, self._chosen = run, 0

    def forced(self) -> list[int]:
        self._chosen += 1
        return [5] * self._run if self._chosen % 3 == 0 else []

    def consume(self, tokens: Seq[int]) -> None:
        pass

    def admits(self, tokens: Seq[int]) -> int:
        return len(tokens)

    def chooses(self, answer: Seq[int]) -> bool:
        return False

    def allowed(self) -> NDArray[np.bool_]:
        return np.ones(20, np.bool_)


class Watched(MockRunner):
    """``shapes`` tells how many tokens each slot got in each step that had none of the two tokens of a prompt, by
    slot."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.shapes: list[dict[int, int]] = []

    def evaluate(
        self, tokens: Seq[int], positions: Seq[int], slots: Seq[int], wanted: Seq[bool]
    ) -> NDArray[np.float32]:
        if min(positions) >= 2:
            self.shapes.append(dict(Counter(slots)))
        return super().evaluate(tokens, positions, slots, wanted)


@pytest.mark.parametrize(
    "curve",
    [None, ThroughputCurve((1, 2, 4, 8, 16), (1.0, 1.5, 2.0, 3.0, 4.0)), ThroughputCurve((1, 2, 8), (1.0, 1.1, 9.0))],
)
def test_apart_a_step_has_equally_many_tokens_of_slots_side_by_side(curve: ThroughputCurve | None) -> None:
    runner = Watched(cells=9 * 128, slots=9, batch_size=512, mixing=0, apart=True)
    scheduler = Scheduler(runner, Policy(sequences=8, context=128, rows=512, curve=curve))
    alone_ = Scheduler(MockRunner(batch_size=512), Policy(sequences=1, context=128, rows=512))
    for number in range(16):
        for one in (scheduler, alone_):
            one.add(Sequence(number, [3, number], 20 + number, ENDS, Forcing(number % 5)))
    ended = run(scheduler)
    for shape in runner.shapes:
        slots = sorted(shape)
        assert slots == list(range(slots[0], slots[0] + len(slots))) and len(set(shape.values())) == 1, shape
    assert {s.id: s.output for s in ended} == {s.id: s.output for s in run(alone_)}


@pytest.mark.parametrize(("seconds", "read"), [(0.001, 16), (20.0, 4)])
def test_apart_first_answers_do_not_wait_for_all_prompts_where_reading_takes_long(
    seconds: float, read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = itertools.count()
    monkeypatch.setattr("leads_local.engine.scheduler.awake_clock.seconds", lambda: next(clock) * seconds)
    scheduler = Scheduler(
        MockRunner(cells=17 * 128, slots=17, batch_size=64, mixing=0, apart=True), Policy(16, 128, rows=64)
    )
    for number in range(20):
        scheduler.add(Sequence(number, [number] * 60, 5 + number % 3, frozenset()))
    while not (ended := scheduler.step()):
        pass
    assert sum(s.evaluated >= 60 for s in (*scheduler._running, *ended)) == read
    ended += run(scheduler)
    assert sorted(s.id for s in ended) == list(range(20))
    assert all(s.output == alone([s.id] * 60, 5 + s.id % 3, frozenset()) for s in ended)


def test_apart_forced_tokens_go_alone_where_that_is_faster() -> None:
    runner = Watched(cells=4 * 128, slots=4, batch_size=512, mixing=0, apart=True)
    curve = ThroughputCurve((1, 5, 8), (1.0, 1.1, 9.0))
    scheduler = Scheduler(runner, Policy(sequences=3, context=128, curve=curve))
    for number in range(3):
        scheduler.add(Sequence(number, [3, number], 30, frozenset(), Forcing(4 if number == 1 else 0)))
    run(scheduler)
    assert {1: 5} in runner.shapes and {1: 5} not in runner.shapes[-4:] and {0: 1, 1: 1, 2: 1} in runner.shapes


@pytest.mark.parametrize("apart", [False, True])
def test_a_shared_prefix_is_evaluated_once(apart: bool) -> None:
    runner = MockRunner(cells=9 * 1000, slots=9 if apart else 32, batch_size=512, apart=apart)
    scheduler = Scheduler(runner, Policy(sequences=8, context=1000, rows=100))
    shared = [3] * 300
    for number in range(20):
        scheduler.add(Sequence(number, [*shared, 4, number % 19, 5], 1, frozenset()))
    ended = run(scheduler)
    assert runner.evaluated == 300 + 20 * 3
    assert sum(s.shared for s in ended) == 19 * 300
    assert min(ended, key=lambda s: s.id).shared == 0


@pytest.mark.parametrize("apart", [False, True])
def test_the_reasons_of_one_record_share_its_prompt_when_four_fit_beside_another_record(apart: bool) -> None:
    runner = MockRunner(cells=6 * 400, slots=6 if apart else 10, batch_size=512, apart=apart)
    scheduler = Scheduler(runner, Policy(sequences=5, context=400, keep=400))
    for record in range(12):
        for place in range(4):
            scheduler.add(Sequence(4 * record + place, [3] * 100 + [20 + record] * 200, 20 + 7 * place, frozenset()))
    ended = run(scheduler)
    assert sum(len(s.prompt) - s.shared for s in ended) == 100 + 12 * 200 + 12 * 3  # the last token is always evaluated


def test_a_paper_stays_for_questions_that_come_later_and_an_abstract_does_not() -> None:
    runner = MockRunner(batch_size=512, cells=4096)
    scheduler = Scheduler(runner, Policy(sequences=2, context=2000, keep=200))
    paper, abstract = [1] * 5 + [2] * 500, [1] * 5 + [3] * 100
    for prompt, shared in (([*paper, 4], 0), ([*abstract, 4], 5), ([*paper, 5], 505), ([*abstract, 5], 5)):
        scheduler.add(Sequence(0, prompt, 2, frozenset()))
        assert run(scheduler)[0].shared == shared


def test_questions_about_a_paper_in_the_cache_go_first_even_if_they_come_late() -> None:
    runner = MockRunner(batch_size=512, cells=800)
    scheduler = Scheduler(runner, Policy(sequences=4, context=700, keep=100, reserve=1, grace=0.2))
    papers = {number: [number] * 500 for number in (1, 2)}
    scheduler.add(Sequence(1, [*papers[1], 9], 1, frozenset()))
    scheduler.add(Sequence(2, [*papers[2], 9], 1, frozenset()))
    ended = []
    while not ended:
        ended = scheduler.step()
    scheduler.step()  # the second paper has to wait: the first was kept just now
    assert [s.id for s in ended] == [1] and scheduler.resting
    for question in (3, 5, 7):
        scheduler.add(Sequence(question, [*papers[1], question, 9], 1, frozenset()))
        scheduler.add(Sequence(question + 1, [*papers[2], question, 9], 1, frozenset()))
    began = time.monotonic()
    while not scheduler.idle:
        ended += scheduler.step()
    assert [s.id for s in ended[:4]] == [1, 3, 5, 7] and len(ended) == 8
    assert runner.evaluated < 2 * 500 + 30 and 0.1 < time.monotonic() - began < patience(5)


def test_papers_are_worked_on_one_after_the_other_and_short_prompts_beside_them() -> None:
    runner = MockRunner(batch_size=512, cells=4000)
    scheduler = Scheduler(runner, Policy(sequences=8, context=900, rows=100, keep=100, paper=300))
    papers = {number: [number] * 400 for number in (1, 2)}
    for question in range(4):
        for number in (1, 2):
            scheduler.add(Sequence(10 * number + question, [*papers[number], question, 9], 3, frozenset()))
    scheduler.add(Sequence(5, [3] * 50, 3, frozenset()))
    ended = []
    while not scheduler.idle:
        ended += scheduler.step()
        assert len({s.prompt[0] for s in scheduler._running if len(s.prompt) >= 300}) < 2
        assert runner.used < 400 + 200
    order = [s.id for s in ended if s.id > 5]
    assert {n // 10 for n in order[:4]} == {1} and len(order) == 8 and runner.evaluated < 2 * 400 + 120
    assert [s.id for s in ended].index(5) < 5


def test_least_recently_used_goes_first() -> None:
    scheduler = Scheduler(MockRunner(batch_size=512, cells=1000), Policy(sequences=1, context=900, keep=1, reserve=1))
    shared = []
    for first in (1, 2, 1, 3, 2, 1):
        scheduler.add(Sequence(0, [first] * 400, 1, frozenset()))
        shared.append(run(scheduler)[0].shared)
    assert shared == [0, 0, 399, 0, 0, 0]


def test_where_two_outgrow_the_cache_the_younger_gives_way_and_the_older_goes_on() -> None:
    runner = MockRunner(cells=60)
    scheduler = Scheduler(runner, Policy(sequences=2, context=60, keep=99, reserve=1))
    older, younger = (Sequence(number, [number] * 10, 40, frozenset()) for number in (0, 1))
    scheduler.add(older)
    scheduler.add(younger)
    ended = []
    while not scheduler.idle:
        ended += scheduler.step()
        assert older.slot >= 0
    assert scheduler.counts.gave_way and [s.id for s in ended] == [0, 1]
    assert all(s.output == alone([s.id] * 10, 40, frozenset()) for s in ended)


def test_nobody_is_passed_over_for_ever_by_questions_about_a_paper_in_the_cache() -> None:
    scheduler = Scheduler(MockRunner(batch_size=512, cells=800), Policy(sequences=1, context=700, keep=100, reserve=1))
    numbers = itertools.count(1)

    def ask() -> None:
        number = next(numbers)
        scheduler.add(Sequence(number, [1] * 200 + [number % 20], 1, frozenset()))

    ask()
    run(scheduler)
    scheduler.add(Sequence(0, [2] * 300, 1, frozenset()))
    ended: list[int] = []
    while 0 not in ended and len(ended) < 100:
        ask()
        ended += [s.id for s in scheduler.step()]
    assert ended.index(0) == 64


def test_prefill_does_not_starve_decoding() -> None:
    runner = MockRunner(batch_size=64)
    scheduler = Scheduler(runner, Policy(sequences=4, context=1000, rows=16))
    first = Sequence(0, [1, 2, 3], 10, frozenset())
    scheduler.add(first)
    scheduler.step()
    scheduler.add(Sequence(1, [5] * 500, 1, frozenset()))
    before = len(first.output)
    for _ in range(5):
        scheduler.step()
    assert len(first.output) == before + 5


def test_a_prompt_that_does_not_fit_is_its_own_error() -> None:
    scheduler = Scheduler(MockRunner(), Policy(sequences=4, context=100))
    scheduler.add(Sequence(0, [1] * 100, 5, ENDS))
    scheduler.add(Sequence(1, [1] * 99, 5, frozenset()))
    ended = {s.id: s for s in run(scheduler)}
    assert (
        ended[0].finish is FinishReason.ERROR and "100 tokens" in ended[0].error and "context of 100" in ended[0].error
    )
    assert ended[1].finish is FinishReason.LENGTH and len(ended[1].output) == 1


def test_cancel_ends_all_and_gives_the_room_back() -> None:
    runner = MockRunner()
    scheduler = Scheduler(runner, Policy(sequences=3, context=1000))
    for number in range(8):
        scheduler.add(Sequence(number, [number] * 50, 500, frozenset()))
    scheduler.step()
    scheduler.cancel(range(8))
    ended = scheduler.step()
    assert sorted(s.id for s in ended) == list(range(8)) and scheduler.idle and runner.used == 0
    assert {s.finish for s in ended} == {FinishReason.CANCELLED}


def test_an_error_of_the_model_ends_only_what_was_in_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = MockRunner()
    scheduler = Scheduler(runner, Policy(sequences=2, context=100))
    for number in range(3):
        scheduler.add(Sequence(number, [number] * 5, 3, frozenset()))
    real = runner.evaluate

    def broken(*args: object) -> object:
        monkeypatch.setattr(runner, "evaluate", real)
        raise EvaluationError("llama_decode returned -3")

    monkeypatch.setattr(runner, "evaluate", broken)
    ended = {s.id: s for s in run(scheduler)}
    assert [ended[i].finish for i in range(3)] == [FinishReason.ERROR, FinishReason.ERROR, FinishReason.LENGTH]
    assert "-3" in ended[0].error


@pytest.mark.parametrize("taken", [0, 1, 7])
def test_a_step_that_was_stopped_half_way_is_done_again_from_where_it_began(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the model had taken in of it leaves the cache, so that no token is there twice and no cell is lost."""
    runner = MockRunner()
    scheduler = Scheduler(runner, Policy(sequences=3, context=100))
    for number in range(3):
        scheduler.add(Sequence(number, [number] * 9, 12, ENDS))
    real, calls = runner.evaluate, itertools.count()

    def evaluate(tokens: Seq[int], positions: Seq[int], slots: Seq[int], wanted: Seq[bool]) -> NDArray[np.float32]:
        if next(calls) % 3 == 1:
            real(tokens[:taken], positions[:taken], slots[:taken], [False] * len(tokens[:taken]))
            raise EvaluationAborted("stopped")
        return real(tokens, positions, slots, wanted)

    monkeypatch.setattr(runner, "evaluate", evaluate)
    ended = []
    while not scheduler.idle:
        ended += scheduler.step()
        assert scheduler._prefixes.used == runner.used
    assert sorted(s.id for s in ended) == [0, 1, 2] and runner.used == 0
    assert all(s.output == alone([s.id] * 9, 12, ENDS) for s in ended)


def test_a_request_whose_beginning_is_gone_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the cache ever not hold what is counted on, that is an error and no answer."""
    runner = MockRunner()
    scheduler = Scheduler(runner, Policy(sequences=3, context=100))
    for number in range(3):
        scheduler.add(Sequence(number, [number] * 5, 9, frozenset()))
    scheduler.step()
    lost = next(s for s in scheduler._running if s.id == 1)
    real = runner.evaluate

    def evaluate(tokens: Seq[int], positions: Seq[int], slots: Seq[int], wanted: Seq[bool]) -> NDArray[np.float32]:
        if lost.slot in slots and not lost.finish:
            raise CacheGap(lost.slot, 6, 0)
        return real(tokens, positions, slots, wanted)

    monkeypatch.setattr(runner, "evaluate", evaluate)
    ended = {s.id: s for s in run(scheduler)}
    assert ended[1].finish is FinishReason.ERROR and "token 6 of a text of which it holds 0" in ended[1].error
    assert all(ended[number].output == alone([number] * 5, 9, frozenset()) for number in (0, 2)) and runner.used == 0


def test_nothing_is_shared_with_one_that_has_left_or_holds_less() -> None:
    runner = MockRunner()
    prefixes = PrefixCache(runner)
    one, other = np.asarray([1] * 50, np.int32), np.asarray([1] * 30 + [2], np.int32)
    slot = prefixes.open(one, -1, 0)
    runner.evaluate([1] * 40, list(range(40)), [slot] * 40, [False] * 40)
    prefixes.grow(slot, 40)
    for source, shared, prompt in ((slot, 41, one), (slot, 31, other), (slot + 1, 5, other)):
        with pytest.raises(LookupError, match="no longer in the model's memory"):
            prefixes.open(prompt, source, shared)
    assert prefixes.used == runner.used == 40
    prefixes.open(other, slot, 30)
    prefixes.drop(slot)
    with pytest.raises(LookupError):
        prefixes.open(other, slot, 30)

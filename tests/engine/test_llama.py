"""Equality on a real model: batch = single, with and without sharing, forced tokens appended or decoded one by one,
chunked or whole.

Sums of floating-point numbers depend on how rows are batched, so two tokens whose logits are equal up to that can
change places. Such ties are counted and shown; a difference that is no tie fails.
"""

from __future__ import annotations

from collections.abc import Sequence as Seq
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import pytest
from numpy.typing import NDArray

from leads_local.engine.llama import Context
from leads_local.engine.runner import CacheGap
from leads_local.engine.sequence import Constraint
from leads_local.engine.sequence import Sequence as Work
from leads_local.engine.types import FinishReason, Request
from tests.engine.conftest import Bench

TIE = 1e-3  # difference of log-probabilities

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "evaluations": {
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "items": {
                "type": "object",
                "properties": {
                    "eligibility": {"enum": ["YES", "PARTIAL", "NO", "UNCERTAIN"]},
                    "rationale": {"type": "string", "maxLength": 30},
                },
                "required": ["eligibility", "rationale"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["evaluations"],
    "additionalProperties": False,
}

PREFIX = "Judge whether the trial below belongs into the review. " * 12
REQUESTS = [
    Request(f"r{i}", f"{PREFIX}Trial {i}: {'adults ' * (i * 7 % 23)} were given {i} mg.", SCHEMA if i % 4 else None, 60)
    for i in range(12)
]


@pytest.mark.parametrize("unified", [True, False])
def test_nothing_is_decoded_after_a_beginning_that_the_cache_does_not_hold(bench: Bench, unified: bool) -> None:
    """llama.cpp takes position 5 of an empty sequence without a word."""
    context = Context(bench.model, cells=1024, sequences=4, batch=64, threads=1, unified=unified)
    tokens = list(range(300, 310))

    def go_on(slot: int, start: int) -> Seq[int]:
        return context.evaluate(tokens[start:], range(start, 10), [slot] * (10 - start), [True] * (10 - start)).shape

    def refused(slot: int, start: int) -> str:
        with pytest.raises(CacheGap) as caught:
            go_on(slot, start)
        assert caught.value.slot == slot
        return str(caught.value)

    assert "token 5 of a text of which it holds 0" in refused(2, 5)
    assert go_on(2, 0) == (10, bench.model.size) and context.held(2) == 10
    context.copy(2, 1, 7)
    assert "holds 7" in refused(1, 8) and "holds 7" in refused(1, 6) and go_on(1, 7)[0] == 3
    context.remove(2, 4)
    assert "holds 4" in refused(2, 5) and go_on(2, 4)[0] == 6
    llama_cpp.llama_memory_seq_rm(context._memory, 2, 0, 3)
    assert context.held(2) == 0 and "holds 0" in refused(2, 9)
    with pytest.raises(CacheGap):  # a gap inside what is given
        context.evaluate([5, 5], [0, 2], [3, 3], [True, True])
    assert context.held(1) == 10 and context.held(3) == 0
    context.close()


def compare(one: dict[str, Work], other: dict[str, Work]) -> int:
    """Number of ties; fails where outputs differ for another reason."""
    ties = 0
    assert one.keys() == other.keys()
    for name in one:
        if one[name].output != other[name].output:
            least = min(m for m in (one[name].margin, other[name].margin) if m is not None)
            assert least < TIE, f"{name}: {one[name].output} is not {other[name].output}, least margin {least}"
            ties += 1
        else:
            assert one[name].finish is other[name].finish and one[name].forced == other[name].forced
    return ties


@pytest.fixture(scope="module")
def alone(bench: Bench) -> dict[str, Work]:
    """Each request by itself in a fresh cache, its prompt in one go."""
    found: dict[str, Work] = {}
    for request in REQUESTS:
        found |= bench.answer([request], sequences=1, cells=1024, rows=512)
    assert all(work.shared == 0 for work in found.values())
    return found


class OneByOne:
    """A constraint that forces nothing, but allows only what the real one would have forced: each token gets its own
    decoding step."""

    def __init__(self, inner: Constraint) -> None:
        self._inner, self._ahead, self._size = inner, list[int](), 0

    def forced(self) -> list[int]:
        self._ahead = self._ahead or self._inner.forced()
        return []

    def consume(self, tokens: Seq[int]) -> None:
        self._inner.consume(tokens)
        self._ahead = self._ahead[len(tokens) :]

    def admits(self, tokens: Seq[int]) -> int:
        return int(tokens[0] == self._ahead[0]) if self._ahead else self._inner.admits(tokens)

    def chooses(self, answer: Seq[int]) -> bool:
        return self._inner.chooses(answer)

    def allowed(self) -> NDArray[np.bool_]:
        allowed = self._inner.allowed()
        return np.arange(len(allowed)) == self._ahead[0] if self._ahead else allowed

    @property
    def finished(self) -> bool:
        return not self._ahead and self._inner.finished


@pytest.mark.parametrize("sequences", [2, 5, 12])
@pytest.mark.parametrize("rows", [24, 500])
def test_batch_is_single(bench: Bench, alone: dict[str, Work], sequences: int, rows: int) -> None:
    batch = bench.answer(REQUESTS, sequences=sequences, rows=rows)
    print("ties:", compare(alone, batch))
    assert sum(work.shared for work in batch.values()) > 9 * 100


def test_attention_by_matrices_is_single(bench: Bench, alone: dict[str, Work]) -> None:
    print("ties:", compare(alone, bench.answer(REQUESTS, sequences=8, flash=False)))


@pytest.mark.parametrize("sequences", [3, 8])
def test_streams_are_single(bench: Bench, alone: dict[str, Work], sequences: int) -> None:
    batch = bench.answer(REQUESTS, sequences=sequences, unified=False)
    print("ties:", compare(alone, batch))
    assert sum(work.shared for work in batch.values()) > 9 * 100


def test_too_little_room_changes_nothing(bench: Bench, alone: dict[str, Work]) -> None:
    batch = bench.answer(REQUESTS, sequences=12, cells=512)
    print("ties:", compare(alone, batch))


def test_forced_tokens_are_lossless(bench: Bench, alone: dict[str, Work]) -> None:
    slow = bench.answer(REQUESTS, sequences=4, wrap=OneByOne)
    steps = bench.counts.steps
    assert all(work.forced == 0 for work in slow.values())
    fast = bench.answer(REQUESTS, sequences=4)
    assert bench.counts.steps < 0.7 * steps
    for work in slow.values():
        work.forced = fast[REQUESTS[work.id].id].forced
    print("ties:", compare(slow, fast), "ties against single:", compare(alone, fast))


def test_counts_are_exact(bench: Bench, alone: dict[str, Work]) -> None:
    for request in REQUESTS:
        work = alone[request.id]
        assert len(work.prompt) == len(bench.ids(request.prompt))
        assert work.tokens == [*work.prompt, *work.output]
        assert (work.forced > 20) == (request.schema is not None)
        assert work.finish is (FinishReason.STOP if request.schema else FinishReason.LENGTH)


def test_logits_agree_with_a_second_evaluation_of_the_copy(bench: Bench) -> None:
    context = Context(bench.model, cells=256, sequences=4, batch=64, threads=1)
    ids = bench.ids("The same words.")
    first = context.evaluate(ids, range(len(ids)), [0] * len(ids), [False] * (len(ids) - 1) + [True]).copy()
    context.copy(0, 2, len(ids) - 1)
    again = context.evaluate(ids[-1:], [len(ids) - 1], [2], [True])
    assert first.shape == (1, 32768) and np.abs(first - again).max() < 1e-3
    context.close()


def test_a_state_on_disk_gives_the_logits_of_the_cache_it_was_written_from(bench: Bench, tmp_path: Path) -> None:
    ids = bench.ids("A paper whose text is kept. " * 20)
    last = len(ids) - 1
    first = Context(bench.model, cells=1024, sequences=4, batch=512, threads=1)
    first.evaluate(ids[:last], range(last), [1] * last, [False] * last)
    assert first.save(1, tmp_path / "state") and first.state_size(1) == pytest.approx(
        (tmp_path / "state").stat().st_size, abs=64
    )
    logits = first.evaluate(ids[last:], [last], [1], [True]).copy()
    first.close()
    second = Context(bench.model, cells=2048, sequences=4, batch=512, threads=1)
    assert second.restore(3, tmp_path / "state")
    assert np.array_equal(logits, second.evaluate(ids[last:], [last], [3], [True]))
    assert not second.restore(2, tmp_path / "absent")
    second.close()

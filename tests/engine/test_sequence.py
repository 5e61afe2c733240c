"""Greedy choice by logits under a constraint: the lazy look at the best few gives what the mask over everything
gives."""

from __future__ import annotations

from collections.abc import Sequence as Seq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from leads_local.engine.sequence import Sequence, best_allowed
from leads_local.engine.types import FinishReason


class Only:
    """Allows a set of tokens for ever, forces ``forced_`` once, and ends after ``ends_after`` tokens."""

    def __init__(self, allowed: set[int], size: int, forced: Seq[int] = (), ends_after: int = 99) -> None:
        self._allowed, self._size, self._forced, self._left = allowed, size, list(forced), ends_after
        self.consumed: list[int] = []

    def forced(self) -> list[int]:
        forced, self._forced = self._forced, []
        return forced

    def consume(self, tokens: Seq[int]) -> None:
        self.consumed += tokens
        self._left -= len(tokens)

    def admits(self, tokens: Seq[int]) -> int:
        return int(tokens[0] in self._allowed)

    def chooses(self, answer: Seq[int]) -> bool:
        return False

    def allowed(self) -> NDArray[np.bool_]:
        return np.array([i in self._allowed for i in range(self._size)])

    @property
    def finished(self) -> bool:
        return self._left <= 0


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=40), st.data())
def test_best_is_the_masked_argmax(values: list[int], data: st.DataObject) -> None:
    allowed = data.draw(st.sets(st.integers(0, len(values) - 1), min_size=1))
    row = np.array(values, np.float32)
    masked = np.where([i in allowed for i in range(len(values))], row, -np.inf)
    token, margin = best_allowed(row.copy(), Only(allowed, len(values)))
    assert token == int(masked.argmax())
    others = sorted(masked[[i for i in allowed if i != token]])
    assert margin == (None if not others else pytest.approx(values[token] - others[-1]))


def test_no_numbers_are_an_error() -> None:
    with pytest.raises(ValueError, match="no numbers"):
        best_allowed(np.full(4, np.nan, np.float32), None)


def test_forced_tokens_need_no_logits_and_count() -> None:
    sequence = Sequence(1, [1, 2], 10, frozenset({0}), Only({3, 4}, 6, forced=[5, 5]))
    sequence.start(0, 0)
    assert sequence.tokens == [1, 2, 5, 5] and sequence.forced == 2 and sequence.pending == 4
    assert sequence.choose(np.array([9, 0, 0, 1, 3, 9], np.float32)) == 4
    assert sequence.output == [5, 5, 4] and sequence.margin == 2


def test_ends_at_the_limit_even_within_forced_tokens() -> None:
    sequence = Sequence(1, [1], 3, frozenset({0}), Only({3}, 6, forced=[5] * 9))
    sequence.start(0, 0)
    assert sequence.output == [5] * 3 and sequence.finish is FinishReason.LENGTH


def test_a_whole_answer_stops_by_itself_and_an_end_token_is_no_output() -> None:
    whole = Sequence(1, [1], 9, frozenset({0}), Only({3}, 6, ends_after=1))
    whole.start(0, 0)
    whole.choose(np.zeros(6, np.float32))
    assert whole.finish is FinishReason.STOP and whole.output == [3]
    free = Sequence(1, [1], 9, frozenset({0}))
    free.start(0, 0)
    free.choose(np.array([5, 1, 1], np.float32))
    assert free.finish is FinishReason.STOP and free.output == [] and free.margin == 4

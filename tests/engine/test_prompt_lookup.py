"""Drafts never change an answer: right ones save steps, wrong ones are forgotten, and the constraint holds within
them."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from leads_local.engine.prompt_lookup import Drafter, PromptLookup
from leads_local.engine.sequence import Sequence as Work
from tests.engine.conftest import Bench
from tests.engine.test_llama import REQUESTS, compare


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(0, 60))
def test_lookup_proposes_what_followed_the_same_ending(tokens: list[int], cut: int) -> None:
    lookup = PromptLookup()
    lookup.grow(tokens[:cut])
    lookup.grow(tokens)
    draft = lookup.follow(tokens, 5)
    places = [i for i in range(2, len(tokens)) if tokens[i - 2 : i] == tokens[-2:]]
    assert bool(draft) == bool(places)
    assert not draft or any(tokens[i : i + 5] == draft for i in places)


def test_a_copy_is_found() -> None:
    sequence = Work(1, [9, 8, 1, 2, 3, 4, 5, 6, 7, 0], 50, frozenset())
    sequence.start(0, 0)
    sequence.tokens += [1, 2, 3]
    assert Drafter()(sequence, 4) == [4, 5, 6, 7]
    sequence.drafted, sequence.kept, sequence.output = 100, 1, [1] * 9
    assert Drafter()(sequence, 4) == []


def test_drafts_are_lossless_and_save_steps(bench: Bench) -> None:
    plain = bench.answer(REQUESTS, sequences=4)
    steps = bench.counts.steps
    rng = random.Random(5)

    def oracle(work: Work, room: int) -> list[int]:
        """What will come, one token in ten of it wrong."""
        coming = plain[REQUESTS[work.id].id].output[len(work.output) :][: min(room, 12)]
        coming = [token if rng.random() < 0.9 else rng.randrange(800, 30000) for token in coming]
        return coming[: work.constraint.admits(coming)] if work.constraint else coming

    drafted = bench.answer(REQUESTS, sequences=4, draft=oracle)
    assert bench.counts.steps < 0.6 * steps and 0.3 < bench.counts.right / bench.counts.drafted < 1
    print("ties with the oracle's drafts:", compare(plain, drafted))
    real = bench.answer(REQUESTS, sequences=4, draft=Drafter())
    assert bench.counts.drafted > 0
    print("ties with drafts from the prompt:", compare(plain, real))

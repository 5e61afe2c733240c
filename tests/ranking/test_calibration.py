"""Calibration never changes the order, never claims certainty, and says when there is too little to learn from."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.ranking.calibration import LEAST, Example, check, fit

EXAMPLES = st.lists(st.builds(Example, st.floats(-1, 1), st.booleans()), max_size=60)


@given(EXAMPLES, st.lists(st.floats(-1, 1), min_size=2, max_size=10))
def test_the_order_stays_and_nothing_is_certain(examples: list[Example], scores: list[float]) -> None:
    calibration = fit(examples)
    found = [calibration.probability(score) for score in sorted(scores)]
    if calibration.problem:
        assert set(found) == {None}
        return
    known = [chance for chance in found if chance is not None]
    assert len(known) == len(scores)
    assert known == sorted(known)
    assert all(0 <= chance <= 1 for chance in known)
    counted = sum(e.included for e in examples)
    assert (calibration.included, calibration.excluded) == (counted, len(examples) - counted)


@pytest.mark.parametrize(("included", "excluded"), [(0, 0), (LEAST - 1, 100), (100, LEAST - 1)])
def test_with_few_decisions_there_is_none_and_it_says_how_many_there_are(included: int, excluded: int) -> None:
    calibration = fit([Example(0.5, True)] * included + [Example(-0.5, False)] * excluded)
    assert f"{included} included and {excluded} excluded" in calibration.problem
    assert "Not calibrated" in calibration.in_words()


def test_decisions_against_the_scores_give_none() -> None:
    calibration = fit([Example(-0.5, True)] * 10 + [Example(0.5, False)] * 10)
    assert "do not follow" in calibration.problem


def test_perfectly_separated_decisions_do_not_become_certainty() -> None:
    calibration = fit([Example(0.9, True)] * 10 + [Example(-0.9, False)] * 10)
    high, low = calibration.probability(0.9), calibration.probability(-0.9)
    assert high == pytest.approx(11 / 12, abs=1e-6)  # Platt's target for ten inclusions
    assert low == pytest.approx(1 / 12, abs=1e-6)


def test_the_curve_that_made_the_decisions_is_found_again() -> None:
    rng = random.Random(5)
    examples = []
    for _ in range(8000):
        score = rng.uniform(-1, 1)
        examples.append(Example(score, rng.random() < 1 / (1 + math.exp(-(3 * score - 1)))))
    calibration = fit(examples)
    assert calibration.slope == pytest.approx(3, abs=0.25)
    assert calibration.intercept == pytest.approx(-1, abs=0.15)
    tested = check(examples[:1000])
    assert tested is not None
    assert tested.brier < tested.share_alone


def test_scores_that_say_nothing_are_seen_to_say_nothing() -> None:
    rng = random.Random(6)
    tested = check([Example(0.1 * place % 1, place % 3 == 0) for place in range(300)])
    assert tested is None or tested.brier == pytest.approx(tested.share_alone, abs=0.02)
    same = fit([Example(0.2, rng.random() < 0.5) for _ in range(100)])
    assert same.problem  # all scores are the same: there is no slope

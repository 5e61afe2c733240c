"""Calibration never changes the order, never claims certainty, and says when there is too little to learn from."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.ranking.calibration import LEAST_OF_EACH, Example, check, fit

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
    assert all(1 / (2 * len(examples)) <= chance <= 1 - 1 / (2 * len(examples)) for chance in known)
    chances = [chance for score in scores if (chance := calibration.chance(score)) is not None]
    assert all(0 <= chance.low <= chance.value <= chance.high <= 1 for chance in chances)
    assert not any(word in f" {chance.in_words()}" for chance in chances for word in (" 0%", " 100%"))
    assert all(0.01 <= chance.value <= 0.99 for chance in chances if len(examples) < 50)
    counted = sum(e.included for e in examples)
    assert (calibration.included, calibration.excluded) == (counted, len(examples) - counted)


@pytest.mark.parametrize(("included", "excluded"), [(0, 0), (LEAST_OF_EACH - 1, 100), (100, LEAST_OF_EACH - 1)])
def test_with_few_decisions_there_is_none_and_it_says_how_many_there_are(included: int, excluded: int) -> None:
    calibration = fit([Example(0.5, True)] * included + [Example(-0.5, False)] * excluded)
    assert f"{included} included and {excluded} excluded" in calibration.problem
    assert "Not calibrated" in calibration.in_words()


def test_decisions_against_the_scores_give_none() -> None:
    calibration = fit([Example(-0.5, True)] * 10 + [Example(0.5, False)] * 10)
    assert "do not follow" in calibration.problem


def test_perfectly_separated_decisions_do_not_become_certainty() -> None:
    for apart in (0.9, 1e-5):  # however near each other the scores are
        calibration = fit([Example(apart, True)] * 10 + [Example(-apart, False)] * 10)
        high, low = calibration.chance(apart), calibration.chance(-apart)
        assert high is not None and low is not None
        assert (high.value, low.value) == (pytest.approx(0.9717, abs=1e-3), pytest.approx(0.0283, abs=1e-3))
        assert high.low < 0.9 and low.high > 0.1


def test_ten_decisions_at_the_top_say_nothing_of_the_rest() -> None:
    """A model is sure of itself, and the first ten of its ranking are decided."""
    examples = [Example(score, True) for score in (0.9996, 0.9993, 0.9991, 0.9989, 0.9985)]
    examples += [Example(score, False) for score in (0.9990, 0.9984, 0.9980, 0.9975, 0.9970)]
    calibration = fit(examples)
    assert "scores from +0.997 to +0.9996; beyond these nothing was learned" in calibration.in_words()
    lowest = calibration.chance(0.9970)
    assert lowest is not None and 0.05 <= lowest.value < 0.5 and lowest.beyond == 0
    assert f"(from <1% to {lowest.high:.0%})" in lowest.in_words()
    for score in (0.9969, 0.99, 0.95, 0.0, -1.0):
        chance = calibration.chance(score)
        assert chance is not None
        assert (chance.beyond, chance.value, chance.low, chance.high) == (-1, lowest.value, 0.0, lowest.high)
        assert chance.high > 0.5 and str(chance) == f"≤{chance.high:.0%}"
        assert "at most" in chance.in_words() and "below all that you decided" in chance.in_words()
    above = calibration.chance(1.0)
    assert above is not None and above.beyond == 1 and str(above).startswith("≥") and "at least" in above.in_words()


def _simulated(rng: random.Random) -> tuple[list[float], list[float]]:
    """Scores as a model spreads them or crowds them, and the probability with which each record is included."""
    draw = rng.choice(
        [lambda: rng.uniform(-1, 1), lambda: 1 - 2 * rng.betavariate(0.5, 3), lambda: 1 - 0.01 * rng.expovariate(1)]
    )
    scores = [draw() for _ in range(120)]
    steepness, height = rng.uniform(0.3, 4), rng.uniform(-3, 1)
    middle = sum(scores) / len(scores)
    spread = math.sqrt(sum((score - middle) ** 2 for score in scores) / len(scores))
    return scores, [1 / (1 + math.exp(-(steepness * (score - middle) / spread + height))) for score in scores]


@pytest.mark.parametrize("order", ["from the top", "at random"])
def test_intervals_hold_what_they_say_in_a_thousand_reviews(order: str) -> None:
    """Of the records of each review that calibration speaks of, 95 % have a probability within their interval, taken
    over all reviews."""
    rng, inside, beyond, extremes = random.Random(order), list[float](), list[float](), list[float]()
    while len(inside) < 1000:
        scores, chances = _simulated(rng)
        count = rng.choice([10, 15, 20, 30, 49, 100])
        places = (
            sorted(range(len(scores)), key=lambda place: -scores[place])
            if order == "from the top"
            else list(range(len(scores)))
        )
        calibration = fit([Example(scores[place], rng.random() < chances[place]) for place in places[:count]])
        if calibration.problem:
            continue
        told = [
            (one, one.low <= true <= one.high)
            for one, true in zip(map(calibration.chance, scores), chances, strict=True)
            if one
        ]
        extremes += [one.value for one, _ in told] if count < 50 else []
        for kept, held in (
            (inside, [held for one, held in told if not one.beyond]),
            (beyond, [held for one, held in told if one.beyond]),
        ):
            kept += [sum(held) / len(held)] if held else []
    assert sum(inside) / len(inside) >= 0.94
    assert sum(beyond) / len(beyond) >= 0.94
    assert 0.01 <= min(extremes) < max(extremes) <= 0.99


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


def test_each_decision_is_foretold_by_a_curve_that_has_not_seen_it() -> None:
    rng = random.Random(7)
    scores = [rng.uniform(-1, 1) for _ in range(60)]
    examples = [Example(score, rng.random() < 0.5 + score / 3) for score in scores]
    errors = []
    for place, example in enumerate(examples):
        told = fit([one for other, one in enumerate(examples) if other % 10 != place % 10]).probability(example.score)
        assert told is not None
        errors.append((told - example.included) ** 2)
    tested = check(examples)
    assert tested is not None and tested.brier == pytest.approx(sum(errors) / len(errors), abs=1e-12)


def test_scores_that_say_nothing_are_seen_to_say_nothing() -> None:
    rng = random.Random(6)
    tested = check([Example(0.1 * place % 1, place % 3 == 0) for place in range(300)])
    assert tested is None or tested.brier == pytest.approx(tested.share_alone, abs=0.02)
    same = fit([Example(0.2, rng.random() < 0.5) for _ in range(100)])
    assert same.problem  # all scores are the same: there is no slope

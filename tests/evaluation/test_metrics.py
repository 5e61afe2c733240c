"""Measures against their definitions, known values, and what they must do at the edges."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.evaluation.metrics import Confusion, auc, estimate_kappa, estimate_share, work_saved_at

COUNTS = st.integers(0, 40)
SCORES = st.lists(st.tuples(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0]), st.booleans()), max_size=25)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_wilsons_interval_as_published(hits: int, of: int, low: float, high: float) -> None:
    found = estimate_share(hits, of)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(COUNTS, COUNTS)
def test_a_share_lies_in_its_interval_which_narrows(hits: int, more: int) -> None:
    of = hits + more
    found, larger = estimate_share(hits, of), estimate_share(10 * hits, 10 * of)
    if not of:
        assert found.value is None
        return
    assert found.value is not None and found.low is not None and found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert larger.low is not None and larger.high is not None
    assert larger.high - larger.low < found.high - found.low


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_counts_and_measures_agree(a: int, b: int, c: int, d: int) -> None:
    counts = Confusion(a, b, c, d)
    assert counts.records == a + b + c + d
    for found, hits, of in (
        (counts.sensitivity, a, a + c),
        (counts.specificity, d, b + d),
        (counts.precision, a, a + b),
        (counts.work_saved, c + d, a + b + c + d),
    ):
        assert found.of == of
        assert found.value == (hits / of if of else None)


def test_kappa_as_published() -> None:
    assert Confusion(20, 5, 10, 15).kappa.value == pytest.approx(0.4)  # 0.7 seen, 0.5 by chance
    assert estimate_kappa([("a", "a"), ("b", "b")]).value == 1
    assert estimate_kappa([("a", "a")] * 5).value is None
    assert estimate_kappa([]).value is None


@given(SCORES)
def test_ranking_measures_by_their_definition(scores: list[tuple[float, bool]]) -> None:
    included = [score for score, is_in in scores if is_in]
    excluded = [score for score, is_in in scores if not is_in]
    if included and excluded:
        wins = sum((a > b) + (a == b) / 2 for a in included for b in excluded)
        assert auc(scores) == pytest.approx(wins / (len(included) * len(excluded)))
    else:
        assert auc(scores) is None
    saved = work_saved_at(scores, 0.95)
    assert (saved is None) == (not included)
    if saved is not None:
        read = sorted((score for score, _ in scores), reverse=True)[: round(len(scores) * (1 - saved))]
        assert sum(score >= read[-1] for score in included) >= math.ceil(0.95 * len(included) - 1e-9)
        assert work_saved_at(list(reversed(scores)), 0.95) == saved

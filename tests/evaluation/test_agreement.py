"""Figures of agreement against published examples, the packages that others use, and what they must do at the edges."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads_local.evaluation.agreement import Agreement, compare_raters, estimate_alpha
from leads_local.evaluation.metrics import Estimate, estimate_kappa

SCALE = ("include", "exclude", "maybe")
JUDGEMENTS = ("YES", "PARTIAL", "NO", "UNCERTAIN")
WORDS = st.sampled_from(SCALE)
PAIRS = st.lists(st.tuples(WORDS, WORDS), max_size=40)


def four(a: int, b: int, c: int, d: int) -> Agreement:
    """Both include, only the first, only the second, both exclude."""
    return compare_raters(list(pairs_of(a, b, c, d)), SCALE)


def pairs_of(*counts: int) -> Iterator[tuple[str, str]]:
    for number, pair in zip(counts, product(SCALE[:2], repeat=2), strict=True):
        yield from [pair] * number


def value(found: Estimate) -> float:
    assert found.value is not None
    return found.value


# ---------------------------------------------------------------- published examples


@pytest.mark.parametrize(
    ("counts", "raw", "kappa", "pabak"),
    [
        ((40, 9, 6, 45), 0.85, 0.70, 0.70),  # Feinstein and Cicchetti 1990: the same raw agreement, another kappa
        ((80, 10, 5, 5), 0.85, 0.32, 0.70),
        ((118, 5, 2, 0), 0.944, -0.0234, 0.888),  # Gwet 2002
        ((20, 5, 10, 15), 0.70, 0.40, 0.40),
    ],
)
def test_kappa_and_pabak_as_published(
    counts: tuple[int, int, int, int], raw: float, kappa: float, pabak: float
) -> None:
    found = four(*counts)
    assert found.cases == sum(counts)
    assert value(found.raw) == pytest.approx(raw)
    assert value(found.kappa) == pytest.approx(kappa, abs=0.005)
    assert value(found.pabak) == pytest.approx(pabak)


def test_gwets_ac1_as_published() -> None:
    assert value(four(118, 5, 2, 0).ac1) == pytest.approx(0.9408, abs=5e-5)


def test_positive_and_negative_agreement_as_published() -> None:
    found = four(80, 10, 5, 5)  # Cicchetti and Feinstein 1990
    assert value(found.on["include"]) == pytest.approx(160 / 175)
    assert value(found.on["exclude"]) == pytest.approx(10 / 25)
    assert (found.on["include"].of, found.on["exclude"].of) == (95, 20)
    assert found.on["maybe"] == Estimate(None, None, None, 0)


def test_four_words_of_a_criterion_by_hand() -> None:
    """po = 6/10; Cohen's chance (3·4 + 2·1 + 4·3 + 1·2)/100 = 0.28; Gwet's with the shares .35 .15 .35 .15: 0.71/3."""
    one = ["YES"] * 3 + ["PARTIAL"] * 2 + ["NO"] * 4 + ["UNCERTAIN"]
    other = ["YES", "YES", "PARTIAL", "YES", "UNCERTAIN", "NO", "NO", "NO", "YES", "UNCERTAIN"]
    found = compare_raters(zip(one, other, strict=True), JUDGEMENTS)
    assert found.counts["YES"] == {"YES": 2, "PARTIAL": 1, "NO": 0, "UNCERTAIN": 0}
    assert found.counts["NO"] == {"YES": 1, "PARTIAL": 0, "NO": 3, "UNCERTAIN": 0}
    assert value(found.raw) == pytest.approx(0.6)
    assert value(found.kappa) == pytest.approx((0.6 - 0.28) / 0.72)
    assert value(found.pabak) == pytest.approx((0.6 - 0.25) / 0.75)
    assert value(found.ac1) == pytest.approx((0.6 - 0.71 / 3) / (1 - 0.71 / 3))


MISSING = "."


@pytest.mark.parametrize(
    ("observers", "alpha"),
    [
        (("0100000010", "1110010000"), 0.095),  # Krippendorff 2011, "Computing Krippendorff's alpha-reliability", A
        (("aabbdcccedda", "babbbccceddd"), 0.692),  # C
        (("123321412...", "1233224125.3", ".3332342251.", "12332441251."), 0.743),  # D, four observers
    ],
)
def test_alpha_as_published(observers: Sequence[str], alpha: float) -> None:
    cases = [[word for word in said if word != MISSING] for said in zip(*observers, strict=True)]
    assert value(estimate_alpha(cases)) == pytest.approx(alpha, abs=5e-4)


# ---------------------------------------------------------------- the packages that everyone uses


def package(name: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is not installed: a developer's package, see pyproject.toml")


@given(PAIRS)
@settings(deadline=None)
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    metrics = package("sklearn.metrics")
    found = compare_raters(pairs, SCALE).kappa.value
    if found is not None:
        one, other = zip(*pairs, strict=True)
        assert found == pytest.approx(metrics.cohen_kappa_score(one, other), abs=1e-6)


@given(st.lists(st.lists(st.sampled_from([*SCALE, ""]), min_size=3, max_size=3), min_size=1, max_size=30))
@settings(deadline=None)
def test_alpha_is_that_of_the_package(cases: list[list[str]]) -> None:
    krippendorff = package("krippendorff")
    found = estimate_alpha([[word for word in said if word] for said in cases])
    if found.value is not None:
        table = [[sum(word == wanted for word in said) for wanted in SCALE] for said in cases]
        paired = [row for row in table if sum(row) > 1]
        expected = krippendorff.alpha(value_counts=paired, level_of_measurement="nominal")
        assert found.value == pytest.approx(expected, abs=1e-6)


# ---------------------------------------------------------------- edges


@pytest.mark.parametrize("word", SCALE)
@pytest.mark.parametrize("number", [1, 50])
def test_all_in_one_category_is_undefined(word: str, number: int) -> None:
    found = compare_raters([(word, word)] * number, SCALE)
    nothing = Estimate(None, None, None, number)
    assert found.kappa == found.pabak == found.ac1 == nothing
    assert found.raw.value == found.on[word].value == 1
    assert {found.on[other].value for other in SCALE if other != word} == {None}
    assert estimate_alpha([[word] * 3] * number) == nothing


def test_nothing_to_compare_is_undefined() -> None:
    found = compare_raters([], SCALE)
    assert found.cases == 0
    assert [estimate for _, estimate in found.figures()] == [Estimate(None, None, None, 0)] * 7
    assert estimate_alpha([["include"], []]) == Estimate(None, None, None, 0)


def test_one_who_says_always_the_same_is_not_undefined() -> None:
    """Kappa is 0 there by its definition: what the other says is told by chance alone."""
    assert four(9, 0, 1, 0).kappa.value == pytest.approx(0)


@given(PAIRS)
def test_what_holds_for_any_table(pairs: list[tuple[str, str]]) -> None:
    found = compare_raters(pairs, SCALE)
    assert sum(number for row in found.counts.values() for number in row.values()) == found.cases == len(pairs)
    turned = compare_raters([(other, one) for one, other in pairs], SCALE)
    assert {one: dict(row) for one, row in turned.counts.items()} == {
        one: {other: found.counts[other][one] for other in SCALE} for one in SCALE
    }
    for (_, one), (_, two) in zip(found.figures(), turned.figures(), strict=True):
        assert one == two or value(one) == pytest.approx(value(two))
        if one.value is not None and one.low is not None and one.high is not None:
            assert -1 <= one.low <= one.value <= one.high <= 1
    used = {word for pair in pairs for word in pair}
    if len(used) == 2:
        assert value(found.pabak) == pytest.approx(2 * value(found.raw) - 1)


@given(PAIRS)
def test_alpha_lies_in_its_interval_whatever_the_order_of_cases(pairs: list[tuple[str, str]]) -> None:
    found = estimate_alpha(pairs)
    again = estimate_alpha(sorted(pairs, reverse=True))
    assert found.of == again.of == len(pairs)
    if found.value is not None and found.low is not None and found.high is not None:
        assert again.value == pytest.approx(found.value)
        assert found.low <= found.value <= found.high


# ---------------------------------------------------------------- intervals


def test_intervals_are_wilsons_carried_through() -> None:
    """For 8 of 10 Wilson's is 0.490 to 0.943; chance of PABAK is a half; on include 5 of 7 is 0.359 to 0.918."""
    found = four(5, 1, 1, 3)
    assert (found.raw.low, found.raw.high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert (found.pabak.low, found.pabak.high) == (pytest.approx(-0.0197, abs=2e-4), pytest.approx(0.8866, abs=2e-4))
    low, high = 2 * 0.35893 / 1.35893, 2 * 0.91778 / 1.91778
    assert (found.on["include"].low, found.on["include"].high) == (pytest.approx(low, 1e-4), pytest.approx(high, 1e-4))


@pytest.mark.parametrize("chances", [(0.05, 0.03, 0.03, 0.89), (0.40, 0.01, 0.01, 0.58)])
def test_kappas_interval_holds_the_truth_where_the_delta_methods_does_not(chances: tuple[float, ...]) -> None:
    """Of 30 reports with rare inclusions, or hardly any difference: why the interval is the one that it is."""
    dice, held, held_by_delta, defined = random.Random(17), 0, 0, 0
    true = value(estimate_kappa(list(pairs_of(*(round(1000 * chance) for chance in chances)))))
    for _ in range(1000):
        cells = dice.choices(range(4), chances, k=30)
        counts = tuple(cells.count(cell) for cell in range(4))
        found = estimate_kappa(list(pairs_of(*counts)))
        if found.value is None or found.low is None or found.high is None:
            continue
        defined += 1
        held += found.low <= true <= found.high
        held_by_delta += abs(found.value - true) <= 1.96 * delta_error(*counts)
    assert held / defined >= 0.94
    assert held_by_delta / defined < 0.80


def delta_error(*counts: int) -> float:
    """Kappa's standard error after Fleiss, Cohen and Everitt 1969."""
    n = sum(counts)
    a, b, c, d = (count / n for count in counts)
    one, two = a + b, a + c
    chance = one * two + (1 - one) * (1 - two)
    kappa = (a + d - chance) / (1 - chance)
    same = a * (1 - (one + two) * (1 - kappa)) ** 2 + d * (1 - (2 - one - two) * (1 - kappa)) ** 2
    differ = (1 - kappa) ** 2 * (b * (two + 1 - one) ** 2 + c * (1 - two + one) ** 2)
    return math.sqrt(max(0.0, same + differ - (kappa - chance * (1 - kappa)) ** 2) / n) / (1 - chance)

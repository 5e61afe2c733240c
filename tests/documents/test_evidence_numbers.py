"""True values of invented tables are found; their false neighbours (wrong sign, the other arm's spread, transposed
digits, parts that nobody printed together) are not."""

from __future__ import annotations

import random

import pytest

from leads_local.documents.evidence import find_evidence, numbers_stand_together
from leads_local.records import Passage, PassageKind
from tests.documents.conftest import passage

ROWS = (
    "Age, years",
    "Pain score",
    "Change in weight, kg",
    "Systolic pressure",
    "Walking distance",
    "Nausea",
    "Quality of life",
)


@pytest.mark.parametrize(
    ("value", "text", "stands"),
    [
        ("2.03", "difference −2.03 (95% CI −3 to −1)", False),
        ("-2.03", "difference −2.03 (95% CI −3 to −1)", True),
        ("59.3 (12.8)", "Age | 59.3 (11.2) | 61.0 (12.8)", False),
        ("59.3 (11.2)", "Age | 59.3 ± 11.2 | 61.0 (12.8)", True),
        ("5/31", "Nausea | 5 (16.1) | 3 of 31", False),
        ("5/31", "Nausea | 5 | 31", False),
        ("5/31", "5 of 31 patients", True),
        ("5/31", "5 (16%) of 31 patients", True),
        ("64", "Sixty-four of them", True),
        ("60", "Sixty-four of them", False),
        ("twenty-one of thirty", "21 (70%) of 30", True),
        ("20.5", "a range of 1.2–20.5", True),
        ("65.1", "a mean of 56.1", False),
        ("1200", "1,200 patients", True),
        ("12 weeks, 24 weeks", "after 12 and 24 weeks", True),
        ("24 weeks, 12 weeks", "after 12 and 24 weeks", False),
        ("0.5", "a ratio of 0.50", False),
        ("−1.5 to 2.0", "(−1.5, 2.0)", True),
        ("1.5 to 2.0", "(−1.5, 2.0)", False),
        (
            "18 and 40",
            "aged 18 years or more who could walk for ten minutes, with a mean body mass index below 40",
            False,
        ),
        ("no number", "nothing here", True),
    ],
)
def test_the_numbers_of_a_value_stand_together(value: str, text: str, stands: bool) -> None:
    assert numbers_stand_together(value, text) is stands


def _table(rng: random.Random) -> tuple[list[Passage], list[tuple[str, str, int, tuple[str, ...]]]]:
    """A table of two arms, and of each cell its value, row, place and false neighbours."""
    lines = [("Table 1. Outcomes by arm", PassageKind.CAPTION), ("Outcome | Walking | Control", PassageKind.TABLE_ROW)]
    cells = []
    for row in rng.sample(ROWS, 5):
        means = [rng.choice(("", "−")) + f"{rng.randint(12, 98)}.{rng.randint(1, 9)}" for _ in range(2)]
        spreads = [f"{rng.randint(2, 11)}.{rng.randint(1, 9)}" for _ in range(2)]
        spreads[1] = spreads[1] if spreads[1] != spreads[0] else f"{spreads[1]}5"
        joint = rng.choice((" ({})", " ± {}"))
        lines.append(
            (
                " | ".join([row, *(m + joint.format(s) for m, s in zip(means, spreads, strict=True))]),
                PassageKind.TABLE_ROW,
            )
        )
        for arm in range(2):
            mean, spread = means[arm], spreads[arm]
            bare = mean.lstrip("−")
            turned = bare[1] + bare[0] + bare[2:] if bare[0] != bare[1] else bare[0] + "0" + bare[2:]
            other_sign = bare if mean.startswith("−") else f"-{bare}"
            false = (
                f"{other_sign} ({spread})",
                f"{mean} ({spreads[1 - arm]})",
                f"{turned} ({spread})",
                f"{spread} ({mean})",
            )
            cells.append((f"{mean.replace('−', '-')} ({spread})", row, len(lines) - 1, false))
    return [passage(text, order, kind, "results") for order, (text, kind) in enumerate(lines)], cells


def test_true_values_are_found_and_their_false_neighbours_are_not() -> None:
    rng = random.Random(7)
    true = found = false = wrong = 0
    for _ in range(60):
        passages, cells = _table(rng)
        printed = {text for each in passages for text in each.text.replace("±", "(").split(" | ")}
        for value, row, order, neighbours in cells:
            true += 1
            found += find_evidence(value, [row, "Walking"], passages).passage == order
            for neighbour in neighbours:
                if neighbour.replace("-", "−") not in printed:
                    false += 1
                    wrong += find_evidence(neighbour, [row, "Walking"], passages).found
    assert true == 600 and false > 2000
    assert found >= 0.97 * true
    assert wrong <= 0.005 * false


def test_a_spelt_out_number_is_one_number_for_words_and_for_numbers() -> None:
    found = find_evidence("four visits", ["visits"], [passage("They were seen on twenty four visits.")])
    assert found.match == ""
    found = find_evidence("24 visits", ["visits"], [passage("They were seen on twenty-four visits.")])
    assert found.match == "normalised"

"""Other words for the same thing."""

from __future__ import annotations

import random

import pytest

from models.demo.training.rewording import FORMS, counted, reworded


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("foot ulcer", "foot ulcers"),
        ("wrist fractures", "wrist fracture"),
        ("biopsy", "biopsies"),
        ("crush", "crushes"),
    ],
)
def test_the_number_is_the_other_one(one: str, many: str) -> None:
    assert counted(one) == many


@pytest.mark.parametrize("name", ["psoriasis", "weakness", "migraine", "ABC-12 score ABC", "zinc 20", "tonsillitis"])
def test_what_has_no_plural_of_its_own_stays(name: str) -> None:
    assert counted(name) == name


@pytest.mark.parametrize("kind", FORMS)
def test_the_name_stays_in_what_is_said_of_it(kind: str) -> None:
    rng = random.Random(0)
    found = {reworded(rng, "psoriasis", kind) for _ in range(200)}
    assert len(found) > 5
    assert all("psoriasis" in text for text in found)

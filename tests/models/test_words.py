"""Words: which side of the split a word is on never changes, and neither side borrows from the other."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.demo.training import classes
from models.demo.training.grammar import Writer
from models.demo.training.lists import held_out, listed
from models.demo.training.treatments import Arming
from models.demo.training.words import Words, known
from tests.models.conftest import Made

LISTS = (
    "conditions", "drugs", "supplements", "activities", "interventions", "arrangements", "procedures", "countries",
    "outcomes", "events",
    "settings",
)  # fmt: skip
APART = (
    ("outcomes", "events"),
    ("drugs", "supplements"),
    ("activities", "interventions"),
    ("interventions", "arrangements"),
)
DRAWS = ("condition", "drug", "name", "country", "scale")


@pytest.mark.parametrize("draw", DRAWS)
def test_training_and_tests_draw_from_different_words(draw: str) -> None:
    seen, unseen = Words(random.Random(1)), Words(random.Random(1), unseen=True)
    old = {getattr(seen, draw)() for _ in range(300)}
    new = {getattr(unseen, draw)() for _ in range(300)}
    assert not old & new
    assert all(map(held_out, new)) and not any(map(held_out, old))


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_words_on_both_sides(name: str) -> None:
    sides = {held_out(word) for word in known(name)}
    assert sides == {True, False}


@pytest.mark.parametrize(("one", "other"), APART)
def test_no_word_is_of_two_kinds(one: str, other: str) -> None:
    assert not {word.casefold() for word in known(one)} & {word.casefold() for word in known(other)}


def test_phrases_stand_as_they_are() -> None:
    """A criterion may leave out the form at an activity's end, which would cut a listed phrase short."""
    phrases = listed("interventions") + listed("arrangements")
    assert not [phrase for phrase in phrases if phrase.split()[-1] in listed("forms")]
    words = Words(random.Random(7))
    drawn = [words.activity() for _ in range(400)]
    assert 0.3 < sum(name in phrases for name in drawn) / len(drawn) < 0.5


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("supervised walking lessons", "exercise"),
        ("walking kit", ""),
        ("relaxation exercises", ""),
        ("tongue-strengthening training", "speech"),
        ("voucher scheme", ""),
        ("morning daylight", ""),
        ("massage therapy", "manual"),
    ],
)
def test_a_treatment_has_a_class_only_where_one_is_sure(name: str, group: str) -> None:
    assert classes.class_of(name, "activity") == group


def test_a_supplement_is_no_drug_for_sure() -> None:
    assert (classes.class_of("vitamin D", "drug"), classes.class_of("metformin", "drug")) == ("", "drug")


def test_no_schedule_for_what_is_only_arranged() -> None:
    told = 0
    for seed in range(300):
        rng = random.Random(seed)
        arming = Arming(rng, Words(rng), Writer(rng, {}), "activity", set())
        for arm in arming.arms(single=True)[0]:
            if arm.name in listed("arrangements"):
                told += 1
                assert not arm.dose
    assert told


@given(st.text(min_size=1, max_size=30))
def test_capitals_do_not_change_the_side(word: str) -> None:
    assert held_out(word) == held_out(word.casefold())


def test_few_are_different_and_not_among_the_others() -> None:
    words = Words(random.Random(3))
    found = words.few(words.condition, 20, ("asthma",))
    assert len({word.casefold() for word in found}) == 20
    assert "asthma" not in found


def test_held_out_names_are_no_arms_or_conditions_in_training(trained: Made) -> None:
    for report, _ in trained.pairs:
        assert not any(map(held_out, report.study.conditions))
    single = {arm.name for report, _ in trained.pairs for arm in report.study.arms if arm.type in ("test", "active")}
    drugs = {name for name in listed("drugs") if held_out(name)}
    assert drugs and not drugs & single


def test_names_do_not_run_out() -> None:
    words = Words(random.Random(5))
    assert len({words.drug() for _ in range(2000)}) > 1000
    assert len({words.condition() for _ in range(2000)}) > 1000

"""What the demo model's grammar calls things reads well with names of any kind, and asks for what it did."""

import random

import pytest

from models.demo.training import classes
from models.demo.training.criteria import Examiner
from models.demo.training.grammar import Writer
from models.demo.training.items import FIELDS
from models.demo.training.report import Report
from models.demo.training.rewording import COMPOUNDS, FORMS, counted, reworded
from models.demo.training.study import make
from models.demo.training.words import Words

PHRASES = ("a smoking ban at home", "knitting in groups", "the use of bed rails", "supervised yoga sessions")


@pytest.mark.parametrize("key", FIELDS)
def test_a_field_has_hundreds_of_names_which_hold_no_colon(key: str) -> None:
    writer = Writer(random.Random(1), {})
    names = {writer.rule(f"f_{key}").partition(":")[0] for _ in range(3000)}
    assert len(names) > 150
    assert "" not in names


def test_a_name_with_an_article_or_a_preposition_never_stands_before_a_noun() -> None:
    rng = random.Random(1)
    for name in PHRASES:
        wordings = {reworded(rng, name, "activity") for _ in range(2000)}
        assert not wordings & {form.format(name) for form in COMPOUNDS["activity"]}
        assert wordings > {form.format(name) for form in FORMS["activity"]}
    assert counted("knitting in groups") == "knitting in groups"
    assert counted("hip replacement trial") == "hip replacement trials"


def test_an_article_stays_before_supervised() -> None:
    rng = random.Random(1)
    wordings = {classes.supervised(rng, "an exercise programme") for _ in range(500)}
    assert "a supervised exercise programme" in wordings
    assert not any("supervised an " in wording for wording in wordings)


def test_what_is_asked_of_people_follows_their_condition() -> None:
    rng = random.Random(1)
    words, writer = Words(rng), Writer(rng, {})
    examiner = Examiner(rng, words, writer, Report(make(rng, words, writer.phrasing)))
    asked = [examiner._people("", "asthma", "who keep a pet") for _ in range(500)]
    assert all("asthma who keep a pet" in text and not text.startswith("asthma") for text in asked)
    assert any(not text.endswith("pet") for text in asked)

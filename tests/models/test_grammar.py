"""The grammar: held-out productions are out of reach of training, facts that were said are known, mistakes in rules are
found."""

from __future__ import annotations

import random

import pytest

from models.demo.training import author, grammar
from models.demo.training import study as studies
from models.demo.training.grammar import Writer
from models.demo.training.times import in_words
from models.demo.training.words import Words
from tests.models.conftest import Made


def test_a_choice_takes_held_out_alternatives_only_when_asked() -> None:
    seen = {Writer(random.Random(seed), {}).text("[one|two|~three]") for seed in range(60)}
    unseen = {Writer(random.Random(seed), {}, grammar.HELD_OUT).text("[one|two|~three]") for seed in range(60)}
    assert seen == {"one", "two"}
    assert unseen == {"three"}


def test_what_may_be_there_is_there_or_not() -> None:
    assert {Writer(random.Random(seed), {}).text("a [b]? c") for seed in range(40)} == {"a c", "a b c"}


def test_slots_that_were_printed_are_known() -> None:
    writer = Writer(random.Random(0), {"n": "12", "cond": "gout"})
    assert writer.text("{n} people") == "12 people"
    assert writer.said == {"n"}


def test_a_production_is_chosen_only_when_its_facts_are_known() -> None:
    names = [name for name, choice in grammar.grammar().items() if name == "count_pop"]
    assert names == ["count_pop"]
    slots = {"n": "40", "who": "adults", "cond": "gout", "patients": "adults"}
    texts = {Writer(random.Random(seed), slots).rule("count_pop") for seed in range(200)}
    assert all("40" in text and "gout" in text for text in texts)
    assert len(texts) > 40


def test_a_rule_without_fitting_production_is_refused() -> None:
    with pytest.raises(LookupError, match="no production fits"):
        Writer(random.Random(0), {}).rule("reg_s")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("a uncontrolled study", "an uncontrolled study"), ("a unicentre study", "a unicentre study"),
        ("A RCT", "An RCT"),
        ("a ulcer of a upper limb", "an ulcer of an upper limb"), ("a euthyroid person", "a euthyroid person"),
        ("a one-off", "a one-off"),
    ],
)  # fmt: skip
def test_articles_fit_the_word_that_follows(text: str, whole: str) -> None:
    assert grammar.tidy(text) == whole


@pytest.mark.parametrize("template", ["[a|b", "a]b"])
def test_brackets_that_do_not_match_are_refused(template: str) -> None:
    with pytest.raises(ValueError, match="bracket"):
        grammar.parse(template)


def test_every_sentence_rule_has_held_out_productions() -> None:
    rules = grammar.grammar()
    sentences = [name for name in rules if name.endswith("_s") or name.startswith(("res_", "crit_", "f_"))]
    without = [name for name in sentences if not rules[name].unseen and not _inner(rules[name])]
    assert len(sentences) > 40
    assert len(without) / len(sentences) < 0.3


def _inner(choice: grammar.Choice) -> bool:
    parts = [part for production in choice.seen for part in production]
    return any(isinstance(part, grammar.Choice) and (part.unseen or _inner(part)) for part in parts)


def test_held_out_phrasings_are_absent_from_training_text(trained: Made, unseen: Made) -> None:
    held = grammar.held_out_texts()
    assert len(held) >= 60
    assert [text for text in held if text in trained.text] == []
    assert sum(text in unseen.text for text in held) > len(held) / 2


@pytest.mark.parametrize(("text", "whole"), [("we did it", "We did it."), ("12 came", "12 came."), ("Why?", "Why?")])
def test_a_sentence_has_a_capital_and_an_end(text: str, whole: str) -> None:
    assert grammar.sentence(text) == whole


def test_every_whole_abstract_fits_some_study_and_names_its_arms() -> None:
    rng = random.Random(5)
    known = [study for study in (studies.make(rng, Words(rng), grammar.ANY) for _ in range(1000)) if not study.vague]
    writers = [(study, author.knowing(rng, study, study.outcomes[0], grammar.ANY)) for study in known]
    lines = [
        line
        for name in author.FREE
        for line in (grammar.RULES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    ]
    for line in (line.removeprefix("~") for line in lines if "{" in line):
        wanted = {part.name for part in grammar.parse(line) if isinstance(part, grammar.Slot)}
        study, writer = next(
            ((study, writer) for study, writer in writers if wanted <= writer.slots.keys()), (None, None)
        )
        assert study and writer, f"fits no study: {line}"
        text = writer.text(line).casefold()
        assert all(arm.name.casefold() in text for arm in study.arms), text


@pytest.mark.parametrize(
    ("count", "words"),
    [(7, "seven"), (12, "twelve"), (40, "forty"), (81, "eighty-one"), (200, "two hundred"),
        (311, "three hundred and eleven"),
     (240, "two hundred and forty")],
)  # fmt: skip
def test_numbers_are_spelled(count: int, words: str) -> None:
    assert in_words(count) == words

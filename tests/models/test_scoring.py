"""Figures: gold answers score 1 everywhere, each kind of mistake lowers its own figure only, and what can't be read
counts as wrong."""

from __future__ import annotations

import math

import pytest

from leads_local.engine.types import FinishReason, Reply
from leads_local.records import Eligibility
from models.demo.training import items
from models.demo.training.items import Item
from models.demo.training.scoring import Score, same, score
from tests.models.conftest import Made

YES, NO, UNCERTAIN = Eligibility.YES, Eligibility.NO, Eligibility.UNCERTAIN


def named(made: Made) -> dict[str, Item]:
    from dataclasses import replace

    return {str(n): replace(item, request=replace(item.request, id=str(n))) for n, (_, item) in enumerate(made.items)}


def test_gold_answers_are_right_in_every_figure(trained: Made) -> None:
    asked = named(trained)
    found = score(asked, [Reply(id, item.answer) for id, item in asked.items()]).figures()
    assert {
        "screening label",
        "sample size",
        "condition",
        "intervention",
        "age",
        "country",
        "arms",
        "trial results",
    } <= found.keys()
    assert {"participant statistics", "says what is not reported", "search holds the terms and parses"} <= found.keys()
    assert {name: share for name, (share, _) in found.items() if share != 1} == {}


def test_answers_that_were_cut_off_are_wrong_and_counted(trained: Made) -> None:
    asked = named(trained)
    found = score(asked, [Reply(id, item.answer[:20], FinishReason.LENGTH) for id, item in asked.items()])
    assert found.share("screening label") == 0
    assert found.share("arms") == 0
    assert found.share("answers that can be read") == 0
    assert found.macro_f1 == 0


def test_another_label_lowers_the_label_and_not_the_rest(trained: Made) -> None:
    asked = {id: item for id, item in named(trained).items() if item.task == "screening"}
    wrong = {id: item.answer.replace('"NO"', '"YES"') for id, item in asked.items()}
    found = score(asked, [Reply(id, text) for id, text in wrong.items()])
    assert 0.5 < found.share("screening label") < 0.9
    assert found.share("values and quotes that stand in the text") == 1


def test_macro_f1_is_the_mean_over_the_labels_in_gold() -> None:
    found = Score()
    for gold, said in ((YES, YES), (YES, YES), (YES, NO), (NO, NO)):
        found.judge(gold, said)
    assert found.macro_f1 == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert math.isnan(Score().macro_f1)


def test_a_pair_is_right_only_when_both_halves_are() -> None:
    found = Score()
    found.pairs["1"] += [True, True]
    found.pairs["2"] += [True, False]
    assert found.figures()["pairs that differ in the criterion"] == (0.5, 2)


@pytest.mark.parametrize(("one", "other"), [("120", " 120 "), ("Usual  care", "usual care"), ("gout.", "Gout")])
def test_case_space_and_the_last_stop_do_not_matter(one: str, other: str) -> None:
    assert same(one, other)
    assert not same(one, other + "x")


def test_the_pack_of_items_is_known() -> None:
    assert items.prompts.load(items.PACK).name == items.PACK

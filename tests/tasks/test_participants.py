"""Statistics come back under the arms' labels, by the ids of the prompt."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.engine.types import Reply
from leads_local.errors import InputError, ReplyError
from leads_local.records import Arm, Measure
from leads_local.tasks import participants
from leads_local.tasks.prompts import PromptPack
from tests.fake_engine import FakeEngine

Says = Callable[..., Reply]
AGE = Measure("Age", "at baseline", "MEAN", "years")


def rendered(*rows: tuple[str, str, str]) -> str:
    return json.dumps({"results": [{"groupId": group, "value": value, "note": note} for group, value, note in rows]})


def test_ids_are_mapped_to_labels_in_the_order_of_the_arms(says: Says, two_arms: tuple[Arm, ...]) -> None:
    values = participants.parse(says(rendered(("G2", "51.2", "SD 9"), ("G1", "NA", ""))), AGE, two_arms)
    assert [(v.task, v.item, v.group, v.part, v.text, v.note) for v in values] == [
        ("participants", "Age", "Melatonin 2 mg", "value", "", ""),
        ("participants", "Age", "Placebo", "value", "51.2", "SD 9"),
    ]


def test_missing_and_repeated_groups_have_notes(says: Says, two_arms: tuple[Arm, ...]) -> None:
    first, *rest = participants.parse(
        says(rendered(("G2", "51", "n"), ("G2", "52", ""), ("G2", "51", "n"))), AGE, two_arms
    )
    assert first.text == "" and "no value" in first.note
    assert [(v.text, v.note[:2]) for v in rest] == [("51", "n "), ("52", "Th")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (rendered(("G3", "5", "")), "was not asked for"),
        ('{"results": [{"groupId": "G1", "value": "5"}]}', "no note"),
        ('{"results": [{"groupId": "G1", "value": false, "note": ""}]}', "no text"),
        ("{}", "no results"),
    ],
)
def test_each_failure_has_its_reason(says: Says, two_arms: tuple[Arm, ...], text: str, reason: str) -> None:
    with pytest.raises(ReplyError, match=reason):
        participants.parse(says(text), AGE, two_arms)


def test_an_empty_unit_is_not_sent(pack: PromptPack, two_arms: tuple[Arm, ...]) -> None:
    with_unit = participants.request("p", "paper", AGE, two_arms, pack).prompt.splitlines()
    without = participants.request(
        "p", "paper", Measure("Age", "at baseline", "MEAN"), two_arms, pack
    ).prompt.splitlines()
    assert [line for line in with_unit if line not in without] == ["in the unit: years"]


def test_paper_and_groups_go_in_verbatim(pack: PromptPack, two_arms: tuple[Arm, ...], hostile: str) -> None:
    prompt = participants.request("p", hostile, AGE, two_arms, pack).prompt
    assert hostile in prompt and "G1: Melatonin 2 mg" in prompt and "Age: at baseline" in prompt


def test_a_measure_without_a_name_is_refused(pack: PromptPack) -> None:
    with pytest.raises(InputError):
        participants.request("p", "paper", Measure(""), (), pack)


@given(st.lists(st.text(max_size=5), max_size=5))
def test_an_engine_s_answer_always_has_each_arm(labels: list[str]) -> None:
    from leads_local.tasks import prompts

    arms = [Arm(label) for label in labels]
    (reply,) = FakeEngine().run([participants.request("p", "paper", AGE, arms, prompts.load())])
    assert {v.group for v in participants.parse(reply, AGE, arms)} == (set(labels) or {""})


def test_a_value_that_ran_into_its_limit_is_not_taken_for_the_whole(says: Says, two_arms: tuple[Arm, ...]) -> None:
    first, second = participants.parse(
        says(rendered(("G1", "5 " * 100, ""), ("G2", "5 " * 90, "n" * 400))), AGE, two_arms
    )
    assert (first.text, second.text) == ("5 " * 100 + "[…]", ("5 " * 90).strip())
    assert second.note == "n" * 400 + " […]"

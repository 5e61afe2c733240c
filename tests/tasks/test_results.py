"""A number belongs to the arm that the answer names, and to no other."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.engine.types import Reply
from leads_local.errors import InputError, ReplyError
from leads_local.records import Arm, Outcome
from leads_local.tasks import results
from leads_local.tasks.prompts import PromptPack
from tests.fake_engine import FakeEngine

Says = Callable[..., Reply]
OUTCOME = Outcome("Sleep latency", "minutes to fall asleep")
ONCE = {
    "paramType": "MEAN",
    "unitOfMeasure": "minutes",
    "timeFrame": "8 weeks",
    "unitOfDenom": "Participants",
    "denomValue": "NA",
}


def rendered(*pairs: tuple[str, str], **changed: object) -> str:
    return json.dumps({**ONCE, "results": [{"value": value, "title": title} for title, value in pairs], **changed})


def test_parts_then_arms_in_their_order_whatever_the_answer_s(says: Says, two_arms: tuple[Arm, ...]) -> None:
    values = results.parse(says(rendered(("Placebo", "31 (SD 4)"), ("Melatonin 2 mg", "22.50"))), OUTCOME, two_arms)
    assert [(v.part, v.group, v.text) for v in values] == [
        ("type", "", "MEAN"),
        ("unit", "", "minutes"),
        ("time frame", "", "8 weeks"),
        ("denominator unit", "", "Participants"),
        ("denominator", "", ""),
        ("value", "Melatonin 2 mg", "22.50"),
        ("value", "Placebo", "31 (SD 4)"),
    ]
    assert {(v.task, v.item) for v in values} == {("results", "Sleep latency")}


def test_a_bare_number_keeps_its_digits_and_null_is_not_reported(says: Says, two_arms: tuple[Arm, ...]) -> None:
    text = (
        rendered(("Placebo", "x"), ("Melatonin 2 mg", "y"), denomValue=56).replace('"x"', "3.10").replace('"y"', "null")
    )
    values = {(v.part, v.group): v.text for v in results.parse(says(text), OUTCOME, two_arms)}
    assert (values["denominator", ""], values["value", "Placebo"], values["value", "Melatonin 2 mg"]) == (
        "56",
        "3.10",
        "",
    )


def test_a_missing_arm_is_not_reported_with_a_note(says: Says, two_arms: tuple[Arm, ...]) -> None:
    *_, first, second = results.parse(says(rendered(("Placebo", "31"))), OUTCOME, two_arms)
    assert (first.group, first.text, bool(first.note)) == ("Melatonin 2 mg", "", True)
    assert (second.group, second.text, second.note) == ("Placebo", "31", "")


def test_two_values_of_one_arm_are_both_kept_with_a_note(says: Says, two_arms: tuple[Arm, ...]) -> None:
    values = results.parse(says(rendered(("Placebo", "31"), ("Placebo", "29"), ("G1", "22"))), OUTCOME, two_arms)
    assert [(v.text, bool(v.note)) for v in values if v.group == "Placebo"] == [("31", True), ("29", True)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (rendered(("Total", "5")), 'not asked for: "Total"'),
        (rendered(results={}), "no list"),
        (rendered(results=["5"]), "no object at result 1"),
        (rendered(results=[{"title": "Placebo"}]), "no value at result 1"),
        (rendered(timeFrame=["a"]), 'no text at "timeFrame"'),
        ('{"results": []}', "no paramType and no unitOfMeasure"),
        ("[]", "no object"),
    ],
)
def test_each_failure_has_its_reason(says: Says, two_arms: tuple[Arm, ...], text: str, reason: str) -> None:
    with pytest.raises(ReplyError, match=reason):
        results.parse(says(text), OUTCOME, two_arms)


@given(st.lists(st.text(max_size=5), max_size=5))
def test_an_engine_s_answer_always_has_each_arm(labels: list[str]) -> None:
    from leads_local.tasks import prompts

    arms = [Arm(label) for label in labels]
    (reply,) = FakeEngine().run([results.request("r", "paper", OUTCOME, arms, prompts.load())])
    values = results.parse(reply, OUTCOME, arms)
    assert {v.group for v in values if v.part == "value"} == (set(labels) or {""})


def test_the_prompt_has_outcome_groups_and_paper_verbatim(
    pack: PromptPack, two_arms: tuple[Arm, ...], hostile: str
) -> None:
    prompt = results.request("r", hostile, OUTCOME, two_arms, pack).prompt
    assert (
        hostile in prompt
        and "Sleep latency: minutes to fall asleep" in prompt
        and "G2: Placebo - matching tablets" in prompt
    )


def test_an_outcome_without_a_name_is_refused(pack: PromptPack) -> None:
    with pytest.raises(InputError):
        results.request("r", "paper", Outcome(" "), (), pack)


def test_a_value_that_ran_into_its_limit_is_not_taken_for_the_whole(says: Says, two_arms: tuple[Arm, ...]) -> None:
    """The schema ends a text at its limit: perhaps in the middle of a number."""
    cut = ("0.72 (95% CI 0.61 to 0.85) after adjustment for age, sex and baseline, RR 0.70 (0.58 to 0.84), " * 3)[
        :199
    ] + "0"
    *_, first, _ = results.parse(says(rendered(("G1", cut), ("G2", "31"), timeFrame="w" * 300)), OUTCOME, two_arms)
    assert first.text == f"{cut} […]"
    assert {
        v.text[-3:]
        for v in results.parse(says(rendered(("G1", "1"), timeFrame="w" * 300)), OUTCOME, two_arms)
        if v.part == "time frame"
    } == {"[…]"}

"""Arms are read whole, told apart, and given as values to verify."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.engine.types import Reply
from leads_local.errors import ReplyError
from leads_local.records import Arm
from leads_local.tasks import arms, schemas
from leads_local.tasks.prompts import PromptPack
from tests.fake_engine import FakeEngine

Says = Callable[..., Reply]


def rendered(*found: Arm) -> str:
    rows = [
        {"label": a.label, "type": a.kind, "description": a.description, "interventionNames": list(a.interventions)}
        for a in found
    ]
    return json.dumps(rows)


def test_what_is_written_is_read(says: Says, two_arms: tuple[Arm, ...]) -> None:
    assert arms.parse(says(rendered(*two_arms))) == two_arms


def test_no_arms_is_an_answer(says: Says) -> None:
    assert arms.parse(says("[]")) == () and arms.make_values(()) == ()


def test_repetitions_go_and_namesakes_are_numbered(says: Says) -> None:
    first, second = Arm("Drug", "OTHER", "low"), Arm("Drug", "OTHER", "high")
    assert [(a.label, a.description) for a in arms.parse(says(rendered(first, first, second)))] == [
        ("Drug", "low"),
        ("Drug (2)", "high"),
    ]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Placebo Comparator", "PLACEBO_COMPARATOR"),
        ("no-intervention", "NO_INTERVENTION"),
        ("Run-in", "Run-in"),
        ("NA", ""),
    ],
)
def test_known_kinds_have_one_spelling_and_others_are_kept(says: Says, written: str, kind: str) -> None:
    assert arms.parse(says(rendered(Arm("A", written))))[0].kind == kind


def test_values_hold_each_part_of_each_arm(two_arms: tuple[Arm, ...]) -> None:
    values = arms.make_values(two_arms)
    assert [(v.item, v.part, v.text) for v in values[:4]] == [
        ("Melatonin 2 mg", "label", "Melatonin 2 mg"),
        ("Melatonin 2 mg", "type", "EXPERIMENTAL"),
        ("Melatonin 2 mg", "description", "one tablet each night for 8 weeks"),
        ("Melatonin 2 mg", "interventions", "Drug: melatonin"),
    ]
    assert len({(v.item, v.part) for v in values}) == len(values) == 8


@pytest.mark.parametrize(("count", "different"), [(23, 23), (24, 24), (24, 1)])
def test_a_list_that_fills_its_room_says_so(says: Says, count: int, different: int) -> None:
    reply = says(rendered(*(Arm(f"Arm {n % different}") for n in range(count))))
    values = arms.make_values(arms.parse(reply), arms.completeness_note(reply))
    assert {bool(v.note) for v in values if v.part == "label"} == {count == 24}
    assert all(v.cut == bool(v.note) for v in values)
    assert len(values) == 4 * different


def test_a_regimen_of_five_drugs_is_whole(says: Says) -> None:
    arm = Arm(
        "R-CHOP", "EXPERIMENTAL", "", ("rituximab", "cyclophosphamide", "doxorubicin", "vincristine", "prednisone")
    )
    assert arms.parse(says(rendered(arm))) == (arm,)
    assert schemas.arms()["items"]["properties"]["interventionNames"]["maxItems"] >= 20


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{}", "no list"),
        ('["A"]', "no object at arm 1"),
        ('[{"label": "A"}]', "no type and no description and no interventionNames at arm 1"),
        ('[{"label": " ", "type": "", "description": "", "interventionNames": []}]', "no label for arm 1"),
        ('[{"label": "A", "type": "", "description": "", "interventionNames": "x"}]', "no list at the interventions"),
    ],
)
def test_each_failure_has_its_reason(says: Says, text: str, reason: str) -> None:
    with pytest.raises(ReplyError, match=reason):
        arms.parse(says(text))


def test_the_paper_goes_in_verbatim_and_the_answer_can_be_read(pack: PromptPack, hostile: str) -> None:
    request = arms.request("a", hostile, pack)
    assert hostile in request.prompt
    (reply,) = FakeEngine().run([request])
    assert all(arm.label for arm in arms.parse(reply))


@given(st.text(max_size=80))
def test_any_text_is_arms_or_a_reply_error(text: str) -> None:
    try:
        arms.parse(Reply("r", text))
    except ReplyError as error:
        assert error.message

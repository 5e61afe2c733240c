"""Only what was asked is sent; the query comes back whole, with what a reviewer should look at."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.engine.types import Reply
from leads_local.errors import InputError, ReplyError
from leads_local.records import Question
from leads_local.tasks import search
from leads_local.tasks.prompts import PromptPack

Says = Callable[..., Reply]
QUESTION = Question("", "adults with type 2 diabetes", "metformin", "", "HbA1c")


def query(text: str) -> str:
    return json.dumps({"query": text})


def test_empty_parts_are_not_sent(pack: PromptPack) -> None:
    whole = search.request("s", Question("", "p1", "i1", "c1", "o1"), pack).prompt
    part = search.request("s", Question("title is not sent", "p1", " ", "", "o1"), pack).prompt
    assert set(whole.splitlines()) - set(part.splitlines()) == {"Intervention: i1", "Comparison: c1"}
    assert set(part.splitlines()) < set(whole.splitlines())


def test_without_any_part_nothing_is_asked(pack: PromptPack) -> None:
    with pytest.raises(InputError, match="question is empty"):
        search.request("s", Question("only a title"), pack)


def test_hostile_questions_are_sent_as_they_are(pack: PromptPack, hostile: str) -> None:
    assert " ".join(hostile.split()) in search.request("s", Question(population=hostile), pack).prompt


def test_a_clean_query_has_parts_and_no_flags(says: Says) -> None:
    found = search.parse(says(query('("type 2 diabetes" OR T2DM) AND metformin')), QUESTION)
    assert found.query == '("type 2 diabetes" OR T2DM) AND metformin'
    assert found.blocks == ('"type 2 diabetes" OR T2DM', "metformin")
    assert found.sub_queries == ('"type 2 diabetes" AND metformin', "T2DM AND metformin")
    assert found.flags == ()


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ('(diabetes OR "Buruli ulcer") AND metformin', '"Buruli ulcer" shares no word'),
        ("(diabetes AND metformin", "never closed"),
        ("diabetes AND metformin OR HbA1c", "from left to right"),
        ("(diabetes AND metformin OR HbA1c) AND metformin", "from left to right"),
        ("diabetes AND metformin NOT (rats OR mice)", "rats OR mice"),
        ("diabetes " * 340, "end may be missing"),
    ],
)
def test_what_a_reviewer_should_see_is_flagged_once(says: Says, text: str, flag: str) -> None:
    found = search.parse(says(query(text)), QUESTION)
    assert sum(flag in sentence for sentence in found.flags) == len(found.flags) == 1
    assert found.query == " ".join(text.split()), "a flag removes nothing"


def test_without_a_question_terms_are_not_judged(says: Says) -> None:
    assert search.parse(says(query('"Buruli ulcer"'))).flags == ()


@given(st.text(max_size=80) | st.builds(query, st.text(max_size=80)))
def test_any_text_is_a_query_or_a_reply_error(text: str) -> None:
    try:
        found = search.parse(Reply("r", text), QUESTION)
    except ReplyError as error:
        assert error.message
    else:
        assert found.query.strip() and found.sub_queries and found.blocks is not None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("adult adults adults", "no word of its own"),
        ("(adults OR patients) AND treatment", "no word of its own"),
        ("metformin metformin metformin", "same words again"),
        ("metformin OR metformins", ""),
        ("(adults) AND metformin", ""),
    ],
)
def test_what_could_not_be_searched_with_is_said(says: Says, text: str, why: str) -> None:
    found = search.parse(says(query(text)), QUESTION)
    assert (why in found.unusable) if why else found.is_usable


def test_what_is_said_twice_is_flagged(says: Says) -> None:
    found = search.parse(says(query("(metformin OR Metformin OR diabetes diabetic) AND diabetes")), QUESTION)
    assert '"metformin" stands 2 times in one group: once is enough.' in found.flags
    assert '"diabetes diabetic" says one word again.' in found.flags
    assert not [flag for flag in search.parse(says(query("metformin AND diabetes"))).flags if "again" in flag]

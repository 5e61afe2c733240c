"""A reply is whole JSON or a ReplyError; never half of it, never another exception."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.engine.types import FinishReason, Reply
from leads_local.errors import ReplyError
from leads_local.tasks import replies

Says = Callable[..., Reply]
plain = st.text(st.characters(exclude_categories=["Cs"]))
json_values = st.recursive(
    st.none() | st.booleans() | plain, lambda inner: st.lists(inner) | st.dictionaries(plain, inner), max_leaves=12
)


@given(json_values)
def test_whole_json_comes_back_with_or_without_a_fence(value: object) -> None:
    text = json.dumps(value)
    assert replies.read_json(Reply("r", text)) == value
    assert replies.read_json(Reply("r", f"```json\n{text}\n```\n")) == value


@given(st.text(max_size=60))
def test_any_text_is_json_or_a_reply_error(text: str) -> None:
    try:
        value = replies.read_json(Reply("r", text))
    except ReplyError as error:
        assert error.message
    else:
        json.dumps(value)


@given(st.lists(plain, min_size=1), st.data())
def test_no_beginning_of_an_answer_is_read(values: list[str], data: st.DataObject) -> None:
    text = json.dumps({"list": values})
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(ReplyError):
        replies.read_json(Reply("r", text[:cut]))
    with pytest.raises(ReplyError, match="cut off"):
        replies.read_json(Reply("r", text, FinishReason.LENGTH))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "NaN",
        '{"a": Infinity}',
        '{"a": 1, "a": 2}',
        "[" * 100_000,
        "{} {}",
        'Sure! {"a": 1}',
        '```json\n{"a": 1}',
        "```{}```",
    ],
)
def test_what_is_not_one_whole_value_is_refused(says: Says, text: str) -> None:
    with pytest.raises(ReplyError):
        replies.read_json(says(text))


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("r", "{}", FinishReason.LENGTH, output_tokens=77), "77 tokens"),
        (Reply("r", "{}", FinishReason.CANCELLED), "stopped"),
        (Reply("r", "{}", FinishReason.ERROR, error="the paper is too long"), "the paper is too long"),
        (Reply("r", "{}", FinishReason.ERROR), "no reason"),
    ],
)
def test_a_reply_that_did_not_end_by_itself_says_why(reply: Reply, reason: str) -> None:
    with pytest.raises(ReplyError, match=reason):
        replies.read_json(reply)


def test_numbers_keep_the_digits_they_were_written_with(says: Says) -> None:
    assert replies.read_json(says("[0.050, 1e3, 12345678901234567890, -0]")) == [
        "0.050",
        "1e3",
        "12345678901234567890",
        "-0",
    ]


@given(st.text(st.characters()))
def test_text_can_always_be_stored_and_shown(value: str) -> None:
    text = replies.clean_text(value, "there")
    text.encode("utf-8")
    assert not any(ord(c) < 32 and c not in "\n\t" for c in text)
    assert replies.clean_text(text, "there") == text


def test_half_a_character_from_json_becomes_a_mark(says: Says) -> None:
    assert replies.clean_text(replies.read_json(says('"\\ud83d and \\ud83d\\ude00"')), "there") == "\ufffd and 😀"


@pytest.mark.parametrize(
    "value", ["", "NA", "na", "NA.", "N.A.", "n/a", " Not reported. ", "not stated", "NR", "—", "null"]
)
def test_words_for_nothing_are_nothing(value: str) -> None:
    assert replies.drop_not_reported(replies.clean_text(value, "there")) == ""


@pytest.mark.parametrize(
    "value",
    ["0", "none", "Na", "Na.", " Na ", "Nr", "Nr.", "Not applicable", "NA, but 12 dropped out", "unclear", "no"],
)
def test_answers_are_kept_as_they_are(value: str) -> None:
    assert replies.drop_not_reported(value) == value


@pytest.mark.parametrize("value", [True, ["x"], {"x": "y"}])
def test_what_is_no_text_is_refused_with_its_place(value: object) -> None:
    with pytest.raises(ReplyError, match="at the third leaf"):
        replies.clean_text(value, "the third leaf")


@pytest.mark.parametrize(
    ("value", "marked"),
    [("x" * 84, False), ("x" * 100, True), ("x" * 90 + " " * 10, True), ("\x7f" * 100, True), ("x" * 85, True),
        ("1" * 39, False),
     ("-0." + "3" * 40, True), (None, False)],
)  # fmt: skip
def test_a_text_as_long_as_the_schema_allows_is_marked_as_a_part(value: object, marked: bool) -> None:
    """Also where its last characters are none that can be shown, and where a long token did not fit any more."""
    assert replies.clean_text(value, "there", 100).endswith("[…]") is marked
    assert "[…]" not in replies.clean_text(value, "there")

"""Each field gets its own value under its own name."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.engine.types import Reply
from leads_local.errors import InputError, ReplyError
from leads_local.records import Field
from leads_local.tasks import characteristics, schemas
from leads_local.tasks.prompts import PromptPack
from tests.fake_engine import FakeEngine

Says = Callable[..., Reply]
FIELDS = (Field("Country", "where it was done"), Field("Sample size"), Field('Odd "name" ≥ {x}', "a\nb"))
word = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=12)


def rendered(pairs: Sequence[tuple[str, str]]) -> str:
    return json.dumps([{"name": name, "value": value} for name, value in pairs])


@given(st.lists(word, min_size=1, max_size=9, unique_by=str.casefold), st.data())
def test_what_is_written_is_read_under_its_name_in_any_order(names: list[str], data: st.DataObject) -> None:
    fields = [Field(name) for name in names]
    pairs = [(name, f"value {n}") for n, name in enumerate(names)]
    values = characteristics.parse(Reply("r", rendered(data.draw(st.permutations(pairs)))), fields)
    assert [(v.item, v.text) for v in values] == pairs
    assert {v.task for v in values} == {"characteristics"} and {v.part for v in values} == {"value"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (rendered([("Country", "x"), ("Sample size", "y")]), "2 entries .* 3 were asked"),
        (rendered([("Country", "x"), ("Country", "y"), ("Sample size", "z")]), 'no value for the field "Odd'),
        (rendered([("Country", "x"), ("Sample size", "y"), ("Extra", "z")]), 'no value for the field "Odd'),
        ('{"fields": []}', "no list at the top"),
        ('[{"name": "Country"}, {}, {}]', "no value at entry 1"),
        (
            '[{"name": "Country", "value": []}, {"name": "Sample size", "value": ""}, {"name": "Odd \\"name\\" ≥ '
            '{x}", "value": ""}]',
            "no text",
        ),
    ],
)
def test_each_failure_has_its_reason(says: Says, text: str, reason: str) -> None:
    with pytest.raises(ReplyError, match=reason):
        characteristics.parse(says(text), FIELDS)


def test_words_for_nothing_become_not_reported_and_answer_keeps_them(says: Says) -> None:
    reply = says(rendered([(FIELDS[0].name, "NA"), (FIELDS[1].name, "120"), (FIELDS[2].name, "Not reported.")]))
    assert [value.text for value in characteristics.parse(reply, FIELDS)] == ["", "120", ""]
    assert [row["value"] for row in characteristics.read_answer(reply, FIELDS)] == ["NA", "120", "Not reported."]


def test_a_pack_with_quotes_gets_them_before_the_value(pack: PromptPack, says: Says) -> None:
    quoting = replace(pack, quotes=True)
    schema = characteristics.request("c", "paper", FIELDS, quoting).schema
    assert schema is not None and list(schema["prefixItems"][0]["properties"]) == ["name", "quote", "value"]
    text = json.dumps([{"name": "Country", "quote": "held in Peru", "value": "Peru"}])
    (value,) = characteristics.parse(says(text), FIELDS[:1])
    assert value.quote is not None and value.quote.text == "held in Peru" and not value.quote.found
    assert characteristics.parse(says(text.replace("held in Peru", "")), FIELDS[:1])[0].quote is None
    (long,) = characteristics.parse(says(text.replace("held in Peru", "x" * schemas.QUOTE_LIMIT)), FIELDS[:1])
    assert (value.cut, long.cut) == (False, True) and "as long as it may be" in long.note


def test_fields_are_numbered_from_nought_one_a_line() -> None:
    assert characteristics.fields_info(FIELDS).splitlines() == [
        "<field id=0>Country: where it was done</field>",
        "<field id=1>Sample size</field>",
        '<field id=2>Odd "name" ≥ {x}: a b</field>',
    ]


def test_the_request_names_exactly_its_fields(pack: PromptPack, hostile: str) -> None:
    request = characteristics.request("c", hostile, FIELDS, pack)
    assert (
        hostile in request.prompt
        and characteristics.fields_info(FIELDS) in request.prompt
        and " 3 fields" in request.prompt
    )
    replies = list(FakeEngine().run([request]))
    assert [value.item for value in characteristics.parse(replies[0], FIELDS)] == [field.name for field in FIELDS]


@pytest.mark.parametrize("fields", [(), (Field("A"), Field(" a "))])
def test_forms_that_can_not_be_asked_are_refused(pack: PromptPack, fields: tuple[Field, ...]) -> None:
    with pytest.raises(InputError):
        characteristics.request("c", "paper", fields, pack)


@given(st.integers(0, 60))
def test_portions_keep_all_fields_in_order_and_are_even(count: int) -> None:
    fields = [Field(f"F{n}") for n in range(count)]
    portions = characteristics.split(fields)
    assert [field for portion in portions for field in portion] == fields
    sizes = {len(portion) for portion in portions}
    assert not sizes or (max(sizes) <= characteristics.MOST_FIELDS and max(sizes) - min(sizes) <= 1)


@given(st.text(max_size=80))
def test_any_text_is_values_or_a_reply_error(text: str) -> None:
    try:
        assert len(characteristics.parse(Reply("r", text), FIELDS)) == 3
    except ReplyError as error:
        assert error.message

"""Schemas describe what LEADS writes, in its order, and every answer that matches them ends within the room they ask
for."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.engine.json_style import DEFAULT_STYLE
from leads_local.tasks import schemas
from tests.fake_engine import answer_for

EVERY = {
    "search": schemas.search(),
    "screening 1": schemas.screening(1),
    "screening 4": schemas.screening(4),
    "screening 9": schemas.screening(9),
    "named screening": schemas.screening(2, ['1: Popu"lation', "2: Größe"]),
    "named words": schemas.verdicts(2, ["1: Population", "2: Design"]),
    "named reason": schemas.reason(["YES", "NO"], 3, ["1: Population", "2: Design", "3: Size"]),
    "named results": schemas.results(["Drug A", "Placebo"], named=True),
    "named participants": schemas.participants(["G1", "G2"], named=True),
    "characteristics": schemas.characteristics(['Age "y"', "Größe ≥", "back\\slash"], False),
    "quotes": schemas.characteristics(["Age", "Sex"], True),
    "results": schemas.results(["Drug A", "Placebo"]),
    "free results": schemas.results([]),
    "participants": schemas.participants(["G1", "G2"]),
    "free participants": schemas.participants([]),
    "arms": schemas.arms(),
}
NUMBERS = {"results", "free results", "participants", "free participants"}


def fullest(schema: dict[str, Any]) -> Any:
    """The value with every string and list as long as it may be."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return max(schema["enum"], key=lambda word: len(json.dumps(word, ensure_ascii=False).encode()))
    if "string" in schema["type"]:
        return "x" * schema["maxLength"]
    if schema["type"] == "object":
        return {key: fullest(part) for key, part in schema["properties"].items()}
    if "prefixItems" in schema:
        return [fullest(item) for item in schema["prefixItems"]]
    return [fullest(schema["items"]) for _ in range(schema["maxItems"])]


@pytest.mark.parametrize("name", EVERY)
def test_the_room_holds_the_fullest_answer(name: str) -> None:
    text = json.dumps(fullest(EVERY[name]), ensure_ascii=False)
    assert len(text.encode()) <= schemas.longest_bytes(EVERY[name]) <= 1.01 * len(text.encode()) + 100
    assert schemas.answer_tokens(EVERY[name]) >= max(1024, len(text.encode()) + 1)


def test_an_arm_at_all_its_bounds_fits_though_every_character_took_a_token() -> None:
    assert len(json.dumps([fullest(EVERY["arms"]["items"])])) < schemas.extraction_tokens(EVERY["arms"])


@pytest.mark.parametrize("name", EVERY)
def test_every_string_and_list_is_bounded_and_every_object_closed(name: str) -> None:
    def walk(schema: dict[str, Any]) -> None:
        if "string" in schema.get("type", ()):
            assert schema["maxLength"] > 0 and set(schema["type"]) in (set("string"), {"string", "number", "null"})
        elif schema.get("type") == "array":
            assert schema["maxItems"] >= schema["minItems"]
            for item in schema.get("prefixItems", [schema["items"]]):
                walk(item)
        elif schema.get("type") == "object":
            assert schema["required"] == list(schema["properties"]) and schema["additionalProperties"] is False
            for part in schema["properties"].values():
                walk(part)
        else:
            assert "const" in schema or schema["enum"]

    walk(EVERY[name])


def test_numbers_may_stand_bare_where_leads_was_trained_to_write_them() -> None:
    assert {name for name, schema in EVERY.items() if schemas.takes_numbers(schema)} == NUMBERS
    entry, number = schemas.results(["A"])["properties"], ["string", "number", "null"]
    assert entry["denomValue"]["type"] == entry["results"]["items"]["properties"]["value"]["type"] == number
    assert [key for key, part in entry.items() if part["type"] == number] == ["denomValue"]
    assert schemas.participants([])["properties"]["results"]["items"]["properties"]["value"]["type"] == number


def test_keys_stand_in_the_order_that_leads_was_trained_on() -> None:
    entry = schemas.screening(4)["properties"]["evaluations"]["items"]
    assert list(entry["properties"]) == ["eligibility", "rationale"]
    outcome = ["paramType", "unitOfMeasure", "timeFrame", "unitOfDenom", "denomValue", "results"]
    assert list(schemas.results(["A"])["properties"]) == outcome
    assert list(schemas.results(["A"])["properties"]["results"]["items"]["properties"]) == ["value", "title"]
    assert list(schemas.participants(["G1"])["properties"]["results"]["items"]["properties"]) == [
        "groupId",
        "value",
        "note",
    ]
    assert list(schemas.arms()["items"]["properties"]) == ["label", "type", "description", "interventionNames"]
    assert list(schemas.characteristics(["A"], True)["prefixItems"][0]["properties"]) == ["name", "quote", "value"]


def test_a_named_entry_begins_with_what_it_is_about() -> None:
    def rows(schema: dict[str, Any], key: str) -> list[dict[str, Any]]:
        return [entry["properties"] for entry in schema["properties"][key]["prefixItems"]]

    names = ["1: Population", "2: Design", "3: Size"]
    for schema, count in (
        (schemas.screening(3, names), 3),
        (schemas.verdicts(3, names), 3),
        (schemas.reason(["YES", "NO"], 3, names), 2),
    ):
        entries = rows(schema, "evaluations")
        assert [list(entry) for entry in entries] == [["criterion", "eligibility", "rationale"]] * count
        assert [entry["criterion"]["const"] for entry in entries] == names[:count]
    results, participants = (
        schemas.results(["Drug A", "Placebo"], named=True),
        schemas.participants(["G1", "G2"], named=True),
    )
    assert [(list(row), row["title"]["const"]) for row in rows(results, "results")] == [
        (["title", "value"], t) for t in ("Drug A", "Placebo")
    ]
    assert [row["groupId"]["const"] for row in rows(participants, "results")] == ["G1", "G2"]


@given(st.integers(1, 40))
def test_the_number_of_evaluations_is_the_number_of_criteria(count: int) -> None:
    schema = schemas.screening(count)
    assert len(answer_for(schema, str(count))["evaluations"]) == count
    assert schemas.rationale_limit(count) >= 200


# ---------------------------------------------------------------- with the real constraint library


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """A tokenizer of single bytes and some longer pieces: the worst case for length, and quick."""
    llguidance = pytest.importorskip("llguidance")
    pieces = (
        [b"\xff</s>"] + [bytes([b]) for b in range(256)] + [b" the", b"ab", b'": "', b"trial", b'"}', b"NO", b"YES"]
    )

    class Bytes:
        eos_token_id, bos_token_id, tokens, special_token_ids = 0, None, pieces, [0]

        def __call__(self, text: bytes | str) -> list[int]:
            return [b + 1 for b in (text.encode() if isinstance(text, str) else text)]

    return llguidance.LLTokenizer(llguidance.TokenizerWrapper(Bytes())), pieces


def decode(tokenizer: Any, schema: dict[str, Any], rng: random.Random, closing: bool) -> str:
    """Choose among the allowed ASCII tokens; without ``closing``, never one that closes a string while there is
    another."""
    import llguidance

    from leads_local.engine.constraint import write_grammar

    tok, pieces = tokenizer
    matcher = llguidance.LLMatcher(tok, llguidance.LLMatcher.grammar_from_lark(write_grammar(schema, DEFAULT_STYLE)))
    assert not matcher.get_error()
    out: list[int] = []
    while not matcher.is_stopped():
        mask = np.frombuffer(matcher.compute_bitmask(), dtype=np.uint8)
        allowed = [int(i) for i in np.flatnonzero(np.unpackbits(mask, bitorder="little")[: len(pieces)])]
        plain = [i for i in allowed if i and pieces[i].isascii() and b"\\" not in pieces[i] and pieces[i] != b"\x7f"]
        longer = [i for i in plain if len(pieces[i]) == 1 and pieces[i] not in b'"]']
        token = rng.choice((plain if closing else longer or plain) or allowed)
        if token == 0:
            break
        assert matcher.consume_token(token)
        out.append(token)
    assert len(out) <= schemas.answer_tokens(schema), "the room does not hold this answer"
    return b"".join(pieces[i] for i in out).decode()


@pytest.mark.parametrize("closing", [True, False], ids=["any", "never closing"])
@pytest.mark.parametrize("name", EVERY)
def test_a_model_that_says_anything_ends_in_time_with_a_matching_answer(
    tokenizer: Any, name: str, closing: bool
) -> None:
    value = json.loads(decode(tokenizer, EVERY[name], random.Random(name), closing))
    assert_matches(value, EVERY[name])


def assert_matches(value: Any, schema: dict[str, Any]) -> None:
    if "const" in schema or "enum" in schema:
        assert value in schema.get("enum", [schema.get("const")])
    elif value is None or isinstance(value, int | float):
        assert "number" in schema["type"] and value not in (float("inf"), float("-inf"))
    elif "string" in schema["type"]:
        assert schema.get("minLength", 0) <= len(value) <= schema["maxLength"]
    elif schema["type"] == "object":
        assert list(value) == list(schema["properties"])
        for key, part in schema["properties"].items():
            assert_matches(value[key], part)
    else:
        assert schema["minItems"] <= len(value) <= schema["maxItems"]
        for number, item in enumerate(value):
            assert_matches(item, schema["prefixItems"][number] if "prefixItems" in schema else schema["items"])


def test_the_more_criteria_the_shorter_each_reason_so_that_the_answer_keeps_its_room() -> None:
    limits = {count: schemas.rationale_limit(count) for count in (0, 1, 4, 5, 8, 10, 11, 50)}
    assert limits == {0: 500, 1: 500, 4: 500, 5: 400, 8: 250, 10: 200, 11: 200, 50: 200}

    def longest(schema: dict[str, Any]) -> int:
        entries = schema["properties"]["evaluations"]
        last = entries["prefixItems"][-1] if "prefixItems" in entries else entries["items"]
        return int(last["properties"]["rationale"]["maxLength"])

    assert [longest(schemas.screening(count)) for count in (4, 8, 50)] == [500, 250, 200]
    assert longest(schemas.screening(1, of=8)) == longest(schemas.reason(["YES", "NO"], 8)) == 250

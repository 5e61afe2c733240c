"""What the constraint lets through is JSON that matches the schema, in one fixed layout; a bad schema is named."""

from __future__ import annotations

import json
import operator
from dataclasses import replace
from typing import Any

import pytest
from llguidance import LLTokenizer

from leads_local.engine import constraint
from leads_local.engine.constraint import ConstraintError, SchemaError, within_word
from leads_local.engine.json_style import FREE_STYLE, JsonStyle, detect_style
from leads_local.engine.types import Request
from leads_local.tasks import schemas
from tests.engine.conftest import Bench
from tests.engine.test_json_style import written
from tests.fake_engine import answer_for

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"eligibility": {"enum": ["YES", "NO"]}, "rationale": {"type": "string", "maxLength": 400}},
    "required": ["eligibility", "rationale"],
    "additionalProperties": False,
}


def accepted(bench: Bench, schema: dict[str, Any], text: str) -> bool:
    constraint = bench.compiler.constraint(schema)
    ids = bench.model.tokenize(text)  # with the space that the tokenizer adds
    return constraint.admits(ids) == len(ids)


def test_layout_is_fixed(bench: Bench) -> None:
    value = {"eligibility": "YES", "rationale": "It says “adults”."}
    assert accepted(bench, SCHEMA, json.dumps(value, ensure_ascii=False))
    assert not accepted(bench, SCHEMA, json.dumps(value, ensure_ascii=False, indent=1))
    assert not accepted(bench, SCHEMA, json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    assert not accepted(bench, SCHEMA, json.dumps({**value, "more": 1}, ensure_ascii=False))
    assert not accepted(bench, SCHEMA, json.dumps({**value, "rationale": "x" * 401}))


@pytest.mark.parametrize(("least", "most"), [(0, 0), (0, 3), (1, 1), (2, 2), (2, 4)])
def test_a_list_has_as_many_entries_as_its_schema_says_and_not_one_more(bench: Bench, least: int, most: int) -> None:
    schema = {"type": "array", "items": {"enum": ["YES", "NO"]}, "minItems": least, "maxItems": most}
    counts = [count for count in range(7) if accepted(bench, schema, json.dumps(["NO"] * count))]
    assert counts == list(range(least, most + 1))


def test_forced_tokens_are_what_the_tokenizer_gives(bench: Bench) -> None:
    constraint = bench.compiler.constraint(SCHEMA)
    assert constraint.forced() == bench.model.tokenize('{"eligibility": "')[: len(constraint.forced())]
    text = b"".join(bench.model.vocabulary.pieces[i] for i in constraint.forced())
    assert text == b' {"eligibility": "'


def test_mask_and_admits_agree(bench: Bench) -> None:
    constraint = bench.compiler.constraint(SCHEMA)
    constraint.consume(constraint.forced())
    mask = constraint.allowed()
    for token in range(0, 32768, 97):
        assert bool(mask[token]) == (constraint.admits([token]) == 1)
    assert int(mask.sum()) == sum(constraint.admits([token]) for token in range(32768))


def test_copies_are_independent_and_wrong_tokens_are_errors(bench: Bench) -> None:
    one, other = bench.compiler.constraint(SCHEMA), bench.compiler.constraint(SCHEMA)
    one.consume(one.forced())
    assert other.forced() != one.forced()
    with pytest.raises(ConstraintError):
        other.consume([5])


@pytest.mark.parametrize(
    "schema",
    [{"type": "nonsense"},
     {"type": "object", "properties": 3}, {"$ref": "#/nowhere"}, {"type": "string", "pattern": "("}, [], 3,
     {"a": object()},
     {"type": "integer", "minimum": 5, "maximum": 2}, {"type": "array", "minItems": "x"}, {"enum": 3},
     {"prefixItems": 3},
     {"type": "array", "items": {"type": "string"}, "maxItems": "x"}, {"type": ["string", "object"], "maxLength": 3}],
)  # fmt: skip
def test_bad_schemas_are_named(bench: Bench, schema: Any) -> None:
    with pytest.raises(SchemaError, match="schema"):
        bench.compiler.constraint(schema)


LAYOUTS = [
    JsonStyle(),
    JsonStyle(",", ":"),
    JsonStyle(fence="```json"),
    JsonStyle(indent="  "),
    JsonStyle(indent="\t", key=":", flat=True, fence="```"),
    JsonStyle(indent="", fence="```json"),
]
HOSTILE = ['say "yes" \\ {x}', "naïve “é” | ( ) * /a/ %json", "[INST] </s> #"]
NAMES = [*HOSTILE, "a\x00\x1f\x7f\x80\u2028\ufeff\U0001f600", "tab\tand\nline"]
SCHEMAS = {
    "screening": schemas.screening(2),
    "reason": schemas.reason(["YES", "NO"], 3),
    "characteristics": schemas.characteristics(HOSTILE, quotes=True),
    "results": schemas.results(HOSTILE),
    "participants": schemas.participants([]),
    "arms": schemas.arms(),
    "search": schemas.search(),
}


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("name", SCHEMAS)
def test_every_layout_is_forced_as_a_model_would_write_it(bench: Bench, layout: JsonStyle, name: str) -> None:
    for seed in ("a", "b", "c"):
        value = answer_for(SCHEMAS[name], seed)
        text = written(value, layout)
        constraint = bench.compiler.constraint(SCHEMAS[name], layout)
        forced = constraint.forced()
        ids = bench.model.tokenize(text)
        assert ids[: len(forced)] == forced
        assert constraint.admits(ids) == len(ids), text
        for other in LAYOUTS:
            if (elsewhere := written(value, other)) != text:
                fits = bench.compiler.constraint(SCHEMAS[name], layout)
                ids = bench.model.tokenize(elsewhere)
                whole = fits.admits(ids) == len(ids)
                if whole:
                    fits.consume(ids)
                assert not (whole and fits.finished)


@pytest.mark.parametrize("layout", LAYOUTS[2:5], ids=str)
def test_a_model_that_is_forced_into_a_layout_is_found_to_write_it(bench: Bench, layout: JsonStyle) -> None:
    works = [Request(name, "Answer.", SCHEMAS[name], 2000, layout) for name in ("screening", "results")]
    for work in bench.answer(works).values():
        found = detect_style(bench.text(work.output))
        assert found is not None
        assert (found.key, found.indent, found.fence) == (layout.key, layout.indent, layout.fence)


def test_with_white_space_left_free_every_layout_is_allowed_and_none_is_endless(bench: Bench) -> None:
    value = answer_for(SCHEMAS["results"], "a")
    for layout in LAYOUTS:
        ids = bench.model.tokenize(written(value, layout))
        assert bench.compiler.constraint(SCHEMAS["results"], FREE_STYLE).admits(ids) == len(ids)
    for odd in (
        json.dumps(value).replace(", ", " , "),
        json.dumps(value).replace(": ", " : "),
    ):  # no layout has white space there
        assert bench.compiler.constraint(SCHEMAS["results"], FREE_STYLE).admits(bench.model.tokenize(odd)) < 20
    endless = bench.model.tokenize("{" + " " * 60 + '"paramType": "x"')
    assert bench.compiler.constraint(SCHEMAS["results"], FREE_STYLE).admits(endless) < len(endless)


def every_schema(count: int) -> dict[str, dict[str, Any]]:
    """Each schema of each task and pack, for ``count`` criteria, fields or groups. Without groups, they may be named
    freely."""
    names, words = (NAMES * 2)[:count], ["YES", "NO", "PARTIAL", "UNCERTAIN"] * 2
    names = [f"{number}: {name}" for number, name in enumerate(names, 1)]
    found: dict[str, dict[str, Any]] = {"search": schemas.search(), "arms": schemas.arms()}
    for pack, given in (("default", ()), ("compact", names)):
        found |= {
            f"{pack} screening": schemas.screening(count, given),
            f"{pack} verdicts": schemas.verdicts(count, given),
            f"{pack} reason": schemas.reason(words[: max(count, 1)], max(count, 1), given),
            f"{pack} results": schemas.results(names, bool(given)),
            f"{pack} participants": schemas.participants(names, bool(given)),
        }
    return found | {
        f"characteristics, quotes {quotes}": schemas.characteristics(names, quotes) for quotes in (False, True)
    }


def filled(schema: dict[str, Any], items: int, bare: bool) -> Any:
    """An answer whose lists have ``items`` entries where that is free, with numbers and null where ``bare`` says so."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][items % len(schema["enum"])]
    if schema["type"] == "object":
        return {name: filled(part, items, bare) for name, part in schema["properties"].items()}
    if schema["type"] == "array":
        if "prefixItems" in schema:
            return [filled(part, items, bare) for part in schema["prefixItems"]]
        return [
            filled(schema["items"], items, bare) for _ in range(max(schema["minItems"], min(items, schema["maxItems"])))
        ]
    if isinstance(schema["type"], list) and bare:
        return [None, 56, 3.1, -0.25][items % 4]
    return 'a “text”, 3.10 (SD 2) \\" \n'[: schema["maxLength"]]


@pytest.mark.parametrize("count", [0, 1, 5])
@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_every_schema_can_be_asked_in_every_layout(bench: Bench, layout: JsonStyle, count: int) -> None:
    for name, schema in every_schema(count).items():
        for items in (0, 1, 2, 9):
            for bare in (False, True):
                text = written(filled(schema, items, bare), layout)
                ids = bench.model.tokenize(text)
                for asked in (layout, FREE_STYLE):
                    constraint = bench.compiler.constraint(schema, asked)
                    assert constraint.admits(ids) == len(ids), f"{name}: {text}"
                    constraint.consume(ids)
                    assert constraint.finished or asked.free, f"{name}: {text}"


@pytest.mark.parametrize("layout", [*LAYOUTS, FREE_STYLE], ids=str)
def test_a_reason_that_is_asked_for_can_t_be_empty_as_those_before_it_are(bench: Bench, layout: JsonStyle) -> None:
    for text, fits in (("", False), ("Yes.", False), ("All were adults.", True)):
        rows = [{"eligibility": "YES", "rationale": ""}, {"eligibility": "NO", "rationale": text}]
        ids = bench.model.tokenize(written({"evaluations": rows}, layout))
        assert (bench.compiler.constraint(schemas.reason(["YES", "NO"], 3), layout).admits(ids) == len(ids)) is fits


@pytest.mark.parametrize("layout", [*LAYOUTS, FREE_STYLE], ids=str)
def test_words_out_of_a_list_are_told_by_the_schema(layout: JsonStyle) -> None:
    """At each place of a text: is a word that is one out of a list being written there?"""
    words = ["YES", 'say "NO": [x] {y}', "a\\", ""]
    evaluation = {"eligibility": {"enum": words}, "rationale": {"type": "string", "maxLength": 99}}
    entry = {"type": "object", "properties": evaluation, "required": list(evaluation)}
    named = {
        "type": "object",
        "properties": {"eligibility": {"const": "YES"}, **evaluation},
        "required": list(evaluation),
    }
    several = {"type": "array", "items": entry, "minItems": 0, "maxItems": 9}
    first = {"type": "array", "prefixItems": [entry, named, {"enum": words}], "items": False}
    schema = {"type": "object", "properties": {"first": first, "several": several, "eligibility": {"type": "string"}}}
    rows = [{"eligibility": word, "rationale": '", "eligibility": "'} for word in words]
    text = written({"first": [*rows[:2], words[1]], "several": rows, "eligibility": "YES"}, layout)
    expected, at = set(), 0
    for word in (words[0], words[1], words[1], *words):
        at = text.index(json.dumps(word), at)
        expected |= set(range(at + 1, at + len(json.dumps(word))))
        at += len(json.dumps(word))
        if text[at : at + 30].partition('"')[2].startswith("rationale"):
            at = text.index(json.dumps(rows[0]["rationale"]), at) + len(json.dumps(rows[0]["rationale"]))
    found = {place for place in range(len(text)) if within_word(schema, text[:place])}
    escapes = {place for place in expected if text[place - 1] == "\\"}  # half an escape
    assert found - escapes == expected - escapes


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_numbers_stand_bare_as_leads_was_trained_to_write_them(bench: Bench, layout: JsonStyle) -> None:
    once = {"paramType": "MEAN", "unitOfMeasure": "points", "timeFrame": "12 weeks", "unitOfDenom": "Participants"}
    rows = [{"value": 3.1, "title": "A"}, {"value": None, "title": "B"}, {"value": "2.10 (SD 1)", "title": "A"}]
    schema, quoted = schemas.results(["A", "B", "C"]), replace(layout, numbers=False)
    for value in (56, -0.5, 0, 1e-9, 12345678901234567890, "56", "NA", None):
        text = written({**once, "denomValue": value, "results": rows[: 1 + isinstance(value, str)]}, layout)
        texts = written({**once, "denomValue": str(value), "results": [{"value": "3.1", "title": "A"}]}, layout)
        for admits, said, fits in (
            (layout, text, True),
            (quoted, text, False),
            (layout, texts, True),
            (quoted, texts, True),
        ):
            ids = bench.model.tokenize(said)
            assert (bench.compiler.constraint(schema, admits).admits(ids) == len(ids)) is fits, said
    for wrong in ("01", "1.", ".5", "+1", "1" * 41, "true", "NaN"):
        ids = bench.model.tokenize(written({**once, "denomValue": "?", "results": rows}, layout).replace('"?"', wrong))
        assert bench.compiler.constraint(schema, layout).admits(ids) < len(ids)


def test_an_llguidance_that_knows_one_end_only_gets_the_models_own(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest one for RHEL 8 is such."""

    class OlderTokenizer:
        @staticmethod
        def from_llamacpp(*, eos_token: int, **others: Any) -> Any:
            return LLTokenizer.from_llamacpp(eos_token=operator.index(eos_token), **others)  # type: ignore[attr-defined]

    monkeypatch.setattr(constraint, "LLTokenizer", OlderTokenizer)
    answer = constraint.Compiler(bench.model.vocabulary).constraint(SCHEMA)
    ids = bench.model.tokenize('{"eligibility": "YES", "rationale": "Adults."}')
    assert answer.admits(ids) == len(ids)

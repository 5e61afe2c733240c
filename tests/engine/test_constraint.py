"""What the constraint lets through is JSON that matches the schema, in one fixed layout; a bad schema is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from leads_local.engine.constraint import ConstraintError, SchemaError
from tests.engine.conftest import Bench

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
     {"type": "object", "properties": 3}, {"$ref": "#/nowhere"}, {"type": "string", "pattern": "("}, [], 3, {"a": object()},
     {"type": "integer", "minimum": 5, "maximum": 2}, {"type": "array", "minItems": "x"}],
)  # fmt: skip
def test_bad_schemas_are_named(bench: Bench, schema: Any) -> None:
    with pytest.raises(SchemaError, match="schema"):
        bench.compiler.constraint(schema)

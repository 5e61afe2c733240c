"""The fake engine keeps the protocol's promises; otherwise every test that leans on it proves nothing."""

from __future__ import annotations

import json
import threading

import pytest

from leads_local.engine import Engine
from leads_local.engine.types import FinishReason, Request
from leads_local.errors import ModelError
from tests.fake_engine import FakeEngine

SCHEMA = {
    "type": "object",
    "properties": {
        "evaluations": {
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "items": {
                "type": "object",
                "properties": {
                    "eligibility": {"enum": ["YES", "NO"]},
                    "rationale": {"type": "string", "maxLength": 20},
                },
                "required": ["eligibility", "rationale"],
            },
        },
        "kind": {"const": "x"},
    },
    "required": ["evaluations", "kind"],
}


def test_answers_match_the_schema_and_repeat() -> None:
    engine: Engine = FakeEngine()
    requests = [Request(str(i), f"prompt {i}", SCHEMA) for i in range(9)]
    first = list(engine.run(requests))
    assert [r.id for r in first] == [r.id for r in requests] and all(r.ok for r in first)
    for reply in first:
        value = json.loads(reply.text)
        assert [set(e) for e in value["evaluations"]] == [{"eligibility", "rationale"}] * 2
        assert all(len(e["rationale"]) <= 20 and e["eligibility"] in {"YES", "NO"} for e in value["evaluations"])
        assert value["kind"] == "x"
    assert [r.text for r in engine.run(requests)] == [r.text for r in first]
    assert len({r.text for r in first}) > 1


def test_errors_cuts_order_and_death() -> None:
    requests = [Request(str(i), "p", SCHEMA) for i in range(4)]
    replies = {r.id: r for r in FakeEngine(errors={"1": "too long"}, cut=["2"], reverse=True).run(requests)}
    assert [replies[str(i)].finish for i in range(4)] == [
        FinishReason.STOP,
        FinishReason.ERROR,
        FinishReason.LENGTH,
        FinishReason.STOP,
    ]
    assert replies["1"].error == "too long"
    dying = FakeEngine(dies_after=2).run(requests)
    assert next(dying).ok and next(dying).ok
    with pytest.raises(ModelError):
        next(dying)


def test_cancel_and_laziness() -> None:
    cancel = threading.Event()
    engine = FakeEngine(window=2)
    run = engine.run((Request(str(i), "p") for i in range(10)), cancel)
    assert next(run).ok and len(engine.seen) == 2
    cancel.set()
    assert [r.finish for r in run] == [FinishReason.CANCELLED] * 9

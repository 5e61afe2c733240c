"""Each bound of each schema is marked when it is reached, in the review and in the API, and held by the tokens that are
asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from leads_local import api
from leads_local.engine.types import Reply, Request
from leads_local.records import Arm, Criterion, Field, Measure, Outcome, Question, ScreeningMode
from leads_local.tasks import arms, characteristics, participants, prompts, replies, results, screening, search
from leads_local.tasks.prompts import PromptPack
from tests.fake_engine import FakeEngine

Path = tuple[str | int, ...]
CRITERIA = (Criterion("Population", "adults"), Criterion("Design", "randomised"))
ARMS = (Arm("Walking"), Arm("Usual care"))
QUESTION = Question(population="adults", intervention="walking")
FIELDS = (Field("Age"), Field("Country"))


@dataclass(frozen=True)
class Asked:
    """``ask`` makes the request, ``read`` gives all that a reviewer or caller sees of the answer; ``exact`` are lists
    of a number that is asked for."""

    ask: Callable[[PromptPack], Request]
    read: Callable[[Reply, PromptPack], object]
    exact: tuple[Path, ...] = ()


def in_the_api(call: Callable[[], object]) -> Callable[[Reply, PromptPack], object]:
    def read(reply: Reply, pack: PromptPack) -> object:
        api.configure(engine=FakeEngine(lambda _: reply.text), prompt_pack=pack.name)
        return call()

    return read


def judged(reply: Reply) -> object:
    return screening.parse(reply, CRITERIA)


JUDGEMENTS = screening.parse(
    Reply("r", json.dumps({"evaluations": [{"eligibility": "NO", "rationale": ""}] * 2})), CRITERIA
)
PICO = ("adults", "walking", None, None)
FREE = ("A", "MEAN", "years", "G1: A")
EVERY = {
    "screening": Asked(
        lambda pack: screening.request("", "", CRITERIA, pack), lambda reply, _: judged(reply), (("evaluations",),)
    ),
    "words": Asked(
        lambda pack: screening.request("", "", CRITERIA, pack, ScreeningMode.TRIAGE),
        lambda reply, _: judged(reply),
        (("evaluations",),),
    ),
    "reason": Asked(
        lambda pack: screening.reason_request("", "", JUDGEMENTS, 1, pack),
        lambda reply, pack: screening.parse_reason(reply, 1, 2, pack),
    ),
    "search": Asked(lambda pack: search.request("", QUESTION, pack), lambda reply, _: search.parse(reply).flags),
    "characteristics": Asked(
        lambda pack: characteristics.request("", "", FIELDS, pack),
        lambda reply, _: characteristics.parse(reply, FIELDS),
    ),
    "results": Asked(
        lambda pack: results.request("", "", Outcome("Pain"), ARMS, pack),
        lambda reply, _: results.parse(reply, Outcome("Pain"), ARMS),
        (("results",),),
    ),
    "participants": Asked(
        lambda pack: participants.request("", "", Measure("Age"), ARMS, pack),
        lambda reply, _: participants.parse(reply, Measure("Age"), ARMS),
        (("results",),),
    ),
    "arms": Asked(
        lambda pack: arms.request("", "", pack),
        lambda reply, _: arms.make_values(arms.parse(reply), arms.completeness_note(reply)),
    ),
    "API search": Asked(
        lambda pack: search.request("", QUESTION, pack), in_the_api(lambda: api.search_query_generation(*PICO))
    ),
    "API screening": Asked(
        lambda pack: screening.request("", "", CRITERIA, pack),
        in_the_api(lambda: api.screening_study("", *PICO)),
        (("evaluations",),),
    ),
    "API characteristics": Asked(
        lambda pack: characteristics.request("", "", FIELDS, pack),
        in_the_api(lambda: api.extract_study_characteristics("", ["Age", "Country"])),
    ),
    "API results": Asked(
        lambda pack: results.compose_request("", "", "A", "B", pack),
        in_the_api(lambda: api.extract_trial_result("", "A", "B")),
    ),
    "API participants": Asked(
        lambda pack: participants.compose_request("", "", *FREE, pack),
        in_the_api(lambda: api.extract_population_statistics("", *FREE)),
    ),
    "API arms": Asked(lambda pack: arms.request("", "", pack), in_the_api(lambda: api.extract_arm_design(""))),
}
PACKS = {name: prompts.load(name) for name in prompts.SHIPPED}


def bounds(schema: dict[str, Any], path: Path = ()) -> Iterator[Path]:
    """Where in a value a text or a list has a bound."""
    if {"const", "enum"} & schema.keys():
        return
    if "string" in schema["type"]:
        yield path
    for name, part in schema.get("properties", {}).items():
        yield from bounds(part, (*path, name))
    for place, part in enumerate(schema.get("prefixItems", ())):
        yield from bounds(part, (*path, place))
    if schema.get("items"):
        if schema["maxItems"] > schema["minItems"]:
            yield path
        yield from bounds(schema["items"], (*path, 0))


def value(schema: dict[str, Any], path: Path | None, short: int = 0) -> Any:
    """A small value in which what stands at ``path`` is as long as it may be, but for ``short``."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "string" in schema["type"]:
        return "x" * max(schema["maxLength"] - short, 1) if path == () else "x"
    if schema["type"] == "object":
        return {
            name: value(part, path[1:] if path and path[0] == name else None, short)
            for name, part in schema["properties"].items()
        }
    if "prefixItems" in schema:
        return [
            value(part, path[1:] if path and path[0] == place else None, short)
            for place, part in enumerate(schema["prefixItems"])
        ]
    count = schema["maxItems"] - bool(short) if path == () else max(schema["minItems"], 1)
    return [value(schema["items"], path[1:] if path and path[0] == place else None, short) for place in range(count)]


def marked(seen: object) -> bool:
    return replies.CUT_MARK in str(seen) or replies.FULL_REMARK in str(seen)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    api.configure()


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
@pytest.mark.parametrize("name", EVERY)
def test_every_bound_that_is_reached_is_marked_and_fits(name: str, pack: PromptPack) -> None:
    asked = EVERY[name]
    request = asked.ask(pack)
    if request.split:  # its parts have the bounds of the whole
        parts = [list(bounds(part.schema or {})) for part in request.split]
        assert {path[-1:] for part in parts for path in part} == {
            path[-1:] for path in bounds(request.schema or {}) if path
        }
    assert request.schema is not None
    assert not marked(asked.read(Reply("r", json.dumps(value(request.schema, None))), pack))
    for path in bounds(request.schema):
        said = json.dumps(value(request.schema, path))
        assert len(said) < request.max_tokens
        if path not in asked.exact:
            assert marked(asked.read(Reply("r", said), pack)), path
            assert not marked(asked.read(Reply("r", json.dumps(value(request.schema, path, 16))), pack)), path

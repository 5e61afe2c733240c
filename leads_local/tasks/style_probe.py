"""Find out once how a model lays out the JSON of each task, and give its prompts that layout from then on.

Each task is asked once, about a small made-up study in the wording of the pack in use, with the white space left to the
model, numbers bare or in quotation marks as it likes, and texts kept short. What it wrote is kept
(``tasks.style_store``), also that it showed no clear layout; then the default is forced. A model without a file, or one
that did not answer, is not kept and simply gets the default.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from leads_local.engine import Engine
from leads_local.engine import identity as identities
from leads_local.engine.json_style import DEFAULT_STYLE, FREE_STYLE, JsonStyle, detect_style, quotes_numbers
from leads_local.engine.types import ModelInfo, Reply, Request
from leads_local.records import Arm, Criterion, Field, Measure, Outcome, Question
from leads_local.tasks import arms, characteristics, participants, results, schemas, screening, search, style_store
from leads_local.tasks.prompts import PromptPack
from leads_local.tasks.style_store import StyleFinding

SCREENING = ("screening",)
EXTRACTION = ("arms", "characteristics", "results", "participants")
SEARCH = ("search",)
TASKS = (*SCREENING, *EXTRACTION, *SEARCH)

_TEXT = 60  # characters of a text at most
_ITEMS = 2  # entries of a list at most
_SPACE = 200  # tokens for white space
_SAMPLE = 160  # characters of the answer that are kept to be shown

_QUESTION = Question("", "adults with knee pain", "walking", "usual care", "pain after 12 weeks")
_PAPER = (
    "[Title] Walking for painful knees: a randomised trial\n[Abstract] We randomised 84 adults with knee pain to "
    "supervised walking (42) "
    "or usual care (42) for 12 weeks. Pain fell by 2.1 points with walking and by 0.9 with usual care. Mean age "
    "was 61 years."
)
_ARMS = (Arm("Walking", "EXPERIMENTAL"), Arm("Usual care", "NO_INTERVENTION"))
_SAMPLE_REQUESTS: dict[str, Callable[[PromptPack], Request]] = {
    "screening": lambda pack: screening.request(
        "", _PAPER, [Criterion("Population", "adults"), Criterion("Design", "randomised")], pack
    ),
    "arms": lambda pack: arms.request("", _PAPER, pack),
    "characteristics": lambda pack: characteristics.request(
        "", _PAPER, [Field("Sample size"), Field("Condition")], pack
    ),
    "results": lambda pack: results.request("", _PAPER, Outcome("Pain"), _ARMS, pack),
    "participants": lambda pack: participants.request("", _PAPER, Measure("Age", unit="years"), _ARMS, pack),
    "search": lambda pack: search.request("", _QUESTION, pack),
}


def fit_pack(
    pack: PromptPack,
    engine: Engine,
    tasks: Sequence[str] = TASKS,
    cancel: threading.Event | None = None,
    told: Callable[[], None] = lambda: None,
) -> PromptPack:
    """``pack`` with the layouts of this model; what is not known yet of ``tasks`` is found out first, and ``told`` is
    called before."""
    model = identity(engine.model)
    if not model:
        return pack
    unknown = [task for task in tasks if f"{pack.name}/{task}" not in style_store.read_findings(model)]
    if unknown:
        told()
        style_store.keep(model, probe(pack, engine, unknown, cancel))
    return apply_known_styles(pack, engine.model)


def apply_known_styles(pack: PromptPack, model: ModelInfo) -> PromptPack:
    """``pack`` with the layouts that have been found of this model so far; the default needs no mention."""
    found = style_store.read_findings(identity(model))
    laid_out = {
        task: one.layout
        for task in TASKS
        if (one := found.get(f"{pack.name}/{task}")) is not None and one.layout is not None
    }
    return replace(
        pack, json_styles=MappingProxyType({task: one for task, one in laid_out.items() if one != DEFAULT_STYLE})
    )


def identity(model: ModelInfo) -> str:
    """What a model's findings are kept under; "" where there is no file."""
    path = Path(model.path)
    return model.sha256 or identities.of(path) if path.is_file() else ""


def probe(
    pack: PromptPack, engine: Engine, tasks: Sequence[str], cancel: threading.Event | None = None
) -> dict[str, StyleFinding]:
    """Ask once for each of ``tasks``; ``PACK/TASK`` → what was found. A task without an answer is not among them."""
    bare = replace(pack, json_styles=MappingProxyType({}))
    requests = [_free_request(f"{pack.name}/{task}", _SAMPLE_REQUESTS[task](bare)) for task in tasks]
    replies = {reply.id: reply for reply in engine.run(requests, cancel) if reply.output_tokens}
    asked = [(request, replies[request.id]) for request in requests if request.id in replies]
    return {request.id: StyleFinding(_find_style(request, reply), reply.text[:_SAMPLE]) for request, reply in asked}


def _find_style(request: Request, reply: Reply) -> JsonStyle | None:
    layout = detect_style(reply.text) if reply.ok else None
    if layout is None or request.schema is None or not schemas.takes_numbers(request.schema):
        return layout
    return replace(layout, numbers=not quotes_numbers(reply.text))


def _free_request(name: str, request: Request) -> Request:
    assert request.schema is not None
    schema = _shorten_schema(request.schema)
    return replace(request, id=name, schema=schema, max_tokens=schemas.longest_bytes(schema) + _SPACE, style=FREE_STYLE)


def _shorten_schema(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_shorten_schema(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    short = {key: _shorten_schema(part) for key, part in schema.items()}
    if isinstance(short.get("maxLength"), int):
        short["maxLength"] = min(short["maxLength"], _TEXT)
    if isinstance(short.get("maxItems"), int) and "prefixItems" not in short:
        short["maxItems"] = max(min(short["maxItems"], _ITEMS), int(short.get("minItems", 0)))
    return short

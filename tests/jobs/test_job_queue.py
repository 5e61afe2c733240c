"""Keys: the same question has the same key, and a question that differs in anything has another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leads_local.engine.json_style import DEFAULT_STYLE
from leads_local.engine.types import ModelInfo, Request
from leads_local.jobs import job_queue
from leads_local.review.store.job_rows import RowQuestion

QUESTION = RowQuestion("screening", "abstract", 7, "item")
REQUEST = Request("id", "prompt", {"type": "object", "properties": {"a": {}, "b": {}}}, 100)
MODEL = ModelInfo("m", "/one/m.gguf", "a" * 64, "llama", "Q4_K_M", 7)


def key(question: RowQuestion = QUESTION, request: Request = REQUEST, model: ModelInfo = MODEL, pack: str = "p") -> str:
    return job_queue.question_key(question, request, model, pack)


@pytest.mark.parametrize(
    "other",
    [
        key(replace(QUESTION, task="arms")),
        key(replace(QUESTION, stage="fulltext")),
        key(replace(QUESTION, record_id=8)),
        key(replace(QUESTION, item="other")),
        key(request=replace(REQUEST, prompt="prompt ")),
        key(request=replace(REQUEST, schema={"type": "object", "properties": {"b": {}, "a": {}}})),
        key(request=replace(REQUEST, schema=None)),
        key(request=replace(REQUEST, max_tokens=101)),
        key(request=replace(REQUEST, style=DEFAULT_STYLE)),
        key(request=replace(REQUEST, split=(REQUEST, REQUEST))),
        key(model=replace(MODEL, sha256="b" * 64)),
        key(model=replace(MODEL, sha256="")),
        key(pack="q"),
    ],
)
def test_another_question_has_another_key(other: str) -> None:
    assert other != key()


@pytest.mark.parametrize(
    "same",
    [
        key(request=replace(REQUEST, id="another id")),
        key(model=replace(MODEL, path="/two/m.gguf", name="renamed", gpu_layers=5, sequences=9, context=99)),
        key(replace(QUESTION, key="whatever it was")),
    ],
)
def test_what_does_not_change_the_answer_does_not_change_the_key(same: str) -> None:
    assert same == key()


def test_models_without_a_hash_are_told_apart_by_what_is_known() -> None:
    bare = replace(MODEL, sha256="")
    others = [
        replace(bare, name="n"),
        replace(bare, architecture="x"),
        replace(bare, quantization="F16"),
        replace(bare, parameters=8),
    ]
    assert len({key(model=model) for model in (bare, *others)}) == 5


def test_what_is_asked_in_parts_or_laid_out_otherwise_is_another_question() -> None:
    styled = [replace(REQUEST, style=replace(DEFAULT_STYLE, indent=indent)) for indent in (None, " ", "  ")]
    parted = [
        replace(REQUEST, split=tuple(replace(REQUEST, prompt=text) for text in said)) for said in ("ab", "ac", "a")
    ]
    assert len({key(request=one) for one in (*styled, *parted)}) == 6


def test_a_prompt_with_half_a_surrogate_has_a_key() -> None:
    assert key(request=replace(REQUEST, prompt="\udce9")) != key()


def test_names_are_unique_and_readable() -> None:
    assert job_queue.request_id(QUESTION) == "abstract/screening/7/item"
    assert job_queue.request_id(replace(QUESTION, item="")) == "abstract/screening/7"


@pytest.mark.parametrize(("count", "size", "sizes"), [(0, 3, []), (3, 3, [3]), (7, 3, [3, 3, 1])])
def test_portions(count: int, size: int, sizes: list[int]) -> None:
    found = list(job_queue.in_portions(iter(range(count)), size))
    assert [len(portion) for portion in found] == sizes
    assert [item for portion in found for item in portion] == list(range(count))

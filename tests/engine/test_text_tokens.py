"""Tokens that are text (a checkpoint's own line breaks, spaces and words): they are tokenized, constrained and shown as
the text that they are. Only control tokens are control."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import pytest

from convert import convert
from convert.corpus import TOKENIZER_TEXTS
from convert.gguf_reader import read_gguf
from convert.sentencepiece import USER_DEFINED
from leads_local.engine import header, template
from leads_local.engine.constraint import Compiler
from leads_local.engine.encoding import read_template_style
from leads_local.engine.json_style import JsonStyle
from leads_local.engine.llama import Model, route_log
from leads_local.engine.types import FinishReason, Request
from leads_local.engine.worker import Worker
from leads_local.tasks import schemas
from tests.checkpoints import BYTE_LEVEL_SIZE, VOCABULARY, byte_level_json, make_checkpoint, tokenizer_source
from tests.engine.conftest import Bench
from tests.engine.test_json_style import written
from tests.fake_engine import answer_for

ADDED = ("\n", "\n\n", "\t", "•  ", '": "', '"}]', "[TABLE 1]", "n-3", "</b>")
HOLDING = (
    "a\n\nb", "\n", "\n\n\n", "\n\n leading", "[TABLE 1]", "See [TABLE 1] here, [TABLE 1]x", "x: n-3 y, n-3n-3.",
    "•  a\n•  b",
    "[TABLE [TABLE 1]]",
    "<b>bold</b> text </b>", '{"a": "b"}', "\tcell\tcell\n", "[INST] n-3 [/INST]", "</s>\n", "\ue000\n\ue000 \ue001",
    "é\n日本\n🙂\n",
)  # fmt: skip
LAYOUTS = (JsonStyle(), JsonStyle(",", ":"), JsonStyle(indent="  "), JsonStyle(indent="\t", fence="```json"))


class Made(NamedTuple):
    bench: Bench
    path: Path
    reference: Callable[[str], list[int]]


def bytes_made(folder: Path) -> Made:
    from tokenizers import Tokenizer

    options: Any = {"hidden": 32, "layers": 1, "heads": 1, "kv_heads": 1, "ffn": 32, "tokenizer": "bytes"}
    source = make_checkpoint(folder / "source", vocabulary=BYTE_LEVEL_SIZE + len(ADDED), **options)
    described = json.loads(byte_level_json())
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    described["added_tokens"] += [{"id": BYTE_LEVEL_SIZE + n, "content": text, **plain} for n, text in enumerate(ADDED)]
    (source / "tokenizer.json").write_text(json.dumps(described))
    reference = Tokenizer.from_str(json.dumps(described))
    reference.encode_special_tokens = True
    return finished(source, lambda text: list(reference.encode(text, add_special_tokens=False).ids))


def sentencepiece_made(folder: Path, *, spaced: bool) -> Made:
    from sentencepiece import SentencePieceProcessor

    options: Any = {"hidden": 32, "layers": 1, "heads": 1, "kv_heads": 1, "ffn": 32}
    source = make_checkpoint(folder / "source", vocabulary=VOCABULARY + len(ADDED), **options)
    model = tokenizer_source().read_bytes()
    for text in ADDED:
        piece = text.replace(" ", "▁").encode()
        entry = (
            b"\x0a" + bytes([len(piece)]) + piece + b"\x15" + struct.pack("<f", 0.0) + b"\x18" + bytes([USER_DEFINED])
        )
        model += b"\x0a" + bytes([len(entry)]) + entry
    model += (
        b"\x1a\x04\x18" + bytes([spaced]) + b"\x20\x00"
    )  # its normalizer: a space before the text or not, others kept as they are
    (source / "tokenizer.model").write_bytes(model)
    config = json.loads((source / "tokenizer_config.json").read_text())
    (source / "tokenizer_config.json").write_text(json.dumps(config | {"add_prefix_space": spaced}))
    reference = SentencePieceProcessor(model_proto=model)
    return finished(source, lambda text: list(reference.encode(text)))


def finished(source: Path, reference: Callable[[str], list[int]]) -> Made:
    path = convert(source, "F32", source.parent / "made.gguf").path
    route_log(lambda _text: None)
    model = Model(path)
    return Made(
        Bench(model, read_template_style(model, header.read(path)), Compiler(model.vocabulary)), path, reference
    )


@pytest.fixture(scope="module", params=["bytes", "spaced", "unspaced"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp(request.param)
    return (
        bytes_made(folder) if request.param == "bytes" else sentencepiece_made(folder, spaced=request.param == "spaced")
    )


def shown(made: Made, ids: list[int]) -> str:
    """What the worker makes of an answer's tokens."""
    return Worker._text(cast(Worker, SimpleNamespace(_vocabulary=made.bench.model.vocabulary)), ids)


def test_only_control_tokens_are_special(made: Made) -> None:
    kinds = read_gguf(made.path).metadata["tokenizer.ggml.token_type"]
    assert list(kinds)[-len(ADDED) :] == [USER_DEFINED] * len(ADDED)
    special = made.bench.model.vocabulary.special
    assert not special.keys() & set(ADDED) and len(special) >= 5


def test_ids_are_those_of_the_reference_and_come_back_as_the_text(made: Made) -> None:
    model = made.bench.model
    added = {text: model.size - len(ADDED) + number for number, text in enumerate(ADDED)}
    for text in HOLDING:
        ids = model.tokenize(text)
        # before a text that begins with such a token llama.cpp puts no space, and sentencepiece does
        lead = 1 if model.vocabulary.adds_space and text.startswith(ADDED) else 0
        assert ids == made.reference(text)[lead:], text
        assert shown(made, ids) == text
    assert all(model.tokenize("x" + text)[-1] == token for text, token in added.items())


def test_other_texts_are_as_before(made: Made) -> None:
    model = made.bench.model
    texts = [text for text in TOKENIZER_TEXTS if not any(added in text for added in ADDED)]
    assert len(texts) > 50
    for text in texts:
        ids = model.tokenize(text)
        assert ids == made.reference(text) and (shown(made, ids) == text or "▁" in text or text.startswith(" ")), text


def test_a_template_s_words_are_tokenized_with_the_text_that_they_touch(tmp_path: Path) -> None:
    """The reference takes the whole rendered prompt; only control tokens cut it."""
    from jinja2 import Template
    from tokenizers import Tokenizer

    made = bytes_made(tmp_path)
    reference = Tokenizer.from_file(str(tmp_path / "source" / "tokenizer.json"))
    for text in ("n-3", "[TABLE 1]\n\nx", "a\n"):
        whole = "{{ bos_token }}<|start_header_id|>user<|end_header_id|>\n{{ messages[0].content }}\n<|eot_id|>\n"
        model = made.bench.model
        known = model.vocabulary
        found = template.derive_style(
            whole, known.special, bos=known.bos, eos=known.eos, adds_bos=True, adds_space=False, tokenize=model.tokenize
        ).ids(text, model.tokenize)
        rendered = Template(whole).render(bos_token="<|begin_of_text|>", messages=[{"content": text}])
        assert found == list(reference.encode(rendered, add_special_tokens=False).ids), text


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_answers_may_hold_them(made: Made, layout: JsonStyle) -> None:
    compiler, model = made.bench.compiler, made.bench.model
    schema = schemas.results(["Arm [TABLE 1]", "n-3"])
    for seed in ("a", "b"):
        text = written(answer_for(schema, seed), layout)
        ids = model.tokenize(text)
        constraint = compiler.constraint(schema, layout)
        forced = constraint.forced()
        assert ids[: len(forced)] == forced and constraint.admits(ids) == len(ids), text
        assert shown(made, ids) == text


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_whole_answers_are_json(made: Made, layout: JsonStyle) -> None:
    schema = schemas.screening(2)
    requests = [Request(str(n), f"Judge {n}.\n\n[TABLE 1]", schema, 3000, layout) for n in range(3)]
    for work in made.bench.answer(requests).values():
        assert work.finish is FinishReason.STOP, work.error
        text = shown(made, work.output).strip("`").removeprefix("json")
        assert len(json.loads(text)["evaluations"]) == 2


def test_a_token_that_ends_answers_is_control_whatever_the_checkpoint_calls_it(tmp_path: Path) -> None:
    options: Any = {
        "hidden": 32,
        "layers": 1,
        "heads": 1,
        "kv_heads": 1,
        "ffn": 32,
        "vocabulary": BYTE_LEVEL_SIZE,
        "tokenizer": "bytes",
    }
    source = make_checkpoint(tmp_path / "source", **options)
    config = json.loads((source / "tokenizer_config.json").read_text())
    (source / "tokenizer_config.json").write_text(json.dumps(config | {"eos_token": "[FIGURE 1]"}))
    model = Model(convert(source, "F32", tmp_path / "made.gguf").path, vocabulary_only=True)
    end = BYTE_LEVEL_SIZE - 1
    assert end in model.vocabulary.ends and model.vocabulary.special["[FIGURE 1]"] == end

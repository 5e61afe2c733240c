"""The key-value part: llama.cpp's converter's keys in its order, and its size labels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from gguf import size_label as reference_label
from hypothesis import given
from hypothesis import strategies as st

from convert import convert
from convert.conversion_plan import read_card
from convert.gguf_reader import read_gguf
from convert.metadata import NOTICE, PROMPT_PACK, ModelCard, make_metadata, size_label
from convert.proof import check_card
from convert.recipes import RECIPES
from convert.vocab import read_vocabulary
from tests.convert.conftest import Maker
from tests.convert.peer import run
from tests.convert.test_bpe_json import SMALL_JSON
from tests.convert.test_recipes import SEVEN

# What convert_hf_to_gguf.py and then llama-quantize write for a Mistral checkpoint with both tokenizer files.
KEYS = [
    "general.architecture",
    "general.type",
    "general.name",
    "general.size_label",
    "llama.block_count",
    "llama.context_length",
    "llama.embedding_length",
    "llama.feed_forward_length",
    "llama.attention.head_count",
    "llama.attention.head_count_kv",
    "llama.rope.freq_base",
    "llama.attention.layer_norm_rms_epsilon",
    "llama.attention.key_length",
    "llama.attention.value_length",
    "llama.vocab_size",
    "llama.rope.dimension_count",
    "tokenizer.ggml.add_space_prefix",
    "tokenizer.ggml.model",
    "tokenizer.ggml.pre",
    "tokenizer.ggml.tokens",
    "tokenizer.ggml.scores",
    "tokenizer.ggml.token_type",
    "tokenizer.ggml.bos_token_id",
    "tokenizer.ggml.eos_token_id",
    "tokenizer.ggml.unknown_token_id",
    "tokenizer.ggml.add_bos_token",
    "tokenizer.ggml.add_eos_token",
    "tokenizer.chat_template",
    "general.quantization_version",
    "general.file_type",
]


def test_keys_are_those_of_llama_cpp_in_its_order(tmp_path: Path, small: Path) -> None:
    found = read_gguf(convert(small, "Q4_K_M", tmp_path / "made.gguf").path).metadata
    assert list(found) == KEYS
    assert (found["general.architecture"], found["general.file_type"], found["tokenizer.ggml.model"]) == (
        "llama",
        15,
        "llama",
    )


def test_linear_scaling_of_positions_is_carried_over(tmp_path: Path, checkpoint: Maker) -> None:
    source = checkpoint(config={"rope_scaling": {"type": "linear", "factor": 4.0}})
    found = read_gguf(convert(source, "Q8_0", tmp_path / "made.gguf").path).metadata
    assert (found["llama.rope.scaling.type"], found["llama.rope.scaling.factor"]) == ("linear", 4.0)


@pytest.mark.parametrize(
    ("parameters", "label"),
    [(7_248_023_552, "7.2B"), (18_000_000, "18M"), (1_136_000_000, "1.1B"), (70_553_706_496, "71B")],
)
def test_labels_that_people_know(parameters: int, label: str) -> None:
    assert size_label(parameters) == label


@given(st.integers(1000, 10**13))
def test_every_label_is_gguf_s(parameters: int) -> None:
    assert size_label(parameters) == reference_label(parameters, 0, 0, 0)


def test_texts_with_broken_characters_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(SMALL_JSON)
    (tmp_path / "tokenizer_config.json").write_text('{"chat_template": "\\ud800 {{ x }}"}')
    vocabulary = read_vocabulary(tmp_path, replace(SEVEN, vocabulary=5))
    from convert.gguf_file import build_header

    assert b"? {{ x }}" in build_header(make_metadata(ModelCard("\ud800"), 1, SEVEN, vocabulary, RECIPES["Q8_0"]), [])


CARD = {"name": "Übung", "notice": "its answers are noise", "prompt_pack": "compact"}


def test_the_card_is_in_the_file_and_stays_there_when_it_is_quantized_again(tmp_path: Path, checkpoint: Maker) -> None:
    source = checkpoint()
    plain = convert(source, "BF16", tmp_path / "plain.gguf").path
    (source / "leads_local.json").write_text(json.dumps(CARD))
    made = convert(source, "BF16", tmp_path / "made.gguf").path
    assert run("quantize", source=made, jobs=[(str(tmp_path / "peer.gguf"), RECIPES["Q8_0"].file_type)]) == [0]
    for path in (made, tmp_path / "peer.gguf", convert(source, "Q4_K_M", tmp_path / "small.gguf").path):
        found = read_gguf(path).metadata
        assert (found["general.name"], found[NOTICE], found[PROMPT_PACK]) == tuple(CARD.values())
    assert not {NOTICE, PROMPT_PACK} & read_gguf(plain).metadata.keys()


def test_a_proof_looks_at_the_card(tmp_path: Path, checkpoint: Maker) -> None:
    source = checkpoint()
    old = convert(source, "Q8_0", tmp_path / "old.gguf").path
    (source / "leads_local.json").write_text(json.dumps(CARD))
    made = convert(source, "Q8_0", tmp_path / "made.gguf").path

    def look(path: Path) -> list[bool | None]:
        return [finding.good for finding in check_card(read_gguf(path), read_card(source))]

    assert look(made) == [True] and look(old) == [None]
    (source / "leads_local.json").write_text(json.dumps(CARD | {"prompt_pack": "default"}))
    assert look(made) == [False]
    (source / "leads_local.json").unlink()
    assert look(made) == []

"""Byte-level BPE, as in Llama 3 checkpoints: llama.cpp gives the ids of the tokenizers package, and what it can't do is
refused."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.pre_tokenizers import ByteLevel

from convert import byte_level, convert
from convert.byte_level import PRE_TOKENIZERS, byte_signs
from convert.corpus import TOKENIZER_TEXTS
from convert.errors import ConvertError
from convert.gguf_reader import read_gguf
from convert.sentencepiece import CONTROL, NORMAL, UNUSED, USER_DEFINED
from convert.vocab import read_vocabulary
from tests.checkpoints import (
    BYTE_LEVEL_SIZE,
    LLAMA_3_SPECIAL,
    LLAMA_3_TEMPLATE,
    byte_level_json,
    make_checkpoint,
    write_byte_level,
)
from tests.convert import peer
from tests.convert.test_vocab import model_of

TINY = {
    "hidden": 32,
    "layers": 1,
    "heads": 1,
    "kv_heads": 1,
    "ffn": 32,
    "vocabulary": BYTE_LEVEL_SIZE,
    "tokenizer": "bytes",
}
# what the expressions disagree about, if anything: signs beside letters, digits of all scripts, every kind of space and
# line end
HOSTILE = (
    "I'Ll, you'VE 'TIS ''s 'ſ 'K don’t", "12 123 1234 ١٢٣٤ ²³¹ ⅫⅣ 1,234.5e-6 0x1F",
    "a\r\nb\rc\n\n d\u2028e\u2029f\x85g\x0bh\x0ci",
    " \t \n \t\r\n  x", "\u3000全角\u00a0\u2003x\u200b\u200dy\u180ez", "__init__ snake_case camelCase --flag=1;",
    "e\u0301\u0327 क्षि ก็ำ 각",
    "\x00\x01\x1f\x7f", "😀👨‍👩‍👧‍👦🏳️‍🌈 🇩🇪🇩", "\U0001f600\ufe0f\U000e0001 \ud7ff\ue000", "[FIGURE 1] [FIGURE 1",
    "<|eot_id|> <|x|>",
    "  [FIGURE 1]  ", "x" * 300, "\n" * 300, " " * 301, "ab" * 150 + "\n", "Ⅷ½٪ª º ǅ ʰ ー 々 〆 〇", "𝟘𝒜𝕏 𐐀𐐨 𞤀",
    "µΩ≥≤±∞—–‐−",
)  # fmt: skip


@pytest.mark.parametrize("name", [known.name for known in PRE_TOKENIZERS])
def test_ids_are_those_of_the_tokenizers_package(tmp_path: Path, name: str) -> None:
    source = make_checkpoint(
        tmp_path / "source",
        hidden=32,
        layers=1,
        heads=1,
        kv_heads=1,
        ffn=32,
        vocabulary=BYTE_LEVEL_SIZE,
        tokenizer="none",
    )
    write_byte_level(source, name)
    made = convert(source, "F16", tmp_path / "made.gguf").path
    assert read_gguf(made).metadata["tokenizer.ggml.pre"] == name
    reference = Tokenizer.from_str(byte_level_json(name))
    reference.encode_special_tokens = True
    texts = [*TOKENIZER_TEXTS, *HOSTILE, Path(__file__).read_text(encoding="utf-8")]
    found = peer.run("tokenize", model=str(made), texts=texts)
    wrong = [
        text
        for text, ids in zip(texts, found, strict=True)
        if ids != reference.encode(text, add_special_tokens=False).ids
    ]
    assert not wrong


def test_vocabulary_is_the_tokenizer_s(tmp_path: Path) -> None:
    write_byte_level(tmp_path)
    found, reference = read_vocabulary(tmp_path, model_of(BYTE_LEVEL_SIZE + 2)), Tokenizer.from_str(byte_level_json())
    assert [piece.text.decode() for piece in found.pieces[:BYTE_LEVEL_SIZE]] == [
        reference.id_to_token(i) for i in range(BYTE_LEVEL_SIZE)
    ]
    kinds = [CONTROL] * len(LLAMA_3_SPECIAL) + [USER_DEFINED, UNUSED, UNUSED]
    assert [piece.kind for piece in found.pieces] == [NORMAL] * (BYTE_LEVEL_SIZE + 2 - len(kinds)) + kinds
    first = BYTE_LEVEL_SIZE - len(LLAMA_3_SPECIAL) - 1
    assert found.special == {"bos": first, "eos": first + 4}
    assert (found.model, found.pre, found.space_prefix, found.adds) == (
        "gpt2",
        "llama-bpe",
        None,
        {"bos": True, "eos": False, "sep": False},
    )
    assert found.template == LLAMA_3_TEMPLATE
    merges = json.loads(byte_level_json())["model"]["merges"]
    assert found.merges == tuple(" ".join(pair) for pair in merges)


def test_signs_of_bytes_are_those_of_the_tokenizers_package() -> None:
    assert sorted(byte_signs()) == sorted(ByteLevel.alphabet())
    assert ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(" é\n")[0][0] == "".join(
        byte_signs()[byte] for byte in " é\n".encode()
    )


def without(bytes_: Iterable[int], **model: object) -> dict[str, Any]:
    """A tokenizer that has never met these bytes, as one that was trained on texts without them."""
    found: dict[str, Any] = json.loads(byte_level_json("smollm"))
    signs = {byte_signs()[byte] for byte in bytes_}
    found["model"] |= model
    found["model"]["vocab"] = {
        f"[unused {number}]" if text in signs else text: number for text, number in found["model"]["vocab"].items()
    }
    return found


RARE = (0x04, 0x06, 0x13, 0x14, 0x16, 0x1D, 0xC0, 0xC1, 0xF1, 0xF2, *range(0xF5, 0x100))  # what SmolLM2 has not


def test_bytes_that_texts_do_not_hold_may_have_no_token(tmp_path: Path) -> None:
    source = make_checkpoint(tmp_path / "source", **TINY | {"tokenizer": "none"})  # type: ignore[arg-type]
    write_byte_level(source, "smollm")
    (source / "tokenizer.json").write_text(json.dumps(without(RARE)))
    made = convert(source, "F16", tmp_path / "made.gguf")
    controls = "U+0004, U+0006, U+0013, U+0014, U+0016, U+001D"
    assert made.notices == (f"The tokenizer has no token for the control characters {controls}; texts lose them.",)
    reference = Tokenizer.from_str(json.dumps(without(RARE)))
    reference.encode_special_tokens = True
    texts = [
        *TOKENIZER_TEXTS,
        *HOSTILE,
        Path(__file__).read_text(encoding="utf-8"),
        "\x04",
        "a\x04b 1\x14 2\x1d",
        "x \U00040000 y",
    ]
    found = peer.run("tokenize", model=str(made.path), texts=texts)
    assert found == [reference.encode(text, add_special_tokens=False).ids for text in texts]
    silent = byte_level.read(Path("tokenizer.json"), without(byte_level.NON_UTF8_BYTES | {0xF1}))
    assert silent.notice == "" and silent.pre == "smollm"


@pytest.mark.parametrize(
    ("bytes_", "model", "reason"),
    [
        ((0x0A,), {}, r"no token for 1 of the bytes that texts are made of \(0x0A\)"),
        ((0xC3, 0x9F, 0xF3, 0xFF), {}, r"3 of the bytes that texts are made of \(0x9F, 0xC3, 0xF3\)"),
        ((0x04, 0xC0), {"unk_token": "a"}, "unk_token"),
    ],
)
def test_bytes_that_texts_hold_must_have_a_token(
    bytes_: tuple[int, ...], model: dict[str, object], reason: str
) -> None:
    with pytest.raises(ConvertError, match=reason):
        byte_level.read(Path("tokenizer.json"), without(bytes_, **model))


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    found = json.loads(byte_level_json())
    at = found
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return dict(found)


SPLIT = ("pre_tokenizer", "pretokenizers", 0)
REFUSED = {
    "unigram": (("model", "type"), "Unigram", "'Unigram'"),
    "dropout": (("model", "dropout"), 0.1, "dropout"),
    "normalizer": (("normalizer",), {"type": "NFC"}, "changes the text"),
    "another expression": ((*SPLIT, "pattern"), {"Regex": r"\w+|\W+"}, r"Split \\w\+.*Llama 3 \(llama-bpe\)"),
    "a plain pattern": ((*SPLIT, "pattern"), {"String": " "}, "not known"),
    "removed where split": ((*SPLIT, "behavior"), "Removed", "not known"),
    "a step that is none": (SPLIT, 3, "no JSON object"),
    "space before the text": (("pre_tokenizer", "pretokenizers", 1, "add_prefix_space"), True, "not known"),
    "merged otherwise": (
        ("pre_tokenizer", "pretokenizers"),
        [{"type": "Digits", "individual_digits": False}, {"type": "ByteLevel"}],
        "Digits",
    ),
    "special word": (("added_tokens", 0, "content"), "STOP", "written like a word"),
    "special signs": (("added_tokens", 0, "content"), "###", "written like a word"),
    "added with spaces": (("added_tokens", 5, "lstrip"), True, "what stands around it"),
    "no bytes": (
        ("model", "vocab"),
        {"a": 0},
        r"no token for 210 of the bytes that texts are made of \(0x09, 0x0A, 0x0D, 0x20",
    ),
    "ids that are text": (("model", "vocab"), {"a": "0"}, "numbered"),
    "ids that are lists": (("model", "vocab"), {"a": [0]}, "numbered"),
    "an id far off": (("model", "vocab"), {"a": 1 << 40}, "numbered"),
    "no merges": (("model", "merges"), [], "no list of merges"),
    "merge of three": (("model", "merges"), [["a", "b", "c"]], "not a pair"),
    "merge of nothing": (("model", "merges"), [["a", ""]], "not a pair"),
    "merge to no token": (("model", "merges"), [["ÿ", "ÿ"]], "no token"),
    "added without id": (("added_tokens",), [{"content": "<|x|>"}], "no id"),
}


@pytest.mark.parametrize(("path", "value", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_llama_cpp_would_do_otherwise_is_refused(path: tuple[str | int, ...], value: object, reason: str) -> None:
    with pytest.raises(ConvertError, match=reason):
        byte_level.read(Path("tokenizer.json"), changed(path, value))


@pytest.mark.parametrize(("key", "value"), [("eos_token", None), ("add_prefix_space", True)])
def test_a_configuration_that_can_t_be_carried_over_is_refused(tmp_path: Path, key: str, value: object) -> None:
    write_byte_level(tmp_path)
    config = json.loads((tmp_path / "tokenizer_config.json").read_text())
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config | {key: value}))
    with pytest.raises(ConvertError, match="can't do with this kind"):
        read_vocabulary(tmp_path, replace(model_of(BYTE_LEVEL_SIZE), token_ids={}))


KEYS = ("type", "pattern", "Regex", "content", "id", "special", "behavior", "pretokenizers")
PLACES = [
    ("model",),
    ("model", "vocab"),
    ("model", "merges"),
    SPLIT[:2],
    SPLIT,
    ("added_tokens",),
    ("post_processor",),
    ("normalizer",),
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(ANYTHING, st.sampled_from(PLACES))
def test_whatever_stands_there_is_read_or_refused(value: object, path: tuple[str | int, ...]) -> None:
    try:
        byte_level.read(Path("tokenizer.json"), changed(path, value))
    except ConvertError as error:
        assert "tokenizer.json" in error.message

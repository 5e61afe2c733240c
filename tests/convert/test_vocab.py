"""The tokenizer's files: read as sentencepiece reads them, whatever their form, and refused where llama.cpp would differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor

from convert import bpe_json, sentencepiece
from convert.errors import ConvertError
from convert.sentencepiece import CONTROL, NORMAL, UNUSED, USER_DEFINED
from convert.settings import Settings
from convert.vocab import Vocabulary, read_vocabulary
from tests.checkpoints import CHAT_TEMPLATE, VOCABULARY, tokenizer_json, tokenizer_source, write_tokenizer


def model_of(vocabulary: int = VOCABULARY) -> Settings:
    return Settings("MistralForCausalLM", 64, 1, 2, 1, 32, 64, vocabulary, 1024, 1e-5, 1e6, None, False, {"bos": 1, "eos": 2}, ())


def test_pieces_are_those_of_the_sentencepiece_package() -> None:
    reference = SentencePieceProcessor(str(tokenizer_source()))
    found = sentencepiece.read(tokenizer_source())
    assert len(found.pieces) == reference.vocab_size()
    assert all(
        (piece.text.decode(), piece.score, piece.kind == CONTROL, piece.kind == sentencepiece.BYTE)
        == (reference.id_to_piece(i), reference.get_score(i), reference.is_control(i), reference.is_byte(i))
        for i, piece in enumerate(found.pieces)
    )
    assert found.ids == {"unk": 0, "bos": 1, "eos": 2} and found.space_prefix


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_model_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    good = bytearray(tokenizer_source().read_bytes()[: data.draw(st.integers(0, 4000))])
    for _ in range(data.draw(st.integers(0, 3)) if good else 0):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "tokenizer.model").write_bytes(good)
    try:
        sentencepiece.read(tmp_path / "tokenizer.model")
    except ConvertError as error:
        assert "tokenizer.model" in error.message


@pytest.mark.parametrize("spaces", ["metaspace", "prepend"])
def test_a_tokenizer_json_merges_in_the_order_of_the_scores(tmp_path: Path, spaces: Any) -> None:
    (tmp_path / "tokenizer.json").write_text(tokenizer_json(spaces))
    found, reference = bpe_json.read(tmp_path / "tokenizer.json"), sentencepiece.read(tokenizer_source())
    assert [piece.text for piece in found.pieces] == [piece.text for piece in reference.pieces] and found.space_prefix
    ranked = [i for i, piece in enumerate(reference.pieces) if piece.kind == NORMAL and len(piece.text.decode()) > 1 and piece.score > -1e9]
    assert sorted(ranked, key=lambda i: -found.pieces[i].score) == sorted(ranked, key=lambda i: -reference.pieces[i].score)


def changed(path: tuple[str, ...], value: object) -> str:
    found = json.loads(SMALL_JSON)
    at = found
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return json.dumps(found)


SMALL_JSON = json.dumps(
    {
        "added_tokens": [{"id": 0, "content": "<unk>", "special": True}],
        "normalizer": None,
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": False},
        "model": {
            "type": "BPE",
            "byte_fallback": True,
            "unk_token": "<unk>",
            "vocab": {"<unk>": 0, "<0x00>": 1, "a": 2, "b": 3, "ab": 4},
            "merges": ["a b"],
        },
    }
)
REFUSED = {
    "unigram": (("model", "type"), "Unigram", "'Unigram'"),
    "no byte fallback": (("model", "byte_fallback"), False, "without byte fallback"),
    "dropout": (("model", "dropout"), 0.1, "dropout"),
    "gap in the ids": (("model", "vocab"), {"<unk>": 0, "a": 2}, "without gaps"),
    "ids that are text": (("model", "vocab"), {"<unk>": "0"}, "without gaps"),
    "merge of three": (("model", "merges"), ["a b c"], "not a pair"),
    "merges of numbers": (("model", "merges"), [3], "not a pair"),
    "no merges": (("model", "merges"), None, "no list of merges"),
    "a pair left out": (("model", "vocab"), {"<unk>": 0, "a": 1, "b": 2, "ab": 3, "aba": 4, "ba": 5}, "does not join"),
    "lower case": (("normalizer",), {"type": "Lowercase"}, "changes the text"),
    "split at spaces": (("pre_tokenizer", "split"), True, "at spaces"),
    "byte level": (("pre_tokenizer",), {"type": "ByteLevel"}, "ByteLevel"),
    "no model": (("model",), None, "'model'"),
    "added without id": (("added_tokens",), [{"content": "x"}], "no id"),
}


@pytest.mark.parametrize(("path", "value", "reason"), REFUSED.values(), ids=REFUSED)
def test_tokenizers_that_llama_cpp_would_do_otherwise_are_refused(
    tmp_path: Path, path: tuple[str, ...], value: object, reason: str
) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(SMALL_JSON)
    assert [piece.text for piece in bpe_json.read(file).pieces] == [b"<unk>", b"<0x00>", b"a", b"b", b"ab"]
    text = changed(path, value)
    file.write_text(text if reason != "does not join" else text.replace('["a b"]', '["a b", "ab a", "b a"]'))
    with pytest.raises(ConvertError, match=reason):
        bpe_json.read(file)


def read(folder: Path, **changes: object) -> Vocabulary:
    config = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps(config | changes))
    return read_vocabulary(folder, model_of())


def test_a_folder_without_tokenizer_is_refused(tmp_path: Path) -> None:
    write_tokenizer(tmp_path, "none")
    with pytest.raises(ConvertError, match="there is no tokenizer"):
        read_vocabulary(tmp_path, model_of())


def test_the_vocabulary_is_as_long_as_the_embedding(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    longer = read_vocabulary(tmp_path, model_of(VOCABULARY + 3))
    assert len(longer.pieces) == VOCABULARY + 3 and longer.pieces[-1].text == b"[PAD32770]" and longer.pieces[-1].kind == UNUSED
    shorter = read_vocabulary(tmp_path, model_of(1000))
    assert len(shorter.pieces) == 1000 and "31768 more tokens" in shorter.notices[0]


def test_added_tokens_are_laid_over(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    added = {"5": {"content": "[X]", "special": True}, "6": {"content": "a▁b", "special": False}, "7": {"content": "<|y|>"}}
    found = read(tmp_path, added_tokens_decoder=added).pieces
    assert [(found[i].text, found[i].kind) for i in (5, 6, 7)] == [(b"[X]", CONTROL), (b"a b", USER_DEFINED), (b"<|y|>", CONTROL)]


def test_special_tokens_are_looked_up_by_name_first(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    found = read(tmp_path, eos_token={"content": "[INST]"}, pad_token="[/INST]")
    assert found.special == {"bos": 1, "eos": 3, "unk": 0, "pad": 4} and found.adds == {"bos": True, "eos": False}


@pytest.mark.parametrize(("wanted", "expected"), [(None, True), (False, False), (True, True)])
def test_the_configuration_decides_about_the_space(tmp_path: Path, wanted: bool | None, expected: bool) -> None:
    write_tokenizer(tmp_path)
    assert read(tmp_path, add_prefix_space=wanted).space_prefix is expected


def test_a_template_of_its_own_goes_before_the_configuration(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    assert read(tmp_path).template == CHAT_TEMPLATE
    assert read(tmp_path, chat_template=[{"name": "tools", "template": "t"}, {"name": "default", "template": "d"}]).template == "d"
    (tmp_path / "chat_template.jinja").write_text("own")
    assert read(tmp_path).template == "own"
    (tmp_path / "chat_template.jinja").unlink()
    without = read(tmp_path, chat_template=None)
    assert without.template is None and "no chat template" in without.notices[0]


@pytest.mark.parametrize("decoder", [[1], {"x": {"content": "a"}}, {"5": {}}, {"9" * 5000: {"content": "a"}}])
def test_added_tokens_that_are_none_are_refused(tmp_path: Path, decoder: object) -> None:
    write_tokenizer(tmp_path)
    with pytest.raises(ConvertError, match=r"tokenizer_config\.json"):
        read(tmp_path, added_tokens_decoder=decoder)

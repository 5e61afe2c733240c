"""tokenizer.json with byte fallback: merged in the order of the scores, and refused where llama.cpp would differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from convert import bpe_json, sentencepiece
from convert.errors import ConvertError
from convert.sentencepiece import NORMAL
from tests.checkpoints import tokenizer_json, tokenizer_source


@pytest.mark.parametrize("spaces", ["metaspace", "prepend"])
def test_a_tokenizer_json_merges_in_the_order_of_the_scores(tmp_path: Path, spaces: Any) -> None:
    (tmp_path / "tokenizer.json").write_text(tokenizer_json(spaces))
    found, reference = bpe_json.read(tmp_path / "tokenizer.json"), sentencepiece.read(tokenizer_source())
    assert [piece.text for piece in found.pieces] == [piece.text for piece in reference.pieces] and found.space_prefix
    ranked = [
        i
        for i, piece in enumerate(reference.pieces)
        if piece.kind == NORMAL and len(piece.text.decode()) > 1 and piece.score > -1e9
    ]
    assert sorted(ranked, key=lambda i: -found.pieces[i].score) == sorted(
        ranked, key=lambda i: -reference.pieces[i].score
    )


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

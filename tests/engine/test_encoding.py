"""Prompts to ids without the weights: the same ids that the engine asks with, and a broken file is an error and no
crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.engine.encoding import encode
from leads_local.errors import ModelError
from tests.checkpoints import BYTE_LEVEL_SIZE, tiny_gguf


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("encoding"))


def test_ids_are_those_of_mistral_common(model: Path) -> None:
    pytest.importorskip("tiktoken", reason="mistral-common can't do without it, and Windows on ARM has none")
    from mistral_common.tokens.tokenizers.sentencepiece import SentencePieceTokenizer

    from tests.checkpoints import tokenizer_source

    reference = SentencePieceTokenizer(tokenizer_source())
    prompts = ["Is this trial randomised?", "a [INST] b </s>\nc", " two  spaces"]
    expected = [[1, 3, *reference.encode(prompt, bos=False, eos=False), 4] for prompt in prompts]
    assert list(encode(model, prompts)) == expected


def test_a_llama_3_layout_is_kept(tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    from convert import convert
    from tests.checkpoints import LLAMA_3_TEMPLATE, byte_level_json, make_checkpoint

    options = {
        "hidden": 32,
        "layers": 1,
        "heads": 1,
        "kv_heads": 1,
        "ffn": 32,
        "vocabulary": BYTE_LEVEL_SIZE,
        "tokenizer": "bytes",
    }
    made = convert(make_checkpoint(tmp_path / "source", **options), "F16", tmp_path / "made.gguf").path  # type: ignore[arg-type]
    from jinja2 import Template

    names = {"bos_token": "<|begin_of_text|>", "add_generation_prompt": True}
    whole = Template(LLAMA_3_TEMPLATE).render(messages=[{"role": "user", "content": "Is it\n a trial?"}], **names)
    reference = Tokenizer.from_str(byte_level_json())
    assert list(encode(made, ["Is it\n a trial?"])) == [reference.encode(whole, add_special_tokens=False).ids]


def test_what_is_no_model_is_an_error(tmp_path: Path, model: Path) -> None:
    (tmp_path / "cut.gguf").write_bytes(model.read_bytes()[:5000])
    for path in (tmp_path / "cut.gguf", tmp_path / "missing.gguf"):
        with pytest.raises(ModelError, match=path.name):
            list(encode(path, ["x"]))

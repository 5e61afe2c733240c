"""A real trained model all the way: what is converted is the model, and each task ends with answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from convert import convert
from convert.corpus import TOKENIZER_TEXTS
from convert.gguf_reader import GgufHeader, read_gguf
from convert.proof import prove
from tests import real_model
from tests.convert import peer

pytestmark = pytest.mark.slow


class Made(NamedTuple):
    """The model as its makers quantized it, as a checkpoint, and converted twice."""

    original: Path
    checkpoint: Path
    f16: Path
    q4: Path
    notices: tuple[str, ...]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    try:
        original = real_model.gguf_file()
    except real_model.Unavailable as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("real")
    checkpoint = real_model.make_checkpoint(folder / "checkpoint")
    f16 = convert(checkpoint, "F16", folder / "F16.gguf")
    q4 = convert(checkpoint, "Q4_K_M", folder / "Q4_K_M.gguf")
    yield Made(original, checkpoint, f16.path, q4.path, f16.notices)
    for file in (f16.path, q4.path, checkpoint / "model.safetensors"):
        file.unlink()  # pytest would keep 600 MB for three runs


def stored(file: Path) -> tuple[GgufHeader, dict[str, np.ndarray]]:
    header, data = read_gguf(file), np.memmap(file, np.uint8, "r")
    return header, {tensor.name: data[tensor.start : tensor.start + tensor.size] for tensor in header.tensors}


def test_f16_is_the_model_number_for_number(made: Made) -> None:
    header, found = stored(made.f16)
    assert len(found) == real_model.TENSORS
    different = []
    for name, values in real_model.numbers(made.original):
        there = found[name].view(np.float16 if values.ndim == 2 else np.float32).reshape(values.shape)
        if not np.array_equal(there, values.astype(there.dtype)):
            different.append(name)
    assert different == []
    kept = read_gguf(made.original).metadata
    for key in (
        "tokens",
        "token_type",
        "merges",
        "pre",
        "model",
        "bos_token_id",
        "eos_token_id",
        "unknown_token_id",
        "padding_token_id",
    ):
        assert header.metadata[f"tokenizer.ggml.{key}"] == kept[f"tokenizer.ggml.{key}"], key
    assert header.metadata["tokenizer.chat_template"] == kept["tokenizer.chat_template"]


def test_q4_k_m_is_what_llama_cpp_s_quantizer_makes(made: Made, tmp_path: Path) -> None:
    assert peer.run("quantize", source=str(made.f16), jobs=[(str(tmp_path / "peer.gguf"), 15)]) == [0]
    (_, ours), (_, theirs) = stored(made.q4), stored(tmp_path / "peer.gguf")
    assert ours.keys() == theirs.keys() and len(ours) == real_model.TENSORS
    assert [name for name in ours if not np.array_equal(ours[name], theirs[name])] == []


def test_it_is_proved_against_its_checkpoint(made: Made) -> None:
    for file in (made.f16, made.q4):
        findings = list(prove(file, made.checkpoint))
        assert [finding for finding in findings if finding.good is not True] == []


def test_texts_have_the_tokens_that_its_makers_file_gives_them(made: Made) -> None:
    texts = [*TOKENIZER_TEXTS, "\x04", "!\x04!", "a\U00040000b", Path(__file__).read_text(encoding="utf-8")]
    assert peer.run("tokenize", model=str(made.f16), texts=texts) == peer.run(
        "tokenize", model=str(made.original), texts=texts
    )
    assert (
        len(made.notices) == 1 and "U+0004, U+0006, U+0013, U+0014, U+0016, U+001D; texts lose them" in made.notices[0]
    )


def test_every_task_ends_without_a_failure(made: Made, tmp_path: Path) -> None:
    found = real_model.walk(tmp_path, made.q4, made.f16, 1, real_model.SHORT_FORM, whole=False)
    for name in ("full", "triage"):
        assert found[name]["failures"] == []
        assert found[name]["work"]["pending"] == 0
    assert found["full"]["work"]["done"] == 3  # a record's criteria; its arms and the form's field
    assert found["triage"]["work"]["done"] >= 1  # and the reasons for as many criteria as must be looked at
    compared = found["compare"]
    assert compared["tokens"] >= 200 and compared["same_first"] > 0.8 and compared["decisions"]["unread"] == 0

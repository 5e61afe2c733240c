"""Importance matrices and texts that are read: damaged ones, another model's, and what is none at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convert import convert
from convert.checkpoint import open_checkpoint
from convert.errors import ConvertError
from convert.imatrix import read_imatrix
from convert.names import match_weights
from convert.texts import SampleText, read_texts
from tests.checkpoints import tiny_gguf
from tests.convert.conftest import write_imatrix


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("tiny"))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("t.jsonl", b'{"text": "x", "ids": [1]}\n', 'line 1: there should be a JSON object with "text" or "ids"'),
        ("t.jsonl", b'{"text": "x"}\n\n{"ids": [-1]}\n', "line 3"),
        ("t.jsonl", b"[" * 100_000, "line 1"),
        ("t.txt", b"caf\xe9", "not UTF-8 at byte 3"),
        ("t.pdf", b"%PDF", "no texts were found"),
        ("some.leads", b"SQLite format 3", "this is a review.*Use: leads-local convert imatrix"),
    ],
)
def test_texts_that_are_none_are_named(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConvertError, match=reason):
        list(read_texts(tmp_path / name))


def test_a_folder_gives_its_texts_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.md").write_text("two")
    (tmp_path / "a.txt").write_text("\ufeffone")
    (tmp_path / "c.jsonl").write_text('{"text": "three"}\n{"ids": [4]}\n')
    (tmp_path / "x.pdf").write_bytes(b"")
    assert list(read_texts(tmp_path)) == [
        SampleText("one"),
        SampleText("two"),
        SampleText("three"),
        SampleText(ids=(4,)),
    ]


def refused(folder: Path, reason: str, **sums: np.ndarray) -> None:
    with pytest.raises(ConvertError, match=reason):
        read_imatrix(write_imatrix(folder / "m.gguf", sums, 3))


def test_damaged_matrices_are_refused(tmp_path: Path, tiny: Path) -> None:
    refused(tmp_path, "is empty")
    refused(tmp_path, "sum of squares", x=np.array([1, np.nan], np.float32))
    refused(tmp_path, "sum of squares", x=np.array([1, -1], np.float32))
    refused(tmp_path, "not as F32", x=np.array([1, 1], np.float16))
    with pytest.raises(ConvertError, match="no importance matrix"):
        read_imatrix(tiny)


def test_another_models_matrix_is_refused(tmp_path: Path, small: Path) -> None:
    with open_checkpoint(small) as checkpoint:
        weight = next(
            w for w in match_weights(checkpoint.settings, checkpoint.tensors) if w.name == "blk.0.attn_q.weight"
        )
    matrix = write_imatrix(tmp_path / "m.gguf", {weight.name: np.ones(128, np.float32)}, 1)
    with pytest.raises(ConvertError, match="it has 128 columns, but the model has 256"):
        convert(small, "Q4_K_M", tmp_path / "made.gguf", imatrix=matrix)
    matrix = write_imatrix(tmp_path / "m.gguf", {weight.name: np.ones(256, np.float32)}, 1)
    with pytest.raises(ConvertError, match="it says nothing about"):
        convert(small, "IQ2_XS", tmp_path / "made.gguf", imatrix=matrix)
    assert convert(small, "Q4_K_M", tmp_path / "made.gguf", imatrix=matrix).entry.size


def test_a_weight_that_was_never_used_counts_evenly(tmp_path: Path) -> None:
    found = read_imatrix(write_imatrix(tmp_path / "m.gguf", {"x": np.zeros(4, np.float32)}, 0))
    assert found.columns["x"].tolist() == [1, 1, 1, 1]

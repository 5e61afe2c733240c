"""Checkpoints and peers that the tests of this package share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter

from tests.checkpoints import make_checkpoint

SMALL = {"hidden": 256, "layers": 2, "heads": 4, "kv_heads": 2, "ffn": 512, "vocabulary": 512}

Maker = Callable[..., Path]


@pytest.fixture
def checkpoint(tmp_path: Path) -> Maker:
    """Makes a small checkpoint in a folder of its own; options as make_checkpoint's."""

    def make(**options: object) -> Path:
        return make_checkpoint(tmp_path / "source", **(SMALL | options))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small checkpoint for tests that only read it: BF16, one file, tokenizer.model and tokenizer.json."""
    return make_checkpoint(tmp_path_factory.mktemp("small") / "small", tokenizer="both", **SMALL)  # type: ignore[arg-type]


def write_imatrix(path: Path, sums: dict[str, np.ndarray], count: int) -> Path:
    """An importance matrix as llama.cpp writes it, by gguf's own writer."""
    writer = GGUFWriter(path, "")
    writer.add_type("imatrix")
    writer.add_array("imatrix.datasets", ["x"])
    writer.add_uint32("imatrix.chunk_count", 1)
    writer.add_uint32("imatrix.chunk_size", 512)
    for name, values in sums.items():
        writer.add_tensor(name + ".in_sum2", values)
        writer.add_tensor(name + ".counts", np.array([count], np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path

"""ggml behind ctypes: nothing reaches it that it would end the process for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convert.errors import ConvertError
from convert.library import Library
from convert.tensor_types import TENSOR_TYPES


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


@pytest.mark.parametrize(
    ("name", "rows", "importance", "reason"),
    [
        ("Q4_K", numbers(2, 128), None, "can't be quantized"),
        ("Q4_K", numbers(2, 256).astype(np.float64), None, "can't be quantized"),
        ("Q4_K", numbers(256, 2).T, None, "can't be quantized"),
        ("Q4_K", numbers(2, 256), numbers(255), "one float32 for each column"),
        ("Q4_K", numbers(2, 256), numbers(256).astype(np.float64), "one float32 for each column"),
        ("IQ2_XXS", numbers(2, 256), None, "without an importance matrix"),
    ],
)
def test_what_ggml_would_end_the_process_for_is_refused(
    library: Library, name: str, rows: np.ndarray, importance: np.ndarray | None, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        library.quantize(TENSOR_TYPES[name], rows, importance)


def test_part_of_a_row_is_not_dequantized(library: Library) -> None:
    data = library.quantize(TENSOR_TYPES["Q8_0"], numbers(2, 64))
    with pytest.raises(ValueError, match="whole rows"):
        library.dequantize(TENSOR_TYPES["Q8_0"], data[:-1], 64)


def test_a_scale_that_is_no_number_is_seen(library: Library) -> None:
    data = library.quantize(TENSOR_TYPES["Q8_0"], numbers(1, 32))
    assert library.is_valid(TENSOR_TYPES["Q8_0"], data)
    data[:2] = np.frombuffer(np.float16(np.inf).tobytes(), np.uint8)
    assert not library.is_valid(TENSOR_TYPES["Q8_0"], data)


def test_another_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "libggml-base.so").write_bytes(b"not a library")
    with pytest.raises(ConvertError, match="can't be used"):
        Library(tmp_path / "libggml-base.so")

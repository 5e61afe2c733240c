"""ggml through ctypes, and the thread pool around it: blocks of rows give what the whole tensor gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType, dequantize

from convert import quantize
from convert.errors import ConvertError
from convert.library import Library, find_library
from convert.quantize import Quantizer, TensorJob, row_order
from convert.tensor_types import TENSOR_TYPES


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


def rows(count: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, columns), dtype=np.float32)


def test_widening_is_exact(library: Library) -> None:
    bits = np.arange(65536, dtype=np.uint16)
    bits = bits[(bits & 0x7F80) != 0x7F80].reshape(1, -1)
    assert np.array_equal(library.widen(bits, "BF16"), (bits.astype(np.uint32) << 16).view(np.float32))
    halves = np.arange(65536, dtype=np.uint16)
    halves = halves[(halves & 0x7C00) != 0x7C00].reshape(1, -1)
    assert np.array_equal(library.widen(halves, "F16"), halves.view(np.float16).astype(np.float32))


@pytest.mark.parametrize(
    "name", ["F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_K", "Q4_K", "Q3_K", "Q2_K", "IQ4_NL", "IQ3_S", "Q5_1"]
)
def test_dequantized_by_another_program_it_is_near_the_source(library: Library, name: str) -> None:
    source = rows(4, 512)
    data = library.quantize(TENSOR_TYPES[name], source)
    back = dequantize(data, GGMLQuantizationType[name]).reshape(source.shape)
    assert np.array_equal(library.dequantize(TENSOR_TYPES[name], data, 512), back)
    bits = {"F16": 10, "BF16": 7}.get(name, TENSOR_TYPES[name].size * 8 / TENSOR_TYPES[name].block)
    assert np.sqrt(np.mean((back - source) ** 2)) < 2.5 * 2.0**-bits + 1e-7


@pytest.mark.parametrize("name", ["F32", "F16", "Q8_0", "Q4_K", "IQ3_S"])
@pytest.mark.parametrize("heads", [None, 8])
def test_blocks_in_threads_give_the_bytes_of_the_whole(
    library: Library, monkeypatch: pytest.MonkeyPatch, name: str, heads: int | None
) -> None:
    source = rows(64, 512)
    ordered = source if heads is None else source[row_order(64, heads)]
    whole = library.quantize(TENSOR_TYPES[name], np.ascontiguousarray(ordered)).tobytes()
    for block in (1, 1500, 1 << 20):
        monkeypatch.setattr(quantize, "BLOCK_NUMBERS", block)
        with Quantizer(library, 3) as pool:
            found = b"".join(
                bytes(part.data) for part in pool.blocks(TensorJob("x", source, "F32", TENSOR_TYPES[name], heads))
            )
        assert found == whole


def test_only_a_few_blocks_wait(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantize, "BLOCK_NUMBERS", 1)
    with Quantizer(library, 2) as pool:
        stream = pool.blocks(TensorJob("x", rows(4000, 256), "F32", TENSOR_TYPES["Q8_0"]))
        next(stream)
        assert pool._pool._work_queue.qsize() <= 5
        stream.close()


def test_the_place_of_a_bad_number_is_that_in_the_checkpoint(library: Library) -> None:
    source = rows(8, 256)
    source[5, 9] = np.nan
    with Quantizer(library, 2) as pool, pytest.raises(ConvertError, match="'x' holds nan in row 5, column 9"):
        list(pool.blocks(TensorJob("x", source, "F32", TENSOR_TYPES["Q8_0"], heads=2)))


def test_sizes_that_would_abort_ggml_never_reach_it(library: Library) -> None:
    with pytest.raises(ValueError, match="can't be quantized"):
        library.quantize(TENSOR_TYPES["Q4_K"], rows(2, 128))
    with pytest.raises(ValueError, match="can't be quantized"):
        library.quantize(TENSOR_TYPES["Q8_0"], rows(4, 64)[:, ::2])
    with pytest.raises(ValueError, match="importance"):
        library.quantize(TENSOR_TYPES["Q8_0"], rows(2, 64), np.ones(32, np.float32))
    with pytest.raises(ValueError, match="without an importance matrix"):
        library.quantize(TENSOR_TYPES["IQ2_XXS"], rows(2, 256))
    with pytest.raises(ValueError, match="not whole rows"):
        library.dequantize(TENSOR_TYPES["Q8_0"], np.zeros(33, np.uint8), 32)


def test_another_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConvertError, match="can't be used"):
        Library(tmp_path / "none.so")
    assert find_library().is_file()

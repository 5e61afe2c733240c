"""Any bytes give a header or one clear ModelError, never another exception."""

from __future__ import annotations

import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads_local.engine import header
from leads_local.errors import ModelError


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gguf") / "small.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(2048)
    writer.add_head_count_kv([2, 4])
    writer.add_token_list([f"token {i}" for i in range(100)])
    writer.add_token_scores([0.5] * 100)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_tensor("a.weight", np.zeros((4, 64), np.float32))
    writer.add_tensor("b.weight", np.zeros((2, 34), np.uint8), raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_reads_keys_and_sizes(small: Path) -> None:
    found = header.read(small)
    assert found.architecture == "llama" and found.number("context_length") == 2048
    assert found.number("attention.head_count_kv") == 2 and found.number("nothing", 7) == 7
    assert found.tensors == {"a.weight": 1024, "b.weight": 68}
    assert found.metadata["tokenizer.ggml.tokens"] is None
    assert found.quantization == "Q8_0"


def test_every_cut_is_noticed(small: Path, tmp_path: Path) -> None:
    data = small.read_bytes()
    used = len(data) - 28  # the last tensor is padded to 32 bytes, which may be missing
    cut = tmp_path / "cut.gguf"
    for length in {*range(0, used, 37), used - 1}:
        cut.write_bytes(data[:length])
        with pytest.raises(ModelError, match=r"cut\.gguf.*(cut short|not a GGUF)"):
            header.read(cut)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_never_raises_anything_else(small: Path, tmp_path: Path, data: st.DataObject) -> None:
    raw = bytearray(small.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, 1200))] = data.draw(st.integers(0, 255))
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(raw)
    try:
        header.read(damaged)
    except ModelError as error:
        assert str(damaged) in error.message and error.hint


def test_arrays_in_arrays_are_read_or_refused(tmp_path: Path) -> None:
    def file(depth: int) -> Path:
        path, key = tmp_path / f"{depth}.gguf", b"general.x"
        nested = struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * depth + struct.pack("<IQI", 4, 1, 7)
        path.write_bytes(b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, len(key)) + key + nested + bytes(100))
        return path

    assert header.read(file(2)).metadata == {"general.x": [[[7]]]}
    for depth in (50, 100_000):
        with pytest.raises(ModelError, match=rf"{depth}\.gguf: .*arrays in arrays") as caught:
            header.read(file(depth))
        assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b"GGUF", b"<html>not a model</html>" * 9, b"PK\x03\x04" * 40])
def test_other_files_are_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="not a GGUF file") as caught:
        header.read(path)
    assert caught.value.exit_code == 3


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such file"):
        header.read(tmp_path / "none.gguf")
    with pytest.raises(ModelError, match="folder"):
        header.read(tmp_path)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "many", [], [[]], None])
def test_what_is_no_number_is_none(value: object) -> None:
    found = header.GgufHeader(Path("x"), 0, {"general.architecture": "llama", "llama.block_count": value}, {})
    assert found.number("block_count", 7) == 7

"""The reader against gguf's own writer, and against damage."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convert.errors import ConvertError
from convert.gguf_file import build_header
from convert.gguf_reader import read_gguf
from tests.convert.test_gguf_file import METADATA, TENSORS, write


def test_files_of_another_writer_are_read(tmp_path: Path) -> None:
    writer = GGUFWriter(tmp_path / "x.gguf", "llama")
    writer.add_uint64("a", 2**40)
    writer.add_array("b", [1, 2, 3])
    writer.add_tensor("t", np.arange(64, dtype=np.float32).reshape(2, 32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    found = read_gguf(tmp_path / "x.gguf")
    assert found.metadata["a"] == 2**40 and found.metadata["b"] == [1, 2, 3]
    data = (tmp_path / "x.gguf").read_bytes()[found.tensors[0].start :]
    assert np.frombuffer(data, np.float32, 64).tolist() == list(range(64))


LIES = {
    "no GGUF": (lambda d: b"PK\3\4" + d[4:], "does not begin"),
    "empty": (lambda d: b"", "announces 4 bytes"),
    "version": (lambda d: d[:4] + struct.pack("<I", 9) + d[8:], "version 9"),
    "tensors without end": (lambda d: d[:8] + struct.pack("<Q", 2**60) + d[16:], "tensors"),
    "entries without end": (lambda d: d[:16] + struct.pack("<Q", 2**60) + d[24:], "entries"),
    "a text without end": (lambda d: d[:24] + struct.pack("<Q", 2**62) + d[32:], "bytes"),
    "cut short": (lambda d: d[:-40], "cut short in tensor 'two.weight'"),
    "cut in the header": (lambda d: d[:100], "left"),
    "unknown tensor type": (
        lambda d: d.replace(struct.pack("<QQIQ", 64, 3, 8, 0), struct.pack("<QQIQ", 64, 3, 77, 0)),
        "type number 77",
    ),
    "rows that don't fit": (
        lambda d: d.replace(struct.pack("<QQIQ", 64, 3, 8, 0), struct.pack("<QQIQ", 63, 3, 8, 0)),
        "rows of 63",
    ),
    "one over the other": (
        lambda d: d.replace(struct.pack("<QIQ", 5, 0, 224), struct.pack("<QIQ", 5, 0, 32)),
        "lies over",
    ),
    "twice": (lambda d: d.replace(b"two.weight", b"one.weight"), "there twice"),
}


@pytest.mark.parametrize(("lie", "reason"), LIES.values(), ids=LIES)
def test_a_damaged_file_is_refused_with_the_reason(tmp_path: Path, lie: object, reason: str) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(lie(write(path)))  # type: ignore[operator]
    with pytest.raises(ConvertError, match=reason):
        read_gguf(path)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "fuzz.gguf"
    good = bytearray(write(path))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(build_header(METADATA, TENSORS)) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(good)
    try:
        found = read_gguf(path)
    except ConvertError:
        return
    assert all(t.start + t.size <= found.size for t in found.tensors)

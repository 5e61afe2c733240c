"""The safetensors reader: real files are read as the safetensors package reads them, and no lie gets through."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convert.errors import ConvertError
from convert.safetensors import read_header
from tests.checkpoints import write_raw_safetensors, write_safetensors

GOOD = {
    "a": ("F32", (2, 3), bytes(24)),
    "b": ("BF16", (4,), bytes(8)),
    "c": ("F16", (), bytes(2)),
    "d": ("F32", (0, 3), b""),
}


def test_every_tensor_is_found_where_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    write_safetensors(path, GOOD)
    found = read_header(path)
    assert {name: (t.dtype, t.shape, t.end - t.start) for name, t in found.items()} == {
        name: (dtype, shape, len(data)) for name, (dtype, shape, data) in GOOD.items()
    }
    assert max(t.end for t in found.values()) == path.stat().st_size


@pytest.mark.parametrize(("data", "said"), [(b"", "the file is empty"), (b"1234567", "the file is cut short")])
def test_a_file_without_room_for_a_header_is_said_to_be_so(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)
    with pytest.raises(ConvertError, match=said):
        read_header(path)


def entry(dtype: object = "F32", shape: object = (2,), offsets: object = (0, 8)) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


LIES = {
    "larger than the file": ({"a": entry(shape=[4], offsets=[0, 16])}, 8, "cut short"),
    "wrong size": ({"a": entry(shape=[3])}, 8, "needs 12 bytes"),
    "more than its shape needs": ({"a": entry(shape=[1])}, 8, "needs 4 bytes"),
    "unknown type": ({"a": entry(dtype="F17")}, 8, "unknown type"),
    "type that is no text": ({"a": entry(dtype=["F32"])}, 8, "unknown type"),
    "negative size": ({"a": entry(shape=[-2], offsets=[0, 8])}, 8, "shape"),
    "size that is true": ({"a": entry(shape=[True, 2])}, 8, "shape"),
    "size that is 2.0": ({"a": entry(shape=[2.0])}, 8, "shape"),
    "product that overflows": ({"a": entry(shape=[2**62, 2**62], offsets=[0, 8])}, 8, "needs"),
    "many dimensions": ({"a": entry(shape=[1] * 99 + [2])}, 8, "shape"),
    "end before start": ({"a": entry(offsets=[8, 0])}, 8, "data_offsets"),
    "three offsets": ({"a": entry(offsets=[0, 4, 8])}, 8, "data_offsets"),
    "over another": ({"a": entry(), "b": entry(offsets=[4, 12])}, 12, "lies over"),
    "the same place": ({"a": entry(), "b": entry()}, 8, "lies over"),
    "a hole": ({"a": entry(), "b": entry(offsets=[16, 24])}, 24, "belong to no tensor"),
    "bytes left over": ({"a": entry()}, 12, "belong to no tensor"),
    "one more key": ({"a": entry() | {"pickle": "x"}}, 8, "nothing else"),
    "no object": ({"a": 3}, 8, "nothing else"),
    "a list": ([], 0, "not a list of tensors"),
}


@pytest.mark.parametrize(("header", "size", "reason"), LIES.values(), ids=LIES)
def test_a_header_that_lies_is_refused(tmp_path: Path, header: object, size: int, reason: str) -> None:
    path = tmp_path / "model.safetensors"
    write_raw_safetensors(path, json.dumps(header).encode(), bytes(size))
    with pytest.raises(ConvertError, match=reason) as caught:
        read_header(path)
    assert str(path) in caught.value.message and caught.value.hint


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    one = json.dumps(entry())
    write_raw_safetensors(path, f'{{"a": {one}, "a": {one}}}'.encode(), bytes(8))
    with pytest.raises(ConvertError, match="'a' is there twice"):
        read_header(path)


@pytest.mark.parametrize("length", [2**63, 2**40, 100_000_001, 4096])
def test_a_header_longer_than_the_file_asks_for_no_memory(tmp_path: Path, length: int) -> None:
    path = tmp_path / "model.safetensors"
    write_raw_safetensors(path, b"{}", b"", length=length)
    tracemalloc.start()
    with pytest.raises(ConvertError, match="header should be"):
        read_header(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(
    "text", [b"[" * 200_000, b'{"a": 1e999}', b'{"a": ' + b"9" * 5000 + b"}", b"\xff\xfe", b"", b"{"]
)
def test_what_is_no_json_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "model.safetensors"
    write_raw_safetensors(path, text, b"")
    with pytest.raises(ConvertError):
        read_header(path)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "fuzz.safetensors"
    write_safetensors(path, GOOD)
    good = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(good[: data.draw(st.integers(0, len(good)))] if data.draw(st.booleans()) else good)
    try:
        found = read_header(path)
    except ConvertError:
        return
    assert all(0 <= t.start <= t.end <= path.stat().st_size for t in found.values())

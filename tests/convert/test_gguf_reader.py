"""The reader against gguf's own writer, and against damage."""

from __future__ import annotations

import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from gguf import GGUFWriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convert.errors import ConvertError, ModelError
from convert.gguf_file import build_header
from convert.gguf_reader import LARGEST_HEADER, read_gguf
from convert.tensor_types import FILE_TYPES, TYPE_BY_NUMBER
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
    "no GGUF": (lambda d: b"PK\3\4" + d[4:], "this is not a GGUF file"),
    "empty": (lambda d: b"", "this is not a GGUF file"),
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


def with_entry(path: Path, value: bytes) -> Path:
    """A file with one entry, ``value`` with its type before it."""
    key = b"general.x"
    path.write_bytes(b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, len(key)) + key + value + bytes(100))
    return path


@pytest.mark.parametrize("longest", [None, 64])
def test_arrays_nest_a_little_and_never_deeply(tmp_path: Path, longest: int | None) -> None:
    def nested(depth: int) -> Path:
        inner = struct.pack("<IQ", 9, 1) * depth + struct.pack("<IQI", 4, 1, 7)
        return with_entry(tmp_path / "x.gguf", struct.pack("<I", 9) + inner)

    assert read_gguf(nested(2), longest=longest).metadata == {"general.x": [[[7]]]}
    for depth in (50, 100_000):
        with pytest.raises(ModelError, match="arrays in arrays more than 8 deep"):
            read_gguf(nested(depth), longest=longest)


def test_no_lie_of_a_large_file_asks_for_more_than_a_header_may_have(tmp_path: Path) -> None:
    """The bytes that a lie asks for are there, as in a model of gigabytes; here in a file with a hole."""
    for value in (
        struct.pack("<IQ", 8, 3 << 30),
        struct.pack("<IIQ", 9, 0, 3 << 30),
        struct.pack("<IIQ", 9, 8, 1 << 29),
    ):
        path = with_entry(tmp_path / "x.gguf", value)
        with path.open("r+b") as file:
            file.truncate(4 << 30)
        for longest in (None, 64):
            with pytest.raises(ModelError, match="bytes are left"):
                read_gguf(path, longest=longest)
    assert LARGEST_HEADER < 3 << 30


def test_long_lists_are_left_out_where_they_are_not_wanted(tmp_path: Path) -> None:
    writer = GGUFWriter(tmp_path / "x.gguf", "llama")
    writer.add_token_list([f"token {i}" for i in range(100)])
    writer.add_token_scores([0.5] * 100)
    writer.add_array("short", [1, 2])
    writer.add_string("after", "all")
    for write_part in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file):
        write_part()
    writer.close()
    whole, brief = (read_gguf(tmp_path / "x.gguf", longest=longest).metadata for longest in (None, 64))
    lists = {"tokenizer.ggml.tokens", "tokenizer.ggml.scores"}
    assert {key for key in whole if brief[key] is None} == lists and all(len(whole[key]) == 100 for key in lists)  # type: ignore[arg-type]
    assert {key: value for key, value in whole.items() if key not in lists} == {
        key: value for key, value in brief.items() if value is not None
    }


def test_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    entry = struct.pack("<Q", 1) + b"x" + struct.pack("<II", 4, 1)
    (tmp_path / "x.gguf").write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 2) + 2 * entry)
    with pytest.raises(ModelError, match="the key 'x' is there twice"):
        read_gguf(tmp_path / "x.gguf")


@pytest.mark.parametrize("alignment", [0, -1, "32"])
def test_an_alignment_that_is_none_is_refused(tmp_path: Path, alignment: object) -> None:
    writer = GGUFWriter(tmp_path / "x.gguf", "llama")
    writer.add_string("general.alignment", alignment) if isinstance(alignment, str) else writer.add_int32(
        "general.alignment", alignment
    )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(ModelError, match="its alignment is"):
        read_gguf(tmp_path / "x.gguf")


def test_tables_are_those_of_gguf() -> None:
    sizes = {kind.value: (kind.name, *size) for kind, size in gguf.GGML_QUANT_SIZES.items()}
    known = {number: (kind.name, kind.block, kind.size) for number, kind in TYPE_BY_NUMBER.items()}
    assert {number: known[number] for number in known if number in sizes} == {
        number: size for number, size in sizes.items() if number in known
    }
    assert known.keys() >= {number for number in sizes if number <= 35}
    names = {kind.value: kind.name.removeprefix("MOSTLY_").removeprefix("ALL_") for kind in gguf.LlamaFileType}
    assert {number: names[number] for number in FILE_TYPES} == FILE_TYPES


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

"""Our writer against gguf's writer and reader, and our own reader against our writer."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter
from hypothesis import given, settings
from hypothesis import strategies as st

from convert import gguf_file as gguf
from convert.gguf_file import Declared, Entry, file_size, header, padding
from convert.gguf_reader import read_gguf
from convert.tensor_types import TYPES

METADATA: dict[str, Entry] = {
    "general.architecture": gguf.string("llama"),
    "a.count": gguf.uint32(7),
    "a.ratio": gguf.float32(0.25),
    "a.flag": gguf.boolean(True),
    "a.texts": gguf.array(gguf.STRING, ["x", "Übung", "", "🙂"]),
    "a.scores": gguf.array(gguf.FLOAT32, [0.5, -1.0]),
    "a.kinds": gguf.array(gguf.INT32, [1, -2, 3]),
}
TENSORS = [Declared("one.weight", (3, 64), TYPES["Q8_0"]), Declared("two.weight", (5,), TYPES["F32"])]


def write(path: Path) -> bytes:
    head = header(METADATA, TENSORS)
    data = head
    for number, tensor in enumerate(TENSORS):
        data += bytes([number + 1]) * tensor.size + bytes(padding(tensor.size))
    path.write_bytes(data)
    assert file_size(head, TENSORS) == len(data)
    return data


def by_gguf(path: Path, metadata: dict[str, Entry], tensors: list[Declared]) -> bytes:
    """The head that the gguf package writes."""
    writer = GGUFWriter(None, "")
    writer.kv_data[0].clear()
    for key, entry in metadata.items():
        kind = GGUFValueType(entry.kind)
        if entry.items is None:
            writer.add_key_value(key, entry.value, kind)
        else:
            writer.add_key_value(key, entry.items, GGUFValueType.ARRAY, sub_type=kind)
    for tensor in tensors:
        raw = GGMLQuantizationType(tensor.kind.number)
        writer.add_tensor_info(tensor.name, tensor.shape, np.dtype(np.float32), tensor.size, raw_dtype=raw)
    writer.write_header_to_file(path)
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    return path.read_bytes()


def test_the_head_is_byte_for_byte_what_the_gguf_package_writes(tmp_path: Path) -> None:
    theirs = by_gguf(tmp_path / "head", METADATA, TENSORS)
    assert header(METADATA, TENSORS) == theirs + bytes(padding(len(theirs)))


NUMBERS = {
    gguf.UINT32: st.integers(0, 2**32 - 1),
    gguf.INT32: st.integers(-(2**31), 2**31 - 1),
    gguf.FLOAT32: st.floats(width=32),
    gguf.BOOL: st.booleans(),
    gguf.STRING: st.text(st.characters(exclude_categories=["Cs"])) | st.binary(),
}
ENTRIES = st.sampled_from(sorted(NUMBERS)).flatmap(
    lambda kind: (
        st.builds(Entry, st.just(kind), NUMBERS[kind])
        | st.builds(gguf.array, st.just(kind), st.lists(NUMBERS[kind], min_size=1, max_size=9))
    )
)
SHAPES = st.tuples(st.integers(1, 9)) | st.tuples(st.integers(1, 99), st.integers(1, 9).map(lambda blocks: 256 * blocks))


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), ENTRIES, max_size=8),
    st.lists(st.tuples(SHAPES, st.sampled_from(sorted(TYPES))), max_size=8),
)
def test_so_is_any_other_head(metadata: dict[str, Entry], shapes: list[tuple[tuple[int, ...], str]]) -> None:
    tensors = [Declared(f"t{n}", shape, TYPES[kind if len(shape) == 2 else "F32"]) for n, (shape, kind) in enumerate(shapes)]
    with tempfile.TemporaryDirectory() as folder:
        theirs = by_gguf(Path(folder) / "head", metadata, tensors)
    assert header(metadata, tensors) == theirs + bytes(padding(len(theirs)))


def test_another_program_reads_what_was_declared(tmp_path: Path) -> None:
    write(tmp_path / "x.gguf")
    found = GGUFReader(tmp_path / "x.gguf")
    values = {key: field.contents() for key, field in found.fields.items() if not key.startswith("GGUF.")}
    assert values == {key: entry.value if entry.items is None else list(entry.items) for key, entry in METADATA.items()}
    assert [(t.name, tuple(t.shape[::-1]), t.tensor_type.name) for t in found.tensors] == [(t.name, t.shape, t.kind.name) for t in TENSORS]
    assert (np.asarray(found.tensors[0].data).view(np.uint8) == 1).all() and found.tensors[1].n_bytes == 20


def test_our_reader_finds_the_same(tmp_path: Path) -> None:
    write(tmp_path / "x.gguf")
    found = read_gguf(tmp_path / "x.gguf")
    assert found.metadata == {key: entry.value if entry.items is None else list(entry.items) for key, entry in METADATA.items()}
    assert [(t.name, t.shape, t.kind) for t in found.tensors] == [(t.name, t.shape, t.kind) for t in TENSORS]

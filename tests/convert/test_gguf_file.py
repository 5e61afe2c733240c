"""What is written against gguf's reader and our own."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
from gguf import GGUFReader
from hypothesis import given, settings
from hypothesis import strategies as st

from convert import gguf_file as gguf
from convert.gguf_file import DeclaredTensor, MetadataEntry, build_header, file_size, padding_size
from convert.gguf_reader import read_gguf
from convert.tensor_types import TENSOR_TYPES

METADATA: dict[str, MetadataEntry] = {
    "general.architecture": gguf.string("llama"),
    "a.count": gguf.uint32(7),
    "a.ratio": gguf.float32(0.25),
    "a.flag": gguf.boolean(True),
    "a.texts": gguf.array(gguf.STRING, ["x", "Übung", "", "🙂"]),
    "a.scores": gguf.array(gguf.FLOAT32, [0.5, -1.0]),
    "a.kinds": gguf.array(gguf.INT32, [1, -2, 3]),
}
TENSORS = [
    DeclaredTensor("one.weight", (3, 64), TENSOR_TYPES["Q8_0"]),
    DeclaredTensor("two.weight", (5,), TENSOR_TYPES["F32"]),
]


def write(path: Path) -> bytes:
    head = build_header(METADATA, TENSORS)
    data = head
    for number, tensor in enumerate(TENSORS):
        data += bytes([number + 1]) * tensor.size + bytes(padding_size(tensor.size))
    path.write_bytes(data)
    assert file_size(head, TENSORS) == len(data)
    return data


def test_another_program_reads_what_was_declared(tmp_path: Path) -> None:
    write(tmp_path / "x.gguf")
    found = GGUFReader(tmp_path / "x.gguf")
    values = {key: field.contents() for key, field in found.fields.items() if not key.startswith("GGUF.")}
    assert values == {key: entry.value if entry.items is None else list(entry.items) for key, entry in METADATA.items()}
    assert [(t.name, tuple(t.shape[::-1]), t.tensor_type.name) for t in found.tensors] == [
        (t.name, t.shape, t.kind.name) for t in TENSORS
    ]
    assert (np.asarray(found.tensors[0].data).view(np.uint8) == 1).all() and found.tensors[1].n_bytes == 20


def test_our_reader_finds_the_same(tmp_path: Path) -> None:
    write(tmp_path / "x.gguf")
    found = read_gguf(tmp_path / "x.gguf")
    assert found.metadata == {
        key: entry.value if entry.items is None else list(entry.items) for key, entry in METADATA.items()
    }
    assert [(t.name, t.shape, t.kind) for t in found.tensors] == [(t.name, t.shape, t.kind) for t in TENSORS]


NUMBERS = {
    gguf.UINT32: st.integers(0, 2**32 - 1),
    gguf.INT32: st.integers(-(2**31), 2**31 - 1),
    gguf.FLOAT32: st.floats(width=32, allow_nan=False),
    gguf.BOOL: st.booleans(),
    gguf.STRING: st.text(st.characters(exclude_categories=["Cs"])) | st.binary(),
}
ENTRIES = st.sampled_from(sorted(NUMBERS)).flatmap(
    lambda kind: (
        st.builds(MetadataEntry, st.just(kind), NUMBERS[kind])
        | st.builds(gguf.array, st.just(kind), st.lists(NUMBERS[kind], min_size=1, max_size=9))
    )
)
SHAPES = st.tuples(st.integers(1, 9)) | st.tuples(
    st.integers(1, 99), st.integers(1, 9).map(lambda blocks: 256 * blocks)
)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), ENTRIES, max_size=8),
    st.lists(st.tuples(SHAPES, st.sampled_from(sorted(TENSOR_TYPES))), max_size=8),
)
def test_our_reader_finds_whatever_was_declared(
    metadata: dict[str, MetadataEntry], shapes: list[tuple[tuple[int, ...], str]]
) -> None:
    tensors = [
        DeclaredTensor(f"t{n}", shape, TENSOR_TYPES[kind if len(shape) == 2 else "F32"])
        for n, (shape, kind) in enumerate(shapes)
    ]
    head = build_header(metadata, tensors)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.gguf"
        path.write_bytes(head)
        os.truncate(path, file_size(head, tensors))
        found = read_gguf(path)
    assert found.metadata == {
        key: read(entry.value) if entry.items is None else list(map(read, entry.items))
        for key, entry in metadata.items()
    }
    assert [(t.name, t.shape, t.kind) for t in found.tensors] == [(t.name, t.shape, t.kind) for t in tensors]
    starts = [len(head) + sum(t.size + padding_size(t.size) for t in tensors[:n]) for n in range(len(tensors))]
    assert [t.start for t in found.tensors] == starts


def read(value: object) -> object:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value

"""Our writer against gguf's reader, and our own reader against our writer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGUFReader

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

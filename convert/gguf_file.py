"""The head of a GGUF file, by the gguf package: everything declared first, so that the tensors' bytes can be streamed
after it.

The head is made from the declarations alone and kept as bytes, so that the size of the whole file is known before the
first byte of it is written, and writing never goes back. Little-endian, tensors aligned to 32 bytes as llama.cpp does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from . import gguf_library, temporary
from .place import explain_write_errors
from .tensor_types import TensorType

MAGIC, ALIGNMENT = b"GGUF", 32
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9  # numbers of gguf.GGUFValueType


@dataclass(frozen=True, slots=True)
class MetadataEntry:
    """A value of the metadata with its GGUF type; with ``items`` it is an array of that type."""

    kind: int
    value: object = None
    items: Sequence[object] | None = None


def uint32(value: int) -> MetadataEntry:
    return MetadataEntry(UINT32, value)


def float32(value: float) -> MetadataEntry:
    return MetadataEntry(FLOAT32, value)


def boolean(value: bool) -> MetadataEntry:
    return MetadataEntry(BOOL, value)


def string(value: str | bytes) -> MetadataEntry:
    """Half of a surrogate pair, which no text file can hold, becomes a question mark."""
    return MetadataEntry(STRING, value.encode("utf-8", "replace").decode() if isinstance(value, str) else value)


def array(kind: int, items: Sequence[object]) -> MetadataEntry:
    return MetadataEntry(kind, items=items)


@dataclass(frozen=True, slots=True)
class DeclaredTensor:
    """A tensor to come: ``shape`` is (rows, columns) or (length,)."""

    name: str
    shape: tuple[int, ...]
    kind: TensorType

    @property
    def size(self) -> int:
        return self.kind.tensor_bytes(self.shape)


def padding_size(size: int, alignment: int = ALIGNMENT) -> int:
    """Bytes to add so that what follows is aligned."""
    return -size % alignment


def build_header(metadata: Mapping[str, MetadataEntry], tensors: Sequence[DeclaredTensor]) -> bytes:
    """Everything before the tensors' bytes, padded, as ``gguf.GGUFWriter`` writes it."""
    import numpy as np

    gguf = gguf_library.load()  # slow, and not needed to parse arguments
    writer = gguf.GGUFWriter(None, "")
    writer.kv_data[0].clear()  # it has put an architecture there; ours, where there is one, has its own place
    for key, entry in metadata.items():
        kind = gguf.GGUFValueType(entry.kind)
        if entry.items is None:
            writer.add_key_value(key, entry.value, kind)
        else:
            writer.add_key_value(key, entry.items, gguf.GGUFValueType.ARRAY, sub_type=kind)
    for tensor in tensors:
        raw = gguf.GGMLQuantizationType(tensor.kind.number)
        writer.add_tensor_info(tensor.name, tensor.shape, np.dtype(np.float32), tensor.size, raw_dtype=raw)
    with temporary.folder() as folder, explain_write_errors(folder, temporary.ELSEWHERE):
        path = folder / "header"
        writer.write_header_to_file(path)
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        writer.close()
        found = path.read_bytes()
    return found + bytes(padding_size(len(found)))


def file_size(head: bytes, tensors: Iterable[DeclaredTensor]) -> int:
    """Bytes of the whole file."""
    return len(head) + sum(tensor.size + padding_size(tensor.size) for tensor in tensors)

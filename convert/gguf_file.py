"""Writes a GGUF file: everything declared first, then the tensors' bytes streamed one after the other.

The header is laid out from the declarations alone, so that the size of the whole file is known before the first byte is written, and
writing never goes back. Version 3 of the format, little-endian, tensors aligned to 32 bytes as llama.cpp does.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .tensor_types import TensorType

MAGIC, VERSION, ALIGNMENT = b"GGUF", 3, 32
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
SCALARS = {UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<?"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of the metadata with its GGUF type; with ``items`` it is an array of that type."""

    kind: int
    value: object = None
    items: Sequence[object] | None = None


def uint32(value: int) -> Entry:
    return Entry(UINT32, value)


def float32(value: float) -> Entry:
    return Entry(FLOAT32, value)


def boolean(value: bool) -> Entry:
    return Entry(BOOL, value)


def string(value: str | bytes) -> Entry:
    return Entry(STRING, value)


def array(kind: int, items: Sequence[object]) -> Entry:
    return Entry(kind, items=items)


@dataclass(frozen=True, slots=True)
class Declared:
    """A tensor to come: ``shape`` is (rows, columns) or (length,)."""

    name: str
    shape: tuple[int, ...]
    kind: TensorType

    @property
    def size(self) -> int:
        return self.kind.tensor_bytes(self.shape)


def padding(size: int) -> int:
    """Bytes to add so that what follows is aligned."""
    return -size % ALIGNMENT


def header(metadata: Mapping[str, Entry], tensors: Sequence[Declared]) -> bytes:
    """Everything before the tensors' bytes, padded."""
    parts = [MAGIC, struct.pack("<IQQ", VERSION, len(tensors), len(metadata))]
    parts += [_text(key) + _entry(entry) for key, entry in metadata.items()]
    offset = 0
    for tensor in tensors:
        sizes = tensor.shape[::-1]
        parts.append(_text(tensor.name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, tensor.kind.number, offset))
        offset += tensor.size + padding(tensor.size)
    found = b"".join(parts)
    return found + bytes(padding(len(found)))


def file_size(head: bytes, tensors: Iterable[Declared]) -> int:
    """Bytes of the whole file."""
    return len(head) + sum(tensor.size + padding(tensor.size) for tensor in tensors)


def _text(value: object) -> bytes:
    data = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
    return struct.pack("<Q", len(data)) + data


def _entry(entry: Entry) -> bytes:
    if entry.items is None:
        return struct.pack("<I", entry.kind) + _value(entry.kind, entry.value)
    return struct.pack("<IIQ", ARRAY, entry.kind, len(entry.items)) + b"".join(_value(entry.kind, item) for item in entry.items)


def _value(kind: int, value: object) -> bytes:
    return _text(value) if kind == STRING else struct.pack(SCALARS[kind], value)

"""The head of a GGUF file: everything declared first, so that the tensors' bytes can be streamed after it.

The head is made from the declarations alone and kept as bytes, so that the size of the whole file is known before the first byte of it is
written, and writing never goes back. Little-endian, tensors aligned to 32 bytes as llama.cpp does. The gguf package writes the same bytes,
which tests prove; it is not used, because it asks for an HTTP client and imports, where it finds one, a tokenizer that brings more of them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .tensor_types import TensorType

MAGIC, VERSION, ALIGNMENT = b"GGUF", 3, 32
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9  # the numbers that the format gives to types
NUMBERS = {UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<?"}


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
    """Half of a surrogate pair, which no text file can hold, becomes a question mark."""
    return Entry(STRING, value.encode("utf-8", "replace").decode() if isinstance(value, str) else value)


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
    """Everything before the tensors' bytes, padded. Raises struct.error for a number that its type can't hold."""
    made = bytearray(MAGIC + struct.pack("<IQQ", VERSION, len(tensors), len(metadata)))
    for key, entry in metadata.items():
        made += _packed(STRING, key)
        if entry.items is None:
            made += struct.pack("<I", entry.kind) + _packed(entry.kind, entry.value)
        else:
            made += struct.pack("<IIQ", ARRAY, entry.kind, len(entry.items))
            made += b"".join(_packed(entry.kind, item) for item in entry.items)
    start = 0
    for tensor in tensors:
        dimensions = len(tensor.shape)
        made += _packed(STRING, tensor.name) + struct.pack("<I", dimensions)
        made += struct.pack(f"<{dimensions}Q", *reversed(tensor.shape))  # the format has the length of a row first
        made += struct.pack("<IQ", tensor.kind.number, start)
        start += tensor.size + padding(tensor.size)
    return bytes(made) + bytes(padding(len(made)))


def _packed(kind: int, value: object) -> bytes:
    """One value of a type that is no array."""
    if kind != STRING:
        return struct.pack(NUMBERS[kind], value)
    raw = value if isinstance(value, bytes) else str(value).encode("utf-8")
    return struct.pack("<Q", len(raw)) + raw


def file_size(head: bytes, tensors: Iterable[Declared]) -> int:
    """Bytes of the whole file."""
    return len(head) + sum(tensor.size + padding(tensor.size) for tensor in tensors)

"""Reads the header of a GGUF file, ours or anyone's, without trusting a number in it: the only reader of this program,
which the engine uses, too, before llama.cpp gets to see a file, because llama.cpp ends its process on some.

Counts and lengths are compared with the bytes that are left before anything is made of them, and a header has an end,
so that a small lie can't ask for much memory. Only the header is read; tensors stay in the file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from .errors import ModelError
from .files import check_file
from .gguf_file import ALIGNMENT, ARRAY, MAGIC, STRING, padding_size
from .tensor_types import TYPE_BY_NUMBER, TensorType

FORMATS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
VERSIONS = (2, 3)
SMALLEST = 24  # bytes: the magic number, the version and two counts
DEEPEST = 8  # arrays in arrays; none are known that nest at all
LARGEST_HEADER = 128 << 20  # bytes; a vocabulary of a quarter of a million tokens with its merges takes 20 MB
AGAIN = "Copy this file again, or convert the checkpoint again."
Value = int | float | bool | str | list["Value"] | None


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """``shape`` is (rows, columns) or (length,); ``start`` is the byte in the file at which its data begins."""

    name: str
    shape: tuple[int, ...]
    kind: TensorType
    start: int

    @property
    def size(self) -> int:
        return self.kind.tensor_bytes(self.shape)


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """``metadata`` holds numbers, texts, or lists of them, and None for a list that was left out; ``size`` is the
    file's size in bytes."""

    metadata: dict[str, Value]
    tensors: tuple[GgufTensor, ...]
    size: int


class _Damaged(ValueError):
    pass


class _Foreign(Exception):
    pass


def read_gguf(path: Path, *, longest: int | None = None, undecodable: str = "surrogateescape") -> GgufHeader:
    """Read and check the header of ``path``.

    Lists with more than ``longest`` items (the vocabulary) are left out; ``undecodable`` is what becomes of bytes that
    are no UTF-8, as in ``bytes.decode``. Raises ModelError for a file that is missing, no GGUF file, cut short, or that
    contradicts itself.
    """
    check_file(path, ModelError)
    try:
        with path.open("rb") as file:
            return _Reader(file, path.stat().st_size, longest, undecodable).header()
    except OSError as error:
        raise ModelError(
            f"{path}: it can't be read ({error.strerror}).", "Check the path and your permission to read it."
        ) from error
    except _Foreign as error:
        raise ModelError(f"{path}: this is not a GGUF file.", "Give a GGUF file, or convert a checkpoint.") from error
    except (ValueError, OverflowError, MemoryError) as error:
        raise ModelError(f"{path}: this GGUF file can't be read: {error or 'it asks for too much'}.", AGAIN) from error


class _Reader:
    def __init__(self, file: BinaryIO, size: int, longest: int | None, undecodable: str) -> None:
        self._file = file
        self._size = size
        self._end = min(size, LARGEST_HEADER)
        self._at = 0
        self._longest = longest
        self._undecodable = undecodable

    def header(self) -> GgufHeader:
        if self._size < SMALLEST or self._take(len(MAGIC)) != MAGIC:
            raise _Foreign
        version = self._number("<I")
        if version not in VERSIONS:
            raise _Damaged(f"its format has the version {version}, and {VERSIONS[0]} and {VERSIONS[1]} are known")
        tensors, entries = self._number("<Q"), self._number("<Q")
        metadata = self._metadata(entries)
        alignment = metadata.get("general.alignment", ALIGNMENT)
        if type(alignment) is not int or alignment < 1:
            raise _Damaged(f"its alignment is {alignment!r}")
        self._check_room(tensors, 24, "tensors")
        infos = [self._info() for _ in range(tensors)]
        return GgufHeader(metadata, self._place(infos, self._at + padding_size(self._at, alignment)), self._size)

    def _metadata(self, entries: int) -> dict[str, Value]:
        self._check_room(entries, 13, "entries")
        found: dict[str, Value] = {}
        for _ in range(entries):
            key = self._text()
            if key in found:
                raise _Damaged(f"the key {key[:60]!r} is there twice")
            found[key] = self._value(self._number("<I"))
        return found

    def _info(self) -> tuple[str, tuple[int, ...], TensorType, int]:
        name, dimensions = self._text(), self._number("<I")
        if dimensions > 4:
            raise _Damaged(f"tensor {name[:60]!r} has {dimensions} dimensions")
        shape = tuple(self._number("<Q") for _ in range(dimensions))[::-1] or (1,)
        number, offset = self._number("<I"), self._number("<Q")
        kind = TYPE_BY_NUMBER.get(number)
        if kind is None:
            raise _Damaged(f"tensor {name[:60]!r} has the type number {number}, which this program does not know")
        if shape[-1] % kind.block or 0 in shape:
            raise _Damaged(f"tensor {name[:60]!r} has rows of {shape[-1]} numbers, which {kind.name} can't hold")
        return name, shape, kind, offset

    def _place(self, infos: list[tuple[str, tuple[int, ...], TensorType, int]], origin: int) -> tuple[GgufTensor, ...]:
        tensors = [GgufTensor(name, shape, kind, origin + offset) for name, shape, kind, offset in infos]
        end, seen = origin, set()
        for tensor in sorted(tensors, key=lambda t: t.start):
            name = tensor.name[:60]
            if tensor.name in seen:
                raise _Damaged(f"tensor {name!r} is there twice")
            if tensor.start < end:
                raise _Damaged(f"tensor {name!r} lies over another tensor")
            seen.add(tensor.name)
            end = tensor.start + tensor.size
            if end > self._size:
                raise _Damaged(f"it is cut short in tensor {name!r}: {end - self._size:,} bytes of it are missing")
        return tuple(tensors)

    def _value(self, kind: int, depth: int = 0) -> Value:
        if kind == ARRAY:
            return self._array(depth + 1)
        return self._text() if kind == STRING else self._number(self._format(kind))

    def _array(self, depth: int) -> list[Value] | None:
        if depth > DEEPEST:
            raise _Damaged(f"it has arrays in arrays more than {DEEPEST} deep")
        kind, count = self._number("<I"), self._number("<Q")
        least = {STRING: 8, ARRAY: 12}.get(kind) or struct.calcsize(self._format(kind))
        self._check_room(count, least, "items")
        if self._longest is None or count <= self._longest:
            return [self._value(kind, depth) for _ in range(count)]
        if kind in FORMATS:
            self._skip(count * least)
            return None
        for _ in range(count):
            self._skip(self._number("<Q")) if kind == STRING else self._value(kind, depth)
        return None

    def _format(self, kind: int) -> str:
        if kind not in FORMATS:
            raise _Damaged(f"a value has the unknown type {kind}")
        return FORMATS[kind]

    def _text(self) -> str:
        return self._take(self._number("<Q")).decode("utf-8", self._undecodable)

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def _take(self, count: int) -> bytes:
        self._check_room(count, 1, "bytes")
        data = self._file.read(count)
        if len(data) != count:
            raise _Damaged("it became shorter while it was read")
        self._at += count
        return data

    def _skip(self, count: int) -> None:
        self._check_room(count, 1, "bytes")
        self._at += count
        self._file.seek(self._at)

    def _check_room(self, count: int, size: int, what: str) -> None:
        left = self._end - self._at
        if count > left // size:
            raise _Damaged(f"it is cut short or damaged: {count:,} {what} should follow, where {left:,} bytes are left")

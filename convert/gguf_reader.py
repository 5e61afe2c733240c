"""Reads the header of a GGUF file, ours or anyone's, without trusting a number in it.

Counts and lengths are compared with the bytes that are left before anything is made of them, so that a small lie can't
ask for much memory. Only the header is read; tensors stay in the file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .errors import ConvertError
from .files import check_file
from .gguf_file import ALIGNMENT, ARRAY, MAGIC, STRING, padding_size
from .tensor_types import TYPE_BY_NUMBER, TensorType

FORMATS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
Scalar = int | float | bool | str
DAMAGED = "Convert the checkpoint again, or copy this file again."


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
    """``metadata`` holds numbers, texts, or lists of them; ``size`` is the file's size in bytes."""

    metadata: dict[str, Scalar | list[Scalar]]
    tensors: tuple[GgufTensor, ...]
    size: int


class _Damaged(ValueError):
    pass


def read_gguf(path: Path) -> GgufHeader:
    """Raises ConvertError for a file that is no GGUF file, is cut short, or contradicts itself."""
    check_file(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _Reader(file, size).header()
    except OSError as error:
        raise ConvertError(
            f"{path}: it can't be read ({error.strerror}).", "Check the path and your permission to read it."
        ) from error
    except (_Damaged, UnicodeDecodeError, struct.error) as error:
        raise ConvertError(f"{path}: this is not a whole GGUF file: {error}.", DAMAGED) from error


class _Reader:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size
        self._size = size

    def header(self) -> GgufHeader:
        if self._take(4) != MAGIC:
            raise _Damaged("it does not begin as one")
        version, tensors, entries = self._number("<I"), self._number("<Q"), self._number("<Q")
        if version not in (2, 3):
            raise _Damaged(f"its format has the version {version}")
        self._room(entries, 13, "entries")
        metadata: dict[str, Scalar | list[Scalar]] = {}
        for _ in range(entries):
            key = self._text()
            if key in metadata:
                raise _Damaged(f"the key {key!r} is there twice")
            metadata[key] = self._value(self._number("<I"))
        alignment = metadata.get("general.alignment", ALIGNMENT)
        if alignment != ALIGNMENT:
            raise _Damaged(f"its alignment is {alignment!r}, not {ALIGNMENT}")
        self._room(tensors, 24, "tensors")
        infos = [self._info() for _ in range(tensors)]
        at = self._size - self._left
        return GgufHeader(metadata, self._placed(infos, at + padding_size(at)), self._size)

    def _info(self) -> tuple[str, tuple[int, ...], TensorType, int]:
        name, dimensions = self._text(), self._number("<I")
        if not 1 <= dimensions <= 4:
            raise _Damaged(f"tensor {name!r} has {dimensions} dimensions")
        shape = tuple(self._number("<Q") for _ in range(dimensions))[::-1]
        number, offset = self._number("<I"), self._number("<Q")
        kind = TYPE_BY_NUMBER.get(number)
        if kind is None:
            raise _Damaged(f"tensor {name!r} has the type number {number}, which this program does not know")
        if shape[-1] % kind.block or 0 in shape:
            raise _Damaged(f"tensor {name!r} has rows of {shape[-1]} numbers, which {kind.name} can't hold")
        return name, shape, kind, offset

    def _placed(self, infos: list[tuple[str, tuple[int, ...], TensorType, int]], origin: int) -> tuple[GgufTensor, ...]:
        tensors = [GgufTensor(name, shape, kind, origin + offset) for name, shape, kind, offset in infos]
        end, seen = origin, set()
        for tensor in sorted(tensors, key=lambda t: t.start):
            if tensor.name in seen:
                raise _Damaged(f"tensor {tensor.name!r} is there twice")
            if tensor.start < end:
                raise _Damaged(f"tensor {tensor.name!r} lies over another tensor")
            seen.add(tensor.name)
            end = tensor.start + tensor.size
            if end > self._size:
                raise _Damaged(f"it is cut short in tensor {tensor.name!r}: {end - self._size} bytes of it are missing")
        return tuple(tensors)

    def _value(self, kind: int) -> Scalar | list[Scalar]:
        if kind == ARRAY:
            item, count = self._number("<I"), self._number("<Q")
            self._room(count, 8 if item == STRING else struct.calcsize(self._format(item)), "items")
            return [self._scalar(item) for _ in range(count)]
        return self._scalar(kind)

    def _scalar(self, kind: int) -> Scalar:
        if kind == STRING:
            return self._text()
        value: Scalar = struct.unpack(self._format(kind), self._take(struct.calcsize(self._format(kind))))[0]
        return value

    def _format(self, kind: int) -> str:
        if kind not in FORMATS:
            raise _Damaged(f"a value has the unknown type {kind}")
        return FORMATS[kind]

    def _text(self) -> str:
        return self._take(self._number("<Q")).decode("utf-8", "surrogateescape")

    def _number(self, form: str) -> int:
        value: int = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return value

    def _take(self, count: int) -> bytes:
        self._room(count, 1, "bytes")
        data = self._file.read(count)
        if len(data) != count:
            raise _Damaged("it ended while it was read")
        self._left -= count
        return data

    def _room(self, count: int, size: int, what: str) -> None:
        if count > self._left // size:
            raise _Damaged(f"it announces {count} {what}, but {self._left} bytes are left")

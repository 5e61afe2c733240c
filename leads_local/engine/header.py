"""What a GGUF file says of itself, read in Python before llama.cpp gets to see it.

llama.cpp ends its process on some damaged files; so the header is read and checked here first, and a file that is shorter than its own
table of tensors says is named as what it is: cut short. Only keys and sizes are read, never weights. The reader must stand any bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from gguf.constants import GGML_QUANT_SIZES, LlamaFileType

from leads_local.errors import ModelError

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_AGAIN = "Copy or convert the model again."
_LONGEST_KEPT = 64  # items of an array; longer ones (the vocabulary) are skipped


@dataclass(frozen=True, slots=True)
class Header:
    """``metadata`` by GGUF key (long arrays are None), ``tensors`` as bytes by name, ``size`` of the file in bytes."""

    path: Path
    size: int
    metadata: dict[str, Any]
    tensors: dict[str, int]

    @property
    def architecture(self) -> str:
        return str(self.metadata.get("general.architecture", ""))

    def number(self, key: str, default: int = 0) -> int:
        """The integer under ``ARCHITECTURE.key``, or the first one where there is a list (one for each layer)."""
        value = self.metadata.get(f"{self.architecture}.{key}", default)
        value = value[0] if isinstance(value, list) and value else value
        return int(value) if isinstance(value, int | float) else default


def read(path: Path) -> Header:
    """Read and check the header of ``path``. Raises ModelError when it is missing, no GGUF, damaged or cut short."""
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            return _checked(path, size, _Reader(file, size))
    except FileNotFoundError as error:
        raise ModelError(f"{path}: there is no such model file.", "Give the path of a GGUF file, or convert one first.") from error
    except IsADirectoryError as error:
        raise ModelError(f"{path}: this is a folder, not a GGUF file.", "Convert it first: leads-local convert FOLDER.") from error
    except OSError as error:
        raise ModelError(f"{path}: the model file can't be read: {error.strerror}.", "Check its permissions.") from error
    except _Short as error:
        raise ModelError(f"{path}: the file ends inside its header, so it was cut short.", _AGAIN) from error
    except (_Damaged, UnicodeDecodeError, ValueError, OverflowError, MemoryError) as error:
        raise ModelError(f"{path}: the header of this GGUF file is damaged ({error}).", _AGAIN) from error


class _Short(Exception):
    pass


class _Damaged(Exception):
    pass


class _Reader:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size

    def take(self, count: int) -> bytes:
        data = self._file.read(count) if count <= self._size else b""
        if len(data) != count:
            raise _Short
        return data

    def number(self, form: str) -> Any:
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]

    def text(self) -> str:
        return self.take(self.number("Q")).decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        if kind in _SCALARS:
            return self.number(_SCALARS[kind])
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self._array()
        raise _Damaged(f"a value of unknown type {kind}")

    def _array(self) -> list[Any] | None:
        kind, count = self.number("I"), self.number("Q")
        if count > self._size:
            raise _Short
        if kind in _SCALARS and count > _LONGEST_KEPT:
            self._skip(count * struct.calcsize("<" + _SCALARS[kind]))
            return None
        if kind == _STRING and count > _LONGEST_KEPT:
            for _ in range(count):
                self._skip(self.number("Q"))
            return None
        return [self.value(kind) for _ in range(count)]

    def _skip(self, count: int) -> None:
        if self._file.tell() + count > self._size:
            raise _Short
        self._file.seek(count, 1)

    def position(self) -> int:
        return self._file.tell()


def _checked(path: Path, size: int, reader: _Reader) -> Header:
    if size < 24 or reader.take(4) != b"GGUF":
        raise ModelError(
            f"{path}: this is not a GGUF file.", "Give a file that ends in .gguf, or convert a checkpoint: leads-local convert FOLDER."
        )
    version = reader.number("I")
    if version not in (2, 3):
        raise ModelError(f"{path}: this is a GGUF file of version {version}; versions 2 and 3 are known.", "Convert the model again.")
    count, keys = reader.number("Q"), reader.number("Q")
    metadata = {}
    for _ in range(keys):
        key = reader.text()
        metadata[key] = reader.value(reader.number("I"))
    spans = dict(_tensor(reader) for _ in range(count))
    alignment = metadata.get("general.alignment", 32)
    if type(alignment) is not int or alignment < 1:
        raise _Damaged(f"an alignment of {alignment!r}")
    start = -(-reader.position() // alignment) * alignment
    needed = start + max((offset + length for offset, length in spans.values()), default=0)
    if size < needed:
        raise ModelError(f"{path}: the file has {size:,} bytes but its tensors need {needed:,}, so it was cut short.", _AGAIN)
    return Header(path, size, metadata, {name: length for name, (_, length) in spans.items()})


def _tensor(reader: _Reader) -> tuple[str, tuple[int, int]]:
    """One entry of the table: name, then where its bytes begin and how many there are."""
    name, dimensions = reader.text(), reader.number("I")
    if dimensions > 4:
        raise _Damaged(f"tensor {name[:60]} has {dimensions} dimensions")
    elements = 1
    for _ in range(dimensions):
        elements *= reader.number("Q")
    kind, offset = reader.number("I"), reader.number("Q")
    sizes: Callable[[int], tuple[int, int] | None] = {int(k): v for k, v in GGML_QUANT_SIZES.items()}.get
    found = sizes(kind)
    if found is None:
        raise _Damaged(f"tensor {name[:60]} has the unknown type {kind}")
    block, width = found
    return name, (offset, elements // block * width)


def quantization(header: Header) -> str:
    """The name of the file's quantization (``Q4_K_M``), or "" when it does not say."""
    try:
        return LlamaFileType(header.metadata["general.file_type"]).name.removeprefix("MOSTLY_").removeprefix("ALL_")
    except (KeyError, ValueError):
        return ""

"""What a GGUF file says of itself, read in Python before llama.cpp gets to see it.

llama.cpp ends its process on some damaged files; so the header is read and checked here first, and a file that is
shorter than its own table of tensors says is named as what it is: cut short. Only keys and sizes are read, never
weights. The reader must stand any bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from leads_local import files
from leads_local.errors import ModelError

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
# ggml's types: elements of a block, and its bytes. A table of our own, because importing gguf can take seconds.
BLOCKS: Mapping[int, tuple[int, int]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40), 10: (256, 84),
    11: (256, 110),
    12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98),
    19: (256, 50),
    20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56),
    30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36),
}  # fmt: skip
FILE_TYPES: Mapping[int, str] = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S",
    22: "IQ3_XS",
    23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS",
    31: "IQ1_M", 32: "BF16",
}  # fmt: skip
_AGAIN = "Copy or convert the model again."
_DEEPEST = 8  # arrays in arrays; none are known that nest at all
_LONGEST_KEPT = 64  # items of an array; longer ones (the vocabulary) are skipped


@dataclass(frozen=True, slots=True)
class GgufHeader:
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


def read(path: Path) -> GgufHeader:
    """Read and check the header of ``path``. Raises ModelError when it is missing, no GGUF, damaged or cut short."""
    files.require_file(
        path,
        "a GGUF file",
        "Give the path of a GGUF file, or convert a checkpoint first: leads-local convert FOLDER.",
        ModelError,
    )
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            return _read_checked(path, size, _Reader(file, size))
    except OSError as error:
        raise ModelError(
            f"{path}: the model file can't be read: {error.strerror}.", "Check its permissions."
        ) from error
    except _Short as error:
        raise ModelError(f"{path}: the file ends inside its header: it is cut short or damaged.", _AGAIN) from error
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

    def value(self, kind: int, depth: int = 0) -> Any:
        if kind in _SCALARS:
            return self.number(_SCALARS[kind])
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self._array(depth + 1)
        raise _Damaged(f"a value of unknown type {kind}")

    def _array(self, depth: int) -> list[Any] | None:
        if depth > _DEEPEST:
            raise _Damaged(f"arrays in arrays more than {_DEEPEST} deep")
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
        return [self.value(kind, depth) for _ in range(count)]

    def _skip(self, count: int) -> None:
        if self._file.tell() + count > self._size:
            raise _Short
        self._file.seek(count, 1)

    def position(self) -> int:
        return self._file.tell()


def _read_checked(path: Path, size: int, reader: _Reader) -> GgufHeader:
    if size < 24 or reader.take(4) != b"GGUF":
        raise ModelError(
            f"{path}: this is not a GGUF file.",
            "Give a file that ends in .gguf, or convert a checkpoint: leads-local convert FOLDER.",
        )
    version = reader.number("I")
    if version not in (2, 3):
        raise ModelError(
            f"{path}: this is a GGUF file of version {version}; versions 2 and 3 are known.", "Convert the model again."
        )
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
        raise ModelError(
            f"{path}: the file has {size:,} bytes but its tensors need {needed:,}, so it was cut short.", _AGAIN
        )
    return GgufHeader(path, size, metadata, {name: length for name, (_, length) in spans.items()})


def _tensor(reader: _Reader) -> tuple[str, tuple[int, int]]:
    """One entry of the table: name, then where its bytes begin and how many there are."""
    name, dimensions = reader.text(), reader.number("I")
    if dimensions > 4:
        raise _Damaged(f"tensor {name[:60]} has {dimensions} dimensions")
    elements = 1
    for _ in range(dimensions):
        elements *= reader.number("Q")
    kind, offset = reader.number("I"), reader.number("Q")
    if kind not in BLOCKS:
        raise _Damaged(f"tensor {name[:60]} has the unknown type {kind}")
    block, width = BLOCKS[kind]
    return name, (offset, elements // block * width)


def quantization(header: GgufHeader) -> str:
    """The name of the file's quantization (``Q4_K_M``), or "" when it does not say."""
    kind = header.metadata.get("general.file_type")
    return FILE_TYPES.get(kind, "") if isinstance(kind, int) else ""

"""Reads the header of a safetensors file as if someone hostile had written it.

A header is a length, a JSON object and then the tensors' bytes. Every number in it is checked against the file before
it is used, and nothing is allocated because the header says so: after ``read_header`` each tensor's bytes are known to
lie inside the file, to have the size that its shape and type need, and to share no byte with another one. Never
unpickles, never follows a name out of the file.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import ConvertError
from .files import check_file

ITEM_BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip
LONGEST_HEADER = 100_000_000  # bytes; the format's own limit
MOST_DIMENSIONS = 8
DAMAGED = "Copy or download this file again: it is damaged or was not copied whole."


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """Where one tensor lies: ``start`` and ``end`` are byte offsets in ``path``; ``shape`` is (rows, columns) or
    (length,)."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    path: Path
    start: int
    end: int


def read_header(path: Path) -> dict[str, StoredTensor]:
    """Every tensor of the file by name. Raises ConvertError that says what is wrong with it."""
    check_file(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            if size < 8:
                raise ConvertError(
                    f"{path}: the file is {'cut short' if size else 'empty'}: it has {size} bytes in all.", DAMAGED
                )
            length = int.from_bytes(file.read(8), "little")
            if length > min(size - 8, LONGEST_HEADER):
                raise ConvertError(
                    f"{path}: its header should be {length} bytes long, but the file has {size} bytes in all.", DAMAGED
                )
            text = file.read(length)
    except OSError as error:
        raise ConvertError(
            f"{path}: it can't be read ({error.strerror}).", "Check the path and your permission to read it."
        ) from error
    entries = _parse(path, text)
    tensors = {
        name: _tensor(path, name, entry, 8 + length) for name, entry in entries.items() if name != "__metadata__"
    }
    _check_layout(path, list(tensors.values()), 8 + length, size)
    return tensors


def _parse(path: Path, text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text.decode("utf-8"), object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _Duplicate) else "it is not JSON"
        raise ConvertError(f"{path}: its header can't be read: {reason}.", DAMAGED) from error
    if not isinstance(found, dict):
        raise ConvertError(f"{path}: its header is not a list of tensors.", DAMAGED)
    return found


class _Duplicate(ValueError):
    pass


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Duplicate(f"the name {next(n for n in names if names.count(n) > 1)!r} is there twice")
    return found


def _tensor(path: Path, name: str, entry: object, origin: int) -> StoredTensor:
    def refuse(reason: str) -> ConvertError:
        return ConvertError(f"{path}: tensor {name!r} {reason}.", DAMAGED)

    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise refuse("should have a dtype, a shape and data_offsets, and nothing else")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        raise refuse(f"has the unknown type {dtype!r}")
    if not _is_sizes(shape) or len(shape) > MOST_DIMENSIONS:
        raise refuse("has a shape that is not a short list of sizes")
    if not _is_sizes(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise refuse("has data_offsets that are not a start and an end")
    needed = math.prod(shape) * ITEM_BYTES[dtype]
    if offsets[1] - offsets[0] != needed:
        raise refuse(
            f"needs {needed} bytes for its shape {shape} in {dtype}, but {offsets[1] - offsets[0]} are set aside for it"
        )
    return StoredTensor(name, dtype, tuple(shape), path, origin + offsets[0], origin + offsets[1])


def _is_sizes(value: object) -> bool:
    return isinstance(value, list) and all(type(item) is int and 0 <= item < 2**63 for item in value)


def _check_layout(path: Path, tensors: list[StoredTensor], origin: int, size: int) -> None:
    """The tensors must fill the file from the header to the end, without holes and without sharing a byte."""
    at = origin
    for tensor in sorted(tensors, key=lambda t: (t.start, t.end)):
        if tensor.start < at:
            raise ConvertError(f"{path}: tensor {tensor.name!r} lies over another tensor.", DAMAGED)
        if tensor.end > size:
            missing = max(t.end for t in tensors) - size
            raise ConvertError(
                f"{path}: the file is cut short: {missing} bytes are missing, first in tensor {tensor.name!r}.", DAMAGED
            )
        if tensor.start > at:
            raise ConvertError(
                f"{path}: {tensor.start - at} bytes before tensor {tensor.name!r} belong to no tensor.", DAMAGED
            )
        at = tensor.end
    if at != size:
        raise ConvertError(f"{path}: {size - at} bytes at its end belong to no tensor.", DAMAGED)

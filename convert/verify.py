"""Rereads a finished file and compares it with what was planned. What is on the disk counts, not what was sent to
it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .conversion_plan import ConversionPlan
from .errors import ConvertError
from .gguf_file import padding_size
from .gguf_reader import read_gguf
from .hashing import sha256

AGAIN = "The disk may be failing: convert again, and to another disk if it comes back."


def check_written(path: Path, plan: ConversionPlan, digest: str, step: Callable[[int], None] = lambda _: None) -> None:
    """Raises ConvertError unless the file has the planned names, shapes, types, places and size, and the SHA-256 of
    what was written."""
    found = read_gguf(path)
    if found.size != plan.size:
        raise ConvertError(f"{path}: {plan.size} bytes were written, but {found.size} are on the disk.", AGAIN)
    at = len(plan.head)
    if len(found.tensors) != len(plan.tensors):
        raise ConvertError(
            f"{path}: {len(plan.tensors)} tensors were written, but {len(found.tensors)} are on the disk.", AGAIN
        )
    for planned, tensor in zip(plan.tensors, found.tensors, strict=True):
        expected = (planned.weight.name, planned.weight.shape, planned.kind, at)
        if (tensor.name, tensor.shape, tensor.kind, tensor.start) != expected:
            raise ConvertError(f"{path}: tensor {planned.weight.name!r} is not on the disk as it was written.", AGAIN)
        at += tensor.size + padding_size(tensor.size)
    if sha256(path, step) != digest:
        raise ConvertError(f"{path}: what is on the disk is not what was written.", AGAIN)

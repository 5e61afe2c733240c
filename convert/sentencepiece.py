"""Reads a SentencePiece model file (tokenizer.model) without the sentencepiece package.

The file is one protobuf message; a few of its fields are all that a GGUF file takes over. Every length is checked
against what is left of the file before it is used. Whatever llama.cpp would tokenize otherwise than SentencePiece does
is refused.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import ConvertError

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
BPE = 2
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class Piece:
    text: bytes
    score: float
    kind: int


@dataclass(frozen=True, slots=True)
class SentencePieceModel:
    """``ids`` are those of bos, eos, unk and pad that the model has; ``space_prefix`` when it puts a space before the
    text."""

    pieces: tuple[Piece, ...]
    space_prefix: bool
    ids: dict[str, int]


class _Damaged(ValueError):
    pass


def read(path: Path) -> SentencePieceModel:
    """Raises ConvertError for a file that is damaged or a tokenizer of a kind that llama.cpp can't do."""
    try:
        data = path.read_bytes()
        return _model(path, data)
    except OSError as error:
        raise ConvertError(
            f"{path}: it can't be read ({error.strerror}).", "Check your permission to read it."
        ) from error
    except (_Damaged, struct.error, UnicodeDecodeError) as error:
        raise ConvertError(
            f"{path}: this is not a whole SentencePiece model ({error}).", "Copy or download this file again."
        ) from error


def _model(path: Path, data: bytes) -> SentencePieceModel:
    pieces: list[Piece] = []
    trainer: dict[int, int | bytes] = {}
    normalizer: dict[int, int | bytes] = {}
    for number, value in _fields(data):
        if number == 1:
            pieces.append(_piece(_bytes(value)))
        elif number == 2:
            trainer = dict(_fields(_bytes(value)))
        elif number == 3:
            normalizer = dict(_fields(_bytes(value)))
    if not pieces:
        raise _Damaged("it has no tokens")
    if trainer.get(3, 1) != BPE:
        raise ConvertError(
            f"{path}: this tokenizer is not of the BPE kind.", "Llama and Mistral checkpoints have a BPE tokenizer."
        )
    if normalizer.get(2, b"") or normalizer.get(4, 1):
        raise ConvertError(
            f"{path}: this tokenizer changes the text before splitting it, which llama.cpp would not do.",
            "Supported are tokenizers that leave the text as it is, as Llama's and Mistral's do.",
        )
    defaults = {"unk": (40, 0), "bos": (41, 1), "eos": (42, 2), "pad": (43, -1)}
    ids = {name: _signed(trainer.get(field, default)) for name, (field, default) in defaults.items()}
    return SentencePieceModel(
        tuple(pieces), bool(normalizer.get(3, 1)), {k: v for k, v in ids.items() if 0 <= v < len(pieces)}
    )


def _piece(data: bytes) -> Piece:
    text, score, kind = b"", 0.0, NORMAL
    for number, value in _fields(data):
        if number == 1:
            text = _bytes(value)
            text.decode("utf-8")
        elif number == 2:
            (score,) = struct.unpack("<f", _bytes(value))
        elif number == 3 and isinstance(value, int):
            kind = value
    if not NORMAL <= kind <= BYTE:
        raise _Damaged(f"a token has the unknown kind {kind}")
    return Piece(text, score, kind)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(field number, value) of a message: an int for varints, raw bytes for the rest."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == BYTES:
            size, at = _varint(data, at)
        elif wire in (FIXED32, FIXED64):
            size = 4 if wire == FIXED32 else 8
        else:
            raise _Damaged(f"unknown wire type {wire} at byte {at}")
        if size > len(data) - at:
            raise _Damaged(f"{size} bytes are announced at byte {at}, but {len(data) - at} are left")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise _Damaged("it ends in the middle of a number")
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    raise _Damaged(f"a number at byte {at} is too long")


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise _Damaged("a number stands where a text or message should be")
    return value


def _signed(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise _Damaged("a text stands where a number should be")
    return value - (1 << 64) if value >= 1 << 63 else value

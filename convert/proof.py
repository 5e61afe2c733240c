"""Proof that a finished file is its checkpoint: every claim the file makes, held against the source it was made from.

Nothing is taken from how the file was made: names, shapes and types are derived from the checkpoint again, sampled rows
are read back from the file and compared with the source's numbers, and the tokenizer is tried against the checkpoint's
own files by other people's programs.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import manifest
from .checkpoint import INDEX_FILE, Checkpoint, open_checkpoint
from .conversion_plan import read_card
from .gguf_file import FLOAT32, MetadataEntry
from .gguf_reader import GgufHeader, GgufTensor, read_gguf
from .hashing import sha256
from .library import Library
from .metadata import NOTICE, PROMPT_PACK, ModelCard, make_metadata
from .names import Weight, match_weights
from .quantize import make_job, row_order
from .recipes import RECIPES, tensor_type
from .sentencepiece import USER_DEFINED
from .tensor_types import TENSOR_TYPES
from .tokenizer_check import check_tokenizer
from .vocab import Vocabulary, read_vocabulary

ROWS = 16  # sampled in each tensor
TOLERANCE = 2.0  # times the error that plain quantizing makes; an importance matrix trades error between columns


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``good`` is None when it could not be looked at here; ``detail`` is a sentence."""

    what: str
    good: bool | None
    detail: str


def prove(
    file: Path,
    source: Path,
    *,
    lora: Path | None = None,
    quick: bool = False,
    step: Callable[[str], None] = lambda _: None,
    check: Callable[[], None] = lambda: None,
) -> Iterator[Finding]:
    """Everything that can be said about ``file`` as a conversion of ``source`` (with the adapter in ``lora``), one
    after the other.

    ``quick`` leaves out hashing, which reads both whole. ``step`` is told what comes next; ``check`` is called often
    and may raise to stop. Raises ConvertError when either can't be read at all.
    """
    header = read_gguf(file)
    with open_checkpoint(source, lora) as checkpoint:
        weights = match_weights(checkpoint.settings, checkpoint.tensors)
        step("names, shapes and types")
        yield _check_tensors(header, weights, checkpoint)
        step("numbers")
        yield _check_numbers(file, header, weights, checkpoint)
        step("settings, tokenizer and chat template")
        vocabulary = read_vocabulary(checkpoint.folder, checkpoint.settings)
        yield from _check_metadata(header, checkpoint, vocabulary, sum(math.prod(weight.shape) for weight in weights))
        yield from check_card(header, read_card(source))
        step("tokenization")
        added = [piece.text.decode("utf-8", "replace") for piece in vocabulary.pieces if piece.kind == USER_DEFINED]
        yield Finding("tokenization", *check_tokenizer(file, source, added))
        if not quick:
            step("hashes")
            yield _check_hashes(file, checkpoint, lambda _: check())


def _check_tensors(header: GgufHeader, weights: tuple[Weight, ...], checkpoint: Checkpoint) -> Finding:
    found = {tensor.name: tensor for tensor in header.tensors}
    names = {weight.name for weight in weights}
    if found.keys() != names:
        wrong = sorted(found.keys() ^ names)
        return Finding("tensors", False, f"{len(wrong)} tensors are missing or too many, such as {wrong[0]!r}.")
    shapes = [weight.name for weight in weights if found[weight.name].shape != weight.shape]
    if shapes:
        return Finding("tensors", False, f"{len(shapes)} tensors have another shape, such as {shapes[0]!r}.")
    number = header.metadata.get("general.file_type")
    recipe = next((recipe for recipe in RECIPES.values() if recipe.file_type == number), None)
    if recipe is None:
        return Finding("tensors", False, f"The file says that its type is number {number!r}, which is not known.")
    tied = "output.weight" not in names
    for importance in (False, True):
        kinds = [
            tensor_type(recipe, weight, checkpoint.settings, tied=tied, importance=importance) for weight in weights
        ]
        if all(found[weight.name].kind == kind for weight, kind in zip(weights, kinds, strict=True)):
            return Finding("tensors", True, f"All {len(weights)} names, shapes and types are those of {recipe.name}.")
    other = next(weight.name for weight, kind in zip(weights, kinds, strict=True) if found[weight.name].kind != kind)
    return Finding(
        "tensors", False, f"{other!r} is stored as {found[other].kind.name}, which is not its type in {recipe.name}."
    )


def _check_numbers(file: Path, header: GgufHeader, weights: tuple[Weight, ...], checkpoint: Checkpoint) -> Finding:
    library, found = Library(), {tensor.name: tensor for tensor in header.tensors}
    source = np.random.default_rng(0)
    rows = same = 0
    worst = (0.0, "")
    with file.open("rb") as stream:
        for weight in weights:
            tensor = found.get(weight.name)
            if tensor is None or tensor.shape != weight.shape or tensor.kind.name not in TENSOR_TYPES:
                continue
            count = weight.shape[0] if len(weight.shape) == 2 else 1
            chosen = np.sort(source.choice(count, min(ROWS, count), replace=False))
            stored = _stored_rows(stream, tensor, chosen)
            numbers = _source_rows(library, checkpoint, weight, chosen)
            identical, ratio = _quantization_error(library, tensor, stored, numbers)
            rows, same = rows + len(chosen), same + identical
            worst = max(worst, (ratio, weight.name))
    if worst[0] > TOLERANCE:
        return Finding(
            "numbers",
            False,
            f"In {worst[1]!r} the rows differ from the source {worst[0]:.0f} times as much as its type explains.",
        )
    detail = f"{rows} sampled rows agree with the source; {same} are the very bytes that ggml makes of it"
    return Finding(
        "numbers", rows > 0, f"{detail}." if same == rows else f"{detail}, the rest within the error of the type."
    )


def _stored_rows(stream: Any, tensor: GgufTensor, rows: npt.NDArray[np.int64]) -> list[npt.NDArray[np.uint8]]:
    size = tensor.kind.row_bytes(tensor.shape[-1])
    found = []
    for row in rows:
        stream.seek(tensor.start + int(row) * size)
        found.append(np.frombuffer(stream.read(size), np.uint8))
    return found


def _source_rows(
    library: Library, checkpoint: Checkpoint, weight: Weight, rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    work = make_job(checkpoint, weight, TENSOR_TYPES["F32"])
    order = rows if weight.heads is None else row_order(len(work.matrix), weight.heads)[rows]
    return work.numbers(library, order)


def _quantization_error(
    library: Library, tensor: GgufTensor, stored: list[npt.NDArray[np.uint8]], numbers: npt.NDArray[np.float32]
) -> tuple[int, float]:
    """(rows that are byte for byte what ggml makes, error of the stored rows as a multiple of the error that quantizing
    makes)."""
    columns = tensor.shape[-1]
    weights = np.ones(columns, np.float32) if tensor.kind.name in ("IQ2_XXS", "IQ2_XS") else None
    library.prepare(tensor.kind)
    made = library.quantize(tensor.kind, numbers, weights).reshape(len(stored), -1)
    identical = sum(np.array_equal(one, other) for one, other in zip(stored, made, strict=True))
    expected = _distance(library.dequantize(tensor.kind, made.reshape(-1), columns), numbers)
    there = _distance(library.dequantize(tensor.kind, np.concatenate(stored), columns), numbers)
    least = 1e-7 * float(np.sqrt(np.mean(np.square(numbers, dtype=np.float64)))) + 1e-30
    ratio = max(there, least) / max(expected, least)
    return identical, ratio if math.isfinite(ratio) else math.inf


def _distance(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(one.astype(np.float64) - other))))


def _check_metadata(
    header: GgufHeader, checkpoint: Checkpoint, vocabulary: Vocabulary, parameters: int
) -> Iterator[Finding]:
    expected = make_metadata(ModelCard(""), parameters, checkpoint.settings, vocabulary, RECIPES["F32"])
    for what, prefix in (
        ("settings", "llama."),
        ("tokenizer", "tokenizer.ggml."),
        ("chat template", "tokenizer.chat_template"),
    ):
        entries = {key: entry for key, entry in expected.items() if key.startswith(prefix)}
        wrong = [key for key, entry in entries.items() if not _holds_entry(entry, header.metadata.get(key))]
        if wrong:
            yield Finding(what, False, f"Not as in the checkpoint: {', '.join(wrong)}.")
        elif not entries:
            yield Finding(what, prefix not in header.metadata, "The checkpoint has none.")
        else:
            yield Finding(what, True, f"{len(entries)} entries are those of the checkpoint.")


def check_card(header: GgufHeader, card: ModelCard) -> Iterator[Finding]:
    """What the file says to its users, where the checkpoint has something to say."""
    expected = {key: text for key, text in ((PROMPT_PACK, card.prompt_pack), (NOTICE, card.notice)) if text}
    found = {key: header.metadata[key] for key in expected if key in header.metadata}
    if not expected:
        return
    if not found:
        yield Finding(
            "card", None, "The file does not hold its prompt pack and notice; it was made by an older version."
        )
    elif found != expected:
        yield Finding("card", False, "The prompt pack or the notice is not that of the checkpoint.")
    else:
        yield Finding("card", True, "The prompt pack and the notice are those of the checkpoint.")


def _holds_entry(entry: MetadataEntry, found: object) -> bool:
    if entry.items is None:
        return _as_read_back(entry.kind, entry.value) == found
    return isinstance(found, list) and [_as_read_back(entry.kind, item) for item in entry.items] == found


def _as_read_back(kind: int, value: Any) -> object:
    if kind == FLOAT32:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def _check_hashes(file: Path, checkpoint: Checkpoint, step: Callable[[int], None]) -> Finding:
    entry = manifest.find_entry(file)
    if entry is None:
        return Finding(
            "hashes", None, f"There is no {manifest.FILE_NAME} beside the file that says what its hash should be."
        )
    if sha256(file, step) != entry.get("sha256"):
        return Finding("hashes", False, f"The file is not the one that {manifest.FILE_NAME} lists.")
    known = {source["file"]: source["sha256"] for source in entry.get("sources", ())}
    files = [checkpoint.folder / "config.json", *checkpoint.files]
    files += [path for path in (checkpoint.folder / INDEX_FILE,) if path.is_file()]
    changed = [path.name for path in files if known.get(path.name) != sha256(path, step)]
    if changed:
        return Finding("hashes", False, f"Not the files that it was made from: {', '.join(changed)}.")
    return Finding(
        "hashes", True, f"The file and {len(files)} files of the checkpoint are those that {manifest.FILE_NAME} lists."
    )

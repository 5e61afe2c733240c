"""An importance matrix: for each weight, how strongly each of its columns is used by real text.

The file format is llama.cpp's (GGUF): per tensor the sums of squared activations and how many rows were summed. It
holds no text. What is given to the quantizer is the mean, divided as llama-quantize divides it, so that the same file
gives the same bytes there and here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .errors import ConvertError, ModelError
from .gguf_reader import GgufTensor, read_gguf
from .names import Weight
from .tensor_types import TENSOR_TYPES
from .terminal import program

SUMS_SUFFIX, COUNTS_SUFFIX = ".in_sum2", ".counts"


@dataclass(frozen=True, slots=True)
class Imatrix:
    """``columns`` has one float32 for each column of the tensor of that GGUF name."""

    path: Path
    columns: dict[str, npt.NDArray[np.float32]]

    def for_weight(self, weight: Weight) -> npt.NDArray[np.float32] | None:
        """The columns of one weight, or None when the matrix does not know it. Raises ConvertError when it is another
        model's."""
        found = self.columns.get(weight.name)
        if found is None or len(weight.shape) == 1:
            return None
        if len(found) != weight.shape[-1]:
            if weight.kind == "token_embd":
                return None
            raise ConvertError(
                f"{self.path}: for {weight.name!r} it has {len(found)} columns, but the model has {weight.shape[-1]}.",
                "It was made with another model. " + how_to_make(),
            )
        return found


def how_to_make() -> str:
    """The hint for whoever has no matrix, or not this model's."""
    return f"Make one with: {program()} imatrix MODEL.gguf --from YOUR_PAPERS"


def read_imatrix(path: Path) -> Imatrix:
    """Raises ConvertError for a file that is damaged, something else, or holds what is no number."""
    try:
        header = read_gguf(path)
    except ModelError as error:  # it is not the model that is wrong
        raise ConvertError(error.message, how_to_make()) from error
    if header.metadata.get("general.type") != "imatrix":
        raise ConvertError(f"{path}: this is a GGUF file, but no importance matrix.", how_to_make())
    tensors = {tensor.name: tensor for tensor in header.tensors}
    columns: dict[str, npt.NDArray[np.float32]] = {}
    for name, tensor in tensors.items():
        if not name.endswith(SUMS_SUFFIX):
            continue
        base = name.removesuffix(SUMS_SUFFIX)
        counts = tensors.get(base + COUNTS_SUFFIX)
        if counts is None:
            raise ConvertError(f"{path}: it has sums, but no counts for {base!r}.", how_to_make())
        count = _numbers(path, counts)
        if len(count) != 1:
            raise ConvertError(f"{path}: {base!r} has several counts, as of a model with experts.", how_to_make())
        sums = _numbers(path, tensor)
        columns[base] = sums / count[0] if count[0] > 0 else np.ones_like(sums)
    if not columns:
        raise ConvertError(f"{path}: the importance matrix is empty.", how_to_make())
    return Imatrix(path, columns)


def _numbers(path: Path, tensor: GgufTensor) -> npt.NDArray[np.float32]:
    if tensor.kind is not TENSOR_TYPES["F32"]:
        raise ConvertError(f"{path}: {tensor.name!r} is stored as {tensor.kind.name}, not as F32.", how_to_make())
    with path.open("rb") as file:
        file.seek(tensor.start)
        found = np.frombuffer(file.read(tensor.size), np.float32)
    if not np.isfinite(found).all() or (found < 0).any():
        raise ConvertError(f"{path}: {tensor.name!r} holds what can't be a sum of squares or a count.", how_to_make())
    return found

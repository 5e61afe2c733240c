"""What will be written, down to the last byte's place, before anything is written.

A plan is made from headers and tokenizer files only. Disk space, types, sizes and the file's whole header are known
from it, so that every refusal comes at once and not after an hour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from . import names
from .checkpoint import Checkpoint
from .errors import ConvertError
from .gguf_file import DeclaredTensor, build_header, file_size
from .imatrix import Imatrix, how_to_make
from .metadata import ModelCard, make_metadata
from .names import Weight
from .recipes import Recipe, requires_importance, tensor_type
from .settings import read_json
from .tensor_types import TensorType
from .vocab import Vocabulary, read_vocabulary

CARD_FILE = "leads_local.json"  # what the checkpoint's maker wants shown: name, notice, prompt_pack


@dataclass(frozen=True, slots=True)
class PlannedTensor:
    weight: Weight
    kind: TensorType
    importance: npt.NDArray[np.float32] | None

    @property
    def declared(self) -> DeclaredTensor:
        return DeclaredTensor(self.weight.name, self.weight.shape, self.kind)


@dataclass(frozen=True, slots=True)
class ConversionPlan:
    """``head`` is the GGUF file's header; ``size`` the whole file's bytes; ``parameters`` the numbers in the model."""

    recipe: Recipe
    card: ModelCard
    vocabulary: Vocabulary
    tensors: tuple[PlannedTensor, ...]
    head: bytes
    size: int
    parameters: int
    notices: tuple[str, ...]


def make_plan(checkpoint: Checkpoint, recipe: Recipe, imatrix: Imatrix | None = None) -> ConversionPlan:
    """Raises ConvertError for whatever stands in the way of this conversion."""
    settings = checkpoint.settings
    weights = names.match_weights(settings, checkpoint.tensors)
    tied = not any(weight.kind == "output" for weight in weights)
    tensors = tuple(_plan_tensor(checkpoint, recipe, weight, imatrix, tied=tied) for weight in weights)
    vocabulary = read_vocabulary(checkpoint.folder, settings)
    card = read_card(checkpoint.folder)
    merged: tuple[str, ...] = ()
    if (adapter := checkpoint.adapter) is not None:
        card, merged = replace(card, name=f"{card.name} + {adapter.name}"), (f"Merged with the {adapter.about}.",)
    parameters = sum(math.prod(weight.shape) for weight in weights)
    declared = [tensor.declared for tensor in tensors]
    head = build_header(make_metadata(card, parameters, settings, vocabulary, recipe), declared)
    return ConversionPlan(
        recipe,
        card,
        vocabulary,
        tensors,
        head,
        file_size(head, declared),
        parameters,
        settings.notices + vocabulary.notices + merged,
    )


def _plan_tensor(
    checkpoint: Checkpoint, recipe: Recipe, weight: Weight, imatrix: Imatrix | None, *, tied: bool
) -> PlannedTensor:
    kind = tensor_type(recipe, weight, checkpoint.settings, tied=tied, importance=imatrix is not None)
    columns = None if imatrix is None else imatrix.for_weight(weight)
    if columns is None and requires_importance(recipe, weight, kind):
        if imatrix is None:
            text = f"{recipe.name} needs an importance matrix: without one its answers are useless."
            raise ConvertError(text, "Give one with --imatrix, or choose Q3_K_M.")
        raise ConvertError(
            f"{imatrix.path}: it says nothing about {weight.name!r}, and {recipe.name} needs that.", how_to_make()
        )
    return PlannedTensor(weight, kind, columns)


def read_card(folder: Path) -> ModelCard:
    """leads_local.json of the checkpoint, if there is one; the name is the folder's otherwise."""
    path = folder / CARD_FILE
    found = read_json(path) if path.is_file() else {}
    texts = {}
    for key in ("name", "notice", "prompt_pack"):
        value = found.get(key, "")
        if not isinstance(value, str) or len(value) > 500:
            raise ConvertError(f"{path}: {key!r} should be a short text.", "Correct it or take the file away.")
        texts[key] = value.strip()
    return ModelCard(texts["name"] or folder.resolve().name, texts["notice"], texts["prompt_pack"])

"""A LoRA adapter as PEFT saves it, laid over a checkpoint while that is read: W + scale · B A, some rows at a time.

The sum is made in double precision and rounded to float32 once: in float32 alone it would depend on how the rows are
cut into blocks. Let through are the plain kind, on weights that the model has, and whole tensors that stand for the
model's own (modules_to_save). What is computed otherwise (DoRA and others) or names what the model has not is refused:
a part left out would be another model under this name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import ConvertError
from .safetensors import StoredTensor, read_header
from .settings import LARGEST_SIZE, read_json

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PREFIX = "base_model.model."
FACTOR_NAME = re.compile(r"(?P<module>.+)\.(?P<part>lora_(?:embedding_)?[AB])(?:\.default)?(?:\.weight)?")
REPLACED_NAME = re.compile(r"(?P<module>.+?)(?:\.modules_to_save(?:\.default)?)?\.weight")
FACTOR_TYPES = ("BF16", "F16", "F32")
SUPPORTED = (
    "Supported are LoRA adapters of PEFT, also with rsLoRA, rank_pattern, alpha_pattern and modules_to_save. "
    "Merge others into the checkpoint with PEFT first."
)
# settings of adapter_config.json that change what is computed, with the value that does not
NEUTRAL_SETTINGS: Mapping[str, tuple[object, ...]] = {
    "use_dora": (False, None), "use_qalora": (False, None), "lora_bias": (False, None), "bias": ("none", None),
    "layer_replication": (None, []), "alora_invocation_tokens": (None, []), "trainable_token_indices": (None, [], {}),
    "target_parameters": (None, []), "arrow_config": (None,),
}  # fmt: skip

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Factors:
    """Where one weight's two factors lie, and what their product is multiplied by. An embedding's are stored the other
    way round."""

    a: StoredTensor
    b: StoredTensor
    scale: float
    embedding: bool


@dataclass(frozen=True, slots=True)
class Delta:
    """What is added to a weight of shape (rows, columns): ``b`` is (rows, rank), ``a`` is (rank, columns)."""

    a: Doubles
    b: Doubles
    scale: float

    def added(self, numbers: npt.NDArray[np.float32], chosen: slice | npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """``numbers``, which are the chosen rows of the weight, with their part of the product."""
        return (numbers + self.scale * (self.b[chosen] @ self.a)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Adapter:
    """``factors`` and ``replaced`` are by the names of the checkpoint's tensors."""

    folder: Path
    factors: dict[str, Factors]
    replaced: dict[str, StoredTensor]

    @property
    def name(self) -> str:
        return self.folder.resolve().name

    @property
    def files(self) -> tuple[Path, Path]:
        return self.folder / CONFIG, self.folder / WEIGHTS

    @property
    def about(self) -> str:
        """For the manifest and the user."""
        ranks = sorted({factors.a.shape[0] for factors in self.factors.values()})
        rank = f"rank {', '.join(str(rank) for rank in ranks)}; " if ranks else ""
        replaced = f", {len(self.replaced)} tensors replaced" if self.replaced else ""
        return f"LoRA adapter {self.name} ({rank}{len(self.factors)} tensors changed{replaced})"


def read_adapter(folder: Path, tensors: Mapping[str, StoredTensor]) -> Adapter:
    """The adapter in ``folder`` for a checkpoint of these tensors. Raises ConvertError for what is damaged, unknown or
    does not fit."""
    if not folder.is_dir():
        raise ConvertError(
            f"{folder}: there is no such folder.", f"Give the adapter's folder, with {CONFIG} and {WEIGHTS}."
        )
    path, config = folder / WEIGHTS, read_json(folder / CONFIG)
    _check_neutral_settings(folder / CONFIG, config)
    if not path.is_file():
        raise ConvertError(f"{path}: there is no such file.", "Save the adapter with safe_serialization=True.")
    parts: dict[str, dict[str, StoredTensor]] = {}
    replaced: dict[str, StoredTensor] = {}
    unknown: list[str] = []
    for name, stored in read_header(path).items():
        module = name.removeprefix(PREFIX)
        if (factor := FACTOR_NAME.fullmatch(module)) is not None:
            parts.setdefault(factor["module"] + ".weight", {})[factor["part"]] = stored
        elif (whole := REPLACED_NAME.fullmatch(module)) is not None and _is_named(config, whole["module"]):
            replaced[whole["module"] + ".weight"] = stored
        else:
            unknown.append(name)
    _check_names(path, unknown, parts.keys() | replaced.keys(), tensors)
    factors = {weight: _factors(path, config, weight, found, tensors[weight]) for weight, found in parts.items()}
    for weight, stored in replaced.items():
        _check_tensor(stored, tensors[weight].shape)
    return Adapter(folder, factors, replaced)


def _check_neutral_settings(path: Path, config: dict[str, Any]) -> None:
    kind = config.get("peft_type")
    if kind != "LORA":
        raise ConvertError(f"{path}: this is an adapter of the kind {kind!r}.", SUPPORTED)
    for key, plain in NEUTRAL_SETTINGS.items():
        if (value := config.get(key)) not in plain:
            raise ConvertError(f"{path}: the adapter uses {key} ({value!r}), which can't be merged here.", SUPPORTED)


def _is_named(config: dict[str, Any], module: str) -> bool:
    names = config.get("modules_to_save")
    return isinstance(names, list) and any(
        isinstance(name, str) and f".{module}".endswith(f".{name}") for name in names
    )


def _check_names(path: Path, unknown: list[str], weights: set[str], tensors: Mapping[str, StoredTensor]) -> None:
    if unknown:
        raise ConvertError(
            f"{path}: the adapter has tensors that are not known, such as {sorted(unknown)[0]!r}.", SUPPORTED
        )
    if not weights:
        raise ConvertError(f"{path}: the adapter is empty.", "Save it again.")
    strange = sorted(weights - tensors.keys())
    if strange:
        shown = ", ".join(repr(name.removesuffix(".weight")) for name in strange[:3])
        more = f" and {len(strange) - 3} more" if len(strange) > 3 else ""
        raise ConvertError(
            f"{path}: the adapter names modules that the model has not: {shown}{more}.", "It belongs to another model."
        )
    shared = {"model.embed_tokens.weight", "lm_head.weight"} & weights
    if shared and "lm_head.weight" not in tensors:
        raise ConvertError(
            f"{path}: the adapter changes the embedding, which in this model is the output, too.", SUPPORTED
        )


def _factors(
    path: Path, config: dict[str, Any], weight: str, found: dict[str, StoredTensor], target: StoredTensor
) -> Factors:
    embedding = "lora_embedding_A" in found
    names = ("lora_embedding_A", "lora_embedding_B") if embedding else ("lora_A", "lora_B")
    if found.keys() != set(names):
        raise ConvertError(
            f"{path}: for {weight!r} there should be {' and '.join(names)}, but there is {', '.join(found)}.",
            "Save it again.",
        )
    if len(target.shape) != 2:
        raise ConvertError(f"{path}: {weight!r} is no matrix.", SUPPORTED)
    module, config_path = weight.removesuffix(".weight"), path.with_name(CONFIG)
    rank = int(_pattern(config_path, config, "rank_pattern", module, "r"))
    alpha = _pattern(config_path, config, "alpha_pattern", module, "lora_alpha")
    rows, columns = reversed(target.shape) if embedding else target.shape
    # fan_in_fan_out is about weights that are stored transposed; no linear layer of these models is, and PEFT then
    # ignores it, too
    a, b = (found[name] for name in names)
    _check_tensor(a, (rank, columns))
    _check_tensor(b, (rows, rank))
    return Factors(a, b, alpha / (math.sqrt(rank) if config.get("use_rslora") is True else rank), embedding)


def _pattern(path: Path, config: dict[str, Any], patterns: str, module: str, key: str) -> float:
    """The module's own value where ``patterns`` has one, else the adapter's. PEFT takes the first that the module's
    name ends with."""
    table = config.get(patterns) or {}
    if not isinstance(table, dict) or not all(re.fullmatch(r"\^?[\w.]+\$?", name) for name in table):
        raise ConvertError(f"{path}: {patterns} should give modules by the ends of their names.", SUPPORTED)
    ends = [
        name
        for name in table
        if (name.startswith("^") and module == name.strip("^$")) or f".{module}".endswith(f".{name.rstrip('$')}")
    ]
    value = table[ends[0]] if ends else config.get(key)
    whole = patterns == "rank_pattern"
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not 0 < value <= LARGEST_SIZE:
        raise ConvertError(
            f"{path}: {key} for {module!r} should be a number above 0, but is {value!r}.",
            "Copy or save the adapter again.",
        )
    return value


def _check_tensor(stored: StoredTensor, shape: tuple[int, ...]) -> None:
    if stored.dtype not in FACTOR_TYPES or stored.shape != shape:
        shown, wanted = (" x ".join(str(size) for size in sizes) for sizes in (stored.shape, shape))
        raise ConvertError(
            f"{stored.path}: {stored.name!r} is {shown} in {stored.dtype}, but should be {wanted} in "
            f"{', '.join(FACTOR_TYPES)}.",
            "The adapter belongs to another model, or its adapter_config.json does not belong to it.",
        )


def as_doubles(stored: StoredTensor, rows: npt.NDArray[Any]) -> Doubles:
    """A stored factor's numbers. Raises ConvertError when it holds what is no number."""
    if stored.dtype == "BF16":
        rows = (rows.astype(np.uint32) << 16).view(np.float32)
    elif stored.dtype == "F16":
        rows = rows.view(np.float16)
    found = np.ascontiguousarray(rows, np.float64)
    if not np.isfinite(found).all():
        raise ConvertError(
            f"{stored.path}: {stored.name!r} holds what is no number.", "Its training failed, or the file is damaged."
        )
    return found

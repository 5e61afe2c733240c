"""What a conversion will cost and what its result will need, told before anything is written.

Sizes are exact: they come from the same recipes as the file. Memory and time are estimates: memory from llama.cpp's
buffers, time from the work that each type takes, scaled by one short measurement on this machine.
"""

from __future__ import annotations

import math
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .checkpoint import open_checkpoint
from .conversion_plan import make_plan
from .errors import ConvertError
from .library import Library
from .names import match_weights
from .output import part_size
from .pipeline import count_processors, output_path
from .recipes import RECIPES, Recipe, tensor_type
from .settings import ModelSettings
from .tensor_types import TENSOR_TYPES

# Seconds of one core for a million numbers, measured on one machine; a short measurement of Q4_K here tells how much
# faster this one is.
CORE_SECONDS = {
    "F32": 0.0004, "F16": 0.003, "BF16": 0.0007, "Q4_0": 0.002, "Q4_1": 0.002, "Q5_0": 0.003, "Q5_1": 0.003,
    "Q8_0": 0.005,
    "Q2_K": 0.083, "Q3_K": 0.016, "Q4_K": 0.099, "Q5_K": 0.081, "Q6_K": 0.037, "IQ2_XXS": 0.44, "IQ2_XS": 1.03,
    "IQ2_S": 0.29,
    "IQ3_XXS": 0.5, "IQ3_S": 0.36, "IQ4_NL": 0.19, "IQ4_XS": 0.2,
}  # fmt: skip
BYTES_PER_SECOND = 1e9  # bytes per second for reading, hashing and writing, beside the work
BATCH = 512  # tokens that llama.cpp works on at once
SHARE = 0.7  # of the machine's memory that a model may take
TYPES_BEST_FIRST = (
    "Q6_K",
    "Q5_K_M",
    "Q4_K_M",
    "Q4_K_S",
    "Q3_K_M",
    "Q3_K_S",
    "Q2_K",
)  # best first; above Q6_K answers get slower, not better


@dataclass(frozen=True, slots=True)
class TypeForecast:
    """One type: bytes of the file, bytes of memory for the model with its context, seconds that the conversion takes,
    and bytes that an unfinished conversion to this file has on the disk already."""

    name: str
    size: int
    memory: int
    seconds: float
    needs_importance: bool
    about: str
    unfinished: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """``memory`` and ``disk`` are the machine's memory and the free disk at the output, in bytes."""

    rows: tuple[TypeForecast, ...]
    context: int
    memory: int
    disk: int


def forecast(source: Path, context: int, out: Path | None = None, lora: Path | None = None) -> Forecast:
    """All types for the checkpoint in ``source``. Raises ConvertError as the conversion itself would."""
    import psutil  # type: ignore[import-untyped, unused-ignore]

    with open_checkpoint(source, lora) as checkpoint:
        adapter = checkpoint.adapter.name if checkpoint.adapter else ""
        settings = checkpoint.settings
        weights = match_weights(settings, checkpoint.tensors)
        head = len(make_plan(checkpoint, RECIPES["F32"]).head)
        stored = sum(tensor.end - tensor.start for tensor in checkpoint.tensors.values())
    context = min(context, settings.context)
    tied, speed = not any(weight.kind == "output" for weight in weights), _slowness()

    def row(recipe: Recipe) -> TypeForecast:
        kinds = [
            tensor_type(recipe, weight, settings, tied=tied, importance=recipe.needs_importance) for weight in weights
        ]
        size = head + sum(kind.tensor_bytes(weight.shape) for weight, kind in zip(weights, kinds, strict=True))
        work = sum(
            CORE_SECONDS[kind.name] * math.prod(weight.shape) / 1e6 for weight, kind in zip(weights, kinds, strict=True)
        )
        seconds = work * speed / count_processors() + (stored + size) / BYTES_PER_SECOND
        memory, left = (
            size + context_bytes(settings, context),
            part_size(output_path(source, recipe.name, out, adapter)),
        )
        return TypeForecast(recipe.name, size, memory, seconds, recipe.needs_importance, recipe.about, left)

    folder = source.resolve().parent if out is None else out if out.is_dir() else out.parent
    if not folder.is_dir():
        raise ConvertError(f"{folder}: there is no such folder.", "Make it first, or give another place with --out.")
    return Forecast(
        tuple(row(recipe) for recipe in RECIPES.values()),
        context,
        psutil.virtual_memory().total,
        shutil.disk_usage(folder).free,
    )


def context_bytes(settings: ModelSettings, context: int) -> int:
    """Memory beside the weights: keys and values of ``context`` tokens in F16, and what one batch of tokens needs."""
    cache = 2 * settings.layers * settings.kv_heads * settings.head_dim * context * 2
    return cache + BATCH * (4 * settings.hidden + 2 * settings.ffn + settings.vocabulary) * 4


def best_fitting_type(found: Forecast) -> tuple[str, str]:
    """(type, reason) of the best type that fits this machine and its disk, but first of those that were begun here
    before, so that the same command goes on. Raises ConvertError with the arithmetic when none fits."""
    rows = {row.name: row for row in found.rows}
    budget = int(found.memory * SHARE)
    for name in sorted(TYPES_BEST_FIRST, key=lambda name: not rows[name].unfinished):
        row = rows[name]
        if row.memory <= budget and row.size < found.disk + row.unfinished:
            return name, (
                f"It needs {row.memory / 1e9:.2f} GB of memory with {found.context} tokens, and {budget / 1e9:.2f} "
                "GB of this machine's "
                f"{found.memory / 1e9:.2f} GB may be used."
            )
    least = rows[TYPES_BEST_FIRST[-1]]
    raise ConvertError(
        f"Even {least.name} needs {least.memory / 1e9:.2f} GB of memory and {least.size / 1e9:.2f} GB of disk; "
        f"{budget / 1e9:.2f} GB and {found.disk / 1e9:.2f} GB can be used here.",
        "Use a machine with more memory, or a shorter --context.",
    )


def choose_type(
    source: Path, out: Path | None, lora: Path | None = None, *, fresh: bool = False, context: int = 8192
) -> tuple[str, str]:
    """What ``--quant auto`` means for this checkpoint on this machine: (type, reason). ``fresh`` does not look at what
    was begun before."""
    found = forecast(source, context, out, lora)
    rows = tuple(replace(row, unfinished=0) for row in found.rows) if fresh else found.rows
    return best_fitting_type(replace(found, rows=rows))


def _slowness() -> float:
    """How many times longer this machine takes for the same work than the one that WORK was measured on."""
    library, kind = Library(), TENSOR_TYPES["Q4_K"]
    rows = np.random.default_rng(0).standard_normal((16, 4096), dtype=np.float32)
    library.prepare(kind)
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        library.quantize(kind, rows)
        best = min(best, time.perf_counter() - start)
    return best / (rows.size / 1e6) / CORE_SECONDS["Q4_K"]

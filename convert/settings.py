"""What config.json says about a model, checked before anything else is opened.

Only what llama.cpp's "llama" architecture can compute is let through. Whatever would be computed otherwise than the
checkpoint wants is refused by name: a silent difference here would be a wrong answer in a review.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import ConvertError
from .files import check_file

ARCHITECTURES = ("LlamaForCausalLM", "MistralForCausalLM")
SUPPORTED = f"Supported are {' and '.join(ARCHITECTURES)} checkpoints with weights in BF16, F16 or F32."
LARGEST_SIZE = 1 << 24  # more than any real model has of anything in config.json


@dataclass(frozen=True, slots=True)
class Llama3Scaling:
    """Llama 3.1's rope scaling: waves above ``context / low`` tokens are stretched by ``factor``, those under ``context
    / high`` not."""

    factor: float
    low: float
    high: float
    context: int


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The sizes of a model. ``rope_factor`` is not None for linear scaling; ``notices`` are sentences for the user."""

    architecture: str
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocabulary: int
    context: int
    norm_eps: float
    rope_base: float
    rope_factor: float | None
    tied: bool
    token_ids: dict[str, int]
    notices: tuple[str, ...]
    llama3: Llama3Scaling | None = None


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file. Raises ConvertError when it is missing or something else."""
    check_file(path)
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ConvertError(
            f"{path}: there is no such file.", "Give the folder of a Hugging Face checkpoint, with all its files."
        ) from error
    except OSError as error:
        raise ConvertError(
            f"{path}: it can't be read ({error.strerror}).", "Check your permission to read it."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConvertError(f"{path}: it is not valid JSON ({error}).", "Copy or download this file again.") from error
    if not isinstance(found, dict):
        raise ConvertError(f"{path}: it should hold a JSON object.", "Copy or download this file again.")
    return found


def read_settings(folder: Path) -> ModelSettings:
    """config.json of a checkpoint as Settings. Raises ConvertError for what is missing, absurd or not supported."""
    path = folder / "config.json"
    config = read_json(path)
    architecture = _architecture(path, config)
    hidden, heads = _size(path, config, "hidden_size"), _size(path, config, "num_attention_heads")
    kv_heads = _size(path, config, "num_key_value_heads", heads)
    head_dim = _size(path, config, "head_dim", max(hidden // heads, 1))
    if heads % kv_heads or head_dim % 2 or ("head_dim" not in config and hidden % heads):
        raise ConvertError(
            f"{path}: {heads} heads, {kv_heads} key-value heads and head size {head_dim} don't fit together.",
            "Check num_attention_heads.",
        )
    base, factor, llama3 = _rope(path, config)
    return ModelSettings(
        architecture=architecture,
        hidden=hidden,
        layers=_size(path, config, "num_hidden_layers", most=512),
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        ffn=_size(path, config, "intermediate_size"),
        vocabulary=_size(path, config, "vocab_size"),
        context=_size(path, config, "max_position_embeddings"),
        norm_eps=_number(path, config, "rms_norm_eps", 1e-6),
        rope_base=base,
        rope_factor=factor,
        tied=config.get("tie_word_embeddings") is True,
        token_ids={
            k: v for k in ("bos", "eos", "unk", "pad") if type(v := config.get(f"{k}_token_id")) is int and v >= 0
        },
        notices=_notices(config),
        llama3=llama3,
    )


def _architecture(path: Path, config: dict[str, Any]) -> str:
    names = config.get("architectures")
    name = names[0] if isinstance(names, list) and names else None
    if name not in ARCHITECTURES:
        raise ConvertError(f"{path}: the architecture {name!r} is not supported.", SUPPORTED)
    if config.get("quantization_config"):
        raise ConvertError(f"{path}: this checkpoint is already quantized (quantization_config).", SUPPORTED)
    if config.get("hidden_act", "silu") != "silu":
        raise ConvertError(
            f"{path}: the activation {config['hidden_act']!r} is not supported.", "Llama and Mistral models use silu."
        )
    return str(name)


def _size(path: Path, config: dict[str, Any], key: str, default: int | None = None, most: int = LARGEST_SIZE) -> int:
    value = config.get(key)
    value = default if value is None else value
    if type(value) is not int or not 0 < value <= most:
        raise ConvertError(
            f"{path}: {key} should be a whole number from 1 to {most}, but is {value!r}.",
            "Copy or download this file again.",
        )
    return value


def _number(path: Path, config: dict[str, Any], key: str, default: float) -> float:
    value = config.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e30:
        raise ConvertError(
            f"{path}: {key} should be a number above 0, but is {value!r}.", "Copy or download this file again."
        )
    return float(value)


def _rope(path: Path, config: dict[str, Any]) -> tuple[float, float | None, Llama3Scaling | None]:
    """(base frequency, linear factor or None, ...). Older files have rope_theta and rope_scaling, newer ones
    rope_parameters."""
    scaling = config.get("rope_parameters") or config.get("rope_scaling") or {}
    if not isinstance(scaling, dict):
        raise ConvertError(f"{path}: the rope settings should be a JSON object.", "Copy or download this file again.")
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    base = _number(
        path, {"rope_theta": scaling.get("rope_theta", config.get("rope_theta", 10000.0))}, "rope_theta", 10000.0
    )
    if kind in ("default", None):
        return base, None, None
    if kind == "linear":
        return base, _number(path, scaling, "factor", 0.0), None
    if kind == "llama3":
        return base, None, _llama3(path, config, scaling)
    raise ConvertError(
        f"{path}: the rope scaling {kind!r} is not supported.", "Supported are none, 'linear' and 'llama3'."
    )


def _llama3(path: Path, config: dict[str, Any], scaling: dict[str, Any]) -> Llama3Scaling:
    """All four numbers must be there: for one that is missing, transformers and llama.cpp's converter each take
    something else."""
    context = "original_max_position_embeddings"
    inside, outside = scaling.get(context), config.get(context)
    if inside is not None and outside is not None and inside != outside:
        raise ConvertError(
            f"{path}: {context} is {inside!r} in the rope settings and {outside!r} at the top.",
            "Copy or download this file again.",
        )
    numbers = scaling | {context: outside if inside is None else inside}
    missing = [key for key in ("factor", "low_freq_factor", "high_freq_factor", context) if numbers.get(key) is None]
    if missing:
        raise ConvertError(
            f"{path}: rope scaling of the type 'llama3' needs {' and '.join(missing)}.",
            "Copy or download this file again.",
        )
    found = Llama3Scaling(
        factor=_number(path, numbers, "factor", 0.0),
        low=_number(path, numbers, "low_freq_factor", 0.0),
        high=_number(path, numbers, "high_freq_factor", 0.0),
        context=_size(path, numbers, context),
    )
    if found.low >= found.high:
        raise ConvertError(
            f"{path}: low_freq_factor should be less than high_freq_factor.", "Copy or download this file again."
        )
    return found


def _notices(config: dict[str, Any]) -> tuple[str, ...]:
    window, context = config.get("sliding_window"), config.get("max_position_embeddings")
    if type(window) is int and type(context) is int and 0 < window < context:
        return (
            f"The checkpoint looks back {window} tokens only (sliding_window), which llama.cpp does not do: "
            f"answers about longer texts can differ from the original's.",
        )
    return ()

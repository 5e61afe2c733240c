"""What each tensor of a checkpoint is called in a GGUF file, what shape it must have, and what happens to its rows.

Names are looked up, never rewritten piece by piece: a tensor that is not in the table is an error that lists it. The
order is the one in which llama.cpp's quantizer writes tensors: those of no layer first, then by layer, each by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .errors import ConvertError
from .safetensors import StoredTensor
from .settings import SUPPORTED, ModelSettings

IGNORED = (
    ".rotary_emb.inv_freq",
    ".attention.bias",
    ".attention.masked_bias",
)  # old files hold them; they are computed


@dataclass(frozen=True, slots=True)
class Weight:
    """One tensor of the GGUF file.

    ``source`` is "" where it is computed and not stored. ``kind`` is its name without layer and ending ("attn_v"), by
    which recipes choose; ``shape`` is (rows, columns) or (length,); ``heads`` is not None where the rows of each head
    are reordered from rotate-half to interleaved (query and key).
    """

    source: str
    name: str
    kind: str
    layer: int
    shape: tuple[int, ...]
    heads: int | None = None


def expected_weights(settings: ModelSettings, *, output: bool) -> tuple[Weight, ...]:
    """Every tensor that a model of these settings has, in llama.cpp's order; ``output`` when it has one of its own (not
    tied)."""
    hidden, vocabulary = settings.hidden, settings.vocabulary
    found = [
        Weight("model.embed_tokens.weight", "token_embd.weight", "token_embd", -1, (vocabulary, hidden)),
        Weight("model.norm.weight", "output_norm.weight", "output_norm", -1, (hidden,)),
    ]
    if output:
        found.append(Weight("lm_head.weight", "output.weight", "output", -1, (vocabulary, hidden)))
    if settings.llama3 is not None:
        found.append(Weight("", "rope_freqs.weight", "rope_freqs", -1, (settings.head_dim // 2,)))
    for layer in range(settings.layers):
        found += _layer(settings, layer)
    return tuple(sorted(found, key=lambda weight: (weight.layer, weight.name)))


def _layer(settings: ModelSettings, layer: int) -> Iterable[Weight]:
    hidden, ffn = settings.hidden, settings.ffn
    queries, keys = settings.heads * settings.head_dim, settings.kv_heads * settings.head_dim
    table: tuple[tuple[str, str, tuple[int, ...], int | None], ...] = (
        ("input_layernorm", "attn_norm", (hidden,), None),
        ("self_attn.q_proj", "attn_q", (queries, hidden), settings.heads),
        ("self_attn.k_proj", "attn_k", (keys, hidden), settings.kv_heads),
        ("self_attn.v_proj", "attn_v", (keys, hidden), None),
        ("self_attn.o_proj", "attn_output", (hidden, queries), None),
        ("post_attention_layernorm", "ffn_norm", (hidden,), None),
        ("mlp.gate_proj", "ffn_gate", (ffn, hidden), None),
        ("mlp.up_proj", "ffn_up", (ffn, hidden), None),
        ("mlp.down_proj", "ffn_down", (hidden, ffn), None),
    )
    for source, kind, shape, heads in table:
        yield Weight(f"model.layers.{layer}.{source}.weight", f"blk.{layer}.{kind}.weight", kind, layer, shape, heads)


def match_weights(settings: ModelSettings, tensors: dict[str, StoredTensor]) -> tuple[Weight, ...]:
    """The weights of this checkpoint, every one present with its shape. Raises ConvertError that lists what is missing
    or unknown."""
    expected = expected_weights(settings, output="lm_head.weight" in tensors or not settings.tied)
    stored = [weight for weight in expected if weight.source]
    known = {weight.source for weight in stored}
    missing = [weight.source for weight in stored if weight.source not in tensors]
    folder = next((str(tensor.path.parent) for tensor in tensors.values()), "The checkpoint")
    if missing:
        raise ConvertError(
            f"{folder} has no tensor {_some(missing)}.", "Copy all of its files into the folder, with their index."
        )
    unknown = [name for name in tensors if name not in known and not name.endswith(IGNORED)]
    if unknown:
        raise ConvertError(f"{folder} has tensors that are not known: {_some(unknown)}.", SUPPORTED)
    for weight in stored:
        found = tensors[weight.source]
        if found.shape != weight.shape:
            raise ConvertError(
                f"{found.path}: tensor {weight.source!r} is {_sizes(found.shape)}, but should be "
                f"{_sizes(weight.shape)} by config.json.",
                "config.json and the weights belong to different models, or one of them is damaged.",
            )
    return expected


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(repr(name) for name in names[:3]) + more


def _sizes(shape: tuple[int, ...]) -> str:
    return " x ".join(str(size) for size in shape) or "a single number"

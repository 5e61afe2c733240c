"""The key-value part of the GGUF file: what llama.cpp's own converter would write for this checkpoint, key for key.

Keys and their order follow that converter and the quantizer after it (which puts its own two entries last), so that
every program that reads their files reads ours, and the whole file is the same one. Two differences: what the
checkpoint's own card says of prompts and of the model stands in keys of ours, where there is such a card; and what a
tokenizer.model calls user-defined stays so here, where that converter makes plain pieces of it, which are then not
found in texts.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import gguf_file as gguf
from .gguf_file import MetadataEntry
from .recipes import Recipe
from .settings import ModelSettings
from .vocab import Vocabulary

QUANTIZATION_VERSION = 2  # of ggml's block layouts
# Keys of ours, which llama.cpp and its quantizer leave as they are: a file that is moved or copied keeps them.
PROMPT_PACK, NOTICE = "leads_local.prompt_pack", "leads_local.notice"
SPECIAL_KEYS = {"bos": "bos", "eos": "eos", "unk": "unknown", "pad": "padding"}


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What the user is shown about a model. ``prompt_pack`` is the name of the pack that it was trained on, or
    empty."""

    name: str
    notice: str = ""
    prompt_pack: str = ""


def make_metadata(
    card: ModelCard, parameters: int, settings: ModelSettings, vocabulary: Vocabulary, recipe: Recipe
) -> dict[str, MetadataEntry]:
    """All entries in order. ``parameters`` is the number of numbers in the model."""
    found = {
        "general.architecture": gguf.string("llama"),
        "general.type": gguf.string("model"),
        "general.name": gguf.string(card.name),
        "general.size_label": gguf.string(size_label(parameters)),
    }
    last = {
        "general.quantization_version": gguf.uint32(QUANTIZATION_VERSION),
        "general.file_type": gguf.uint32(recipe.file_type),
    }
    own = {PROMPT_PACK: card.prompt_pack, NOTICE: card.notice}
    found |= {key: gguf.string(text) for key, text in own.items() if text}
    return found | _model(settings) | _tokenizer(vocabulary) | last


def _model(settings: ModelSettings) -> dict[str, MetadataEntry]:
    found = {
        "llama.block_count": gguf.uint32(settings.layers),
        "llama.context_length": gguf.uint32(settings.context),
        "llama.embedding_length": gguf.uint32(settings.hidden),
        "llama.feed_forward_length": gguf.uint32(settings.ffn),
        "llama.attention.head_count": gguf.uint32(settings.heads),
        "llama.attention.head_count_kv": gguf.uint32(settings.kv_heads),
    }
    if settings.rope_factor is not None:
        found["llama.rope.scaling.type"] = gguf.string("linear")
        found["llama.rope.scaling.factor"] = gguf.float32(settings.rope_factor)
    return found | {
        "llama.rope.freq_base": gguf.float32(settings.rope_base),
        "llama.attention.layer_norm_rms_epsilon": gguf.float32(settings.norm_eps),
        "llama.attention.key_length": gguf.uint32(settings.head_dim),
        "llama.attention.value_length": gguf.uint32(settings.head_dim),
        "llama.vocab_size": gguf.uint32(settings.vocabulary),
        "llama.rope.dimension_count": gguf.uint32(settings.head_dim),
    }


def _tokenizer(vocabulary: Vocabulary) -> dict[str, MetadataEntry]:
    pieces, found = vocabulary.pieces, {}
    if vocabulary.space_prefix is not None:
        found["tokenizer.ggml.add_space_prefix"] = gguf.boolean(vocabulary.space_prefix)
    found["tokenizer.ggml.model"] = gguf.string(vocabulary.model)
    found["tokenizer.ggml.pre"] = gguf.string(vocabulary.pre)
    found["tokenizer.ggml.tokens"] = gguf.array(gguf.STRING, [piece.text for piece in pieces])
    if vocabulary.model == "llama":
        found["tokenizer.ggml.scores"] = gguf.array(gguf.FLOAT32, [piece.score for piece in pieces])
    found["tokenizer.ggml.token_type"] = gguf.array(gguf.INT32, [piece.kind for piece in pieces])
    if vocabulary.merges:
        found["tokenizer.ggml.merges"] = gguf.array(gguf.STRING, vocabulary.merges)
    found |= {
        f"tokenizer.ggml.{key}_token_id": gguf.uint32(vocabulary.special[role])
        for role, key in SPECIAL_KEYS.items()
        if role in vocabulary.special
    }
    found |= {f"tokenizer.ggml.add_{role}_token": gguf.boolean(wanted) for role, wanted in vocabulary.adds.items()}
    if vocabulary.template is not None:
        found["tokenizer.chat_template"] = gguf.string(vocabulary.template)
    return found


def size_label(parameters: int) -> str:
    """7248023552 → "7.2B", with at least two digits."""
    units = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
    unit, sign = next((pair for pair in units if parameters > pair[0]), units[-1])
    scaled = parameters / unit
    return f"{scaled:.{max(2 - len(str(round(scaled)).lstrip('0')), 0)}f}{sign}"

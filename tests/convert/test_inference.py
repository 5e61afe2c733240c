"""What llama.cpp computes and tokenizes with a converted file is what the checkpoint computes and its tokenizer
gives."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from convert import convert
from convert.rope import frequency_factors
from convert.settings import Llama3Scaling
from tests.checkpoints import make_checkpoint, random_tensors, tensor_shapes, tokenizer_source
from tests.convert.conftest import SMALL, Maker
from tests.convert.peer import run

Array = npt.NDArray[np.float64]
NASTY = (
    "", " ", "  ", "   ", " " * 17, " " * 33, "\n", "\n\n\t x", "\t", "\r\n a", "a" * 200, "  two  spaces  ",
    "[INST] text [/INST]",
    "</s> is the end", "<s><unk>", "<0x41>", "▁ x", "🙂👩‍🔬🇩🇪", "日本語テスト", "é ü ñ İ ı ſ",
    "p<0.001 (95% CI 1.2–3.4)",
    "½ ± ≤ β",
    "\u200b\u00a0x\u2009y", "\x00\x01", "\ufffd", "1234567890", "n=1,234", "[TOOL_CALLS]", "{{ bos_token }}", "١٢٣",
    "a\u0301\u0302",
)  # fmt: skip


def corpus() -> list[str]:
    source = random.Random(1)
    signs = "abcdefghij ABC   \n\t0123456789.,;:()[]<>/s▁éßñ日本🙂\u0301"
    text = "the of trial randomised placebo mg/kg (n=12) p<0.05; 95% CI −0.3 to Ménière's β COVID-19 follow-up"
    words = text.split()
    strings = ["".join(source.choice(signs) for _ in range(source.randint(1, 60))) for _ in range(300)]
    return [*NASTY, *strings, *(" ".join(source.choice(words) for _ in range(30)) for _ in range(100))]


@pytest.mark.parametrize("tokenizer", ["model", "json", "both"])
def test_ids_are_those_of_mistral_common(tmp_path: Path, tokenizer: str) -> None:
    from mistral_common.tokens.tokenizers.sentencepiece import SentencePieceTokenizer

    reference = SentencePieceTokenizer(tokenizer_source())
    source = make_checkpoint(tmp_path / "source", hidden=32, layers=1, heads=2, kv_heads=1, ffn=32, tokenizer=tokenizer)  # type: ignore[arg-type]
    model = convert(source, "Q8_0", tmp_path / "made.gguf").path
    texts = corpus()
    found = run("tokenize", model=model, texts=texts)
    expected = [reference.encode(text, bos=False, eos=False) for text in texts]
    assert [(t, f, e) for t, f, e in zip(texts, found, expected, strict=True) if f != e] == []


def forward(
    weights: dict[str, Array],
    tokens: list[int],
    *,
    heads: int,
    kv_heads: int,
    base: float,
    epsilon: float,
    slowed: Array | float = 1.0,
) -> Array:
    """The logits after each token: a plain Llama forward pass, written from its definition, in double precision.

    ``slowed`` is what the frequencies of the positions are divided by.
    """

    def norm(x: Array, name: str) -> Array:
        found: Array = x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + epsilon) * weights[name]
        return found

    def rotate(x: Array) -> Array:
        half = x.shape[-1] // 2
        angles = np.arange(len(tokens))[:, None] * (base ** (-np.arange(half) / half) / slowed)
        cosine, sine = np.cos(angles)[:, None, :], np.sin(angles)[:, None, :]
        first, second = x[..., :half], x[..., half:]
        return np.concatenate([first * cosine - second * sine, second * cosine + first * sine], axis=-1)

    x = weights["model.embed_tokens.weight"][tokens]
    layers = 1 + max(int(name.split(".")[2]) for name in weights if ".layers." in name)
    future = np.triu(np.full((len(tokens), len(tokens)), -np.inf), 1)
    for layer in range(layers):
        at = f"model.layers.{layer}."
        h = norm(x, at + "input_layernorm.weight")
        q, k, v = (h @ weights[f"{at}self_attn.{kind}_proj.weight"].T for kind in "qkv")
        q, k, v = (
            rotate(q.reshape(len(tokens), heads, -1)),
            rotate(k.reshape(len(tokens), kv_heads, -1)),
            v.reshape(len(tokens), kv_heads, -1),
        )
        k, v = (np.repeat(part, heads // kv_heads, axis=1) for part in (k, v))
        scores = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(q.shape[-1]) + future
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        x = (
            x
            + np.einsum("hqk,khd->qhd", shares, v).reshape(len(tokens), -1) @ weights[at + "self_attn.o_proj.weight"].T
        )
        h = norm(x, at + "post_attention_layernorm.weight")
        gate, up = (h @ weights[f"{at}mlp.{kind}_proj.weight"].T for kind in ("gate", "up"))
        x = x + (gate / (1 + np.exp(-gate)) * up) @ weights[at + "mlp.down_proj.weight"].T
    return norm(x, "model.norm.weight") @ weights.get("lm_head.weight", weights["model.embed_tokens.weight"]).T


# waves of 16 to 64 tokens are slowed down a little, longer ones by the whole factor
LLAMA_3_1 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
LOGIT_SHAPES: dict[str, dict[str, Any]] = {
    "shared keys": {},
    "tied": {"tied": True},
    "explicit head size": {"head_dim": 32, "hidden": 192},
    "one key for all, llama": {"kv_heads": 1, "architecture": "LlamaForCausalLM"},
    "a key for each, sharded": {"kv_heads": 4, "shards": 4},
    "positions as in Llama 3.1": {"config": {"rope_scaling": LLAMA_3_1}},
}


@pytest.mark.parametrize("shape", LOGIT_SHAPES)
def test_logits_at_f32_are_those_of_a_plain_forward_pass(tmp_path: Path, checkpoint: Maker, shape: str) -> None:
    options = SMALL | {"dtype": "F32", "scale": 0.1, "seed": 3} | LOGIT_SHAPES[shape]
    model = convert(checkpoint(**options), "F32", tmp_path / "made.gguf").path
    size = int(options.get("head_dim") or options["hidden"] // options["heads"])
    shapes = tensor_shapes(options["hidden"], 2, 4, options["kv_heads"], size, 512, options.get("tied", False), 512)
    weights = {name: values.astype(np.float64) for name, values in random_tensors(shapes, 3, 0.1)}
    tokens = [1, 3, 17, 450, 450, 2, 99, 300, 5, 511, 0, 64]
    slowed = frequency_factors(1e6, size, Llama3Scaling(8.0, 1.0, 4.0, 64)) if "config" in options else 1.0
    expected = forward(weights, tokens, heads=4, kv_heads=options["kv_heads"], base=1e6, epsilon=1e-5, slowed=slowed)
    found = np.array(run("logits", model=model, tokens=tokens))
    assert np.abs(found - expected).max() < 2e-4 * np.abs(expected).max()
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).all()

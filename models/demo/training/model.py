"""The network in plain torch, exactly what the checkpoint's config.json describes, and how it begins.

Before training, attention already copies: heads of the first layer look one and two tokens back, heads of the next two
find the place in the text that what was just written came from, and repeat what stands there. Training starts from
that, which plain random weights take many times as long to find. ``export`` writes safetensors that transformers and
the converter read as a Mistral model.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BLOCK = 512  # queries at a time
CONTENT, BEFORE, TWICE, CONSTANT = slice(0, 128), slice(128, 160), slice(160, 192), 255


@dataclass(frozen=True, slots=True)
class Shape:
    hidden: int = 256
    layers: int = 5
    heads: int = 8
    kv_heads: int = 4
    head_dim: int = 32
    ffn: int = 512
    vocabulary: int = 3072
    context: int = 8192
    rope_base: float = 1e6
    norm_eps: float = 1e-5


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a batch that sees itself up to where it is, and all of another part: that with the number
    ``shared``, if any."""

    length: int
    shared: int | None = None


def longest(parts: Sequence[Part]) -> int:
    """The most ids that any part sees."""
    return max(part.length + (0 if part.shared is None else parts[part.shared].length) for part in parts)


class Norm(nn.Module):
    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        found = F.rms_norm(x, (x.shape[-1],), self.weight, self.eps)
        return found.to(torch.get_autocast_dtype(x.device.type)) if torch.is_autocast_enabled(x.device.type) else found


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        wide, narrow = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
        self.input_layernorm = Norm(shape.hidden, shape.norm_eps)
        self.post_attention_layernorm = Norm(shape.hidden, shape.norm_eps)
        self.q_proj = nn.Linear(shape.hidden, wide, bias=False)
        self.k_proj = nn.Linear(shape.hidden, narrow, bias=False)
        self.v_proj = nn.Linear(shape.hidden, narrow, bias=False)
        self.o_proj = nn.Linear(wide, shape.hidden, bias=False)
        self.gate_proj = nn.Linear(shape.hidden, shape.ffn, bias=False)
        self.up_proj = nn.Linear(shape.hidden, shape.ffn, bias=False)
        self.down_proj = nn.Linear(shape.ffn, shape.hidden, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, parts: Sequence[Part]) -> Tensor:
        s, y = self.shape, self.input_layernorm(x)
        q = self.q_proj(y).view(-1, s.heads, s.head_dim).transpose(0, 1)
        k = self.k_proj(y).view(-1, s.kv_heads, s.head_dim).transpose(0, 1)
        v = self.v_proj(y).view(-1, s.kv_heads, s.head_dim).transpose(0, 1)
        q, k = turn(q, cos, sin).to(v.dtype), turn(k, cos, sin).to(v.dtype)
        again = s.heads // s.kv_heads
        k, v = k.repeat_interleave(again, 0), v.repeat_interleave(again, 0)
        with torch.autocast(q.device.type, enabled=False):
            seen = _attended(q, k, v, parts)
        x = x + self.o_proj(seen.transpose(0, 1).reshape(x.shape[0], -1))
        y = self.post_attention_layernorm(x)
        return x + self.down_proj(F.silu(self.gate_proj(y)) * self.up_proj(y))


def _attended(q: Tensor, k: Tensor, v: Tensor, parts: Sequence[Part]) -> Tensor:
    """Attention part by part. Plain products of matrices: on CPUs they take a third of the time of the fused kernel at
    these lengths."""
    causal, scale = _causal(-(-longest(parts) // 1024) * 1024, q.device, q.dtype), q.shape[-1] ** -0.5
    queries, keys, values = (one.split([part.length for part in parts], 1) for one in (q, k, v))
    seen = []
    for number, part in enumerate(parts):
        key, value = keys[number], values[number]
        if part.shared is not None:
            key, value = torch.cat((keys[part.shared], key), 1), torch.cat((values[part.shared], value), 1)
        before = key.shape[1] - part.length
        for query in queries[number].split(BLOCK, 1):  # what comes after a block is not even multiplied
            start, before = before, before + query.shape[1]
            hidden = causal[start:before, :before].expand(q.shape[0], -1, -1)
            scores = torch.baddbmm(hidden, query, key[:, :before].transpose(1, 2), alpha=scale)
            seen.append(torch.bmm(torch.softmax(scores, -1), value[:, :before]))
    return torch.cat(seen, 1)


@cache
def _causal(length: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """What is added to scores so that nothing sees what comes later."""
    return torch.full((length, length), -math.inf, dtype=dtype, device=device).triu(1)


def turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions, halves layout as in transformers."""
    one, two = x.chunk(2, -1)
    return x * cos + torch.cat((-two, one), -1) * sin


class Model(nn.Module):
    """``forward`` gives the last hidden states of a flat batch; ``logits`` of some of them, by the embedding, which is
    tied."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.hidden)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.hidden, shape.norm_eps)
        self.register_buffer("rates", rates(shape), persistent=False)

    def forward(self, ids: Tensor, positions: Tensor, parts: Sequence[Part]) -> Tensor:
        """Hidden states of all ``ids``, which ``parts`` cover in order."""
        angles = positions[:, None].float() * self.rates
        angles = torch.cat((angles, angles), -1)
        x = self.embed_tokens(ids)
        cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        for layer in self.layers:
            x = layer(x, cos, sin, parts)
        return self.norm(x)

    def logits(self, x: Tensor) -> Tensor:
        return F.linear(x, self.embed_tokens.weight)


def rates(shape: Shape) -> Tensor:
    half = shape.head_dim // 2
    return shape.rope_base ** (-torch.arange(half).float() / half)


# ---------------------------------------------------------------- the beginning


@torch.no_grad()
def begin(model: Model, seed: int) -> None:
    """Small random weights, with heads that copy built in. Raises ValueError for a shape that has no room for them."""
    if model.shape.hidden < 256 or model.shape.head_dim != 32 or model.shape.kv_heads > 4 or model.shape.layers < 3:
        raise ValueError(
            "the copying heads need a hidden size of 256, heads of 32, at most 4 key-value heads and 3 layers"
        )
    source = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        if weight.dim() > 1:
            scale = (
                0.02 / math.sqrt(2 * model.shape.layers)
                if name.endswith(("o_proj.weight", "down_proj.weight"))
                else 0.02
            )
            weight.copy_(torch.randn(weight.shape, generator=source) * scale)
    table = model.embed_tokens.weight
    table[:, CONTENT] = torch.randn(table.shape[0], 128, generator=source) * 0.35
    table[:, CONSTANT] = 1.4
    model.norm.weight[:] = 1.0
    model.norm.weight[CONSTANT] = 0.05
    content = torch.linalg.qr(torch.randn(128, 128, generator=source))[0]
    _look_back(model.layers[0], content, model.shape)
    for number, layer in enumerate(model.layers[1:3]):
        _match(layer, content, model.shape, number)


def _look_back(layer: Layer, content: Tensor, shape: Shape) -> None:
    """Key-value head 0: query head 0 looks one token back, query head 1 two; both bring a projection of what stands
    there."""
    size, half = shape.head_dim, shape.head_dim // 2
    angle = rates(shape)
    strength = torch.where(torch.arange(half) < 7, 3.2, 0.0)
    layer.k_proj.weight[:size] = 0
    layer.k_proj.weight[:half, CONSTANT] = strength
    layer.v_proj.weight[:size] = 0
    layer.v_proj.weight[:size, CONTENT] = content[:size]
    for head, (back, place) in enumerate(((1, BEFORE), (2, TWICE))):
        rows = slice(head * size, (head + 1) * size)
        layer.q_proj.weight[rows] = 0
        layer.q_proj.weight[rows.start : rows.start + half, CONSTANT] = strength * torch.cos(-back * angle)
        layer.q_proj.weight[rows.start + half : rows.stop, CONSTANT] = strength * torch.sin(-back * angle)
        layer.o_proj.weight[:, rows] = 0
        layer.o_proj.weight[place, rows] = torch.eye(size) * 0.8


def _match(layer: Layer, content: Tensor, shape: Shape, number: int) -> None:
    """Heads that look for the place before which stands what was just written, and bring what stands there.

    Only the slowly turning half of a head can compare contents at a distance. Key-value heads 0 and 1 compare the last
    token, 2 and 3 the last two.
    """
    size, half, again = shape.head_dim, shape.head_dim // 2, shape.heads // shape.kv_heads
    slow = [*range(7, half), *range(half + 7, size)]
    for kv in range(shape.kv_heads):
        rows = slice(kv * size, (kv + 1) * size)
        layer.k_proj.weight[rows], layer.v_proj.weight[rows] = 0, 0
        shift = (kv * 7 + number * 5) % 14
        layer.v_proj.weight[rows, CONTENT] = content[kv * size : (kv + 1) * size]
        for head in range(kv * again, (kv + 1) * again):
            layer.q_proj.weight[head * size : (head + 1) * size] = 0
            layer.o_proj.weight[CONTENT, head * size : (head + 1) * size] = content[kv * size : (kv + 1) * size].T * 0.6
        for place, dim in enumerate(slow):
            pair = kv >= 2 and place >= len(slow) // 2
            one = (place + shift) % 32
            layer.k_proj.weight[rows.start + dim, (TWICE if pair else BEFORE).start + one] = 2.6
            for head in range(kv * again, (kv + 1) * again):
                row = layer.q_proj.weight[head * size + dim]
                if pair:
                    row[BEFORE.start + one] = 2.2
                else:
                    row[CONTENT] = content[one] * 1.8


# ---------------------------------------------------------------- files


def config(shape: Shape) -> dict[str, object]:
    return {
        "architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads, "num_key_value_heads": shape.kv_heads, "head_dim": shape.head_dim,
        "intermediate_size": shape.ffn, "vocab_size": shape.vocabulary, "max_position_embeddings": shape.context,
        "rms_norm_eps": shape.norm_eps, "rope_theta": shape.rope_base, "sliding_window": None, "hidden_act": "silu",
        "tie_word_embeddings": True, "bos_token_id": 1, "eos_token_id": 2, "torch_dtype": "bfloat16",
    }  # fmt: skip


def export(weights: dict[str, Tensor], shape: Shape, folder: Path) -> None:
    """config.json and model.safetensors (BF16) in ``folder``."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    parts: list[bytes] = []
    end = 0
    for name, weight in weights.items():
        data = weight.detach().to(torch.bfloat16).contiguous().view(torch.int16).numpy().astype("<i2").tobytes()
        start, end = end, end + len(data)
        header[_file_name(name)] = {"dtype": "BF16", "shape": list(weight.shape), "data_offsets": [start, end]}
        parts.append(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))
    (folder / "config.json").write_text(json.dumps(config(shape), indent=2) + "\n", encoding="utf-8")


def load(model: Model, folder: Path) -> None:
    """Fill ``model`` from what ``export`` wrote. Raises ValueError when the weights there are of another shape."""
    data = (folder / "model.safetensors").read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    for name, weight in model.named_parameters():
        stored = header.get(_file_name(name), {"shape": None})
        if stored["shape"] != list(weight.shape):
            raise ValueError(
                f"{folder}: {_file_name(name)} has the shape {stored['shape']}, wanted is {list(weight.shape)}."
            )
        one, other = stored["data_offsets"]
        numbers = torch.frombuffer(bytearray(data[start + one : start + other]), dtype=torch.bfloat16)
        with torch.no_grad():
            weight.copy_(numbers.view(weight.shape))


def _file_name(name: str) -> str:
    for kind, members in (("self_attn", "qkvo"), ("mlp", ("gate", "up", "down"))):
        for member in members:
            name = name.replace(f".{member}_proj.", f".{kind}.{member}_proj.")
    return f"model.{name}"


def parameters(shape: Shape) -> int:
    return sum(weight.numel() for weight in Model(shape).parameters())

"""A checkpoint of LEADS-Mistral-7B's shape with random weights, for benchmarks: its cost is real, its answers are
noise.

Written tensor by tensor with little memory. The tokenizer is a SentencePiece model of made-up pieces, of the right size
and kind.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .names import Weight, expected_weights
from .settings import ModelSettings, read_settings

HIDDEN, HEADS, KV_HEADS, FFN, VOCABULARY = 4096, 32, 8, 14336, 32768
SHARD = 5_000_000_000  # bytes
CHUNK = 1 << 22  # numbers
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def write_checkpoint(folder: Path, layers: int) -> None:
    """Write config.json, the weights as BF16 and a tokenizer into ``folder``."""
    folder.mkdir(parents=True)
    config = {
        "architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_size": HIDDEN,
        "num_hidden_layers": layers,
        "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS, "intermediate_size": FFN,
        "vocab_size": VOCABULARY,
        "max_position_embeddings": 32768, "rms_norm_eps": 1e-05, "rope_theta": 1000000.0, "sliding_window": None,
        "hidden_act": "silu",
        "tie_word_embeddings": False, "bos_token_id": 1, "eos_token_id": 2, "torch_dtype": "bfloat16",
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "tokenizer.model").write_bytes(_tokenizer())
    template = (
        "{{ bos_token }}{% for message in messages %}{{ '[INST] ' + message['content'] + '[/INST]' }}{% endfor %}"
    )
    spoken = {
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "tokenizer_class": "LlamaTokenizer",
        "chat_template": template,
    }
    (folder / "tokenizer_config.json").write_text(
        json.dumps(spoken | {"add_bos_token": True, "add_eos_token": False}), encoding="utf-8"
    )
    _write_weights(folder, read_settings(folder))


def _write_weights(folder: Path, settings: ModelSettings) -> None:
    shards = list(_shards(expected_weights(settings, output=True)))
    where: dict[str, str] = {}
    source, total = np.random.default_rng(0), 0
    for number, shard in enumerate(shards, 1):
        name = f"model-{number:05d}-of-{len(shards):05d}.safetensors"
        entries, at = {}, 0
        for weight in shard:
            end = at + 2 * math.prod(weight.shape)
            entries[weight.source] = {"dtype": "BF16", "shape": weight.shape, "data_offsets": [at, end]}
            at = end
        head = json.dumps(entries).encode()
        head += b" " * (-len(head) % 8)
        with (folder / name).open("wb") as file:
            file.write(len(head).to_bytes(8, "little") + head)
            for weight in shard:
                for data in _numbers(source, weight):
                    file.write(data)
        where |= dict.fromkeys(entries, name)
        total += at
    index = {"metadata": {"total_size": total}, "weight_map": where}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")


def _shards(all_weights: tuple[Weight, ...]) -> Iterator[list[Weight]]:
    shard: list[Weight] = []
    size = 0
    for weight in all_weights:
        bytes_ = 2 * math.prod(weight.shape)
        if shard and size + bytes_ > SHARD:
            yield shard
            shard, size = [], 0
        shard.append(weight)
        size += bytes_
    yield shard


def _numbers(source: np.random.Generator, weight: Weight) -> Iterator[bytes]:
    """The weight's bytes: norms near 1, the rest normal with a deviation of 0.02, cut to BF16."""
    left = math.prod(weight.shape)
    while left:
        values = source.standard_normal(min(CHUNK, left), np.float32)
        if len(weight.shape) == 1:
            values = (1 + values / 8).astype(np.float32)
        else:
            values *= np.float32(0.02)
        yield (values.view(np.uint32) >> 16).astype("<u2").tobytes()
        left -= len(values)


def _tokenizer() -> bytes:
    """A SentencePiece BPE model with byte fallback: control tokens, bytes, letters, and strings of two and three
    letters."""
    pieces = [("<unk>", 2), ("<s>", 3), ("</s>", 3), ("[INST]", 3), ("[/INST]", 3)] + [
        (f"<0x{byte:02X}>", 6) for byte in range(256)
    ]
    words = ["▁", *LETTERS, *(a + b for a in "▁" + LETTERS for b in LETTERS)]
    words += [a + b + c for a in "▁" + LETTERS for b in LETTERS for c in LETTERS]
    words += [f"{a}{b}{c}{d}" for a in LETTERS for b in LETTERS for c in LETTERS for d in LETTERS[:1]]
    pieces += [(word, 1) for word in dict.fromkeys(words)]
    pieces += [(f"▁reserved{number}", 1) for number in range(VOCABULARY - len(pieces))]
    found = b""
    for rank, (text, kind) in enumerate(pieces[:VOCABULARY]):
        body = _bytes(1, text.encode()) + b"\x15" + struct.pack("<f", -float(rank)) + b"\x18" + bytes([kind])
        found += _bytes(1, body)
    trainer = b"\x18\x02" + _varint(35 << 3) + b"\x01"  # BPE, with byte fallback
    return found + _bytes(2, trainer) + _bytes(3, b"\x18\x01\x20\x00")  # a space before the text, no space taken away


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    found = b""
    while value >= 0x80:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])

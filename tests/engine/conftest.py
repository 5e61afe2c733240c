"""A tiny random Llama in F32 with the real Mistral v3 tokenizer, written once per session."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
from sentencepiece import SentencePieceProcessor

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
    "{{ '[INST] ' + message['content'] + '[/INST]' }}{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}"
)


def tokenizer_file() -> Path:
    import mistral_common

    return Path(mistral_common.__file__).parent / "data" / "mistral_instruct_tokenizer_240323.model.v3"


def write_tiny(
    path: Path, *, hidden: int = 64, layers: int = 2, heads: int = 4, kv_heads: int = 2, seed: int = 0, context: int = 8192
) -> Path:
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(hidden)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(2 * hidden)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_rope_dimension_count(hidden // heads)
    writer.add_rope_freq_base(1e6)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    vocab = _add_vocabulary(writer)

    def weight(name: str, rows: int, columns: int, scale: float) -> None:
        writer.add_tensor(name, (rng.standard_normal((rows, columns)) * scale).astype(np.float32))

    weight("token_embd.weight", vocab, hidden, 1.0)
    weight("output.weight", vocab, hidden, 0.5)
    writer.add_tensor("output_norm.weight", np.ones(hidden, np.float32))
    for layer in range(layers):
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{norm}.weight", np.ones(hidden, np.float32))
        narrow = hidden // heads * kv_heads
        for name, rows, columns in (
            ("attn_q", hidden, hidden),
            ("attn_k", narrow, hidden),
            ("attn_v", narrow, hidden),
            ("attn_output", hidden, hidden),
            ("ffn_gate", 2 * hidden, hidden),
            ("ffn_up", 2 * hidden, hidden),
            ("ffn_down", hidden, 2 * hidden),
        ):
            weight(f"blk.{layer}.{name}.weight", rows, columns, 2.0 / columns**0.5)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_vocabulary(writer: gguf.GGUFWriter) -> int:
    pieces = SentencePieceProcessor(model_file=str(tokenizer_file()))
    size = int(pieces.vocab_size())
    kinds = []
    for i in range(size):
        kind = gguf.TokenType.NORMAL
        if pieces.IsUnknown(i):
            kind = gguf.TokenType.UNKNOWN
        elif pieces.IsControl(i):
            kind = gguf.TokenType.CONTROL
        elif pieces.IsByte(i):
            kind = gguf.TokenType.BYTE
        kinds.append(kind)
    writer.add_tokenizer_model("llama")
    writer.add_token_list([pieces.IdToPiece(i).encode() for i in range(size)])
    writer.add_token_scores([pieces.GetScore(i) for i in range(size)])
    writer.add_token_types(kinds)
    writer.add_vocab_size(size)
    writer.add_bos_token_id(pieces.bos_id())
    writer.add_eos_token_id(pieces.eos_id())
    writer.add_unk_token_id(pieces.unk_id())
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)
    return size


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of the tiny model's GGUF file."""
    return write_tiny(tmp_path_factory.mktemp("model") / "tiny.gguf")

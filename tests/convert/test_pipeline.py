"""The whole conversion against llama.cpp's own two steps, byte for byte, and against everything that can stop it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFReader

from convert import ConvertError, convert
from convert.pipeline import ConversionProgress
from convert.recipes import RECIPES
from tests.checkpoints import encode, random_tensors, tensor_shapes, write_safetensors
from tests.convert.conftest import SMALL, Maker, write_imatrix
from tests.convert.peer import run

TINY = SMALL | {"vocabulary": 64, "ffn": 256}
SHAPES = {
    "one key for four, tied": TINY | {"kv_heads": 1, "tied": True, "layers": 3},
    "narrow rows": TINY | {"hidden": 96, "kv_heads": 4, "head_dim": 48, "ffn": 160},
}
PLAIN = [recipe.name for recipe in RECIPES.values() if not recipe.needs_importance]


def two_steps(
    folder: Path, source: Path, dtype: str, names: list[str], imatrix: dict[str, list[float]] | None = None
) -> dict[str, Path]:
    """What llama.cpp's quantizer makes of our unquantized file, by recipe name."""
    unquantized = folder / "unquantized.gguf"
    convert(source, dtype, unquantized)
    jobs = [(str(folder / f"peer-{name}.gguf"), RECIPES[name].file_type) for name in names]
    assert run("quantize", source=unquantized, jobs=jobs, imatrix=imatrix) == [0] * len(jobs)
    return {name: folder / f"peer-{name}.gguf" for name in names}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_type_is_what_llama_cpp_makes_in_two_steps(tmp_path: Path, checkpoint: Maker, shape: str) -> None:
    source = checkpoint(dtype="BF16", **SHAPES[shape])
    for name, peer in two_steps(tmp_path, source, "BF16", PLAIN).items():
        made = convert(source, name, tmp_path / "made.gguf").path
        assert made.read_bytes() == peer.read_bytes(), f"{name} differs: {differing(made, peer)}"


SLOW = ("IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M", "IQ3_XXS")  # ggml takes seconds to build the tables for these


@pytest.mark.parametrize("slow", [pytest.param(True, marks=pytest.mark.slow), False])
def test_every_type_with_an_importance_matrix_is_what_llama_cpp_makes(
    tmp_path: Path, checkpoint: Maker, slow: bool
) -> None:
    source = checkpoint(dtype="BF16", **TINY | {"layers": 1})
    sums = {
        t.name: squares(t.shape[0], seed)
        for seed, t in enumerate(GGUFReader(convert(source, "BF16").path).tensors)
        if len(t.shape) == 2
    }
    del sums["token_embd.weight"]
    matrix = write_imatrix(tmp_path / "imatrix.gguf", sums, count=37)
    means = {name: (values / np.float32(37)).tolist() for name, values in sums.items()}
    names = [name for name, recipe in RECIPES.items() if recipe.file_type not in (0, 1, 32) and (name in SLOW) == slow]
    for name, peer in two_steps(tmp_path, source, "BF16", names, means).items():
        made = convert(source, name, tmp_path / "made.gguf", imatrix=matrix).path
        assert made.read_bytes() == peer.read_bytes(), f"{name} differs: {differing(made, peer)}"


@pytest.mark.parametrize("dtype", ["F32", "F16"])
def test_other_sources_give_what_llama_cpp_makes_of_them(tmp_path: Path, checkpoint: Maker, dtype: str) -> None:
    source = checkpoint(dtype=dtype, shards=3)
    names = ["F32", "F16", "BF16", "Q8_0", "Q4_K_M", "Q3_K_M", "Q5_0"]
    for name, peer in two_steps(tmp_path, source, dtype, names).items():
        made = convert(source, name, tmp_path / "made.gguf").path
        assert made.read_bytes() == peer.read_bytes(), f"{name} differs: {differing(made, peer)}"


def differing(made: Path, peer: Path) -> list[str]:
    ours, theirs = ({t.name: t for t in GGUFReader(path).tensors} for path in (made, peer))
    return [
        name
        for name, t in theirs.items()
        if name not in ours or ours[name].tensor_type != t.tensor_type or not np.array_equal(ours[name].data, t.data)
    ]


def squares(columns: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).gamma(0.5, 20, columns).astype(np.float32)


def test_the_number_of_threads_changes_nothing(tmp_path: Path, small: Path) -> None:
    digests = {convert(small, "Q4_K_M", tmp_path / "made.gguf", threads=threads).entry.sha256 for threads in (1, 2, 7)}
    assert len(digests) == 1


def test_unquantized_numbers_are_the_checkpoints_own(tmp_path: Path, checkpoint: Maker) -> None:
    source = checkpoint(dtype="F32", seed=5)
    found = {t.name: t.data for t in GGUFReader(convert(source, "F32", tmp_path / "made.gguf").path).tensors}
    expected = dict(random_tensors(tensor_shapes(256, 2, 4, 2, 64, 512, False, 512), 5))
    assert np.array_equal(found["blk.1.ffn_down.weight"], expected["model.layers.1.mlp.down_proj.weight"])
    assert np.array_equal(found["blk.0.attn_norm.weight"], expected["model.layers.0.input_layernorm.weight"])
    assert np.array_equal(found["blk.0.attn_v.weight"], expected["model.layers.0.self_attn.v_proj.weight"])
    query = expected["model.layers.0.self_attn.q_proj.weight"].reshape(4, 2, 32, 256)
    assert np.array_equal(found["blk.0.attn_q.weight"], query.swapaxes(1, 2).reshape(256, 256))


def test_the_manifest_says_what_was_made_of_what(tmp_path: Path, checkpoint: Maker) -> None:
    source = checkpoint(shards=2, tokenizer="both", template_file=True)
    (source / "leads_local.json").write_text(json.dumps({"name": "Übung", "notice": "noise", "prompt_pack": "leads"}))
    made = convert(source, "Q8_0", tmp_path / "made.gguf")
    entry = json.loads((tmp_path / "manifest.json").read_text())["models"]["made.gguf"]
    data = made.path.read_bytes()
    assert (entry["size"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert (entry["name"], entry["notice"], entry["prompt_pack"]) == ("Übung", "noise", "leads")
    assert (entry["quantization"], entry["architecture"], entry["layers"], entry["context"]) == (
        "Q8_0",
        "MistralForCausalLM",
        2,
        32768,
    )
    for source_file in entry["sources"]:
        content = (source / source_file["file"]).read_bytes()
        assert (source_file["size"], source_file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert {s["file"] for s in entry["sources"]} >= {
        "config.json",
        "tokenizer.model",
        "model-00001-of-00002.safetensors",
        "chat_template.jinja",
    }


def test_progress_only_goes_forward_and_ends_at_the_end(tmp_path: Path, small: Path) -> None:
    seen: list[ConversionProgress] = []
    made = convert(small, "Q4_K_M", tmp_path / "made.gguf", seen.append)
    for stage in ("writing", "checking"):
        done = [progress.done for progress in seen if progress.stage == stage]
        assert done == sorted(done) and done[-1] == made.entry.size == seen[0].total


def test_a_folder_or_nothing_as_output_gets_the_usual_name(tmp_path: Path, checkpoint: Maker) -> None:
    source = checkpoint()
    assert convert(source, "q8_0", tmp_path).path == tmp_path / "source-Q8_0.gguf"
    assert convert(source, "q6_k").path == tmp_path / "source-Q6_K.gguf"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_refused_by_place(tmp_path: Path, checkpoint: Maker, value: float) -> None:
    source, out = checkpoint(dtype="F32"), tmp_path / "made.gguf"
    before = convert(source, "Q4_K_M", out).path.read_bytes()
    tensors = dict(random_tensors(tensor_shapes(256, 2, 4, 2, 64, 512, False, 512), 0))
    tensors["model.layers.1.self_attn.q_proj.weight"][70, 3] = value
    write_safetensors(source / "model.safetensors", {n: ("F32", v.shape, encode(v, "F32")) for n, v in tensors.items()})
    with pytest.raises(
        ConvertError,
        match=r"model\.safetensors: tensor 'model\.layers\.1\.self_attn\.q_proj\.weight' holds (nan|-?inf) in row "
        r"70, column 3",
    ):
        convert(source, "Q4_K_M", out)
    assert out.read_bytes() == before and not list(tmp_path.glob("*.part"))


def test_a_file_that_no_conversion_has_made_is_never_replaced(tmp_path: Path, small: Path) -> None:
    out = tmp_path / "made.gguf"
    out.write_bytes(b"somebody's own model")
    with pytest.raises(ConvertError, match="no conversion has made"):
        convert(small, "Q8_0", out)
    assert out.read_bytes() == b"somebody's own model" and [one.name for one in tmp_path.iterdir()] == ["made.gguf"]
    out.unlink()
    convert(small, "Q8_0", out)
    convert(small, "Q6_K", out)
    with out.open("ab") as file:
        file.write(b"changed since")
    with pytest.raises(ConvertError, match="or that was changed since"):
        convert(small, "Q6_K", out)


def test_numbers_too_large_for_the_type_are_refused(tmp_path: Path, checkpoint: Maker) -> None:
    source = checkpoint(dtype="BF16", scale=1e5)
    with pytest.raises(ConvertError, match="too large for F16"):
        convert(source, "F16", tmp_path / "made.gguf")
    assert convert(source, "BF16", tmp_path / "made.gguf").entry.size


def test_a_type_that_needs_an_importance_matrix_is_refused_at_once(tmp_path: Path, small: Path) -> None:
    for recipe in RECIPES.values():
        if recipe.needs_importance:
            with pytest.raises(ConvertError, match="needs an importance matrix"):
                convert(small, recipe.name, tmp_path / "made.gguf")
    assert not list(tmp_path.iterdir())

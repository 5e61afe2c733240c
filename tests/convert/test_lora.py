"""LoRA adapters: merging while converting gives what merging first gives, and what is not plain LoRA on this model is
refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convert import convert, manifest
from convert.checkpoint import open_checkpoint
from convert.errors import ConvertError
from convert.gguf_reader import read_gguf
from convert.lora import CONFIG, WEIGHTS, read_adapter
from convert.names import expected_weights
from convert.proof import prove
from tests.checkpoints import BYTE_LEVEL_SIZE, encode, make_checkpoint, random_tensors, tensor_shapes, write_safetensors
from tests.convert.conftest import SMALL

SHAPES = tensor_shapes(256, 2, 4, 2, 64, 512, False, BYTE_LEVEL_SIZE)
BASE = SMALL | {"vocabulary": BYTE_LEVEL_SIZE, "tokenizer": "bytes"}  # the small tokenizer is quick to read
LAYER = "model.layers.1."
MODULES = (
    LAYER + "self_attn.q_proj",
    LAYER + "self_attn.k_proj",
    LAYER + "mlp.down_proj",
    "lm_head",
    "model.embed_tokens",
)
PLAIN = {
    "peft_type": "LORA",
    "r": 4,
    "lora_alpha": 8,
    "use_rslora": False,
    "fan_in_fan_out": False,
    "bias": "none",
    "target_modules": ["q_proj"],
}
Arrays = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("lora") / "small", **BASE)  # type: ignore[arg-type]


def adapter(
    folder: Path,
    config: dict[str, Any],
    modules: tuple[str, ...] = MODULES,
    dtype: str = "F32",
    ranks: dict[str, int] | None = None,
) -> Arrays:
    """Write an adapter with random factors as PEFT does, and return them by PEFT's names without the prefix."""
    source, tensors = np.random.default_rng(5), {}
    for module in modules:
        rows, columns = SHAPES[module + ".weight"]
        rank = (ranks or {}).get(module, 4)
        shapes = {"lora_A.weight": (rank, columns), "lora_B.weight": (rows, rank)}
        if module == "model.embed_tokens":
            shapes = {"lora_embedding_A": (rank, rows), "lora_embedding_B": (columns, rank)}
        tensors |= {f"{module}.{part}": source.standard_normal(shape, np.float32) / 8 for part, shape in shapes.items()}
    write(folder, config, tensors, dtype)
    return tensors


def write(folder: Path, config: dict[str, Any], tensors: Arrays, dtype: str = "F32") -> None:
    folder.mkdir(exist_ok=True)
    (folder / CONFIG).write_text(json.dumps(PLAIN | config))
    stored = {
        f"base_model.model.{name}": (dtype, values.shape, encode(values, dtype)) for name, values in tensors.items()
    }
    write_safetensors(folder / WEIGHTS, stored)


def tensors_of(path: Path) -> dict[str, bytes]:
    data = path.read_bytes()
    return {tensor.name: data[tensor.start : tensor.start + tensor.size] for tensor in read_gguf(path).tensors}


def merged_first(folder: Path, source: Path, factors: Arrays, scale: dict[str, float]) -> Path:
    """A copy of the checkpoint as F32 with B A added to its weights as whole matrices, by NumPy."""
    factors = {name: values.astype(np.float64) for name, values in factors.items()}
    with open_checkpoint(source) as checkpoint:
        plain = {
            name: (checkpoint.rows(stored).astype(np.uint32) << 16).view(np.float32)
            for name, stored in checkpoint.tensors.items()
        }
    for module, factor in scale.items():
        if module == "model.embed_tokens":
            product = (factors[f"{module}.lora_embedding_B"] @ factors[f"{module}.lora_embedding_A"]).T
        else:
            product = factors[f"{module}.lora_B.weight"] @ factors[f"{module}.lora_A.weight"]
        plain[module + ".weight"] = (plain[module + ".weight"] + factor * product).astype(np.float32)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    write_safetensors(
        folder / "model.safetensors", {name: ("F32", values.shape, values.tobytes()) for name, values in plain.items()}
    )
    return folder


PATTERNS = {"rank_pattern": {"down_proj": 6}, "alpha_pattern": {LAYER + "mlp.down_proj": 3, "^lm_head$": 1}}


@pytest.mark.parametrize(
    ("config", "ranks", "scale"),
    [
        ({}, {}, {}),
        ({"use_rslora": True, "fan_in_fan_out": True}, {}, dict.fromkeys(MODULES, 4.0)),
        (PATTERNS, {LAYER + "mlp.down_proj": 6}, {LAYER + "mlp.down_proj": 0.5, "lm_head": 0.25}),
    ],
)
def test_merging_on_the_way_is_merging_first(
    tmp_path: Path, small: Path, config: Any, ranks: dict[str, int], scale: dict[str, float]
) -> None:
    factors = adapter(tmp_path / "tuned", config, ranks=ranks)
    first = merged_first(tmp_path / "merged", small, factors, dict.fromkeys(MODULES, 2.0) | scale)
    for quant in ("F32", "Q4_K_M") if not config else ("Q4_K_M",):
        found = tensors_of(convert(small, quant, tmp_path / "found.gguf", lora=tmp_path / "tuned").path)
        assert found == tensors_of(convert(first, quant, tmp_path / "expected.gguf").path)
    plain = tensors_of(convert(small, "Q4_K_M", tmp_path / "plain.gguf").path)
    changed = {name for name, data in found.items() if data != plain[name]}
    assert len(changed) == len(MODULES)


def test_the_manifest_tells_and_verify_agrees(tmp_path: Path, small: Path) -> None:
    adapter(tmp_path / "tuned", {}, MODULES[:3], dtype="BF16")
    small = Path(shutil.copytree(small, tmp_path / "small"))
    (small / "leads_local.json").write_text(json.dumps({"prompt_pack": "compact"}))
    made = convert(small, "Q8_0", tmp_path, lora=tmp_path / "tuned")
    assert read_gguf(made.path).metadata["leads_local.prompt_pack"] == "compact"
    assert (
        made.path.name == "small-tuned-Q8_0.gguf"
        and "LoRA adapter tuned (rank 4; 3 tensors changed)" in made.notices[-1]
    )
    entry = manifest.read(tmp_path / manifest.FILE_NAME)[made.path.name]
    assert (entry["name"], entry["prompt_pack"]) == ("small + tuned", "compact")
    assert entry["adapter"] in made.notices[-1]
    assert {CONFIG, WEIGHTS} <= {source["file"] for source in entry["sources"]}
    assert {finding.good for finding in prove(made.path, small, lora=tmp_path / "tuned")} == {True}
    assert next(f for f in prove(made.path, small, quick=True) if f.what == "numbers").good is False


def test_whole_tensors_replace_the_models(tmp_path: Path, small: Path) -> None:
    shapes = {"lm_head.weight": SHAPES["lm_head.weight"], "model.norm.weight": SHAPES["model.norm.weight"]}
    write(tmp_path / "tuned", {"modules_to_save": ["lm_head", "norm"]}, dict(random_tensors(shapes, 9)))
    found = tensors_of(convert(small, "F32", tmp_path / "found.gguf", lora=tmp_path / "tuned").path)
    for (_, values), name in zip(random_tensors(shapes, 9), ("output.weight", "output_norm.weight"), strict=True):
        assert found[name] == values.tobytes()


Q = LAYER + "self_attn.q_proj"
A, B = np.ones((4, 256), np.float32), np.ones((256, 4), np.float32)
GOOD = {f"{Q}.lora_A.weight": A, f"{Q}.lora_B.weight": B}
REFUSED: dict[str, tuple[dict[str, Any], Arrays, str]] = {
    "dora": ({"use_dora": True}, GOOD, "uses use_dora"),
    "another kind": ({"peft_type": "IA3"}, GOOD, "'IA3'.*Supported are LoRA"),
    "biases": ({"bias": "all"}, GOOD, "uses bias"),
    "parameters": ({"target_parameters": ["x"]}, GOOD, "uses target_parameters"),
    "magnitudes": ({}, GOOD | {f"{Q}.lora_magnitude_vector": np.ones(256, np.float32)}, "not known.*magnitude"),
    "not in the model": ({}, {"model.layers.7.mlp.up_proj.lora_A": A, "model.layers.7.mlp.up_proj.lora_B": B},
        "layers.7.mlp.up_proj'"),
    "one half": ({}, {f"{Q}.lora_A.weight": A}, "lora_A and lora_B, but there is lora_A"),
    "rank": ({"r": 8}, GOOD, "is 4 x 256 in F32, but should be 8 x 256"),
    "rows": ({}, GOOD | {f"{Q}.lora_B.weight": np.ones((128, 4), np.float32)}, "128 x 4 in F32, but should be 256 x 4"),
    "rank of text": ({"r": "4"}, GOOD, "r for .* is '4'"),
    "no alpha": ({"lora_alpha": None}, GOOD, "lora_alpha for .* is None"),
    "expression": ({"alpha_pattern": {"(a+)+": 1}}, GOOD, "by the ends of their names"),
    "empty": ({}, {}, "is empty"),
    "not named": ({}, {"lm_head.weight": A}, "not known.*lm_head"),
    "another size": ({"modules_to_save": ["lm_head"]}, {"lm_head.weight": A},
        "4 x 256 in F32, but should be 900 x 256"),
    "of a norm": ({}, {LAYER + "input_layernorm.lora_A.weight": A, LAYER + "input_layernorm.lora_B.weight": B},
        "no matrix"),
    "no numbers": ({}, GOOD | {f"{Q}.lora_A.weight": A * np.nan}, "holds what is no number"),
}  # fmt: skip


@pytest.mark.parametrize(("config", "tensors", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_plain_lora_on_this_model_is_refused(
    tmp_path: Path, small: Path, config: dict[str, Any], tensors: Arrays, reason: str
) -> None:
    write(tmp_path / "tuned", config, tensors)
    with pytest.raises(ConvertError, match=reason), open_checkpoint(small, tmp_path / "tuned") as checkpoint:
        for weight in expected_weights(checkpoint.settings, output=True):
            checkpoint.delta(weight.source)


def test_an_embedding_that_is_the_output_too_is_refused(tmp_path: Path) -> None:
    source = make_checkpoint(tmp_path / "tied", tied=True, **SMALL)  # type: ignore[arg-type]
    adapter(tmp_path / "tuned", {}, ("model.embed_tokens",))
    with pytest.raises(ConvertError, match="the output, too"):
        open_checkpoint(source, tmp_path / "tuned")


def test_folders_and_files_that_are_missing_are_named(tmp_path: Path, small: Path) -> None:
    for missing in ("nowhere", "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(ConvertError, match=missing):
            open_checkpoint(small, tmp_path / missing)
    write(tmp_path / "tuned", {}, GOOD)
    (tmp_path / "tuned" / WEIGHTS).unlink()
    with pytest.raises(ConvertError, match=r"adapter_model\.safetensors: there is no such file"):
        open_checkpoint(small, tmp_path / "tuned")


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.lists(st.text(max_size=3), max_size=2)
)
KEYS = [
    "peft_type",
    "r",
    "lora_alpha",
    "use_rslora",
    "bias",
    "rank_pattern",
    "alpha_pattern",
    "modules_to_save",
    "use_dora",
]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    config=st.dictionaries(
        st.sampled_from(KEYS), VALUES | st.dictionaries(st.text(max_size=3), VALUES, max_size=2), max_size=3
    ),
    name=st.text(max_size=8),
)
def test_whatever_the_adapter_says_it_is_read_or_refused(
    tmp_path: Path, small: Path, config: dict[str, Any], name: str
) -> None:
    write(tmp_path / "tuned", config, GOOD | ({f"{Q}.{name}": A} if name else {}))
    with open_checkpoint(small) as checkpoint:
        try:
            read_adapter(tmp_path / "tuned", checkpoint.tensors)
        except ConvertError as error:
            assert "adapter_" in error.message

"""The table of recipes. That its types are llama.cpp's own is proved in test_pipeline; here, that it is whole and
strict."""

from __future__ import annotations

from pathlib import Path

import pytest
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, LlamaFileType

from convert.errors import ConvertError
from convert.gguf_file import DeclaredTensor, build_header, file_size
from convert.metadata import ModelCard, make_metadata
from convert.names import expected_weights
from convert.recipes import NARROW_FALLBACKS, RECIPES, find_recipe, requires_importance, tensor_type
from convert.sentencepiece import BYTE, Piece
from convert.settings import ModelSettings
from convert.tensor_types import TENSOR_TYPES
from convert.vocab import Vocabulary
from tests.convert.peer import run

SEVEN = ModelSettings("MistralForCausalLM", 4096, 32, 32, 8, 128, 14336, 32768, 32768, 1e-5, 1e6, None, False, {}, ())


def test_numbers_and_sizes_are_those_of_gguf() -> None:
    for name, kind in TENSOR_TYPES.items():
        assert (kind.number, (kind.block, kind.size)) == (
            GGMLQuantizationType[name].value,
            GGML_QUANT_SIZES[GGMLQuantizationType[name]],
        )
    for name, recipe in RECIPES.items():
        full = "ALL_F32" if name == "F32" else f"MOSTLY_{name}"
        assert recipe.file_type == LlamaFileType[full].value


def shell(path: Path, settings: ModelSettings) -> Path:
    """A BF16 file of this shape whose tensors are a hole in the file: enough for asking llama.cpp which types it would
    choose."""
    pieces = tuple(Piece(f"<0x{n:02X}>".encode(), 0.0, BYTE) for n in range(16))
    vocabulary = Vocabulary("llama", "default", pieces, (), True, {"bos": 1, "eos": 2}, {}, None, (), ())
    found = expected_weights(settings, output=not settings.tied)
    declared = [
        DeclaredTensor(w.name, w.shape, tensor_type(RECIPES["BF16"], w, settings, tied=settings.tied)) for w in found
    ]
    head = build_header(make_metadata(ModelCard("shell"), 1, settings, vocabulary, RECIPES["BF16"]), declared)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(file_size(head, declared))
    return path


def shaped(layers: int, ratio: int = 4, hidden: int = 256, ffn: int = 512, tied: bool = False) -> ModelSettings:
    return ModelSettings(
        "LlamaForCausalLM", hidden, layers, 8, 8 // ratio, hidden // 8, ffn, 16, 64, 1e-5, 1e4, None, tied, {}, ()
    )


LIKE_LLAMA_CPP = {
    **{f"{layers} layers": shaped(layers) for layers in (1, 2, 3, 7, 8, 9, 16, 31, 32, 33, 80)},
    **{f"{ratio} heads for one key": shaped(17, ratio) for ratio in (1, 2, 8)},
    "80 layers without shared keys": shaped(80, 1),
    "tied": shaped(12, tied=True),
    "tied and narrow": shaped(3, 1, hidden=96, tied=True),
    "narrow rows": shaped(9, hidden=160, ffn=416),
    "wide and narrow": shaped(9, hidden=512, ffn=1376),
    "rows that fit no block": shaped(9, hidden=272, ffn=300),
    "7B": SEVEN,
}


@pytest.mark.parametrize("importance", [False, True])
def test_every_tensor_gets_the_type_that_llama_cpp_gives_it(tmp_path: Path, importance: bool) -> None:
    recipes = [recipe for recipe in RECIPES.values() if importance or not recipe.needs_importance]
    files = [
        str(shell(tmp_path / f"{number}.gguf", settings)) for number, settings in enumerate(LIKE_LLAMA_CPP.values())
    ]
    peers = run("types", sources=files, file_types=[recipe.file_type for recipe in recipes], importance=importance)
    for (shape, settings), by_recipe in zip(LIKE_LLAMA_CPP.items(), peers, strict=True):
        for recipe, peer in zip(recipes, by_recipe, strict=True):
            found = expected_weights(settings, output=not settings.tied)
            ours = {
                w.name: tensor_type(recipe, w, settings, tied=settings.tied, importance=importance).name for w in found
            }
            assert ours == peer, f"{recipe.name} of {shape}"


def test_every_type_in_the_table_exists() -> None:
    kinds = {weight.kind for weight in expected_weights(SEVEN, output=True)}
    for recipe in RECIPES.values():
        assert {recipe.default, recipe.output} | {
            name for rules in recipe.rules.values() for _, name in rules
        } <= TENSOR_TYPES.keys()
        assert recipe.rules.keys() <= kinds
    assert {name for name, kind in TENSOR_TYPES.items() if kind.block == 256} == NARROW_FALLBACKS.keys()


def test_names_are_found_in_any_case_and_others_refused_with_the_list() -> None:
    assert find_recipe("q4_k_m") is RECIPES["Q4_K_M"]
    with pytest.raises(ConvertError, match=r"'Q9_Z'.*Choose one of: F32, F16") as caught:
        find_recipe("Q9_Z")
    assert "IQ4_XS" in str(caught.value)


def test_every_recipe_that_needs_importance_has_a_tensor_that_does() -> None:
    for recipe in RECIPES.values():
        found = [
            requires_importance(recipe, w, tensor_type(recipe, w, SEVEN, tied=False, importance=True))
            for w in expected_weights(SEVEN, output=True)
        ]
        assert any(found) == recipe.needs_importance, recipe.name


def test_smaller_names_are_smaller_files() -> None:
    order = [
        "F32",
        "F16",
        "Q8_0",
        "Q6_K",
        "Q5_K_M",
        "Q5_K_S",
        "Q4_K_M",
        "Q4_K_S",
        "IQ4_XS",
        "Q3_K_M",
        "Q3_K_S",
        "Q2_K",
        "IQ2_M",
        "IQ2_XS",
        "IQ2_XXS",
    ]

    def size(name: str) -> int:
        found = expected_weights(SEVEN, output=True)
        return sum(tensor_type(RECIPES[name], w, SEVEN, tied=False).tensor_bytes(w.shape) for w in found)

    sizes = [size(name) for name in order]
    assert sizes == sorted(sizes, reverse=True)
    assert abs(size("Q4_K_M") / 4.372e9 - 1) < 0.01  # as published for Mistral 7B

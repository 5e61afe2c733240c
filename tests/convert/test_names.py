"""Tensor names and shapes: the checkpoint's and config.json's must be the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from gguf import MODEL_ARCH, get_tensor_name_map

from convert.checkpoint import open_checkpoint
from convert.errors import ConvertError
from convert.names import match_weights
from tests.checkpoints import random_tensors, tensor_shapes, write_shards
from tests.convert.conftest import Maker

SHAPES = tensor_shapes(256, 2, 4, 2, 64, 512, False, 512)


def opened(folder: Path) -> object:
    with open_checkpoint(folder) as checkpoint:
        return match_weights(checkpoint.settings, checkpoint.tensors)


def test_names_are_those_of_gguf_in_llama_cpps_order(small: Path) -> None:
    table = get_tensor_name_map(MODEL_ARCH.LLAMA, 2)
    found = opened(small)
    assert [w.name for w in found] == [table.get_name(w.source, try_suffixes=(".weight",)) for w in found]  # type: ignore[attr-defined]
    assert len(found) == len(SHAPES)  # type: ignore[arg-type]
    names = [w.name for w in found]  # type: ignore[attr-defined]
    assert names == sorted(names, key=lambda name: (int(name.split(".")[1]) if name.startswith("blk.") else -1, name))


def test_a_wrong_sized_tensor_is_named_with_both_sizes(checkpoint: Maker) -> None:
    folder = checkpoint()
    shapes = SHAPES | {"model.layers.1.mlp.up_proj.weight": (512, 255)}
    write_shards(folder, random_tensors(shapes, 0), "BF16", 1)
    with pytest.raises(
        ConvertError, match=r"'model\.layers\.1\.mlp\.up_proj\.weight' is 512 x 255, but should be 512 x 256"
    ):
        opened(folder)


def test_missing_and_unknown_tensors_are_listed(checkpoint: Maker) -> None:
    folder = checkpoint()
    lacking = {name: shape for name, shape in SHAPES.items() if "layers.1" not in name}
    write_shards(folder, random_tensors(lacking, 0), "BF16", 1)
    with pytest.raises(
        ConvertError, match=f"{re.escape(str(folder))} has no tensor" + r" 'model\.layers\.1\..*' and 6 more"
    ):
        opened(folder)
    write_shards(
        folder, random_tensors(SHAPES | {"model.layers.0.block_sparse_moe.gate.weight": (8, 256)}, 0), "BF16", 1
    )
    with pytest.raises(ConvertError, match="block_sparse_moe"):
        opened(folder)


def test_what_old_checkpoints_hold_besides_is_left_out(checkpoint: Maker) -> None:
    folder = checkpoint()
    write_shards(folder, random_tensors(SHAPES | {"model.layers.0.self_attn.rotary_emb.inv_freq": (32,)}, 0), "F32", 1)
    assert len(opened(folder)) == len(SHAPES)  # type: ignore[arg-type]


def test_a_tied_model_may_hold_its_output_or_not(checkpoint: Maker) -> None:
    folder = checkpoint(tied=True)
    assert not any(w.kind == "output" for w in opened(folder))  # type: ignore[attr-defined]
    write_shards(folder, random_tensors(SHAPES, 0), "BF16", 1)
    assert any(w.kind == "output" for w in opened(folder))  # type: ignore[attr-defined]

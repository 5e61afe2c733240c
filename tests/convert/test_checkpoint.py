"""Opening a checkpoint folder: one file or many give the same tensors, and what is missing or contradicts itself is
named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from convert.checkpoint import INDEX_FILE, open_checkpoint
from convert.errors import ConvertError
from tests.checkpoints import make_checkpoint
from tests.convert.conftest import SMALL, Maker


def test_one_file_or_many_hold_the_same(tmp_path: Path) -> None:
    folders = [make_checkpoint(tmp_path / str(shards), shards=shards, **SMALL) for shards in (1, 3)]  # type: ignore[arg-type]
    with open_checkpoint(folders[0]) as one, open_checkpoint(folders[1]) as many:
        assert one.tensors.keys() == many.tensors.keys()
        assert len(one.files) == 1 and len(many.files) == 3
        for name in one.tensors:
            assert np.array_equal(one.rows(one.tensors[name]), many.rows(many.tensors[name]))


def test_a_missing_shard_is_named(checkpoint: Maker) -> None:
    folder = checkpoint(shards=3)
    (folder / "model-00002-of-00003.safetensors").unlink()
    with pytest.raises(
        ConvertError, match=r"model-00002-of-00003\.safetensors: this part of the checkpoint is missing"
    ):
        open_checkpoint(folder)


def test_a_shard_cut_short_is_named_with_what_is_missing(checkpoint: Maker) -> None:
    folder = checkpoint(shards=3)
    part = folder / "model-00001-of-00003.safetensors"
    part.write_bytes(part.read_bytes()[:-10])
    with pytest.raises(
        ConvertError, match=r"model-00001-of-00003\.safetensors: the file is cut short: 10 bytes are missing"
    ):
        open_checkpoint(folder)


@pytest.mark.parametrize(
    "name",
    [
        "../model.safetensors",
        "/etc/passwd",
        "a\\b.safetensors",
        "c:x.safetensors",
        "..",
        "",
        "x\0.safetensors",
        "config.json",
    ],
)
def test_the_index_can_not_name_a_file_elsewhere(checkpoint: Maker, name: str) -> None:
    folder = checkpoint(shards=2)
    (folder.parent / "model.safetensors").write_bytes(b"")
    index = json.loads((folder / INDEX_FILE).read_text())
    index["weight_map"]["model.norm.weight"] = name
    (folder / INDEX_FILE).write_text(json.dumps(index))
    with pytest.raises(ConvertError, match="is not the name of a safetensors file in this folder"):
        open_checkpoint(folder)


def change_index(folder: Path, **changes: object) -> None:
    index = json.loads((folder / INDEX_FILE).read_text())
    (folder / INDEX_FILE).write_text(json.dumps(index | changes))


def test_a_tensor_that_is_not_where_the_index_says_is_named(checkpoint: Maker) -> None:
    folder = checkpoint(shards=2)
    where = json.loads((folder / INDEX_FILE).read_text())["weight_map"]
    where["model.norm.weight"] = where["lm_head.weight"]
    change_index(folder, weight_map=where)
    with pytest.raises(ConvertError, match=r"'model\.norm\.weight' should be in it"):
        open_checkpoint(folder)


@pytest.mark.parametrize("where", [None, [], {}, {"a": 1}])
def test_an_index_without_places_is_refused(checkpoint: Maker, where: object) -> None:
    folder = checkpoint(shards=2)
    change_index(folder, weight_map=where)
    with pytest.raises(ConvertError, match="weight_map"):
        open_checkpoint(folder)


def test_a_tensor_in_two_files_is_refused(checkpoint: Maker) -> None:
    folder = checkpoint(shards=2)
    first, second = (folder / f"model-0000{n}-of-00002.safetensors" for n in (1, 2))
    second.write_bytes(first.read_bytes())
    with pytest.raises(ConvertError, match="is both in"):
        open_checkpoint(folder)


def test_folders_that_are_none(tmp_path: Path, checkpoint: Maker) -> None:
    with pytest.raises(ConvertError, match="no such folder"):
        open_checkpoint(tmp_path / "nothing")
    folder = checkpoint()
    with pytest.raises(ConvertError, match="a file, not a folder"):
        open_checkpoint(folder / "config.json")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ConvertError, match=r"it holds pytorch_model\.bin instead"):
        open_checkpoint(folder)
    (folder / "config.json").unlink()
    with pytest.raises(ConvertError, match=r"config\.json: there is no such file"):
        open_checkpoint(folder)

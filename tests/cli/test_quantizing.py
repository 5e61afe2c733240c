"""``convert imatrix`` and ``compare`` over a review: the converter gets ids, the manifest the result, and the disk none
of the text."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from convert import convert
from convert.gguf_reader import read_gguf
from leads_local import paths
from tests.checkpoints import tiny_gguf

from .conftest import Done

Leads = Callable[..., Done]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one random model as Q8_0 and as Q4_0, both in the manifest."""
    folder = tmp_path_factory.mktemp("models")
    convert(tiny_gguf(folder).with_name("tiny"), "Q4_0", folder / "tiny-Q4_0.gguf")
    return folder


def test_an_importance_matrix_of_a_review_holds_none_of_its_text(
    leads: Leads, review: Path, models: Path, tmp_path: Path
) -> None:
    out = tmp_path / "made" / "mine.imatrix.gguf"
    out.parent.mkdir()
    assert (
        leads("convert", "imatrix", models / "tiny-Q8_0.gguf", "--from", review, "--out", out, "--tokens", 600).code
        == 0
    )
    header = read_gguf(out)
    assert header.metadata["general.type"] == "imatrix" and any(
        "blk.1.ffn_down" in tensor.name for tensor in header.tensors
    )
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    assert not any(word in out.read_bytes() for word in (b"Walking", b"randomised", b"knees"))


def test_decisions_that_change_are_shown_and_kept(leads: Leads, review: Path, models: Path) -> None:
    for name in ("tiny-Q8_0.gguf", "tiny-Q4_0.gguf", "manifest.json"):
        paths.models_dir().mkdir(parents=True, exist_ok=True)
        shutil.copy(models / name, paths.models_dir() / name)
    files = [paths.models_dir() / f"tiny-{quant}.gguf" for quant in ("Q8_0", "Q4_0")]
    assert leads("convert", "compare", *files, "--from", review, "--tokens", 300, "--json").code == 0
    entry = json.loads((paths.models_dir() / "manifest.json").read_text())["models"]["tiny-Q4_0.gguf"]
    found = entry["measured"]["compared with tiny-Q8_0.gguf"]
    assert found["decisions"]["records"] == 3 and found["decisions"]["judged"] + 2 * found["decisions"]["unread"] == 6
    shown = leads("models", "list").out
    assert "against tiny-Q8_0.gguf: " in shown and "same next token" in shown
    listed = {
        Path(model["path"]).name: model["measured"] for model in json.loads(leads("models", "list", "--json").out)
    }
    assert listed["tiny-Q4_0.gguf"][0]["judged"] == found["decisions"]["judged"] and not listed["tiny-Q8_0.gguf"]


def test_a_review_that_is_not_there_is_said(leads: Leads, models: Path, tmp_path: Path) -> None:
    for command in ("imatrix", "compare"):
        files = [models / "tiny-Q8_0.gguf"] * (2 if command == "compare" else 1)
        done = leads("convert", command, *files, f"--from={tmp_path / 'none.leads'}")
        assert done.code == 2 and "none.leads" in done.err

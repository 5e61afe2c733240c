"""A converted model is known to be of the weights that lie in a folder, or not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from leads_local.engine import installed


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "model.safetensors").write_bytes(b"weights")
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF")
    source = {"file": "model.safetensors", "size": 7, "sha256": hashlib.sha256(b"weights").hexdigest()}
    (tmp_path / "manifest.json").write_text(json.dumps({"format": 1, "models": {"model.gguf": {"sources": [source]}}}))
    return file


def test_a_model_is_made_from_the_files_that_its_manifest_names(model: Path) -> None:
    assert installed.made_from(installed.describe(model), model.parent / "source")


@pytest.mark.parametrize("change", ["other weights", "no weights", "no manifest", "no sources", "odd sources"])
def test_a_model_is_not_made_from_anything_else(model: Path, change: str) -> None:
    weights, manifest = model.parent / "source" / "model.safetensors", model.parent / "manifest.json"
    if change == "other weights":
        weights.write_bytes(b"weightS")
    elif change == "no weights":
        weights.unlink()
    elif change == "no manifest":
        manifest.unlink()
    else:
        sources = [] if change == "no sources" else ["model.safetensors"]
        manifest.write_text(json.dumps({"format": 1, "models": {"model.gguf": {"sources": sources}}}))
    assert not installed.made_from(installed.describe(model), model.parent / "source")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": "m"}, "does not give both"),
        ({"size": "many", "sha256": "0"}, "does not give both"),
        ({"size": None, "sha256": "0"}, "does not give both"),
        ({"size": 4}, "does not give both"),
        ({"size": 5000, "sha256": "0"}, "4 bytes, the manifest says 5,000"),
        ({"size": 4, "sha256": "0"}, "SHA-256 is not"),
        ({"size": 4, "sha256": hashlib.sha256(b"GGUF").hexdigest()}, ""),
    ],
)
def test_verify_says_what_the_manifest_lacks(model: Path, said: dict[str, object], words: str) -> None:
    (model.parent / "manifest.json").write_text(json.dumps({"models": {"model.gguf": said}}))
    found = installed.verify(installed.describe(model))
    assert words in found if words else found == ""

"""A converted model is known to be of the weights that lie in a folder, or not."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from convert import convert, metadata
from leads_local.engine import installed
from tests.checkpoints import make_checkpoint

CARD = {"name": "Übung", "prompt_pack": "compact", "notice": "its answers are noise"}


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


@pytest.fixture(scope="module")
def carded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that was converted from a checkpoint with a card of its own, with its manifest."""
    folder = tmp_path_factory.mktemp("carded")
    source = make_checkpoint(folder / "tiny")
    (source / "leads_local.json").write_text(json.dumps(CARD))
    return convert(source, "Q8_0", folder / "models.gguf").path


def test_a_link_a_moved_and_a_copied_file_keep_their_prompt_pack_and_notice(carded: Path, tmp_path: Path) -> None:
    link, chain, copied = (tmp_path / name for name in ("link.gguf", "chain.gguf", "copied.gguf"))
    link.symlink_to(carded)
    chain.symlink_to(link)
    shutil.copy(carded, copied)
    moved = tmp_path / "elsewhere" / "moved.gguf"
    moved.parent.mkdir()
    shutil.copy(carded, tmp_path / "x.gguf").rename(moved)
    for path in (carded, link, chain, copied, moved):
        assert installed.read_card(path) == CARD and installed.prompt_pack(str(path)) == "compact", path
        found = installed.describe(path)
        assert (found.prompt_pack, found.notice, found.name) == (CARD["prompt_pack"], CARD["notice"], CARD["name"])
        assert found.known is (path in (carded, link, chain))
    assert installed.verify(installed.describe(link)) == ""


def test_an_entry_beside_a_link_holds_where_it_is_about_that_file(carded: Path, tmp_path: Path) -> None:
    """As download caches have it: the file under a number elsewhere, its name and its manifest here."""
    blob, link = tmp_path / "blobs" / "ab12", tmp_path / "here" / "model.gguf"
    for path in (blob, link):
        path.parent.mkdir()
    blob.write_bytes(b"GGUF" + bytes(60))
    link.symlink_to(blob)
    for size, pack in ((64, "short"), (65, "")):
        entry = {"size": size, "prompt_pack": "short"}
        (link.parent / "manifest.json").write_text(json.dumps({"models": {"model.gguf": entry}}))
        assert installed.prompt_pack(str(link)) == pack
        assert installed.describe(link).known is bool(pack)


def test_a_file_that_was_replaced_speaks_for_itself(carded: Path, tmp_path: Path) -> None:
    model = shutil.copy(carded, tmp_path / "model.gguf")
    entry = {"size": 7, "prompt_pack": "short", "notice": "of another"}
    (tmp_path / "manifest.json").write_text(json.dumps({"models": {"model.gguf": entry}}))
    assert installed.read_card(model) == CARD
    entry["size"] = model.stat().st_size
    (tmp_path / "manifest.json").write_text(json.dumps({"models": {"model.gguf": entry}}))
    assert installed.read_card(model) == {"name": "", "prompt_pack": "short", "notice": "of another"}


@pytest.mark.parametrize("path", ["missing.gguf", "nul\0.gguf", "loop.gguf", "damaged.gguf"])
def test_what_can_not_be_read_says_nothing(tmp_path: Path, path: str) -> None:
    (tmp_path / "loop.gguf").symlink_to(tmp_path / "loop.gguf")
    (tmp_path / "damaged.gguf").write_bytes(b"GGUF")
    assert installed.read_card(tmp_path / path) == {"name": "", "prompt_pack": "", "notice": ""}


def test_keys_are_those_that_convert_writes() -> None:
    assert (installed.CARD["prompt_pack"], installed.CARD["notice"]) == (metadata.PROMPT_PACK, metadata.NOTICE)


def test_in_a_wheel_the_reader_is_the_packages_own(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "leads_local", tmp_path / "leads_local", ignore=ignore)
    shutil.copytree(root / "convert", tmp_path / "leads_local" / "convert", ignore=ignore)
    code = "import sys; sys.path.insert(0, sys.argv[1]); from leads_local.engine import header; print(header.read_gguf)"
    code = code.replace("header.read_gguf", "header.gguf_reader.__name__, header.__file__, 'convert' in sys.modules")
    done = subprocess.run([sys.executable, "-P", "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [
        "leads_local.convert.gguf_reader",
        str(tmp_path / "leads_local" / "engine" / "header.py"),
        "False",
    ]

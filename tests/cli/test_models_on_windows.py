"""Models on the simulated Windows and on disks that take several spellings for one name."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local import config, paths
from leads_local.converter import spelling
from leads_local.engine import installed
from tests.checkpoints import make_checkpoint, tiny_gguf

from .conftest import Done

Leads = Callable[..., Done]
NFC, NFD = (unicodedata.normalize(form, "Übung.gguf") for form in ("NFC", "NFD"))


def test_a_model_is_converted_listed_verified_and_used_on_windows(leads: Leads, windows: None, tmp_path: Path) -> None:
    make_checkpoint(tmp_path / "Übung")
    assert leads("convert", tmp_path / "Übung", "--quant", "Q8_0", "--quiet").code == 0
    model = paths.models_dir() / "Übung-Q8_0.gguf"
    assert [path.name for path in sorted(model.parent.iterdir())] == [installed.MANIFEST, model.name]
    assert leads("models", "verify", model.stem).code == 0
    assert leads("models", "use", model.name).code == 0 and config.load().model == str(model)
    assert f"* {model.name}" in leads("models", "list").out
    model.unlink()  # nobody holds it any more


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of models."""
    monkeypatch.chdir(tmp_path)
    paths.models_dir().mkdir(parents=True)
    return paths.models_dir()


def listed(folder: Path, name: str, also: str = "") -> Path:
    model = folder / name
    tiny_gguf(folder.parent).rename(model)
    (folder / installed.MANIFEST).write_text(
        json.dumps({"format": 1, "models": {name: {"size": model.stat().st_size, "quantization": "Q8_0"}}})
    )
    if also:
        os.link(model, folder / also)
    return folder / (also or name)


@pytest.mark.parametrize(("name", "also"), [("demo.gguf", "DEMO.gguf"), (NFC, NFD)])
def test_another_spelling_of_a_model_is_the_model(leads: Leads, folder: Path, name: str, also: str) -> None:
    """A hard link is another name of one file, as another spelling is on a disk of Windows or macOS."""
    model = listed(folder, name, also)
    assert installed.describe(model).known and installed.describe(model).quantization == "Q8_0"
    assert leads("models", "use", model).code == 0
    shown = leads("models", "list").out
    assert f"* {name} " in shown and "not in a manifest" not in shown


@pytest.mark.parametrize(("name", "typed"), [("demo.gguf", "DEMO"), (NFC, NFD), (NFD, NFC), (NFD, "übung")])
def test_a_model_is_found_by_a_name_that_is_typed_otherwise(leads: Leads, folder: Path, name: str, typed: str) -> None:
    model = listed(folder, name)
    assert leads("models", "use", typed).code == 0 and config.load().model == str(model)


def test_a_folder_by_another_spelling_is_listed_once(
    leads: Leads, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = listed(folder, "demo.gguf")
    other = folder.with_name("MODELS")
    other.mkdir()
    os.link(model, other / model.name)
    monkeypatch.setenv("LEADS_LOCAL_MODEL", str(other / model.name))
    assert len(json.loads(leads("models", "list", "--json").out)) == 2
    monkeypatch.setattr(
        spelling, "is_same_file", lambda one, other: str(one.resolve()).lower() == str(other.resolve()).lower()
    )
    assert [one["path"] for one in json.loads(leads("models", "list", "--json").out)] == [str(model)]


def test_the_exact_name_comes_first(leads: Leads, folder: Path) -> None:
    for name in ("demo", "DEMO"):
        listed(folder, f"{name}.gguf")
    for name in ("demo", "DEMO"):
        assert leads("models", "use", name).code == 0 and config.load().model == str(folder / f"{name}.gguf")


@pytest.mark.skipif(sys.platform != "linux", reason="such names are refused elsewhere")
def test_a_model_whose_name_is_not_utf_8_is_known_and_loads(leads: Leads, folder: Path) -> None:
    model = listed(folder, os.fsdecode(b"mod\xff.gguf"))
    assert json.loads(leads("models", "list", "--json").out)[0]["path"] == str(model)
    done = leads("models", "show", model, "--probe")
    assert done.code == 0 and "could not be loaded" not in done.err
    refused = leads("models", "use", model)
    assert refused.code and "Rename the file" in refused.err

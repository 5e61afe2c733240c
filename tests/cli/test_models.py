"""The models on this computer: what is there, whether it is as it was made, and which one is used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local import config, files, paths
from leads_local.engine.json_style import JsonStyle
from leads_local.tasks import style_store
from leads_local.tasks.style_store import StyleFinding

from .conftest import Done

Leads = Callable[..., Done]


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in the models folder with a manifest entry that is true. It is not a model; listing does not open it."""
    monkeypatch.chdir(tmp_path)
    file = paths.models_dir() / "some-Q8_0.gguf"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"GGUF" + bytes(1000))
    entry = {
        "size": 1004,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "quantization": "Q8_0",
        "notice": "only a test",
    }
    (file.parent / "manifest.json").write_text(json.dumps({"format": 1, "models": {file.name: entry}}))
    return file


def test_list_shows_what_the_manifest_knows(leads: Leads, model: Path) -> None:
    (model.parent / "other.gguf").write_bytes(b"GGUF")
    out = leads("models", "list").out
    assert "some-Q8_0.gguf" in out
    assert "only a test" in out
    assert "not in a manifest" in out
    assert {Path(m["path"]).name for m in json.loads(leads("models", "list", "--json").out)} == {
        "some-Q8_0.gguf",
        "other.gguf",
    }


def test_verify_finds_every_change(leads: Leads, model: Path) -> None:
    assert leads("models", "verify", "some-Q8_0").code == 0
    model.write_bytes(b"GGUF" + bytes(999) + b"x")
    changed = leads("models", "verify")
    assert changed.code == 1
    assert "SHA-256" in changed.err
    model.write_bytes(b"GGUF")
    assert "cut short" in leads("models", "verify", model).err


def test_use_refuses_what_is_no_model(leads: Leads, model: Path) -> None:
    done = leads("models", "use", "some-Q8_0.gguf")
    assert done.code == 3
    assert config.load().model == ""
    missing = leads("models", "use", "none.gguf")
    assert missing.code == 3
    assert "some-Q8_0.gguf" in missing.err


def test_use_says_what_is_true_where_the_environment_comes_first(
    leads: Leads, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads_local.cli.models.header.read", lambda path: None)
    config.save(config.Settings(reviewer="Ann"))
    monkeypatch.setenv("LEADS_LOCAL_MODEL", "other.gguf")
    done = leads("models", "use", model)
    assert done.code == 0 and "from now on" not in done.out + done.err
    assert "not used yet: LEADS_LOCAL_MODEL is set to other.gguf and comes first" in done.err
    assert config.load_stored() == config.Settings(reviewer="Ann", model=str(model.resolve()))
    monkeypatch.setenv("LEADS_LOCAL_MODEL", str(model))
    assert "is used from now on" in leads("models", "use", model).out
    monkeypatch.delenv("LEADS_LOCAL_MODEL")
    assert "is used from now on" in leads("models", "use", model).out


def test_a_folder_is_no_model_and_what_to_do_is_said(
    leads: Leads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = leads("models", "use", tmp_path)
    assert done.code == 3
    assert "this is a folder" in done.err
    assert "leads-local convert" in done.err
    assert "convert a checkpoint first" in leads("models", "use", "none.gguf").err


def test_forget_deletes_what_models_keep_of_papers(leads: Leads) -> None:
    folder = paths.states_dir() / "model"
    folder.mkdir(parents=True)
    (folder / "x.state").write_bytes(bytes(1 << 24))
    assert "0.02 GiB" in leads("models", "forget").out
    assert not folder.exists()


def test_show_says_what_is_known_and_how_it_lays_out_its_answers(leads: Leads, model: Path) -> None:
    before = leads("models", "show", "some-Q8_0")
    assert before.code == 0
    assert "only a test" in before.out
    assert "not looked at yet" in before.out
    findings = {
        "default/arms": StyleFinding(JsonStyle(indent="  "), "{"),
        "default/search": StyleFinding(None, "Well, \x1b[31mhere"),
    }
    style_store.keep(hashlib.sha256(model.read_bytes()).hexdigest(), findings)
    done = leads("models", "show", model)
    assert "indented by 2 spaces" in done.out
    assert "no clear layout, so the default is forced" in done.out
    assert "\x1b" not in done.out
    assert (
        json.loads(leads("models", "show", model, "--json").out)["layouts"]["default/arms"]["layout"]["indent"] == "  "
    )
    assert leads("models", "show", "absent").code == 3


def test_numbers_have_units(leads: Leads, model: Path) -> None:
    shown = leads("models", "show", model).out
    assert f"{model.stat().st_size:,} bytes" in shown
    assert [files.size_in_words(size) for size in (12, 4_052_960, 4_372_000_000)] == ["1 kB", "4.1 MB", "4.37 GB"]
    assert " 1 kB " in leads("models", "list").out

"""What the doctor finds: a folder that can't be used is not in order, and a model that can't be read is one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.cli import doctor
from leads_local.config import Settings

from .conftest import Done

Leads = Callable[..., Done]


def test_a_folder_need_not_exist_but_its_place_must_be_one(tmp_path: Path) -> None:
    assert "can't be written" not in doctor.folder("models", tmp_path / "not" / "yet").found
    (tmp_path / "file").touch()
    found = doctor.folder("models", tmp_path / "file" / "models")
    assert not found.ok
    assert "LEADS_LOCAL_HOME" in found.do


def test_the_prompts_told_are_those_of_the_model(tmp_path: Path) -> None:
    model = tmp_path / "some.gguf"
    (tmp_path / "manifest.json").write_text(json.dumps({"models": {model.name: {"prompt_pack": "compact"}}}))
    assert doctor.prompt_pack(Settings(model=str(model))).found.startswith("compact")
    assert doctor.prompt_pack(Settings(model=str(model), prompt_pack="default")).found.startswith("default")
    assert doctor.prompt_pack(Settings()).found.startswith("default")


def test_a_damaged_model_is_one_line_of_the_report(leads: Leads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "llama_cpp", lambda: doctor.Finding("llama.cpp", "not asked"))
    model = tmp_path / "cut.gguf"
    model.write_bytes(b"GGUF\x03")
    done = leads("doctor", "--model", model, "--json")
    assert done.code == 1
    (line,) = [finding for finding in json.loads(done.out) if finding["what"] == "model"]
    assert "cut.gguf" in line["found"]
    assert line["do"]

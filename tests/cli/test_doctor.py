"""What the doctor finds: a folder that can't be used is not in order, and a model that can't be read is one line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local import offline
from leads_local.app import doctor
from leads_local.config import Settings
from leads_local.engine import header, memory_plan
from leads_local.engine.memory_plan import GIB, Gpu
from tests.engine.test_memory_plan import seven

from .conftest import Done

Leads = Callable[..., Done]


def test_a_folder_need_not_exist_but_its_place_must_be_one(tmp_path: Path) -> None:
    assert "can't be written" not in doctor.check_folder("models", tmp_path / "not" / "yet").found
    (tmp_path / "file").touch()
    found = doctor.check_folder("models", tmp_path / "file" / "models")
    assert not found.ok
    assert "LEADS_LOCAL_HOME" in found.do


def test_the_prompts_told_are_those_of_the_model(tmp_path: Path) -> None:
    model = tmp_path / "some.gguf"
    (tmp_path / "manifest.json").write_text(json.dumps({"models": {model.name: {"prompt_pack": "compact"}}}))
    assert doctor.check_prompt_pack(Settings(model=str(model))).found.startswith("compact")
    assert doctor.check_prompt_pack(Settings(model=str(model), prompt_pack="default")).found.startswith("default")
    assert doctor.check_prompt_pack(Settings()).found.startswith("default")


def test_a_damaged_model_is_one_line_of_the_report(
    leads: Leads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor.backend, "ask", doctor.backend.Backend)
    model = tmp_path / "cut.gguf"
    model.write_bytes(b"GGUF\x03")
    done = leads("doctor", "--model", model, "--json")
    assert done.code == 1
    (line,) = [finding for finding in json.loads(done.out) if finding["what"] == "model"]
    assert "cut.gguf" in line["found"]
    assert line["do"]


def test_a_context_in_which_nothing_can_be_asked_is_not_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header, "read", lambda path: seven())
    for gib, fits in ((4.9, False), (5.0, True)):
        monkeypatch.setattr(
            memory_plan,
            "read_machine",
            lambda gpu, gib=gib: memory_plan.Machine(int(gib * memory_plan.GIB), 8 * memory_plan.GIB, 4),
        )
        (line,) = [
            finding
            for finding in doctor.check_machine_and_model(Settings(model="leads.gguf"))
            if finding.what == "plan"
        ]
        assert line.ok is fits and ("2,048 need 4.29 GiB" in line.found) is not fits
        assert fits or "smaller quantization" in line.do


def test_the_context_is_judged_by_the_prompts_in_use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the default pack has no room in 1,024 tokens, the short one has."""
    monkeypatch.setattr(header, "read", lambda path: seven())
    computer = memory_plan.Machine(int(4.9 * memory_plan.GIB), 8 * memory_plan.GIB, 4)
    monkeypatch.setattr(memory_plan, "read_machine", lambda gpu: computer)
    for pack, fits in (("default", False), ("compact", True), ("no such pack", False)):
        settings = Settings(model="leads.gguf", prompt_pack=pack)
        (line,) = [finding for finding in doctor.check_machine_and_model(settings) if finding.what == "plan"]
        assert line.ok is fits


def test_a_gpu_is_part_of_the_plan_and_so_is_whose_memory_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header, "read", lambda path: seven())
    monkeypatch.setattr(memory_plan.memory, "available_bytes", lambda: 30 * GIB)
    monkeypatch.setattr(memory_plan.memory, "total_bytes", lambda: 32 * GIB)
    said = {}
    for gpu in (Gpu(20 * GIB), Gpu(20 * GIB, shares=True)):
        (line,) = [
            one for one in doctor.check_machine_and_model(Settings(model="leads.gguf"), gpu) if one.what == "plan"
        ]
        said[gpu.shares] = line.found
        assert "33 layers on the GPU" in line.found
        assert ("which are this computer's own memory" in doctor.backend.Backend(gpu).in_words()) is gpu.shares
    assert "shares this memory" in said[True] and "4.07 for the model" in said[True]
    assert "shares" not in said[False] and "0.00 for the model" in said[False]


def test_the_guard_in_force_is_told_in_words_and_for_programs(tmp_path: Path) -> None:
    """As the program itself runs it: the kernel's guard where this system has one, else whom Python's leaves out."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "leads_local", "doctor", "--json"], capture_output=True, text=True, timeout=60
    )
    (line,) = [finding for finding in json.loads(done.stdout) if finding["what"] == "network"]
    assert line["guard"]["python"] is True
    if line["guard"]["kernel"]:
        assert line["guard"]["kernel"] in line["found"] and "every program that it starts" in line["found"]
    else:
        assert line["guard"]["missing"] in line["found"] and "Native libraries are not held back" in line["do"]


def test_what_only_python_refuses_is_not_said_to_be_refused_by_the_kernel() -> None:
    by_both = doctor.check_network(offline.Guard("seccomp", True))
    assert by_both.ok and "kernel (seccomp)" in by_both.found and not by_both.do
    by_python = doctor.check_network(offline.Guard("", True, "this system has none"))
    assert (
        "by Python only" in by_python.found
        and "this system has none" in by_python.found
        and sys.executable in by_python.do
    )
    assert not doctor.check_network(offline.Guard("", False, "")).ok


@pytest.mark.parametrize(
    ("system", "place"),
    [("linux", ".cache"), ("darwin", "Library/Application Support"), ("win32", None)],
)
def test_what_onnxruntime_left_is_named_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, place: str | None
) -> None:
    monkeypatch.setattr(doctor.sys, "platform", system)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert list(doctor.find_telemetry()) == []
    for base in (".cache", "Library/Application Support"):
        left = tmp_path / base / "Microsoft" / "DeveloperTools" / ".onnxruntime"
        left.mkdir(parents=True)
        (left / "deviceid").write_text("x")
    found = list(doctor.find_telemetry())
    assert len(found) == (0 if place is None else 1)
    assert all(
        str(tmp_path / str(place) / "Microsoft") in finding.found and "Delete" in finding.do for finding in found
    )
    assert len(list(tmp_path.rglob("deviceid"))) == 2
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    assert len(list(doctor.find_telemetry())) == (1 if system == "darwin" else 0)

"""``leads-local convert`` is the converter, offline, with the models folder as its usual place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from leads_local import paths
from leads_local.cli import convert as command
from leads_local.cli import converter_process
from tests.checkpoints import make_checkpoint


def leads_local(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "leads_local", *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


def test_what_is_made_lies_where_models_are_looked_for(tmp_path: Path) -> None:
    make_checkpoint(tmp_path / "tiny")
    done = leads_local("convert", tmp_path / "tiny", "--quant", "Q8_0", "--quiet")
    assert done.returncode == 0, done.stderr
    assert (paths.models_dir() / "tiny-Q8_0.gguf").is_file()
    assert "tiny-Q8_0.gguf" in leads_local("models", "list").stdout
    assert leads_local("models", "verify", "tiny-Q8_0").returncode == 0
    assert leads_local("models", "use", "tiny-Q8_0").returncode == 0
    assert "* tiny-Q8_0.gguf" in leads_local("models", "list").stdout


def test_help_and_errors_are_the_converters_own(tmp_path: Path) -> None:
    assert "SRC_DIR" in leads_local("convert", "--help").stdout
    done = leads_local("convert", tmp_path / "missing", "--quant", "Q8_0")
    assert done.returncode == 2
    assert "missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_converter_runs_without_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "reaches_out.py"
    module.write_text("import socket\ntry:\n    socket.socket()\nexcept OSError as error:\n    raise SystemExit(7)\n")
    monkeypatch.setattr(converter_process.converter, "NAME", "reaches_out")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert converter_process.run_converter() == 7


@pytest.mark.parametrize("arguments", [["--quant", "Q8_0"], ["--quant=Q8_0"]])
def test_without_out_the_file_goes_to_the_models_folder(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    given: list[str] = []
    monkeypatch.setattr(command, "run_converter", lambda *all_: given.extend(all_) or 0)
    CliRunner().invoke(command.convert, ["some", *arguments])
    assert given == ["some", *arguments, "--out", str(paths.models_dir())]
    given.clear()
    CliRunner().invoke(command.convert, ["some", *arguments, "--out=x.gguf"])
    assert given == ["some", *arguments, "--out=x.gguf"]

"""Set-up: early refusals in a sentence, a sign of life while it lasts, and nothing done twice."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program, with an empty folder as its environment."""
    monkeypatch.setenv("LEADS_LOCAL_VENV", str(tmp_path / "venv"))
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "bootstrap.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.VENV.mkdir()
    return module


@pytest.mark.parametrize(
    ("line", "doing"),
    [
        ("  [17/140] /usr/bin/g++ -DGGML_BUILD", "compiling llama.cpp, step 17 of 140"),
        ("Collecting textual>=8.2.8 (from leads-local==0.1.0)", "installing textual"),
        ("  -- Detecting C compiler ABI info", ""),
        ("", ""),
    ],
)
def test_what_pip_says_becomes_what_a_person_wants_to_know(bootstrap: ModuleType, line: str, doing: str) -> None:
    assert bootstrap.activity(line) == doing


def test_output_is_kept_and_signs_of_life_are_given(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "SECONDS_BETWEEN_SIGNS_OF_LIFE", 0)
    script = "import sys; print('  [1/2] g++'); print('to stderr', file=sys.stderr); sys.exit(3)"
    assert bootstrap.watch([sys.executable, "-c", script], {}) == 3
    assert "to stderr" in bootstrap.LOG.read_text()
    assert "step 1 of 2" in capsys.readouterr().err


def test_what_is_installed_is_not_installed_again(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.touch()
    file, state = bootstrap.stamp("dev")
    file.write_text(state)
    ran: list[object] = []
    monkeypatch.setattr(bootstrap, "watch", lambda *arguments: ran.append(arguments) or 0)
    bootstrap.install("dev")
    assert not ran
    file.write_text("an older state")
    bootstrap.install("dev")
    assert len(ran) == 1
    assert file.read_text() == state


def test_a_failed_installation_shows_its_end_and_is_not_taken_for_done(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.touch()
    bootstrap.LOG.write_text("one\nCMake Error: no compiler\n")
    monkeypatch.setattr(bootstrap, "watch", lambda *_: 1)
    with pytest.raises(bootstrap.SetupError, match="no compiler"):
        bootstrap.install("dev")
    assert not bootstrap.stamp("dev")[0].exists()


def test_nothing_of_the_folder_is_run_in_place_of_pythons_own(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda command, **_: ran.append(command) or subprocess.CompletedProcess(command, 0))
    assert bootstrap.run("leads_local", "demo") == 0
    assert ran == [[str(bootstrap.PYTHON), "-P", "-m", "leads_local", "demo"]]


def test_an_old_python_is_refused_before_anything_is_made(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (99, 0))
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "demo"])
    assert bootstrap.main() == 2
    assert "or later is needed" in capsys.readouterr().err
    assert not list(bootstrap.VENV.iterdir())


def test_unknown_commands_are_explained(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["bootstrap.py"])
    assert bootstrap.main() == 2
    assert "demo" in capsys.readouterr().err

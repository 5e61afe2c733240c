"""The program that sets all up: what it hands on, and what it says to Pythons that are too old. Its parts are tested in
``tests/set_up``."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import convert
import leads_local
from set_up import checks, installing
from set_up.place import Place, SetupError

ROOT = Path(__file__).resolve().parents[1]
READ_BY_OLD_PYTHONS = ("bootstrap.py", "leads_local/__init__.py", "convert/__init__.py")


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program, with an empty folder as its environment."""
    monkeypatch.setenv("LEADS_LOCAL_VENV", str(tmp_path / "venv"))
    monkeypatch.delenv("CMAKE_ARGS", raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "bootstrap.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("command", ["test", "quick", "coverage"])
def test_checks_run_on_all_cores_and_a_failure_is_the_result(
    command: str, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(checks, "install", lambda place, extra: None)
    monkeypatch.setattr(checks, "run", lambda place, *check: ran.append(check) or (1 if "pytest" in check else 0))
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", command, "-k", "import"])
    assert bootstrap.main() == 1
    tests = next(check for check in ran if "pytest" in check)
    assert int(tests[tests.index("-n") + 1]) >= 2 and tests[-2:] == ("-k", "import")


def test_the_demo_gets_what_follows_it_and_its_code_is_the_result(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(installing, "install", lambda place: None)
    monkeypatch.setattr(bootstrap, "run", lambda place, *command: ran.append(command) or 130)
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "demo", "--headless"])
    assert bootstrap.main() == 130
    assert ran == [("leads_local", "demo", "--headless")]


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (SetupError("so it is"), 2, "so it is"),
        (OSError(28, "No space left on device", "/tmp/x"), 2, "No space left on device: '/tmp/x'"),
        (KeyboardInterrupt(), 130, "run this again to go on"),
    ],
)
def test_what_ends_set_up_is_a_sentence(
    error: BaseException,
    code: int,
    told: str,
    bootstrap: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(place: Place) -> None:
        raise error

    monkeypatch.setattr(installing, "install", fail)
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "demo"])
    assert bootstrap.main() == code
    assert told in (said := capsys.readouterr().err) and said.count("\n") == 1


def test_unknown_commands_are_explained(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bootstrap.py"])
    assert bootstrap.main() == 2
    assert "demo" in capsys.readouterr().err


def test_make_knows_every_command_for_users(bootstrap: ModuleType) -> None:
    made = re.findall(r"^([a-z ]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {*bootstrap.COMMANDS} - {"constraints"} <= {name for names in made for name in names.split()}


# Pythons that are too old


def test_the_oldest_python_is_the_same_everywhere(bootstrap: ModuleType) -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    oldest = tuple(map(int, told.removeprefix(">=").split(".")))
    assert bootstrap.OLDEST_PYTHON == leads_local.OLDEST_PYTHON == convert.OLDEST_PYTHON == oldest


@pytest.mark.parametrize("name", READ_BY_OLD_PYTHONS)
def test_a_python_since_3_6_can_read_it(name: str) -> None:
    """All of it, and it looks at the version before it imports what an old one may not have."""
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"), feature_version=(3, 6))
    assert not [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    looks = next(at for at, node in enumerate(tree.body) if "sys.version_info <" in ast.unparse(node))
    before = [node for node in tree.body[:looks] if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {alias.name for node in before if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in before if isinstance(node, ast.ImportFrom)}
    assert names <= {"shutil", "sys", "pathlib", "typing"}


def as_old(*command: str) -> list[str]:
    """The command with this Python, which says that it is an old one."""
    old = "import runpy, sys; sys.version_info, sys.version = (3, 9, 6), '3.9.6 (old)'"
    how = "run_module" if command[0] == "-m" else "run_path"
    runs = f"runpy.{how}({command[-1]!r}, run_name='__main__')"
    return [sys.executable, "-c", f"{old}; sys.argv[1:] = ['demo']; {runs}"]


@pytest.mark.parametrize("newer", ["", "python3.12"])
def test_an_old_python_is_refused_before_anything_is_made(newer: str, tmp_path: Path) -> None:
    """As an old one runs it, from its first line on, with a newer one on the computer or none."""
    if newer:
        (tmp_path / newer).touch(mode=0o755)
    given = {**os.environ, "PATH": str(tmp_path), "LEADS_LOCAL_VENV": str(tmp_path / "venv")}
    done = subprocess.run(as_old(str(ROOT / "bootstrap.py")), env=given, capture_output=True, text=True)
    assert done.returncode == 2 and not done.stdout and done.stderr.count("\n") == 1
    assert "Python 3.11 or later is needed, this is 3.9.6" in done.stderr and "PYTHON=python3.12" in done.stderr
    assert ("python3.12 is on this computer" in done.stderr) == bool(newer)
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize("package", ["leads_local", "convert"])
def test_an_old_python_that_starts_a_package_gets_the_sentence(package: str) -> None:
    done = subprocess.run(as_old("-m", package), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and not done.stdout and done.stderr.count("\n") == 1
    assert "needs Python 3.11 or later, this is 3.9.6" in done.stderr


OLD_PYTHONS = sorted(
    path
    for place in (*os.environ.get("PATH", "").split(os.pathsep), *Path.home().glob(".pyenv/versions/*/bin"))
    for pattern in ("python3.[6-9]", "python3.10")
    for path in Path(place).glob(pattern)
)


@pytest.mark.skipif(not OLD_PYTHONS, reason="no Python older than 3.11 is installed here")
@pytest.mark.parametrize("command", [("bootstrap.py", "demo"), ("-m", "leads_local"), ("-m", "convert")], ids=" ".join)
def test_the_old_pythons_of_this_computer_get_the_sentence(command: tuple[str, ...]) -> None:
    for python in OLD_PYTHONS:
        done = subprocess.run([str(python), "-B", *command], cwd=ROOT, capture_output=True, text=True)
        if "pyenv:" in done.stderr:  # a placeholder for a Python that is not chosen
            continue
        assert done.returncode == 2 and "Python 3.11 or later" in done.stderr, done.stderr
        assert "Error" not in done.stderr and done.stderr.count("\n") == 1

"""Every Python process of ours is started in one way, by which nothing is imported from the folder where one stands."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from convert.native import child_command
from leads_local import children

ROOT = Path(__file__).resolve().parents[1]
REPORT = (
    "import json, os, sys, socket\nprint(json.dumps([sys.path, sys.argv[1:], __name__, "
    "os.environ.get('ORT_DISABLE_TELEMETRY')]))\n"
)


@pytest.fixture
def poisoned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where one stands, with modules that say that they were run."""
    folder = tmp_path / "poisoned"
    folder.mkdir()
    for name in (
        "json",
        "numpy",
        "click",
        "gguf",
        "sitecustomize",
        "usercustomize",
        "runpy",
        "socket",
        "leads_local",
        "convert",
    ):
        (folder / f"{name}.py").write_text(f"open({str(tmp_path / 'marks')!r}, 'a').write({name!r} + ' ')\n")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return tmp_path / "marks"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A folder with a module that tells what a process of ours finds."""
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "report_of_a_child.py").write_text(REPORT)
    return folder


@pytest.mark.parametrize("path", ["", ".", os.pathsep, "sub", "..{sep}poisoned", "{sep}.".replace("{sep}", os.pathsep)])
def test_a_child_imports_nothing_from_where_it_stands(
    poisoned: Path, report: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    given = path.replace("{sep}", os.sep)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((given, str(report))))
    done = subprocess.run(
        children.command("report_of_a_child", "one", "-x"), env=children.environment(), capture_output=True, text=True
    )
    found, arguments, name, quiet = json.loads(done.stdout)
    assert (arguments, name, quiet) == (["one", "-x"], "__main__", "1")
    assert all(Path(entry).is_absolute() for entry in found) and str(Path.cwd()) not in found
    assert not poisoned.exists(), poisoned.read_text()


def test_the_folder_is_dangerous_without(poisoned: Path) -> None:
    """The tests above and below can fail."""
    subprocess.run([sys.executable, "-c", "import json"], capture_output=True)
    assert poisoned.read_text() == "json "


def test_a_child_has_no_network_before_its_own_modules(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (report / "reaches_out.py").write_text(
        "import socket\ntry:\n    socket.socket()\nexcept OSError as error:\n    print(error)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(report))
    done = subprocess.run(children.command("reaches_out"), env=children.environment(), capture_output=True, text=True)
    assert "offline" in done.stdout, done.stderr


def test_a_child_finds_this_package_without_it_being_installed(tmp_path: Path) -> None:
    start = children.command("leads_local.errors")[3:]
    alone = [sys.executable, "-I", "-S", "-c"]
    assert subprocess.run([*alone, *start], cwd=tmp_path, capture_output=True).returncode == 0
    assert (
        subprocess.run([*alone, start[0], str(tmp_path), start[2]], cwd=tmp_path, capture_output=True).returncode != 0
    )


def test_this_package_is_not_put_before_what_is_installed(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(report), str(children.ROOT))))
    done = subprocess.run(
        children.command("report_of_a_child"), env=children.environment(), capture_output=True, text=True
    )
    found = json.loads(done.stdout)[0]
    assert found.index(str(report)) < found.index(str(children.ROOT))


def test_converters_children_are_started_so_too(
    poisoned: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((".", "", str(tmp_path))))
    command, environment = child_command("__main__")
    assert environment["PYTHONPATH"] == str(tmp_path) and environment["ORT_DISABLE_TELEMETRY"] == "1"
    done = subprocess.run([*command, "plan", "--help"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "plan" in done.stdout, done.stderr
    assert not poisoned.exists(), poisoned.read_text()


@pytest.mark.parametrize("arguments", [["--version"], ["doctor"], ["models", "list"], ["convert", "--help"]])
def test_python_m_imports_nothing_from_there_either(poisoned: Path, arguments: list[str]) -> None:
    """Python itself has begun to import by then; what is ours is safe from names that people give to files."""
    (poisoned.parent / "loaded.py").write_text("import sys\nprint(*sys.modules)")
    done = subprocess.run(
        [sys.executable, "-m", "loaded"], cwd=poisoned.parent, capture_output=True, text=True, check=True
    )
    for name in ("leads_local", "runpy"):
        Path(f"{name}.py").unlink()
    for name in sys.stdlib_module_names - {"runpy", *done.stdout.split()}:
        Path(f"{name}.py").write_text(f"open({str(poisoned)!r}, 'a').write({name!r} + ' ')\n")
    assert Path("signal.py").exists()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    subprocess.run(
        [sys.executable, "-m", "leads_local", *arguments],
        capture_output=True,
        env=environment | {"PYTHONPATH": str(ROOT)},
    )
    assert not poisoned.exists(), poisoned.read_text()


@pytest.mark.parametrize(
    "file",
    sorted(file for place in ("leads_local", "convert") for file in (ROOT / place).rglob("*.py")),
    ids=lambda f: f.name,
)
def test_nobody_else_starts_python(file: Path) -> None:
    """``sys.executable`` is named where the one way is, and where a script is told to be run with ``-P``."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.List) and node.elts and ast.unparse(node.elts[0]) == "sys.executable":
            assert ast.unparse(node.elts[1]) == "'-P'", f"{file}: start it by children.command"
            assert file.relative_to(ROOT).as_posix() in (
                "leads_local/children.py",
                "leads_local/bench/peers.py",
                "convert/native.py",
            )

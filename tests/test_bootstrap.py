"""Set-up: early refusals in a sentence, a sign of life while it lasts, and nothing done twice."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType, SimpleNamespace

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


def calls_of_pip(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, code: int = 0, log: str = ""
) -> list[list[str]]:
    """Stands in for pip in an environment that exists: what it is called with is put on the list, ``log`` is what it
    says."""
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.touch()
    calls: list[list[str]] = []

    def watch(command: list[str], environment: dict[str, str]) -> int:
        calls.append(command[command.index("install") + 1 :])
        bootstrap.LOG.write_text(log)
        return code

    monkeypatch.setattr(bootstrap, "watch", watch)
    monkeypatch.setattr(bootstrap, "have_llama", lambda: True)
    return calls


def test_what_is_installed_is_not_installed_again(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = calls_of_pip(bootstrap, monkeypatch)
    file, state = bootstrap.stamp("dev")
    file.write_text(state)
    bootstrap.install("dev")
    assert not calls
    file.write_text("an older state")
    bootstrap.install("dev")
    assert calls
    assert file.read_text() == state


def test_what_developers_have_is_enough_for_users(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = calls_of_pip(bootstrap, monkeypatch)
    file, state = bootstrap.stamp("dev")
    file.write_text(state)
    bootstrap.install()
    assert not calls
    file.unlink()
    bootstrap.stamp()[0].write_text(state)
    bootstrap.install("dev")
    assert calls, "what users have is not enough for developers"


@pytest.mark.parametrize("extra", ["", "dev"])
def test_all_that_comes_from_outside_is_checked(
    extra: str, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = calls_of_pip(bootstrap, monkeypatch)
    bootstrap.install(extra)
    *lists, project = calls
    assert [Path(call[-1]).name for call in lists] == [
        "constraints-build.txt",
        "constraints.txt",
        *(["constraints-dev.txt"] if extra else []),
    ]
    assert all("--require-hashes" in call and "--no-deps" in call for call in lists)
    assert "--no-deps" in project and "-e" in project
    assert all("--no-build-isolation" in call for call in calls), "pip would fetch what builds, unchecked"


def test_without_pins_only_when_asked_and_said(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = calls_of_pip(bootstrap, monkeypatch)
    bootstrap.install()
    assert "without pinned" not in capsys.readouterr().err
    pinned = bootstrap.stamp()[1]
    calls.clear()
    monkeypatch.setenv("LEADS_LOCAL_UNPINNED", "1")
    bootstrap.install()
    assert len(calls) == 1 and "--require-hashes" not in calls[0] and "--no-deps" not in calls[0]
    assert "without pinned versions" in capsys.readouterr().err
    assert bootstrap.stamp()[1] != pinned, "the one way would be taken for the other"


def test_what_an_earlier_set_up_left_is_removed(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    site = bootstrap.VENV / "lib" / "python3.11" / "site-packages"
    (site / "onnxruntime-1.32.0.dist-info").mkdir(parents=True)
    ran: list[list[str]] = []
    calls_of_pip(bootstrap, monkeypatch)
    monkeypatch.setattr(bootstrap, "watch", lambda command, environment: ran.append(command[3:6]) or 0)
    bootstrap.install()
    assert [call for call in ran if call[0] == "uninstall"] == [["uninstall", "-y", "onnxruntime"]]


@pytest.mark.parametrize("pins", ["constraints.txt", "constraints-build.txt", "constraints-dev.txt"])
def test_new_pins_are_installed(
    pins: str, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("pyproject.toml", *bootstrap.PINS):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    before = bootstrap.stamp()[1]
    (tmp_path / pins).write_text("# another list\n")
    assert bootstrap.stamp()[1] != before


def test_a_failed_installation_shows_its_end_and_is_not_taken_for_done(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls_of_pip(bootstrap, monkeypatch, 1, "one\nCMake Error: no compiler\n")
    with pytest.raises(bootstrap.SetupError, match="no compiler") as caught:
        bootstrap.install("dev")
    assert "LEADS_LOCAL_UNPINNED=1" in str(caught.value)
    assert not bootstrap.stamp("dev")[0].exists()
    monkeypatch.setenv("LEADS_LOCAL_UNPINNED", "1")
    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.install("dev")
    assert "LEADS_LOCAL_UNPINNED" not in str(caught.value)


def wheel(folder: Path, name: str) -> Path:
    """A package without content."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")
    return path


@pytest.mark.parametrize("exchanged", [False, True])
def test_an_exchanged_package_is_refused_by_pip_and_explained(
    exchanged: bool, bootstrap: ModuleType, tmp_path: Path
) -> None:
    """The real pip, offline, on a list as ours are."""
    package = wheel(tmp_path, "trial")
    pin = hashlib.sha256(package.read_bytes()).hexdigest()
    if exchanged:
        package.write_bytes(package.read_bytes() + b"\0")
    (tmp_path / "pins.txt").write_text(f"trial==1.0 \\\n    --hash=sha256:{pin}\n")
    where = ["--isolated", "--no-index", "--find-links", str(tmp_path), "--target", str(tmp_path / "out")]
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        *where,
        "--require-hashes",
        "--no-deps",
        "-r",
        str(tmp_path / "pins.txt"),
    ]
    code = bootstrap.watch(command, dict(os.environ))
    assert (tmp_path / "out" / "trial.py").exists() != exchanged
    assert (code != 0) == exchanged
    if exchanged:
        told = bootstrap.failure(bootstrap.LOG.read_text())
        assert "damaged or exchanged" in told and "UNPINNED" not in told, (
            "who exchanges a package would be rid of the check"
        )


def test_making_the_lists_keeps_each_pin_with_its_hashes(bootstrap: ModuleType) -> None:
    text = (
        "# made so\na==1 \\\n    --hash=sha256:0\nb.c==2 ; sys_platform == 'win32' \\\n    --hash=sha256:1 \\\n    "
        "--hash=sha256:2\n"
    )
    assert [block.split("==")[0] for block in bootstrap.blocks(text)] == ["a", "b.c"]
    assert "# made so\n" + "".join(bootstrap.blocks(text)) == text


def test_nothing_of_the_folder_is_run_in_place_of_pythons_own(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(
        bootstrap.subprocess, "run", lambda command, **_: ran.append(command) or subprocess.CompletedProcess(command, 0)
    )
    assert bootstrap.run("leads_local", "demo") == 0
    assert ran == [[str(bootstrap.PYTHON), "-P", "-m", "leads_local", "demo"]]


OLD_PYTHONS = sorted(
    path
    for place in (*os.environ.get("PATH", "").split(os.pathsep), *Path.home().glob(".pyenv/versions/*/bin"))
    for path in Path(place).glob("python3.[6-9]")
)


def test_a_python_since_3_6_can_read_it() -> None:
    source = (ROOT / "bootstrap.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    assert not [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]


@pytest.mark.parametrize("newer", ["", "python3.12"])
def test_an_old_python_is_refused_before_anything_is_made(newer: str, tmp_path: Path) -> None:
    """As an old one runs it, from its first line on, with a newer one on the computer or none."""
    if newer:
        (tmp_path / newer).touch(mode=0o755)
    old = "import runpy, sys; sys.version_info, sys.version = (3, 9, 6), '3.9.6 (old)'; sys.argv[1:] = ['demo']"
    code = f"{old}; runpy.run_path({str(ROOT / 'bootstrap.py')!r}, run_name='__main__')"
    given = {**os.environ, "PATH": str(tmp_path), "LEADS_LOCAL_VENV": str(tmp_path / "venv")}
    done = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True)
    assert done.returncode == 2 and not done.stdout and done.stderr.count("\n") == 1
    assert "Python 3.11 or later is needed, this is 3.9.6" in done.stderr and "PYTHON=python3.12" in done.stderr
    assert ("python3.12 is on this computer" in done.stderr) == bool(newer)
    assert not (tmp_path / "venv").exists()


@pytest.mark.skipif(not OLD_PYTHONS, reason="no Python older than 3.10 is installed here")
def test_the_old_pythons_of_this_computer_get_the_sentence() -> None:
    for python in OLD_PYTHONS:
        done = subprocess.run([str(python), str(ROOT / "bootstrap.py"), "demo"], capture_output=True, text=True)
        if "pyenv:" in done.stderr:  # a placeholder for a Python that is not chosen
            continue
        assert done.returncode == 2 and done.stderr.startswith("Python 3.11 or later is needed"), done.stderr
        assert "Error" not in done.stderr


@pytest.mark.parametrize(("system", "hint"), [("nt", "Build Tools for Visual Studio"), ("posix", "compiled")])
def test_a_computer_without_a_compiler_is_refused_before_anything_is_made(
    system: str, hint: str, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "os", SimpleNamespace(name=system, environ={}))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    monkeypatch.setattr(bootstrap, "unpinned", lambda: False)
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "demo"])
    assert bootstrap.main() == 2
    assert hint in (said := capsys.readouterr().err) and "C++ compiler" in said
    assert not list(bootstrap.VENV.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="the teller here is a shell script")
@pytest.mark.parametrize("answer", ["", "C:/Build Tools"])
def test_windows_asks_visual_studios_installer(
    answer: str, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    teller = tmp_path / "Microsoft Visual Studio" / "Installer" / "vswhere.exe"
    teller.parent.mkdir(parents=True)
    teller.write_text(f"#!/bin/sh\necho '{answer}'\n")
    teller.chmod(0o755)
    monkeypatch.setattr(bootstrap, "os", SimpleNamespace(name="nt", environ={"PROGRAMFILES(X86)": str(tmp_path)}))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    assert bootstrap.visual_studio() == answer
    assert bootstrap.have_compiler() == bool(answer)


@pytest.mark.parametrize("command", ["test", "quick", "coverage"])
def test_checks_run_on_all_cores_and_a_failure_is_the_result(
    command: str, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(bootstrap, "install", lambda extra: None)
    monkeypatch.setattr(bootstrap, "run", lambda *check: ran.append(check) or (1 if "pytest" in check else 0))
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", command, "-k", "import"])
    assert bootstrap.main() == 1
    tests = next(check for check in ran if "pytest" in check)
    assert tests[(at := tests.index("-n")) : at + 2] == ("-n", "auto") and tests[-2:] == ("-k", "import")


def test_unknown_commands_are_explained(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bootstrap.py"])
    assert bootstrap.main() == 2
    assert "demo" in capsys.readouterr().err

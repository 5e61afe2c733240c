"""Set-up: nothing done twice, nothing unchecked, and each failure in words."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from set_up import failures, installing, pins
from set_up.installing import install, stamp
from set_up.place import ROOT, Place, SetupError
from set_up.watching import watch
from tests.set_up.conftest import FakePip


def lists(call: list[str]) -> str:
    """The list of packages that a call names; pip has read it by now."""
    return Path(call[call.index("-r") + 1]).name


def test_what_is_installed_is_not_installed_again(place: Place, pip: FakePip) -> None:
    file, state = stamp(place, "dev")
    file.write_text(state)
    install(place, "dev")
    assert not pip.calls
    file.write_text("an older state")
    install(place, "dev")
    assert pip.calls
    assert file.read_text() == state


def test_what_developers_have_is_enough_for_users(place: Place, pip: FakePip) -> None:
    file, state = stamp(place, "dev")
    file.write_text(state)
    install(place)
    assert not pip.calls
    file.unlink()
    stamp(place)[0].write_text(state)
    install(place, "dev")
    assert pip.calls, "what users have is not enough for developers"


@pytest.mark.parametrize("extra", ["", "dev"])
def test_all_that_comes_from_outside_is_checked(extra: str, place: Place, pip: FakePip) -> None:
    install(place, extra)
    *calls, project = pip.calls
    assert [lists(call) for call in calls] == [
        "constraints-build.txt",
        "list-for-pip.txt",
        "constraints.txt",
        *(["constraints-dev.txt"] if extra else []),
    ]
    assert all("--require-hashes" in call and "--no-deps" in call for call in calls)
    assert "--no-deps" in project and "-e" in project
    assert all("--no-build-isolation" in call for call in pip.calls), "pip would fetch what builds, unchecked"
    alone = (place.venv / "list-for-pip.txt").read_text()
    assert alone.startswith("llama-cpp-python==") and alone.count("==") == 1 and "--hash=sha256:" in alone


def test_without_pins_only_when_asked_and_said(
    place: Place, pip: FakePip, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(place)
    assert "without pinned" not in capsys.readouterr().err
    pinned = stamp(place)[1]
    pip.calls.clear()
    monkeypatch.setenv("LEADS_LOCAL_UNPINNED", "1")
    install(place)
    assert len(pip.calls) == 2 and not any("--require-hashes" in call for call in pip.calls)
    assert "--no-deps" not in pip.calls[-1]
    assert "without pinned versions" in capsys.readouterr().err
    assert stamp(place)[1] != pinned, "the one way would be taken for the other"


def test_what_an_earlier_set_up_left_is_removed(place: Place, pip: FakePip, site: Path) -> None:
    (site / "onnxruntime-1.32.0.dist-info").mkdir(parents=True)
    install(place)
    assert [call[-1] for call in pip.calls if call[0] == "uninstall"] == ["onnxruntime"]


@pytest.mark.parametrize("changed", ["constraints.txt", "constraints-build.txt", "constraints-dev.txt", "the place"])
def test_new_pins_and_another_place_are_installed(
    changed: str, place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("pyproject.toml", *pins.PINS):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    before = stamp(place)[1]
    if changed == "the place":
        assert place.venv != ROOT
    else:
        monkeypatch.setattr(installing, "ROOT", tmp_path)
        before = stamp(place)[1]
        (tmp_path / changed).write_text("# another list\n")
    monkeypatch.setattr(installing, "ROOT", tmp_path)
    assert stamp(place)[1] != before


def test_a_failed_installation_shows_its_end_and_is_not_taken_for_done(
    place: Place, pip: FakePip, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip.code, pip.log = lambda call: 1, "one\nCMake Error: no compiler\n"
    with pytest.raises(SetupError, match="no compiler") as caught:
        install(place, "dev")
    assert "LEADS_LOCAL_UNPINNED=1" in str(caught.value)
    assert not stamp(place, "dev")[0].exists()
    monkeypatch.setenv("LEADS_LOCAL_UNPINNED", "1")
    with pytest.raises(SetupError) as caught:
        install(place, "dev")
    assert "LEADS_LOCAL_UNPINNED" not in str(caught.value)


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device\n", "A disk is full"),
        ("OSError: [WinError 112] There is not enough space on the disk\n", "A disk is full"),
        ("NewConnectionError(...: Failed to establish a new connection: [Errno -2]\n", "registry of packages was not"),
        ("ERROR: Failed to build llama-cpp-python\n", "others compiled"),
    ],
)
def test_common_failures_are_named(log: str, told: str, place: Place) -> None:
    place.log.write_text(log)
    assert told in failures.explain(place, unpinned=False)


@pytest.mark.parametrize(("windows", "typed"), [(False, "'/a b/bin/python' -m"), (True, "& '/a b/bin/python' -m")])
def test_who_can_not_compile_is_told_of_compiled_files_and_what_is_given_up(
    windows: bool, typed: str, place: Place, monkeypatch: pytest.MonkeyPatch, on_windows: Callable[[ModuleType], None]
) -> None:
    """In the words of the shell there: PowerShell takes a name with a space as a program after & only."""
    if windows:
        on_windows(failures)
    monkeypatch.setattr(Place, "python", Path("/a b/bin/python"))
    place.log.write_text("ERROR: Failed to build llama-cpp-python\n")
    told = failures.explain(place, unpinned=False)
    assert typed in told and "abetlen.github.io/llama-cpp-python/whl" in told and "llama-cpp-python==" in told
    assert "known hash" in told and "give up" in told


def test_an_environment_that_was_left_half_made_is_made_whole(
    place: Place, pip: FakePip, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its Python is there, but whoever stopped it did so before pip was."""
    monkeypatch.setattr(installing.Installation, "_pip_works", lambda self: False)
    install(place)
    assert pip.calls[0] == ["-m", "venv", str(place.venv)]


@pytest.mark.slow
def test_a_python_without_pip_is_noticed(tmp_path: Path) -> None:
    place = Place(tmp_path / "half")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place.venv)], check=True)
    work = installing.Installation(place, "", installing.building.wanted(place))
    assert not work._pip_works()
    place.python.unlink()
    assert not work._pip_works()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the administrator may write everywhere")
def test_an_environment_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    place = Place(tmp_path / "venv")
    with pytest.raises(SetupError, match="LEADS_LOCAL_VENV"):
        installing.Installation(place, "", installing.building.wanted(place)).make_environment()


def test_an_environment_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    place = Place(tmp_path / "taken" / "venv")
    with pytest.raises(SetupError, match="LEADS_LOCAL_VENV"):
        installing.Installation(place, "", installing.building.wanted(place)).make_environment()


def test_a_step_that_failed_does_not_undo_those_before(place: Place, pip: FakePip) -> None:
    """pip skips what is there; set-up asks for all again and goes on."""
    pip.code = lambda call: int("-e" in call)
    with pytest.raises(SetupError):
        install(place)
    assert not stamp(place)[0].exists()
    pip.code = lambda call: 0
    install(place)
    assert stamp(place)[0].exists()


@pytest.mark.slow
@pytest.mark.parametrize("lying", ["", "elsewhere"])
def test_set_up_looks_whether_the_environment_finds_this_checkout(lying: str, tmp_path: Path) -> None:
    place = Place(tmp_path / "venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place.venv)], check=True)
    if lying:
        package = next(place.venv.glob("[lL]ib/**/site-packages")) / "leads_local"
        package.mkdir()
        (package / "__init__.py").touch()
    with pytest.raises(SetupError, match="does not find leads-local"):
        installing.Installation(place, "", installing.building.wanted(place)).check_import()


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


@pytest.mark.slow
@pytest.mark.parametrize("exchanged", [False, True])
def test_an_exchanged_package_is_refused_by_pip_and_explained(exchanged: bool, place: Place, tmp_path: Path) -> None:
    """The real pip, offline, on a list as ours are."""
    package = wheel(tmp_path, "trial")
    pin = hashlib.sha256(package.read_bytes()).hexdigest()
    if exchanged:
        package.write_bytes(package.read_bytes() + b"\0")
    (tmp_path / "pins.txt").write_text(f"trial==1.0 \\\n    --hash=sha256:{pin}\n")
    where = ["--isolated", "--no-index", "--find-links", str(tmp_path), "--target", str(tmp_path / "out")]
    how = ["--require-hashes", "--no-deps", "-r", str(tmp_path / "pins.txt")]
    code = watch(place, [sys.executable, "-m", "pip", "install", *where, *how], dict(os.environ))
    assert (tmp_path / "out" / "trial.py").exists() != exchanged
    assert (code != 0) == exchanged
    if exchanged:
        told = failures.explain(place, unpinned=False)
        assert "damaged or exchanged" in told and "UNPINNED" not in told, (
            "who exchanges a package would be rid of the check"
        )

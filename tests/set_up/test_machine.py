"""What a computer must have is looked at before anything is made, and told in words."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path, PureWindowsPath
from types import ModuleType, SimpleNamespace

import pytest

from set_up import installing, machine
from set_up.place import Place, SetupError

OnWindows = Callable[[ModuleType], None]
Usage = namedtuple("Usage", "total used free")


def set_up(place: Place) -> None:
    installing.install(place)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer without any program."""
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)
    monkeypatch.delenv("CXX", raising=False)


@pytest.mark.parametrize(("windows", "hint"), [(True, "Build Tools for Visual Studio"), (False, "compiled")])
def test_a_computer_without_a_compiler_is_refused_before_anything_is_made(
    windows: bool, hint: str, bare: None, tmp_path: Path, on_windows: OnWindows, monkeypatch: pytest.MonkeyPatch
) -> None:
    if windows:
        on_windows(machine)
        monkeypatch.setattr(machine, "_short_folder", lambda root: tmp_path)
    with pytest.raises(SetupError, match=r"C\+\+ compiler") as caught:
        set_up(Place(tmp_path / "venv"))
    assert hint in str(caught.value)
    assert not (tmp_path / "venv").exists()


def test_a_32_bit_python_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "struct", SimpleNamespace(calcsize=lambda kind: 4))
    with pytest.raises(SetupError, match="32-bit"):
        set_up(place)
    assert not list(place.venv.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="the teller here is a shell script")
@pytest.mark.parametrize("answer", ["", "C:/Build Tools"])
@pytest.mark.parametrize(("system", "part"), [("win-amd64", "x86.x64"), ("win-arm64", "ARM64")])
def test_windows_asks_visual_studios_installer_for_what_this_python_needs(
    answer: str,
    system: str,
    part: str,
    bare: None,
    monkeypatch: pytest.MonkeyPatch,
    on_windows: OnWindows,
    tmp_path: Path,
) -> None:
    teller = tmp_path / "Microsoft Visual Studio" / "Installer" / "vswhere.exe"
    teller.parent.mkdir(parents=True)
    teller.write_text(f"#!/bin/sh\necho \"$@\" > {tmp_path}/asked\necho '{answer}'\n")
    teller.chmod(0o755)
    monkeypatch.setenv("PROGRAMFILES(X86)", str(tmp_path))
    monkeypatch.setattr(machine.sysconfig, "get_platform", lambda: system)
    on_windows(machine)
    assert machine.visual_studio() == answer
    assert machine.have_compiler() == bool(answer)
    asked = (tmp_path / "asked").read_text()
    assert f"-requires Microsoft.VisualStudio.Component.VC.Tools.{part} " in asked and "-products *" in asked
    assert ("ARM64" in machine.compiler_hint()) == (part == "ARM64")


@pytest.mark.skipif(os.name == "nt", reason="the teller here is a shell script")
@pytest.mark.parametrize(("code", "folder", "there"), [(0, "tools", True), (0, "removed", False), (2, "tools", False)])
def test_a_mac_has_compilers_that_only_ask_to_install_them(
    code: int, folder: str, there: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tools").mkdir()
    for name in ("c++", "g++", "clang++"):
        (tmp_path / name).touch(mode=0o755)
    (tmp_path / "xcode-select").write_text(f"#!/bin/sh\necho '{tmp_path / folder}'\nexit {code}\n")
    (tmp_path / "xcode-select").chmod(0o755)
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.have_compiler()
    monkeypatch.setattr(machine.sys, "platform", "darwin")
    assert machine.have_compiler() == there
    assert "xcode-select --install" in machine.compiler_hint()
    (tmp_path / "xcode-select").unlink()
    assert not machine.have_compiler()


def test_a_compiler_that_the_user_names_counts(bare: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine.shutil, "which", lambda name: name if name == "/opt/bin/g++-14" else None)
    assert not machine.have_compiler()
    monkeypatch.setenv("CXX", "/opt/bin/g++-14 -m64")
    assert machine.have_compiler()


@pytest.mark.parametrize("same_disk", [True, False])
def test_a_disk_that_would_be_full_is_told_before(
    same_disk: bool, place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(machine, "temporary_folder", lambda: temporary)
    one, two = machine.FOR_THE_ENVIRONMENT[""], machine.FOR_COMPILING
    free = {"venv": one, "temporary": two - 1}
    if same_disk:
        free["venv"] = one + two - 1
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda folder: Usage(0, 0, free[folder.name]))
    if not same_disk:
        monkeypatch.setattr(machine, "disk", lambda folder: folder.name)
    with pytest.raises(SetupError, match=r"MB free.*TMPDIR") as caught:
        machine.check_space(place, "", compiling=True)
    assert str(place.venv if same_disk else temporary) in str(caught.value)
    machine.check_space(place, "", compiling=False)
    free = dict.fromkeys(free, one + two)
    machine.check_space(place, "", compiling=True)


def test_a_place_that_is_not_there_yet_is_measured_where_it_will_be(tmp_path: Path) -> None:
    assert machine.nearest(tmp_path / "a" / "b") == tmp_path


@pytest.mark.parametrize("chosen", ["missing", ""])
def test_a_folder_for_temporary_files_that_can_not_be_used_is_told(
    chosen: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if chosen:
        monkeypatch.setenv("TMPDIR", str(tmp_path / chosen))
    else:

        def nowhere() -> str:
            raise FileNotFoundError(2, "No usable temporary directory found")

        monkeypatch.setattr(machine.tempfile, "gettempdir", nowhere)
    with pytest.raises(SetupError, match="TMPDIR") as caught:
        machine.temporary_folder()
    assert (str(tmp_path / chosen) in str(caught.value)) == bool(chosen)


# Windows' short names


def test_the_longest_name_that_pip_unpacks_fits_under_what_is_called_short() -> None:
    """Measured in the source of llama-cpp-python 0.3.36; pip's own two folders come before it."""
    inside = r"vendor\llama.cpp\tools\ui\src\lib\components\app\chat\ChatAttachments\ChatAttachmentsPreview" + (
        r"\ChatAttachmentsPreviewCurrentItem\ChatAttachmentsPreviewCurrentItemUnavailable.svelte"
    )
    for folder in ("C:\\ll", "C:\\ll9"):
        assert len(folder) <= machine.LONGEST_FOR_TMP
        whole = PureWindowsPath(folder, "pip-install-k_f5pd0v", f"llama-cpp-python_{'f' * 32}", inside)
        assert len(str(whole)) <= machine.LONGEST_ON_WINDOWS
    users = PureWindowsPath(r"C:\Users\Anna\AppData\Local\Temp")
    assert len(str(users)) > machine.LONGEST_FOR_TMP


@pytest.fixture
def long_named(on_windows: OnWindows, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A Windows whose drive is the folder ``drive``, with its temporary files far down."""
    on_windows(machine)
    (tmp_path / "drive").mkdir()
    monkeypatch.setattr(machine, "temporary_folder", lambda: tmp_path / "drive" / "Users" / "Anna" / "Temp")
    monkeypatch.setattr(machine, "root_of", lambda folder: tmp_path / "drive")
    monkeypatch.setattr(machine, "long_names_allowed", lambda: False)
    return tmp_path / "drive"


def test_llama_is_unpacked_at_the_root_of_the_drive_and_nothing_stays(long_named: Path) -> None:
    with machine.room_for_long_names() as folder:
        assert folder == long_named / "ll"
        (folder / "pip-install-x").mkdir()
        with machine.room_for_long_names() as other:
            assert other == long_named / "ll1", "somebody else's set-up is not disturbed"
    assert not list(long_named.iterdir())


def test_what_a_killed_set_up_left_is_removed_later(long_named: Path) -> None:
    left = long_named / "ll"
    left.mkdir()
    (left / machine.OURS).touch()
    (long_named / "ll1").mkdir()  # not ours
    with machine.room_for_long_names() as folder:
        assert folder == long_named / "ll2"
    yesterday = time.time() - 2 * machine.SECONDS_TILL_ABANDONED
    os.utime(left / machine.OURS, (yesterday, yesterday))
    with machine.room_for_long_names() as folder:
        assert folder == left
    assert sorted(long_named.iterdir()) == [long_named / "ll1"]


def test_where_the_root_is_closed_long_names_must_be_allowed(long_named: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(long_named)
    long_named.touch()  # a place in which no folder can be made
    with pytest.raises(SetupError, match="LongPathsEnabled"), machine.room_for_long_names():
        pass
    monkeypatch.setattr(machine, "long_names_allowed", lambda: True)
    with machine.room_for_long_names() as folder:
        assert folder is None


def test_an_environment_too_far_down_is_refused_on_windows(long_named: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(Path("/" + "d" * machine.LONGEST_FOR_VENV))
    with pytest.raises(SetupError, match="shorter name"):
        machine.check_python(place)
    monkeypatch.setattr(machine, "long_names_allowed", lambda: True)
    machine.check_python(place)


def test_elsewhere_any_folder_will_do() -> None:
    with machine.room_for_long_names() as folder:
        assert folder is None


@pytest.mark.parametrize("set_to", [1, 0, None])
def test_windows_registry_says_whether_long_names_are_allowed(
    set_to: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Key:
        def __enter__(self) -> Key:
            return self

        def __exit__(self, *_: object) -> None: ...

    def value(key: Key, name: str) -> tuple[int, int]:
        assert name == "LongPathsEnabled"
        if set_to is None:
            raise FileNotFoundError
        return set_to, 4

    registry = SimpleNamespace(HKEY_LOCAL_MACHINE=0, OpenKey=lambda root, name: Key(), QueryValueEx=value)
    monkeypatch.setitem(sys.modules, "winreg", registry)
    monkeypatch.setattr(machine.sys, "platform", "win32")
    assert machine.long_names_allowed() == bool(set_to)

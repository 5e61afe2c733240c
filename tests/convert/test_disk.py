"""What is promised to outlast a power cut: the order of what the system is asked, and macOS' own way to ask it."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from typing import Any

import pytest

from convert import disk
from convert.output import Output

FULL_SYNC = 51  # the number on macOS


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the system is asked to do, with the names of files, as strace shows it."""
    found: list[str] = []
    sync, control, replace, unlink = os.fsync, fcntl.fcntl, os.replace, os.unlink

    def name(descriptor: int) -> str:
        return Path(f"/proc/self/fd/{descriptor}").readlink().name

    def synced(descriptor: int) -> None:
        found.append(f"fsync {name(descriptor)}")
        sync(descriptor)

    def controlled(descriptor: int, what: int, *more: Any) -> Any:
        if what != FULL_SYNC:
            return control(descriptor, what, *more)
        found.append(f"F_FULLFSYNC {name(descriptor)}")
        return 0

    def replaced(source: Any, target: Any) -> None:
        found.append(f"rename {Path(source).name} {Path(target).name}")
        replace(source, target)

    def unlinked(path: Any) -> None:
        found.append(f"unlink {Path(path).name}")
        unlink(path)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(fcntl, "fcntl", controlled)
    monkeypatch.setattr(os, "replace", replaced)
    monkeypatch.setattr(os, "unlink", unlinked)
    return found


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", FULL_SYNC, raising=False)


def write(folder: Path) -> None:
    with Output(folder / "x.gguf", 3, "id") as output:
        output.resume()
        output.write(b"new")
        output.mark()
        output.commit()


@pytest.mark.parametrize("system", ["linux", "mac"])
def test_a_model_is_on_the_disk_before_it_has_its_name_and_the_name_before_its_journal_goes(
    tmp_path: Path, calls: list[str], request: pytest.FixtureRequest, system: str
) -> None:
    way = "fsync"
    if system == "mac":
        request.getfixturevalue("mac")
        way = "F_FULLFSYNC"
    folder = tmp_path.name
    write(tmp_path)
    end = calls[calls.index(f"{way} x.gguf.part") :]
    wanted = [f"{way} x.gguf.part", "rename x.gguf.part x.gguf", f"{way} {folder}", "unlink x.gguf.part.journal"]
    assert [call for call in end if not call.endswith(".new")] == wanted
    assert all(call.startswith((way, "rename", "unlink")) for call in calls)


def test_a_small_file_too(tmp_path: Path, calls: list[str], mac: None) -> None:
    with disk.whole_file(tmp_path / "manifest.json") as file:
        file.write(b"{}")
    rename = "rename manifest.json.new manifest.json"
    assert calls == ["F_FULLFSYNC manifest.json.new", rename, f"F_FULLFSYNC {tmp_path.name}"]


def test_a_file_system_that_knows_no_full_sync_gets_the_usual_one(
    tmp_path: Path, calls: list[str], mac: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, what: int, *_: Any) -> Any:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    with (tmp_path / "x").open("wb") as file:
        disk.sync(file.fileno())
    assert calls == ["fsync x"]


def test_a_folder_that_can_not_be_synced_is_no_error_and_a_failing_disk_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [errno.EINVAL, errno.ENOTSUP, errno.EIO]

    def fail(descriptor: int) -> None:
        raise OSError(said.pop(0), "it is said")

    monkeypatch.setattr(os, "fsync", fail)
    disk.sync_folder(tmp_path)
    disk.sync_folder(tmp_path)
    with pytest.raises(OSError):
        disk.sync_folder(tmp_path)


def test_a_whole_file_leaves_the_older_one_and_no_part(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), disk.whole_file(path) as file:
        file.write(b"new")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]

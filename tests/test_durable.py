"""A step that is refused for a moment is tried again; bytes are on the disk, on a Mac, too."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leads_local import durable

Step = Callable[[Path, Path], None]
STEPS: dict[str, Step] = {
    "replace": durable.replace,
    "rename": lambda source, target: durable.rename(source, target.with_name("free")),
    "remove": lambda source, target: durable.remove(source),
}


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    (source := tmp_path / "part").write_text("new")
    (target := tmp_path / "file").write_text("old")
    return source, target


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_file_that_a_scanner_looks_at_is_waited_for(windows: None, two: tuple[Path, Path], step: Step) -> None:
    source, target = two
    scanner = source.open("rb")
    timer = threading.Timer(0.3, scanner.close)
    timer.start()
    step(source, target)
    timer.join()
    assert not source.exists()
    assert step is not durable.replace or target.read_text() == "new"


def test_a_file_that_is_held_for_good_is_refused_and_nothing_has_changed(
    windows: None, two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "PATIENCE", 0.1)
    source, target = two
    with target.open("rb"):
        with pytest.raises(PermissionError):
            durable.replace(source, target)
        with pytest.raises(PermissionError):
            durable.remove(target)
        durable.discard(target)  # never raises
    assert (source.read_text(), target.read_text()) == ("new", "old")


def test_what_no_waiting_helps_is_tried_once(two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def refused(*names: Any) -> None:
        tried.append(names)
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(PermissionError):
        durable.replace(*two)
    assert len(tried) == 1


def test_what_is_gone_is_removed() -> None:
    durable.remove(Path("/nowhere/at/all"))


@pytest.mark.parametrize("knows", [True, False], ids=["disk", "network drive"])
def test_a_mac_is_told_to_write_through_its_disks_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows: bool
) -> None:
    fcntl = pytest.importorskip("fcntl")
    asked: list[Any] = []

    def order(descriptor: int, command: int) -> None:
        asked.append(command)
        if not knows:
            raise OSError(45, "Operation not supported")

    monkeypatch.setattr(durable, "SYSTEM", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", order)
    monkeypatch.setattr(os, "fsync", lambda descriptor: asked.append("fsync"))
    with (tmp_path / "file").open("w") as file:
        file.write("said")
        durable.sync(file)
        assert (tmp_path / "file").read_text() == "said"
    assert asked == ([51] if knows else [51, "fsync"])

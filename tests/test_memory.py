"""Memory that a container's page cache takes is not in use."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from leads_local import memory

GIB = 1 << 30


def group(folder: Path, version: int, limit: str, used: int, stat: str | None) -> None:
    place, names = (
        (folder, ("memory.max", "memory.current"))
        if version == 2
        else (folder / "memory", ("limit_in_bytes", "usage_in_bytes"))
    )
    place.mkdir(exist_ok=True)
    for name, text in zip(names, (limit, str(used)), strict=True):
        (place / (name if version == 2 else f"memory.{name}")).write_text(text + "\n")
    if stat is not None:
        (place / "memory.stat").write_text(stat)


@pytest.fixture(autouse=True)
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    host = type("", (), {"total": 32 * GIB, "available": 20 * GIB})
    monkeypatch.setattr(psutil, "virtual_memory", lambda: host)
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("version", "prefix"), [(2, ""), (1, "total_")])
def test_files_held_in_memory_are_not_in_use(container: Path, version: int, prefix: str) -> None:
    others = (
        "" if version == 2 else f"inactive_file {GIB}\nactive_file {GIB}\n"
    )  # in version 1 of this group without those below it
    stat = (
        f"anon {GIB}\nfile {6 * GIB}\nshmem {GIB}\n{others}{prefix}inactive_file {4 * GIB}\n{prefix}active_file "
        f"{GIB}\nodd\n"
    )
    group(container, version, str(8 * GIB), 7 * GIB, stat)
    assert (memory.total_bytes(), memory.available_bytes()) == (8 * GIB, 6 * GIB)


@pytest.mark.parametrize("stat", [None, "", "inactive_file many\n"])
def test_a_group_that_does_not_tell_is_taken_at_its_word(container: Path, stat: str | None) -> None:
    group(container, 2, str(8 * GIB), 7 * GIB, stat)
    assert memory.available_bytes() == GIB


def test_no_more_than_the_computer_has(container: Path) -> None:
    assert (memory.total_bytes(), memory.available_bytes()) == (32 * GIB, 20 * GIB)
    group(container, 2, "max", 7 * GIB, f"inactive_file {GIB}\n")
    assert (memory.total_bytes(), memory.available_bytes()) == (32 * GIB, 20 * GIB)
    group(container, 2, str(30 * GIB), 2 * GIB, f"inactive_file {9 * GIB}\n")
    assert memory.available_bytes() == 20 * GIB

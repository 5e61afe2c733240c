"""Only the fast cores are used where a processor has two kinds."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from leads_local.engine.cores import count_cores, count_fast_cores, matrix_unit_is_doubtful


def tree(root: Path, capacities: dict[int, int] | None = None, siblings: dict[int, str] | None = None) -> Path:
    for cpu in {**(capacities or {}), **(siblings or {})}:
        folder = root / "system" / "cpu" / f"cpu{cpu}"
        (folder / "topology").mkdir(parents=True)
        if capacities:
            (folder / "cpu_capacity").write_text(f"{capacities[cpu]}\n")
        if siblings:
            (folder / "topology" / "thread_siblings_list").write_text(f"{siblings[cpu]}\n")
    return root


def test_an_intel_hybrid(tmp_path: Path) -> None:
    root = tree(tmp_path, siblings={0: "0-1", 1: "0-1", 2: "2-3", 3: "2-3", 4: "4", 5: "5"})
    (root / "cpu_core").mkdir()
    (root / "cpu_core" / "cpus").write_text("0-3\n")
    assert count_fast_cores(set(range(6)), root) == 2  # two cores of two threads each
    assert count_fast_cores({0, 4, 5}, root) == 1
    assert count_fast_cores({4, 5}, root) == 0


@pytest.mark.parametrize(
    ("capacities", "fast"), [({0: 400, 1: 400, 2: 1024, 3: 1000}, 2), ({0: 1024, 1: 1024}, 0), ({}, 0)]
)
def test_an_arm_with_two_kinds(tmp_path: Path, capacities: dict[int, int], fast: int) -> None:
    assert count_fast_cores(set(range(8)), tree(tmp_path, capacities)) == fast


@pytest.mark.parametrize(
    ("physical", "logical", "allowed", "fast", "cores"),
    [
        (8, 16, 16, 0, 8),
        (8, 16, 3, 0, 3),  # a container that may use three
        (8, 12, 12, 4, 4),
        (8, 12, 2, 4, 2),
        (None, 4, 4, 0, 4),
        (None, None, 0, 0, 1),  # a system that tells nothing
        (8, 16, 0, 0, 8),
        (0, 0, 0, 0, 1),
    ],
)
def test_a_thread_for_each_fast_core_that_may_be_used_and_one_at_least(
    monkeypatch: pytest.MonkeyPatch, physical: int | None, logical: int | None, allowed: int, fast: int, cores: int
) -> None:
    process = SimpleNamespace(cpu_affinity=lambda: list(range(allowed)))
    found = SimpleNamespace(
        cpu_count=lambda logical=True, all=logical: all if logical else physical,
        Process=lambda: process,
        Error=RuntimeError,
    )
    monkeypatch.setattr("leads_local.engine.cores.psutil", found)
    monkeypatch.setattr("leads_local.engine.cores.count_fast_cores", lambda _: fast)
    assert count_cores() == cores


def test_this_machine_has_one() -> None:
    assert count_cores() >= 1


@pytest.mark.parametrize(
    ("told", "doubtful"),
    [
        ("flags\t: fpu hypervisor amx_tile amx_int8\n", True),
        ("flags\t: fpu amx_tile amx_int8\n", False),
        ("flags\t: fpu hypervisor avx2\n", False),
        ("Features\t: fp asimd\n", False),
    ],
)
def test_amx_is_not_believed_in_a_virtual_machine(tmp_path: Path, told: str, doubtful: bool) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\n{told}")
    assert matrix_unit_is_doubtful(tmp_path / "cpuinfo") is doubtful
    assert not matrix_unit_is_doubtful(tmp_path / "none")

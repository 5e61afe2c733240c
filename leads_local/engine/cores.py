"""What of the processor model work uses: a thread for each physical core, only the fast ones where it has two kinds,
and which units.

A step waits for its slowest thread, so a slow core beside fast ones holds all of them up.
"""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

import psutil  # type: ignore[import-untyped]

_SYSTEM = Path("/sys/devices")


def count_cores() -> int:
    """Physical cores that this process may use, of the fast kind where there are two; at least 1."""
    physical = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    try:
        allowed = set(psutil.Process().cpu_affinity())
    except (AttributeError, psutil.Error):
        allowed = set()
    fast = count_fast_cores(allowed) if allowed else _count_apple_cores()
    return max(min(physical, len(allowed) or physical, fast or physical), 1)


def matrix_unit_is_doubtful(told: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this is a virtual machine that announces AMX: some do and can't, and the first use of it ends the
    process."""
    try:
        flags = next((line for line in told.read_text().splitlines() if line.startswith("flags")), "").split()
    except (OSError, ValueError):
        return False
    return "amx_tile" in flags and "hypervisor" in flags


def count_fast_cores(allowed: set[int], system: Path = _SYSTEM) -> int:
    """How many of the physical cores in ``allowed`` are of the fast kind, 0 where all are alike or Linux does not
    tell."""
    try:
        listed = (system / "cpu_core" / "cpus").read_text()  # Intel's hybrid processors
        fast = _numbers(listed)
    except (OSError, ValueError):
        fast = _strongest(system)
    return len({_siblings(system, cpu) for cpu in fast & allowed})


def _strongest(system: Path) -> set[int]:
    """Processors of the greatest capacity (ARM), none where all are alike."""
    capacity = {}
    for file in (system / "system" / "cpu").glob("cpu[0-9]*/cpu_capacity"):
        try:
            capacity[int(file.parent.name[3:])] = int(file.read_text())
        except (OSError, ValueError):
            return set()
    best = max(capacity.values(), default=0)
    return {cpu for cpu, value in capacity.items() if value > 0.8 * best} if len(set(capacity.values())) > 1 else set()


def _siblings(system: Path, cpu: int) -> str:
    """The processors that are one physical core with ``cpu``."""
    try:
        return (system / "system" / "cpu" / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text().strip()
    except OSError:
        return str(cpu)


def _numbers(listed: str) -> set[int]:
    """``0-3,8`` as numbers."""
    ranges = [part.partition("-") for part in listed.strip().split(",") if part]
    return {number for first, _, last in ranges for number in range(int(first), int(last or first) + 1)}


def _count_apple_cores() -> int:
    """Performance cores of a Mac, 0 elsewhere."""
    if platform.system() != "Darwin":
        return 0
    done = subprocess.run(["sysctl", "-n", "hw.perflevel0.physicalcpu"], capture_output=True, text=True)
    return int(done.stdout) if done.returncode == 0 and done.stdout.strip().isdigit() else 0

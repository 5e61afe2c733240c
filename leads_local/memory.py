"""How much memory this computer has, with the limits of a container where there are some."""

from __future__ import annotations

from pathlib import Path

import psutil  # type: ignore[import-untyped]

_CGROUP = Path("/sys/fs/cgroup")


def total_bytes() -> int:
    """Bytes that this process and all others may have together."""
    return min(int(psutil.virtual_memory().total), _container_memory()[0])


def available_bytes() -> int:
    """Bytes that are free now, or can be made free without swapping."""
    limit, used = _container_memory()
    return min(int(psutil.virtual_memory().available), max(limit - used, 0))


def _container_memory() -> tuple[int, int]:
    """Limit and use in bytes of the control group, when one limits memory. Files that the system holds in memory
    because there is room, such as a model that was copied or checked before, go when it is wanted: they are not in
    use."""
    for limit, used, prefix in (
        ("memory.max", "memory.current", ""),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_"),
    ):
        try:
            most, taken = int((_CGROUP / limit).read_text()), int((_CGROUP / used).read_text())
        except (OSError, ValueError):
            continue
        return most, max(taken - _reclaimable_bytes((_CGROUP / used).with_name("memory.stat"), prefix), 0)
    return 1 << 62, 0


def _reclaimable_bytes(file: Path, prefix: str) -> int:
    """Bytes of the group's pages that only repeat what is on disk; 0 where it does not tell."""
    wanted = {prefix + name for name in ("active_file", "inactive_file")}
    try:
        lines = [line.split() for line in file.read_text().splitlines()]
        return sum(int(line[1]) for line in lines if len(line) == 2 and line[0] in wanted)
    except (OSError, ValueError):
        return 0

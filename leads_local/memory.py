"""How much memory this computer has, with the limits of a container where there are some."""

from __future__ import annotations

from pathlib import Path

import psutil  # type: ignore[import-untyped]


def total() -> int:
    """Bytes that this process and all others may have together."""
    return min(int(psutil.virtual_memory().total), _container()[0])


def available() -> int:
    """Bytes that are free now, or can be made free without swapping."""
    limit, used = _container()
    return min(int(psutil.virtual_memory().available), max(limit - used, 0))


def _container() -> tuple[int, int]:
    """Limit and use in bytes of the control group, when one limits memory."""
    group = Path("/sys/fs/cgroup")
    for limit, used in (("memory.max", "memory.current"), ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes")):
        try:
            return int((group / limit).read_text()), int((group / used).read_text())
        except (OSError, ValueError):
            continue
    return 1 << 62, 0

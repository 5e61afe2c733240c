"""What stands where a file should: a pipe or a device never ends or keeps its reader waiting, so it is refused before
it is opened."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .errors import ConvertError

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_OF_THE_SYSTEM = ("/proc/", "/sys/")


def check_file(path: Path, error: type[ConvertError] = ConvertError) -> None:
    """Raise ``error`` where anything but a file stands at ``path``. One that is missing is for its reader to tell
    of."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return
    found = next((name for is_kind, name in _KINDS if is_kind(mode)), "")
    if os.path.realpath(path).startswith(_OF_THE_SYSTEM):
        found = "made by the system as it is read"
    if found:
        raise error(f"{path}: this is {found}, not a file.", "Give the name of a file.")

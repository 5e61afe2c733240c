"""What stands where a file should: a pipe or a device never ends or keeps its reader waiting, so it is refused before
it is opened. And what can't be the path of a file: on Windows a long one looks as if nothing were there."""

from __future__ import annotations

import os
import stat
import sys
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
LONGEST_PATH = 259  # characters on Windows, as long as nobody has allowed more


def check_file(path: Path, error: type[ConvertError] = ConvertError) -> None:
    """Raise ``error`` where anything but a file stands at ``path``. One that is missing is for its reader to tell
    of."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        check_length(path, error)
        return
    found = next((name for is_kind, name in _KINDS if is_kind(mode)), "")
    if os.path.realpath(path).startswith(_OF_THE_SYSTEM):
        found = "made by the system as it is read"
    if found:
        raise error(f"{path}: this is {found}, not a file.", "Give the name of a file.")


def check_length(path: Path, error: type[ConvertError] = ConvertError) -> None:
    """Raise ``error`` where Windows can't open ``path``, or what is made beside it, for its length."""
    length = len(str(path.absolute()))
    if sys.platform != "win32" or length <= LONGEST_PATH or str(path).startswith("\\\\?\\") or _takes_long_paths():
        return
    raise error(
        f"{path}: this path is {length} characters long, and this Windows takes {LONGEST_PATH}.",
        "Give a place nearer to the drive, or let Windows take long paths: as administrator set LongPathsEnabled to 1 "
        "in the registry under HKLM\\SYSTEM\\CurrentControlSet\\Control\\FileSystem.",
    )


def _takes_long_paths() -> bool:
    import ctypes

    try:
        asked = ctypes.WinDLL("ntdll").RtlAreLongPathsEnabled  # type: ignore[attr-defined, unused-ignore]
    except (OSError, AttributeError):  # before Windows 10
        return False
    asked.restype = ctypes.c_ubyte
    return bool(asked())

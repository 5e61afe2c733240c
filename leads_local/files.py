"""Checks that a path names a regular file. A pipe or a device may never end, or keep its reader waiting, so it is
refused without being opened."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePath

from leads_local.errors import InputError, LeadsError

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_SYSTEM_FOLDERS = ("/proc/", "/sys/")  # some of these never end, and none is a document


def name_of(path: str) -> str:
    """The name of a file whose path was stored, whichever system's path it was."""
    return PurePath(path.replace("\\", "/")).name


def why_unreadable(path: Path, wanted: str = "a file") -> str:
    """Why there is no file to read at ``path``: "there is no such file", "this is a pipe, not ``wanted``"; "" where
    there is one."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, ValueError):  # a name that can't be one, with a zero byte, is a ValueError
        return "there is no such file"
    except OSError as error:
        return f"it can't be read: {error.strerror}"
    kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "")
    if kind:
        return f"this is {kind}, not {wanted}"
    if os.path.realpath(path).startswith(_SYSTEM_FOLDERS):
        return f"the system makes this up as it is read; it is not {wanted}"
    return ""


def require_file(path: Path, wanted: str, hint: str, error: type[LeadsError] = InputError) -> None:
    """Raise ``error`` with the sentence of ``what_is_wrong`` unless a file stands at ``path``."""
    if wrong := why_unreadable(path, wanted):
        raise error(f"{path}: {wrong}.", hint)

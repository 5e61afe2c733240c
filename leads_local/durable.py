"""Steps on the disk that hold: a name that a file gets or loses though others look at it for a moment, and bytes that
are on the disk when we say so.

On Windows a file that anybody has open is not renamed, replaced or removed. Virus scanners, indexers and programs that
keep folders in step open each new file for some moments, so a step that is refused there is tried again for
``PATIENCE`` seconds. On a Mac ``os.fsync`` hands the bytes to the disk, which may still hold them in a memory of its
own when the plug is pulled; F_FULLFSYNC waits until they are written.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

PATIENCE = 2.5
"""Seconds for which a step that is refused is tried again."""
_FIRST_WAIT = 0.01  # seconds; each wait is twice as long as the one before
_HELD_BY_OTHERS = (5, 32, 33)  # Windows' numbers for: access denied, used by another process, locked by another process
SYSTEM: str = sys.platform


def replace(source: Path, target: Path) -> None:
    """Give ``source`` the name ``target``, in one step, over a file that has it. Raises OSError."""
    _patiently(lambda: os.replace(source, target))  # noqa: PTH105 (one step, on every system)


def rename(source: Path, target: Path) -> None:
    """Give ``source`` the name ``target``, which must be free: on Windows a taken one is refused. Raises OSError."""
    _patiently(lambda: os.rename(source, target))  # noqa: PTH104


def take_free_name(source: Path, target: Path) -> None:
    """Give ``source`` the name ``target``, in one step, where nothing has it. Raises FileExistsError where something
    has, or OSError."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except OSError:  # a disk that has no second names
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        replace(source, target)
    else:
        remove(source)


def remove(path: Path) -> None:
    """Remove the file, where there is one. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        _patiently(lambda: os.unlink(path))  # noqa: PTH108


def discard(path: Path) -> None:
    """Remove the file where that can be done. Never raises OSError: for what is left over when something else failed,
    whose reason must be told instead."""
    with contextlib.suppress(OSError):
        remove(path)


def _patiently(step: Callable[[], None]) -> None:
    wait, end = _FIRST_WAIT, time.monotonic() + PATIENCE
    while True:
        try:
            return step()
        except PermissionError as error:
            if getattr(error, "winerror", None) not in _HELD_BY_OTHERS or time.monotonic() + wait > end:
                raise
        time.sleep(wait)
        wait *= 2


def sync(file: IO[bytes] | IO[str]) -> None:
    """Wait until what was written into the file is on the disk. Raises OSError."""
    file.flush()
    if SYSTEM == "darwin":
        import fcntl

        with contextlib.suppress(OSError):  # a disk that knows no such order, as network drives
            fcntl.fcntl(file.fileno(), fcntl.F_FULLFSYNC)  # type: ignore[attr-defined, unused-ignore]
            return
    os.fsync(file.fileno())

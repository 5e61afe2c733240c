"""Locks on files that go with the process, however that ends: nothing is left locked by a crash.

On Windows a lock binds whoever reads the locked bytes, too. So it lies where no file has any: ``msvcrt`` can't lock
beyond 2 GB, which models have, but the system can.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .disk import patiently

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
_FAR = 0x40000000  # the upper half of a place of 64 bits


def lock_file(path: Path) -> BinaryIO | None:
    """Open ``path`` for writing, made if need be, with a lock that goes with the process however that ends; None while
    another has it."""
    while True:
        file = os.fdopen(patiently(lambda: os.open(path, _FLAGS, 0o644)), "r+b", buffering=0)
        try:
            _lock(file.fileno())
        except OSError as error:
            file.close()
            if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
                return None
            raise
        if _holds(file, path):
            return file
        # the other run has just renamed or removed it: what was locked is not the file of that name any more
        file.close()


def drop_lock(file: BinaryIO, path: Path) -> None:
    """Let go of a file that ``lock_file`` made only to be locked, and take it away unless another waits for it."""
    if sys.platform == "win32":  # an open file can't be removed there
        file.close()
        with suppress(OSError):
            path.unlink()
        return
    path.unlink(missing_ok=True)  # while it is locked: whoever waits for it then finds that it is gone
    file.close()


def _holds(file: BinaryIO, path: Path) -> bool:
    """Whether ``path`` is still the name of the open file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import ctypes
        import msvcrt

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(descriptor))
        if not kernel.LockFile(handle, 0, _FAR, 1, 0):
            raise ctypes.WinError(ctypes.get_last_error())
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

"""Locks on files that go with the process, however that ends: nothing is left locked by a crash."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO


def lock_file(path: Path) -> BinaryIO | None:
    """Open ``path`` for writing, made if need be, with a lock that goes with the process however that ends; None while
    another has it."""
    while True:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644), "r+b", buffering=0)
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


def _holds(file: BinaryIO, path: Path) -> bool:
    """Whether ``path`` is still the name of the open file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

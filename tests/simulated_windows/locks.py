"""``msvcrt``: locks on a range of bytes, which bind every other handle, in this process and others, for reading, too.

They are Linux's locks of open file descriptions, which live exactly as long as a handle does.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import sys
import types
from collections.abc import Callable
from typing import Any

msvcrt: Any = types.ModuleType("msvcrt")
msvcrt.LK_UNLCK, msvcrt.LK_LOCK, msvcrt.LK_NBLCK, msvcrt.LK_RLCK, msvcrt.LK_NBRLCK = range(5)
_FLOCK = "hhqqi4x"
_FARTHEST = 1 << 31  # msvcrt takes where a file stands as 32 bits


def locking(descriptor: int, mode: int, size: int) -> None:
    """As ``msvcrt.locking``: from where the file stands, ``size`` bytes, also beyond its end."""
    at = os.lseek(descriptor, 0, os.SEEK_CUR)
    if at >= _FARTHEST:
        raise OSError(errno.EINVAL, "Invalid argument")
    if mode == msvcrt.LK_UNLCK:
        _set(descriptor, fcntl.F_UNLCK, at, size)
    elif not take(descriptor, at, size):
        late = mode in (msvcrt.LK_LOCK, msvcrt.LK_RLCK)  # those try ten times, a second apart
        raise OSError(errno.EDEADLK if late else errno.EACCES, "Permission denied")


def take(descriptor: int, at: int, size: int) -> bool:
    """Lock ``size`` bytes; False where another handle has one of them."""
    try:
        _set(descriptor, fcntl.F_WRLCK, at, size)
    except OSError:
        return False
    return True


def _set(descriptor: int, kind: int, at: int, size: int) -> None:
    fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, struct.pack(_FLOCK, kind, os.SEEK_SET, at, size, 0))


def is_locked(descriptor: int) -> bool:
    """Whether another handle has locked a byte that this file has."""
    size = os.fstat(descriptor).st_size
    asked = struct.pack(_FLOCK, fcntl.F_RDLCK, os.SEEK_SET, 0, size, 0) if size else None
    if asked is None:
        return False
    return bool(struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, asked))[0] != fcntl.F_UNLCK)


msvcrt.locking = locking
msvcrt.get_osfhandle = lambda descriptor: descriptor
msvcrt.open_osfhandle = lambda handle, flags: handle
msvcrt.setmode = lambda descriptor, flags: 0x8000


def install(patch: Callable[[Any, str, Any], None]) -> None:
    if "msvcrt" not in sys.modules:
        sys.modules["msvcrt"] = msvcrt  # nobody but code for Windows asks for it

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


def locking(descriptor: int, mode: int, size: int) -> None:
    """As ``msvcrt.locking``: from where the file stands, ``size`` bytes, also beyond its end."""
    kind = fcntl.F_UNLCK if mode == msvcrt.LK_UNLCK else fcntl.F_WRLCK
    lock = struct.pack(_FLOCK, kind, os.SEEK_SET, os.lseek(descriptor, 0, os.SEEK_CUR), size, 0)
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, lock)
    except OSError:
        late = mode in (msvcrt.LK_LOCK, msvcrt.LK_RLCK)  # those try ten times, a second apart
        raise OSError(errno.EDEADLK if late else errno.EACCES, "Permission denied") from None


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

"""The kernel's guard on macOS: the system's sandbox with a profile that denies the network and nothing else.

``sandbox_init`` has been marked as deprecated for years and is what every browser on macOS uses; the profile binds native code and every
program started from here. A bound process can't be bound again, so ``sandbox_check`` is asked first. Pairs of sockets never ask it.
"""

from __future__ import annotations

import ctypes
import os
import sys

SYSTEM: str = sys.platform
PROFILE = b"(version 1)(allow default)(deny network*)"
_LIBRARY = "/usr/lib/libsandbox.1.dylib"


def install() -> str:
    """Bind this process and what it starts, unless that is so already. Returns why it could not be done, or ""."""
    if in_force():
        return ""
    said = ctypes.c_char_p()
    try:
        library = ctypes.CDLL(_LIBRARY)
        failed = library.sandbox_init(ctypes.c_char_p(PROFILE), ctypes.c_uint64(0), ctypes.byref(said))
    except (OSError, AttributeError) as error:
        return str(error)
    if failed:
        return f"the system refused it: {(said.value or b'no reason given').decode(errors='replace')}"
    return "" if in_force() else "the system took it and does not keep to it"


def in_force() -> bool:
    """Whether this process may not reach out."""
    if SYSTEM != "darwin":
        return False
    try:
        return bool(ctypes.CDLL(None).sandbox_check(os.getpid(), b"network-outbound", 0) == 1)
    except (OSError, AttributeError):
        return False

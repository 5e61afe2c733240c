"""The kernel's guard on macOS: the system's sandbox with a profile that denies the network and what would have another
reach it.

That is opening an address or a document with another program (``open``), an Apple event to a program, and a job for
launchd. Where a system's sandbox does not know one of these, the profile that denies the network alone is taken.

All else stays allowed, and that matters to Metal, without which a model runs on the processor alone. It compiles its
shaders in a service of the system (a look-up by name of the XPC service MTLCompilerService), opens the GPU's driver
(IOKit: AGXDeviceUserClient, IOAccelerator and their like, and their properties), reads and writes the cache of shaders
in the user's cache folder (com.apple.metal; where it can't, compiling waits for ever), and uses shared memory. None of
these is a network operation, an Apple event, a document or a job: launchd starts a service when it is looked up, which
is not ``job-creation``. Profiles of the system itself deny that and have the GPU all the same. Whoever denies more
here, by ``(deny default)`` say, has to allow these by name.

``sandbox_init`` has been marked as deprecated for years and is what every browser on macOS uses; the profile binds
native code and every program started from here. A bound process can't be bound again, so ``sandbox_check`` is asked
first. Pairs of sockets never ask it.
"""

from __future__ import annotations

import ctypes
import os
import sys

SYSTEM: str = sys.platform
NETWORK = b"(version 1)(allow default)(deny network*)"
PROFILES = (NETWORK + b"(deny lsopen)(deny appleevent-send)(deny job-creation)", NETWORK)
"""The first that the system takes."""
_LIBRARY = "/usr/lib/libsandbox.1.dylib"


def install() -> str:
    """Bind this process and what it starts, unless that is so already. Returns why it could not be done, or ""."""
    if in_force():
        return ""
    said = ctypes.c_char_p()
    try:
        library = ctypes.CDLL(_LIBRARY)
        for profile in PROFILES:
            if library.sandbox_init(ctypes.c_char_p(profile), ctypes.c_uint64(0), ctypes.byref(said)) == 0:
                return "" if in_force() else "the system took it and does not keep to it"
    except (OSError, AttributeError) as error:
        return str(error)
    return f"the system refused it: {(said.value or b'no reason given').decode(errors='replace')}"


def in_force() -> bool:
    """Whether this process may not reach out."""
    if SYSTEM != "darwin":
        return False
    try:
        return bool(ctypes.CDLL(None).sandbox_check(os.getpid(), b"network-outbound", 0) == 1)
    except (OSError, AttributeError):
        return False

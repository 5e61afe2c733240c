"""A child process ends with its parent, however the parent ends and whatever the child does: computing, waiting, or
stopped (SIGSTOP).

``child_command`` tells a child who its parent is, and the child calls ``end_with_parent`` before anything else. On
Linux the kernel kills it then; elsewhere a thread looks after the parent. Without that word, from a shell for instance,
nothing is done.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

PARENT = "LEADS_LOCAL_PARENT"
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_KILL = 9
_LOOK = 1.0  # seconds
_SYNCHRONIZE = 0x00100000


def child_environment() -> dict[str, str]:
    """What a child of this process is told."""
    return {PARENT: str(os.getpid())}


def bind() -> None:
    """From now on this process ends when the one that started it does. Its own children are not bound by that."""
    parent = os.environ.pop(PARENT, "")
    if parent.isdecimal():
        _end_with(int(parent))


def end_with_parent() -> None:
    """``bind``, and hear Ctrl-C: what it means must be set before."""
    bind()
    if sys.platform == "win32":  # leads_local.lifeline starts children so that Ctrl-C waits until here
        import ctypes

        ctypes.WinDLL("kernel32").SetConsoleCtrlHandler(None, 0)
    else:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _end_with(parent: int) -> None:
    if sys.platform == "linux":
        import ctypes

        bound = ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, _KILL) == 0
        if os.getppid() != parent:  # it was gone before the kernel knew
            os._exit(1)
        if bound:
            return
    threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.OpenProcess.restype = ctypes.c_void_p
        if handle := kernel.OpenProcess(_SYNCHRONIZE, False, parent):
            kernel.WaitForSingleObject(ctypes.c_void_p(handle), -1)
    else:
        while os.getppid() == parent:
            time.sleep(_LOOK)
    os._exit(1)

"""A child process ends with its parent, however the parent ends and whatever the child does: computing, waiting, or
stopped (SIGSTOP).

Children of ours end when their input ends, which takes a child that reads. The rest is done here: ``start`` tells the
child who its parent is, and ``bind`` is the first thing that a child does. On Linux the kernel kills it then; elsewhere
a thread looks after the parent, which a child that is stopped can't do. The kernel means the *thread* that started the
child, so one thread starts all of them and lives as long as the process. Ctrl-C, which a terminal sends to children,
too, waits until they call ``end_with_parent``: what it means to them must be set before. On Windows a child that begins
in a process group of its own hears none until it asks to. A program started by hand has no such parent and is left
alone.

``convert/lifeline.py`` does the same for the converter's own children.
"""

from __future__ import annotations

import contextlib
import errno
import faulthandler
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

PARENT_VARIABLE = "LEADS_LOCAL_PARENT"
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_SIGKILL = 9
_POLL_SECONDS = 1.0  # seconds between two looks at the parent
_SYNCHRONIZE = 0x00100000
_OWN_GROUP = 0x00000200  # Windows' CREATE_NEW_PROCESS_GROUP: begins deaf to Ctrl-C, and so do those that it starts


class _Starter:
    """The thread that starts children, made with the first."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[tuple[Future[Any], list[str], dict[str, Any]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, command: list[str], options: dict[str, Any]) -> subprocess.Popen[Any]:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="starter", daemon=True)
                self._thread.start()
        started: Future[subprocess.Popen[Any]] = Future()
        self._orders.put((started, command, options))
        return started.result()

    def _serve(self) -> None:
        if os.name != "nt":
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # children begin so
        while True:
            started, command, options = self._orders.get()
            try:
                started.set_result(subprocess.Popen(command, **options))
            except BaseException as error:
                started.set_exception(error)
            del started  # a child that nobody waits for any more has its input closed


_starter = _Starter()


def start_child(command: list[str], **options: Any) -> subprocess.Popen[Any]:
    """``subprocess.Popen`` for a child that ends with this process: its program must call ``end_with_parent``."""
    options["env"] = {**(options.get("env") or os.environ), PARENT_VARIABLE: str(os.getpid())}
    if os.name == "nt":
        return subprocess.Popen(command, **{**options, "creationflags": options.get("creationflags", 0) | _OWN_GROUP})
    return _starter.start(command, options)


@contextlib.contextmanager
def until_reader_is_gone() -> Iterator[None]:
    """Write to a child's pipe inside: the block is left in peace when nobody reads it any more."""
    try:
        yield
    except OSError as error:
        if not (isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL)):
            raise  # EINVAL is what Windows says of it in all but the first moment


def bind_to_parent() -> None:
    """From now on this process ends when the one that started it does. Its own children are not bound by that."""
    parent = os.environ.pop(PARENT_VARIABLE, "")
    if parent.isdecimal():
        _end_with(int(parent))


def end_with_parent() -> None:
    """``bind``, and hear Ctrl-C: what it means must be set before."""
    bind_to_parent()
    if sys.platform == "win32":
        import ctypes

        ctypes.WinDLL("kernel32").SetConsoleCtrlHandler(None, 0)
    else:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def limit_work(seconds: float) -> None:
    """End this process once it has worked for ``seconds`` more, whatever it is in the middle of; 0 takes the limit
    back.

    For a child whose parent watches it, should nobody be there to watch: a library that holds Python up would hold up
    the thread that looks after the parent, too. Only work counts, neither sleep nor a stop: elsewhere than on Windows,
    where programs are not stopped and waits leave sleep out, it is the processor's time.
    """
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)
    elif seconds:
        faulthandler.dump_traceback_later(seconds, exit=True)
    else:
        faulthandler.cancel_dump_traceback_later()


def limit_memory(most: int) -> None:
    """Ask the system to refuse this process more than ``most`` bytes of addresses, where it can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    try:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ValueError, OSError):  # macOS knows the name but refuses
        return


def _end_with(parent: int) -> None:
    if sys.platform == "linux":
        import ctypes

        bound = ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, _SIGKILL) == 0
        if os.getppid() != parent:  # it was gone before the kernel knew
            os._exit(1)
        if bound:
            return
    threading.Thread(target=_wait_for_end, args=(parent,), name="parent", daemon=True).start()


def _wait_for_end(parent: int) -> None:
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.OpenProcess.restype = ctypes.c_void_p
        if handle := kernel.OpenProcess(_SYNCHRONIZE, False, parent):
            kernel.WaitForSingleObject(ctypes.c_void_p(handle), -1)
    else:
        while os.getppid() == parent:
            time.sleep(_POLL_SECONDS)
    os._exit(1)

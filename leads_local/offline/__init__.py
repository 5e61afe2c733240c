"""The guard that lets no process of ours reach the network.

Papers under review are confidential, so the promise "no network" is enforced, not only kept: ``enforce()`` is called
first thing by the command line, the terminal UI, the API and every child process. It puts up two guards, neither of
which can be taken down again while the process lives:

- by the kernel, where the system has one for an ordinary user's program (``seccomp`` on Linux, ``seatbelt`` on macOS).
  It binds native code as well, and every program that is started from here;
- in Python, everywhere: an audit hook that lets through what is known to be harmless, and nothing else that concerns
  sockets. It does not bind native code, and interpreters within the process, which it would not bind either, are
  refused.

What stays possible is a pair of sockets that only this process holds (asyncio's self-pipe). What no guard here can take
back is a socket that was open before ``enforce()`` or was handed over by the program that started us, and files on a
disk that the system has mounted from elsewhere. ``guard()`` says which guards are in force.

All this holds for the process that calls the API, too, and for good. Sockets that it had open go on sending and
receiving, but accepting, duplicating and wrapping one fail in Python; so do multiprocessing's forkserver and managers,
which listen (fork, spawn, queues and pipes work).
"""

from __future__ import annotations

import _socket
import contextlib
import os
import socket
import sys
import threading
from dataclasses import dataclass
from typing import Any

from leads_local.offline import seatbelt, seccomp

NO_TELEMETRY = {"ORT_DISABLE_TELEMETRY": "1"}
"""What libraries that report home look for in the environment before they are imported."""

SYSTEM: str = sys.platform
_LOCAL = getattr(
    _socket, "AF_UNIX", None
)  # as it is now: whoever says later that it is another family gets nothing by it
_HARMLESS = frozenset({"socket.__new__", "socket.gethostname"})  # the first is looked at more closely
_OPENS_PROGRAMS = frozenset({"webbrowser.open", "os.startfile", "os.startfile/2"})  # the latter: Windows
_LOOPBACK = ("127.0.0.1", "::1")
_ACCOUNT = ("LOGNAME", "USER", "LNAME", "USERNAME")  # where getpass looks
_installed = False
_pair_in_progress = threading.local()
_why_no_kernel_guard = "it was not asked for"


class OfflineError(OSError):
    """Something tried to reach the network. It was refused."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What refuses the network here: the name of the kernel's guard or "" and then why there is none, and whether
    Python refuses it."""

    kernel: str
    python: bool
    missing: str = ""

    def in_words(self) -> str:
        """The end of the sentence "The network is …"."""
        if self.kernel:
            found = (
                f"refused by the kernel ({self.kernel}): in this program, in native libraries and in every program "
                "that it "
                "starts"
            )
            return f"{found}; and by Python" if self.python else found
        if not self.python:
            return "not refused"
        return f"refused by Python only; there is no guard by the kernel: {self.missing}"


def enforce() -> None:
    """Refuse the network from now on, in this process and the programs that it starts. Never raises; calling it again
    changes nothing."""
    global _installed, _why_no_kernel_guard
    if _installed:
        return
    os.environ.update(NO_TELEMETRY)
    _record_account()
    _why_no_kernel_guard = _install_kernel_guard()
    if not hasattr(_socket, "socketpair"):
        _allow_socket_pairs()
    sys.addaudithook(_audit_hook)
    _installed = True


def guard_in_force() -> Guard:
    """The guards that are in force in this process."""
    kernel = "seccomp" if seccomp.in_force() else "Seatbelt" if seatbelt.in_force() else ""
    return Guard(kernel, _installed, "" if kernel else _why_no_kernel_guard)


def _record_account() -> None:
    """Note in the environment, where it does not say so, what the account is called and where its home is.

    The system may know that from a service that can't be asked later. Children inherit the answer.
    """
    named = any(os.environ.get(name) for name in _ACCOUNT)
    if os.name == "nt" or (named and "HOME" in os.environ):
        return
    with contextlib.suppress(ImportError, KeyError, OSError):  # no such account: a container, say
        import pwd

        account = pwd.getpwuid(os.getuid())
        os.environ.setdefault("HOME", account.pw_dir)
        if not named:
            os.environ["LOGNAME"] = account.pw_name


def _install_kernel_guard() -> str:
    """Put up the kernel's guard unless it is inherited. Returns why there is none, or ""."""
    if SYSTEM == "linux":
        return seccomp.install()
    if SYSTEM == "darwin":
        return seatbelt.install()
    return "this system has none for an ordinary user's program"


def _audit_hook(event: str, args: tuple[Any, ...]) -> None:
    if event in _OPENS_PROGRAMS:
        raise OfflineError("leads-local works offline: opening a browser was refused")
    if event == "cpython.PyInterpreterState_New":  # no hook of ours would be in it
        raise OfflineError("leads-local works offline: an interpreter within this process was refused")
    if not event.startswith("socket."):
        return
    if event == "socket.__new__" and args[1] != _LOCAL and not _makes_socket_pair(event, args):
        raise OfflineError("leads-local works offline: opening a network socket was refused")
    if event not in _HARMLESS and not _makes_socket_pair(event, args):
        raise OfflineError(f"leads-local works offline: {event} was refused")


def _makes_socket_pair(event: str, args: tuple[Any, ...]) -> bool:
    """Whether this is a step in making a pair of sockets, or a message within one."""
    if event == "socket.sendmsg":
        return args[1] is None
    if not getattr(_pair_in_progress, "on", False):
        return False
    return event == "socket.__new__" or (event in ("socket.bind", "socket.connect") and args[1][0] in _LOOPBACK)


def _allow_socket_pairs() -> None:
    """Windows makes a pair from two sockets over the loopback: let that through, for the length of the call and this
    thread only."""
    real = socket.socketpair

    def socketpair(*args: Any, **given: Any) -> tuple[socket.socket, socket.socket]:
        _pair_in_progress.on = True
        try:
            return real(*args, **given)
        finally:
            _pair_in_progress.on = False

    socket.socketpair = socketpair

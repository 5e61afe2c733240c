"""Python's own modules as Windows has them: code of ours that imports ``os``, ``sys``, ``signal`` or ``ctypes`` gets a
front of the real one, without what Windows lacks; what is Unix's alone can't be imported."""

from __future__ import annotations

import _socket
import builtins
import ctypes
import os
import signal
import sys
import types
from collections.abc import Callable, Collection
from typing import Any

from tests.simulated_windows import kernel, locks


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


OURS = ("leads_local", "convert", "bootstrap")
UNIX_MODULES = frozenset({"fcntl", "termios", "tty", "pty", "pwd", "grp", "resource", "curses", "readline", "syslog"})
UNIX_OS = _names(
    "fork forkpty openpty geteuid getegid getuid getgid setuid setgid setsid getsid setpgid getpgid getpgrp killpg "
    "tcgetpgrp tcsetpgrp ttyname ctermid fchmod fchown chown lchown chroot mkfifo mknod pread pwrite readv writev "
    "sendfile posix_fadvise posix_fallocate sched_getaffinity sched_setaffinity statvfs fstatvfs uname getloadavg nice "
    "wait wait3 wait4 waitid WIFEXITED WEXITSTATUS WIFSIGNALED WTERMSIG getxattr setxattr listxattr sync fdatasync "
    "memfd_create register_at_fork posix_spawn sysconf confstr lockf pipe2 getpriority setpriority get_blocking "
    "set_blocking O_NOFOLLOW O_CLOEXEC O_NONBLOCK O_DIRECTORY O_SYNC O_DSYNC O_NOCTTY O_PATH O_TMPFILE ST_RDONLY "
    "POSIX_FADV_DONTNEED SCHED_OTHER"
)
UNIX_SIGNALS = _names(
    "SIGKILL SIGHUP SIGALRM SIGPIPE SIGUSR1 SIGUSR2 SIGSTOP SIGTSTP SIGCONT SIGCHLD SIGQUIT SIGWINCH SIGTTIN SIGTTOU "
    "pthread_sigmask pthread_kill sigwait sigtimedwait sigpending setitimer getitimer alarm pause siginterrupt "
    "SIG_BLOCK SIG_UNBLOCK SIG_SETMASK"
)


class Front(types.ModuleType):
    """A module with some names changed and some taken away; everything else, also what is set, is the real one's."""

    def __init__(self, real: types.ModuleType, changed: dict[str, Any], without: frozenset[str] = frozenset()) -> None:
        self.__dict__.update(_real=real, _changed=changed, _without=without, __name__=real.__name__)

    def __getattr__(self, name: str) -> Any:
        if name in self._changed:
            return self._changed[name]
        if name in self._without:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} on Windows")
        return getattr(self._real, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._real, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._real, name)

    def __dir__(self) -> list[str]:
        return sorted(({*dir(self._real)} | {*self._changed}) - self._without)


FRONTS: dict[str, Front] = {
    "os": Front(os, {"name": "nt", "O_BINARY": 0}, UNIX_OS),
    "sys": Front(sys, {"platform": "win32", "getwindowsversion": lambda: (10, 0, 22631, 2, "")}),
    "signal": Front(signal, {"SIGBREAK": signal.SIGUSR2, "CTRL_C_EVENT": 0, "CTRL_BREAK_EVENT": 1}, UNIX_SIGNALS),
    "ctypes": Front(
        ctypes,
        {
            "WinDLL": kernel.library,
            "CDLL": lambda name, *rest, **more: ctypes.CDLL(None if name == "msvcrt" else name, *rest, **more),
            "WINFUNCTYPE": ctypes.CFUNCTYPE,
            "windll": types.SimpleNamespace(kernel32=kernel.library("kernel32")),
            "get_last_error": kernel.last_error,
            "WinError": kernel.error,
        },
    ),
    "_socket": Front(_socket, {}, frozenset({"socketpair", "AF_UNIX"})),
    "msvcrt": Front(locks.msvcrt, {}),
}


def install(patch: Callable[[Any, str, Any], None]) -> None:
    real = builtins.__import__

    def imported(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        by = ((globals or {}).get("__name__") or "").partition(".")[0]
        if level == 0 and by in OURS:
            if name.partition(".")[0] in UNIX_MODULES:
                raise ModuleNotFoundError(f"No module named {name!r} on Windows", name=name)
            if name in FRONTS:
                return FRONTS[name]
        return real(name, globals, locals, fromlist, level)

    for module in [one for name, one in sys.modules.items() if name.partition(".")[0] in OURS]:
        for attribute, value in list(vars(module).items()):
            if isinstance(value, types.ModuleType) and value is getattr(FRONTS.get(value.__name__), "_real", None):
                patch(module, attribute, FRONTS[value.__name__])
        if hasattr(module, "SYSTEM"):
            patch(module, "SYSTEM", "win32")
    patch(builtins, "__import__", imported)


def forget_since(before: Collection[str]) -> None:
    """Let go of modules of ours that were imported while Windows was acted: they believe to be there for ever."""
    for name in [name for name in sys.modules if name not in before and name.partition(".")[0] in OURS]:
        module = sys.modules.pop(name)
        above = sys.modules.get(name.rpartition(".")[0])
        if above is not None and vars(above).get(name.rpartition(".")[2]) is module:
            delattr(above, name.rpartition(".")[2])

"""Processes: what only Unix can do while it starts one is refused, what only Windows knows is accepted, and a Python of
ours that is started simulates Windows, too."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ROOT = str(Path(__file__).resolve().parents[2])
_PRELUDE = f"""
import sys
sys.path.append({_ROOT!r})
from tests.simulated_windows import simulate
simulate()
sys.path.pop()
"""
_MODULE = """
import sys, runpy
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""
FLAGS = {
    "CREATE_NEW_PROCESS_GROUP": 0x200,
    "CREATE_NO_WINDOW": 0x08000000,
    "DETACHED_PROCESS": 8,
    "BELOW_NORMAL_PRIORITY_CLASS": 0x4000,
    "IDLE_PRIORITY_CLASS": 0x40,
}


def simulating(command: list[str]) -> list[str]:
    """The command line that starts the same Python program on the simulated Windows; other commands stay."""
    if command[0] != sys.executable:
        return command
    for at, argument in enumerate(command[1:], 1):
        if argument == "-c":
            return [*command[: at + 1], _PRELUDE + command[at + 1], *command[at + 2 :]]
        if argument == "-m":
            return [*command[:at], "-c", _PRELUDE + _MODULE, *command[at + 1 :]]
        if not argument.startswith("-"):
            break
    return command


@contextmanager
def _ctrl_c_held_back(held_back: bool) -> Iterator[None]:
    """A child that is started inside begins without Ctrl-C, as the first of a new process group does, and so do those
    that it starts."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT} if held_back else set())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Input:
    """A child's input, of which Windows says EINVAL where nobody reads it any more."""

    def __init__(self, pipe: Any) -> None:
        self.pipe = pipe

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.pipe, name)
        if name not in ("write", "writelines", "flush", "close"):
            return found

        def told_as_windows_does(*arguments: Any) -> Any:
            try:
                return found(*arguments)
            except BrokenPipeError:
                raise OSError(errno.EINVAL, "Invalid argument") from None

        return told_as_windows_does

    def __enter__(self) -> _Input:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Popen(subprocess.Popen):  # type: ignore[type-arg]
    def __init__(self, args: Any, *arguments: Any, **options: Any) -> None:
        for name in ("preexec_fn", "pass_fds", "process_group", "user", "group", "umask"):
            if options.get(name) not in (None, (), -1):
                raise ValueError(f"{name} is not supported on Windows platforms")
        flags = options.pop("creationflags", 0)
        for name in ("startupinfo", "start_new_session"):
            options.pop(name, None)
        if isinstance(args, (list, tuple)):
            args = simulating([str(one) for one in args])
        with _ctrl_c_held_back(bool(flags & FLAGS["CREATE_NEW_PROCESS_GROUP"])):
            super().__init__(args, *arguments, **options)
        if self.stdin is not None:
            self.stdin: Any = _Input(self.stdin)

    def communicate(self, *arguments: Any, **options: Any) -> Any:
        if self.stdin is not None:
            self.stdin = self.stdin.pipe  # Windows' own communicate takes EINVAL for what it is
        return super().communicate(*arguments, **options)


def install(patch: Callable[[Any, str, Any], None]) -> None:
    patch(subprocess, "Popen", Popen)
    for name, value in FLAGS.items():
        patch(subprocess, name, value)

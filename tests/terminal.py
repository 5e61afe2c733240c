"""A terminal for programs under test: they are started in it, typed to, and it can be closed as a person closes a
window. POSIX only."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from tests.patience import patience

ROOT = Path(__file__).resolve().parents[1]
LEADS = (sys.executable, "-m", "leads_local")


class Terminal:
    """One program in a terminal of 80 by 24. ``ignore_hangup`` starts it as nohup does."""

    def __init__(
        self, command: Sequence[object], environment: Mapping[str, str] | None = None, ignore_hangup: bool = False
    ) -> None:
        import fcntl
        import pty
        import termios

        self.seen = b""
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(ROOT)
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # whoever runs the tests may ignore them
                    signal.signal(
                        number, signal.SIG_IGN if ignore_hangup and number == signal.SIGHUP else signal.SIG_DFL
                    )
                os.execve(
                    str(command[0]),
                    [str(part) for part in command],
                    {**os.environ, "TERM": "xterm", **(environment or {})},
                )
            finally:
                os._exit(127)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = psutil.Process(self.pid)
        self._code: int | None = None

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def read(self, seconds: float = 0.05) -> None:
        """Take what the program writes, for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and select.select([self._master], [], [], left)[0]:
            try:
                found = os.read(self._master, 65536)
            except OSError:  # nobody has it open any more
                return
            self.seen += found

    def until(self, holds: Callable[[], bool], seconds: float = 20.0) -> None:
        """Read until it holds, for so many seconds of a computer at rest."""
        end = time.monotonic() + patience(seconds)
        while not holds():
            assert time.monotonic() < end, self.seen[-2000:]
            assert self.ended(0.0) is None, self.seen[-2000:]
            self.read()
        self.read(0.01)

    def close(self) -> None:
        """Take the terminal away."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def ended(self, seconds: float) -> int | None:
        """The exit code, None when it still runs after so many seconds of a computer at rest."""
        end = time.monotonic() + patience(seconds)
        while self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() >= end:
                return None
            elif self._master >= 0:
                self.read(0.02)
            else:
                time.sleep(0.02)
        return self._code

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.ended(0.0) is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.ended(5.0)
        self.close()

"""A child process that works on PDFs, one request a line and one answer a line, with limits on its time and its memory.

It may crash, hang or run out of memory: then it is ended, its request has no answer but the reason, and the next one
goes to a fresh child.
"""

from __future__ import annotations

import subprocess
import threading
from typing import IO

from leads_local import awake_clock, children, lifeline
from leads_local.family import ProcessTree

GIB = 1 << 30


class PdfChild:
    """One child that runs ``module``, and why it was ended, if it was. ``doing`` is what it does to a file, for people
    to read."""

    def __init__(self, module: str, timeout: float, memory: int, doing: str) -> None:
        """``timeout`` seconds awake and ``memory`` bytes are the limits of one request."""
        self._module, self._timeout, self._memory, self._doing = module, timeout, memory, doing
        self._process: subprocess.Popen[bytes] | None = None
        self._family: ProcessTree | None = None
        self._deadline = float("inf")
        self._why = ""
        self._lock = threading.Lock()
        self._closed = False

    def ask(self, request: bytes) -> bytes:
        """The child's answer to one line, as it comes; b"" where it has none. Raises OSError when no child could be
        started."""
        process = self._started()
        with self._lock:
            self._why, self._deadline = "", awake_clock.seconds() + self._timeout
        answer = b""
        try:
            stdin, stdout = _pipes(process)
            stdin.write(request + b"\n")
            stdin.flush()
            answer = stdout.readline()
        except OSError:
            answer = b""
        with self._lock:
            self._deadline = float("inf")
        return answer

    @property
    def why(self) -> str:
        """Why the last request has no answer: the limit that it broke, in a sentence; "" where the child ended by
        itself."""
        with self._lock:
            return self._why

    def watch(self) -> None:
        """End the child if it is over a limit."""
        with self._lock:
            process, family = self._process, self._family
            if process is None or family is None or process.poll() is not None or self._deadline == float("inf"):
                return
            if awake_clock.seconds() > self._deadline:
                self._why = (
                    f"{self._doing} took more than {self._timeout:.0f} seconds and was given up. Split the file or "
                    "print it to a new PDF."
                )
            elif family.resident_bytes() > self._memory:
                self._why = (
                    f"{self._doing} took more than {self._memory / GIB:.1f} GiB of memory and was given up. Split the "
                    "file."
                )
            else:
                return
            family.kill()

    def close(self) -> None:
        """End the child for good."""
        with self._lock:
            self._closed = True
        self.end()

    def end(self) -> None:
        """End the child; the next file gets a fresh one."""
        with self._lock:
            process, self._process = self._process, None
            family, self._family = self._family, None
        if process is None or family is None:
            return
        family.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was still buffered for a dead child
                    continue

    def _started(self) -> subprocess.Popen[bytes]:
        if (process := self._process) is not None and process.poll() is not None:  # it ended between two files
            self.end()
        with self._lock:
            if self._closed:
                raise OSError("it was ended")
            if self._process is None:
                command = children.command(self._module, str(self._timeout), str(self._memory))
                flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
                self._process = lifeline.start_child(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=children.environment(),
                    creationflags=flags,
                )
                self._family = ProcessTree(self._process)
            return self._process


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise OSError("the worker has no pipes")
    return process.stdin, process.stdout

"""Watching a long program: its output goes to the log file, and the screen shows that it is alive and how far it is."""

from __future__ import annotations

import contextlib
import io
import queue
import re
import subprocess
import sys
import threading
import time
from typing import IO

from set_up.place import Place, SetupError, say

STEP = re.compile(r"^\s*\[(\d+)/(\d+)\]")  # ninja's
COMPILED = re.compile(r"^\s*(?:\d+>)?\s*[\w.-]+\.(?:c|cc|cpp|cu)\s*$")  # Visual Studio's compiler names each file
ABOUT_SO_MANY_FILES = 127  # counted in the log of llama-cpp-python 0.3.36 on Linux, built for the processor only
COLLECTING = re.compile(r"^(?:Collecting|Building wheel for|Installing collected) ?([\w.\[\]-]*)")
SECONDS_BETWEEN_SIGNS_OF_LIFE = 20
SECONDS_TO_END = 30


class Progress:
    """What the lines of pip's output say is being done."""

    def __init__(self) -> None:
        self.doing = "preparing"
        self._files = 0

    def read(self, line: str) -> None:
        step, found = STEP.match(line), COLLECTING.match(line)
        if step:
            self.doing = f"compiling llama.cpp, step {step[1]} of {step[2]}"
        elif COMPILED.match(line):
            self._files += 1
            self.doing = f"compiling llama.cpp, file {self._files} of about {max(ABOUT_SO_MANY_FILES, self._files)}"
        elif found:
            self.doing = f"installing {found[1] or 'what was fetched'}"


def watch(place: Place, command: list[str], environment: dict[str, str]) -> int:
    """Run ``command`` with its output in the log file and a sign of life on the screen. Returns its exit code.

    Ctrl-C has reached the program, too: it is given the time to put its own things away before we say that it ended.
    """
    lines: queue.Queue[str | None] = queue.Queue()
    try:
        log = place.log.open("ab", buffering=0)  # nothing is left to be written when it is closed
    except OSError as error:
        raise SetupError(f"{place.log} can't be written ({error.strerror}); mend that and run this again.") from None
    with (
        contextlib.closing(log),
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        assert process.stdout is not None
        reader = threading.Thread(target=_read, args=(process.stdout, log, lines), daemon=True)
        reader.start()
        try:
            _show(lines)
            return process.wait()
        except KeyboardInterrupt:
            _end(process)
            raise
        finally:
            reader.join(SECONDS_TO_END)


def _read(output: IO[str], log: io.FileIO, lines: queue.Queue[str | None]) -> None:
    """Hand each line on, also where the log can't be written any more: the program must not stand still for that."""
    try:
        for line in output:
            with contextlib.suppress(OSError):
                log.write(line.encode())
            lines.put(line)
    finally:
        lines.put(None)


def _show(lines: queue.Queue[str | None]) -> None:
    """Tell what is being done until the last line has come."""
    progress, started, shown = Progress(), time.monotonic(), 0.0
    pause = 1 if sys.stderr.isatty() else SECONDS_BETWEEN_SIGNS_OF_LIFE
    while True:
        try:
            line = lines.get(timeout=1)
        except queue.Empty:
            line = ""
        if line is None:
            break
        progress.read(line)
        now = time.monotonic()
        if now - shown >= pause:
            shown = now
            minutes, seconds = divmod(int(now - started), 60)
            _sign_of_life(f"{minutes}:{seconds:02} {progress.doing}")
    if sys.stderr.isatty():
        print(file=sys.stderr)


def _end(process: subprocess.Popen[str]) -> None:
    """Wait for a program that was told to stop, and end it where it doesn't."""
    try:
        process.wait(SECONDS_TO_END)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()


def _sign_of_life(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r  {text:<70}", end="", file=sys.stderr, flush=True)
    else:
        say(f"  {text}")

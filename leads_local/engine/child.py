"""One child process with a model in it: starting it, talking to it, and noticing its end.

Commands and events are JSON lines over its pipes (``worker`` has the other end); there are no sockets. Its error stream
goes to the log file, and the last lines are kept for the message when it dies. Threads read and write, so that nobody
waits for a child that does not listen; every event goes to ``on_event``. An end is an event like the others: ``{"op":
"died", "reason": …}``, always the last one.
"""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from leads_local import awake_clock, children, lifeline, paths, private
from leads_local.errors import LeadsError
from leads_local.family import ProcessTree

ChildEvent = dict[str, Any]
_LOG_LIMIT = 4 << 20  # bytes; a larger log is set aside once
_WINDOWS_SAYS = {
    0xC0000005: "it reached for memory that is not its own",
    0xC0000017: "there was no memory left",
    0xC000001D: "this processor lacks an instruction that llama.cpp was built with",
    0xC00000FD: "its stack was full",
    0xC000012D: "there was no memory left",
    0xC0000135: "a library that it needs is missing",
    0xC0000409: "llama.cpp ended it",
}
"""What the codes mean with which Windows ends a program."""


class Child:
    """See the module. ``heard`` is when the last event came, by ``awake_clock``, ``ended`` the reason of its end, ""
    while it lives."""

    def __init__(self, on_event: Callable[[ChildEvent], None]) -> None:
        self._on_event = on_event
        self._outbox: queue.SimpleQueue[ChildEvent | None] = queue.SimpleQueue()
        self._last_lines: deque[str] = deque(maxlen=20)
        self._closing = False
        self._why = ""
        self.heard = awake_clock.seconds()
        self.ended = ""
        self._process = lifeline.start_child(
            children.command("leads_local.engine.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(),
        )
        self._family = ProcessTree(self._process)
        self._log = threading.Thread(target=self._read_log, daemon=True)
        self._log.start()
        threading.Thread(target=self._read_events, daemon=True).start()
        threading.Thread(target=self._write_commands, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: ChildEvent) -> None:
        """Give the child a command. A child that is gone takes it silently; its ``died`` event tells."""
        self._outbox.put(message)

    def kill(self, why: str) -> None:
        """End it at once, as if it had died; ``why`` completes "The model process …"."""
        self._why = why
        self._family.kill()

    def close(self, patience: float = 5.0) -> None:
        """End it: closing its input is enough, and after ``patience`` seconds it is killed. May be called again."""
        self._closing = True
        self._outbox.put(None)
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._family.kill()
            self._process.wait()

    # ---------------------------------------------------------------- threads

    def _write_commands(self) -> None:
        assert self._process.stdin is not None
        with lifeline.until_reader_is_gone(), self._process.stdin as pipe:
            while (message := self._outbox.get()) is not None:
                pipe.write(json.dumps(message).encode() + b"\n")
                pipe.flush()

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as pipe:
            for line in pipe:
                try:
                    event = json.loads(line)
                except ValueError:
                    continue
                self.heard = awake_clock.seconds()
                self._on_event(event)
        self._process.wait()
        self._outbox.put(None)
        self._log.join(2.0)
        self.ended = self._reason()
        self._on_event({"op": "died", "reason": self.ended})

    def _reason(self) -> str:
        if self._closing:
            return "The model process was closed."
        if self._why:
            return f"The model process {self._why}."
        code = self._process.returncode
        how = f"was ended by {_signal_name(-code)}" if code < 0 else f"ended with code {_exit_code_name(code)}"
        memory = " (often for want of memory)" if code in (-9, 137) else ""
        last = next((line for line in reversed(self._last_lines) if line.strip()), "")
        return f"The model process {how}{memory}." + (f" Its last words: {last.strip()[:200]}" if last else "")

    def _read_log(self) -> None:
        assert self._process.stderr is not None
        file = None
        try:
            file = paths.log_file()
            if file.exists() and file.stat().st_size > _LOG_LIMIT:
                file.replace(file.with_suffix(".old.log"))
        except (OSError, LeadsError):
            pass
        for raw in self._process.stderr:
            line = raw.decode("utf-8", "replace")
            self._last_lines.append(line)
            if file is None:
                continue
            try:
                with private.open_log(file) as log:
                    log.write(line)
            except OSError:
                continue
        self._process.stderr.close()


def _signal_name(number: int) -> str:
    try:
        return f"signal {number} ({signal.Signals(number).name})"
    except ValueError:
        return f"signal {number}"


def _exit_code_name(code: int) -> str:
    """The code as people look it up, and what Windows means by it where that is known."""
    text = f"{code:#x}" if code > 0xFFFF else str(code)
    return f"{text} ({_WINDOWS_SAYS[code]})" if code in _WINDOWS_SAYS else text


def child_environment() -> dict[str, str]:
    """The environment of a child with llama.cpp in it: ggml starts no debugger there.

    Threads wait asleep, not spinning: beside other busy programs spinning made the same work six times slower.
    """
    return {"OMP_WAIT_POLICY": "passive", **children.environment(), "GGML_NO_BACKTRACE": "1", "PYTHONUNBUFFERED": "1"}

"""The end that comes from outside: a terminal that is closed (SIGHUP), a log-out (SIGTERM), Windows' Ctrl-Break
(SIGBREAK).

Left alone these signals end Python between two instructions: no review is closed, no child ended, no temporary file
removed. Here they make the program leave through its own doors: ``Ended`` is raised in the main thread, or whoever does
long work has it stopped (``wish``). The exit code is 128 and the signal's number. A door that does not open is not
waited for: after ``GRACE`` seconds, or at a second signal, the process is gone at once, which loses nothing, since what
was announced has been committed. A signal that was ignored when the program began (nohup) stays ignored.

A terminal that is gone takes nothing more: what is written to it goes nowhere, so that the words at the end, or the
progress of work that was meant to outlive its terminal, are no errors. Nothing here is for libraries: only
``leads_local.__main__`` calls ``install``.
"""

from __future__ import annotations

import _thread
import contextlib
import errno
import io
import os
import queue
import signal
import stat
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, TextIO

from leads_local import paths, private

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
GRACE = 4.0  # seconds for an orderly end; a log-out gives about five
_ONE_END = 1.0  # seconds in which another signal belongs to the first: shell, terminal and system each send one
_LOOK = 0.25  # seconds between two looks whether the terminal is there
_MOMENT = 0.02  # seconds in which a callback has ended
_GONE = (errno.EIO, errno.ENXIO)  # what is said of a terminal that is no more
_HANG_UP = int(getattr(signal, "SIGHUP", 1))

Wish = Callable[[int], None]


class Ended(SystemExit):
    """This signal asked the process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number

    @property
    def why(self) -> str:
        if self.number == _HANG_UP:
            return "The terminal was closed"
        return f"Ended by {signal.Signals(self.number).name}"


class _Asked:
    """What was asked of this process: the number of the first signal, 0 while there was none, and who wants to be
    told."""

    number = 0
    heard = 0  # the same, as soon as it came
    at = 0.0
    wishes: tuple[Wish, ...] = ()
    lost = False  # whether it is to be raised again
    words: queue.SimpleQueue[int] = (
        queue.SimpleQueue()
    )  # to the thread that sees to it: 0 for the first signal, else one to send again


def install() -> None:
    """Take over the signals and the terminal's streams, for a program that begins. Main thread only."""
    _outlast_terminal()
    threading.Thread(target=_see_to_it, name="ending", daemon=True).start()
    _hear_at_once()
    sys.unraisablehook = _lost
    threading.excepthook = lambda what: None if what.exc_type is SystemExit else _note(what.exc_value)
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _on_signal)
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _hear_at_once() -> None:
    """Let the grace begin with the signal itself: Python's handler waits for the end of a call into C, a long query of
    SQLite, say."""
    hearing, speaking = os.pipe()
    os.set_blocking(speaking, False)
    try:
        signal.set_wakeup_fd(speaking, warn_on_full_buffer=False)
    except (ValueError, OSError):  # where a pipe will not do
        return
    threading.Thread(target=_hear, args=(hearing,), name="signals", daemon=True).start()


def _hear(pipe: int) -> None:
    while numbers := os.read(pipe, 64):
        for number in numbers:
            if number in SIGNALS:
                _Asked.heard = _Asked.heard or number
                _Asked.words.put(0)


def over() -> None:
    """The work is done and its exit code known: nothing that comes from now on may print or change it."""
    for number in SIGNALS:
        if signal.getsignal(number) is _on_signal:
            signal.signal(number, signal.SIG_IGN if _Asked.number else signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_IGN if _Asked.number else signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # whoever read it is gone; Python would flush again, and complain
            _to_nowhere(stream.fileno())
        except (ValueError, AttributeError):  # closed, or never there
            continue


@contextlib.contextmanager
def wish(ask: Wish) -> Iterator[None]:
    """While inside, a signal calls ``ask`` with its number instead of raising; ``Ended`` is raised when the block ends
    by itself."""
    _Asked.wishes += (ask,)
    try:
        if _Asked.number:
            ask(_Asked.number)
        yield
    finally:
        _Asked.wishes = _Asked.wishes[:-1]
    if _Asked.number:
        raise Ended(_Asked.number)


def watch_terminal() -> None:
    """Ask for the end, as SIGHUP would, once the terminal is gone without a signal (ignored, or sent to somebody
    else)."""
    source = sys.__stdin__
    if source is not None and os.name != "nt":  # Windows ends a program whose console is closed
        threading.Thread(target=_look_after, args=(source.fileno(),), name="terminal", daemon=True).start()


def _look_after(terminal: int) -> None:
    while os.isatty(terminal):
        time.sleep(_LOOK)
    _ask(_HANG_UP)


def _on_signal(number: int, frame: FrameType | None) -> None:
    if not _Asked.number or _Asked.lost:
        _Asked.lost = False
        _ask(number)
        if not _Asked.wishes:
            raise Ended(number)
    elif time.monotonic() - _Asked.at > _ONE_END:
        os._exit(128 + _Asked.number)


def _ask(number: int) -> None:
    if not _Asked.number:
        _Asked.number, _Asked.at = number, time.monotonic()
        _Asked.words.put(0)
        if _Asked.wishes:
            _Asked.wishes[-1](number)


def _see_to_it() -> None:
    """End the process in time once it was asked for, and send again what was lost."""
    end = float("inf")
    while (left := end - time.monotonic()) > 0:
        with contextlib.suppress(queue.Empty):
            number = _Asked.words.get(timeout=min(left, threading.TIMEOUT_MAX))
            if number:
                time.sleep(_MOMENT)
                _send(number)
            else:
                end = min(end, time.monotonic() + GRACE)
    os._exit(128 + (_Asked.number or _Asked.heard))


def _send(number: int) -> None:
    if hasattr(signal, "pthread_kill"):  # it wakes the main thread, too
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        _thread.interrupt_main(signal.Signals(number))


def _lost(what: sys.UnraisableHookArgs) -> None:
    """Where Python runs finalisers and callbacks it can raise nothing: what a signal has raised there comes again a
    moment later."""
    if isinstance(what.exc_value, Ended):
        _Asked.lost = True
        _Asked.words.put(what.exc_value.number)
    elif isinstance(what.exc_value, KeyboardInterrupt):
        _Asked.words.put(signal.SIGINT)
    else:
        _note(what.exc_value)


def _note(error: BaseException | None) -> None:
    """What a finaliser or a thread of ours has raised is nobody's to read but ours: it goes to the log file."""
    with contextlib.suppress(Exception):  # least of all may the log's own trouble be printed
        if error is not None:
            with private.append(paths.log_file()) as log:
                log.writelines(traceback.format_exception(error))


def _to_nowhere(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


class _Lasting(io.FileIO):
    """A terminal that is written to for as long as it is there."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in _GONE:
                raise
            time.sleep(_MOMENT)  # it may be going at this moment
            if os.isatty(self.fileno()):
                raise
            _to_nowhere(self.fileno())
            return super().write(data)


def _is_device(stream: TextIO) -> bool:
    """Whether it is a terminal, or was one: a terminal that is gone already does not say so any more."""
    try:
        return stat.S_ISCHR(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def _outlast_terminal() -> None:
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if os.name == "nt" or stream is None or not _is_device(stream):
            continue
        stream.flush()
        raw, direct = _Lasting(stream.fileno(), "w", closefd=False), stream.write_through  # direct: python -u
        buffer: Any = raw if direct else io.BufferedWriter(raw)
        lasting = io.TextIOWrapper(
            buffer, stream.encoding, stream.errors, line_buffering=stream.line_buffering, write_through=direct
        )
        setattr(sys, name, lasting)
        setattr(sys, f"__{name}__", lasting)  # which Textual draws on

"""The end that comes from outside: a terminal that is closed (SIGHUP), a log-out (SIGTERM), Windows' Ctrl-Break
(SIGBREAK) and its console, which says itself that it is closed.

Left alone these signals end Python between two instructions: no review is closed, no child ended, no temporary file
removed. Here they make the program leave through its own doors: ``Ended`` is raised in the main thread, or whoever does
long work has it stopped (``wish``). The exit code is 128 and the signal's number. A door that does not open is not
waited for: after ``GRACE_SECONDS`` seconds, or at a second signal, the process is gone at once, which loses nothing,
since what was announced has been committed. A signal that was ignored when the program began (nohup) stays ignored.

What is written to a terminal that is gone goes nowhere (``streams``), so that the words at the end, or the progress of
work that was meant to outlive its terminal, are no errors. Nothing here is for libraries: only
``leads_local.__main__`` calls ``install``.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from leads_local import awake_clock, fault_log, streams
from leads_local.errors import exit_code_of_signal

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
GRACE_SECONDS = 4.0  # seconds for an orderly end; a log-out gives about five
_SAME_END_SECONDS = (
    1.0  # seconds in which another signal belongs to the first: shell, terminal and system each send one
)
_POLL_SECONDS = 0.25  # seconds between two looks whether the terminal is there
_CALLBACK_SECONDS = 0.02  # seconds in which a callback has ended
_HANG_UP = int(getattr(signal, "SIGHUP", 1))
_CONSOLE_ENDS = (2, 5, 6)  # Windows' CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT

StopWork = Callable[[int], None]


class Ended(SystemExit):
    """This signal asked the process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(exit_code_of_signal(number))
        self.number = number

    @property
    def why(self) -> str:
        if self.number == _HANG_UP:
            return "The terminal was closed"
        return f"Ended by {signal.Signals(self.number).name}"


class _EndRequest:
    """What was asked of this process: the number of the first signal, 0 while there was none, and who wants to be
    told."""

    number = 0
    heard = 0  # the same, as soon as it came
    at = 0.0
    wishes: tuple[StopWork, ...] = ()
    lost = False  # whether it is to be raised again
    console_closed = False  # whether Windows said so, which it tells us as a SIGBREAK
    console_handler: Any = None  # kept for the life of the process
    words: queue.SimpleQueue[int] = (
        queue.SimpleQueue()
    )  # to the thread that sees to it: 0 for the first signal, else one to send again


def install() -> None:
    """Take over the signals, for a program that begins. Main thread only."""
    threading.Thread(target=_end_in_time, name="ending", daemon=True).start()
    _start_signal_reader()
    sys.unraisablehook = _on_unraisable
    threading.excepthook = lambda what: None if what.exc_type is SystemExit else _log_fault(what.exc_value)
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _on_signal)
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    _listen_to_console()  # last: Windows asks the newest handler first


def _start_signal_reader() -> None:
    """Let the grace begin with the signal itself: Python's handler waits for the end of a call into C, a long query of
    SQLite, say."""
    hearing, speaking = os.pipe()
    if os.name != "nt":  # Windows asks for no such pipe, and its Python has no such function before 3.12
        os.set_blocking(speaking, False)
    try:
        signal.set_wakeup_fd(speaking, warn_on_full_buffer=False)
    except (ValueError, OSError):  # where a pipe will not do
        return
    threading.Thread(target=_read_signals, args=(hearing,), name="signals", daemon=True).start()


def _read_signals(pipe: int) -> None:
    while numbers := os.read(pipe, 64):
        for number in numbers:
            if number in SIGNALS:
                _EndRequest.heard = _EndRequest.heard or number
                _EndRequest.words.put(0)


def _listen_to_console() -> None:
    """On Windows, hear of a console that is closed, of a log-out and of a shutdown. The system ends the process as soon
    as that was answered, so it is not, until the process has ended itself."""
    if sys.platform == "win32":
        import ctypes

        def on_event(kind: int) -> int:
            if kind not in _CONSOLE_ENDS:
                return 0  # Ctrl-C and Ctrl-Break are signals
            _EndRequest.console_closed, _EndRequest.heard = True, _EndRequest.heard or _HANG_UP
            _EndRequest.words.put(0)
            _thread.interrupt_main(signal.SIGBREAK)
            time.sleep(2 * GRACE_SECONDS)
            return 1

        _EndRequest.console_handler = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_ulong)(on_event)
        ctypes.WinDLL("kernel32").SetConsoleCtrlHandler(_EndRequest.console_handler, 1)


def finish() -> None:
    """The work is done and its exit code known: nothing that comes from now on may print or change it."""
    for number in SIGNALS:
        if signal.getsignal(number) is _on_signal:
            signal.signal(number, signal.SIG_IGN if _EndRequest.number else signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_IGN if _EndRequest.number else signal.SIG_DFL)
    streams.flush()


@contextlib.contextmanager
def stop_instead(ask: StopWork) -> Iterator[None]:
    """While inside, a signal calls ``ask`` with its number instead of raising; ``Ended`` is raised when the block ends
    by itself."""
    _EndRequest.wishes += (ask,)
    try:
        if _EndRequest.number:
            ask(_EndRequest.number)
        yield
    finally:
        _EndRequest.wishes = _EndRequest.wishes[:-1]
    if _EndRequest.number:
        raise Ended(_EndRequest.number)


def interruption() -> BaseException:
    """What a signal has raised, where code that is not ours has swallowed it: the end that was asked for, else
    Ctrl-C."""
    return Ended(_EndRequest.number) if _EndRequest.number else KeyboardInterrupt()


def watch_terminal() -> None:
    """Ask for the end, as SIGHUP would, once the terminal is gone without a signal (ignored, or sent to somebody
    else)."""
    source = sys.__stdin__
    if source is not None and os.name != "nt":  # Windows' console says it
        threading.Thread(target=_poll_terminal, args=(source.fileno(),), name="terminal", daemon=True).start()


def _poll_terminal(terminal: int) -> None:
    while os.isatty(terminal):
        time.sleep(_POLL_SECONDS)
    _request_end(_HANG_UP)


def _on_signal(number: int, frame: FrameType | None) -> None:
    if _EndRequest.console_closed:
        number = _HANG_UP
    if not _EndRequest.number or _EndRequest.lost:
        _EndRequest.lost = False
        _request_end(number)
        if not _EndRequest.wishes:
            raise Ended(number)
    elif awake_clock.seconds() - _EndRequest.at > _SAME_END_SECONDS:
        os._exit(exit_code_of_signal(_EndRequest.number))


def _request_end(number: int) -> None:
    if not _EndRequest.number:
        _EndRequest.number, _EndRequest.at = number, awake_clock.seconds()
        _EndRequest.words.put(0)
        if _EndRequest.wishes:
            _EndRequest.wishes[-1](number)


def _end_in_time() -> None:
    """End the process in time once it was asked for, and send again what was lost."""
    end = float("inf")
    while (left := end - awake_clock.seconds()) > 0:
        with contextlib.suppress(queue.Empty):
            number = _EndRequest.words.get(timeout=min(left, threading.TIMEOUT_MAX))
            if number:
                time.sleep(_CALLBACK_SECONDS)
                _send_again(number)
            else:
                end = min(end, awake_clock.seconds() + GRACE_SECONDS)
    os._exit(exit_code_of_signal(_EndRequest.number or _EndRequest.heard))


def _send_again(number: int) -> None:
    if hasattr(signal, "pthread_kill"):  # it wakes the main thread, too
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        _thread.interrupt_main(signal.Signals(number))


def _on_unraisable(what: sys.UnraisableHookArgs) -> None:
    """Where Python runs finalisers and callbacks it can raise nothing: what a signal has raised there comes again a
    moment later."""
    if isinstance(what.exc_value, Ended):
        _EndRequest.lost = True
        _EndRequest.words.put(what.exc_value.number)
    elif isinstance(what.exc_value, KeyboardInterrupt):
        _EndRequest.words.put(signal.SIGINT)
    else:
        _log_fault(what.exc_value)


def _log_fault(error: BaseException | None) -> None:
    """What a finaliser or a thread of ours has raised is nobody's to read but ours: it goes to the log file."""
    if error is not None:
        fault_log.write_traceback(error, "finaliser or thread")

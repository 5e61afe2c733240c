"""Standard output and standard error, so that telling of work never undoes it.

A command that has done its work must not fail because of who reads about it. From ``prepare`` on, which every program
that prints calls first:

- what the console's code page has no sign for comes as a replacement mark, and nothing else changes;
- once the reader of a pipe has gone (``| head``), or the terminal, what is written goes nowhere: the work goes on, and
  its exit code is what it would have been. Here alone it is decided what the system says of a reader that is gone:
  Windows calls a pipe that was closed an invalid argument;
- a disk that is full, or whatever else the system refuses, is an OSError that names the stream.

The converter stands alone, so this file is there twice, as the same text: ``leads_local/streams.py`` and
``convert/streams.py``.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
import time
from typing import Any, TextIO

STREAMS = {"stdout": "standard output", "stderr": "standard error"}
_GOING_SECONDS = 0.02  # seconds in which a terminal that is going has gone
_NO_TERMINAL = (errno.EIO, errno.ENXIO)
_NO_READER = (errno.EPIPE, errno.ECONNRESET)
_NO_READER_ON_WINDOWS = (*_NO_READER, errno.EINVAL)


def prepare() -> None:
    """Make both streams of this process such; may be called again."""
    for name in STREAMS:
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):  # not one that was closed before the program began
            stream.reconfigure(errors="replace")
        if stream is not None and stream is getattr(sys, f"__{name}__") and _is_plain(stream):
            lasting = _make_lasting(stream, name)
            setattr(sys, name, lasting)
            setattr(sys, f"__{name}__", lasting)  # which Textual draws on


def flush() -> None:
    """Write what is left in both streams, and let what can't be written go: Python would try again, and complain."""
    for name in STREAMS:
        stream = getattr(sys, name)
        try:
            stream.flush()
        except OSError:
            redirect_to_null(stream.fileno())
        except (ValueError, AttributeError):  # closed, or never there
            continue


def redirect_to_null(descriptor: int) -> None:
    """Let what is written there go nowhere from now on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


class LastingStream(io.FileIO):
    """What is written goes to the descriptor for as long as somebody reads there; ``gone`` are the error numbers that
    say nobody does."""

    def __init__(self, descriptor: int, called: str, gone: tuple[int, ...]) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._called, self._gone = called, gone

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in self._gone or self._is_there():
                raise OSError(error.errno, error.strerror, self._called) from error
            redirect_to_null(self.fileno())
            return super().write(data)

    def _is_there(self) -> bool:
        time.sleep(_GOING_SECONDS)  # it may be going at this moment
        return os.isatty(self.fileno())


def errors_of_gone_reader(mode: int, system: str) -> tuple[int, ...]:
    """What ``system`` (``os.name``) says when nobody reads a stream of this ``mode`` (``st_mode``) any more."""
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        return _NO_READER_ON_WINDOWS if system == "nt" else _NO_READER
    return _NO_TERMINAL if stat.S_ISCHR(mode) else ()


def _is_plain(stream: TextIO) -> bool:
    """Whether it is as Python made it, over a descriptor; Windows' own console is not."""
    return type(getattr(stream.buffer, "raw", stream.buffer)) is io.FileIO


def _make_lasting(stream: Any, name: str) -> TextIO:
    stream.flush()
    gone = errors_of_gone_reader(os.fstat(stream.fileno()).st_mode, os.name)
    raw, direct = LastingStream(stream.fileno(), STREAMS[name], gone), stream.write_through  # direct: python -u
    buffer: Any = raw if direct else io.BufferedWriter(raw)
    return io.TextIOWrapper(
        buffer, stream.encoding, stream.errors, line_buffering=stream.line_buffering, write_through=direct
    )

"""The one way from the command line to the terminal: nothing is echoed that a terminal would obey.

Titles, file names, a manifest's notice and what other libraries say of them come from outside. So no command prints by
itself, and none can forget to make a text safe; ``tests/cli/test_echo.py`` proves it. Progress goes through
``progress``, in the same way.

Texts for people are in the console's encoding, with marks for what it lacks (``streams``). JSON is for programs and
means the same under every code page: where the stream is not UTF-8 it is ASCII, which is UTF-8, too.
"""

from __future__ import annotations

import codecs
import io
import sys
from typing import Any, TextIO

import click

from leads_local import terminal_text
from leads_local.app.outcome import Outcome
from leads_local.errors import ExitCode


def echo(text: str = "", *, err: bool = False) -> None:
    """One text and a line end, on standard output or, with ``err``, on standard error."""
    _write(terminal_text.safe_block(text), sys.stderr if err else sys.stdout)


def echo_outcome(outcome: Outcome, *, quiet: bool = False) -> ExitCode:
    """Results on standard output, notices on standard error, a line each. ``quiet`` leaves standard output to what
    follows. Returns the exit code."""
    for line in () if quiet else outcome.results:
        echo(terminal_text.safe_line(line))
    for line in outcome.notices:
        echo(terminal_text.safe_line(line), err=True)
    return ExitCode.look_if(outcome.failed)


def at_terminal(*streams: TextIO | None) -> bool:
    """Whether all of them are a terminal; a stream that was closed before the program began is none."""
    return all(stream is not None and stream.isatty() for stream in streams)


def ask_yes_or_no(question: str) -> bool:
    """Whether the person at the terminal says yes; no is what Enter means."""
    return click.confirm(terminal_text.safe_line(question), default=False, err=True)


def ask_text(question: str, suggested: str = "") -> str:
    """What the person at the terminal types, ``suggested`` where that is nothing."""
    said = click.prompt(terminal_text.safe_line(question), default=suggested or None, err=True)
    return str(said)


def print_json(value: Any) -> None:
    """``value`` as JSON on standard output, exact: a program reads there what was meant, a terminal obeys nothing.

    A file name that is no Unicode is exact, too: Python's ``os.fsencode`` gives its bytes.
    """
    _write(terminal_text.safe_json(value, ascii_only=not _is_utf8(sys.stdout)), sys.stdout)


def _write(text: str, stream: TextIO | None) -> None:
    """At once, so that what two streams say stands in the order in which it was said. click would write UTF-8 to what
    says it is ASCII."""
    if stream is not None:
        stream.write(f"{text}\n")
        stream.flush()


def _is_utf8(stream: TextIO | None) -> bool:
    return stream is not None and codecs.lookup(stream.encoding or "ascii").name == "utf-8"


def echo_error(error: click.ClickException) -> None:
    """What click says of unusable arguments, which it repeats as they were given."""
    said = io.StringIO()
    error.show(said)
    echo(said.getvalue().removesuffix("\n"), err=True)

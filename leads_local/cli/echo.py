"""The one way from the command line to the terminal: nothing is echoed that a terminal would obey.

Titles, file names, a manifest's notice and what other libraries say of them come from outside. So no command prints by
itself, and none can forget to make a text safe; ``tests/cli/test_echo.py`` proves it. Progress goes through
``progress``, in the same way.
"""

from __future__ import annotations

import io
from typing import Any, TextIO

import click

from leads_local import terminal_text
from leads_local.app.outcome import Outcome
from leads_local.errors import ExitCode


def echo(text: str = "", *, err: bool = False) -> None:
    """One text and a line end, on standard output or, with ``err``, on standard error."""
    click.echo(terminal_text.safe_block(text), err=err)


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


def print_json(value: Any) -> None:
    """``value`` as JSON on standard output, exact: a program reads there what was meant, a terminal obeys nothing."""
    click.echo(terminal_text.safe_json(value))


def echo_error(error: click.ClickException) -> None:
    """What click says of unusable arguments, which it repeats as they were given."""
    said = io.StringIO()
    error.show(said)
    echo(said.getvalue().removesuffix("\n"), err=True)

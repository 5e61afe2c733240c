"""What happens when something raises inside the interface: one sentence for the person, the traceback for the log file.

Textual stops the message loop of a widget whose handler raised, which leaves a dead screen, and then prints a traceback with local
variables, texts of papers among them. Here every handler and key action is guarded instead: the error is told, the loop goes on, and
what was decided is in the review file already. Nothing here may raise.
"""

from __future__ import annotations

import contextlib
import traceback
from datetime import UTC, datetime
from typing import Protocol, cast

from textual.message import Message
from textual.message_pump import MessagePump

from leads_local import paths, private
from leads_local.errors import LeadsError


class Reporter(Protocol):
    """The app, as far as a guarded widget needs it."""

    def report(self, error: Exception) -> None: ...


def sentence(error: Exception) -> str:
    """What to tell a person. An error that isn't a LeadsError is a fault of the program and is written to the log file."""
    if isinstance(error, LeadsError):
        return str(error)
    write_log(error)
    return f"Something went wrong inside the program; what you decided is stored. The details are in {paths.log_file()}."


def write_log(error: BaseException) -> None:
    """Append the traceback to the log file. A log that can't be written is no reason to fail again."""
    lines = traceback.format_exception(error)
    with contextlib.suppress(OSError), private.append(paths.log_file()) as log:
        log.write(f"--- {datetime.now(UTC).isoformat(timespec='seconds')} terminal UI\n{''.join(lines)}")


class Guarded(MessagePump):
    """A screen or widget whose handlers may fail without ending its message loop. Must stand before the Textual class in the bases."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            cast("Reporter", self.app).report(error)

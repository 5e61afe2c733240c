"""What happens when something raises inside the interface: one sentence for the person, the traceback for the log file.

Textual stops the message loop of a widget whose handler raised, which leaves a dead screen, and then prints a traceback
with local variables, texts of papers among them. Here every handler and key action is guarded instead: the error is
told, the loop goes on, and what was decided is in the review file already. Nothing here may raise.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual.message import Message
from textual.message_pump import MessagePump

from leads_local import fault_log
from leads_local.errors import LeadsError


@runtime_checkable
class FaultReporter(Protocol):
    """The app, as far as a guarded widget needs it."""

    def report(self, error: Exception) -> None: ...


def error_sentence(error: Exception) -> str:
    """What to tell a person. An error that isn't a LeadsError is a fault of the program and is written to the log
    file."""
    if isinstance(error, LeadsError):
        return str(error)
    where = fault_log.record_fault(error, "terminal UI")
    return f"Something went wrong inside the program; what you decided is stored, and {where}."


class Guarded(MessagePump):
    """A screen or widget whose handlers may fail without ending its message loop. Must stand before the Textual class
    in the bases."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            if not isinstance(self.app, FaultReporter):
                raise
            self.app.report(error)

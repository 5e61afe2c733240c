"""What a person is told and asked, and what becomes of an error: no traceback reaches the terminal (see
``error_guard``)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from rich.text import Text
from textual.notifications import SeverityLevel
from textual.screen import Screen

from leads_local.app.outcome import Outcome
from leads_local.errors import LeadsError
from leads_local.terminal_text import safe_block, safe_line
from leads_local.tui import error_guard
from leads_local.tui.app_keys import KeysInOrder

_SAME_FAULT_SECONDS = 2.0
_ERROR_SECONDS = 12.0

Answer = TypeVar("Answer")


class TellingApp(error_guard.Guarded, KeysInOrder):
    """An app that tells, asks, and survives errors."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[Exception] = []  # errors that are no LeadsError: faults of ours, written to the log file
        self._told = ("", 0.0)

    def tell(self, text: str, severity: SeverityLevel = "information") -> None:
        """A short notice; an error stays longer. ``text`` may hold anything; none of it is markup."""
        self.notify(
            safe_line(text), severity=severity, timeout=_ERROR_SECONDS if severity == "error" else None, markup=False
        )

    def report(self, error: Exception) -> None:
        """Tell of an error in one sentence, without repeating it while it keeps happening. Never raises."""
        if not isinstance(error, LeadsError):
            self.faults.append(error)
        text, now = error_guard.error_sentence(error), time.monotonic()
        if text == self._told[0] and now - self._told[1] < _SAME_FAULT_SECONDS:
            return
        self._told = (text, now)
        self.tell(text, "error")

    def _handle_exception(self, error: Exception) -> None:
        """What no guard caught: leave with one sentence instead of Textual's traceback, since a part of the screen may
        be dead."""
        if isinstance(error, LeadsError):
            self.report(error)
            return
        self.faults.append(error)
        self.exit(1, return_code=1, message=Text(safe_block(error_guard.error_sentence(error))))

    def tell_outcome(self, outcome: Outcome) -> None:
        """What came of something, as a notice."""
        self.tell(" ".join(outcome.lines), "warning" if outcome.failed else "information")

    def ask(self, dialog: Screen[Answer], then: Callable[[Answer | None], None]) -> None:
        """Show a dialog and call ``then`` with its answer, guarded as a handler is."""

        def guarded(answer: Answer | None) -> None:
            try:
                then(answer)
            except Exception as error:
                self.report(error)

        self.push_screen(dialog, guarded)

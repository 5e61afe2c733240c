"""What a screen may ask of the app that it is shown in: the only thing that screens know of the app.

Why it exists: the app makes the screens and so imports them; without this, screens would have to import the app.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.signal import Signal

from leads_local.records import ScreeningMethod, Stage
from leads_local.tui.file_tasks import Chore
from leads_local.tui.model_job import WorkView
from leads_local.tui.session import Session

Answer = TypeVar("Answer")


class LeadsInterface(Protocol):
    """The app as its screens see it: telling, asking, and what runs beside the screen."""

    @property
    def work_signal(self) -> Signal[WorkView]:
        """Carries each new view of the model's work."""

    @property
    def work_view(self) -> WorkView:
        """The model's work as it is now."""

    def tell(self, text: str, severity: SeverityLevel = "information") -> None:
        """Show a short notice."""

    def report(self, error: Exception) -> None:
        """Tell of an error in one sentence."""

    def ask(self, dialog: Screen[Answer], then: Callable[[Answer | None], None]) -> None:
        """Show a dialog and call ``then`` with its answer."""

    def start_work(self, stage: Stage | None, retry: bool = False, way: ScreeningMethod | None = None) -> None:
        """Let the model screen at ``stage``, or extract (None); with ``retry`` also what failed before."""

    def stop_work(self) -> None:
        """Ask the model to stop. What is answered is kept."""

    def explain(self, stage: Stage, record_id: int) -> None:
        """Let the model give the reasons that this record's judgements lack."""

    def record_opened(self, stage: Stage, record_id: int) -> None:
        """A record whose judgements lack reasons is in view."""

    def start_chore(self, what: str, chore: Chore) -> None:
        """Run an import or the like beside the screen."""

    def show_paper(self, record_id: int, value_id: int = 0) -> None:
        """Open the text of a paper, at the quote of a value when one is named."""

    def show_page(self, record_id: int, value_id: int = 0, number: int = 0) -> None:
        """Open a page of a paper as it is printed, at the place of a value when one is named."""

    def put_back(self, session: Session, acts: Path) -> None:
        """Put what was said in another version of the review into this one."""

    def go_back(self, copy: Path) -> None:
        """Put a copy in the place of the open review."""

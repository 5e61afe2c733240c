"""The terminal UI: the keys that lead everywhere, and where they lead.

What a LeadsApp does is written in layers, each of which knows only those before it: ``app_keys`` (keys in order),
``app_telling`` (notices, dialogs, errors), ``app_work`` (what runs beside the screen), ``app_reviews`` (which review is
open). Screens decide what to show and know the app as an ``interface``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider

from leads_local import ending
from leads_local.config import Settings
from leads_local.engine import Engine
from leads_local.review.database import DamagedReview
from leads_local.review.opening import OldReview
from leads_local.tui import key_bytes, model_job
from leads_local.tui.app_reviews import ReviewsApp
from leads_local.tui.commands import KeyCommands
from leads_local.tui.screens.base import ReviewScreen
from leads_local.tui.screens.help import HelpScreen
from leads_local.tui.session import Session


def _open_engine(settings: Settings, loading: Callable[[float], None]) -> Engine:
    from leads_local.engine.host import open_engine
    from leads_local.tasks import prompts, screening

    return open_engine(settings, loading, least_context=screening.least_context(prompts.in_use(settings)))


class LeadsApp(ReviewsApp):
    """The application. ``session`` is an open review, or None to begin at the list of reviews; ``open_engine`` loads a
    model."""

    TITLE = "leads-local"
    CSS_PATH = "leads.tcss"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = App.COMMANDS | {KeyCommands}
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "go('overview')", "Overview", show=False, tooltip="The review in numbers, and what to do next."),
        Binding("2", "go('screening')", "Screening", show=False, tooltip="Decide which records belong to the review."),
        Binding(
            "3", "go('extraction')", "Extraction", show=False, tooltip="Check the values read from the included papers."
        ),
        Binding(
            "0", "home", "Other reviews", show=False, tooltip="Close this review and choose another, or make a new one."
        ),
        Binding(
            "question_mark,f1",
            "help",
            "Help",
            key_display="?",
            tooltip="Explain the keys and the words of this screen.",
        ),
        Binding("q,ctrl+q", "quit", "Quit", show=False, tooltip="Leave. Every decision is stored already."),
    ]

    def __init__(
        self,
        settings: Settings,
        session: Session | None = None,
        open_engine: model_job.OpenEngine = _open_engine,
        *,
        first: Path | None = None,
    ) -> None:
        super().__init__(settings, session, open_engine, first)

    def action_go(self, place: str) -> None:
        if isinstance(self.screen, ReviewScreen) and self.screen.place != place:
            screen = self.get_screen(place, ReviewScreen)
            screen.stale = True
            self.switch_screen(screen)

    async def action_home(self) -> None:
        if not isinstance(self.screen, ReviewScreen) or self.session is None:
            return
        if self.work_view.busy or self._chores.running:
            self.tell("Work on this review is still running: x stops the model.", "warning")
            return
        await self._go_home()

    def action_help(self) -> None:
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))


def run_ui(review: Path | None, settings: Settings) -> int:
    """Open the terminal UI, with ``review`` when one is given, and return the exit code.

    Raises ReviewError when it can't be opened, and Ended when a signal or a terminal that is gone has ended it.
    """
    try:
        session, first = (Session.open(review, settings) if review is not None else None), None
    except (OldReview, DamagedReview):  # which the app asks about
        session, first = None, review
    app = LeadsApp(settings, session, first=first)
    key_bytes.tolerate_other_encodings()
    try:
        with ending.stop_instead(app.end):
            ending.watch_terminal()
            result = app.run()
    finally:
        if app.session is not None:
            app.session.close()
    return result if result is not None else (app.return_code or 0)

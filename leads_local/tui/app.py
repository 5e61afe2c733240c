"""The terminal UI: what is open, which screen is in view, and the work that runs beside it.

Why it exists: it is the only place that starts threads and owns the open review. Screens decide what to show, workers
compute and post messages, the handlers here and in the screens change widgets. What a person decided is in the review
file before any message says so, so the program may end at any moment. No error may reach the terminal as a traceback
(see ``faults``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from rich.text import Text
from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.signal import Signal

from leads_local import ending
from leads_local.app.models import notes_on_model
from leads_local.app.outcome import Outcome
from leads_local.config import Settings
from leads_local.engine import Engine
from leads_local.errors import LeadsError, exit_code_of_signal
from leads_local.records import ScreeningMethod, Stage
from leads_local.review.database import DamagedReview, ReviewReplaced
from leads_local.review.opening import OldReview
from leads_local.terminal_text import safe_block, safe_line
from leads_local.tui import error_guard, labels, model_job, recent
from leads_local.tui.background import Chores, ModelWork
from leads_local.tui.commands import KeyCommands
from leads_local.tui.file_tasks import Chore
from leads_local.tui.messages import (
    ChoreEnded,
    ChoreProgressed,
    ModelLoaded,
    ModelLoading,
    ReviewChosen,
    WorkEnded,
    WorkProgressed,
)
from leads_local.tui.model_job import WorkView
from leads_local.tui.screens import keeping
from leads_local.tui.screens.base import ReviewScreen
from leads_local.tui.screens.pick import PickItem, PickOne
from leads_local.tui.session import Session

_REDRAW_SECONDS = 0.5  # how often progress may make a screen read the review again
_SAME_FAULT_SECONDS = 2.0
_ERROR_SECONDS = 12.0
_LOOK_SECONDS = 2.0  # how often the open file is compared with the one at its path
_LOOK_AGAIN_SECONDS = 0.1

Answer = TypeVar("Answer")

if TYPE_CHECKING:
    from leads_local.tui.screens.overview import OverviewScreen


def _open_engine(settings: Settings, loading: Callable[[float], None]) -> Engine:
    from leads_local.engine.host import open_engine
    from leads_local.tasks import prompts, screening

    return open_engine(settings, loading, least_context=screening.least_context(prompts.in_use(settings)))


class LeadsApp(error_guard.Guarded, App[int]):
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
        super().__init__()
        self._first = first  # opened at the start, with whatever is to be asked about it
        self.settings = settings
        self.session = session
        self.faults: list[
            Exception
        ] = []  # errors that are no LeadsError: each is a fault of ours, written to the log file
        self.work_signal: Signal[WorkView] = Signal(self, "work")
        idle_note = labels.describe_model(Path(settings.model).expanduser()) if settings.model else labels.NO_MODEL
        self._work = ModelWork(self, open_engine, self.work_signal.publish, idle_note)
        self._chores = Chores(self)
        self._leaving = False
        self._replaced = False  # a dialog about it is open
        self._ended = 0  # by this signal
        self._loop_here: asyncio.AbstractEventLoop | None = None
        self._redrawn = 0.0
        self._told = ("", 0.0)

    def on_mount(self) -> None:
        from leads_local.tui.screens.home import HomeScreen

        if self.session is None:
            self.push_screen(HomeScreen())
            if self._first is not None:
                self.post_message(ReviewChosen(self._first))
        else:
            self._install(self.session)
            self.push_screen("overview")
            self._tell_of(self.session)
        self.set_interval(_LOOK_SECONDS, self._look)
        self._loop_here = asyncio.get_running_loop()
        if self._ended:
            self._leave_now()

    # ------------------------------------------------------------ what a person is told

    def tell(self, text: str, severity: SeverityLevel = "information") -> None:
        """A short notice; an error stays longer. ``text`` may hold anything; none of it is markup."""
        self.notify(
            safe_line(text), severity=severity, timeout=_ERROR_SECONDS if severity == "error" else None, markup=False
        )

    def report(self, error: Exception) -> None:
        """Tell of an error in one sentence, without repeating it while it keeps happening. Never raises."""
        if isinstance(error, ReviewReplaced):
            self._tell_replaced(error)
            return
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

    def ask(self, dialog: Screen[Answer], then: Callable[[Answer | None], None]) -> None:
        """Show a dialog and call ``then`` with its answer, guarded as a handler is."""

        def guarded(answer: Answer | None) -> None:
            try:
                then(answer)
            except Exception as error:
                self.report(error)

        self.push_screen(dialog, guarded)

    # ------------------------------------------------------------ places

    def _install(self, session: Session) -> None:
        from leads_local.tui.screens.extraction import ExtractionScreen
        from leads_local.tui.screens.overview import OverviewScreen
        from leads_local.tui.screens.screening import ScreeningScreen

        self.session = session
        recent.remember(session.path)
        for screen in (OverviewScreen(session), ScreeningScreen(session), ExtractionScreen(session)):
            self.install_screen(screen, screen.place)

    @on(ReviewChosen)
    def _review_chosen(self, event: ReviewChosen) -> None:
        try:
            session = Session.open(event.path, self.settings, look_only=event.look_only)
        except OldReview as error:
            self.ask(keeping.ask_upgrade(event.path, str(error)), partial(self._upgrade_answered, event))
            return
        except DamagedReview as error:
            if event.look_only:
                raise
            self.ask(keeping.ask_damaged(event.path, str(error)), partial(self._damaged_answered, event))
            return
        try:
            if event.rescued is not None:
                self.put_back(session, event.rescued)
        except LeadsError as error:  # of another review, say: what is there is opened all the same
            self.report(error)
        self._install(session)
        self.switch_screen("overview")
        self._tell_of(session)

    def _tell_of(self, session: Session) -> None:
        """What a person should know of the file."""
        for notice in session.review.notices:
            self.tell(notice, "warning")
        if not session.review.writable:
            self._tell_read_only(session)

    def _tell_read_only(self, session: Session) -> None:
        self.tell(
            f"{session.path} can only be read: {session.review.read_only}. Nothing that you decide can be stored.",
            "error",
        )

    def _upgrade_answered(self, event: ReviewChosen, answer: str | None) -> None:
        from leads_local.app import safekeeping

        path = event.path
        if answer == keeping.UPGRADE:
            self._tell_outcome(safekeeping.describe_upgrade(path, safekeeping.upgrade(path)))
            self.post_message(ReviewChosen(path, event.rescued))
        elif answer == keeping.LOOK_ONLY:
            self.post_message(ReviewChosen(path, look_only=True))

    def _damaged_answered(self, event: ReviewChosen, answer: str | None) -> None:
        from leads_local.app import safekeeping

        if answer == keeping.LOOK_ONLY:
            self.post_message(ReviewChosen(event.path, look_only=True))
        elif answer == keeping.RESTORE:
            copies = safekeeping.list_copies(event.path)
            self.ask(keeping.ask_which_copy(copies), partial(self._restore, event.path))

    def _restore(self, path: Path, copy: str | None) -> None:
        """Put a copy in the place of a review that is not open, which is kept, and open it."""
        from leads_local.app import safekeeping
        from leads_local.review import backups

        if copy:
            self._tell_outcome(safekeeping.describe_restore(path, backups.restore(path, Path(copy))))
            self.post_message(ReviewChosen(path))

    def _tell_outcome(self, outcome: Outcome) -> None:
        self.tell(" ".join(outcome.lines), "warning" if outcome.failed else "information")

    # ------------------------------------------------------------ copies, and other versions

    def _look(self) -> None:
        """Every few seconds: is the file at the review's path still the one that is open?"""
        if self.session is not None and not self._replaced:
            try:
                self.session.review.check_same()
            except LeadsError as error:
                self.report(error)

    def _tell_replaced(self, error: ReviewReplaced) -> None:
        if self.session is not None and not self._replaced:
            self._replaced = True
            path = self.session.path
            dialog = keeping.ask_what_of_replaced(
                str(error), acts=error.acts is not None, copy=error.copy is not None, there=path.exists()
            )
            self.ask(dialog, partial(self._replaced_answered, path, error))

    def _replaced_answered(self, path: Path, error: ReviewReplaced, answer: str | None) -> None:
        from leads_local.review import backups

        def then() -> None:
            self._replaced = False
            if answer == keeping.KEEP_MINE and error.copy is not None:
                done = backups.restore(path, error.copy)
                self.tell(
                    f"Your version is back. The other is kept as {done.kept}." if done.kept else "Your version is back."
                )
                self.post_message(ReviewChosen(path, error.acts))
            elif answer == keeping.PUT_BACK:
                self.post_message(ReviewChosen(path, error.acts))

        self._close_review(then)

    def put_back(self, session: Session, acts: Path) -> None:
        from leads_local.app import safekeeping

        self._tell_outcome(safekeeping.describe_put_back(session.review.put_back(acts)))

    def go_back(self, copy: Path) -> None:
        """Put a copy in the place of the open review, which is kept, and open it."""
        if self.session is None:
            return
        path = self.session.path

        self._close_review(lambda: self._restore(path, str(copy)))

    def _close_review(self, then: Callable[[], None]) -> None:
        """Stop what runs, close the review, and call ``then`` from the list of reviews."""
        self.stop_work()
        self._chores.stop()

        async def when_idle() -> None:
            if self.work_view.busy or self._chores.running:
                self.set_timer(_LOOK_AGAIN_SECONDS, when_idle)
                return
            try:
                while not isinstance(self.screen, ReviewScreen):  # a dialog, or a paper
                    self.pop_screen()
                await self._go_home()
                then()
            except Exception as error:
                self.report(error)

        self.call_later(when_idle)

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

    async def _go_home(self) -> None:
        from leads_local.tui.screens.home import HomeScreen

        if self.session is None:
            return
        await self.switch_screen(HomeScreen())
        for place in ("overview", "screening", "extraction"):
            screen = self.get_screen(place)
            self.uninstall_screen(place)
            if screen.is_running:
                await screen.remove()
        session, self.session = self.session, None
        session.close()

    def show_paper(self, record_id: int, value_id: int = 0) -> None:
        """Open the text of a paper, at the quote of a value when one is named."""
        from leads_local.tui.screens.paper import PaperScreen

        if self.session is None or not record_id:
            return
        values = self.session.review.values(record_id) if value_id else []
        stored = next((stored for stored in values if stored.id == value_id), None)
        document = self.session.document_of(stored) if stored is not None else self.session.document(record_id)
        if document is None or not document.passages:
            reason = (
                f"The full text can't be read: {document.problem}"
                if document
                else "No full text is attached to this record."
            )
            self.tell(reason, "warning")
            return
        self.push_screen(PaperScreen(document, stored.value.quote if stored is not None else None))

    def action_help(self) -> None:
        from leads_local.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    # ------------------------------------------------------------ the model's work

    @property
    def work_view(self) -> WorkView:
        return self._work.view

    def start_work(self, stage: Stage | None, retry: bool = False, way: ScreeningMethod | None = None) -> None:
        """Screen at ``stage``, or extract (None), beside whatever the person does; with ``retry`` also what failed
        before."""
        if self.session is not None and self.session.review.writable:
            self._work.start(self.session, stage, retry, way)
        elif self.session is not None:
            self._tell_read_only(self.session)

    def explain(self, stage: Stage, record_id: int) -> None:
        """Let the model give the reasons that this record's judgements lack, and those of each record that is opened
        from now on."""
        if self.session is not None and not self._work.explain(self.session, stage, record_id):
            self.tell("The model is at work; x stops it. Reasons can be asked for afterwards.", "warning")

    def record_opened(self, stage: Stage, record_id: int) -> None:
        """A record without reasons is in view."""
        self._work.opened(stage, record_id)

    def stop_work(self) -> None:
        self._work.stop()

    @on(ModelLoading)
    def _model_loading(self, event: ModelLoading) -> None:
        self._work.loading(event)

    @on(ModelLoaded)
    def _model_loaded(self, event: ModelLoaded) -> None:
        self._work.loaded()
        for note in notes_on_model(event.model):
            self.tell(note, "warning")

    @on(WorkProgressed)
    def _work_progressed(self, event: WorkProgressed) -> None:
        self._work.progressed(event)
        now = time.monotonic()
        if now - self._redrawn >= _REDRAW_SECONDS or event.progress.done == event.progress.total:
            self._redrawn = now
            self._redraw()

    @on(WorkEnded)
    def _work_ended(self, event: WorkEnded) -> None:
        failed = self.work_view.failed
        said = self._work.ended(event)
        self._redraw()
        if self._leaving:
            self._leave()
        else:
            self.tell(said, "error" if event.problem else "warning" if failed else "information")

    def _redraw(self) -> None:
        if isinstance(self.screen, ReviewScreen):
            self.screen.work_changed()

    # ------------------------------------------------------------ chores

    def start_chore(self, what: str, chore: Chore) -> None:
        """Run an import or the like in a thread, one at a time."""
        if self.session is not None and not self._chores.start(what, chore, self.session.open_again):
            self.tell(f"{self._chores.running} is still running.", "warning")

    @on(ChoreProgressed)
    def _chore_progressed(self, event: ChoreProgressed) -> None:
        self._overview().show_progress(event)

    @on(ChoreEnded)
    def _chore_ended(self, event: ChoreEnded) -> None:
        self._chores.ended()
        if self._leaving:
            self._leave()
            return
        if self.session is not None:
            self.session.forget_documents()
        self._overview().show_end(event)
        if not self._overview().is_current:
            more = f" … {len(event.lines) - 2:,} more lines in the overview." if len(event.lines) > 2 else ""
            self.tell(event.problem or " ".join(event.lines[:2]) + more, "error" if event.problem else "information")

    def _overview(self) -> OverviewScreen:
        from leads_local.tui.screens.overview import OverviewScreen

        return self.get_screen("overview", OverviewScreen)

    # ------------------------------------------------------------ leaving

    async def action_quit(self) -> None:
        if not (self.work_view.busy or self._chores.running):
            self.exit(0)
            return
        what = "The model is working" if self.work_view.busy else f"{self._chores.running} is not finished"
        answers = [PickItem("k", "Keep working", "keep"), PickItem("s", "Stop and quit", "quit")]
        explanation = "All that is finished so far is stored. Started again, it goes on from there."
        self.ask(PickOne(f"{what}. Quit?", answers, "keep", explanation), self._quit_answered)

    def _quit_answered(self, answer: str | None) -> None:
        if answer == "quit":
            self._leaving = True
            self.stop_work()
            self._chores.stop()
            self._leave()

    def _leave(self) -> None:
        """Go, once the last thread has said that it is over."""
        if not (self.work_view.busy or self._chores.running):
            self.exit(0)

    def end(self, number: int) -> None:
        """Leave, since this signal asks for it. From any thread, and from a handler of signals."""
        self._ended = number
        if self._loop_here is not None:
            self._loop_here.call_soon_threadsafe(self._leave_now)

    def _leave_now(self) -> None:
        """Stop what runs and go, without waiting for it on the screen: Python waits for its threads, for as long as
        there is time."""
        self._leaving = True
        self.stop_work()
        self._chores.stop()
        code = exit_code_of_signal(self._ended)
        self.exit(code, return_code=code)

    def panic(self, *renderables: object) -> None:
        """Textual's way out with a traceback, which its threads take. Without a terminal they fail, and the end is on
        its way."""
        self.exit(
            1,
            return_code=1,
            message=None if self._ended else Text("The terminal can't be read; what you decided is stored."),
        )


def run_ui(review: Path | None, settings: Settings) -> int:
    """Open the terminal UI, with ``review`` when one is given, and return the exit code.

    Raises ReviewError when it can't be opened, and Ended when a signal or a terminal that is gone has ended it.
    """
    try:
        session, first = (Session.open(review, settings) if review is not None else None), None
    except (OldReview, DamagedReview):  # which the app asks about
        session, first = None, review
    app = LeadsApp(settings, session, first=first)
    try:
        with ending.stop_instead(app.end):
            ending.watch_terminal()
            result = app.run()
    finally:
        if app.session is not None:
            app.session.close()
    return result if result is not None else (app.return_code or 0)

"""The terminal UI: what is open, which screen is in view, and the work that runs beside it.

Why it exists: it is the only place that starts threads and owns the open review. Screens decide what to show, workers compute and post
messages, the handlers here and in the screens change widgets. What a person decided is in the review file before any message says so,
so the program may end at any moment. No error may reach the terminal as a traceback (see ``faults``).
"""

from __future__ import annotations

import threading
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
from textual.screen import Screen
from textual.signal import Signal

from leads_local.config import Settings
from leads_local.engine import Engine
from leads_local.errors import LeadsError
from leads_local.records import ModelInfo, Progress, Stage
from leads_local.tui import faults, recent, words, work
from leads_local.tui.chores import Chore
from leads_local.tui.commands import KeyCommands
from leads_local.tui.messages import ChoreEnded, ChoreProgressed, ModelLoaded, ModelLoading, ReviewChosen, WorkEnded, WorkProgressed
from leads_local.tui.screens.base import ReviewScreen
from leads_local.tui.screens.pick import Choice, Pick
from leads_local.tui.session import Session
from leads_local.tui.verbatim import line
from leads_local.tui.work import Job, Pace, Phase, WorkView

_REDRAW_SECONDS = 0.5  # how often progress may make a screen read the review again
_SAME_FAULT_SECONDS = 2.0

Answer = TypeVar("Answer")

if TYPE_CHECKING:
    from leads_local.tui.screens.overview import OverviewScreen


class _Stopped(Exception):
    """A chore was asked to end."""


def _open_engine(settings: Settings, loading: Callable[[float], None]) -> Engine:
    from leads_local.engine.host import open_engine

    return open_engine(settings, loading)


class LeadsApp(faults.Guarded, App[int]):
    """The application. ``session`` is an open review, or None to begin at the list of reviews; ``open_engine`` loads a model."""

    TITLE = "leads-local"
    CSS_PATH = "leads.tcss"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {KeyCommands}
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "go('overview')", "Overview", show=False, tooltip="The review in numbers, and what to do next."),
        Binding("2", "go('screening')", "Screening", show=False, tooltip="Decide which records belong to the review."),
        Binding("3", "go('extraction')", "Extraction", show=False, tooltip="Check the values read from the included papers."),
        Binding("0", "home", "Other reviews", show=False, tooltip="Close this review and choose another, or make a new one."),
        Binding("question_mark,f1", "help", "Help", key_display="?", tooltip="Explain the keys and the words of this screen."),
        Binding("q,ctrl+q", "quit", "Quit", show=False, tooltip="Leave. Every decision is stored already."),
    ]

    def __init__(self, settings: Settings, session: Session | None = None, open_engine: work.OpenEngine = _open_engine) -> None:
        super().__init__()
        self.settings = settings
        self.session = session
        self.faults: list[Exception] = []  # errors that are no LeadsError: each is a fault of ours, written to the log file
        self.work_view = WorkView(note=self._idle_note())
        self.work_signal: Signal[WorkView] = Signal(self, "work")
        self._open_engine = open_engine
        self._cancel = threading.Event()
        self._chore = ""
        self._chore_cancel = threading.Event()
        self._leaving = False
        self._redrawn = 0.0
        self._told = ("", 0.0)

    def on_mount(self) -> None:
        from leads_local.tui.screens.home import HomeScreen

        if self.session is None:
            self.push_screen(HomeScreen())
        else:
            self._install(self.session)
            self.push_screen("overview")

    # ------------------------------------------------------------ what a person is told

    def tell(self, text: str, warning: bool = False) -> None:
        """A short notice. ``text`` may hold anything; none of it is markup."""
        self.notify(line(text), severity="warning" if warning else "information", markup=False)

    def report(self, error: Exception) -> None:
        """Tell of an error in one sentence, without repeating it while it keeps happening. Never raises."""
        if not isinstance(error, LeadsError):
            self.faults.append(error)
        text, now = faults.sentence(error), time.monotonic()
        if text == self._told[0] and now - self._told[1] < _SAME_FAULT_SECONDS:
            return
        self._told = (text, now)
        self.notify(line(text), severity="error", timeout=12, markup=False)

    def _handle_exception(self, error: Exception) -> None:
        """What no guard caught: leave with one sentence instead of Textual's traceback, since a part of the screen may be dead."""
        if isinstance(error, LeadsError):
            self.report(error)
            return
        self.faults.append(error)
        self.exit(1, return_code=1, message=Text(faults.sentence(error)))

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
        session = Session.open(event.path, self.settings)
        self._install(session)
        self.switch_screen("overview")

    def action_go(self, place: str) -> None:
        if isinstance(self.screen, ReviewScreen) and self.screen.place != place:
            screen = self.get_screen(place, ReviewScreen)
            screen.stale = True
            self.switch_screen(screen)

    async def action_home(self) -> None:
        from leads_local.tui.screens.home import HomeScreen

        if not isinstance(self.screen, ReviewScreen) or self.session is None:
            return
        if self.work_view.busy or self._chore:
            self.tell("Work on this review is still running: x stops the model.", warning=True)
            return
        await self.switch_screen(HomeScreen())
        for place in ("overview", "screening", "extraction"):
            screen = self.get_screen(place)
            self.uninstall_screen(place)
            if screen.is_running:
                await screen.remove()
        self.session.close()
        self.session = None

    def show_paper(self, record_id: int, value_id: int = 0) -> None:
        """Open the text of a paper, at the quote of a value when one is named."""
        from leads_local.tui.screens.paper import PaperScreen

        if self.session is None or not record_id:
            return
        document = self.session.document(record_id)
        if document is None or not document.passages:
            reason = f"The full text can't be read: {document.problem}" if document else "No full text is attached to this record."
            self.tell(reason, warning=True)
            return
        values = self.session.review.values(record_id) if value_id else []
        quote = next((stored.value.quote for stored in values if stored.id == value_id), None)
        self.push_screen(PaperScreen(document, quote))

    def action_help(self) -> None:
        from leads_local.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    # ------------------------------------------------------------ the model's work

    def start_work(self, stage: Stage | None, retry: bool = False) -> None:
        """Screen at ``stage``, or extract, beside whatever the person does; with ``retry`` also what failed before."""
        if self.session is None or self.work_view.busy:
            return
        job = Job(self.session.path, stage, retry)
        self._cancel = threading.Event()
        self._show_work(WorkView(Phase.STARTING, job.what))
        self.run_worker(partial(self._work, job, self._cancel), name=job.what, group="model", thread=True, exit_on_error=False)

    def stop_work(self) -> None:
        if self.work_view.busy:
            self._cancel.set()
            view = self.work_view
            self._show_work(WorkView(Phase.STOPPING, view.what, view.done, view.total, view.failed))

    def _work(self, job: Job, cancel: threading.Event) -> None:
        """In a thread: do the job and post how far it is. Whatever happens, the last message is WorkEnded."""
        assert self.session is not None
        pace, problem, form = Pace(), "", self.session.form
        try:
            for progress in work.run(job, self.settings, form, self._open_engine, cancel, loading=self._loading, loaded=self._loaded):
                self.post_message(WorkProgressed(job, progress, pace.left(progress)))
        except Exception as error:
            problem = faults.sentence(error)
        self.post_message(WorkEnded(job, cancel.is_set(), problem))

    def _loading(self, part: float) -> None:
        self.post_message(ModelLoading(part))

    def _loaded(self, model: ModelInfo) -> None:
        self.post_message(ModelLoaded(model))

    @on(ModelLoading)
    def _model_loading(self, event: ModelLoading) -> None:
        if self.work_view.phase is Phase.STARTING:
            self._show_work(WorkView(Phase.STARTING, self.work_view.what, round(100 * event.part), 100))

    @on(ModelLoaded)
    def _model_loaded(self, event: ModelLoaded) -> None:
        if self.work_view.phase is Phase.STARTING:
            self._show_work(WorkView(Phase.RUNNING, self.work_view.what))
        if event.model.notice:
            self.tell(f"Note on this model: {event.model.notice}", warning=True)

    @on(WorkProgressed)
    def _work_progressed(self, event: WorkProgressed) -> None:
        phase = Phase.STOPPING if self._cancel.is_set() else Phase.RUNNING
        progress = event.progress
        self._show_work(WorkView(phase, event.job.what, progress.done, progress.total, progress.failed, event.seconds_left))
        now = time.monotonic()
        if now - self._redrawn >= _REDRAW_SECONDS:
            self._redrawn = now
            self._redraw()

    @on(WorkEnded)
    def _work_ended(self, event: WorkEnded) -> None:
        view = self.work_view
        self._show_work(WorkView(note=self._idle_note()))
        self._redraw()
        if self._leaving:
            self._leave()
        elif event.problem:
            self.notify(line(event.problem), severity="error", timeout=12, markup=False)
        else:
            done = f"{event.job.what}: {view.done:,} done" if view.done else f"{event.job.what}: nothing was pending"
            failed = f", {words.count(view.failed, 'failure')} (! lists them)" if view.failed else ""
            self.tell(f"{done}{failed}. {'Stopped; s goes on from here.' if event.stopped else ''}", warning=bool(view.failed))

    def _show_work(self, view: WorkView) -> None:
        self.work_view = view
        self.work_signal.publish(view)

    def _redraw(self) -> None:
        if isinstance(self.screen, ReviewScreen):
            self.screen.work_changed()

    def _idle_note(self) -> str:
        return f"Model: {Path(self.settings.model).name}. s starts it." if self.settings.model else words.NO_MODEL

    # ------------------------------------------------------------ chores

    def start_chore(self, what: str, chore: Chore) -> None:
        """Run an import or the like in a thread, one at a time."""
        if self._chore:
            self.tell(f"{self._chore} is still running.", warning=True)
            return
        assert self.session is not None
        self._chore, self._chore_cancel = what, threading.Event()
        self.run_worker(partial(self._do_chore, what, chore, self.session.path), name=what, group="chore", thread=True, exit_on_error=False)

    def _do_chore(self, what: str, chore: Chore, path: Path) -> None:
        """In a thread: whatever happens, the last message is ChoreEnded."""
        from leads_local.review.review import Review

        try:
            with Review.open(path) as review:
                lines = chore(review, self._chore_progress)
            self.post_message(ChoreEnded(what, lines))
        except _Stopped:
            self.post_message(ChoreEnded(what, problem=f"{what} was stopped; what was finished is kept."))
        except Exception as error:
            self.post_message(ChoreEnded(what, problem=faults.sentence(error)))

    def _chore_progress(self, progress: Progress) -> None:
        """In a thread. Raises _Stopped when the person has left: between two files, so that each is stored whole or not at all."""
        if self._chore_cancel.is_set():
            raise _Stopped
        self.post_message(ChoreProgressed(progress))

    @on(ChoreProgressed)
    def _chore_progressed(self, event: ChoreProgressed) -> None:
        self._overview().show_progress(event)

    @on(ChoreEnded)
    def _chore_ended(self, event: ChoreEnded) -> None:
        self._chore = ""
        if self._leaving:
            self._leave()
            return
        if self.session is not None:
            self.session.forget_documents()
        self._overview().show_end(event)
        if not self._overview().is_current:
            self.tell(event.problem or " ".join(event.lines[:2]), warning=bool(event.problem))

    def _overview(self) -> OverviewScreen:
        from leads_local.tui.screens.overview import OverviewScreen

        return self.get_screen("overview", OverviewScreen)

    # ------------------------------------------------------------ leaving

    async def action_quit(self) -> None:
        if not (self.work_view.busy or self._chore):
            self.exit(0)
            return
        what = "The model is working" if self.work_view.busy else f"{self._chore} is not finished"
        answers = [Choice("k", "Keep working", "keep"), Choice("s", "Stop and quit", "quit")]
        explanation = "All that is finished so far is stored. Started again, it goes on from there."
        self.ask(Pick(f"{what}. Quit?", answers, "keep", explanation), self._quit_answered)

    def _quit_answered(self, answer: str | None) -> None:
        if answer == "quit":
            self._leaving = True
            self.stop_work()
            self._chore_cancel.set()
            self._leave()

    def _leave(self) -> None:
        """Go, once the last thread has said that it is over."""
        if not (self.work_view.busy or self._chore):
            self.exit(0)


def run(review: Path | None, settings: Settings) -> int:
    """Open the terminal UI, with ``review`` when one is given, and return the exit code. Raises ReviewError when it can't be opened."""
    session = Session.open(review, settings) if review is not None else None
    app = LeadsApp(settings, session)
    result = app.run()
    if app.session is not None:
        app.session.close()
    return result if result is not None else (app.return_code or 0)

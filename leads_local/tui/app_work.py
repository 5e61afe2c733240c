"""What runs beside the screen, the model's work and chores, and leaving, which waits for both.

Workers compute and post messages; the handlers here keep the state of what runs and let the screen in view follow it.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from rich.text import Text
from textual import on
from textual.signal import Signal

from leads_local.app.models import notes_on_model
from leads_local.config import Settings
from leads_local.errors import exit_code_of_signal
from leads_local.records import ScreeningMethod, Stage
from leads_local.tui import labels, model_job
from leads_local.tui.app_telling import TellingApp
from leads_local.tui.background import Chores, ModelWork
from leads_local.tui.file_tasks import Chore
from leads_local.tui.messages import (
    ChoreEnded,
    ChoreProgressed,
    KeptAwake,
    ModelLoaded,
    ModelLoading,
    WorkEnded,
    WorkProgressed,
)
from leads_local.tui.model_job import WorkView
from leads_local.tui.screens.base import ReviewScreen
from leads_local.tui.screens.overview import OverviewScreen
from leads_local.tui.screens.pick import PickItem, PickOne
from leads_local.tui.session import Session

_REDRAW_SECONDS = 0.5  # how often progress may make a screen read the review again


class WorkingApp(TellingApp):
    """An app with a review (``session``) that the model and chores may work on."""

    def __init__(self, settings: Settings, session: Session | None, open_engine: model_job.OpenEngine) -> None:
        super().__init__()
        self.settings = settings
        self.session = session
        self.work_signal: Signal[WorkView] = Signal(self, "work")
        idle_note = labels.describe_model(Path(settings.model).expanduser()) if settings.model else labels.NO_MODEL
        self._work = ModelWork(self, open_engine, self.work_signal.publish, idle_note)
        self._chores = Chores(self)
        self._leaving = False
        self._ended = 0  # by this signal
        self._loop_here: asyncio.AbstractEventLoop | None = None
        self._redrawn = 0.0
        self._said_of_sleep = ""

    def on_mount(self) -> None:
        self._loop_here = asyncio.get_running_loop()
        if self._ended:
            self._leave_now()

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
            self.tell_read_only(self.session)

    def tell_read_only(self, session: Session) -> None:
        self.tell(
            f"{session.path} can only be read: {session.review.read_only}. Nothing that you decide can be stored.",
            "error",
        )

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

    @on(KeptAwake)
    def _kept_awake(self, event: KeptAwake) -> None:
        """Told once, and not with each piece of work."""
        if event.said not in ("", self._said_of_sleep):
            self._said_of_sleep = event.said
            self.tell(event.said)

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
            if isinstance(self.screen, ReviewScreen):
                self.screen.chore_ended(event)

    def _overview(self) -> OverviewScreen:
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
        note = "" if self._ended else "The terminal can't be read; what you decided is stored."
        self.exit(1, return_code=1, message=Text(note) if note else None)

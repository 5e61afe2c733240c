"""What runs beside the screen: the model's work, and chores. One of each at a time, each in a thread with a review
connection of its own.

The threads only compute and post messages, and the last message of each is that it is over, whatever happened. What a
message says has been committed before it is sent. Everything else here belongs to the screen's thread and is the state
of what runs, for the app to show.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leads_local.app.outcome import format_count
from leads_local.engine.types import ModelInfo
from leads_local.records import Progress, ScreeningMethod, Stage
from leads_local.tui import error_guard, model_job
from leads_local.tui.messages import (
    ChoreEnded,
    ChoreProgressed,
    KeptAwake,
    ModelLoaded,
    ModelLoading,
    WorkEnded,
    WorkProgressed,
)
from leads_local.tui.model_job import ModelJob, OpenedRecord, Pace, WorkPhase, WorkView

if TYPE_CHECKING:
    from textual.app import App

    from leads_local.review.review import Review
    from leads_local.tui.file_tasks import Chore
    from leads_local.tui.session import Session


class ModelWork:
    """The model at work. ``show`` is called with each new view of it; ``idle_note`` is what the line says when nothing
    runs."""

    def __init__(
        self, app: App[Any], open_engine: model_job.OpenEngine, show: Callable[[WorkView], None], idle_note: str
    ) -> None:
        self._app = app
        self._open_engine = open_engine
        self._show = show
        self._idle = WorkView(note=idle_note)
        self._job = ModelJob(Path(), None)
        self._cancel = threading.Event()
        self._note = ""  # what was said last while there was nothing to count
        self.view = self._idle

    def start(self, session: Session, stage: Stage | None, retry: bool, way: ScreeningMethod | None = None) -> None:
        """Screen at ``stage``, or extract (None), unless something runs already."""
        if not self.view.busy:
            self._begin(session, ModelJob(session.path, stage, retry, way))

    def explain(self, session: Session, stage: Stage, record_id: int) -> bool:
        """Give the reasons of ``record_id``, then of each record that is ``opened``, until stopped. False while
        something else runs."""
        if self.view.busy and self._job.opened is None:
            return False
        if not self.view.busy:
            self._begin(session, ModelJob(session.path, stage, opened=OpenedRecord()))
        self.opened(stage, record_id)
        return True

    def opened(self, stage: Stage, record_id: int) -> None:
        """A record is in view whose judgements lack reasons: they are asked for if that is what goes on."""
        if self.view.busy and self._job.opened is not None and self._job.stage is stage:
            self._job.opened.put(record_id)

    def _begin(self, session: Session, job: ModelJob) -> None:
        self._job, self._note = job, ""
        self._cancel = threading.Event()
        self._set(WorkView(WorkPhase.STARTING, job.what))
        self._app.run_worker(
            partial(self._run, session, job, self._cancel),
            name=job.what,
            group="model",
            thread=True,
            exit_on_error=False,
        )

    def stop(self) -> None:
        """Ask it to end. What is answered is kept."""
        if self.view.busy:
            self._cancel.set()
            self._set(WorkView(WorkPhase.STOPPING, self.view.what, self.view.done, self.view.total, self.view.failed))

    def _set(self, view: WorkView) -> None:
        self.view = view
        self._show(view)

    # ------------------------------------------------------------ in the thread

    def _run(self, session: Session, job: ModelJob, cancel: threading.Event) -> None:
        pace, problem, post = Pace(), "", self._app.post_message

        def loading(part: float) -> None:
            post(ModelLoading(part))

        def loaded(model: ModelInfo) -> None:
            post(ModelLoaded(model))

        def awake(said: str) -> None:
            post(KeptAwake(said))

        try:
            for progress in model_job.run_job(
                job,
                session.settings,
                self._open_engine,
                cancel,
                loading=loading,
                loaded=loaded,
                awake=awake,
            ):
                post(WorkProgressed(job, progress, pace.left(progress)))
        except model_job.LoadingStopped:
            pass
        except Exception as error:
            problem = error_guard.error_sentence(error)
        post(WorkEnded(job, cancel.is_set(), problem))

    # ------------------------------------------------------------ what its messages mean

    def loading(self, event: ModelLoading) -> None:
        planning = self.view.phase is WorkPhase.RUNNING and not self.view.total
        if self.view.phase is WorkPhase.STARTING or planning:
            self._set(WorkView(WorkPhase.STARTING, self.view.what, round(100 * event.part), 100))

    def loaded(self) -> None:
        if self.view.phase is WorkPhase.STARTING:
            self._set(WorkView(WorkPhase.RUNNING, self.view.what))

    def progressed(self, event: WorkProgressed) -> None:
        phase = WorkPhase.STOPPING if self._cancel.is_set() else WorkPhase.RUNNING
        progress = event.progress
        self._note = "" if progress.total else progress.note
        self._set(WorkView(phase, event.job.what, progress.done, progress.total, progress.failed, event.seconds_left))

    def ended(self, event: WorkEnded) -> str:
        """Be idle again; what to tell the person of it."""
        view, what = self.view, event.job.what
        self._set(self._idle)
        if event.problem:
            return event.problem
        if not view.done:
            return self._why_nothing_done(what, event.stopped)
        failed = f", {format_count(view.failed, 'failure')} (! lists them)" if view.failed else ""
        return f"{what}: {view.done:,} done{failed}. {'Stopped; s goes on from here.' if event.stopped else ''}"

    def _why_nothing_done(self, what: str, stopped: bool) -> str:
        if stopped:
            return f"{what}: stopped before anything was answered; s starts it again."
        return f"{what}: nothing to ask{': ' + self._note if self._note else ''}."


class _ChoreStopped(Exception):
    """A chore was asked to end."""


class Chores:
    """An import, a search for duplicates or the reading of PDFs. ``running`` is its name, "" when there is none."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._cancel = threading.Event()
        self.running = ""

    def start(self, what: str, chore: Chore, open_review: Callable[[], Review]) -> bool:
        """Start it on a connection of its own, which ``open_review`` makes; False when another one runs."""
        if self.running:
            return False
        self.running, self._cancel = what, threading.Event()
        self._app.run_worker(
            partial(self._run, what, chore, open_review, self._cancel),
            name=what,
            group="chore",
            thread=True,
            exit_on_error=False,
        )
        return True

    def stop(self) -> None:
        self._cancel.set()

    def ended(self) -> None:
        self.running = ""

    def _run(self, what: str, chore: Chore, open_review: Callable[[], Review], cancel: threading.Event) -> None:
        def tell(progress: Progress) -> None:
            """Stops the chore between two files, so that each is stored whole or not at all."""
            if cancel.is_set():
                raise _ChoreStopped
            self._app.post_message(ChoreProgressed(progress))

        try:
            with open_review() as review:
                lines = chore(review, tell)
            self._app.post_message(ChoreEnded(what, lines))
        except _ChoreStopped:
            self._app.post_message(ChoreEnded(what, problem=f"{what} was stopped; what was finished is kept."))
        except Exception as error:
            self._app.post_message(ChoreEnded(what, problem=error_guard.error_sentence(error)))

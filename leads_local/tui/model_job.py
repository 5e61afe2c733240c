"""The model's work seen from the interface: what to do, how far it is, how long it will take. Nothing here knows
Textual.

Work runs in a thread with a review connection of its own, so that the screen's connection is never used from two
threads. Every reply is committed by ``jobs.model_jobs`` before its progress arrives here; stopping or dying at any
moment loses nothing that was announced.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from leads_local import awake_clock, keep_awake
from leads_local.config import Settings
from leads_local.engine import LoadingStopped as LoadingStopped
from leads_local.engine import OpenEngine as OpenEngine
from leads_local.engine.types import ModelInfo
from leads_local.jobs import titles
from leads_local.records import Progress, ScreeningMethod, ScreeningMode, Stage

if TYPE_CHECKING:
    from leads_local.engine import Engine
    from leads_local.review.review import Review

_LOOK_SECONDS = 0.1  # between two looks whether a person wants to stop
_WINDOW = 60  # the latest replies whose rate says how long the rest will take


class OpenedRecord:
    """The record that a person has open, for a worker to wait for: only the latest counts."""

    def __init__(self) -> None:
        self._latest: queue.Queue[int] = queue.Queue(maxsize=1)

    def put(self, record_id: int) -> None:
        """From the screen's thread only."""
        with contextlib.suppress(queue.Empty):
            self._latest.get_nowait()
        self._latest.put_nowait(record_id)

    def until(self, cancel: threading.Event) -> Iterator[int]:
        """Each record as it is opened, until ``cancel`` is set."""
        while not cancel.is_set():
            with contextlib.suppress(queue.Empty):
                yield self._latest.get(timeout=_LOOK_SECONDS)


@dataclass(frozen=True, slots=True)
class ModelJob:
    """One piece of model work. ``stage`` is what to screen; None is extraction. ``retry``: ask again what failed
    before, too.

    ``way`` None screens on as it was begun. With ``opened`` the work is to give reasons for each record that arrives
    there, until stopped.
    """

    review: Path
    stage: Stage | None
    retry: bool = False
    way: ScreeningMethod | None = None
    opened: OpenedRecord | None = field(default=None, compare=False)

    @property
    def what(self) -> str:
        if self.opened is not None:
            return titles.OPENED_REASONS
        if self.stage is None:
            return titles.EXTRACTION
        return titles.screening(self.stage, self.way.mode if self.way is not None else ScreeningMode.FULL)


class WorkPhase(StrEnum):
    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class WorkView:
    """What the line about the model's work shows. ``note`` is what it says when nothing runs."""

    phase: WorkPhase = WorkPhase.IDLE
    what: str = ""
    done: int = 0
    total: int = 0
    failed: int = 0
    seconds_left: float | None = None
    note: str = ""

    @property
    def busy(self) -> bool:
        return self.phase is not WorkPhase.IDLE


class Pace:
    """How long the rest takes, from the rate of the latest replies while this computer was awake. Says nothing before
    the third."""

    def __init__(self, clock: Callable[[], float] = awake_clock.seconds) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque(maxlen=_WINDOW)

    def left(self, progress: Progress) -> float | None:
        """Seconds until ``progress.total`` is reached, or None while that can't be told."""
        self._seen.append((self._clock(), progress.done))
        (start, first), (end, last) = self._seen[0], self._seen[-1]
        if len(self._seen) < 3 or not progress.total or last <= first or end <= start:
            return None
        return max(0, progress.total - last) * (end - start) / (last - first)


def run_job(
    job: ModelJob,
    settings: Settings,
    open_engine: OpenEngine,
    cancel: threading.Event,
    *,
    loading: Callable[[float], None],
    loaded: Callable[[ModelInfo], None],
    awake: Callable[[str], None] = lambda said: None,
) -> Iterator[Progress]:
    """Do the job and yield its progress; where there is nothing to ask, the last note says why.

    Raises LeadsError when there is no model, the review can't be opened, another job is at work there, or the prompts
    are unusable, and LoadingStopped when ``cancel`` is set while the model is being loaded.

    The model is loaded when there is something to ask: ``loading`` is told what part of it is loaded, ``loaded`` once
    it is ready. Call this in a thread of its own. The engine is closed at the end, however it ends.

    Meanwhile this computer is kept awake, if the settings say so; ``awake`` is told what to tell the person of that.
    Not for reasons that a person asks for by opening records: then somebody is there.
    """
    from leads_local.engine.on_demand import ModelOnDemand
    from leads_local.jobs import before_loading, lease
    from leads_local.review.review import Review

    asked, place, said = False, before_loading.work_place(job.stage), ""

    def ready(model: ModelInfo) -> None:
        awake(said)
        loaded(model)

    with closing(Review.open(job.review)) as review:
        lease.require_free(review.db, place)
        if job.stage is not None and job.opened is None:
            before_loading.require_criteria(review, job.stage)
        nothing = before_loading.why_nothing_to_ask(review, job.stage)
        if nothing is None:
            with (
                keep_awake.while_working(settings.keep_awake and job.opened is None) as said,
                ModelOnDemand(settings, open_engine, cancel, loading=loading, loaded=ready) as engine,
            ):
                for progress in _start_job(job, settings, review, engine, cancel):
                    asked = asked or progress.total > 0
                    yield progress
        if not asked and not cancel.is_set():
            yield Progress(job.what, 0, 0, note=nothing or before_loading.why_nothing_was_asked(review, job.stage))


def _start_job(
    job: ModelJob, settings: Settings, review: Review, engine: Engine, cancel: threading.Event
) -> Iterator[Progress]:
    from leads_local.jobs import model_jobs
    from leads_local.tasks import prompts, style_probe

    pack = prompts.choose(settings.prompt_pack, engine.model.prompt_pack)
    pack = style_probe.fit_pack(
        pack, engine, style_probe.EXTRACTION if job.stage is None else style_probe.SCREENING, cancel
    )
    if job.stage is None:
        yield from model_jobs.extract(review, engine, review.form(), pack, cancel, retry=job.retry)
    elif job.opened is not None:
        for record_id in job.opened.until(cancel):
            yield from model_jobs.give_reasons(review, engine, job.stage, pack, [record_id], cancel)
    else:
        yield from model_jobs.screen(review, engine, job.stage, pack, cancel, way=job.way, retry=job.retry)

"""The engine that the rest of the program uses. The model runs in a child process; if that process dies, only the
request that killed it gets an error.

``open_engine`` starts the child and waits until the model is loaded. ``run`` keeps a bounded number of requests with it
and gives each reply back once. When the child dies or falls silent, a new one is asked again what was with it, one
request at a time: the one over which the new child ends, too, gets an error reply, the others get their answers. So no
request is asked more than twice, and a job ends. Children that die one after the other without an answer in between are
no request's fault: after three, ModelError says that this model can't be used. Several runs may go on at the same time,
from several threads; their requests share the batch. The child ends with ``close`` and with this process, however it
ends.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from leads_local import awake_clock
from leads_local.config import Settings
from leads_local.engine import split
from leads_local.engine.child import Child, ChildEvent
from leads_local.engine.child_events import find_fault, model_info, read_reply
from leads_local.engine.memory_plan import STREAM_CELLS
from leads_local.engine.types import FinishReason, ModelInfo, Reply, Request
from leads_local.errors import ModelError

STUCK = 300.0  # seconds awake without a sign of life while there is work
_AHEAD = 2  # requests with the child for each sequence
_FRUITLESS = 2  # children in a row, after the first, that may die without an answer
_GLANCE = 0.05  # seconds between two looks at whether to stop
_DIED_TWICE = "The model process ended over this twice, the second time with nothing else to do."
_AGAIN = "See the log file for details; try again, with a smaller context if memory was short."


def open_engine(
    settings: Settings,
    progress: Callable[[float], None] | None = None,
    *,
    least_context: int = STREAM_CELLS,
    stuck_after: float = STUCK,
) -> ChildEngine:
    """Load the model of ``settings`` in a child process. ``progress`` gets the part loaded, 0 to 1, in the calling
    thread.

    It is called again and again, news or not; what it raises ends the loading and the child. ``least_context`` is how
    many tokens one request needs, answer included: the plan sees to that first, and ``model.shortage`` tells where
    there is no memory for it.

    Raises ModelError when no model is set, the file is missing, damaged or no GGUF, or it does not fit into memory.
    """
    if not settings.model:
        raise ModelError(
            "No model is set.", "Name a GGUF file with --model or LEADS_LOCAL_MODEL, or convert one first."
        )
    return ChildEngine(Path(settings.model).expanduser(), settings, progress, least_context, stuck_after)


class _StartCancelled(Exception):
    """The work for which a child is being started was cancelled."""


@dataclass(slots=True)
class _Run:
    """One call of ``run``: the events that arrived for it, its requests that the child holds (by number; None for a
    question that is no request), and when it last sent something.

    ``lost`` are requests that a child held when it died; each is asked again, alone. ``second`` is the number of the
    one that is being asked again.
    """

    cancel: threading.Event | None = None
    events: queue.SimpleQueue[tuple[Child, ChildEvent]] = field(default_factory=queue.SimpleQueue)
    inflight: dict[int, Request | None] = field(default_factory=dict)
    asked: float = 0.0
    lost: deque[Request] = field(default_factory=deque)
    second: int = 0

    @property
    def stopped(self) -> bool:
        return self.cancel is not None and self.cancel.is_set()

    @property
    def recovering(self) -> bool:
        return bool(self.lost) or self.second in self.inflight


class ChildEngine:
    """Implements ``engine.Engine``; made by ``open_engine``."""

    def __init__(
        self,
        path: Path,
        settings: Settings,
        progress: Callable[[float], None] | None,
        least_context: int,
        stuck_after: float,
    ) -> None:
        self._path = path
        self._settings = settings
        self._least_context = least_context
        self._stuck_after = stuck_after
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, _Run] = {}
        self._fruitless = 0
        self._closed = False
        self._child, info = self._start(progress)
        self._model = model_info(path, info)

    @property
    def model(self) -> ModelInfo:
        return self._model

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    # ---------------------------------------------------------------- the child

    def _start(
        self, progress: Callable[[float], None] | None, cancel: threading.Event | None = None
    ) -> tuple[Child, ChildEvent]:
        """A child with the model loaded, and what it says of it. Raises _Stopped when ``cancel`` is set meanwhile."""
        opening: queue.SimpleQueue[ChildEvent] = queue.SimpleQueue()
        ready = threading.Event()
        child: Child

        def on_event(event: ChildEvent) -> None:
            if ready.is_set():
                self._dispatch(child, event)
            else:
                opening.put(event)
                if event["op"] == "ready":
                    ready.set()

        child = Child(on_event)
        settings = {**asdict(self._settings), "model": str(self._path)}
        opens = {"op": "open", "path": str(self._path), "settings": settings, "least_context": self._least_context}
        child.send(opens)
        try:
            return child, self._await_ready(opening, progress, cancel)
        except BaseException:
            child.close(0.5)
            raise

    def _await_ready(
        self,
        opening: queue.SimpleQueue[ChildEvent],
        progress: Callable[[float], None] | None,
        cancel: threading.Event | None,
    ) -> ChildEvent:
        heard, part = awake_clock.seconds(), 0.0
        while True:
            if self._closed:  # by another thread, which waits for this one
                raise ModelError("The model was closed.", "Open it again.")
            if cancel is not None and cancel.is_set():
                raise _StartCancelled
            if progress:
                progress(part)
            try:
                event = opening.get(timeout=_GLANCE)
            except queue.Empty:
                if awake_clock.seconds() - heard > self._stuck_after:
                    raise ModelError(
                        f"{self._path}: loading the model stopped for {self._stuck_after:.0f} seconds.", _AGAIN
                    ) from None
                continue
            heard = awake_clock.seconds()
            if event["op"] == "loading":
                part = event["part"]
            elif event["op"] == "ready":
                return event
            elif event["op"] == "failed":
                raise ModelError(event["message"], event["hint"])
            elif event["op"] == "died":
                raise ModelError(f"{self._path}: the model could not be loaded. {event['reason']}", _AGAIN)

    def _dispatch(self, child: Child, event: ChildEvent) -> None:
        """Called by a child's reading thread: give the event to the run that waits for it; a death goes to all."""
        with self._lock:
            if event["op"] == "died":
                for run in {id(run): run for run in self._waiting.values()}.values():
                    run.events.put((child, event))
            elif "n" in event and (found := self._waiting.get(event["n"])):
                found.events.put((child, event))

    def _living_child(self, cancel: threading.Event | None = None) -> Child:
        """The child to send to; a new one when the last has died, unless ``cancel`` is set before that is ready.

        Raises ModelError when it may not be started again.
        """
        with self._starting:
            if self._closed:
                raise ModelError("The model was closed.", "Open it again.")
            if self._child.ended:
                if self._fruitless == _FRUITLESS:
                    what = (
                        f"the model process ended {_FRUITLESS + 1} times without an answer in between, so this "
                        "model is not used "
                        "further"
                    )
                    raise ModelError(f"{self._path}: {what}. {self._child.ended}", _AGAIN)
                with contextlib.suppress(_StartCancelled):
                    child, info = self._start(None, cancel)
                    if info["sha256"] != self._model.sha256:
                        child.close(0.5)
                        raise ModelError(
                            f"{self._path}: another model is there now than when the work began.",
                            "Start the work again.",
                        )
                    self._child = child
                    self._fruitless += 1
            return self._child

    # ---------------------------------------------------------------- work

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See ``engine.Engine``. Answered while other work goes on."""
        return [int(count) for count in self._ask({"op": "count", "texts": list(texts)})["counts"]] if texts else []

    def figures(self, sizes: Sequence[int] = ()) -> ChildEvent:
        """For benchmarks: ``counts`` of the child's work so far, its ``plan`` and ``curve``, and, when it has nothing
        else to do, ``rates``: tokens a second for prompts of ``sizes`` tokens, and ``busy_rates``, for each second that
        its threads did work. Measuring them empties the cache."""
        return self._ask({"op": "figures", "sizes": list(sizes)})

    def _ask(self, message: ChildEvent) -> ChildEvent:
        """Send a question and wait for its one answer, from a second child if the first dies meanwhile."""
        run = _Run()
        for _ in range(2):
            child = self._living_child()
            number = self._submit(run, child, message)
            while True:
                event = self._next_event(run, child, 1.0)
                if event and event["op"] != "died":
                    self._forget(number)
                    return event
                if event:
                    self._forget(number)
                    break
        raise ModelError(f"{self._path}: the model process ended while it was asked something.", _AGAIN)

    def run(self, requests: Iterable[Request], cancel: threading.Event | None = None) -> Iterator[Reply]:
        """See ``engine.Engine``. Leaving the iterator early cancels what is with the child."""
        yield from split.run_and_join(lambda parts: self._run(parts, cancel), requests)

    def _run(self, requests: Iterable[Request], cancel: threading.Event | None) -> split.Replies:
        run, source = _Run(cancel), iter(requests)
        bound, open_ = _AHEAD * self._model.sequences, True
        child = self._child
        try:
            while open_ or run.inflight or run.lost:
                if run.lost and not run.inflight and not run.stopped:
                    child = self._living_child(cancel)
                    run.second = self._give(run, child, run.lost.popleft())
                while open_ and (run.stopped or (len(run.inflight) < bound and not run.recovering)):
                    request = next(source, None)
                    if request is None:
                        open_ = False
                    elif run.stopped:
                        yield Reply(request.id, finish=FinishReason.CANCELLED)
                    elif fault := find_fault(request):
                        yield Reply(request.id, finish=FinishReason.ERROR, error=fault)
                    elif run.inflight and (child.ended or (living := self._living_child(cancel)) is not child):
                        source = itertools.chain(
                            [request], source
                        )  # it died while this request was composed, or since the first look
                        break
                    else:
                        child = living if run.inflight else self._living_child(cancel)
                        self._give(run, child, request)
                if run.inflight:
                    yield from self._replies(run, child, 0.02 if cancel else 1.0)
                if run.stopped:
                    yield from self._cancel_all(run, child)
        finally:
            for _ in self._cancel_all(run, child):
                pass

    def _cancel_all(self, run: _Run, child: Child) -> Iterator[Reply]:
        """Take everything back that has no answer yet, without waiting for the child."""
        if run.inflight:
            child.send({"op": "cancel", "n": list(run.inflight)})
            run.lost.extend(self._take_back(run))
        while run.lost:
            yield Reply(run.lost.popleft().id, finish=FinishReason.CANCELLED)

    def _take_back(self, run: _Run) -> list[Request]:
        """The requests of ``run`` that are with the child, whose replies are not waited for any more."""
        requests = [request for request in run.inflight.values() if request is not None]
        for number in list(run.inflight):
            self._forget(number)
        return requests

    def _give(self, run: _Run, child: Child, request: Request) -> int:
        """Send one request; returns its number."""
        message = {
            "op": "request",
            "prompt": request.prompt,
            "schema": request.schema,
            "max_tokens": max(request.max_tokens, 1),
        }
        if request.style is not None:
            message["layout"] = request.style.stored()
        return self._submit(run, child, message, request)

    def _submit(self, run: _Run, child: Child, message: ChildEvent, request: Request | None = None) -> int:
        number = next(self._numbers)
        with self._lock:
            self._waiting[number] = run
            run.inflight[number] = request
        run.asked = awake_clock.seconds()
        child.send({**message, "n": number})
        return number

    def _replies(self, run: _Run, child: Child, patience: float) -> Iterator[Reply]:
        """What has come for ``run``: waits up to ``patience`` seconds for the first, then takes all there is."""
        event = self._next_event(run, child, patience)
        while event is not None:
            if event["op"] == "reply" and (request := run.inflight.get(event["n"])):
                self._forget(event["n"])
                reply = read_reply(request.id, event)
                if reply.finish in (FinishReason.STOP, FinishReason.LENGTH):
                    self._fruitless = 0
                yield reply
            elif event["op"] == "died":
                final = self._final_reason(run, event["reason"])
                requests = self._take_back(run)
                if final:
                    yield from (Reply(request.id, finish=FinishReason.ERROR, error=final) for request in requests)
                else:
                    run.lost.extend(requests)
                return
            event = self._next_event(run, child, 0.0)

    def _final_reason(self, run: _Run, reason: str) -> str:
        """Why what ``run`` has with a dead child is not asked again, "" if it is."""
        if self._closed:
            return reason
        alone = run.second in run.inflight and not run.stopped
        return f"{_DIED_TWICE} {reason.replace('The model process', 'It', 1)}" if alone else ""

    def _next_event(self, run: _Run, child: Child, patience: float) -> ChildEvent | None:
        """The next event of ``child`` for ``run``, None when none comes. A child that is silent for too long is
        ended."""
        ended = child.ended  # looked at first: all that the child said was in the queue before it was set
        try:
            sender, event = run.events.get(timeout=patience) if patience and not ended else run.events.get_nowait()
        except queue.Empty:
            if ended:  # before this run had anything with it, so nobody told
                return {"op": "died", "reason": ended}
            if awake_clock.seconds() - max(child.heard, run.asked) > self._stuck_after:
                child.kill(f"gave no sign of life for {self._stuck_after:.0f} seconds and was ended")
            return None
        return event if sender is child else None

    def _forget(self, number: int) -> None:
        with self._lock:
            run = self._waiting.pop(number, None)
        if run:
            run.inflight.pop(number, None)

    def close(self) -> None:
        """End the child. Runs that go on get an error for each request that is with it."""
        self._closed = True
        with self._starting:
            self._child.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

"""Two modes of one KV cache, used one at a time: streams (a fixed part of the cache for each short request) or one
unified cache that requests of any length share.

Streams are faster for many short prompts, but no prompt may be longer than a stream, and a shared beginning is copied.
A paper and the questions about it need the shared cache. Requests of the other kind are held back until the open layout
has nothing more to do, or until they are many or have waited long; then the open one runs dry and is replaced. Where
there is no memory for the other, the one before is opened again: then all share the cache from there on, or what needs
it fails with the reason. Pure, like the scheduler. Invariants: a request that outgrows its stream goes on in the shared
cache from the tokens that it has, so the layout never changes an answer; each sequence is given back exactly once;
nobody waits for ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import fields

from leads_local.engine.policy import WorkCounts
from leads_local.engine.runner import EvaluationError
from leads_local.engine.scheduler import Scheduler
from leads_local.engine.sequence import Sequence
from leads_local.engine.types import FinishReason

_ANSWER = (
    256  # tokens that an answer is expected to take at most, when it is decided whether a request fits into a stream
)
_MANY = 8  # requests of the other kind are not held back any longer
_PATIENCE = 30.0  # seconds that one is held back at most, before those that run are the last of their kind


class CacheModes:
    """``add``, ``cancel``, ``step`` and the rest are ``Scheduler``'s. ``open_(short)`` gives a scheduler over a cache
    of either layout in place of the one before, or raises EvaluationError. ``stream`` is the most tokens of a short
    request, 0 when there are no streams."""

    def __init__(self, open_: Callable[[bool], Scheduler], stream: int, patience: float = _PATIENCE) -> None:
        self._open = open_
        self._stream = stream
        self._patience = patience
        self._held: list[Sequence] = []
        self._since: dict[int, float] = {}  # when it was held back, by id
        self._limits: dict[int, int] = {}  # of those in streams, which the scheduler cuts to what a stream holds
        self._ended: list[Sequence] = []
        self._past = WorkCounts()
        self._short = False
        self._scheduler = open_(False)

    @property
    def idle(self) -> bool:
        return self._scheduler.idle and not self._held and not self._ended

    @property
    def resting(self) -> bool:
        return self._scheduler.resting

    @property
    def counts(self) -> WorkCounts:
        """What was done in both layouts together."""
        now = self._scheduler.counts
        pairs = {f.name: (getattr(self._past, f.name), getattr(now, f.name)) for f in fields(WorkCounts)}
        return WorkCounts(**{name: max(pair) if name == "cells" else sum(pair) for name, pair in pairs.items()})

    def add(self, sequence: Sequence) -> None:
        """Queue ``sequence`` for the layout that suits it."""
        self._held.append(sequence)
        self._since[sequence.id] = time.monotonic()

    def cancel(self, ids: Iterable[int]) -> None:
        """End the sequences with these ids now, as cancelled."""
        wanted = set(ids)
        for sequence in [s for s in self._held if s.id in wanted]:
            sequence.finish = FinishReason.CANCELLED
            self._held.remove(sequence)
            del self._since[sequence.id]
            self._ended.append(sequence)
        self._scheduler.cancel(wanted)

    def active(self) -> set[int]:
        """The ids of all that have not ended."""
        return self._scheduler.active() | {s.id for s in self._held}

    def step(self) -> list[Sequence]:
        """See ``Scheduler.step``."""
        self._turn()
        ended, self._ended = self._ended, []
        for sequence in self._scheduler.step():
            limit = self._limits.pop(sequence.id, sequence.limit)
            if sequence.finish is FinishReason.LENGTH and len(sequence.output) < limit:
                sequence.finish, sequence.limit = None, limit
                sequence.leave()
                self.add(sequence)
            else:
                ended.append(sequence)
        return ended

    def _is_short(self, sequence: Sequence) -> bool:
        """Whether it fits into a stream with what is still to come; one that has outgrown its stream doesn't."""
        left = min(sequence.limit - len(sequence.output), _ANSWER)
        return len(sequence.tokens) + left <= self._stream

    def _turn(self) -> None:
        """Queue the requests that suit the current mode; switch modes when requests for the other mode wait and the
        current one has no work left."""
        here, there = (
            [s for s in self._held if self._is_short(s) is short] for short in (self._short, not self._short)
        )
        if there and ((self._scheduler.idle and not here) or self._is_due(there)):
            if not self._scheduler.idle:
                return
            here = self._replace(there)
        for sequence in here:
            self._held.remove(sequence)
            del self._since[sequence.id]
            if self._short:
                self._limits[sequence.id] = sequence.limit
            self._scheduler.add(sequence)

    def _replace(self, wanting: list[Sequence]) -> list[Sequence]:
        """Open the other layout for those ``wanting`` it. Returns those of them that can be worked on now."""
        self._past = self.counts
        try:
            self._scheduler, self._short = self._open(not self._short), not self._short
        except EvaluationError as error:
            self._scheduler = self._open(self._short)
            if not self._short:
                self._stream = 0
                return wanting
            for sequence in wanting:
                sequence.fail(str(error))
                self._held.remove(sequence)
                del self._since[sequence.id]
                self._ended.append(sequence)
            return []
        return wanting

    def _is_due(self, held: list[Sequence]) -> bool:
        return len(held) >= _MANY or time.monotonic() - self._since[held[0].id] > self._patience

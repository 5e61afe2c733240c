"""Two ways to lay out one KV cache, one at a time: a stream for each short request, or one cache shared by requests of any length.

Streams are faster for many short prompts, but no prompt may be longer than a stream, and a shared beginning is copied. A paper and the
questions about it need the shared cache. Which one is open follows from what is asked for; what waits for the other is held back, so that
the open one runs dry and is replaced. Pure, like the scheduler. Invariants: a request that outgrows its stream goes on in the shared
cache from the tokens that it has, so the layout never changes an answer; each sequence is given back exactly once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields

from leads_local.engine.policy import Counts
from leads_local.engine.scheduler import Scheduler
from leads_local.engine.sequence import Sequence
from leads_local.records import Finish

_ANSWER = 384  # tokens that an answer is expected to take at most, when it is decided whether a request fits into a stream


class Lanes:
    """``add``, ``cancel``, ``step`` and the rest are ``Scheduler``'s. ``open_(short)`` gives a scheduler over a cache of either layout in
    place of the one before. ``stream`` is the most tokens of a short request, 0 when there are no streams."""

    def __init__(self, open_: Callable[[bool], Scheduler], stream: int) -> None:
        self._open = open_
        self._stream = stream
        self._held: list[Sequence] = []
        self._limits: dict[int, int] = {}  # of those in streams, which the scheduler cuts to what a stream holds
        self._long: set[int] = set()
        self._past = Counts()
        self.short = False
        self._scheduler = open_(False)

    @property
    def idle(self) -> bool:
        return self._scheduler.idle and not self._held

    @property
    def resting(self) -> bool:
        return self._scheduler.resting

    @property
    def counts(self) -> Counts:
        """What was done in both layouts together."""
        now = self._scheduler.counts
        pairs = {f.name: (getattr(self._past, f.name), getattr(now, f.name)) for f in fields(Counts)}
        return Counts(**{name: max(pair) if name == "cells" else sum(pair) for name, pair in pairs.items()})

    def add(self, sequence: Sequence) -> None:
        """Queue ``sequence`` for the layout that suits it."""
        if len(sequence.prompt) + min(sequence.limit, _ANSWER) > self._stream:
            self._long.add(sequence.id)
        self._held.append(sequence)

    def cancel(self, ids: Iterable[int]) -> None:
        """End the sequences with these ids now, as cancelled."""
        wanted = set(ids)
        self._feed({s.id for s in self._held} & wanted)
        self._scheduler.cancel(wanted)

    def active(self) -> set[int]:
        """The ids of all that have not ended."""
        return self._scheduler.active() | {s.id for s in self._held}

    def step(self) -> list[Sequence]:
        """See ``Scheduler.step``."""
        self._turn()
        ended = []
        for sequence in self._scheduler.step():
            limit = self._limits.pop(sequence.id, sequence.limit)
            if sequence.finish is Finish.LENGTH and len(sequence.output) < limit:
                sequence.finish, sequence.limit = None, limit
                sequence.leave()
                self._long.add(sequence.id)
                self._held.append(sequence)
            else:
                self._long.discard(sequence.id)
                ended.append(sequence)
        return ended

    def _turn(self) -> None:
        """Hand what is held to the open layout, or replace that when it has run dry and the other is wanted."""
        if not self._held:
            return
        short = self._stream > 0 and not self._long
        if short is not self.short:
            if not self._scheduler.idle:
                return
            self._past = self.counts
            self._scheduler, self.short = self._open(short), short
        self._feed({s.id for s in self._held})

    def _feed(self, ids: set[int]) -> None:
        for sequence in [s for s in self._held if s.id in ids]:
            if self.short:
                self._limits[sequence.id] = sequence.limit
            self._scheduler.add(sequence)
        self._held = [s for s in self._held if s.id not in ids]

"""Bookkeeping of the KV cache: which sequences are in it and which cells they share.

Every resident of the cache is a run of tokens in a slot. Residents whose tokens begin alike share the cells of what is
alike, so together they are a tree: a ``_Run`` is a stretch of cells between two forks, owned by all residents that pass
through it. A cell is in use as long as one resident owns it; that is what the arithmetic here counts, and it must agree
with llama.cpp's cache to the cell. Finished sequences may stay as ``kept`` residents for later requests with the same
beginning; the one used longest ago goes first when room is needed. Where the runner's slots are ``apart``, those at
work sit in the first slots, side by side, and the kept ones in the last.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leads_local.engine.runner import Runner


class _CellRun:
    """``length`` cells in a row, owned by the residents in ``owners`` (slots)."""

    __slots__ = ("length", "owners")

    def __init__(self, length: int, owners: set[int]) -> None:
        self.length = length
        self.owners = owners


@dataclass(slots=True)
class _Resident:
    """``prompt`` are the tokens others may share; ``length`` cells hold the first of them and then the answer.

    ``used`` is the count at its last use, ``since`` the time from which it has been kept.
    """

    prompt: NDArray[np.int32]
    kept: bool = False
    used: int = 0
    since: float = 0.0
    length: int = 0
    runs: list[_CellRun] = field(default_factory=list)

    @property
    def offered(self) -> int:
        return min(self.length, len(self.prompt))


class PrefixCache:
    """The residents of ``runner``'s cache. Tells the runner to copy and remove, and keeps count.

    A kept resident is not dropped in its first ``grace`` seconds: the requests that want it may be on their way, sent
    when its answer came.
    """

    def __init__(self, runner: Runner, grace: float = 0.0) -> None:
        self._runner = runner
        self._grace = grace
        self._residents: dict[int, _Resident] = {}
        self._empty = set(range(runner.slots))
        self._clock = 0
        self.used = 0

    @property
    def free(self) -> int:
        """Cells that nobody owns."""
        return self._runner.cells - self.used

    @property
    def keeps(self) -> bool:
        """Whether there is any kept resident."""
        return any(resident.kept for resident in self._residents.values())

    @property
    def fresh(self) -> bool:
        """Whether some kept resident is still in its grace."""
        now = time.monotonic()
        return any(resident.kept and now - resident.since < self._grace for resident in self._residents.values())

    def kept_share(self, tokens: NDArray[np.int32], at_least: int) -> bool:
        """Whether a kept resident has ``at_least`` tokens in common with ``tokens``."""
        return any(
            r.kept and r.length >= at_least and common_length(r.prompt, tokens) >= at_least
            for r in self._residents.values()
        )

    def match(self, tokens: NDArray[np.int32]) -> tuple[int, int, int]:
        """``(slot, ready, coming)``: who shares the most, how many tokens it has in the cache, and the most that a
        running one will have.

        Never the whole of ``tokens``: at least the last must be evaluated to get logits. Slot is -1 when nobody shares
        anything.
        """
        slot, ready, coming = -1, 0, 0
        for candidate, resident in self._residents.items():
            same = min(common_length(resident.prompt, tokens), len(tokens) - 1)
            now = min(same, resident.length)
            if now > ready or (now == ready and now and not resident.kept):
                slot, ready = candidate, now
            if not resident.kept:
                coming = max(coming, same)
        return slot, ready, max(ready, coming)

    def open(self, prompt: NDArray[np.int32], source: int, shared: int) -> int:
        """A new resident that shares the first ``shared`` cells of ``source``. Returns its slot; there must be an empty
        one.

        Raises LookupError when ``source`` does not hold them: an answer without the beginning of its prompt looks like
        any other.
        """
        if shared and not self._holds(source, prompt[:shared]):
            raise LookupError(
                "What this request was to share with another one is no longer in the model's memory. Ask again."
            )
        slot = min(self._empty)
        self._empty.remove(slot)
        resident = _Resident(prompt, used=self._tick(), length=shared)
        self._residents[slot] = resident
        if shared:
            origin = self._residents[source]
            origin.used = self._clock
            self._fork(origin, shared)
            covered = 0
            for run in origin.runs:
                if covered == shared:
                    break
                run.owners.add(slot)
                resident.runs.append(run)
                covered += run.length
            self._runner.copy(source, slot, shared)
        return slot

    def grow(self, slot: int, count: int) -> None:
        """``count`` more tokens of the resident in ``slot`` are in the cache."""
        resident = self._residents[slot]
        last = resident.runs[-1] if resident.runs else None
        if last is None or len(last.owners) > 1:
            last = _CellRun(0, {slot})
            resident.runs.append(last)
        last.length += count
        resident.length += count
        self.used += count

    def cut(self, slot: int, length: int) -> None:
        """Forget what stands beyond ``length`` tokens in ``slot``, in the cache too."""
        resident = self._residents[slot]
        if length >= resident.length:
            return
        self._fork(resident, length)
        covered = 0
        kept = []
        for run in resident.runs:
            if covered < length:
                kept.append(run)
            else:
                self._disown(run, slot)
            covered += run.length
        resident.runs, resident.length = kept, length
        self._runner.remove(slot, length)

    def restore(self, tokens: NDArray[np.int32], read: Callable[[int], bool]) -> bool:
        """Let ``read`` fill an empty slot with what begins with ``tokens``, and keep that. There must be a slot, and
        room for all of it."""
        slot = self.open(tokens, -1, 0)
        whole = False
        try:
            whole = read(slot) and self._runner.held(slot) >= len(tokens)
        finally:
            if not whole:
                self.drop(slot)
        if not whole:
            return False
        self.grow(slot, len(tokens))
        self._runner.remove(slot, len(tokens))
        self._residents[slot].kept, self._residents[slot].since = True, time.monotonic()
        return True

    def keep(self, slot: int, at_least: int) -> tuple[int, int]:
        """The sequence in ``slot`` has ended. Keep the part of its prompt that others share, and the whole prompt if
        the unshared rest has at least ``at_least`` tokens.

        Returns where it is kept and how much of it, (-1, 0) when nothing is.
        """
        resident = self._residents[slot]
        self.cut(slot, resident.offered)
        shared = 0
        for run in resident.runs:
            if len(run.owners) < 2:
                break
            shared += run.length
        length = resident.length if resident.length - shared >= at_least else shared
        if not length or (length == shared and self._stands_for(slot, shared)):
            self.drop(slot)
            return -1, 0
        self.cut(slot, length)
        resident.prompt, resident.kept, resident.used = resident.prompt[:length], True, self._tick()
        resident.since = time.monotonic()
        if self._runner.apart and self._empty and max(self._empty) > slot:
            slot = self._move(slot, max(self._empty))
        return slot, length

    def closer(self, slot: int) -> int:
        """Move the resident in ``slot`` to the first empty one if that stands before it. Returns its slot."""
        if self._empty and min(self._empty) < slot:
            return self._move(slot, min(self._empty))
        return slot

    def _move(self, slot: int, target: int) -> int:
        resident = self._residents.pop(slot)
        self._residents[target] = resident
        for run in resident.runs:
            run.owners.remove(slot)
            run.owners.add(target)
        self._runner.copy(slot, target, resident.length)
        self._runner.remove(slot, 0)
        self._empty.remove(target)
        self._empty.add(slot)
        return target

    def drop(self, slot: int) -> None:
        """The resident in ``slot`` leaves the cache; what others own stays."""
        for run in self._residents.pop(slot).runs:
            self._disown(run, slot)
        self._runner.remove(slot, 0)
        self._empty.add(slot)

    def drop_kept(self) -> None:
        """Drop all kept residents, so that nobody looks at their cells."""
        for slot in [slot for slot, resident in self._residents.items() if resident.kept]:
            self.drop(slot)

    def make_room(self, cells: int, slots: int = 0, spare: int = -1) -> bool:
        """Drop kept residents, the one used longest ago first but never ``spare``, until ``cells`` cells and ``slots``
        slots are free.

        Returns whether there is room.
        """
        latest = time.monotonic() - self._grace
        while self.free < cells or len(self._empty) < slots:
            kept = [
                (r.used, slot) for slot, r in self._residents.items() if r.kept and slot != spare and r.since <= latest
            ]
            if not kept:
                return False
            self.drop(min(kept)[1])
        return True

    def _holds(self, slot: int, tokens: NDArray[np.int32]) -> bool:
        """Whether the cells of the resident in ``slot`` begin with ``tokens``."""
        resident = self._residents.get(slot)
        return resident is not None and min(resident.length, common_length(resident.prompt, tokens)) == len(tokens)

    def _stands_for(self, slot: int, length: int) -> bool:
        """Whether another kept resident holds these very ``length`` cells already, so that this one need not."""
        last = self._residents[slot].runs[: self._count(slot, length)][-1]
        return any(self._residents[owner].kept for owner in last.owners if owner != slot)

    def _count(self, slot: int, length: int) -> int:
        """How many runs make up the first ``length`` cells."""
        covered = 0
        for number, run in enumerate(self._residents[slot].runs):
            if covered == length:
                return number
            covered += run.length
        return len(self._residents[slot].runs)

    def _fork(self, resident: _Resident, at: int) -> None:
        """Split the run that has cell ``at`` in its middle, for all its owners."""
        covered = 0
        for run in resident.runs:
            if covered < at < covered + run.length:
                tail = _CellRun(covered + run.length - at, set(run.owners))
                run.length = at - covered
                for owner in run.owners:
                    runs = self._residents[owner].runs
                    runs.insert(runs.index(run) + 1, tail)
                return
            covered += run.length

    def _disown(self, run: _CellRun, slot: int) -> None:
        run.owners.discard(slot)
        if not run.owners:
            self.used -= run.length

    def _tick(self) -> int:
        self._clock += 1
        return self._clock


def common_length(one: NDArray[np.int32], other: NDArray[np.int32]) -> int:
    """How many tokens two prompts begin with alike."""
    length = min(len(one), len(other))
    differ = one[:length] != other[:length]
    first = int(differ.argmax()) if length else 0
    return first if length and differ[first] else length

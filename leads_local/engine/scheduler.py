"""Continuous batching: which tokens of which sequence the model sees in the next step.

Pure: it drives a ``Runner`` and never imports llama.cpp. Invariants: sequences are admitted in the order in which they
came, except that those whose long beginning (a paper) is in the cache go first; one whose beginning is just being
evaluated for another waits for that instead of doing it again; the oldest running sequence always goes on, so every
sequence ends; each is given back exactly once. Room in the cache is counted in cells. When sequences outgrow it, the
youngest gives its cells up and is continued later from the tokens that it has.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from leads_local import awake_clock
from leads_local.engine.kv_cache import PrefixCache, common_length
from leads_local.engine.policy import Policy, WorkCounts, choose_together
from leads_local.engine.runner import CacheFull, CacheGap, EvaluationAborted, EvaluationError, Runner
from leads_local.engine.sequence import Sequence
from leads_local.engine.types import FinishReason

WORTH_WAITING = 16  # tokens that another one must have in common before it is waited for
_GOOD_ENOUGH_RATE = 0.9  # of the rate with all sequences together is enough to go on without the rest
_FIRST_TO_DECODE = (
    4  # sequences that decode although others are still to be read, if that takes long; one more with each answer
)
_LONG_READING_SECONDS = 120.0  # seconds of reading
_MOST_PASSED = 64  # times that others go before the first in the queue


@dataclass(frozen=True, slots=True)
class _Part:
    """``count`` pending tokens of a sequence for one step, then its draft; ``rows`` logits come back."""

    sequence: Sequence
    count: int
    rows: int


class Scheduler:
    """Works on sequences until they end. ``add`` them, call ``step`` until ``idle``."""

    def __init__(self, runner: Runner, policy: Policy) -> None:
        self._runner = runner
        self._policy = policy
        self._prefixes = PrefixCache(runner, policy.grace)
        self._waiting: deque[Sequence] = deque()
        self._running: list[Sequence] = []
        self._ended: list[Sequence] = []
        self._answers = 0  # sequences that have come to their end
        self._typical = float(policy.reserve)  # tokens of an answer, a running mean
        self.counts = WorkCounts()
        self.resting = False

    @property
    def idle(self) -> bool:
        return not (self._waiting or self._running or self._ended)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def add(self, sequence: Sequence) -> None:
        """Queue ``sequence``; one that can't fit ends at once with an error that says why."""
        room = min(self._policy.context, self._runner.cells)
        length = len(sequence.prompt)
        if length + 1 > room:
            size = f"The prompt is {length:,} tokens long; with at least 1 for the answer"
            sequence.fail(f"{size} it does not fit into the context of {room:,}.")
            self._ended.append(sequence)
            return
        sequence.limit = max(min(sequence.limit, room - length), 1)
        self._waiting.append(sequence)

    def cancel(self, ids: Iterable[int]) -> None:
        """End the sequences with these ids now, as cancelled."""
        wanted = set(ids)
        for sequence in [s for s in (*self._running, *self._waiting) if s.id in wanted]:
            sequence.finish = FinishReason.CANCELLED
            self._ended.append(sequence)
            if sequence.slot >= 0:
                self._prefixes.drop(sequence.slot)
        self._running = [s for s in self._running if s.id not in wanted]
        self._waiting = deque(s for s in self._waiting if s.id not in wanted)

    def active(self) -> set[int]:
        """The ids of all that have not ended."""
        return {s.id for s in (*self._running, *self._waiting)}

    def step(self) -> list[Sequence]:
        """Admit, evaluate once, choose tokens. Returns the sequences that have ended, with ``finish`` set.

        There may be nothing to evaluate although sequences wait (``resting``): until what is kept has had its grace.
        """
        self._admit()
        if self._runner.apart:
            for sequence in sorted(self._running, key=lambda s: -s.slot):
                sequence.slot = self._prefixes.closer(sequence.slot)
        parts = self._plan()
        self.resting = not parts
        for call in self._split_evaluations(parts):
            here = [part for part in call if part.sequence in self._running]
            if here:
                self._evaluate(here)
        ended, self._ended = self._ended, []
        return ended

    # ---------------------------------------------------------------- admission

    def _admit(self) -> None:
        while self._waiting and len(self._running) < self._policy.sequences:
            sequence = self._next()
            if sequence is None:
                return
            tokens = np.asarray(sequence.tokens, np.int32)
            source, shared, coming = self._prefixes.match(tokens)
            if coming - shared >= WORTH_WAITING:
                return
            if self._is_paper(sequence) and shared < self._policy.keep and self._prefixes.keeps:
                if self._prefixes.fresh:
                    return
                self._prefixes.drop_kept()
                continue
            if self._restore(tokens, shared):
                continue
            source, shared, _ = self._prefixes.match(
                tokens
            )  # again: what was there may have gone to make room for what was not
            needed = len(tokens) - shared + self._expected_cells(sequence) + self._promised_cells()
            if not self._prefixes.make_room(needed, slots=1, spare=source):
                if self._running or self._prefixes.fresh:
                    return
                if not self._prefixes.make_room(len(tokens) - shared + 1, slots=1, spare=source):
                    source, shared = -1, 0
                    self._prefixes.make_room(len(tokens) + 1, slots=1)
            self._waiting.remove(sequence)
            try:
                sequence.start(self._prefixes.open(sequence.prompt, source, shared), shared)
            except Exception as error:
                self._fail(sequence, error)
                continue
            self._running.append(sequence)
            if sequence.finish:
                self._end(sequence)

    def _restore(self, tokens: NDArray[np.int32], ready: int) -> bool:
        """Read from disk more of ``tokens`` than the ``ready`` first ones, which are in the cache. Whether that
        succeeded.

        Whoever is kept in the cache may have had to leave it, also when nothing came of it.
        """
        states = self._policy.states
        note, saved, length = states.best(tokens[:-1], ready) if states else (None, 0, 0)
        if (
            states is None or note is None or saved < self._policy.keep
        ):  # less would not be kept, but dropped and read for ever
            return False
        if not self._prefixes.make_room(length + self._promised_cells(), slots=2):
            return False
        return self._prefixes.restore(
            tokens[:saved], lambda slot: states.load(note, lambda file: self._runner.restore(slot, file))
        )

    def _next(self) -> Sequence | None:
        """The first that waits, or the first whose long beginning is in use or kept and may have to go soon; nobody
        waits for ever.

        None when all that wait are about other papers than those running.
        """
        first = self._waiting[0]
        joining = [s for s in (self._waiting if first.passed < _MOST_PASSED else [first]) if self._joins(s)]
        kept = (s for s in joining if self._prefixes.kept_share(s.prompt, self._policy.keep))
        chosen = next(kept, joining[0] if joining else None)
        first.passed += chosen is not first
        return chosen

    def _is_paper(self, sequence: Sequence) -> bool:
        return 0 < self._policy.paper <= len(sequence.prompt)

    def _joins(self, sequence: Sequence) -> bool:
        """Whether ``sequence`` may run beside those that do: it is short, or begins as the long ones do."""
        paper = next((s for s in self._running if self._is_paper(s)), None)
        if paper is None or not self._is_paper(sequence):
            return True
        return common_length(paper.prompt, sequence.prompt) >= self._policy.keep

    def _expected_cells(self, sequence: Sequence) -> int:
        """Cells that the rest of an answer will probably need."""
        return max(min(sequence.limit, int(self._typical * 1.25) + 1) - len(sequence.output), 1)

    def _promised_cells(self) -> int:
        """Cells that the running sequences will still take."""
        return sum(s.pending + self._expected_cells(s) for s in self._running)

    # ---------------------------------------------------------------- one step

    def _plan(self) -> list[_Part]:
        """Decoding sequences first, then prompts in order of admission, as far as the step goes."""
        decoding = [s for s in self._running if s.decoding]
        prompts = [s for s in self._running if not s.decoding]
        if self._decoding_waits(decoding, prompts):
            decoding = []
        elif decoding and self._runner.apart:
            prompts = []  # they would be an evaluation of their own in each step
        if decoding and not prompts and self._policy.curve:
            decoding = choose_together(decoding, self._policy.curve, apart=self._runner.apart)
        drafted = 0 if prompts else self._worth_drafting(decoding)
        level = min((s.pending for s in decoding), default=0) if self._runner.apart else self._runner.batch_size
        parts: list[_Part] = []
        size, outputs = self._runner.batch_size, self._runner.outputs
        for number, sequence in enumerate(decoding):
            count = min(sequence.pending, size, level)
            whole = count == sequence.pending and outputs > 0
            room = min(size - count, outputs - (len(decoding) - number), drafted)
            sequence.draft = self._draft(sequence, room) if whole else []
            drafted -= len(sequence.draft)
            size, outputs = self._add(parts, sequence, count, whole, size, outputs)
        size = min(size, self._policy.rows)
        for sequence in prompts:
            count = min(sequence.pending, size)
            sequence.draft = []
            size, outputs = self._add(parts, sequence, count, count == sequence.pending and outputs > 0, size, outputs)
        return parts

    def _add(
        self, parts: list[_Part], sequence: Sequence, count: int, whole: bool, size: int, outputs: int
    ) -> tuple[int, int]:
        """Put ``count`` tokens of a sequence and its draft into the step; returns what is left of ``size`` and
        ``outputs``."""
        if not whole and count == sequence.pending:
            count -= 1  # the last token waits for a step that has room for its logits
        if not count:
            return size, outputs
        rows = 1 + len(sequence.draft) if whole else 0
        parts.append(_Part(sequence, count, rows))
        return size - count - len(sequence.draft), outputs - rows

    def _decoding_waits(self, decoding: list[Sequence], prompts: list[Sequence]) -> bool:
        """Whether decoding waits for the prompts that are being read, because more sequences together would be much
        faster.

        Apart, nothing is gained by going on with some; but where reading takes minutes, somebody waits for the first
        answers, so that a job begins with few sequences and becomes wider from answer to answer.
        """
        curve = self._policy.curve
        if self._runner.apart and decoding and prompts:
            unread = sum(s.pending for s in prompts)
            is_long = unread * self.counts.seconds > _LONG_READING_SECONDS * self.counts.tokens
            return not is_long or len(decoding) < _FIRST_TO_DECODE + self._answers
        if curve is None or not decoding or not prompts or self._runner.mixing >= self._runner.batch_size:
            return False
        rows = sum(s.pending for s in decoding)
        return rows < len(self._running) and rows / curve.time(rows) < _GOOD_ENOUGH_RATE * len(
            self._running
        ) / curve.time(len(self._running))

    def _worth_drafting(self, decoding: list[Sequence]) -> int:
        """How many drafted tokens pay in a step with these sequences, by what was right so far."""
        if self._policy.draft is None or not decoding or (self._runner.apart and len(decoding) > 1):
            return 0  # apart, rows of unequal number would be evaluated one sequence after the other
        most = min(self._policy.rows - sum(s.pending for s in decoding), self._prefixes.free - self._promised_cells())
        if self._policy.curve is None or most <= 0:
            return max(most, 0)
        right = (self.counts.right + 8) / (self.counts.drafted + 16)
        return self._policy.curve.drafts(sum(s.pending for s in decoding), right, most)

    def _split_evaluations(self, parts: list[_Part]) -> list[list[_Part]]:
        """One evaluation for all, or decoding and prompts each for itself where the model is slow with both in one
        (``Runner.mixing``)."""
        parts = sorted(parts, key=lambda part: part.sequence.slot) if self._runner.apart else parts
        if sum(part.count + len(part.sequence.draft) for part in parts) <= self._runner.mixing:
            return [parts]
        return [[p for p in parts if p.sequence.decoding], [p for p in parts if not p.sequence.decoding]]

    def _draft(self, sequence: Sequence, room: int) -> list[int]:
        room = min(room, sequence.limit - len(sequence.output) - 1)
        return self._policy.draft(sequence, room)[:room] if self._policy.draft and room > 0 else []

    def _evaluate(self, parts: list[_Part]) -> None:
        if not self._fits(parts):
            return
        tokens: list[int] = []
        positions: list[int] = []
        slots: list[int] = []
        wanted: list[bool] = []
        for part in parts:
            sequence, end = part.sequence, part.sequence.evaluated + part.count
            taken = [*sequence.tokens[sequence.evaluated : end], *sequence.draft]
            tokens += taken
            positions += range(sequence.evaluated, sequence.evaluated + len(taken))
            slots += [sequence.slot] * len(taken)
            wanted += [False] * (len(taken) - part.rows) + [True] * part.rows
        began = awake_clock.seconds()
        try:
            rows = self._runner.evaluate(tokens, positions, slots, wanted)
        except CacheFull:
            self._give_way()
            return
        except EvaluationAborted:
            for sequence in self._running:
                self._runner.remove(sequence.slot, sequence.evaluated)
            return
        except CacheGap as error:
            for part in parts:
                if part.sequence.slot == error.slot:
                    self._fail(part.sequence, error)
            return
        except EvaluationError as error:
            for part in parts:
                self._fail(part.sequence, error)
            return
        seconds = awake_clock.seconds() - began
        self.counts = self.counts.after_step(len(tokens), seconds, self._prefixes.used + len(tokens))
        self._take(parts, rows)

    def _fits(self, parts: list[_Part]) -> bool:
        """Make room for this step; the youngest sequence gives way when there is none."""
        if self._prefixes.make_room(sum(p.count + len(p.sequence.draft) for p in parts)):
            return True
        self._give_way()
        return False

    def _give_way(self) -> None:
        youngest = self._running.pop()
        if not self._running:
            youngest.fail("The context has no room for this request, although it is alone in it.")
            self._ended.append(youngest)
        else:
            self._waiting.appendleft(youngest)
            self.counts = replace(self.counts, gave_way=self.counts.gave_way + 1)
        self._prefixes.drop(youngest.slot)
        youngest.leave()

    def _take(self, parts: list[_Part], rows: NDArray[np.float32]) -> None:
        first = 0
        for part in parts:
            sequence = part.sequence
            self._prefixes.grow(sequence.slot, part.count + len(sequence.draft))
            sequence.evaluated += part.count
            if part.rows:
                try:
                    self._choose(sequence, rows[first : first + part.rows])
                except (
                    Exception
                ) as error:  # a fault of this sequence alone: its constraint, or what the model gave for it
                    self._fail(sequence, error)
                first += part.rows
            if sequence.finish and sequence in self._running:
                self._end(sequence)

    def _choose(self, sequence: Sequence, rows: NDArray[np.float32]) -> None:
        """Choose one token, and one more for each drafted token that turns out right; forget the others."""
        draft, right = sequence.draft, 0
        while True:
            sequence.choose(rows[right])
            before = right
            while right < len(draft) and sequence.pending and sequence.tokens[sequence.evaluated] == draft[right]:
                sequence.evaluated += 1
                right += 1
            if sequence.finish or sequence.pending or right == before:
                break
        if draft:
            sequence.drafted += len(draft)
            sequence.kept += right
            self.counts = replace(
                self.counts, drafted=self.counts.drafted + len(draft), right=self.counts.right + right
            )
            self._prefixes.cut(sequence.slot, sequence.evaluated)
            sequence.draft = []

    # ---------------------------------------------------------------- endings

    def _end(self, sequence: Sequence) -> None:
        self._running.remove(sequence)
        self._ended.append(sequence)
        self._answers += 1
        self._typical += (len(sequence.output) - self._typical) / 16
        wanted = (
            self._waiting
            and common_length(self._waiting[0].prompt, sequence.prompt) > len(sequence.prompt) - WORTH_WAITING
        )
        slot, length = self._prefixes.keep(sequence.slot, WORTH_WAITING if wanted else self._policy.keep)
        if self._policy.states and length >= self._policy.keep:
            self._policy.states.save(
                sequence.prompt[:length], self._runner.state_size(slot), lambda file: self._runner.save(slot, file)
            )

    def _fail(self, sequence: Sequence, error: Exception) -> None:
        sequence.fail(str(error) or type(error).__name__)
        if sequence in self._running:
            self._running.remove(sequence)
        self._ended.append(sequence)
        if sequence.slot >= 0:
            self._prefixes.drop(sequence.slot)

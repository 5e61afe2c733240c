"""One request while it is worked on: its tokens, how many of them the model has seen, and how it ended.

A sequence owns its state and knows nothing of batches or caches. ``tokens[evaluated:]`` is what the model must still
see before the next token can be chosen; prompt, forced tokens and the token chosen last are all the same in that.
Decoding is greedy: the best token that the constraint allows, the lower id when two are equal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence as Seq
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from leads_local import awake_clock
from leads_local.engine.types import FinishReason

_TRIED_SINGLY = 6  # best tokens tried one by one before all tokens are looked at


class Constraint(Protocol):
    """What ``constraint.Constraint`` gives; a protocol, so that this module needs neither llguidance nor llama.cpp."""

    def forced(self) -> list[int]: ...
    def consume(self, tokens: Seq[int]) -> None: ...
    def admits(self, tokens: Seq[int]) -> int: ...
    def chooses(self, answer: Seq[int]) -> bool: ...
    def allowed(self) -> NDArray[np.bool_]: ...
    @property
    def finished(self) -> bool: ...


class Sequence:
    """See the module. ``id`` is the caller's, ``prompt`` token ids, ``limit`` the most tokens to answer, ``ends`` the
    ids that end it."""

    __slots__ = (
        "__weakref__",
        "_decides",
        "choices",
        "constraint",
        "draft",
        "drafted",
        "ends",
        "error",
        "evaluated",
        "finish",
        "forced",
        "id",
        "kept",
        "limit",
        "margin",
        "output",
        "passed",
        "prompt",
        "shared",
        "slot",
        "started",
        "tokens",
    )  # fmt: skip

    def __init__(
        self, id: int, prompt: Seq[int], limit: int, ends: frozenset[int], constraint: Constraint | None = None
    ) -> None:
        self.id = id
        self.prompt: NDArray[np.int32] = np.asarray(prompt, np.int32)
        self.tokens: list[int] = list(prompt)
        self.limit = limit
        self.ends = ends
        self.constraint = constraint
        self.evaluated = 0
        self.slot = -1
        self.shared = 0
        self.forced = 0
        self.output: list[int] = []
        self.draft: list[int] = []
        self.drafted = self.kept = self.passed = 0
        self.margin: float | None = None
        self.choices: list[list[tuple[int, float]]] = []
        self.started = 0.0
        self._decides = False
        self.finish: FinishReason | None = None
        self.error = ""

    @property
    def pending(self) -> int:
        """How many tokens the model must still see before the next can be chosen."""
        return len(self.tokens) - self.evaluated

    @property
    def decoding(self) -> bool:
        """Whether the whole prompt has been seen."""
        return self.evaluated >= len(self.prompt)

    def start(self, slot: int, shared: int) -> None:
        """Enter the batch in ``slot``, whose first ``shared`` tokens are in the cache already."""
        self.slot, self.evaluated = slot, shared
        if not self.started:
            self.started, self.shared = awake_clock.seconds(), shared
            self._force()

    def leave(self) -> None:
        """Be taken out of the batch for want of room, to be started again later with what was decoded so far."""
        self.slot, self.evaluated, self.draft = -1, 0, []

    def fail(self, reason: str) -> None:
        self.finish, self.error = FinishReason.ERROR, reason

    def choose(self, row: NDArray[np.float32]) -> int:
        """Append the best allowed token by the logits ``row`` (which is used up), and what is forced after it. Returns
        the token."""
        if self._decides and self.constraint and self.constraint.chooses(self.output):
            self.choices.append(_probabilities(row, np.flatnonzero(self.constraint.allowed()[: len(row)])))
        token, margin = best_allowed(row, self.constraint)
        if margin is not None:
            self.margin = margin if self.margin is None else min(self.margin, margin)
        if token in self.ends:
            self.finish = FinishReason.STOP
            return token
        if self.constraint:
            self.constraint.consume([token])
        self._append([token])
        if self.finish is None:
            self._force()
        return token

    def _force(self) -> None:
        if self.constraint is None:
            return
        forced = self.constraint.forced()[: self.limit - len(self.output)]
        if forced:
            self.constraint.consume(forced)
            self.forced += len(forced)
        self._decides = bool(forced)
        self._append([token for token in forced if token not in self.ends])

    def _append(self, tokens: list[int]) -> None:
        self.tokens.extend(tokens)
        self.output.extend(tokens)
        if self.constraint and self.constraint.finished:
            self.finish = FinishReason.STOP
        elif len(self.output) >= self.limit:
            self.finish = FinishReason.LENGTH


def _probabilities(row: NDArray[np.float32], tokens: NDArray[np.intp]) -> list[tuple[int, float]]:
    """``tokens`` with their probabilities among each other."""
    weights = np.exp(row[tokens] - row[tokens].max())
    return [(int(token), float(part)) for token, part in zip(tokens, weights / weights.sum(), strict=True)]


def best_allowed(row: NDArray[np.float32], constraint: Constraint | None) -> tuple[int, float | None]:
    """The best allowed token by ``row`` (one logit for each token; used up), and by how much it beats the second best
    allowed one.

    The margin is a difference of log-probabilities; None when only one token is allowed. The mask over the whole
    vocabulary is worked out only when the best few tokens do not settle it. Raises ValueError when the logits are no
    numbers.
    """
    found: list[tuple[int, float]] = []
    for _ in range(_TRIED_SINGLY):
        token = int(row.argmax())
        value = float(row[token])
        if value == -math.inf:
            break
        if not math.isfinite(value):
            raise ValueError("The model gave values that are no numbers; its file may be damaged: convert it again.")
        if constraint is None or constraint.admits([token]) == 1:
            found.append((token, value))
            if len(found) == 2:
                return found[0][0], found[0][1] - value
        row[token] = -np.inf
    if constraint is not None:
        row[~constraint.allowed()[: len(row)]] = -np.inf
    while len(found) < 2:
        token = int(row.argmax())
        if row[token] == -np.inf:
            break
        found.append((token, float(row[token])))
        row[token] = -np.inf
    if not found:
        raise ValueError("The schema and the model's vocabulary leave no way to go on with this answer.")
    return found[0][0], found[0][1] - found[1][1] if len(found) == 2 else None

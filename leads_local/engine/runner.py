"""What the scheduler needs of a model, as a protocol, so that it can be tested against a mock and never imports
llama.cpp."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class EvaluationError(Exception):
    """The model could not evaluate what it was given."""


class CacheFull(EvaluationError):
    """The KV cache has no room for the batch; nothing was changed."""


class CacheGap(EvaluationError):
    """The sequence in ``slot`` would go on after tokens that the cache does not hold; nothing was changed."""

    def __init__(self, slot: int, position: int, held: int) -> None:
        super().__init__(
            f"The model was to go on at token {position:,} of a text of which it holds {held:,}. Ask again."
        )
        self.slot = slot


class EvaluationAborted(EvaluationError):
    """The evaluation was stopped half-way; what of it stays in the cache is unknown."""


class Runner(Protocol):
    """A model with a KV cache of ``cells`` cells that ``slots`` sequences share; a cell that several sequences share
    counts once.

    One step takes up to ``batch_size`` tokens and gives logits for up to ``outputs`` of them. Steps of more than
    ``mixing`` rows should not hold single tokens of many sequences beside longer runs. Where slots are ``apart``, each
    has a part of the cells to itself, sharing is a copy, and one step works well only for slots side by side, their
    tokens in the order of the slots.
    """

    cells: int
    slots: int
    batch_size: int
    outputs: int
    mixing: int
    apart: bool
    vocabulary_size: int

    def evaluate(
        self, tokens: Sequence[int], positions: Sequence[int], slots: Sequence[int], wanted: Sequence[bool]
    ) -> NDArray[np.float32]:
        """Evaluate up to ``batch_size`` tokens, token i at ``positions[i]`` of the sequence in ``slots[i]``.

        Returns logits, one row of ``vocabulary_size`` for each True in ``wanted``, in order; a view, valid until the
        next call. Raises Incomplete where a sequence does not go on at the first position that the cache lacks
        (llama.cpp itself would answer, without the beginning), NoCells, Aborted or EvaluationError.
        """
        ...

    def held(self, slot: int) -> int:
        """How many positions of the sequence in ``slot`` the cache holds, from the first on; 0 when the first is not
        there."""
        ...

    def copy(self, source: int, target: int, end: int) -> None:
        """Let ``target`` share positions [0, end) of ``source``."""
        ...

    def remove(self, slot: int, start: int) -> None:
        """Forget positions from ``start`` on of the sequence in ``slot``."""
        ...

    def state_size(self, slot: int) -> int:
        """Bytes that ``save`` would write for the sequence in ``slot``."""
        ...

    def save(self, slot: int, file: Path) -> bool:
        """Write what the cache holds of the sequence in ``slot`` to ``file``; False when it can't be written."""
        ...

    def restore(self, slot: int, file: Path) -> bool:
        """Fill the empty ``slot`` with what ``save`` wrote; False when that is not possible, and the slot is empty
        then."""
        ...

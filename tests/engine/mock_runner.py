"""A runner without a model. Its logits are a function of all tokens that a slot holds, so any mistake in the cache
changes the answers.

It counts cells as llama.cpp's unified cache does: a cell is made by an evaluated token, shared by copy, and free when
nobody owns it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leads_local.engine.runner import CacheFull


class _Cell:
    def __init__(self, token: int, owner: int) -> None:
        self.token = token
        self.owners = {owner}


class MockRunner:
    def __init__(
        self,
        cells: int = 4096,
        slots: int = 32,
        batch_size: int = 64,
        vocabulary_size: int = 20,
        outputs: int = 0,
        mixing: int = 9999,
        apart: bool = False,
    ) -> None:
        self.cells, self.slots, self.batch_size, self.vocabulary_size = cells, slots, batch_size, vocabulary_size
        self.outputs, self.mixing, self.apart = outputs or batch_size, mixing, apart
        self._held: dict[int, list[_Cell]] = {slot: [] for slot in range(slots)}
        self.used = self.most_used = self.steps = self.evaluated = 0

    def evaluate(
        self, tokens: Sequence[int], positions: Sequence[int], slots: Sequence[int], wanted: Sequence[bool]
    ) -> NDArray[np.float32]:
        assert len(tokens) == len(positions) == len(slots) == len(wanted) <= self.batch_size
        if self.used + len(tokens) > self.cells:
            raise CacheFull("full")
        assert sum(wanted) <= self.outputs
        assert not self.apart or list(slots) == sorted(slots)
        rows = []
        for token, position, slot, want in zip(tokens, positions, slots, wanted, strict=True):
            held = self._held[slot]
            assert position == len(held), f"slot {slot} holds {len(held)} tokens, was given position {position}"
            held.append(_Cell(token, slot))
            assert not self.apart or len(held) <= self.cells // self.slots
            self.used += 1
            if want:
                rows.append(logits([cell.token for cell in held], self.vocabulary_size))
        self.steps += 1
        self.evaluated += len(tokens)
        self.most_used = max(self.most_used, self.used)
        return np.array(rows, np.float32).reshape(len(rows), self.vocabulary_size)

    def copy(self, source: int, target: int, end: int) -> None:
        assert not self._held[target], "a slot was filled twice"
        assert end <= len(self._held[source]), "more was copied than is there"
        self._held[target] = self._held[source][:end]
        for cell in self._held[target]:
            cell.owners.add(target)

    def remove(self, slot: int, start: int) -> None:
        for cell in self._held[slot][start:]:
            cell.owners.discard(slot)
            self.used -= not cell.owners
        del self._held[slot][start:]

    def held(self, slot: int) -> int:
        return len(self._held[slot])

    def state_size(self, slot: int) -> int:
        return 2 * len(self._held[slot])

    def save(self, slot: int, file: Path) -> bool:
        file.write_text(json.dumps([cell.token for cell in self._held[slot]]))
        return True

    def restore(self, slot: int, file: Path) -> bool:
        return self.fill(slot, json.loads(file.read_text()))

    def fill(self, slot: int, tokens: Sequence[int]) -> bool:
        """What ``restore`` does with what it has read."""
        assert not self._held[slot] and self.used + len(tokens) <= self.cells
        self._held[slot] = [_Cell(token, slot) for token in tokens]
        self.used += len(tokens)
        self.most_used = max(self.most_used, self.used)
        return True


def logits(tokens: Sequence[int], size: int) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.sha256(repr(list(tokens)).encode()).digest()[:8], "little")
    return np.random.default_rng(seed).standard_normal(size).astype(np.float32)


def alone(prompt: Sequence[int], limit: int, ends: frozenset[int], size: int = 20) -> list[int]:
    """What greedy decoding gives for one prompt, worked out without any engine."""
    tokens, output = list(prompt), []
    while len(output) < limit:
        token = int(logits(tokens, size).argmax())
        if token in ends:
            break
        tokens.append(token)
        output.append(token)
    return output

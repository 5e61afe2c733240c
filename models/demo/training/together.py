"""Processes that train one network on CPUs, each on its own text with its own optimizers; every few steps they average
their weights.

Two processes with a thread each get through half as much text again as one with two threads, and averaging now and then
instead of at each step lets nobody wait for the other's longer papers.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence

import torch
from torch import Tensor

ROUND = 8  # steps between two averages
PATIENCE = 900.0  # seconds after which a process takes the others to be gone


class Together:
    """What ``count`` processes share; it is given to each of them when it starts. Where one is gone BrokenBarrierError
    ends the others."""

    def __init__(self, weights: Sequence[Tensor], count: int) -> None:
        self.count = count
        self._weights = [[weight.detach().clone().share_memory_() for weight in weights] for _ in range(count)]
        self._read = torch.zeros(count, dtype=torch.float64).share_memory_()
        self._barrier = multiprocessing.get_context("spawn").Barrier(count, timeout=PATIENCE)

    @torch.no_grad()
    def begin(self, number: int, weights: Sequence[Tensor]) -> None:
        """Make ``weights`` those that all begin with; before the first average."""
        for weight, kept in zip(weights, self._weights[number], strict=True):
            weight.copy_(kept)

    @torch.no_grad()
    def average(self, number: int, weights: Sequence[Tensor], read: float) -> float:
        """Make ``weights`` of process ``number`` the mean of all processes' and return the tokens that all have
        ``read``."""
        for kept, weight in zip(self._weights[number], weights, strict=True):
            kept.copy_(weight)
        self._read[number] = read
        self._barrier.wait()
        for weight, kept in zip(weights, zip(*self._weights, strict=True), strict=True):
            weight.copy_(torch.stack(kept).mean(0))
        total = float(self._read.sum())
        self._barrier.wait()
        return total

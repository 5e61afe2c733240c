"""Trees of text as one batch, and what the network's answers to it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from models.demo.training import tokens
from models.demo.training.model import Model, Part
from models.demo.training.tokens import Tree

OPEN = 0.1  # weight from which a token counts as one that the schema leaves open
LABEL = tokens.WEIGHTS["eligibility"][0]  # weight of screening labels alone


@dataclass(frozen=True, slots=True)
class Batch:
    """Trees one after the other, without padding: their ids, positions and loss weights, and what sees what."""

    ids: Tensor
    positions: Tensor
    weights: Tensor
    parts: tuple[Part, ...]


def packed(trees: Sequence[Tree], device: str) -> Batch:
    parts: list[Part] = []
    for tree in trees:
        lengths = np.diff([0, *(np.flatnonzero(np.diff(tree.branch)) + 1), len(tree)]).tolist()
        root = len(parts)
        parts += [
            Part(length, root if number and not tree.branch[0] else None) for number, length in enumerate(lengths)
        ]
    ids, positions, weights = (
        torch.from_numpy(np.concatenate([getattr(tree, name) for tree in trees])).to(device)
        for name in ("ids", "positions", "weights")
    )
    return Batch(ids.long(), positions, weights, tuple(parts))


def loss_of(model: Model, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """The weighted mean loss, and the shares of open tokens and of screening labels that the model gets right.

    A token is predicted from the one to its left, which is of its own branch: no answer begins a branch.
    """
    wanted = batch.weights > 0
    wanted[0] = False
    before = torch.roll(wanted, -1, 0)
    with torch.autocast(batch.ids.device.type, torch.bfloat16):
        logits = model.logits(model(batch.ids, batch.positions, batch.parts)[before])
    share, gold = batch.weights[wanted], batch.ids[wanted]
    losses = F.cross_entropy(logits.float(), gold, reduction="none")
    with torch.no_grad():
        hit = logits.argmax(-1) == gold
        right, labels = (hit[share >= least].float().mean() for least in (OPEN, LABEL))
    return (losses * share).sum() / share.sum(), right, labels

"""Trains the demo model from the generator's text. Stop it at any time and start it again: it goes on from its last checkpoint.

    python -m models.demo.training.train --out RUN --tokens 20 --decay 3

trains on 20 million tokens, the learning rate falling over the last 3; the same command with a larger ``--tokens`` goes on from there. The
first part of the data is plain repetition, then short papers with few questions, then everything. Nothing of the sample review and no
real text is read.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from leads_local.tasks import prompts
from models.demo.training import items, tokens
from models.demo.training.model import Model, Shape, begin, export, parameters
from models.demo.training.tokens import Tree

COPYING, SHORT = 0.12e6, 2.5e6  # tokens up to which there is only repetition, and only short papers
BATCH = 2560  # tokens
LONGEST = 1024
SAVE_EVERY = 150.0  # seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """``tokens`` in all, ``decay`` of them at the end with a falling rate, and the full learning ``rate``."""

    tokens: float
    decay: float
    rate: float

    def rate_at(self, seen: float) -> float:
        warm = min(1.0, (seen + BATCH) / 1e5)
        return self.rate * warm * min(1.0, max(0.02, (self.tokens - seen) / self.decay))


def repetition(rng: random.Random, length: int) -> Tree:
    """Random tokens, then stretches of them again: the loss is on the second time."""
    known = [rng.randrange(10, tokens.VOCABULARY) for _ in range(rng.randint(40, length // 2))]
    ids, weights = [tokens.BOS, tokens.OPEN, *known, tokens.CLOSE], [0.0] * (len(known) + 3)
    while len(ids) < length - 24:
        start = rng.randrange(len(known) - 8)
        part = known[start : start + rng.randint(6, 20)]
        ids += part
        weights += [0.0, 0.0, *[1.0] * (len(part) - 2)]
    count = len(ids)
    return Tree(np.array(ids, np.int32), np.arange(count, dtype=np.int32), np.zeros(count, np.int16), np.array(weights, np.float32))


def batches(seed: int, seen: float) -> Iterator[list[Tree]]:
    """Batches of trees of about the same length, for the stage of training that ``seen`` tokens have reached."""
    rng = random.Random(f"{seed} {seen:.0f}")
    pack = prompts.load(items.PACK)
    split = items.SPLITS["train"]
    short, long = (tokens.trees(rng, split, pack, longest, full) for longest, full in ((512, 0.0), (LONGEST, 0.3)))
    while True:
        if seen < COPYING:
            source: Iterator[Tree] = (repetition(rng, 256) for _ in itertools.count())
        else:
            source = short if seen < SHORT else long
        pool = sorted(itertools.islice(source, 48), key=len)
        ready: list[list[Tree]] = [[]]
        for tree in pool:
            if (len(ready[-1]) + 1) * len(tree) > BATCH:
                ready.append([])
            ready[-1].append(tree)
        rng.shuffle(ready)
        for batch in ready:
            seen += sum(map(len, batch))
            yield batch


def packed(batch: list[Tree]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Ids, positions, attention mask and loss weights of a batch, padded to the same length."""
    longest = -(-max(map(len, batch)) // 64) * 64
    ids, positions, branch = (np.zeros((len(batch), longest), kind) for kind in (np.int64, np.int64, np.int16))
    weights = np.zeros((len(batch), longest), np.float32)
    for row, tree in enumerate(batch):
        n = len(tree)
        ids[row, :n], positions[row, :n], branch[row, :n], weights[row, :n] = tree.ids, tree.positions, tree.branch, tree.weights
    own = torch.from_numpy(branch)
    mask = (own[:, :, None] == own[:, None, :]) | (own[:, None, :] == 0)
    mask &= torch.ones(longest, longest, dtype=torch.bool).tril()
    return torch.from_numpy(ids), torch.from_numpy(positions), mask[:, None], torch.from_numpy(weights)


def loss_of(model: Model, ids: Tensor, positions: Tensor, mask: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """The weighted mean loss, and the share of open tokens (weight of 0.1 or more) that the model gets right.

    A token is predicted from the one before it in its own branch. An item's answer never begins its branch, so that is the one to its left.
    """
    wanted = weights > 0
    wanted[:, 0] = False
    before = torch.roll(wanted, -1, 1)
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model(ids, positions, mask)
        logits = model.logits(hidden[before])
    losses = F.cross_entropy(logits.float(), ids[wanted], reduction="none")
    share = weights[wanted]
    with torch.no_grad():
        right = ((logits.argmax(-1) == ids[wanted]) & (share >= 0.1)).sum() / (share >= 0.1).sum().clamp(min=1)
    return (losses * share).sum() / share.sum(), right


class Trainer:
    def __init__(self, folder: Path, plan: Plan, seed: int, shape: Shape) -> None:
        self.folder, self.plan, self.seed, self.shape = folder, plan, seed, shape
        torch.manual_seed(seed)
        self.model = Model(shape)
        begin(self.model, seed)
        matrices = [w for w in self.model.parameters() if w.dim() > 1]
        vectors = [w for w in self.model.parameters() if w.dim() == 1]
        groups = [{"params": matrices, "weight_decay": 0.02}, {"params": vectors, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.97))
        self.seen, self.spent = 0.0, 0.0
        if (folder / "state.pt").is_file():
            state = torch.load(folder / "state.pt", weights_only=True)
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.seen, self.spent = state["seen"], state["spent"]

    def save(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / "state.part"
        torch.save({"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(), "seen": self.seen, "spent": self.spent}, part)
        part.replace(self.folder / "state.pt")
        export(self.model.state_dict(), self.shape, self.folder)

    def run(self) -> None:
        began = saved = time.monotonic()
        spent = self.spent
        mean = right = 0.0
        for step, batch in enumerate(batches(self.seed, self.seen)):
            if self.seen >= self.plan.tokens:
                break
            for group in self.optimizer.param_groups:
                group["lr"] = self.plan.rate_at(self.seen)
            loss, hit = loss_of(self.model, *packed(batch))
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            self.seen += sum(map(len, batch))
            now = time.monotonic()
            self.spent = spent + now - began
            keep = 0.95 if step else 0.0
            mean, right = keep * mean + (1 - keep) * loss.item(), keep * right + (1 - keep) * hit.item()
            if step % 20 == 0:
                self.log(step, mean, right, self.spent)
            if now - saved > SAVE_EVERY:
                saved = now
                self.save()
        self.save()

    def log(self, step: int, loss: float, right: float, seconds: float) -> None:
        told = {"step": step, "tokens": self.seen, "loss": round(loss, 4), "right": round(right, 4), "seconds": round(seconds)}
        print(json.dumps(told), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="the folder for checkpoints; a run that is there goes on")
    parser.add_argument("--tokens", type=float, default=20, help="millions of tokens in all")
    parser.add_argument("--decay", type=float, default=3, help="millions of tokens at the end over which the rate falls")
    parser.add_argument("--rate", type=float, default=1e-3, help="the learning rate")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if not tokens.MODEL.is_file():
        tokens.train_tokenizer(given.seed)
    trainer = Trainer(given.out, Plan(given.tokens * 1e6, given.decay * 1e6, given.rate), given.seed, Shape())
    print(f"{parameters(trainer.shape) / 1e6:.2f} million numbers, {trainer.seen / 1e6:.2f} million tokens seen", file=sys.stderr)
    trainer.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())

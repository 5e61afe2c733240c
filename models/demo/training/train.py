"""Trains the demo model from the generator's text. Stop it at any time and start it again: it goes on from its last
checkpoint.

    python -m models.demo.training.train --out RUN --tokens 60 --decay 8  # two cores, some hours
    python -m models.demo.training.train --out RUN --tokens 600 --decay 90 --device cuda --workers 14 \\
        --layers 10 --ffn 1024 --batch 32768  # a GPU, half an hour

trains on so many million tokens, the learning rate falling over the last of them; the same command with a larger
``--tokens`` goes on from there. Nothing of the sample review and no real text is read.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from models.demo.training import tokens
from models.demo.training.feed import Stages, batches, share
from models.demo.training.loss import loss_of, packed
from models.demo.training.model import Model, Shape, begin, export, load, parameters
from models.demo.training.together import ROUND, Together
from models.demo.training.tokens import Tree

SAVE_EVERY = 150.0  # seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """``tokens`` in all, ``decay`` of them at the end with a falling rate, and the full learning ``rate``."""

    tokens: float
    decay: float
    rate: float
    warm: float = 1e5

    def rate_at(self, seen: float) -> float:
        rising, falling = (seen + 1) / self.warm, (self.tokens - seen) / self.decay
        return self.rate * min(1.0, max(rising, 0.02), max(falling, 0.02))


class Trainer:
    """A model with its optimizers (Muon for the layers' matrices, which learns faster here; AdamW for the rest), in a
    folder where its state is kept. Raises ValueError when the run there has another shape."""

    def __init__(self, folder: Path, plan: Plan, shape: Shape, seed: int, device: str) -> None:
        self.folder, self.plan, self.seed, self.shape, self.device = folder, plan, seed, shape, device
        torch.manual_seed(seed)
        self.model = Model(shape)
        begin(self.model, seed)
        self.model.to(device)
        table = self.model.embed_tokens.weight
        matrices = [weight for weight in self.model.layers.parameters() if weight.dim() > 1]
        vectors = [weight for weight in self.model.parameters() if weight.dim() == 1]
        groups = [{"params": [table], "weight_decay": 0.02}, {"params": vectors, "weight_decay": 0.0}]
        self.optimizers = (
            torch.optim.Muon(matrices, lr=plan.rate, weight_decay=0.02, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.97)),
        )
        self.seen = self.spent = 0.0
        if (folder / "state.pt").is_file():
            self._load(torch.load(folder / "state.pt", weights_only=True, map_location=device))

    def _load(self, state: dict[str, object]) -> None:
        known = state.get("shape", asdict(self.shape))
        if known != asdict(self.shape):
            raise ValueError(f"{self.folder}: the run there has the shape {known}, asked for is {asdict(self.shape)}.")
        self.model.load_state_dict(state["model"])  # type: ignore[arg-type]
        for optimizer, kept in zip(self.optimizers, state["optimizers"], strict=True):  # type: ignore[call-overload]
            optimizer.load_state_dict(kept)
        self.seen, self.spent = float(state["seen"]), float(state["spent"])  # type: ignore[arg-type]

    def save(self) -> None:
        """The state to go on from, and the checkpoint folder that ``python -m convert`` reads."""
        self.folder.mkdir(parents=True, exist_ok=True)
        optimizers = [optimizer.state_dict() for optimizer in self.optimizers]
        state = {"model": self.model.state_dict(), "optimizers": optimizers, "shape": asdict(self.shape)}
        part = self.folder / "state.part"
        torch.save({**state, "seen": self.seen, "spent": self.spent}, part)
        part.replace(self.folder / "state.pt")
        export({name: weight.cpu() for name, weight in self.model.state_dict().items()}, self.shape, self.folder)

    def step(self, batch: list[Tree]) -> tuple[Tensor, ...]:
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
            for group in optimizer.param_groups:
                group["lr"] = self.plan.rate_at(self.seen)
        loss, *shares = loss_of(self.model, packed(batch, self.device))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.seen += sum(map(len, batch))
        return loss.detach(), *shares

    def steps(
        self, text: Iterable[list[Tree]], together: Together | None = None, number: int = 0
    ) -> Iterator[tuple[Tensor, ...]]:
        """Step by step to the plan's end; ``together`` with other processes, of which this is the ``number``-th."""
        own = 0.0  # tokens since the last average
        for count, batch in enumerate(text, 1):
            if not own and self.seen >= self.plan.tokens:
                return
            before = self.seen
            shares = self.step(batch)
            if together:
                own += self.seen - before
                if count % ROUND == 0:
                    self.seen += together.average(number, list(self.model.parameters()), own) - own
                    own = 0.0
            yield shares

    def run(self, stages: Stages, workers: int = 0, processes: int = 1, seconds: float = math.inf) -> None:
        """Train up to the plan's end, ``seconds`` at most; the state is saved every few minutes and however this ends.

        ``workers`` processes make text for this one, or ``processes`` in all train together, each on its own text.
        """
        together = self._accompanied(processes, stages) if processes > 1 else None
        text = (
            share(self.seed, self.seen, stages, 0, processes)
            if together
            else batches(self.seed, self.seen, stages, workers)
        )
        began = saved = time.monotonic()
        before, recent = self.spent, []
        try:
            for number, shares in enumerate(self.steps(text, together)):
                recent.append(shares)
                now = time.monotonic()
                self.spent = before + now - began
                if number % 20 == 19:
                    self._log(recent)
                    recent = []
                if now - saved > SAVE_EVERY:
                    saved = now
                    self.save()
                if now - began > seconds:
                    break
        finally:
            self.save()

    def _accompanied(self, processes: int, stages: Stages) -> Together:
        """Start the other processes; they end with this one."""
        together = Together(list(self.model.parameters()), processes)
        context = multiprocessing.get_context("spawn")
        for number in range(1, processes):
            given = (self.folder, self.plan, self.shape, self.seed, self.seen, stages, together, number)
            context.Process(target=_accompany, args=given, daemon=True).start()
        return together

    def _log(self, recent: list[tuple[Tensor, ...]]) -> None:
        loss, right, labels = (round(float(torch.stack(shares).nanmean()), 4) for shares in zip(*recent, strict=True))
        told = {"tokens": self.seen, "loss": loss, "right": right, "labels": labels, "seconds": round(self.spent)}
        print(json.dumps(told), flush=True)


def _accompany(
    folder: Path, plan: Plan, shape: Shape, seed: int, seen: float, stages: Stages, together: Together, number: int
) -> None:
    trainer = Trainer(folder, plan, shape, seed, "cpu")
    trainer.seen = seen
    together.begin(number, list(trainer.model.parameters()))
    for _ in trainer.steps(share(seed, seen, stages, number, together.count), together, number):
        pass


def arguments() -> argparse.Namespace:
    shape, stages = Shape(), Stages()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--out", type=Path, required=True, help="the folder for checkpoints; a run that is there goes on"
    )
    parser.add_argument("--begin", type=Path, help="a folder with weights to begin from, when there is no run yet")
    parser.add_argument("--seen", type=float, default=0, help="millions of tokens that those weights have seen")
    parser.add_argument("--tokens", type=float, default=60, help="millions of tokens in all")
    parser.add_argument(
        "--decay", type=float, default=8, help="millions of tokens at the end over which the rate falls"
    )
    parser.add_argument("--rate", type=float, default=1e-3, help="the learning rate")
    parser.add_argument("--batch", type=int, default=stages.batch, help="tokens at a time")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--workers", type=int, default=0, help="processes that make text; 0 makes it in this one")
    parser.add_argument(
        "--processes", type=int, default=1, help="processes that train together on a CPU, a thread each"
    )
    for name in ("hidden", "layers", "heads", "ffn"):
        parser.add_argument(f"--{name}", type=int, default=getattr(shape, name))
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so long; the same command goes on")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> int:
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if not tokens.MODEL.is_file():
        tokens.train_tokenizer(given.seed)
    shape = Shape(hidden=given.hidden, layers=given.layers, heads=given.heads, ffn=given.ffn)
    plan = Plan(given.tokens * 1e6, given.decay * 1e6, given.rate)
    trainer = Trainer(given.out, plan, shape, given.seed, given.device)
    if given.begin and not trainer.seen:
        load(trainer.model, given.begin)
        trainer.seen = given.seen * 1e6
    print(
        f"{parameters(shape) / 1e6:.2f} million numbers, {trainer.seen / 1e6:.2f} million tokens seen", file=sys.stderr
    )
    trainer.run(Stages(batch=given.batch), given.workers, given.processes, given.minutes * 60)
    return 0


if __name__ == "__main__":
    sys.exit(main())

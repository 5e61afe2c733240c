"""Batches for training, in a fixed order for the same seed, start and number of workers.

Making text costs about as much as a small network on a GPU spends on it, so several processes can make it; their batches are taken in turn.
The stages: plain repetition, then short papers, then papers of all kinds with full texts among them.
"""

from __future__ import annotations

import itertools
import math
import multiprocessing
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from leads_local.tasks import prompts
from models.demo.training import items, tokens
from models.demo.training.drills import drill
from models.demo.training.grammar import Writer
from models.demo.training.tokens import Tree
from models.demo.training.words import Words

POOL = 48  # trees that are sorted by length before they are cut into batches
AHEAD = 4  # batches that each worker keeps ready


@dataclass(frozen=True, slots=True)
class Stages:
    """``batch`` tokens at a time. What is read up to how many tokens: repetition only (``copying``), mostly drills (``drilling``, a share
    of ``drills``), abstracts with few questions, ``brief`` of them very short, ``plain`` of them
    in the plainest sentences (``short``).

    Then ``full`` is the share of pieces of full texts, and from ``whole_from`` on ``whole`` that of whole ones.
    """

    batch: int = 2560
    copying: float = 0.12e6
    drilling: float = 3e6
    short: float = 10e6
    short_length: int = 900
    drills: float = 0.6
    brief: float = 0.4
    plain: float = 0.5
    longest: int = 1024
    full: float = 0.2
    whole_from: float = 18e6
    whole: float = 0.03
    whole_length: int = 4096


def batches(seed: int, seen: float, stages: Stages, workers: int = 0) -> Iterator[list[Tree]]:
    """Batches of trees of about the same length from the point on that ``seen`` tokens have reached; without end."""
    if not workers:
        yield from _made(f"{seed} {seen:.0f}", seen, stages, 1)
        return
    context = multiprocessing.get_context("spawn")
    queues = [context.Queue(AHEAD) for _ in range(workers)]
    for number, queue in enumerate(queues):
        context.Process(target=_work, args=(queue, f"{seed} {seen:.0f} {number}", seen, stages, workers), daemon=True).start()
    for queue in itertools.cycle(queues):
        yield queue.get()


def _work(queue: multiprocessing.Queue[list[Tree]], seed: str, seen: float, stages: Stages, workers: int) -> None:
    for batch in _made(seed, seen, stages, workers):
        queue.put(batch)


def _made(seed: str, seen: float, stages: Stages, workers: int) -> Iterator[list[Tree]]:
    """One worker's batches; it takes the others to be as far as it is."""
    rng = random.Random(seed)
    pack = prompts.load(items.PACK)
    split = items.SPLITS["train"]
    short = tokens.trees(rng, split, pack, stages.short_length, 0.0, brief=stages.brief, plain=stages.plain)
    long = tokens.trees(rng, split, pack, stages.longest, stages.full, brief=stages.brief / 2, plain=stages.plain / 2)
    drills = (tokens.tree(drill(rng, split, pack), stages.short_length) for _ in itertools.count())
    begun = (found for _ in itertools.count() if (found := next(drills if rng.random() < stages.drills else short)) is not None)
    whole = tokens.trees(rng, split, pack, stages.whole_length, 1.0, 1.0)
    kept = (tree for tree in drills if tree is not None)
    writer = Writer(rng, {}, split.phrasing)
    searches = (tokens.tree([items.searched(rng, Words(rng, split.words), writer, pack)], 900) for _ in itertools.count())
    sources, shares = (whole, kept, short, long, searches), (stages.whole, 0.2, 0.3, 0.45, 0.15)
    mixed = (next(rng.choices(sources, shares)[0]) for _ in itertools.count())
    while True:
        copying = (repetition(rng, 256) for _ in itertools.count())
        ends = (stages.copying, stages.drilling, stages.short, stages.whole_from, math.inf)
        source = next(trees for trees, end in zip((copying, begun, short, long, mixed), ends, strict=True) if seen < end)
        for batch in cut(rng, list(itertools.islice(source, POOL)), stages.batch):
            seen += workers * sum(map(len, batch))
            yield batch


def cut(rng: random.Random, pool: list[Tree], most: int) -> list[list[Tree]]:
    """The pool in batches of at most ``most`` tokens with their padding (a longer tree is a batch of its own), in random order."""
    found: list[list[Tree]] = [[]]
    for tree in sorted(pool, key=len):
        if found[-1] and (len(found[-1]) + 1) * len(tree) > most:
            found.append([])
        found[-1].append(tree)
    rng.shuffle(found)
    return found


def repetition(rng: random.Random, length: int) -> Tree:
    """Random tokens, then stretches of them again: the loss is on the second time, from the third token of each stretch on."""
    known = [rng.randrange(10, tokens.VOCABULARY) for _ in range(rng.randint(40, length // 2))]
    ids, weights = [tokens.BOS, tokens.OPEN, *known, tokens.CLOSE], [0.0] * (len(known) + 3)
    while len(ids) < length - 24:
        start = rng.randrange(len(known) - 8)
        part = known[start : start + rng.randint(6, 20)]
        ids += part
        weights += [0.0, 0.0, *[1.0] * (len(part) - 2)]
    count = len(ids)
    return Tree(np.array(ids, np.int32), np.arange(count, dtype=np.int32), np.zeros(count, np.int16), np.array(weights, np.float32))

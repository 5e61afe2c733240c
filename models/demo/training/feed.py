"""Batches for training, in a fixed order for the same seed, start and number of workers.

Making text costs about as much as a small network on a GPU spends on it, so several processes can make it; their
batches are taken in turn. The stages: plain repetition, then drills, then short papers, then all of them with full
texts among them.
"""

from __future__ import annotations

import itertools
import multiprocessing
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from leads_local.tasks import prompts
from models.demo.training import items, tokens
from models.demo.training.drills import drill
from models.demo.training.grammar import Writer
from models.demo.training.tokens import Tree
from models.demo.training.words import Words

POOL = 48  # trees that are made before they are cut into batches
AHEAD = 4  # batches that each worker keeps ready


@dataclass(frozen=True, slots=True)
class Stages:
    """``batch`` tokens at a time. What is read up to how many tokens: repetition only (``copying``), mostly drills
    (``drilling``, a share of ``drills``), abstracts with few questions (``short``, up to ``short_length`` tokens,
    ``brief`` of them very short, ``plain`` of them in the plainest sentences), then of each kind the share that
    ``mixture`` says, and from ``long_from`` on that of ``ending``.

    Drills and plain abstracts stay to the end, because it forgets what it no longer sees. ``full`` of the ``long`` ones
    are pieces of full texts, the others abstracts; ``whole`` full texts come last, because they cost most. ``strange``
    of the full texts, and half as many of the others, have other words in the place of those that are to be copied.
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
    full: float = 0.25
    whole_length: int = 7168
    strange: float = 0.3
    long_from: float = 45e6
    mixture: Mapping[str, float] = field(
        default_factory=lambda: {"drills": 0.3, "short": 0.27, "long": 0.3, "search": 0.08, "whole": 0.05}
    )
    ending: Mapping[str, float] = field(
        default_factory=lambda: {"drills": 0.27, "short": 0.18, "long": 0.37, "search": 0.08, "whole": 0.1}
    )


def batches(seed: int, seen: float, stages: Stages, workers: int = 0) -> Iterator[list[Tree]]:
    """Batches of trees from the point on that ``seen`` tokens have reached; without end."""
    if not workers:
        yield from _made(f"{seed} {seen:.0f}", seen, stages, 1)
        return
    context = multiprocessing.get_context("spawn")
    queues = [context.Queue(AHEAD) for _ in range(workers)]
    for number, queue in enumerate(queues):
        context.Process(target=_work, args=(queue, seed, seen, stages, number, workers), daemon=True).start()
    for queue in itertools.cycle(queues):
        yield queue.get()


def share(seed: int, seen: float, stages: Stages, number: int, of: int) -> Iterator[list[Tree]]:
    """One process's batches where ``of`` of them read at once; it takes the others to be as far as it is."""
    return _made(f"{seed} {seen:.0f} {number}", seen, stages, of)


def _work(
    queue: multiprocessing.Queue[list[Tree]], seed: int, seen: float, stages: Stages, number: int, of: int
) -> None:
    for batch in share(seed, seen, stages, number, of):
        queue.put(batch)


def _made(seed: str, seen: float, stages: Stages, workers: int) -> Iterator[list[Tree]]:
    """One worker's batches; it takes the others to be as far as it is."""
    rng = random.Random(seed)
    pack = prompts.load(items.PACK)
    split = items.SPLITS["train"]
    drills = (tokens.tree(drill(rng, split, pack), stages.longest) for _ in itertools.count())
    writer, words = Writer(rng, {}, split.phrasing), Words(rng, split.words)
    searches = (tokens.tree([items.searched(rng, words, writer, pack)], stages.short_length) for _ in itertools.count())
    kinds = {
        "copying": (repetition(rng, 256) for _ in itertools.count()),
        "drills": filter(None, drills),
        "short": tokens.trees(rng, split, pack, stages.short_length, 0.0, brief=stages.brief, plain=stages.plain),
        "long": tokens.trees(
            rng,
            split,
            pack,
            stages.longest,
            stages.full,
            brief=stages.brief / 2,
            plain=stages.plain / 2,
            strange=stages.strange / 2,
        ),
        "search": filter(None, searches),
        "whole": tokens.trees(rng, split, pack, stages.whole_length, 1.0, 1.0, strange=stages.strange),
    }
    while True:
        shares = _shares(seen, stages)
        pool = [next(kinds[kind]) for kind in rng.choices(list(shares), list(shares.values()), k=POOL)]
        for batch in cut(pool, stages.batch):
            seen += workers * sum(map(len, batch))
            yield batch


def _shares(seen: float, stages: Stages) -> Mapping[str, float]:
    """The kinds of trees at this point, and how often each comes."""
    if seen < stages.copying:
        return {"copying": 1.0}
    if seen < stages.drilling:
        return {"drills": stages.drills, "short": 1 - stages.drills}
    if seen < stages.short:
        return {"short": 1.0}
    return stages.mixture if seen < stages.long_from else stages.ending


def cut(pool: Iterable[Tree], most: int) -> list[list[Tree]]:
    """The pool in batches of at most ``most`` tokens; a longer tree is a batch of its own."""
    found: list[list[Tree]] = [[]]
    for tree in pool:
        if found[-1] and sum(map(len, found[-1])) + len(tree) > most:
            found.append([])
        found[-1].append(tree)
    return found


def repetition(rng: random.Random, length: int) -> Tree:
    """Random tokens, then stretches of them again: the loss is on the second time, from the third token of each stretch
    on."""
    known = [rng.randrange(10, tokens.VOCABULARY) for _ in range(rng.randint(40, length // 2))]
    ids, weights = [tokens.BOS, tokens.OPEN, *known, tokens.CLOSE], [0.0] * (len(known) + 3)
    while len(ids) < length - 24:
        start = rng.randrange(len(known) - 8)
        part = known[start : start + rng.randint(6, 20)]
        ids += part
        weights += [0.0, 0.0, *[1.0] * (len(part) - 2)]
    count = len(ids)
    return Tree(
        np.array(ids, np.int32),
        np.arange(count, dtype=np.int32),
        np.zeros(count, np.int16),
        np.array(weights, np.float32),
    )

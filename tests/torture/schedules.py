"""Batch = single under everything that may happen to the cache and to what is kept on disk. ``schedules.py ROUNDS
[SEED]``.

Each round asks about a few papers and many short texts, in several programs one after the other on one folder of
states. Requests come when they like, are cancelled, outgrow the cache; evaluations fail, are stopped half-way or find
no room; states fail to load, hold less than they should, are of another layout of the cache, damaged, forgotten, or
made room for by a second program; a program ends in the middle of its work. Whatever happens, each request ends once,
with the answer that it has alone in a plain cache.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from unittest import mock

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from leads_local import paths  # noqa: E402
from leads_local.engine import disk_prefix_cache, kv_cache  # noqa: E402
from leads_local.engine.cache_modes import CacheModes  # noqa: E402
from leads_local.engine.disk_prefix_cache import DiskPrefixCache  # noqa: E402
from leads_local.engine.policy import Policy  # noqa: E402
from leads_local.engine.runner import CacheFull, EvaluationAborted, EvaluationError  # noqa: E402
from leads_local.engine.scheduler import Scheduler  # noqa: E402
from leads_local.engine.sequence import Sequence as Work  # noqa: E402
from leads_local.engine.throughput import ThroughputCurve  # noqa: E402
from leads_local.engine.types import FinishReason  # noqa: E402
from tests.engine.mock_runner import MockRunner, alone  # noqa: E402

ENDS = frozenset({7})
CONTEXT = 220
STEPS = 20_000  # in which every round has come to its end
MADE_UP = "made up by the test"


class Forcing:
    """A constraint that forces a few tokens after every third that was chosen, and forbids some."""

    finished = False

    def __init__(self, run: int) -> None:
        self._run, self._chosen = run, 0

    def forced(self) -> list[int]:
        self._chosen += 1
        return [5] * self._run if self._chosen % 3 == 0 else []

    def consume(self, tokens: Sequence[int]) -> None:
        pass

    def admits(self, tokens: Sequence[int]) -> int:
        return 0 if tokens[0] % 4 == 3 and tokens[0] not in ENDS else 1

    def chooses(self, answer: Sequence[int]) -> bool:
        return False

    def allowed(self) -> NDArray[np.bool_]:
        return np.array([self.admits([token]) == 1 for token in range(20)])


class Unreliable(MockRunner):
    """A runner whose evaluations and loads fail now and then. States are of the ``flash`` layout of the cache or of the
    other one."""

    def __init__(self, rng: random.Random, trouble: float, flash: bool, **given: int | bool) -> None:
        super().__init__(**given)  # type: ignore[arg-type]
        self._rng, self._trouble, self._flash = rng, trouble, flash

    def evaluate(
        self, tokens: Sequence[int], positions: Sequence[int], slots: Sequence[int], wanted: Sequence[bool]
    ) -> NDArray[np.float32]:
        happens = self._rng.random() / self._trouble if self._trouble else 9.0
        if happens < 0.02:
            raise CacheFull("full")
        if happens < 0.05:
            part = self._rng.randrange(len(tokens) + 1)
            super().evaluate(tokens[:part], positions[:part], slots[:part], [False] * part)
            raise (EvaluationAborted if happens < 0.04 else EvaluationError)(MADE_UP)
        return super().evaluate(tokens, positions, slots, wanted)

    def save(self, slot: int, file: Path) -> bool:
        happens = self._rng.random()
        if happens < 0.05 * self._trouble:
            raise OSError("disk full")
        file.write_text(json.dumps([self._flash, *(cell.token for cell in self._held[slot])]))
        return happens > 0.1 * self._trouble

    def restore(self, slot: int, file: Path) -> bool:
        happens = self._rng.random()
        if happens < 0.1 * self._trouble:
            raise OSError("gone")
        flash, *tokens = json.loads(file.read_text())
        if flash is not self._flash or happens < 0.3 * self._trouble:
            return False
        if happens < 0.4 * self._trouble:
            del tokens[len(tokens) // 2 :]
        return self.fill(slot, tokens)


def work(number: int, prompt: list[int], limit: int, run: int) -> Work:
    return Work(number, prompt, limit, ENDS, Forcing(run) if run else None)


def by_itself(prompt: list[int], limit: int, run: int) -> Work:
    """The request alone in a cache of its own."""
    scheduler = Scheduler(MockRunner(cells=4096, batch_size=4096), Policy(1, CONTEXT, rows=4096))
    scheduler.add(work(0, prompt, limit, run))
    ended: list[Work] = []
    while not ended:
        ended = scheduler.step()
    assert run or ended[0].output == alone(prompt, min(limit, CONTEXT - len(prompt)), ENDS)
    return ended[0]


def requests(rng: random.Random) -> dict[int, tuple[list[int], int, int]]:
    """``(prompt, limit, forced)`` by number: papers with questions, papers cut short, texts with little in common."""
    papers = [[rng.randrange(3) for _ in range(rng.randrange(30, 140))] for _ in range(rng.randrange(1, 5))]
    beginning = [rng.randrange(3) for _ in range(rng.choice([0, 10, 40]))]
    made = {}
    for number in range(rng.randrange(3, 20)):
        text = list(rng.choice(papers))
        kind = rng.random()
        if kind < 0.15:
            text = text[: rng.randrange(1, len(text))]
        elif kind < 0.3:
            text = [rng.randrange(3) for _ in range(rng.randrange(1, 60))]
        question = [rng.randrange(20) for _ in range(rng.randrange(1, 6))]
        made[number] = [*beginning, *text, *question], rng.randrange(1, 25), rng.choice([0, 0, 0, 1, 4])
    return made


def disturb(rng: random.Random, model: Path, other: DiskPrefixCache) -> None:
    """Something that happens to the folder of states: a user, a second program, a bad disk."""
    notes = sorted(paths.states_dir().glob("*/*.json"))
    happens = rng.randrange(7)
    if happens == 0:
        disk_prefix_cache.clear()
    elif happens == 1:
        tokens = np.asarray([rng.randrange(3) for _ in range(200)], np.int32)
        other.save(tokens, 400, lambda file: bool(file.write_text("x" * rng.randrange(400))))
    elif happens == 2:
        DiskPrefixCache(model, "f16", 1 << 20)
    elif notes:
        note = rng.choice(notes)
        file = rng.choice([note, note.with_suffix(".state")])
        with contextlib.suppress(OSError):
            if happens == 3:
                file.unlink()
            elif happens == 4:
                foreign = rng.choice(notes)
                for suffix in (".json", ".state"):
                    note.with_suffix(suffix).write_bytes(foreign.with_suffix(suffix).read_bytes())
            elif happens == 5:
                file.write_bytes(file.read_bytes()[: rng.randrange(9)])
            else:
                file.write_text(rng.choice(["[" * 100_000, "null", "{}", '{"tokens": 3}', '{"size": "x"}', "[]"]))


def programs(rng: random.Random, model: Path) -> Iterator[Callable[[], Scheduler | CacheModes]]:
    """One after the other: how to open what works on requests, and its states."""
    for _ in range(rng.randrange(2, 7)):
        trouble = rng.choice([0.0, 0.3, 1.0])
        states = DiskPrefixCache(model, "f16", rng.choice([700, 1500, 1 << 20]))
        sequences, keep = rng.randrange(1, 6), rng.choice([1, 10, 20, 50])
        cells, batch, outputs = int(rng.uniform(1, 2) ** 2 * CONTEXT), rng.randrange(8, 200), rng.randrange(1, 30)
        curve = rng.choice(
            [None, ThroughputCurve((1, 2, 3, 5, 9), tuple(sorted(rng.random() + 0.1 for _ in range(5))))]
        )
        policy = Policy(
            sequences,
            CONTEXT,
            rng.randrange(1, 120),
            curve,
            keep,
            grace=rng.choice([0.0, 0.0, 5.0]),
            paper=rng.choice([0, 0, 30, 80]),
            reserve=rng.randrange(1, 30),
            draft=partial(drafted, rng) if rng.random() < 0.4 else None,
            states=states,
        )

        def runner(
            short: bool, given: tuple[int, float, int, int, int] = (sequences, trouble, cells, batch, outputs)
        ) -> Unreliable:
            sequences, trouble, cells, batch, outputs = given
            slots = sequences + (1 if short else rng.randrange(2, 5))
            cells = CONTEXT // 2 * slots if short else cells
            mixing, flash = rng.choice([0, 20, 9999]), rng.random() < 0.8
            return Unreliable(
                rng,
                trouble,
                flash,
                cells=cells,
                slots=slots,
                batch_size=batch,
                outputs=outputs,
                mixing=mixing,
                apart=short,
            )

        def opened(short: bool, policy: Policy = policy, runner: Callable[[bool], Unreliable] = runner) -> Scheduler:
            if short:
                streams = Policy(policy.sequences, CONTEXT // 2, policy.rows, policy.curve, CONTEXT, draft=policy.draft)
                return Scheduler(runner(True), streams)
            return Scheduler(runner(False), policy)

        whole = rng.random() < 0.7
        yield partial(opened, False) if whole else partial(CacheModes, opened, CONTEXT // 2, 0.0)


def drafted(rng: random.Random, sequence: Work, room: int) -> list[int]:
    """Right and wrong tokens mixed."""
    coming = alone(sequence.tokens, min(room, rng.randrange(4)), ENDS)
    return [token if rng.random() < 0.7 else rng.randrange(20) for token in coming]


def play(seed: int) -> str:
    """One round. "" when every request had its answer once from each program that was asked it, else what differed."""
    rng = random.Random(seed)
    asked = requests(rng)
    model = paths.states_dir().parent / "model.gguf"
    model.parent.mkdir(parents=True, exist_ok=True)
    model.write_bytes(rng.randbytes(50))
    disk_prefix_cache.clear()
    other = DiskPrefixCache(model, "f16", 700)
    for make in programs(rng, model):
        scheduler, waiting, with_it = make(), rng.sample(sorted(asked), rng.randrange(1, len(asked) + 1)), set[int]()
        calm, patience = rng.random() < 0.5, rng.choice([30, STEPS])
        for step in range(STEPS):
            for number in [waiting.pop() for _ in range(min(rng.choice([0, 0, 1, 3, 9]), len(waiting)))]:
                prompt, limit, run = asked[number]
                scheduler.add(work(number, prompt, limit, run))
                with_it.add(number)
            if not calm and rng.random() < 0.1:
                disturb(rng, model, other)
            if rng.random() < 0.01:
                scheduler.cancel(rng.sample(sorted(with_it), min(len(with_it), 3)))
            ended = scheduler.step()
            inner = scheduler if isinstance(scheduler, Scheduler) else scheduler._scheduler
            if inner._prefixes.used != inner._runner.used:  # type: ignore[attr-defined]
                return "the count of cells is not the cache's"
            for sequence in ended:
                if sequence.id not in with_it:
                    return f"{sequence.id} ended twice"
                with_it.remove(sequence.id)
                if wrong := differs(sequence, asked[sequence.id]):
                    return wrong
            if scheduler.idle and not waiting:
                if with_it:
                    return f"{sorted(with_it)} never ended"
                break
            if step > patience and rng.random() < 0.03:
                break  # killed
        else:
            return "no end"
    return ""


def differs(sequence: Work, asked: tuple[list[int], int, int]) -> str:
    """How a request that has ended is not as by itself, "" when it is, or was cancelled, or failed as the test
    wanted."""
    if sequence.finish is FinishReason.ERROR:
        known = sequence.error == MADE_UP or "although it is alone" in sequence.error
        return "" if known else f"{sequence.id} failed: {sequence.error}"
    expected = by_itself(*asked)
    if sequence.finish is FinishReason.CANCELLED:
        return (
            ""
            if sequence.output == expected.output[: len(sequence.output)]
            else f"{sequence.id} went wrong before it was cancelled"
        )
    same = (
        sequence.output == expected.output and sequence.finish is expected.finish and sequence.margin == expected.margin
    )
    return "" if same else f"{sequence.id} gave {sequence.output}, by itself {expected.output}"


def rounds(seeds: Sequence[int]) -> list[tuple[int, str]]:
    """The seeds that went wrong, and how."""
    with tempfile.TemporaryDirectory() as home, contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, LEADS_LOCAL_HOME=home))
        stack.enter_context(mock.patch.object(disk_prefix_cache, "_GAIN", 8))
        stack.enter_context(mock.patch.object(disk_prefix_cache, "_SPARE", 0))
        return [(seed, wrong) for seed in seeds if (wrong := _safely(seed))]


def _safely(seed: int) -> str:
    clock = itertools.count()
    try:
        with mock.patch.object(kv_cache, "time", mock.Mock(monotonic=lambda: next(clock))):  # a look at it is a second
            return play(seed)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def main() -> int:
    count, first = int(sys.argv[1]) if len(sys.argv) > 1 else 2000, int(sys.argv[2]) if len(sys.argv) > 2 else 0
    began, cores = time.monotonic(), os.cpu_count() or 1
    parts = [range(first + core, first + count, cores) for core in range(cores)]
    with ProcessPoolExecutor(cores) as pool:
        wrong = sorted(one for part in pool.map(rounds, parts) for one in part)
    for seed, how in wrong[:40]:
        print(f"{seed}: {how[:200]}")
    print(f"{len(wrong)} of {count:,} rounds went wrong ({time.monotonic() - began:.0f} s)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""Rounds of torture in processes that may hang or die: each has a time, and what goes wrong belongs to its round.

A harness is a module with ``prepare(folder)``, whose result every round gets, and ``one(folder, prepared, chance)``,
which gives (what kind of round it was, its outcome, what was done). Whatever it raises is a fault.
"""

from __future__ import annotations

import collections
import importlib
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

Counts = collections.Counter[tuple[str, str]]


def _serve(pipe: Any, module: str, folder: Path, prepared: Any) -> None:
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 (until the process ends)
    harness = importlib.import_module(module)
    place = folder / str(os.getpid())
    while True:
        number, seed = pipe.recv()
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        try:
            pipe.send((number, *harness.one(place, prepared, random.Random(seed))))
        except BaseException:
            pipe.send((number, "?", "FAULT", traceback.format_exc()))


def run(
    module: str, rounds: int, seed: int, good: set[str], patience: float, processes: int = 2
) -> tuple[Counts, list[str]]:
    """(how often each kind of round had each outcome, the rounds whose outcome is not ``good``)."""
    counts: Counts = collections.Counter()
    bad: list[str] = []
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="rounds-") as name:
        folder = Path(name)
        prepared = importlib.import_module(module).prepare(folder)

        def start() -> list[Any]:
            here, there = context.Pipe()
            process = context.Process(target=_serve, args=(there, module, folder, prepared), daemon=True)
            process.start()
            return [process, here, None, 0.0]

        workers = [start() for _ in range(processes)]
        given = done = 0
        while done < rounds:
            for place, (process, pipe, busy, since) in enumerate(workers):
                if busy is None and given < rounds:
                    pipe.send((given, f"{seed}-{given}"))
                    workers[place][2:] = [given, time.monotonic()]
                    given += 1
                elif busy is not None and (pipe.poll(0.001) or not process.is_alive()):
                    try:
                        number, kind, result, what = pipe.recv()
                        workers[place][2] = None
                    except EOFError:
                        number, kind, result, what = busy, "?", "DIED", ""
                        workers[place] = start()
                    done += 1
                    counts[kind, result] += 1
                    if result not in good:
                        bad.append(f"{seed}-{number}: {kind}: {result}: {what}")
                elif busy is not None and time.monotonic() - since > patience:
                    process.kill()
                    workers[place] = start()
                    done += 1
                    counts["?", "HANGS"] += 1
                    bad.append(f"{seed}-{busy}: HANGS")
        for process, *_ in workers:
            process.kill()
            process.join()
    return counts, bad


def report(run: Callable[[int, int], tuple[Counts, list[str]]], arguments: list[str]) -> int:
    """Run what the command line asks for (rounds, seed) and print a table. Returns the exit code."""
    rounds, seed = int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 1
    counts, bad = run(rounds, seed)
    for (kind, result), number in sorted(counts.items()):
        print(f"{kind:24} {result:24} {number:7}")
    for line in bad[:40]:
        print(line)
    print(f"{rounds} rounds, {len(bad)} went wrong")
    return bool(bad)

"""What a large review costs: python -m tests.bench.scale [RECORDS].

Makes a RIS file of invented records (100,000: 310 MB, one in five a copy of another, as another database has it) and
one of 1,000 more. Then each command runs alone. Prints processor time, which other programs on the machine change
little, and the most memory; and what the rest is beside the import. Asserts nothing. POSIX only.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from leads_local import citations, paths
from leads_local.records import Citation
from tests.bench.searching import known_words

MORE = 1_000


class Invented:
    def __init__(self) -> None:
        self._chance = random.Random(11)
        self._rare, known, weights = known_words(self._chance)
        self._drawn = self._chance.choices(known, weights, k=2_000_000)
        self._journals = [f"Journal of {self._chance.choice(self._rare).title()} {number}" for number in range(800)]

    def write(self, folder: Path, count: int) -> None:
        """A file of ``count`` records, and one of some more, of which three in ten are there already."""
        originals = [self._one(number) for number in range(count - count // 5)]
        new = [self._one(count + number) for number in range(MORE - 3 * MORE // 10)]
        known = (*originals, *(self._copy_of(originals) for _ in range(count // 5)))
        more = (*new, *(self._copy_of(originals) for _ in range(MORE - len(new))))
        for name, records in (("large.ris", known), ("more.ris", more)):
            citations.write(folder / name, self._chance.sample(records, len(records)), "ris")

    def _one(self, number: int) -> Citation:
        chance = self._chance
        start, length = chance.randrange(len(self._drawn) - 700), chance.randint(290, 500)
        words = self._drawn[start : start + length]
        names = (chance.choice(self._rare).title() for _ in range(chance.randint(2, 8)))
        return Citation(
            title=" ".join(words[:14]).capitalize(),
            abstract=f"{' '.join(words[14:]).capitalize()}.",
            authors=tuple(f"{name}, {chance.choice('ABCDEF')}" for name in names),
            year=1980 + number % 45,
            journal=chance.choice(self._journals),
            volume=str(chance.randint(1, 90)),
            issue=str(chance.randint(1, 12)),
            pages=f"{chance.randint(1, 900)}-{chance.randint(901, 1800)}",
            doi=f"10.{1000 + number % 7000}/j.{number}",
            pmid=str(10_000_000 + number),
            language="English",
            kind="JOUR",
            keywords=("Humans", chance.choice(self._rare)),
        )

    def _copy_of(self, originals: list[Citation]) -> Citation:
        one, kind = self._chance.choice(originals), self._chance.random()
        if kind < 0.5:
            return replace(one, pmid="", title=one.title.upper())
        if kind < 0.8:
            return replace(one, doi="", pmid="", authors=one.authors[:3])
        return replace(one, doi="", pmid="", abstract="", pages=one.pages.partition("-")[0])


def make_files(folder: Path, count: int) -> None:
    Invented().write(folder, count)


def run(*arguments: object) -> tuple[float, int]:
    """Processor seconds and the most memory (bytes) of a command."""
    command = [sys.executable, "-m", "leads_local", *map(str, arguments)]
    out = os.open(os.devnull, os.O_WRONLY)
    silent = [(os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, out, 2)]
    _, ended, used = os.wait4(os.posix_spawn(sys.executable, command, os.environ, file_actions=silent), 0)
    os.close(out)
    if os.waitstatus_to_exitcode(ended) not in (0, 1):
        raise RuntimeError(f"{command} ended with {os.waitstatus_to_exitcode(ended)}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measured(folder: Path, count: int) -> Iterator[tuple[str, float, int]]:
    large, more, review = folder / "large.ris", folder / "more.ris", folder / "large.leads"
    with ProcessPoolExecutor(1) as apart:  # a program counts the memory of the one that starts it as its own
        apart.submit(make_files, folder, count).result()
    run("init", review, "--population", "adults")
    for what, *rest in (("import", large), ("dedupe",), ("import", more), ("dedupe",), ("status",)):
        name = f"{what} {rest[0].name}" if rest else what
        yield name, *run(what, review, *rest)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        os.environ |= {paths.HOME: name, "LEADS_LOCAL_REVIEWER": "Bench"}
        seconds = []
        for what, took, peak in measured(Path(name), count):
            seconds.append(took)
            print(f"{what:20} {took:7.2f} s {peak / 1e6:6.0f} MB", flush=True)
        print(f"dedupe beside import: {seconds[1] / seconds[0]:.2f}")
        print(f"{MORE} more beside all: {(seconds[2] + seconds[3]) / (seconds[0] + seconds[1]):.1%}")


if __name__ == "__main__":
    main()

"""How long a search takes as one types, beside reading all records: python -m tests.bench.searching [RECORDS].

Makes a review of invented records (100,000) in a temporary folder: words drawn as often as words of a language are,
with some 200,000 rare ones. Then each beginning of 24 requests is searched as the screen does it, in one connection,
and some of them also by reading all records. Prints processor time, which other programs on the machine change
little, and asserts nothing but equal answers.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from leads_local import paths
from leads_local.records import Citation, Question, Stage
from leads_local.review import finding
from leads_local.review.review import Review
from leads_local.review.store import citations
from leads_local.tui.searching import Search, search

_PARTS = (
    *("an", "al", "ber", "car", "co", "de", "di", "en", "er", "ex", "fa", "fer", "ga", "he", "hy", "in", "ki", "la"),
    *(
        "lin",
        "ma",
        "mi",
        "mo",
        "ne",
        "no",
        "o",
        "pa",
        "per",
        "pro",
        "ra",
        "re",
        "so",
        "ta",
        "te",
        "ti",
        "tor",
        "u",
        "vi",
    ),
)
_MEDICAL = (
    *("the", "of", "and", "in", "to", "with", "patients", "treatment", "trial", "randomised", "controlled", "diabetes"),
    *("prediabetes", "heart", "failure", "placebo", "group", "outcome", "mortality", "hypertension", "therapy", "risk"),
    *("chemotherapy", "children", "adults", "women", "study", "results", "methods", "years", "follow-up", "blood"),
    *("pressure", "clinical", "effect", "systematic", "review", "COVID-19", "Sjögren", "naïve", "insulin", "exercise"),
    *("pain", "chronic"),
)
REQUESTS = (
    *("diabetes", "heart failure", '"heart failure"', "randomised trial", "placebo", "hypertension", "children"),
    *('"blood pressure" insulin', "covid-19", "sjogren", "chemotherapy women", "exercise pain", "systematic review"),
    *(
        "mortality",
        "naive",
        "10.1000/77",
        "smith",
        "prediabetes",
        "chronic pain",
        "adults year<1995",
        "insulin year>2015",
    ),
    *('"chronic heart failure"', "therap*", "follow-up"),
)


def known_words(chance: random.Random) -> tuple[list[str], list[str], list[float]]:
    """Rare words; all words, and how often each comes."""
    rare = ["".join(chance.choices(_PARTS, k=chance.randint(2, 5))) for _ in range(200_000)]
    known = [*_MEDICAL, *rare]
    return rare, known, [1 / (place + 1) ** 1.05 for place in range(len(known))]


def made(count: int) -> Iterator[Citation]:
    chance = random.Random(7)
    rare, known, weights = known_words(chance)
    drawn = chance.choices(known, weights, k=2_000_000)
    for number in range(count):
        start = chance.randrange(len(drawn) - 300)
        line = drawn[start : start + 250]
        yield Citation(
            title=" ".join(line[:14]),
            abstract=" ".join(line[14:]),
            authors=(f"Smith, {chance.choice('ABCDEF')}", chance.choice(rare).title()),
            year=1980 + number % 45,
            keywords=("Humans", chance.choice(_MEDICAL)),
            doi=f"10.1000/{number}",
            pmid=str(10_000_000 + number),
            number=number + 1,
        )


def typed() -> Iterator[str]:
    for request in REQUESTS:
        yield from (request[:end] for end in range(1, len(request) + 1) if not request[end - 1].isspace())


def timed(review: Review, term: str, ids: list[int]) -> tuple[float, int]:
    begun = time.process_time()
    found = search(review, Search(term, ids, Stage.ABSTRACT, "Ann", typing=True))
    return time.process_time() - begun, len(found)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        os.environ[paths.HOME] = folder
        path = Path(folder) / "large.leads"
        with Review.create(path, Question(title="large")) as review, review.db.transaction():
            source = citations.add_source(review.db, "large.ris", "ab" * 32, "ris", "utf-8")
            citations.add(review.db, source, list(made(count)))
        with Review.read(path) as review:
            begun, worked = time.perf_counter(), time.process_time()
            review.prepare_search()
            took = time.perf_counter() - begun
            size = sum(one.stat().st_size for one in paths.search_indexes_dir().iterdir())
            print(f"index: {took:.1f} s ({time.process_time() - worked:.1f} s of processor time), {size / 1e6:.0f} MB")
            ids = review.record_ids(Stage.ABSTRACT)
            terms = list(typed())
            taken = sorted((timed(review, term, ids), term) for term in terms)
            times = [seconds for (seconds, _), _ in taken]
            print(f"{len(terms)} requests: p50 {1000 * times[len(times) // 2]:.1f} ms, p95 {_p95(times):.1f} ms")
            for (seconds, found), term in taken[-8:]:
                print(f"  slowest: {1000 * seconds:7.1f} ms {found:7,} found: {term}")
            _read_all(review, random.sample(terms, 12))


def _read_all(review: Review, terms: list[str]) -> None:
    times = []
    for term in terms:
        wanted = finding.parse(term.replace('"', " ").split())
        begun = time.process_time()
        found = finding.find(review.db, wanted, "Ann")
        times.append(time.process_time() - begun)
        assert found == review.find(term.replace('"', " ").split()), term
    times.sort()
    print(f"reading all, {len(terms)} of them: p50 {1000 * times[len(times) // 2]:.0f} ms, p95 {_p95(times):.0f} ms")


def _p95(times: list[float]) -> float:
    return 1000 * times[int(len(times) * 0.95)]


if __name__ == "__main__":
    main()

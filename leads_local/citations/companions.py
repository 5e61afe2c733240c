"""Whether two citations may be reports of one study, and in plain words why: what shares authors and a topic, or
authors and a number of participants.

Unlike duplicates, which are one report, these are two reports that a person may want to read as one study: a protocol
and its results, a conference abstract and the paper, a follow-up. So what sets duplicates apart (another title, another
year, the word “protocol”) says nothing here, and nothing is linked by it: it is told to a person, who decides.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz

from leads_local.citations import normalise, title_notes
from leads_local.citations.titles import MARKERS, STOP_WORDS
from leads_local.records import Citation

_FEWEST_AUTHORS, _PART_OF_AUTHORS = 2, 1 / 3  # that two reports share, the part being that of the shorter list
_FEWEST_WORDS, _LIKE_TITLES = 4, 85
_FEWEST_PARTICIPANTS = 20  # below that two numbers are often equal by chance
_MOST_OF_ONE_AUTHOR = 200  # reports; of whoever has more, other authors have to tell
_TITLE_NOISE = (
    STOP_WORDS | MARKERS | frozenset(("trial", "study", "randomised", "randomized", "controlled", "results", "design"))
)
_NUMBER = r"(\d{1,3}(?:[,\u2009\u00a0\u202f]\d{3})+|\d{2,6})"
_PEOPLE = (
    "patients|participants|adults|children|women|men|subjects|people|persons|individuals|infants|adolescents|students|"
    "volunteers|residents|pupils|veterans|mothers|families"
)
_PARTICIPANTS = re.compile(
    rf"(?<![\d.,]){_NUMBER}(?:\s+[^\W\d][\w',-]*){{0,3}}?\s+(?:{_PEOPLE})\b|\bn\s*=\s*{_NUMBER}(?![\d.])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Companions:
    """Two reports (positions in what was given) that may be of one study, and why."""

    one: int
    other: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Features:
    authors: Mapping[str, str]  # surname and first initial, folded: the surname as it is written
    title: str
    participants: frozenset[int]


def participants(text: str) -> frozenset[int]:
    """The numbers of people that a text names; a year is none."""
    said = (one or other for one, other in _PARTICIPANTS.findall(text))
    numbers = {int(re.sub(r"\D", "", number)) for number in said}
    return frozenset(number for number in numbers if number >= _FEWEST_PARTICIPANTS and not 1900 <= number < 2100)


def find(citations: Sequence[Citation], known: Sequence[frozenset[int]]) -> list[Companions]:
    """All pairs of these that may be of one study. ``known``: of each the numbers of participants that are known from
    elsewhere."""
    items = [_fold(citation, more) for citation, more in zip(citations, known, strict=True)]
    reasons = ((one, other, _compare(items[one], items[other])) for one, other in _candidates(items))
    return sorted((Companions(*found) for found in reasons if found[2]), key=lambda pair: (pair.one, pair.other))


def _fold(citation: Citation, known: frozenset[int]) -> _Features:
    words = (word for word in title_notes.bare_key(citation.title).split() if word not in _TITLE_NOISE)
    authors = {key: normalise.surname(author) for author in citation.authors if (key := _author_key(author))}
    return _Features(authors, " ".join(dict.fromkeys(words)), participants(citation.abstract) | known)


def _author_key(author: str) -> str:
    """Surname and first initial; of two who share a surname, only one is meant."""
    surname = normalise.surname(author)
    given = normalise.fold_words(author.replace(surname, "", 1))
    return f"{normalise.name_key(author)} {given[0][0] if given else ''}".strip()


def _candidates(items: Sequence[_Features]) -> Iterator[tuple[int, int]]:
    """The pairs that share enough authors."""
    by_author: dict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        for author in item.authors:
            by_author[author].append(place)
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for places in by_author.values():
        if len(places) <= _MOST_OF_ONE_AUTHOR:
            for pair in combinations(places, 2):
                shared[pair] += 1
    for (one, other), number in shared.items():
        fewer = min(len(items[one].authors), len(items[other].authors))
        if number >= _FEWEST_AUTHORS and number >= fewer * _PART_OF_AUTHORS:
            yield one, other


def _compare(a: _Features, b: _Features) -> str:
    names = [name for key, name in a.authors.items() if key in b.authors]
    who = f"{len(names)} authors in common ({', '.join(names[:3])}{' …' if len(names) > 3 else ''})"
    people = sorted(a.participants & b.participants, reverse=True)
    why = [
        *(["similar titles"] if _titles_alike(a.title, b.title) else []),
        *([f"both tell of {people[0]:,} participants"] if people else []),
    ]
    return f"{who}; {'; '.join(why)}" if why else ""


def _titles_alike(a: str, b: str) -> bool:
    fewer = min(len(a.split()), len(b.split()))
    return fewer >= _FEWEST_WORDS and fuzz.token_set_ratio(a, b) >= _LIKE_TITLES

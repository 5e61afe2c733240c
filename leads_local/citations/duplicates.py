"""Which citations are records of one report: reversible, explained, and the same whatever order they come in.

Candidates come from blocks (one DOI, one PMID, the beginning or the end of a title, author with place), so that the
work grows with the number of records and not with its square. ``similarity`` judges each pair: one report, two, or a
person has to say. Groups grow from the surest pair to the least sure, and a group never takes in a record that one of
its records contradicts; such a pair is left to a person, too.
"""

from __future__ import annotations

import gc
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from zlib import crc32

from leads_local.citations.comparing import Features, fold_citation
from leads_local.citations.similarity import DuplicateMatch, MatchStrength, compare_citations, contradict
from leads_local.records import Citation, Progress

_LARGEST_WHOLE_BLOCK = 40
_NEIGHBOURS = 12
_STEP = 2000
RULES = 2
"""Raised with each change of what is taken for one report or may be one: then all is compared anew."""
_FOUR_BYTES = "I"
_SERIAL = 3  # places at which papers of one title stand

Pair = tuple[int, int]
_Edge = tuple[DuplicateMatch, int, int]


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Two or more positions in the given sequence that are one report, ascending, and why, the surest reason first."""

    members: tuple[int, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two positions in the given sequence that may be one report, ascending, and why that can't be told."""

    one: int
    other: int
    reason: str


@dataclass(frozen=True, slots=True)
class Duplicates:
    """``groups`` are disjoint; of two groups (or single records) there is at most one doubt. ``keys``: of each citation
    those by which others that are like it are found (``share_keys``)."""

    groups: list[DuplicateGroup]
    doubts: list[Doubt]
    keys: list[bytes]


def _block_keys(f: Features) -> tuple[int, ...]:
    """The blocks that a record belongs to, as numbers of four bytes; two blocks that have one number by chance cost no
    more than a comparison."""
    names = []
    if f.doi:
        names.append(f"doi {f.doi}")
    if f.pmid:
        names.append(f"pmid {f.pmid}")
    letters = f.title.text.replace(" ", "")
    if letters:
        names.append(f"begin {letters[:20]}")
        if len(letters) > 30:
            names.append(f"end {letters[-20:]}")
    if f.page and f.volume:
        names.append(f"place {f.volume} {f.page}")
    if f.page and f.surnames:
        names.append(f"author {f.surnames[0]} {f.page}")
    return tuple(crc32(name.encode()) for name in names)


def _order_key(f: Features) -> tuple[object, ...]:
    """An order of records that does not depend on their positions."""
    return (f.title.text, f.surnames, f.year, f.volume, f.page, f.doi, f.pmid, f.journal, f.citation.abstract)


def _pairs_in_block(block: list[int], items: Sequence[Features]) -> Iterator[Pair]:
    """All pairs of a small block; of a large one (a thousand editorials) each record's neighbours in two orders."""
    if len(block) <= _LARGEST_WHOLE_BLOCK:
        yield from ((a, b) for n, a in enumerate(block) for b in block[n + 1 :])
        return
    by_place = sorted(block, key=lambda i: (items[i].volume, items[i].page, _order_key(items[i])))
    for order in (sorted(block, key=lambda i: _order_key(items[i])), by_place):
        for n, a in enumerate(order):
            yield from ((a, b) for b in order[n + 1 : n + 1 + _NEIGHBOURS])


class _Clusters:
    """Groups while they grow: each record's group, and each group's members, PMIDs, DOIs, reasons, and the records that
    people say are of other reports."""

    def __init__(self, items: Sequence[Features], together: Iterable[Sequence[int]], apart: Iterable[Pair]) -> None:
        places = range(len(items))
        self.items = items
        self.of = list(places)
        self.members = {place: [place] for place in places}
        self.pmids = {place: {items[place].pmid} - {""} for place in places}
        self.dois = {place: {items[place].doi} - {""} for place in places}
        self.reasons: dict[int, dict[str, None]] = {}
        self._apart: dict[int, set[int]] = {}
        for known in together:
            for member in known[1:]:
                self._unite(self.of[known[0]], self.of[member])
        for one, other in apart:
            self._apart.setdefault(self.of[one], set()).add(other)
            self._apart.setdefault(self.of[other], set()).add(one)

    def join(self, a: int, b: int, match: DuplicateMatch) -> bool:
        """Make the groups of two records one, unless what is known of the groups contradicts it. Returns whether they
        are one."""
        one, other = self.of[a], self.of[b]
        if one != other:
            if self.are_apart(one, other) or self._speaks_against(one, other, match):
                return False
            one = self._unite(one, other)
        self.reasons.setdefault(one, {}).setdefault(match.reason)
        return True

    def are_apart(self, one: int, other: int) -> bool:
        """Whether people say of any two records of two groups that they are of two reports."""
        return not self._apart.get(one, set()).isdisjoint(self.members[other])

    def _unite(self, one: int, other: int) -> int:
        if one == other:
            return one
        if len(self.members[one]) < len(self.members[other]):
            one, other = other, one
        for member in self.members[other]:
            self.of[member] = one
        self.members[one] += self.members.pop(other)
        self.pmids[one] |= self.pmids.pop(other)
        self.dois[one] |= self.dois.pop(other)
        if other in self._apart:
            self._apart.setdefault(one, set()).update(self._apart.pop(other))
        self.reasons.setdefault(one, {}).update(self.reasons.pop(other, {}))
        return one

    def _speaks_against(self, one: int, other: int, match: DuplicateMatch) -> bool:
        apart = bool(self.pmids[one] and self.pmids[other]) and not self.pmids[one] & self.pmids[other]
        if apart and match.strength is not MatchStrength.DOI:
            return True
        if not match.placed and self.dois[one] and self.dois[other] and not self.dois[one] & self.dois[other]:
            return True
        return match.strength < MatchStrength.DOI and self._contradict(one, other)

    def _contradict(self, one: int, other: int) -> bool:
        """Whether any two of two groups, but for the pair that is to join them, can't be one report."""
        if len(self.members[one]) == len(self.members[other]) == 1:
            return False
        return any(contradict(self.items[a], self.items[b]) for a, b in product(self.members[one], self.members[other]))


def _tell_serials(items: Sequence[Features]) -> list[Features]:
    """The same, those marked whose title stands at many places among them."""
    places: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for item in items:
        if item.title.text and item.volume and (item.page or item.issue):
            places[item.title.text].add((item.volume, item.issue, item.page))
    serial = {title for title, known in places.items() if _count_apart(known) >= _SERIAL}
    return [
        replace(item, title=replace(item.title, serial=True)) if item.title.text in serial else item for item in items
    ]


def _count_apart(places: set[tuple[str, str, str]]) -> int:
    """How many places there are of which no two agree in volume and first page, or, without pages, in the issue."""
    return len({(volume, page) if page else (volume, "", issue) for volume, issue, page in places})


def _find_edges(
    items: Sequence[Features],
    keys: Sequence[Sequence[int]],
    new: Collection[int],
    progress: Callable[[Progress], None] | None,
) -> list[_Edge]:
    """The pairs that are or may be one report, of which one is new at least."""
    blocks: dict[int, list[int]] = defaultdict(list)
    for index, own in enumerate(keys):
        for key in own:
            blocks[key].append(index)
    seen: set[int] = set()
    found: list[_Edge] = []
    shared = [block for block in blocks.values() if len(block) > 1]
    for number, block in enumerate(shared):
        if progress and number % _STEP == 0:
            progress(Progress("Comparing records", number, len(shared)))
        for a, b in _pairs_in_block(block, items):
            pair = a * len(items) + b if a < b else b * len(items) + a
            if pair not in seen and (a in new or b in new):
                seen.add(pair)
                if match := compare_citations(items[a], items[b]):
                    found.append((match, a, b))
    return found


def why_in_doubt(one: Citation, other: Citation) -> str:
    """Why it can't be told whether the two are one report, or, where they would be taken for one but for others, that;
    "" where they are two."""
    match = compare_citations(*map(fold_citation, (one, other)))
    if match is None:
        return ""
    return match.reason if match.strength is MatchStrength.UNSURE else f"{match.reason}; but {_CONTRADICTED}"


def fold(citations: Iterable[Citation]) -> list[Features]:
    """What is compared of each citation."""
    with collecting_nothing():
        return [fold_citation(citation) for citation in citations]


def find(
    citations: Sequence[Citation | Features],
    progress: Callable[[Progress], None] | None = None,
    *,
    together: Iterable[Sequence[int]] = (),
    apart: Collection[Pair] = (),
    new: Collection[int] | None = None,
) -> Duplicates:
    """The groups of two or more citations that are records of one report, by their positions in ``citations``, and the
    pairs that may be. What was folded before is not folded again (``fold``).

    Records that are in no group are not named. The groups are disjoint and do not depend on the order of the citations.
    ``together``: what is known to be one report already; such groups only grow. ``apart``: of which two people say that
    they are two reports. ``new``: which are to be compared with all; the others were compared with each other before
    (None: all are new). ``progress`` is called now and then with how many of the blocks have been compared.
    """
    with collecting_nothing():
        items = [one if isinstance(one, Features) else fold_citation(one) for one in citations]
        return _find(_tell_serials(items), progress, together, apart, new)


@contextmanager
def collecting_nothing() -> Iterator[None]:
    """Without looking for objects in circles, of which there are none among millions that are made here; that costs a
    quarter of the time."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def _find(
    items: Sequence[Features],
    progress: Callable[[Progress], None] | None,
    together: Iterable[Sequence[int]],
    apart: Collection[Pair],
    new: Collection[int] | None,
) -> Duplicates:
    order = {index: rank for rank, index in enumerate(sorted(range(len(items)), key=lambda i: _order_key(items[i])))}
    clusters = _Clusters(items, together, apart)
    keys = [_block_keys(item) for item in items]
    edges = _find_edges(items, keys, range(len(items)) if new is None else frozenset(new), progress)
    edges.sort(key=lambda edge: (-edge[0].strength, -edge[0].equal, *sorted((order[edge[1]], order[edge[2]]))))
    torn = _find_torn(edges, apart)
    open_: list[_Edge] = []
    for match, a, b in edges:
        if match.strength is MatchStrength.UNSURE:
            open_.append((match, a, b))
        elif (a, b) in torn or not clusters.join(a, b, match):
            open_.append((replace(match, reason=f"{match.reason}; but {_CONTRADICTED}"), a, b))
    if progress:
        progress(Progress("Comparing records", len(edges), len(edges)))
    found = [
        DuplicateGroup(tuple(sorted(members)), tuple(clusters.reasons.get(key, ())))
        for key, members in clusters.members.items()
        if len(members) > 1
    ]
    groups = sorted(found, key=lambda each: each.members)
    return Duplicates(groups, _doubts(open_, clusters), [array(_FOUR_BYTES, own).tobytes() for own in keys])


def keys_of(items: Iterable[Features]) -> frozenset[int]:
    """All keys of these."""
    return frozenset(key for item in items for key in _block_keys(item))


def share_keys(wanted: frozenset[int], known: Iterable[tuple[int, bytes]]) -> list[int]:
    """Of the given records, each with its ``keys``, those that have one of the wanted ones."""
    return [record for record, own in known if not wanted.isdisjoint(array(_FOUR_BYTES, own))]


_CONTRADICTED = "what is known of other records speaks against it"


def _find_torn(edges: Iterable[_Edge], apart: Collection[Pair]) -> set[Pair]:
    """The pairs of which one record is as like to another one that people have set apart from the other."""
    if not apart:
        return set()
    concerned = {place for pair in apart for place in pair}
    like: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    for match, a, b in edges:
        for one, other in ((a, b), (b, a)):
            if one in concerned and match.strength is not MatchStrength.UNSURE:
                like[one][other] = (match.strength, match.equal)
    torn: set[Pair] = set()
    for one, other in apart:
        for third in like[one].keys() & like[other].keys():
            if like[one][third] == like[other][third]:
                torn |= {(one, third), (third, one), (other, third), (third, other)}
    return torn


def _doubts(edges: Iterable[_Edge], clusters: _Clusters) -> list[Doubt]:
    """Of each two groups that are still two the surest pair, unless a person has said that they are two."""
    found: dict[Pair, Doubt] = {}
    for match, a, b in edges:
        one, other = sorted((clusters.of[a], clusters.of[b]))
        if one != other and (one, other) not in found and not clusters.are_apart(one, other):
            found[one, other] = Doubt(min(a, b), max(a, b), match.reason)
    return sorted(found.values(), key=lambda doubt: (doubt.one, doubt.other))

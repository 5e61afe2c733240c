"""Which citations are records of one report: reversible, explained, and the same whatever order they come in.

Candidates come from blocks (one DOI, one PMID, the beginning or the end of a title, author with place), so that the
work grows with the number of records and not with its square. ``likeness`` judges each pair. Groups grow from the
surest pair to the least sure, and a group never takes in a record whose PMID or DOI contradicts it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from leads_local.citations.similarity import (
    DuplicateMatch,
    Features,
    MatchStrength,
    compare_citations,
    contradict,
    fold_citation,
)
from leads_local.records import Citation, Progress

_LARGEST_WHOLE_BLOCK = 40
_NEIGHBOURS = 12
_STEP = 2000
_SERIAL = 3  # places at which papers of one title stand


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Two or more positions in the given sequence that are one report, ascending, and why, the surest reason first."""

    members: tuple[int, ...]
    reasons: tuple[str, ...]


def _block_keys(f: Features) -> Iterator[tuple[str, ...]]:
    """The blocks that a record belongs to."""
    if f.doi:
        yield ("doi", f.doi)
    if f.pmid:
        yield ("pmid", f.pmid)
    letters = f.title.text.replace(" ", "")
    if letters:
        yield ("begin", letters[:20])
        if len(letters) > 30:
            yield ("end", letters[-20:])
    if f.page and f.volume:
        yield ("place", f.volume, f.page)
    if f.page and f.surnames:
        yield ("author", f.surnames[0], f.page)


def _order_key(f: Features) -> tuple[object, ...]:
    """An order of records that does not depend on their positions."""
    return (f.title.text, f.surnames, f.year, f.volume, f.page, f.doi, f.pmid, f.journal, f.abstract)


def _pairs_in_block(block: list[int], items: Sequence[Features]) -> Iterator[tuple[int, int]]:
    """All pairs of a small block; of a large one (a thousand editorials) each record's neighbours in two orders."""
    if len(block) <= _LARGEST_WHOLE_BLOCK:
        yield from ((a, b) for n, a in enumerate(block) for b in block[n + 1 :])
        return
    by_place = sorted(block, key=lambda i: (items[i].volume, items[i].page, _order_key(items[i])))
    for order in (sorted(block, key=lambda i: _order_key(items[i])), by_place):
        for n, a in enumerate(order):
            yield from ((a, b) for b in order[n + 1 : n + 1 + _NEIGHBOURS])


@dataclass(slots=True)
class _Clusters:
    """Groups while they grow: each record's group, and each group's members, PMIDs, DOIs and reasons."""

    of: list[int]
    members: dict[int, list[int]]
    items: Sequence[Features]
    pmids: dict[int, set[str]]
    dois: dict[int, set[str]]
    reasons: dict[int, dict[str, None]] = field(default_factory=dict)

    def join(self, a: int, b: int, match: DuplicateMatch) -> None:
        """Make the groups of two records one, unless what is known of the groups contradicts it."""
        one, other = self.of[a], self.of[b]
        if one == other:
            self.reasons[one].setdefault(match.reason)
            return
        apart = bool(self.pmids[one] and self.pmids[other]) and not self.pmids[one] & self.pmids[other]
        if apart and match.strength is not MatchStrength.DOI:
            return
        if not match.placed and self.dois[one] and self.dois[other] and not self.dois[one] & self.dois[other]:
            return
        if match.strength < MatchStrength.DOI and self._contradict(one, other):
            return
        if len(self.members[one]) < len(self.members[other]):
            one, other = other, one
        for member in self.members[other]:
            self.of[member] = one
        self.members[one] += self.members.pop(other)
        self.pmids[one] |= self.pmids.pop(other)
        self.dois[one] |= self.dois.pop(other)
        reasons = self.reasons.setdefault(one, {})
        for reason in (*self.reasons.pop(other, ()), match.reason):
            reasons.setdefault(reason)

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


def _find_matches(
    items: Sequence[Features], progress: Callable[[Progress], None] | None
) -> list[tuple[DuplicateMatch, int, int]]:
    blocks: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        for key in _block_keys(item):
            blocks[key].append(index)
    seen: set[int] = set()
    found: list[tuple[DuplicateMatch, int, int]] = []
    shared = [block for block in blocks.values() if len(block) > 1]
    for number, block in enumerate(shared):
        if progress and number % _STEP == 0:
            progress(Progress("Comparing records", number, len(shared)))
        for a, b in _pairs_in_block(block, items):
            pair = a * len(items) + b if a < b else b * len(items) + a
            if pair not in seen:
                seen.add(pair)
                if match := compare_citations(items[a], items[b]):
                    found.append((match, a, b))
    return found


def group(citations: Sequence[Citation], progress: Callable[[Progress], None] | None = None) -> list[DuplicateGroup]:
    """The groups of two or more citations that are records of one report, by their positions in ``citations``.

    Records that are in no group are not named. The groups are disjoint and do not depend on the order of the citations.
    ``progress`` is called now and then with how many of the blocks have been compared.
    """
    items = _tell_serials([fold_citation(citation) for citation in citations])
    order = {index: rank for rank, index in enumerate(sorted(range(len(items)), key=lambda i: _order_key(items[i])))}
    clusters = _Clusters(
        list(range(len(items))),
        {i: [i] for i in range(len(items))},
        items,
        {i: {item.pmid} - {""} for i, item in enumerate(items)},
        {i: {item.doi} - {""} for i, item in enumerate(items)},
    )
    found = _find_matches(items, progress)
    found.sort(key=lambda edge: (-edge[0].strength, *sorted((order[edge[1]], order[edge[2]]))))
    for match, a, b in found:
        clusters.join(a, b, match)
    if progress:
        progress(Progress("Comparing records", len(found), len(found)))
    return sorted(
        (
            DuplicateGroup(tuple(sorted(members)), tuple(clusters.reasons[key]))
            for key, members in clusters.members.items()
            if len(members) > 1
        ),
        key=lambda each: each.members,
    )

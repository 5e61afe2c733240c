"""Which reports a person may want to link into one study, and why: what shares a trial's registration number, stands
under one title as a correction, protocol, congress abstract or preprint does, or shares authors and a topic or a number
of participants. Nothing is linked by it.

Looked for among the reports that are sought in full, and those that were linked. What a person has said no to doesn't
come back. In a paper a registration number counts where papers tell of their own: not among the references, and in
introduction and discussion only beside the word “registered”; a paper that names several more is about others' trials.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from leads_local.citations import registrations
from leads_local.documents.sections import MAIN_SECTIONS
from leads_local.review import studies
from leads_local.review.database import Database
from leads_local.review.read_models import ValueStatus
from leads_local.review.store import citations, study_rows, values
from leads_local.review.studies import Study

Pair = tuple[int, int]
_OWN_AT_MOST = 3  # registration numbers in a paper
_ABOUT_OTHERS = MAIN_SECTIONS - {"methods", "results"}
_REGISTERED = re.compile(r"regist", re.IGNORECASE)
_HOW_MANY = re.compile(
    r"sample size|(?:number|no\.?) of (?:participants|patients|people)|participants|randomi[sz]ed", re.I
)


@dataclass(frozen=True, slots=True)
class StudySuggestion:
    """Reports, in rising order, that may be of one study."""

    reports: tuple[int, ...]
    reasons: tuple[str, ...]


def find(db: Database) -> list[StudySuggestion]:
    """The surest first: by registration numbers, then by titles, then by authors."""
    known = studies.read(db)
    reports = [report for study in known for report in study.reports]
    settled = _Settled(known, distinct_pairs(db))
    found: dict[frozenset[int], _Found] = {}
    for reason, together in _by_registration(db, reports):
        for part in settled.open_parts(together):
            found.setdefault(part, _Found()).add([one for one in together if settled.study_of[one] in part], reason)
    for pair, reason in _by_relation(db, reports):
        for part in settled.open_parts(pair):
            found.setdefault(part, _Found()).add(pair, f"{pair[0]} and {pair[1]}: {reason}")
    surest = tuple(found)
    for pair, reason in _by_authors(db, reports):
        for part in settled.open_parts(pair):
            place = next((place for place in surest if part <= place), part)
            found.setdefault(place, _Found()).add(pair, f"{pair[0]} and {pair[1]}: {reason}")
    return [StudySuggestion(tuple(sorted(one.reports)), tuple(one.reasons)) for one in found.values()]


def distinct_pairs(db: Database) -> set[Pair]:
    """The pairs of reports of which it was said that they are not of one study."""
    pairs = ((head, other) for _, _, head, other in study_rows.distinct(db))
    return {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1] and all(pair)}


def find_disputed(db: Database) -> list[Pair]:
    """The pairs of which that was said and which are linked all the same, as can be where copies were merged."""
    study_of = {report: study.number for study in studies.read(db) for report in study.reports}
    return sorted(pair for pair in distinct_pairs(db) if len({study_of.get(one, -one) for one in pair}) == 1)


class _Found:
    """A suggestion while it is put together."""

    def __init__(self) -> None:
        self.reports: set[int] = set()
        self.reasons: dict[str, None] = {}

    def add(self, reports: Iterable[int], reason: str) -> None:
        self.reports.update(reports)
        self.reasons[reason] = None


class _Settled:
    """What people have said already. Studies are known by their numbers: what was said of a report holds of all that
    are linked to it."""

    def __init__(self, known: Iterable[Study], distinct: set[Pair]) -> None:
        self.study_of = {report: study.number for study in known for report in study.reports}
        self._distinct = {frozenset(self.study_of.get(one, one) for one in pair) for pair in distinct}

    def open_parts(self, together: Iterable[int]) -> list[frozenset[int]]:
        """The studies of these, of which it is still to be said whether they are one: all at once, or where something
        was said of some of them each pair of which nothing was."""
        every = frozenset(self.study_of[one] for one in together)
        pairs = [frozenset(pair) for pair in combinations(sorted(every), 2)]
        left = [pair for pair in pairs if pair not in self._distinct]
        return [every] if left and len(left) == len(pairs) else left


def _by_registration(db: Database, reports: Sequence[int]) -> Iterator[tuple[str, tuple[int, ...]]]:
    places: dict[str, dict[int, str]] = {}
    for report, citation in citations.read_many(db, reports).items():
        for number in registrations.find_in_citation(citation):
            places.setdefault(number, {})[report] = f"{report} in its record"
    for report, told in _in_papers(db, reports).items():
        for number, page in told.items():
            where = f"{report} in its full text{f', page {page}' if page else ''}"
            places.setdefault(number, {}).setdefault(report, where)
    for number, found in sorted(places.items()):
        if len(found) > 1:
            yield (
                f"same registration number {number} ({'; '.join(found[one] for one in sorted(found))})",
                tuple(sorted(found)),
            )


def _in_papers(db: Database, reports: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    """The registration numbers that papers tell of as their own, each with its page."""
    found: dict[int, dict[str, int]] = {}
    for told in study_rows.paper_texts(db, reports):
        for number in registrations.find(told.text):
            own = told.section not in _ABOUT_OTHERS or _REGISTERED.search(told.text)
            if own and told.is_of_the_report:
                found.setdefault(told.report, {}).setdefault(number, told.page)
    return {report: numbers for report, numbers in found.items() if len(numbers) <= _OWN_AT_MOST}


def _by_authors(db: Database, reports: Sequence[int]) -> Iterator[tuple[Pair, str]]:
    from leads_local.citations import companions  # loads what only suggestions need

    texts = citations.read_many(db, reports)
    people = _extracted_numbers(db)
    pairs = companions.find([texts[one] for one in reports], [people.get(one, frozenset()) for one in reports])
    for pair in pairs:
        one, other = sorted((reports[pair.one], reports[pair.other]))
        yield (one, other), pair.reason


def _by_relation(db: Database, reports: Sequence[int]) -> Iterator[tuple[Pair, str]]:
    from leads_local.citations import relations  # loads what only suggestions need

    texts = citations.read_many(db, reports)
    for pair in relations.find([texts[one] for one in reports]):
        one, other = sorted((reports[pair.one], reports[pair.other]))
        yield (one, other), pair.reason


def _extracted_numbers(db: Database) -> dict[int, frozenset[int]]:
    """The numbers of participants among the values of reports."""
    from leads_local.citations import companions  # loads what only suggestions need

    found: dict[int, frozenset[int]] = {}
    for stored in values.stream(db):
        if stored.current and stored.status is not ValueStatus.REJECTED and _HOW_MANY.search(stored.value.item):
            head = citations.head(db, stored.record_id)
            told = companions.participants(f"n = {stored.final_text or stored.value.text}")
            found[head] = found.get(head, frozenset()) | told
    return found

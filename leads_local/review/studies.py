"""Studies: which reports people have said to be of one, and what each study is called.

A report is a document, a study is what was done; one study may have many reports. A report's records are said to be of
a study, which has a random name; a report of which two such names were said makes one study of both, in whatever copies
of the review that was. So what is linked A to B here and B to C there is one study once the copies are merged. A report
of which nothing was said is a study of its own: every report is in exactly one.

A label is what people read and write: theirs, or first author and year of the earliest report, with a letter behind
where several studies would have the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_lowercase
from typing import Any

from leads_local.citations import normalise
from leads_local.records import Citation, Stage
from leads_local.review import study_names
from leads_local.review.database import Database
from leads_local.review.read_models import RecordFilter, RecordOrder
from leads_local.review.store import citations, groups, lists, study_rows

LONGEST_LABEL = 80
_TITLE_IN_LABEL = 40  # characters, where no author is given
_NO_YEAR = 9999  # comes last


@dataclass(frozen=True, slots=True)
class Study:
    """``reports`` rise; the first one's number is the study's in lists and tables. ``name`` is the same in every copy
    of the review, "" where nothing was said of its only report. ``named``: a person has given the label."""

    name: str
    label: str
    reports: tuple[int, ...]
    named: bool = False

    @property
    def number(self) -> int:
        return self.reports[0]


def count(db: Database, reports: Sequence[int]) -> int:
    """Of how many studies these reports are."""
    return study_names.tally(reports, (), study_rows.names(db)).total


def read(db: Database, more: Sequence[int] = ()) -> list[Study]:
    """The studies of all reports that are sought in full or were said to be of a study, and of those of ``more``, by
    their numbers."""
    names = study_names.partition(study_rows.names(db))
    sought = lists.report_ids(db, Stage.FULLTEXT, RecordFilter.ALL, RecordOrder.ENTRY)
    here = groups.in_review(db, sorted({*names, *sought, *more}))
    together: dict[frozenset[str] | int, list[int]] = {}
    for report in here:
        together.setdefault(names.get(report, report), []).append(report)
    said = study_rows.labels(db)
    texts = citations.read_many(db, here)
    made = sorted((_make(*one, said, texts) for one in together.items()), key=lambda study: study.number)

    def place(study: Study) -> tuple[str, tuple[str, int]]:
        """Where a study comes among those of the same label, in every copy of the review."""
        title = normalise.fold(texts[_earliest(texts, study.reports)].title)
        return title, min(citations.name_of(db, report) for report in study.reports)

    return _told_apart(made, place)


def _make(
    key: frozenset[str] | int, reports: Sequence[int], said: Mapping[str, str], texts: Mapping[int, Citation]
) -> Study:
    names = key if isinstance(key, frozenset) else frozenset[str]()
    given = [label for name, label in said.items() if name in names]  # the last word counts
    label = given[-1] if given else ""
    return Study(min(names, default=""), label or default_label(texts, reports), tuple(reports), bool(label))


def default_label(texts: Mapping[int, Citation], reports: Sequence[int]) -> str:
    """First author and year of the earliest report; where no author is given, the beginning of its title."""
    earliest = _earliest(texts, reports)
    first = texts[earliest]
    who = normalise.surname(first.authors[0]) if first.authors else ""
    who = who or first.title[:_TITLE_IN_LABEL].strip() or f"Record {earliest}"
    return f"{who} {first.year}" if first.year else who


def _earliest(texts: Mapping[int, Citation], reports: Sequence[int]) -> int:
    def when(report: int) -> tuple[int, str, str, int]:
        text = texts[report]
        return text.year or _NO_YEAR, normalise.fold(text.title), text.doi, report

    return min(reports, key=when)


def _told_apart(studies: Sequence[Study], place: Callable[[Study], Any]) -> list[Study]:
    """The same, with letters behind labels that nobody has given and that several have, in the order of ``place``."""
    counted = Counter(study.label.casefold() for study in studies)
    alike = [study for study in studies if not study.named and counted[study.label.casefold()] > 1]
    taken = {study.label.casefold() for study in studies} - {study.label.casefold() for study in alike}
    taken |= {study.label.casefold() for study in studies if study.named}
    labels: dict[int, str] = {}
    for study in sorted(alike, key=place):
        labels[study.number] = next(one for one in _lettered(study.label) if one.casefold() not in taken)
        taken.add(labels[study.number].casefold())
    return [replace(study, label=labels.get(study.number, study.label)) for study in studies]


def _lettered(label: str) -> Iterator[str]:
    """``Smith 2019a``, ``Smith 2019b`` …; ``Smith a`` where no year is known."""
    gap = "" if label[-1:].isdigit() else " "
    letters = list(ascii_lowercase)
    yield from (f"{label}{gap}{one}" for one in letters)
    yield from (f"{label}{gap}{one}{other}" for one in letters for other in letters)
    yield from (f"{label}{gap}{number}" for number in range(1, 1 << 30))

"""Which reports are of one study, by the names that were said of them: pure, for what stands in the tables and for what
stood at a past moment.

Reports are known by whatever names them where this is asked: a file's number, or the names of its records.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Report = TypeVar("Report", bound=Hashable)


def partition(said: Iterable[tuple[Report, str]]) -> dict[Report, frozenset[str]]:
    """Of each report that was said to be of some study all names of its study, by (report, name)."""
    names_of: dict[Report, set[str]] = {}
    reports_of: dict[str, set[Report]] = {}
    for report, name in said:
        names_of.setdefault(report, set()).add(name)
        reports_of.setdefault(name, set()).add(report)
    found: dict[Report, frozenset[str]] = {}
    for report in names_of:
        if report not in found:
            reports, names = _reach(report, names_of, reports_of)
            found.update(dict.fromkeys(reports, frozenset(names)))
    return found


def _reach(
    start: Report, names_of: Mapping[Report, set[str]], reports_of: Mapping[str, set[Report]]
) -> tuple[set[Report], set[str]]:
    reports, names, waiting = {start}, set[str](), [start]
    while waiting:
        for name in names_of[waiting.pop()] - names:
            names.add(name)
            waiting += reports_of[name] - reports
            reports |= reports_of[name]
    return reports, names


@dataclass(frozen=True, slots=True)
class StudyCounts:
    """Of how many studies reports are: ``new`` those of which none was included in the previous version, ``previous``
    those that were, ``total`` all that are included now."""

    new: int
    previous: int
    total: int


def tally(included: Iterable[Report], previous: Iterable[Report], said: Iterable[tuple[Report, str]]) -> StudyCounts:
    """``included``: all reports that are included now; ``previous``: those that were in the previous version. One of
    which nothing was said is a study of its own."""
    names = partition(said)
    before = {names.get(report, report) for report in previous}
    now = {names.get(report, report) for report in included}
    return StudyCounts(len(now - before), len(before), len(now))

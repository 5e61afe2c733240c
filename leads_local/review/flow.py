"""The PRISMA flow counted: which box each report is in, said once for what stands in the tables now
(``store.counting``) and for what stood at a past moment (``past_flow``).

Pure: what is known of the reports in, the numbers out. Every report is in exactly one box.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from leads_local.records import Choice
from leads_local.review.read_models import PrismaCounts


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came in: ``sources`` with their records in order of import, ``from_pdfs`` the records that were made for
    PDFs. ``groups``: how many reports have duplicates."""

    sources: tuple[tuple[str, int], ...]
    from_pdfs: int
    groups: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the flow asks of a report. ``abstract`` and ``fulltext`` are the choices that hold, "" where none does;
    ``readable``: it has a full text that can be read; ``missing``: it was said that it could not be had, and no file
    has come since."""

    abstract: str
    fulltext: str
    reason: str
    readable: bool
    missing: bool

    @property
    def sought(self) -> bool:
        return self.abstract == Choice.INCLUDE

    @property
    def assessed(self) -> bool:
        return self.sought and self.fulltext in (Choice.INCLUDE, Choice.EXCLUDE)


def count(reports: Mapping[Standing, int], came: Arrivals, conflicts: int | None = None) -> PrismaCounts:
    """The numbers of so many ``reports`` of each kind; without the model's work, which is no part of the flow."""
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    not_retrieved = said = 0
    for report, number in reports.items():
        first[report.abstract] += number
        if report.assessed:
            second[report.fulltext] += number
            if report.fulltext == Choice.EXCLUDE:
                reasons[report.reason] += number
        elif report.sought:
            not_retrieved += 0 if report.readable else number
            said += number if report.missing else 0
    identified = sum(number for _, number in came.sources) + came.from_pdfs
    heads, sought, assessed = first.total(), first[Choice.INCLUDE], second.total()
    return PrismaCounts(
        sources=came.sources,
        from_pdfs=came.from_pdfs,
        identified=identified,
        duplicates=identified - heads,
        groups=came.groups,
        to_screen=heads,
        screened=heads - first[""],
        unscreened=first[""],
        excluded=first[Choice.EXCLUDE],
        maybe=first[Choice.MAYBE],
        sought=sought,
        not_retrieved=not_retrieved,
        not_retrieved_said=said,
        awaiting=sought - not_retrieved - assessed,
        assessed=assessed,
        fulltext_excluded=second[Choice.EXCLUDE],
        reasons=tuple(sorted(reasons.items(), key=lambda one: (-one[1], one[0]))),
        included=second[Choice.INCLUDE],
        conflicts=conflicts,
    )

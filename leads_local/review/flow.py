"""The PRISMA flow counted: which box each report is in, said once for what stands in the tables now
(``store.counting``) and for what stood at a past moment (``past_flow``).

Pure: what is known of the reports in, the numbers out. Every report is in exactly one box.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from leads_local.records import Choice
from leads_local.review.outcomes import combine_choices
from leads_local.review.prisma_counts import PrismaCounts, UpdateCounts
from leads_local.review.study_names import StudyCounts
from leads_local.review.updates import Update


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came in, in an update what came since: ``sources`` with their records in order of import, ``from_pdfs`` the
    records that were made for PDFs. ``groups``: how many reports have duplicates; ``known``: how many of the records
    are of reports of the previous version; ``kinds``: of each source what kind it was said to be, or ""."""

    sources: tuple[tuple[str, int], ...]
    from_pdfs: int
    groups: int
    known: int = 0
    kinds: tuple[str, ...] = ()


class Before(IntEnum):
    """What held of a report in the review's previous version; of several records the highest counts."""

    NEW = 0
    OPEN = 1
    EXCLUDED = 2
    INCLUDED = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """What the flow asks of a report. ``abstract`` and ``fulltext`` are the choices that hold, "" where none does, or
    where a full text is not sought;
    ``readable``: it has a full text that can be read; ``missing``: it was said that it could not be had, and no file
    has come since. In an update ``before`` says what held of it in the previous version (Before), and ``since`` whether
    it was decided since. ``ruled_out``: the limit that takes it out before screening."""

    abstract: str
    fulltext: str
    reason: str
    readable: bool
    missing: bool
    before: Before = Before.NEW
    since: bool = False
    ruled_out: str = ""

    @property
    def in_flow(self) -> bool:
        """Whether it is counted in the boxes of the flow, as all are but what an update has from before."""
        if self.before is Before.EXCLUDED:
            return self.since or self.choice != Choice.EXCLUDE
        return self.before is not Before.INCLUDED

    @property
    def choice(self) -> str:
        """What it comes to, "" while that is open."""
        return combine_choices(self.abstract, self.fulltext)

    @property
    def sought(self) -> bool:
        return self.abstract == Choice.INCLUDE

    @property
    def assessed(self) -> bool:
        return self.sought and self.fulltext in (Choice.INCLUDE, Choice.EXCLUDE)


def count(
    every: Mapping[Standing, int],
    came: Arrivals,
    studies: StudyCounts,
    update: Update | None = None,
    conflicts: int | None = None,
) -> PrismaCounts:
    """The numbers of so many reports of each kind, and of the studies that those are of that are included; without the
    model's work, which is no part of the flow."""
    reports = {report: number for report, number in every.items() if report.in_flow}
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    ruled_out: Counter[str] = Counter()
    not_retrieved = said = 0
    for report, number in reports.items():
        if report.ruled_out:
            ruled_out[report.ruled_out] += number
            continue
        first[report.abstract] += number
        if report.assessed:
            second[report.fulltext] += number
            if report.fulltext == Choice.EXCLUDE:
                reasons[report.reason] += number
        elif report.sought:
            not_retrieved += 0 if report.readable else number
            said += number if report.missing else 0
    carried = sum(number for report, number in reports.items() if report.before is not Before.NEW)
    identified = sum(number for _, number in came.sources) + came.from_pdfs + carried
    heads, sought, assessed = first.total(), first[Choice.INCLUDE], second.total()
    return PrismaCounts(
        sources=came.sources,
        by_kind=_by_kind(came),
        from_pdfs=came.from_pdfs,
        identified=identified,
        duplicates=identified - heads - ruled_out.total(),
        groups=came.groups,
        ruled_out=ruled_out.total(),
        ruled_out_by=_most_first(ruled_out),
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
        reasons=_most_first(reasons),
        included=second[Choice.INCLUDE],
        studies=studies.new,
        conflicts=conflicts,
        update=_count_update(every, update, came.known, carried, second[Choice.INCLUDE], studies) if update else None,
    )


def _by_kind(came: Arrivals) -> tuple[tuple[str, int], ...]:
    """How many records came from sources of each kind, where one was said."""
    counted: Counter[str] = Counter()
    for kind, (_, number) in zip(came.kinds, came.sources, strict=True):
        counted[kind] += number
    return tuple(counted.items()) if any(came.kinds) else ()


def _count_update(
    every: Mapping[Standing, int], update: Update, known: int, carried: int, included: int, studies: StudyCounts
) -> UpdateCounts:
    now: Counter[str] = Counter()
    left = 0
    for report, number in every.items():
        if report.before is Before.INCLUDED:
            now[report.choice] += number
        elif not report.in_flow:
            left += number
    return UpdateCounts(
        label=update.label,
        at=update.at,
        previous=now.total(),
        dropped=now[Choice.EXCLUDE],
        unsettled=now[""],
        left=left,
        carried=carried,
        known=known,
        total=now[Choice.INCLUDE] + included,
        previous_studies=studies.previous,
        total_studies=studies.total,
    )


def _most_first(counted: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0])))

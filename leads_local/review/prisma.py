"""The numbers of the PRISMA 2020 flow, in its order and its terms: records until something is sought in full, reports
from there on.

Only numbers and their labels, the same on the command line, on the screen and in exports. Every line can be counted
again from the review file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leads_local import files
from leads_local.review.prisma_counts import PrismaCounts


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One number. ``phase`` is identification, screening or included, in an update also previous; ``key`` stays the
    same in every language and version; ``depth`` is 0, or how deep a part of another line it is."""

    phase: str
    key: str
    label: str
    number: int
    depth: int = 0

    @property
    def is_source(self) -> bool:
        """Whether it counts what came from one place only."""
        return self.key == "from_pdfs" or self.key.startswith("source ")


def update_in_words(counts: PrismaCounts) -> str:
    """Which update the numbers are of; "" in a first version."""
    update = counts.update
    return f"Update: {update.label}, begun on {update.at[:10]}" if update is not None else ""


def flow_lines(counts: PrismaCounts) -> tuple[FlowLine, ...]:
    """The flow as it stands now; what is not finished yet has lines of its own, which are 0 at the end."""
    return (*_previous_lines(counts), *_identification_lines(counts), *_screening_lines(counts), *_last_lines(counts))


def _previous_lines(counts: PrismaCounts) -> Iterator[FlowLine]:
    if counts.update is not None:
        for depth, key, label in _PREVIOUS:
            yield FlowLine("previous", key, label, getattr(counts.update, key), depth)


_PREVIOUS = (
    (0, "previous_studies", "Studies included in the previous version"),
    (0, "previous", "Reports of studies included in the previous version"),
    (1, "dropped", "Of these, excluded since"),
    (1, "unsettled", "Of these, not settled any more"),
    (0, "left", "Reports excluded in the previous version, not decided since"),
)


def _last_lines(counts: PrismaCounts) -> Iterator[FlowLine]:
    new = "new " if counts.update is not None else ""
    yield FlowLine("included", "studies", f"{new}studies included in review".capitalize(), counts.studies)
    yield FlowLine("included", "included", f"Reports of {new}included studies", counts.included)
    if counts.update is not None:
        yield FlowLine("included", "total_studies", "Studies included in all", counts.update.total_studies)
        yield FlowLine("included", "total", "Reports of included studies in all", counts.update.total)


def _identification_lines(counts: PrismaCounts) -> Iterator[FlowLine]:
    phase = "identification"
    for place, (path, number) in enumerate(counts.sources, 1):
        yield FlowLine(phase, f"source {place}", f"Records identified in {files.name_of(path)}", number)
    said = dict(counts.by_kind)
    for key, kind, label in _BY_KIND if said else ():
        yield FlowLine(phase, key, label, said.get(kind, 0), 1)
    yield FlowLine(phase, "from_pdfs", "Reports that came as PDFs only", counts.from_pdfs)
    if counts.update is not None:
        yield FlowLine(
            phase, "carried", "Reports of the previous version screened in this update", counts.update.carried
        )
    yield FlowLine(phase, "identified", "Records identified in all", counts.identified)
    yield FlowLine(phase, "duplicates", "Duplicate records removed before screening", counts.duplicates, 1)
    if counts.update is not None:
        yield FlowLine(phase, "known", "Of these, of reports of the previous version", counts.update.known, 2)
    told = "Records marked as ineligible by automation tools"
    yield FlowLine(phase, "automation", told, counts.ruled_out, 1)
    for place, (limit, number) in enumerate(counts.ruled_out_by, 1):
        yield FlowLine(phase, f"automation {place}", f"By rule: not within {limit}", number, 2)


_BY_KIND = (
    ("from_databases", "database", "Records from databases"),
    ("from_registers", "register", "Records from registers"),
    ("from_websites", "website", "Records by other methods: websites"),
    ("from_organisations", "organisation", "Records by other methods: organisations"),
    ("from_citations", "citation searching", "Records by other methods: citation searching"),
    ("from_other", "other", "Records by other methods: other"),
    ("from_unsaid", "", "Records whose kind of source was not said"),
)


def _screening_lines(counts: PrismaCounts) -> Iterator[FlowLine]:
    for depth, key, label in _SCREENING:
        yield FlowLine("screening", key, label, getattr(counts, key), depth)
    for place, (reason, number) in enumerate(counts.reasons, 1):
        yield FlowLine("screening", f"reason {place}", f"Reports excluded: {reason or 'no reason given'}", number, 2)


_SCREENING = (
    (0, "to_screen", "Records to screen"),
    (1, "screened", "Records screened"),
    (1, "unscreened", "Records not screened yet"),
    (1, "excluded", "Records excluded"),
    (1, "maybe", "Records not settled yet (maybe)"),
    (0, "sought", "Reports sought for retrieval"),
    (1, "not_retrieved", "Reports not retrieved"),
    (2, "not_retrieved_said", "Of these, sought and not to be had"),
    (1, "awaiting", "Reports not assessed yet"),
    (0, "assessed", "Reports assessed for eligibility"),
    (1, "fulltext_excluded", "Reports excluded"),
)

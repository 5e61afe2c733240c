"""The numbers of the PRISMA 2020 flow, in its order and its terms: records until something is sought in full, reports
from there on.

Only numbers; how they are drawn is for export. Every line can be counted again from the review file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from leads_local.review.read_models import PrismaCounts


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One number. ``phase`` is identification, screening or included; ``key`` stays the same in every language and
    version."""

    phase: str
    key: str
    label: str
    number: int


def flow_lines(counts: PrismaCounts) -> tuple[FlowLine, ...]:
    """The flow as it stands now; what is not finished yet has lines of its own, which are 0 at the end."""
    c = counts
    sources = [
        FlowLine(
            "identification",
            f"source {place}",
            f"Records identified in {PurePath(path.replace(chr(92), '/')).name}",
            number,
        )
        for place, (path, number) in enumerate(c.sources, 1)
    ]
    found = [*sources, FlowLine("identification", "from_pdfs", "Reports that came as PDFs only", c.from_pdfs)]
    identified = [
        FlowLine("identification", "identified", "Records identified in all", c.identified),
        FlowLine("identification", "duplicates", "Duplicate records removed before screening", c.duplicates),
    ]
    screening = [
        ("to_screen", "Records to screen", c.to_screen),
        ("screened", "Records screened", c.screened),
        ("unscreened", "Records not screened yet", c.unscreened),
        ("excluded", "Records excluded", c.excluded),
        ("maybe", "Records not settled yet (maybe)", c.maybe),
        ("sought", "Reports sought for retrieval", c.sought),
        ("not_retrieved", "Reports not retrieved", c.not_retrieved),
        ("awaiting", "Reports not assessed yet", c.awaiting),
        ("assessed", "Reports assessed for eligibility", c.assessed),
        ("fulltext_excluded", "Reports excluded", c.fulltext_excluded),
    ]
    reasons = [
        FlowLine("screening", f"reason {place}", f"Reports excluded: {reason or 'no reason given'}", number)
        for place, (reason, number) in enumerate(c.reasons, 1)
    ]
    included = FlowLine("included", "included", "Reports of included studies", c.included)
    return (*found, *identified, *(FlowLine("screening", *line) for line in screening), *reasons, included)

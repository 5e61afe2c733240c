"""What each kind of model work is called, while it runs and in the review's log."""

from __future__ import annotations

from leads_local.records import ScreeningMethod, ScreeningMode, Stage

EXTRACTION = "Extraction"
REASONS = "Reasons"
OPENED_REASONS = "Reasons for what you open"
_SCREENING = {Stage.ABSTRACT: "Screening abstracts", Stage.FULLTEXT: "Screening full texts"}


def screening(stage: Stage, mode: ScreeningMode = ScreeningMode.FULL) -> str:
    return _SCREENING[stage] + (" (triage)" if mode is ScreeningMode.TRIAGE else "")


def trial(way: ScreeningMethod) -> str:
    """Screening only to compare ways of asking."""
    return f"Trial ({way})"

"""Everything that leaves a review as files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from leads_local.app.outcome import Outcome, format_count
from leads_local.export.tables import export_review
from leads_local.records import Progress
from leads_local.review.review import Review


@dataclass(frozen=True, slots=True)
class ExportResult:
    """``whole`` is False where something of a damaged review could not be read and is not in the files."""

    folder: Path
    files: tuple[Path, ...]
    whole: bool


def export(review: Review, folder: Path, progress: Callable[[Progress], None] | None = None) -> ExportResult:
    """Write tables, citations and the audit trail into ``folder``. Raises InputError when it can't be written to."""
    files = tuple(export_review(review, folder, progress))
    return ExportResult(folder, files, not review.unreadable() and not review.db.damage)


def describe_export(result: ExportResult) -> Outcome:
    total = f"{format_count(len(result.files), 'file')} written to {result.folder}."
    damaged = () if result.whole else ("What could not be read of the damaged review is not in them.",)
    return Outcome(tuple(map(str, result.files)), (total, *damaged), failed=not result.whole)

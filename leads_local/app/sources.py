"""The imports of a review, and taking a wrong one out: the same sentences on the command line and on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from leads_local import files
from leads_local.app.outcome import Outcome, format_count
from leads_local.review.read_models import Source
from leads_local.review.review import Review


def describe_sources(sources: Sequence[Source]) -> Outcome:
    """Every import with its counts."""
    if not sources:
        return Outcome(("Nothing has been imported yet.",))
    return Outcome(tuple(f"{source.number}: {describe_source(source)}" for source in sources))


def describe_source(source: Source) -> str:
    """An import in a line, without its number."""
    counts = (
        f"{files.name_of(source.path)}: {format_count(source.records, 'record')} ({source.format}, {source.at[:10]})"
    )
    problems = f", {format_count(source.problems, 'problem')} in reading" if source.problems else ""
    if not source.withdrawn:
        return f"{counts}, {source.duplicates:,} of them duplicates{problems}."
    by = f" by {source.withdrawn_by}" if source.withdrawn_by else ""
    return f"{counts}{problems}. Withdrawn{by} on {source.withdrawn_at[:10]}: {source.reason or 'no reason given'}."


def describe_withdrawal(source: Source, review: Review) -> Outcome:
    """What follows of having taken an import out, or of having it back."""
    records, identified = format_count(source.records, "record"), review.counts().identified
    name = files.name_of(source.path)
    if not source.withdrawn:
        return Outcome((f"{name} is back with its {records}. The review has {identified:,} now.",))
    left = f"{name} is withdrawn with its {records}. The review has {identified:,} now."
    kept = "Nothing is deleted: undo brings all back, with what was decided."
    again = "A report that another import has too goes on, with its decisions."
    return Outcome((left,), (again, kept))

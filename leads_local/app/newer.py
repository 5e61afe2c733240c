"""What a newer export has changed, in words; and what is to be looked at again for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from leads_local.app.outcome import Outcome, first_of, format_count
from leads_local.records import Stage
from leads_local.review.newer_reports import ListedPaper, NewerReport, RetractionReport
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review

_SHOWN = 5


def newer_in_words(report: NewerReport) -> tuple[str, ...]:
    """What an import has changed of records that were known, a line each."""
    return tuple(_lines(report))


def _lines(report: NewerReport) -> Iterator[str]:
    if report.changed:
        fields = Counter(field for one in report.changed for field in one.fields)
        said = ", ".join(f"{field} {number:,}" for field, number in fields.items())
        known = format_count(len(report.changed), "known record")
        yield f"Newer text of {known} ({said}); the earlier one is kept, and `undo` has it back."
        told = (f"  record {one.record} (“{one.title[:60]}”): {', '.join(one.fields)}" for one in report.changed)
        yield from first_of(told, "`find --where changed` lists those that were decided", _SHOWN)
    if report.noticed:
        tags = Counter(tag for _, tag in report.noticed)
        yield f"Tagged for what has become of the paper: {', '.join(f'#{tag} {n:,}' for tag, n in tags.items())}."
    yield from first_of((f"Not changed: {why}." for why in report.left), "these stay as they are", _SHOWN)


def look_again_in_words(review: Review) -> str:
    """How many decided reports a newer export has changed in substance; "" for none."""
    counts = {stage: len(review.record_ids(stage, RecordFilter.CHANGED)) for stage in Stage}
    told = ", ".join(f"{number:,} at the {stage} stage" for stage, number in counts.items() if number)
    return f"Decided, and changed or retracted since: {told}. `find --where changed` lists them." if told else ""


def describe_retractions(report: RetractionReport) -> Outcome:
    """Which reports of the review a list of retractions names."""
    lines = [f"record {one.record}: {_listed_in_words(one)}" for one in report.papers]
    named = format_count(len({one.record for one in report.papers}), "report")
    entries = format_count(report.entries, "entry", "entries")
    total = f"{named} of the review in the {entries} of the list; {format_count(report.new, 'new tag')}."
    unknown = f"{report.unknown:,} entries of the list are of another nature." if report.unknown else ""
    kept = "Nothing is removed, and `undo` takes the tags back." if report.new else ""
    return Outcome((*lines, total), tuple(filter(None, (unknown, kept))), failed=bool(report.new))


def _listed_in_words(one: ListedPaper) -> str:
    why = f" ({one.reason})" if one.reason else ""
    return f"{one.notice.replace('-', ' ')}{f', {one.date}' if one.date else ''}{why}: {one.title}"

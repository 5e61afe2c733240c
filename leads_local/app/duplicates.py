"""Duplicates, told to a person: what was grouped and why, what may be one report, and what a person says of it; the
same sentences on the command line and on the screen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from leads_local.app.outcome import Outcome, first_of, format_count
from leads_local.citations import normalise, registrations
from leads_local.records import Citation, Stage
from leads_local.review.read_models import DedupeReport, FoundGroup, OpenDoubt
from leads_local.review.review import Review

_ABSTRACT = 160  # characters of it that are shown
HOW = (
    "`dedupe REVIEW --join 3 17` says that two records are one report, `dedupe REVIEW --separate 3 17` that they are "
    "two; each stays so."
)


@dataclass(frozen=True, slots=True)
class ComparedField:
    """What two records say in one field, "" for nothing. ``differs``: both say something, and not the same."""

    name: str
    one: str
    other: str
    differs: bool

    @property
    def mark(self) -> str:
        return "≠" if self.differs else "-"


def describe_duplicates(review: Review, report: DedupeReport) -> Outcome:
    """What a search for duplicates has come to. Reports that were decided differently are left to be looked at."""
    found = (
        f"{format_count(report.records, 'record')}: {format_count(report.duplicates, 'duplicate')} in "
        f"{format_count(report.groups, 'group')}, which need not be screened again."
    )
    notices = []
    if report.doubts:
        pairs = f"{format_count(report.doubts, 'pair')} of records may be one report, and you have to say"
        notices.append(f"{pairs}: `dedupe REVIEW --list`, or G in the overview.")
    notices += conflicts_in_words(review, report.conflicts)
    return Outcome((found,), tuple(notices), failed=bool(report.conflicts))


def conflicts_in_words(review: Review, heads: Sequence[int]) -> list[str]:
    """The reports whose records had been decided differently before they were one, to be looked at; none for none."""
    if not heads:
        return []
    shown = review.summaries(list(heads))
    listed = first_of((f"{one.id}: {one.title}" for one in shown), "the filter “needs a look” lists them")
    count = format_count(len(heads), "group")
    return [f"{count} had been decided differently: look at the records that the filter “needs a look” lists.", *listed]


def describe_list(review: Review) -> Outcome:
    """The pairs that may be one report with what they say, then the groups with their reasons."""
    doubts, groups = review.doubts(), review.duplicate_groups()
    lines = [line for one in doubts for line in _doubt_lines(review, one)]
    titles = titles_of(review, groups)
    lines += [line for one in groups for line in _group_lines(one, titles[one.head])]
    total = f"{format_count(len(groups), 'group')}; {format_count(len(doubts), 'pair')} that may be one report."
    return Outcome((*lines, total), (HOW,) if doubts else ())


def list_as_data(review: Review) -> dict[str, Any]:
    """The same for a program."""
    doubts = [
        dataclasses.asdict(one) | {"fields": list(map(dataclasses.asdict, compared(review, one.one, one.other)))}
        for one in review.doubts()
    ]
    return {"doubts": doubts, "groups": [dataclasses.asdict(one) for one in review.duplicate_groups()]}


def doubt_in_words(doubt: OpenDoubt) -> str:
    return f"One report? {doubt.one} and {doubt.other}: {doubt.reason}"


def _doubt_lines(review: Review, doubt: OpenDoubt) -> Iterator[str]:
    yield doubt_in_words(doubt)
    for field in compared(review, doubt.one, doubt.other):
        said = field.one if field.one == field.other else f"{field.one or '–'} | {field.other or '–'}"
        yield f"{field.mark} {field.name}: {said}"


def group_in_words(group: FoundGroup, title: str) -> str:
    return f"One report: {', '.join(map(str, group.records))}: {title or '(no title)'}"


def _group_lines(group: FoundGroup, title: str) -> Iterator[str]:
    yield group_in_words(group, title)
    yield from (f"- because: {reason}" for reason in group.reasons)


def titles_of(review: Review, groups: Iterable[FoundGroup]) -> dict[int, str]:
    """The title of each group, by its head."""
    return {one.id: one.title for one in review.summaries([group.head for group in groups], Stage.ABSTRACT)}


def compared(review: Review, one: int, other: int) -> list[ComparedField]:
    """What two records say, field by field; without the fields in which neither says anything."""
    texts = review.citation(one), review.citation(other)
    rows = zip(*(_fields(text) for text in texts), strict=True)
    return [ComparedField(name, a, b, _differ(name, a, b)) for (name, a), (_, b) in rows if a or b]


def _fields(text: Citation) -> Iterator[tuple[str, str]]:
    yield "title", text.title
    yield "authors", "; ".join(text.authors)
    yield "year", str(text.year or "")
    yield "journal", text.journal
    yield "volume", text.volume + (f"({text.issue})" if text.issue else "")
    yield "pages", text.pages
    yield "DOI", text.doi
    yield "PMID", text.pmid
    yield "registered", ", ".join(sorted(registrations.find_in_citation(text)))
    yield "kind", text.kind
    yield "abstract", f"{text.abstract[:_ABSTRACT]}{'…' if len(text.abstract) > _ABSTRACT else ''}"


def _differ(name: str, one: str, other: str) -> bool:
    if not one or not other:
        return False
    if name == "pages":
        return normalise.first_page_key(one) != normalise.first_page_key(other)
    return normalise.fold_words(one) != normalise.fold_words(other)


def apart_in_words(everybody: bool, others: Sequence[int]) -> str:
    """From which records a report was set apart, "" for none. ``everybody``: from all, as an earlier version said."""
    if everybody:
        return "Somebody has said that it is no duplicate of another record."
    return f"Somebody has said that it is another report than {_records(others)}." if others else ""


def describe_separation(record_id: int, others: Sequence[int]) -> Outcome:
    return Outcome((f"Record {record_id} is another report than {_records(others)}, and stays so.",))


def describe_rejoining(record_id: int) -> Outcome:
    return Outcome((f"Record {record_id} may be grouped again, as it was or by the next search for duplicates.",))


def describe_join(review: Review, records: Sequence[int]) -> Outcome:
    """That these are one report now; where they had been decided differently, that this is to be looked at."""
    head = review.record(records[0]).id
    conflicts = conflicts_in_words(review, [head] if head in review.conflicting_reports() else [])
    told = f"{_records(records).capitalize()} are one report."
    return Outcome((told,), tuple(conflicts), failed=bool(conflicts))


def _records(records: Sequence[int]) -> str:
    if len(records) == 1:
        return f"record {records[0]}"
    return f"records {', '.join(map(str, records[:-1]))} and {records[-1]}"

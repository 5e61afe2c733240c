"""Studies and their reports, and what may be one: the same sentences on the command line and on the screen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from leads_local.app.outcome import Outcome, format_count
from leads_local.records import Stage
from leads_local.review.read_models import RecordSummary
from leads_local.review.review import Review
from leads_local.review.studies import Study
from leads_local.review.study_suggestions import StudySuggestion

HOW = (
    "`studies REVIEW --link 3 17` links reports into one study, `--not-one 3 17` says that they are not, and they are "
    "not suggested again."
)


def describe_studies(review: Review) -> Outcome:
    """What may be one study, then every study with its reports."""
    studies, suggestions = review.studies(), review.study_suggestions()
    shown = summaries(review, (report for study in studies for report in study.reports))
    lines = [line for one in suggestions for line in suggestion_lines(one, shown)]
    lines += [line for study in studies for line in study_lines(study, shown)]
    counts = review.counts()
    total = f"{format_count(len(studies), 'study', 'studies')} with {format_count(_reports(studies), 'report')}"
    more = f"included: {format_count(counts.studies, 'study', 'studies')}, {format_count(counts.included, 'report')}."
    notices = [HOW] if suggestions else []
    return Outcome((*lines, f"{total}; {more}"), (*disputed_in_words(review), *notices))


def studies_as_data(review: Review) -> dict[str, Any]:
    """The same for a program."""
    return {
        "studies": [study_as_data(study) for study in review.studies()],
        "suggestions": [dataclasses.asdict(one) for one in review.study_suggestions()],
        "disputed": review.disputed_links(),
    }


def study_as_data(study: Study) -> dict[str, Any]:
    return {"number": study.number, **dataclasses.asdict(study)}


def suggestion_lines(suggestion: StudySuggestion, shown: Mapping[int, RecordSummary]) -> Iterator[str]:
    yield f"One study? {'; '.join(suggestion.reasons)}"
    yield from (f"- {report_in_words(report, shown)}" for report in suggestion.reports)


def study_lines(study: Study, shown: Mapping[int, RecordSummary]) -> Iterator[str]:
    yield study_heading(study)
    yield from (f"- {report_in_words(report, shown)}" for report in study.reports)


def study_heading(study: Study) -> str:
    return f"Study {study.number}, {study.label}: {format_count(len(study.reports), 'report')}"


def describe_changed(review: Review, changed: Sequence[Study]) -> Outcome:
    """Some studies as they stand now."""
    shown = summaries(review, (report for study in changed for report in study.reports))
    lines = tuple(line for study in changed for line in study_lines(study, shown))
    return Outcome(lines, disputed_in_words(review))


def describe_told_apart(records: Sequence[int], new: bool) -> Outcome:
    """That these are not of one study."""
    told = f"Records {_listed(records)} are not of one study and are not suggested again."
    return Outcome((told,) if new else (), () if new else (f"That was said before: {told}",))


def disputed_in_words(review: Review) -> tuple[str, ...]:
    """Which reports are linked although somebody said that they are not of one study."""
    return tuple(
        f"Records {one} and {other} are linked into one study, but it was also said that they are not of one: take one "
        "of them out, or link the two again."
        for one, other in review.disputed_links()
    )


def study_of_in_words(review: Review, record_id: int) -> list[str]:
    """Of which study a report is, and which its other reports are, a line each."""
    study, head = review.study_of(record_id), review.record(record_id).id
    if not study.name and len(study.reports) == 1:
        return [f"Study: {study.label}"]
    shown = summaries(review, study.reports)
    others = [report for report in study.reports if report != head]
    return [
        f"Study: {study.label} (study {study.number}, {format_count(len(study.reports), 'report')})",
        *linked_because(review, [head]),
        *(f"Report of the same study: {report_in_words(other, shown)}" for other in others),
    ]


def linked_because(review: Review, reports: Iterable[int]) -> list[str]:
    """Why these were linked into their study, each reason once."""
    reasons = dict.fromkeys(review.why_linked(report) for report in reports)
    return [f"Linked because: {why}" for why in reasons if why]


def report_in_words(report: int, shown: Mapping[int, RecordSummary]) -> str:
    """A report in a line, with what holds of it."""
    one = shown.get(report)
    if one is None:
        return str(report)
    who = f"{one.authors[0]}{' and others' if len(one.authors) > 1 else ''}" if one.authors else ""
    where = ", ".join(part for part in (who, str(one.year or "")) if part)
    holds = f": {one.choice}" if one.choice else ""
    return f"{report}: {one.title or '(no title)'}{f' ({where})' if where else ''}{holds}"


def summaries(review: Review, reports: Iterable[int]) -> dict[int, RecordSummary]:
    """Of these reports what is told of each, by number."""
    return {one.id: one for one in review.summaries(sorted(set(reports)), Stage.FULLTEXT)}


def _reports(studies: Iterable[Study]) -> int:
    return sum(len(study.reports) for study in studies)


def _listed(records: Sequence[int]) -> str:
    return f"{', '.join(map(str, records[:-1]))} and {records[-1]}"

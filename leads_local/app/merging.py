"""Bringing copies of a review together, and how it is told: what came from whom, and what is to be looked at now."""

from __future__ import annotations

from collections.abc import Iterator

from leads_local.app.outcome import Outcome, first_of, format_count
from leads_local.review.merging import Brought, Merged, MergeReport
from leads_local.review.review import Review


def describe_merge(review: Review, done: Merged) -> Outcome:
    """What came, a line for each file and reviewer; conflicts that arose, and what else holds now, as notices."""
    results = [line for report in done.reports for line in _report_in_words(report)]
    changed = dict.fromkeys(what for report in done.reports for what in report.changed)
    conflicts = dict.fromkeys(one for report in done.reports for one in report.conflicts)
    arose = [f"{one.record}: {review.record(one.record).citation.title} ({one.stage} stage)" for one in conflicts]
    notices = [
        *(f"{what[0].upper()}{what[1:]} changed by that: the latest change holds." for what in changed),
        *dict.fromkeys(notice for report in done.reports for notice in report.notices),
    ]
    if arose:
        where = "leads-local conflicts lists all of them"
        notices += [
            f"The reviewers differ on {format_count(len(arose), 'report')} more by that:",
            *first_of(arose, where),
        ]
    if done.kept is not None:
        notices.append(f"The review as it was before is kept as {done.kept}.")
    return Outcome(tuple(results), tuple(notices), failed=bool(arose))


def _report_in_words(report: MergeReport) -> Iterator[str]:
    answers = format_count(report.replies, "answer") + " of the model"
    called = f"{report.path}, the work package for {report.package}" if report.package else report.path
    if not (report.acts or report.records or report.pdfs or report.replies):
        yield f"{called}: nothing in it was new."
        return
    came = (format_count(report.records, "record"), format_count(report.pdfs, "PDF"), answers)
    yield f"{called}: {', '.join(came)} and {format_count(report.acts, 'act')} of people came."
    yield from (f"From {one.reviewer or 'somebody'}: {_brought_in_words(one)}." for one in report.reviewers)


def _brought_in_words(one: Brought) -> str:
    told = (
        (one.decisions, "decision"),
        (one.verifications, "verification"),
        (one.records, "record"),
        (one.pdfs, "PDF"),
        (one.others, "other act"),
    )
    return ", ".join(format_count(number, what) for number, what in told if number)

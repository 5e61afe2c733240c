"""Agreement, told to a person: the same lines on the command line and on the screen."""

from __future__ import annotations

from collections.abc import Iterator

from leads_local.app.outcome import format_count
from leads_local.evaluation.agreement import ALPHA, Agreement
from leads_local.evaluation.comparison import IN_SIGHT
from leads_local.evaluation.metrics import Estimate
from leads_local.evaluation.raters import RatersReport, ReviewerAndModel, TwoReviewers
from leads_local.terminal_text import safe_line

UNDEFINED = "–"
_WIDTH = 31
_HEADING = f"  {'':{_WIDTH}}  value  95 % interval"
_MEANINGS = (
    "Raw agreement is the share of reports on which both said the same.",
    "Kappa, PABAK, AC1 and alpha are the agreement beyond chance: 1 complete,",
    "0 as by chance. They differ in what they take for chance: kappa is low",
    "where few are included, though hardly any differ. Read it beside the others.",
    f"{UNDEFINED} is undefined: nothing to compare, or all in one category.",
    "Intervals are Wilson’s of the raw agreement, the chance taken as known.",
)


def report_lines(report: RatersReport) -> Iterator[str]:
    """The report for a person to read."""
    yield f"Agreement at the {report.stage} stage, of votes given before both had voted."
    if not report.people:
        yield "No report has been decided by two reviewers yet."
    for two in report.people:
        yield from _people_lines(two)
    if report.alpha is not None:
        yield ""
        yield f"All {len(report.reviewers)} reviewers ({', '.join(map(name_of, report.reviewers))}):"
        yield _HEADING
        yield f"  {ALPHA:{_WIDTH}} {format_estimate(report.alpha)}"
    for one in report.model:
        yield from _model_lines(one)
    if report.people or report.model:
        yield ""
        yield from _MEANINGS
    if report.model:
        yield "The model is compared on reports only: people judge no criteria by themselves."
        yield IN_SIGHT


def name_of(reviewer: str) -> str:
    """On one line, so that it can stand in a table."""
    return safe_line(reviewer) or "somebody"


def format_estimate(found: Estimate) -> str:
    """Value, interval and of how many, in columns under ``_HEADING``."""
    if found.value is None or found.low is None or found.high is None:
        return f"{UNDEFINED:>6}{'':20}of {found.of:,}"
    return f"{found.value:6.3f}  {found.low:6.3f} to {found.high:6.3f}  of {found.of:,}"


def _people_lines(two: TwoReviewers) -> Iterator[str]:
    one, other = name_of(two.one), name_of(two.other)
    yield ""
    yield f"{one} and {other}: {format_count(two.agreement.cases, 'report')} decided by both"
    yield from _figures(two.agreement, one, f"{other}: ")
    if two.seen:
        yield f"  On {two.seen:,} of them the second could know the first's vote, by the rule of"
        yield "  that time: the figures may be too high."
    if two.late:
        yield f"  {two.late:,} more are left out: the second voted after an adjudication."


def _model_lines(one: ReviewerAndModel) -> Iterator[str]:
    yield ""
    yield f"{name_of(one.reviewer)} and the model ({one.model}): {format_count(one.agreement.cases, 'report')} by both"
    yield from _figures(one.agreement, name_of(one.reviewer), "model: ")
    if one.maybe:
        yield f"  {one.maybe:,} more that {name_of(one.reviewer)} called maybe are left out."
    if one.other_criteria:
        yield f"  {one.other_criteria:,} were judged by other criteria than there are now, and are left out."


def _figures(found: Agreement, one: str, other: str) -> Iterator[str]:
    """The table of counts and the figures; none where nothing was judged by both."""
    if not found.cases:
        return
    words = list(found.counts)
    yield f"  {other:>{_WIDTH}} {''.join(f'{word:>9}' for word in words)}"
    for word, row in found.counts.items():
        yield f"  {f'{one}: {word}':{_WIDTH}} {''.join(f'{row[to]:9,}' for to in words)}"
    yield _HEADING
    for name, estimate in found.figures():
        yield f"  {name:{_WIDTH}} {format_estimate(estimate)}"

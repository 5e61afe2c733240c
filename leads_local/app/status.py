"""Where a review stands, told to a person: the same lines on the command line and on the screen; and what was done to
it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from leads_local.app.newer import look_again_in_words
from leads_local.app.outcome import format_count
from leads_local.app.packages import given_in_words
from leads_local.app.protocol import stale_notice
from leads_local.records import Stage
from leads_local.review.prisma import flow_lines, update_in_words
from leads_local.review.prisma_counts import PrismaCounts
from leads_local.review.read_models import Event
from leads_local.review.review import Review
from leads_local.terminal_text import safe_line

_WIDTH = 52


def status_lines(review: Review) -> Iterator[str]:
    """Which part of a review it is, if it is one; question and criteria, who works on it, the numbers of the flow, what
    differs or waits, the model's work, and which parts were given out."""
    if (package := review.package()) is not None:
        yield safe_line(package.in_words())
    yield from _asked(review)
    counts = review.counts()
    yield from filter(None, [safe_line(update_in_words(counts))])
    for what, number in numbers(counts):
        indent = len(what) - len(what.lstrip(" "))
        yield _row(" " * indent + safe_line(what), number)
    for stage in Stage:
        counted = review.outcome_counts(stage)
        if counted.conflict:
            yield _row(f"Reviewers differ ({stage})", counted.conflict)
        if counted.waiting:
            yield _row(f"Waiting for a second reviewer ({stage})", counted.waiting)
    if doubts := len(review.doubts()):
        yield _row("Pairs that may be one report and wait for you", doubts)
    work = review.work()
    yield _row("Model work", f"{work.done} done, {work.pending} pending, {work.failed} failed")
    if waiting := len(review.waiting_pdfs()):
        yield _row("PDFs that match no record and wait for you", waiting)
    if given := given_in_words(review.given_packages()):
        yield "Work packages"
        yield from (f"  {safe_line(line)}" for line in given)
    for paper in review.unread():
        yield f"  record {paper.record_id}, {paper.stage}: a long paper; {safe_line(paper.in_words())}"
    if to_check := review.count_unverified(review.included()[1]):
        yield _row("Values that nobody has looked at", to_check)
    yield from filter(None, [stale_notice(review), look_again_in_words(review)])
    for failure in review.failures():
        yield f"  record {failure.record_id}, {failure.task}: {safe_line(failure.reason)}"


def numbers(counts: PrismaCounts) -> Iterator[tuple[str, int]]:
    """The numbers of the PRISMA flow, each with what it counts, and those that are no part of it."""
    for line in flow_lines(counts):
        yield "  " * line.depth + line.label, line.number
    if counts.conflicts:
        yield "Duplicates that were decided differently", counts.conflicts
    for stage in counts.progress:
        yield f"Judged by the model ({stage.stage.value})", stage.screened


def events_to_tell(review: Review) -> list[Event]:
    """What was done to the review, oldest first. Where reviewers decide without knowing of each other, it is not told
    what another took back."""
    if not any(rule.independent for rule in review.rules().values()):
        return review.events()
    return [
        replace(one, text="a decision taken back")
        if one.kind == "undo" and one.reviewer not in ("", review.acting)
        else one
        for one in review.events()
    ]


def done_lines(review: Review) -> Iterator[str]:
    """``events_to_tell``, a line each."""
    for event in events_to_tell(review):
        by = f" by {safe_line(event.reviewer)}" if event.reviewer else ""
        yield f"{event.at[:16].replace('T', ' ')} UTC: {event.kind}{by}: {safe_line(event.text)}"


def _asked(review: Review) -> Iterator[str]:
    question = review.question
    if question.title:
        yield safe_line(question.title)
    for stage in Stage:
        names = ", ".join(safe_line(one.name) for one in review.criteria(stage))
        if stage is Stage.ABSTRACT or review.criteria(stage) != review.criteria(Stage.ABSTRACT):
            yield f"Criteria ({stage}): {names}"
    if limits := review.limits():
        yield f"Criteria (by rule): {', '.join(safe_line(one.name) for one in limits)}"
    if known := review.reviewers():
        yield f"{format_count(len(known), 'reviewer')}: {', '.join(map(safe_line, known))}"


def _row(what: str, number: object) -> str:
    return f"{what:{_WIDTH}} {number}"

"""A review that is continued as an update, and what was excluded by an earlier wording of what is asked, in words."""

from __future__ import annotations

import dataclasses
from typing import Any

from leads_local.app.outcome import Outcome, first_of, format_count
from leads_local.records import Stage
from leads_local.review.prisma_counts import PrismaCounts
from leads_local.review.review import Review

_NEVER_CONTINUED = "The review is in its first version: it was not continued yet."
_AGAIN = (
    "They stay excluded until somebody decides them again: `leads-local decide --where earlier-wording --where "
    "excluded` does many, in the UI f, then c, lists them to be screened."
)


def describe_begun(review: Review) -> Outcome:
    """What follows of having continued the review."""
    counts = review.counts()
    update = counts.update
    assert update is not None
    go = "goes" if update.carried == 1 else "go"
    carried = f"{format_count(update.carried, 'report')} not finished there {go} on in the update."
    return Outcome(
        (f"The review goes on as {update.label}. {_previous_in_words(counts)}",),
        (
            *((carried,) if update.carried else ()),
            "Import the new searches and find duplicates: what is known and decided is not asked again.",
            "Nothing that was decided is changed, and `undo` takes it back.",
        ),
    )


def describe_updates(review: Review) -> Outcome:
    """As which updates the review was continued, and what was excluded by an earlier wording."""
    updates, counts = review.updates(), review.counts()
    lines = [f"{one.at[:10]}: {one.label}{f', by {one.by}' if one.by else ''}" for one in updates]
    told = [_previous_in_words(counts)] if updates else [_NEVER_CONTINUED]
    listed = describe_earlier_exclusions(review)
    return Outcome((*lines, *told, *listed.results), listed.notices, failed=listed.failed)


def updates_as_data(review: Review) -> dict[str, Any]:
    """The same for a program."""
    update = review.counts().update
    return {
        "updates": [{"label": one.label, "by": one.by, "at": one.at} for one in review.updates()],
        "counts": dataclasses.asdict(update) if update is not None else None,
        "excluded by an earlier wording": {stage.value: review.excluded_earlier(stage) for stage in Stage},
    }


def describe_earlier_exclusions(review: Review) -> Outcome:
    """The reports that people excluded when something else was asked, at each stage."""
    lines: list[str] = []
    for stage in Stage:
        found = review.excluded_earlier(stage)
        if found:
            lines.append(f"{_excluded_in_words(len(found), stage)}:")
            titles = (f"record {one.id}: {one.shown_title}" for one in review.summaries(found, stage))
            lines += first_of(titles, "--json lists all")
    return Outcome(tuple(lines), (_AGAIN,) if lines else (), failed=bool(lines))


def _excluded_in_words(number: int, stage: Stage) -> str:
    return f"{format_count(number, 'record')} excluded by an earlier wording of the criteria at the {stage} stage"


def _previous_in_words(counts: PrismaCounts) -> str:
    update = counts.update
    assert update is not None
    included = f"{format_count(update.previous, 'report')} of studies included in the previous version"
    return f"{included}, {update.left:,} excluded there."

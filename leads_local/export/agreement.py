"""The table of agreement: how far each two reviewers agree, all of them together, and each reviewer with the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from leads_local.evaluation.agreement import ALPHA, Agreement
from leads_local.evaluation.metrics import Estimate
from leads_local.evaluation.raters import compare_all
from leads_local.export.sheets import Cell, Row, Sheet
from leads_local.records import Stage
from leads_local.review.review import Review


def agreement_sheet(review: Review) -> Sheet:
    """A row for each figure, and for each count that they follow from."""
    about = (
        "How far each two reviewers agree, and each with the model, one row for each figure and each count. Votes are "
        "those that each gave before both had voted; later changes, undoing and adjudications are left out. Figures "
        "that are undefined (all in one category, or nothing to compare) are empty. Intervals are 95 %, Wilson's of "
        "the raw agreement, with the agreement by chance taken as known. Where the second reviewer could know the "
        "first's vote, the figures may be too high; so they may be where a person saw what the model said."
    )
    return Sheet("agreement", about, ("stage", "one", "other", "measure", "value", "from", "to", "of"), _rows(review))


def _rows(review: Review) -> Callable[[], Iterator[Row]]:
    def rows() -> Iterator[Row]:
        for stage in Stage:
            report = compare_all(review, stage)
            for two in report.people:
                who = (stage, two.one, two.other)
                yield from _figures(who, two.agreement)
                yield (*who, "reports on which the second could know the first's vote", two.seen, None, None, None)
                yield (*who, "left out: voted after an adjudication", two.late, None, None, None)
            if report.alpha is not None:
                yield (stage, "; ".join(report.reviewers), "", ALPHA, *_cells(report.alpha))
            for one in report.model:
                who = (stage, one.reviewer, f"model: {one.model}")
                yield from _figures(who, one.agreement)
                yield (*who, "left out: the reviewer said maybe", one.maybe, None, None, None)

    return rows


def _figures(who: tuple[str, str, str], found: Agreement) -> Iterator[Row]:
    for one, row in found.counts.items():
        for other, number in row.items():
            yield (*who, f"count: {one}, {other}", number, None, None, None)
    for name, estimate in found.figures():
        yield (*who, name, *_cells(estimate))


def _cells(found: Estimate) -> tuple[Cell, ...]:
    return found.value, found.low, found.high, found.of

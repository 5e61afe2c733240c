"""What to do next, from the numbers of the review: a table of conditions, the first few that hold are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from leads_local.app.outcome import format_count
from leads_local.review.prisma_counts import PrismaCounts


@dataclass(frozen=True, slots=True)
class ReviewState:
    """What the advice depends on."""

    counts: PrismaCounts
    criteria: int
    studies: int
    to_check: int
    has_model: bool
    waiting_pdfs: int = 0
    reworded: int = 0  # in an update, excluded by an earlier wording of the criteria
    changed: int = 0  # decided before a newer export changed them in substance
    doubts: int = 0  # pairs of records that may be one report


@dataclass(frozen=True, slots=True)
class NextStep:
    """``key`` does it; ``text`` says what and why."""

    key: str
    text: str


def _without_paper(state: ReviewState) -> int:
    """Reports that are sought and may still be had."""
    return state.counts.not_retrieved - state.counts.not_retrieved_said


_Rule = tuple[Callable[[ReviewState], bool], str, Callable[[ReviewState], str]]

_RULES: tuple[_Rule, ...] = (
    (lambda s: s.criteria == 0, "c", lambda s: "Write down the question: without criteria, nothing can be judged."),
    (
        lambda s: s.counts.identified == 0,
        "i",
        lambda s: "Import citations: a RIS, PubMed, CSV or other export of your searches.",
    ),
    (
        lambda s: s.counts.identified > 0 and s.counts.groups == 0 and s.counts.screened == 0,
        "g",
        lambda s: "Find duplicates, so that no report is screened twice.",
    ),
    (
        lambda s: s.doubts > 0,
        "G",
        lambda s: f"Say of {format_count(s.doubts, 'pair')} of records whether they are one report.",
    ),
    (
        lambda s: s.counts.unscreened > 0,
        "2",
        lambda s: f"Screen titles and abstracts: {format_count(s.counts.unscreened, 'record')} left." + _with_model(s),
    ),
    (
        lambda s: s.counts.maybe > 0,
        "2",
        lambda s: f"Decide the {format_count(s.counts.maybe, 'record')} that you marked “maybe” (f, m).",
    ),
    (
        lambda s: s.reworded > 0,
        "2",
        lambda s: f"Look again at {format_count(s.reworded, 'record')} excluded by an earlier wording (f, c).",
    ),
    (
        lambda s: s.changed > 0,
        "2",
        lambda s: f"Look again at {format_count(s.changed, 'decided record')} changed or retracted since (f, g).",
    ),
    (
        lambda s: s.waiting_pdfs > 0,
        "w",
        lambda s: f"Say what {format_count(s.waiting_pdfs, 'PDF')} of no record will be: link, add or ignore each.",
    ),
    (
        lambda s: _without_paper(s) > 0,
        "p",
        lambda s: f"Attach PDFs: {format_count(_without_paper(s), 'included report')} without a readable full text.",
    ),
    (
        lambda s: s.counts.awaiting > 0,
        "2",
        lambda s: f"Screen full texts (t): {format_count(s.counts.awaiting, 'report')} waiting.",
    ),
    (
        lambda s: s.to_check > 0,
        "3",
        lambda s: f"Check extracted values: {format_count(s.to_check, 'value')} nobody has looked at.",
    ),
    (
        lambda s: s.studies > 0 and s.to_check == 0,
        "3",
        lambda s: f"Extraction: {format_count(s.studies, 'study', 'studies')} included." + _with_model(s),
    ),
)


def _with_model(state: ReviewState) -> str:
    return " s there lets the model go first." if state.has_model else ""


def list_next_steps(state: ReviewState) -> list[NextStep]:
    """The advice that applies, most urgent first."""
    return [NextStep(key, text(state)) for applies, key, text in _RULES if applies(state)]

"""Who agrees with whom in a review, stage by stage: each two reviewers, all of them together, and each reviewer with
the model.

Votes are those of ``independent_votes``, one for each report; outcomes are not read. The model keeps or drops a report,
as ``comparison`` says it, so where a person said maybe there is nothing to compare. People judge reports, not criteria;
so what the model says of a criterion has nobody to agree with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from leads_local.evaluation import agreement, comparison
from leads_local.evaluation.agreement import Agreement
from leads_local.evaluation.independent_votes import ReportVotes, find_votes
from leads_local.evaluation.metrics import Estimate
from leads_local.records import Choice, Stage
from leads_local.review.acts import Act, ActKind
from leads_local.review.database import Database
from leads_local.review.outcomes import RuleKind
from leads_local.review.review import Review
from leads_local.review.store import acts, decisions, groups
from leads_local.review.store.rows import UNREADABLE_ERRORS

CHOICES = (Choice.INCLUDE, Choice.EXCLUDE, Choice.MAYBE)
_READ = (ActKind.DECIDE, ActKind.ADJUDICATE, ActKind.RULE, ActKind.REVOKE)


@dataclass(frozen=True, slots=True)
class TwoReviewers:
    """Of ``seen`` reports the second could know the first's vote (see ``PairOfVotes``); ``late`` more are left out, as
    both had voted only after an adjudication."""

    one: str
    other: str
    agreement: Agreement
    seen: int
    late: int


@dataclass(frozen=True, slots=True)
class ReviewerAndModel:
    """``maybe`` more of the reviewer's reports were judged by the model, too, and are left out. ``other_criteria``
    reports were judged by older criteria only."""

    reviewer: str
    model: str
    agreement: Agreement
    maybe: int
    other_criteria: int


@dataclass(frozen=True, slots=True)
class RatersReport:
    """``alpha`` is of all ``reviewers``, where they are more than two."""

    stage: Stage
    reviewers: tuple[str, ...]
    people: tuple[TwoReviewers, ...]
    alpha: Estimate | None
    model: tuple[ReviewerAndModel, ...]


def compare_all(review: Review, stage: Stage) -> RatersReport:
    """All who have voted at ``stage``."""
    heads = {member.id: member.head for member in groups.members(review.db)}
    votes = find_votes(_readable_acts(review.db, heads), stage, heads)
    reviewers = tuple(sorted({who for said in votes.values() for who in said.own}))
    alpha = agreement.estimate_alpha(list(said.own.values()) for said in votes.values()) if len(reviewers) > 2 else None
    return RatersReport(
        stage, reviewers, tuple(_pairs(votes.values())), alpha, tuple(_with_model(review, stage, votes, reviewers))
    )


def _readable_acts(db: Database, heads: Mapping[int, int]) -> Iterator[tuple[Act, int]]:
    """What ``find_votes`` goes through. In a damaged file some acts may not be readable, or their records are gone;
    these are left out, and named with all that could not be read."""
    for act, record in acts.of_kinds(db, _READ):
        try:
            _try(act, record, heads)
        except UNREADABLE_ERRORS:
            db.unreadable[f"act {act.name.number} of session {act.name.session}"] = None
        else:
            yield act, record


def _try(act: Act, record: int, heads: Mapping[int, int]) -> None:
    """Raises what a part that can't be read raises."""
    about = act.subject_parts()
    if act.kind in (ActKind.DECIDE, ActKind.ADJUDICATE):
        decisions.decision_of(act, heads[record])
    elif act.kind == ActKind.RULE:
        RuleKind(act.said_parts()["kind"])
    else:
        _, _ = about


def _pairs(votes: Iterable[ReportVotes]) -> Iterator[TwoReviewers]:
    said = list(votes)
    for one, other in sorted({names for report in said for names in (*report.pairs, *report.late)}):
        pairs = [report.pairs[one, other] for report in said if (one, other) in report.pairs]
        found = agreement.compare_raters(((pair.one, pair.other) for pair in pairs), CHOICES)
        late = sum((one, other) in report.late for report in said)
        yield TwoReviewers(one, other, found, sum(pair.seen for pair in pairs), late)


def _with_model(
    review: Review, stage: Stage, votes: Mapping[int, ReportVotes], reviewers: Iterable[str]
) -> Iterator[ReviewerAndModel]:
    asked = list(comparison.judged_now(review, stage))
    for who in reviewers:
        own = {head: said.own[who] for head, said in votes.items() if who in said.own}
        for variant, judged, others in asked:
            both = [(own[head], judgements) for head, judgements in judged.items() if head in own]
            pairs = [
                (choice, Choice.INCLUDE if comparison.keeps_record(judgements) else Choice.EXCLUDE)
                for choice, judgements in both
                if choice is not Choice.MAYBE
            ]
            found = agreement.compare_raters(pairs, CHOICES[:2])
            yield ReviewerAndModel(who, str(variant), found, len(both) - len(pairs), others)

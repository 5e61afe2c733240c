"""The model's judgements against the reviewer's decisions, for every way in which the model was asked.

A way of asking is judged on its newest answers about the criteria as they are now. The model drops a record when it
says NO to any criterion, and keeps all others; the ranking is judged apart from that rule. Decisions of "maybe" are
neither, and are only counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from leads_local.evaluation import metrics
from leads_local.evaluation.metrics import Confusion, Estimate
from leads_local.evaluation.variants import Variant, find_variants
from leads_local.judgements import Judgement
from leads_local.ranking import calibration
from leads_local.ranking.calibration import Calibration, CalibrationCheck
from leads_local.records import Choice, Eligibility, Stage
from leads_local.review.review import Review
from leads_local.review.store import decisions
from leads_local.tasks import screening as task

TARGET_RECALL = 0.95
FEW_RECORDS = 30
"""Decisions of a kind below which a comparison says little."""
IN_SIGHT = "Decisions made in sight of the model's words, or in the order of its ranking, are not independent of it."


@dataclass(frozen=True, slots=True)
class WordDistribution:
    """How often each word was said of one criterion, for records that people included and for those they excluded."""

    criterion: str
    included: Mapping[str, int]
    excluded: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class VariantResult:
    """One way of asking, on the records that were both judged so and decided. ``other_criteria`` records were judged by
    older criteria."""

    variant: Variant
    confusion: Confusion
    auc: float | None
    saved_at_recall: float | None
    calibration: Calibration
    check: CalibrationCheck | None
    words: tuple[WordDistribution, ...]
    without_chances: int
    other_criteria: int


@dataclass(frozen=True, slots=True)
class VariantPair:
    """Two ways of asking, on the records that were judged in both: how often they say the same."""

    one: Variant
    other: Variant
    same_words: Estimate
    same_decisions: Estimate


@dataclass(frozen=True, slots=True)
class ComparisonReport:
    stage: Stage
    included: int
    excluded: int
    maybe: int
    results: tuple[VariantResult, ...]
    pairs: tuple[VariantPair, ...]

    @property
    def caution(self) -> str:
        """What a reader must know before believing any of it."""
        if min(self.included, self.excluded) >= FEW_RECORDS:
            return IN_SIGHT
        counts = f"{self.included:,} included and {self.excluded:,} excluded"
        return (
            f"There are few decisions ({counts}): the intervals are wide, and a smaller difference than they span "
            f"means nothing. {IN_SIGHT}"
        )


def compare_variants(review: Review, stage: Stage) -> ComparisonReport:
    """All ways of asking that were used at ``stage``."""
    decided = {head: one.choice for (head, at), one in decisions.all_standing(review.db).items() if at is stage}
    labels = {head: choice is Choice.INCLUDE for head, choice in decided.items() if choice is not Choice.MAYBE}
    results, said = [], {}
    for variant, judged, others in judged_now(review, stage):
        said[variant] = judged
        results.append(_score_variant(variant, judged, labels, others))
    pairs = tuple(_compare_pair(one, other, said[one], said[other]) for one, other in combinations(said, 2))
    included = sum(labels.values())
    return ComparisonReport(stage, included, len(labels) - included, len(decided) - len(labels), tuple(results), pairs)


def judged_now(review: Review, stage: Stage) -> Iterator[tuple[Variant, dict[int, tuple[Judgement, ...]], int]]:
    """Each way of asking, what it says of each report by the criteria as they are now, and how many it judged by others
    only."""
    now = [criterion.id for criterion in review.criteria(stage)]
    for variant, found in find_variants(review.db, stage, now).items():
        judged = {head: js for head, js in found.items() if [j.criterion.id for j in js] == now}
        yield variant, judged, len(found) - len(judged)


def keeps_record(judgements: Sequence[Judgement]) -> bool:
    """Whether the model would keep the record."""
    return all(judgement.eligibility is not Eligibility.NO for judgement in judgements)


def _score_variant(
    variant: Variant, judged: Mapping[int, Sequence[Judgement]], labels: Mapping[int, bool], others: int
) -> VariantResult:
    both = [(judgements, labels[head]) for head, judgements in judged.items() if head in labels]
    counts = {(kept, label): 0 for kept in (True, False) for label in (True, False)}
    scores: list[tuple[float, bool]] = []
    unknown = 0
    for judgements, label in both:
        counts[keeps_record(judgements), label] += 1
        expected = task.expected_score(judgements)
        unknown += expected is None
        scores.append((task.score(judgements) if expected is None else expected, label))
    examples = [calibration.Example(score, label) for score, label in scores]
    return VariantResult(
        variant=variant,
        confusion=Confusion(counts[True, True], counts[True, False], counts[False, True], counts[False, False]),
        auc=metrics.auc(scores),
        saved_at_recall=metrics.work_saved_at(scores, TARGET_RECALL),
        calibration=calibration.fit(examples),
        check=calibration.check(examples),
        words=_count_words(both),
        without_chances=unknown,
        other_criteria=others,
    )


def _count_words(both: Sequence[tuple[Sequence[Judgement], bool]]) -> tuple[WordDistribution, ...]:
    counts: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
    for judgements, label in both:
        for judgement in judgements:
            empty = (dict.fromkeys(map(str, Eligibility), 0), dict.fromkeys(map(str, Eligibility), 0))
            included, excluded = counts.setdefault(judgement.criterion.name, empty)
            (included if label else excluded)[judgement.eligibility.value] += 1
    return tuple(WordDistribution(name, *two) for name, two in counts.items())


def _compare_pair(
    one: Variant, other: Variant, first: Mapping[int, Sequence[Judgement]], second: Mapping[int, Sequence[Judgement]]
) -> VariantPair:
    heads = sorted(first.keys() & second.keys())
    words = [(a.eligibility, b.eligibility) for head in heads for a, b in zip(first[head], second[head], strict=True)]
    same = sum(keeps_record(first[head]) == keeps_record(second[head]) for head in heads)
    return VariantPair(
        one,
        other,
        metrics.estimate_share(sum(a is b for a, b in words), len(words)),
        metrics.estimate_share(same, len(heads)),
    )

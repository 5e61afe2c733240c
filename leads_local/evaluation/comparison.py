"""The model's judgements against the reviewer's decisions, for every way in which the model was asked.

A way of asking is judged on its newest answers about the criteria as they are now. The model drops a record when it
says NO to any criterion, and keeps all others; the ranking is judged apart from that rule. Decisions of "maybe" are
neither, and are only counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from leads_local.evaluation import metrics
from leads_local.evaluation.metrics import Confusion, Estimate
from leads_local.ranking import calibration
from leads_local.ranking.calibration import Calibration, Check
from leads_local.records import Choice, Eligibility, Judgement, Stage
from leads_local.review.review import Review
from leads_local.review.store import decisions, screenings
from leads_local.review.store.screenings import Variant
from leads_local.tasks import screening as task

RECALL = 0.95
FEW = 30
"""Decisions of a kind below which a comparison says little."""

Words = tuple[Eligibility, ...]


@dataclass(frozen=True, slots=True)
class Distribution:
    """How often each word was said of one criterion, for records that people included and for those they excluded."""

    criterion: str
    included: Mapping[str, int]
    excluded: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Result:
    """One way of asking, on the records that were both judged so and decided. ``other_criteria`` records were judged by
    older criteria."""

    variant: Variant
    confusion: Confusion
    auc: float | None
    saved_at_recall: float | None
    calibration: Calibration
    check: Check | None
    words: tuple[Distribution, ...]
    without_chances: int
    other_criteria: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ways of asking, on the records that were judged in both: how often they say the same."""

    one: Variant
    other: Variant
    same_words: Estimate
    same_decisions: Estimate


@dataclass(frozen=True, slots=True)
class Report:
    stage: Stage
    included: int
    excluded: int
    maybe: int
    results: tuple[Result, ...]
    pairs: tuple[Pair, ...]

    @property
    def caution(self) -> str:
        """What a reader must know before believing any of it."""
        said = (
            "Decisions made in sight of the model's words, or in the order of its ranking, are not independent of it."
        )
        if min(self.included, self.excluded) >= FEW:
            return said
        counts = f"{self.included:,} included and {self.excluded:,} excluded"
        return (
            f"There are few decisions ({counts}): the intervals are wide, and a smaller difference than they span "
            "means "
            f"nothing. {said}"
        )


def compare(review: Review, stage: Stage) -> Report:
    """All ways of asking that were used at ``stage``."""
    decided = {head: one.choice for (head, at), one in decisions.all_standing(review.db).items() if at is stage}
    labels = {head: choice is Choice.INCLUDE for head, choice in decided.items() if choice is not Choice.MAYBE}
    now = [criterion.id for criterion in review.criteria(stage)]
    results, said = [], {}
    for variant, found in screenings.variants(review.db, stage, now).items():
        judged = {head: js for head, js in found.items() if [j.criterion.id for j in js] == now}
        said[variant] = judged
        results.append(_result(variant, judged, labels, len(found) - len(judged)))
    pairs = tuple(_pair(one, other, said[one], said[other]) for one, other in combinations(said, 2))
    included = sum(labels.values())
    return Report(stage, included, len(labels) - included, len(decided) - len(labels), tuple(results), pairs)


def keeps(judgements: Sequence[Judgement]) -> bool:
    """Whether the model would keep the record."""
    return all(judgement.eligibility is not Eligibility.NO for judgement in judgements)


def _result(
    variant: Variant, judged: Mapping[int, Sequence[Judgement]], labels: Mapping[int, bool], others: int
) -> Result:
    both = [(judgements, labels[head]) for head, judgements in judged.items() if head in labels]
    counts = {(kept, label): 0 for kept in (True, False) for label in (True, False)}
    scores: list[tuple[float, bool]] = []
    unknown = 0
    for judgements, label in both:
        counts[keeps(judgements), label] += 1
        expected = task.expected_score(judgements)
        unknown += expected is None
        scores.append((task.score(judgements) if expected is None else expected, label))
    examples = [calibration.Example(score, label) for score, label in scores]
    return Result(
        variant=variant,
        confusion=Confusion(counts[True, True], counts[True, False], counts[False, True], counts[False, False]),
        auc=metrics.auc(scores),
        saved_at_recall=metrics.saved_at(scores, RECALL),
        calibration=calibration.fit(examples),
        check=calibration.check(examples),
        words=_distributions(both),
        without_chances=unknown,
        other_criteria=others,
    )


def _distributions(both: Sequence[tuple[Sequence[Judgement], bool]]) -> tuple[Distribution, ...]:
    counts: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
    for judgements, label in both:
        for judgement in judgements:
            empty = (dict.fromkeys(map(str, Eligibility), 0), dict.fromkeys(map(str, Eligibility), 0))
            included, excluded = counts.setdefault(judgement.criterion.name, empty)
            (included if label else excluded)[judgement.eligibility.value] += 1
    return tuple(Distribution(name, *two) for name, two in counts.items())


def _pair(
    one: Variant, other: Variant, first: Mapping[int, Sequence[Judgement]], second: Mapping[int, Sequence[Judgement]]
) -> Pair:
    heads = sorted(first.keys() & second.keys())
    words = [(a.eligibility, b.eligibility) for head in heads for a, b in zip(first[head], second[head], strict=True)]
    same = sum(keeps(first[head]) == keeps(second[head]) for head in heads)
    return Pair(one, other, metrics.share(sum(a is b for a, b in words), len(words)), metrics.share(same, len(heads)))

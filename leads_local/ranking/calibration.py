"""How probable it is that the reviewer includes a record, learned from those that the reviewer has decided.

Platt's scaling: one logistic curve over the model's expected score, with his smoothed targets, so that a few decisions can't give
certainty. The curve must rise, so that calibration never changes the order of records. With too few decisions, or where decisions run
against the scores, there is no calibration, and that is said. Decisions made from the top of a ranking are no random sample: the
probabilities hold for records like those that were decided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 5
"""How many inclusions, and how many exclusions, there must be at least."""

_STEPS = 50
_FOLDS = 10


@dataclass(frozen=True, slots=True)
class Example:
    """A record that the reviewer has decided: the model's expected score, and whether it was included."""

    score: float
    included: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """``problem`` says in one sentence why there is none; then ``probability`` gives None. Counts are of the decisions learned from."""

    included: int = 0
    excluded: int = 0
    slope: float = 0.0
    intercept: float = 0.0
    problem: str = ""

    def probability(self, score: float | None) -> float | None:
        """Of inclusion, for a record with this expected score."""
        return None if self.problem or score is None else _logistic(self.slope * score + self.intercept)

    def in_words(self) -> str:
        """What a reader of the probabilities has to know."""
        if self.problem:
            return f"Not calibrated: {self.problem}"
        return (
            f"Calibrated on {self.included + self.excluded:,} of your decisions ({self.included:,} included, {self.excluded:,} excluded)."
        )


def fit(examples: Sequence[Example]) -> Calibration:
    """The curve through the reviewer's decisions, or why there is none."""
    included = sum(example.included for example in examples)
    excluded = len(examples) - included
    if min(included, excluded) < LEAST:
        there = f"{included:,} included and {excluded:,} excluded so far"
        return Calibration(included, excluded, problem=f"it takes at least {LEAST} of each decision; {there}.")
    slope, intercept = _curve(examples, included, excluded)
    if slope <= 0:
        return Calibration(included, excluded, problem="your decisions so far do not follow the model's scores.")
    return Calibration(included, excluded, slope, intercept)


@dataclass(frozen=True, slots=True)
class Check:
    """Mean squared error (Brier score) on decisions that were not learned from, and what always saying the share of inclusions has."""

    brier: float
    share_alone: float


def check(examples: Sequence[Example]) -> Check | None:
    """How well calibration does on decisions that it has not seen, each tenth in turn. None where it can't be told."""
    errors: list[float] = []
    alone: list[float] = []
    for fold in range(_FOLDS):
        seen = [example for place, example in enumerate(examples) if place % _FOLDS != fold]
        curve = fit(seen)
        if curve.problem:
            return None
        share = curve.included / len(seen)
        for example in examples[fold::_FOLDS]:
            errors.append(((curve.probability(example.score) or 0.0) - example.included) ** 2)
            alone.append((share - example.included) ** 2)
    return Check(sum(errors) / len(errors), sum(alone) / len(alone)) if errors else None


def _curve(examples: Sequence[Example], included: int, excluded: int) -> tuple[float, float]:
    """Slope and intercept of greatest likelihood, by Newton's method with a step that is halved until it helps."""
    targets = [(e.score, (included + 1) / (included + 2) if e.included else 1 / (excluded + 2)) for e in examples]
    slope, intercept = 0.0, math.log((included + 1) / (excluded + 1))
    loss = _loss(targets, slope, intercept)
    for _ in range(_STEPS):
        a, b = _newton_step(targets, slope, intercept)
        size = 1.0
        while size > 1e-10 and (less := _loss(targets, slope - size * a, intercept - size * b)) >= loss:
            size /= 2
        if size <= 1e-10:
            break
        slope, intercept = slope - size * a, intercept - size * b
        if loss - less < 1e-12:
            break
        loss = less
    return slope, intercept


def _newton_step(targets: Sequence[tuple[float, float]], slope: float, intercept: float) -> tuple[float, float]:
    first_a = first_b = 0.0
    aa = bb = 1e-12
    ab = 0.0
    for score, target in targets:
        chance = _logistic(slope * score + intercept)
        error, spread = chance - target, chance * (1 - chance)
        first_a, first_b = first_a + error * score, first_b + error
        aa, ab, bb = aa + spread * score * score, ab + spread * score, bb + spread
    bottom = aa * bb - ab * ab
    if bottom <= 1e-18:  # all scores are the same: only the height can be learned
        return 0.0, first_b / bb
    return (bb * first_a - ab * first_b) / bottom, (aa * first_b - ab * first_a) / bottom


def _loss(targets: Sequence[tuple[float, float]], slope: float, intercept: float) -> float:
    total = 0.0
    for score, target in targets:
        at = slope * score + intercept
        total += max(at, 0.0) - at * target + math.log1p(math.exp(-abs(at)))
    return total


def _logistic(at: float) -> float:
    return 1 / (1 + math.exp(-at)) if at >= 0 else math.exp(at) / (1 + math.exp(at))

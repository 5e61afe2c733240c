"""How probable it is that the reviewer includes a record, learned from those that the reviewer has decided.

One logistic curve over the model's expected score, the most probable one given the decisions and what is believed
before them: that a step of one standard deviation of the decided scores hardly changes the odds more than e⁵-fold, and
that any share of inclusions may be. So a few decisions can't give certainty, however near each other their scores are.
What the decisions leave open is told as an interval.

Nothing is known of scores beyond those that were decided, where a ranking has most of its records: there the curve's
end is only a bound. The curve must rise, so that calibration never changes the order of records. With too few
decisions, or where decisions run against the scores, there is no calibration, and that is said. Decisions made from the
top of a ranking are no random sample: the probabilities hold for records like those that were decided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_OF_EACH = 5
"""How many inclusions, and how many exclusions, there must be at least."""

_SLOPE, _HEIGHT = (
    2.5,
    5.0,
)  # standard deviations of what is believed before: of log-odds for each standard deviation of scores, of log-odds
_Z = 1.959963984540054  # of 95 %
# by this, divided by the decisions less two, an interval is wider where few were learned from; about as Student's t is
_WIDER = 1.2
_SAME = 1e-9  # of a spread of scores: they are all the same
_STEPS = 50
_FOLDS = 10


@dataclass(frozen=True, slots=True)
class Example:
    """A record that the reviewer has decided: the model's expected score, and whether it was included."""

    score: float
    included: bool


@dataclass(frozen=True, slots=True)
class InclusionProbability:
    """A probability of inclusion with its 95 % interval.

    ``beyond`` is -1 for a score below all that were decided and 1 for one above them. Then ``value`` is that of the
    nearest one decided, and the interval is open: nothing but ``high``, or ``low``, is known.
    """

    value: float
    low: float
    high: float
    beyond: int = 0

    def __str__(self) -> str:
        """Short, for a list: ``23%``, ``≤50%``, ``≥40%``."""
        if self.beyond:
            return f"≤{_percent(self.high)}" if self.beyond < 0 else f"≥{_percent(self.low)}"
        return _percent(self.value)

    def in_words(self) -> str:
        if self.beyond < 0:
            return f"at most {_percent(self.high)}, more is not known (its score is below all that you decided)"
        if self.beyond > 0:
            return f"at least {_percent(self.low)}, more is not known (its score is above all that you decided)"
        return f"{self} (from {_percent(self.low)} to {_percent(self.high)})"


@dataclass(frozen=True, slots=True)
class Calibration:
    """``problem`` says in one sentence why there is none; then ``chance`` gives None. Counts are of the decisions
    learned from, whose scores are from ``lowest`` to ``highest``, around ``middle`` with ``spread`` as standard
    deviation.

    The log-odds are ``slope`` · score + ``intercept``. ``open`` is what is left open of them, in standardised scores:
    the variance of the slope, its covariance with the height in the middle, the variance of the height.
    """

    included: int = 0
    excluded: int = 0
    slope: float = 0.0
    intercept: float = 0.0
    problem: str = ""
    lowest: float = 0.0
    highest: float = 0.0
    middle: float = 0.0
    spread: float = 1.0
    open: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def chance(self, score: float | None) -> InclusionProbability | None:
        """Of inclusion, for a record with this expected score."""
        if self.problem or score is None:
            return None
        of = self.included + self.excluded
        least = 1 / (2 * of)  # half a decision: nothing nearer to 0 or 1 can be learned from so many
        beyond = (score > self.highest) - (score < self.lowest)
        inside = min(max(score, self.lowest), self.highest)
        at, step = self.slope * inside + self.intercept, (inside - self.middle) / self.spread
        slope, both, height = self.open
        half = _Z * (1 + _WIDER / (of - 2)) * math.sqrt(max(slope * step * step + 2 * both * step + height, 0.0))
        low, high = _logistic(at - half), _logistic(at + half)
        return InclusionProbability(
            value=min(max(_logistic(at), least), 1 - least),
            low=0.0 if beyond < 0 or low < least else low,
            high=1.0 if beyond > 0 or high > 1 - least else high,
            beyond=beyond,
        )

    def probability(self, score: float | None) -> float | None:
        """``chance`` alone."""
        found = self.chance(score)
        return None if found is None else found.value

    def in_words(self) -> str:
        """What a reader of the probabilities has to know."""
        if self.problem:
            return f"Not calibrated: {self.problem}"
        return (
            f"Calibrated on {self.included + self.excluded:,} of your decisions ({self.included:,} included, "
            f"{self.excluded:,} excluded), "
            f"with scores from {self.lowest:+.4g} to {self.highest:+.4g}; beyond these nothing was learned, and "
            "only a bound is given. "
            "Intervals are 95 %."
        )


def fit(examples: Sequence[Example]) -> Calibration:
    """The curve through the reviewer's decisions, or why there is none."""
    included = sum(example.included for example in examples)
    excluded = len(examples) - included
    if min(included, excluded) < LEAST_OF_EACH:
        there = f"{included:,} included and {excluded:,} excluded so far"
        return Calibration(included, excluded, problem=f"it takes at least {LEAST_OF_EACH} of each decision; {there}.")
    scores = [example.score for example in examples]
    middle = sum(scores) / len(scores)
    spread = math.sqrt(sum((score - middle) ** 2 for score in scores) / len(scores))
    if spread < _SAME:
        return Calibration(included, excluded, problem="the model gave all that you decided the same score.")
    points = [((example.score - middle) / spread, float(example.included)) for example in examples]
    steepness, height, open_ = _fit_curve(points)
    if steepness <= 0:
        return Calibration(included, excluded, problem="your decisions so far do not follow the model's scores.")
    slope = steepness / spread
    return Calibration(
        included, excluded, slope, height - slope * middle, "", min(scores), max(scores), middle, spread, open_
    )


@dataclass(frozen=True, slots=True)
class CalibrationCheck:
    """Mean squared error (Brier score) on decisions that were not learned from, and what always saying the share of
    inclusions has."""

    brier: float
    share_alone: float


def check(examples: Sequence[Example]) -> CalibrationCheck | None:
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
    return CalibrationCheck(sum(errors) / len(errors), sum(alone) / len(alone)) if errors else None


def _fit_curve(points: Sequence[tuple[float, float]]) -> tuple[float, float, tuple[float, float, float]]:
    """The slope and intercept of greatest probability (Newton's method with step halving), and their remaining
    uncertainty from the curvature there."""
    slope = height = 0.0
    loss = _loss(points, slope, height)
    for _ in range(_STEPS):
        first_a, first_b, (aa, ab, bb) = _loss_derivatives(points, slope, height)
        bottom = aa * bb - ab * ab
        a, b = (bb * first_a - ab * first_b) / bottom, (aa * first_b - ab * first_a) / bottom
        size = 1.0
        while size > 1e-10 and (less := _loss(points, slope - size * a, height - size * b)) >= loss:
            size /= 2
        if size <= 1e-10:
            break
        slope, height = slope - size * a, height - size * b
        if loss - less < 1e-12:
            break
        loss = less
    _, _, (aa, ab, bb) = _loss_derivatives(points, slope, height)
    bottom = aa * bb - ab * ab
    return slope, height, (bb / bottom, -ab / bottom, aa / bottom)


def _loss_derivatives(
    points: Sequence[tuple[float, float]], slope: float, height: float
) -> tuple[float, float, tuple[float, float, float]]:
    """First and second derivatives of ``_loss``, which has one minimum: what is believed before makes it curve
    everywhere."""
    first_a, first_b = slope / _SLOPE**2, height / _HEIGHT**2
    aa, ab, bb = 1 / _SLOPE**2, 0.0, 1 / _HEIGHT**2
    for place, included in points:
        chance = _logistic(slope * place + height)
        error, width = chance - included, chance * (1 - chance)
        first_a, first_b = first_a + error * place, first_b + error
        aa, ab, bb = aa + width * place * place, ab + width * place, bb + width
    return first_a, first_b, (aa, ab, bb)


def _loss(points: Sequence[tuple[float, float]], slope: float, height: float) -> float:
    """How improbable the decisions and this curve are together, in nats but for a constant."""
    total = (slope / _SLOPE) ** 2 / 2 + (height / _HEIGHT) ** 2 / 2
    for place, included in points:
        at = slope * place + height
        total += max(at, 0.0) - at * included + math.log1p(math.exp(-abs(at)))
    return total


def _logistic(at: float) -> float:
    return 1 / (1 + math.exp(-at)) if at >= 0 else math.exp(at) / (1 + math.exp(at))


def _percent(part: float) -> str:
    """Never "0%" or "100%", which read as certainty."""
    return "<1%" if part < 0.01 else ">99%" if part > 0.99 else f"{part:.0%}"

"""Measures of agreement between a model and people, each with its counts and how much the counts leave open.

Plain arithmetic on counts. A share of nothing is None, never 0 or 1. Intervals are Wilson's, 95 %;
kappa's is that of the agreement seen, with the agreement by chance taken as known. The delta method's is too short
where inclusions are rare or nearly all agree (tests/evaluation/test_agreement.py counts how often each holds the
truth).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

_Z = 1.959963984540054  # of 95 %


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval, of ``of`` cases; None where there is nothing to take it from."""

    value: float | None
    low: float | None
    high: float | None
    of: int


def estimate_share(hits: float, of: int) -> Estimate:
    """``hits`` of ``of`` with Wilson's interval; a case that is a hit in part counts in part."""
    if not of:
        return Estimate(None, None, None, 0)
    part, square = hits / of, _Z * _Z
    middle = (part + square / (2 * of)) / (1 + square / of)
    half = _Z / (1 + square / of) * math.sqrt(part * (1 - part) / of + square / (4 * of * of))
    return Estimate(part, max(0.0, min(part, middle - half)), min(1.0, max(part, middle + half)), of)


@dataclass(frozen=True, slots=True)
class Confusion:
    """A model's keep or drop against people's include or exclude, in counts of records."""

    kept_included: int = 0
    kept_excluded: int = 0
    dropped_included: int = 0
    dropped_excluded: int = 0

    @property
    def records(self) -> int:
        return self.kept_included + self.kept_excluded + self.dropped_included + self.dropped_excluded

    @property
    def sensitivity(self) -> Estimate:
        """Of what people included, how much the model keeps."""
        return estimate_share(self.kept_included, self.kept_included + self.dropped_included)

    @property
    def specificity(self) -> Estimate:
        """Of what people excluded, how much the model drops."""
        return estimate_share(self.dropped_excluded, self.dropped_excluded + self.kept_excluded)

    @property
    def precision(self) -> Estimate:
        """Of what the model keeps, how much people included."""
        return estimate_share(self.kept_included, self.kept_included + self.kept_excluded)

    @property
    def work_saved(self) -> Estimate:
        """Of all, how much nobody would have read if only what the model keeps were read."""
        return estimate_share(self.dropped_included + self.dropped_excluded, self.records)

    @property
    def kappa(self) -> Estimate:
        return estimate_kappa(
            [(True, True)] * self.kept_included
            + [(True, False)] * self.kept_excluded
            + [(False, True)] * self.dropped_included
            + [(False, False)] * self.dropped_excluded
        )


def estimate_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> Estimate:
    """Cohen's kappa: agreement beyond chance. None where chance alone makes both always agree."""
    of = len(pairs)
    if not of:
        return Estimate(None, None, None, 0)
    ours, theirs = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(ours[word] * theirs[word] for word in ours) / (of * of)
    return correct_for_chance(estimate_share(sum(a == b for a, b in pairs), of), chance)


def correct_for_chance(seen: Estimate, chance: float) -> Estimate:
    """Of the agreement that chance leaves open, how much was ``seen``: 1 all, 0 none. None where chance leaves none."""
    if seen.value is None or seen.low is None or seen.high is None or chance == 1:
        return Estimate(None, None, None, seen.of)
    value, low, high = ((part - chance) / (1 - chance) for part in (seen.value, seen.low, seen.high))
    return Estimate(value, max(-1.0, low), high, seen.of)


def auc(scores: Sequence[tuple[float, bool]]) -> float | None:
    """How often an included record has a higher score than an excluded one, half for equals. None without both
    kinds."""
    included = [score for score, is_in in scores if is_in]
    excluded = sorted(score for score, is_in in scores if not is_in)
    if not included or not excluded:
        return None
    below = sum(bisect_left(excluded, score) + bisect_right(excluded, score) for score in included) / 2
    return below / (len(included) * len(excluded))


def work_saved_at(scores: Sequence[tuple[float, bool]], recall: float) -> float | None:
    """Read in the order of the scores until ``recall`` of the included is found: the share of all that is left unread.

    Equal scores are read together, so the order of a list can't flatter. None when nothing is included.
    """
    included = sum(is_in for _, is_in in scores)
    if not included:
        return None
    wanted = math.ceil(recall * included - 1e-9)
    found = [score for score, is_in in sorted(scores, reverse=True) if is_in]
    lowest = found[wanted - 1]
    return sum(score < lowest for score, _ in scores) / len(scores)

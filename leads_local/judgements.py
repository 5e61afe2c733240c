"""What a model says of a criterion for one record: its word, why, and how sure it was. A suggestion, never a
decision."""

from __future__ import annotations

from dataclasses import dataclass

from leads_local.records import Criterion, Eligibility


@dataclass(frozen=True, slots=True)
class WordProbabilities:
    """The model's probabilities of the four words for one criterion, from the logits; together 1."""

    yes: float
    partial: float
    no: float
    uncertain: float

    def of(self, eligibility: Eligibility) -> float:
        return float(getattr(self, eligibility.lower()))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a model said of one criterion for one record. A suggestion, never a decision. ``chances`` is None where they
    are not known; ``parts_disagree`` where the parts of a paper were asked about and do not say the same."""

    criterion: Criterion
    eligibility: Eligibility
    rationale: str
    chances: WordProbabilities | None = None
    parts_disagree: bool = False

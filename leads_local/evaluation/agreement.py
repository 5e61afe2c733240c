"""How far raters agree, in figures that a method section states: raw agreement, Cohen's kappa, PABAK, Gwet's AC1, the
agreement on each word by itself, and Krippendorff's alpha for any number of raters.

Pure: words in, figures out; a word is include, exclude or maybe, or a criterion's YES, PARTIAL, NO or UNCERTAIN, and no
order among them is known. Kappa falls where a word is rare although raters hardly ever differ; so none of the figures
is to be read without the others.

Where all raters use one word only, there is nothing to differ in: what corrects for chance is None then, never 0 or 1.
Intervals are 95 % and come from Wilson's for a share, without resampling or seeds: that of the raw agreement, carried
through the correction with the chance taken as known (``metrics.correct_for_chance``); that of the agreement on a word
from the cases in which either rater said it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leads_local.evaluation.metrics import Estimate, correct_for_chance, estimate_kappa, estimate_share

ALPHA = "Krippendorff’s alpha"
_SIDES = {"include": " (positive)", "exclude": " (negative)"}


@dataclass(frozen=True, slots=True)
class Agreement:
    """``counts[one][other]``: how many cases the first rater called ``one`` and the second ``other``. ``on`` has the
    agreement on each word: on include it is the positive, on exclude the negative agreement."""

    counts: Mapping[str, Mapping[str, int]]
    raw: Estimate
    kappa: Estimate
    pabak: Estimate
    ac1: Estimate
    on: Mapping[str, Estimate]

    def figures(self) -> Iterator[tuple[str, Estimate]]:
        """Each with its name, as reports and exports list them."""
        yield "raw agreement", self.raw
        yield "Cohen’s kappa", self.kappa
        yield "PABAK", self.pabak
        yield "Gwet’s AC1", self.ac1
        for word, found in self.on.items():
            yield f"agreement on {word}{_SIDES.get(word, '')}", found

    @property
    def cases(self) -> int:
        """How many were judged by both."""
        return self.raw.of


def compare_raters(pairs: Iterable[tuple[str, str]], scale: Sequence[str]) -> Agreement:
    """The agreement of two raters; each pair is what they said of a case that both judged. ``scale``: the words that
    there are, in the order of the table. A word that neither used has no part in PABAK and AC1."""
    said = Counter(pairs)
    first, second = Counter[str](), Counter[str]()
    for (one, other), number in said.items():
        first[one] += number
        second[other] += number
    of, same = said.total(), sum(number for (one, other), number in said.items() if one == other)
    raw = estimate_share(same, of)
    used = [word for word in scale if first[word] + second[word]]
    shares = [(first[word] + second[word]) / (2 * of) for word in used]
    by_gwet = sum(share * (1 - share) for share in shares) / (len(used) - 1) if len(used) > 1 else 1.0
    return Agreement(
        counts={one: {other: said[one, other] for other in scale} for one in scale},
        raw=raw,
        kappa=estimate_kappa(list(said.elements())),
        pabak=correct_for_chance(raw, 1 / len(used) if used else 1.0),
        ac1=correct_for_chance(raw, by_gwet),
        on={word: _agreement_on(said[word, word], first[word] + second[word]) for word in scale},
    )


def estimate_alpha(cases: Iterable[Sequence[str]]) -> Estimate:
    """Krippendorff's alpha for words without order, any number of raters, some of whom may not have judged a case. Each
    case is what its raters said; one that a single rater judged says nothing and isn't counted."""
    judged = [Counter(words) for words in cases if len(words) > 1]
    totals = Counter[str]()
    for words in judged:
        totals.update(words)
    of = totals.total()
    if not of:
        return Estimate(None, None, None, 0)
    same = sum(sum(n * (n - 1) for n in words.values()) / (words.total() - 1) for words in judged) / of
    chance = sum(n * (n - 1) for n in totals.values()) / (of * (of - 1))
    return correct_for_chance(estimate_share(same * len(judged), len(judged)), chance)


def _agreement_on(both: int, said: int) -> Estimate:
    """Twice ``both`` of all times that either ``said`` the word (Dice). Its interval is that of the cases in which both
    said it among those in which either did, which rises with it. ``of`` counts these cases."""
    either = estimate_share(both, said - both)
    if either.value is None or either.low is None or either.high is None:
        return either
    value, low, high = (2 * part / (1 + part) for part in (either.value, either.low, either.high))
    return Estimate(value, low, high, either.of)

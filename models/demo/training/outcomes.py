"""The outcomes of an invented study and their values for each arm, as the report prints them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from models.demo.training.lists import listed
from models.demo.training.words import Words

COURSES = ("crisis", "attacks", "failure", "bleeding", "cure", "episodes")
COUNTED = (
    "{part} ({share}%)",
    "{part} ({share}%)",
    "{part} of {total} ({share}%)",
    "{part}/{total} ({share}%)",
    "{share}%",
    "{part}",
    "{part} of {total}",
    "{share}% ({part}/{total})",
    "{share}% ({part} of {total})",
    "{part}/{total}",
    "{part} (of {total})",
    "{part} ({share} %)",
    "{part} out of {total} ({share}%)",
)
MEANS = (
    "{0} (SD {1})", "{0} (SD {1})", "{0}", "{0} ({1})", "{0} ± {1}", "{0} (±{1})", "{0} (SD, {1})", "{0} (SD = {1})",
    "{0} (SE {1})",
    "{0} (standard deviation {1})",
)  # fmt: skip
MEDIANS = (
    "{0} (IQR {1}–{2})", "{0} (IQR {1}–{2})", "{0}", "{0} ({1}–{2})", "{0} (IQR {1} to {2})", "{0} (IQR, {1}-{2})",
    "{0} ({1} to {2})",
    "{0} (interquartile range {1} to {2})", "{0} (range {1}–{2})", "{0} (IQR: {1}-{2})",
)  # fmt: skip
BELOW_ZERO = 0.12  # share of means that are changes downwards


@dataclass(frozen=True, slots=True)
class StudyOutcome:
    """``measure`` is mean, median or count; ``values`` are as printed, one for each arm."""

    name: str
    measure: str
    unit: str
    time: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """The name of an outcome, and whether it is an event that is counted."""

    name: str
    event: bool


def a_name(rng: random.Random, words: Words) -> Named:
    kind = rng.random()
    if kind < 0.35:
        return Named(words.either(0.8, "events", lambda: f"{words.syllables(2, 3)} {rng.choice(COURSES)}"), True)
    if kind < 0.55:
        return Named(words.of("outcomes"), False)
    if kind < 0.68:
        return Named(
            f"{words.scale()} {rng.choice((words.of('outcomes'), rng.choice(listed('body_parts')) + ' pain', 'pain'))}",
            False,
        )
    if kind < 0.79:
        return Named(f"{words.of('outcomes')} {rng.choice(('score', f'on the {words.scale()}', 'index'))}", False)
    if kind < 0.88:
        return Named(f"{words.scale()} {rng.choice(('score', 'total score', 'scale'))}", False)
    return Named(
        f"{rng.choice(('serum', 'plasma', 'urinary', 'salivary', 'tissue'))} "
        f"{words.made(lambda: words.syllables(2, 3))}",
        False,
    )


def an_outcome(rng: random.Random, words: Words, named: Named, time: str, arms: int) -> StudyOutcome:
    if named.event:
        return StudyOutcome(named.name, "count", "participants", time, _counts(rng, arms))
    measure = rng.choices(("mean", "median"), (85, 15))[0]
    return StudyOutcome(
        named.name, measure, words.of("units"), time, _middles(rng, arms, MEANS if measure == "mean" else MEDIANS)
    )


def _counts(rng: random.Random, arms: int) -> tuple[str, ...]:
    form, places = rng.choice(COUNTED), rng.choice((0, 0, 1))
    found = []
    for _ in range(arms):
        total = rng.randint(10, 600)
        part = rng.randint(1, total - 1)
        found.append(form.format(part=part, total=total, share=f"{100 * part / total:.{places}f}"))
    return tuple(found)


def _middles(rng: random.Random, arms: int, forms: tuple[str, ...]) -> tuple[str, ...]:
    form, places, size = rng.choice(forms), rng.choice((0, 1, 1, 2)), 10 ** rng.uniform(0, 2.7)
    sign = "-" if forms is MEANS and rng.random() < BELOW_ZERO else ""
    found = []
    for _ in range(arms):
        middle = size * rng.uniform(0.6, 1.4)
        numbers = (middle, middle * rng.uniform(0.1, 0.6), middle * rng.uniform(1.2, 2))
        found.append(sign + form.format(*(f"{number:.{places}f}" for number in numbers)))
    return tuple(found)

"""Invented studies: what was done and what came out, before a word of the report is written.

A ``Study`` holds facts as the surfaces in which the report prints them (``slots``), so that an answer can be copied
from the report. It says nothing about which of them the report will mention.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from models.demo.training import lexicon
from models.demo.training.grammar import Phrasing, Writer
from models.demo.training.outcomes import StudyOutcome, a_name, an_outcome
from models.demo.training.times import a_time, in_months, in_words
from models.demo.training.treatments import VAGUE, Arming, StudyArm, arm_slots
from models.demo.training.words import Words

DESIGNS = {
    "rct": 62,
    "cluster": 5,
    "cross": 5,
    "quasi": 4,
    "cohort": 9,
    "single": 6,
    "review": 3,
    "protocol": 2,
    "unstated": 4,
}
AGES = ("any", "adult", "adult", "any", "child", "teen", "old", "women", "mixed")
LOWEST = {"child": (1, 9), "teen": (10, 13), "old": (60, 75), "mixed": (4, 12)}
SPANS = {"child": (2, 8), "teen": (4, 8), "old": (10, 25), "mixed": (40, 70)}
GROWN = (18, 18, 18, 18, 20, 21, 30, 40, 45, 50)
MEAN_AGES = (
    "{0} years", "{0} years (SD {1})", "{0} ({1}) years", "{0} (SD {1}) years", "{0} ± {1} years", "{0} years",
    "{0} years ± {1}",
    "{0} (±{1}) years", "{0} years (SD, {1})", "{0} years (standard deviation {1})", "{0} (SD = {1}) years",
    "{0} years (SD {1} years)",
    "{0} years ({1})", "{0} (SD: {1}) years",
)  # fmt: skip
ARM_AGES = (
    "{0} (SD {1})", "{0} ({1})", "{0} ± {1}", "{0}", "{0} (±{1})", "{0} (SD, {1})", "{0} (SD = {1})", "{0} (SD: {1})",
    "{0} (standard deviation {1})",
)  # fmt: skip
MANY = ("two", "three", "four", "five", "six", "seven", "12", "15", "20", "24", "31")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
SIZE_IN_WORDS = 0.04  # share of studies whose size is spelled
IN_TOWNS = 0.3  # share of countries before which a town or region stands
TOWNS = (
    "{0}, ",
    "{0}, ",
    "{0} and {1}, ",
    "the city of {0}, ",
    "{0} Province, ",
    "the {0} region of ",
    "{0} District, ",
    "greater {0}, ",
)
DEMONYMS = 0.2  # share of settings that say the country by its adjective
HARMS = ("adverse", "mortality", "death", "side effects", "withdrawal")  # reports often speak of these in passing
EFFECTS = ("difference", "mean difference", "adjusted difference", "risk ratio", "odds ratio", "hazard ratio")
CAPITALS = (
    "a",
    "b",
    "prim",
    "la",
    "lb",
    "lc",
    "ga",
    "gb",
    "gc",
    "cond",
    "setting",
    "sec",
    "blinding",
    "randm",
    "funder",
    "xdrug",
)


@dataclass(slots=True)
class Study:
    """``design`` is a key of DESIGNS; ``conditions`` has two entries where people with either took part.

    ``others`` are conditions, treatments and outcomes that are not of this study; ``unmeasured`` is an outcome that it
    did not measure; ``vague`` holds "a" or "b" where the report does not name that arm's treatment; ``demonym`` is what
    stands for the country where the setting is called by it ("Danish hospitals"); ``place`` is the country as the
    report names it, maybe with a town before it.
    """

    design: str
    age: str
    kind: str
    conditions: list[str]
    arms: list[StudyArm]
    outcomes: list[StudyOutcome]
    unmeasured: str
    others: dict[str, list[str]]
    vague: set[str] = field(default_factory=set)
    slots: dict[str, str] = field(default_factory=dict)
    demonym: str = ""
    place: str = ""

    @property
    def told(self) -> dict[str, str]:
        """The slots as the report has them; ``slots`` has the bare facts."""
        return {**self.slots, "country": self.place}

    @property
    def random(self) -> bool:
        return self.design in ("rct", "cluster", "cross")

    @property
    def size(self) -> int:
        return sum(arm.size for arm in self.arms)


def make(rng: random.Random, words: Words, phrasing: Phrasing, mixed: float = 0.1) -> Study:
    """A study with all its facts. ``phrasing`` is that of the phrases that they are made of, ``mixed`` the share with
    two conditions."""
    writer = Writer(rng, {}, phrasing)
    design, age = rng.choices(list(DESIGNS), list(DESIGNS.values()))[0], rng.choice(AGES)
    kind = rng.choices(("drug", "activity", "procedure"), (45, 42, 13))[0]
    conditions = words.few(words.condition, 4)
    vague = {part for part in VAGUE if rng.random() < 0.05}
    arms, treatments = Arming(rng, words, writer, kind, vague).arms(design == "single")
    names = {named.name.casefold(): named for named in (a_name(rng, words) for _ in range(14))}
    absent = [named for named in names.values() if not any(word in named.name for word in HARMS)][-2:]
    chosen = [*[named for named in names.values() if named not in absent][:5], *absent]
    times = _times(rng)
    outcomes = [
        an_outcome(rng, words, named, times["ptime"] if n == 0 or rng.random() < 0.6 else a_time(rng), len(arms))
        for n, named in enumerate(chosen[: rng.randint(1, 3)])
    ]
    others = {"conditions": conditions[2:], "treatments": treatments, "outcomes": [chosen[6].name]}
    study = Study(
        design,
        age,
        kind,
        conditions[: 1 + (rng.random() < mixed)],
        arms,
        outcomes,
        chosen[5].name,
        others,
        vague,
        writer.slots,
    )
    joined = f" {rng.choice(('or', 'and'))} ".join(study.conditions)
    writer.slots |= times | {
        "cond": joined,
        "xcond": conditions[2],
        "xdrug": treatments[0],
        "x": chosen[5].name,
        "prim": chosen[0].name,
    }
    writer.slots["sec"] = _listed([named.name for named in chosen[1 : rng.choice((3, 4, 5))]])
    _people(study, writer)
    _numbers(rng, study)
    _places(rng, words, study)
    _conduct(rng, study, writer)
    writer.slots |= arm_slots(rng, arms)
    writer.slots |= {key[0].upper() + key[1:]: capital(writer.slots[key]) for key in CAPITALS if writer.slots.get(key)}
    return study


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" and {names[-1]}"


def _times(rng: random.Random) -> dict[str, str]:
    follow = a_time(rng)
    return {"fu": follow, "ptime": follow if rng.random() < 0.5 else a_time(rng)}


def latest(times: set[str]) -> str:
    """The longest of some times; of equally long ones the same each time, whatever the order of the set."""
    return max(sorted(times), key=in_months)


def _people(study: Study, writer: Writer) -> None:
    """Who took part, of what age, and how many of them were women."""
    rng, slots, age = writer.rng, writer.slots, study.age
    slots["who"] = writer.rule(f"people_{age}")
    slots["patients"] = rng.choice(("patients", "patients", "cases", "participants")) if age == "any" else slots["who"]
    low = rng.randint(*LOWEST[age]) if age in LOWEST else rng.choice(GROWN)
    high = low + rng.randint(*SPANS.get(age, (15, 45)))
    slots["lo"], slots["hi"] = str(low), str(high)
    if age != "any" and rng.random() < 0.8:
        slots["agecrit"] = writer.rule("age_adult")
    mean = max((low + high) / 2 + rng.uniform(-3, 3), 1.0)
    spread = rng.uniform(1, 14) if mean > 15 else rng.uniform(0.5, 3)
    places = rng.choice((0, 1, 1))
    slots["mage"] = rng.choice(MEAN_AGES).format(f"{mean:.{places}f}", f"{spread:.{places}f}")
    form = rng.choice(ARM_AGES)
    for key in "ABC"[: len(study.arms)]:
        drift = rng.uniform(-1.5, 1.5)
        slots[f"age{key}"] = form.format(f"{mean + drift:.1f}", f"{max(spread + drift / 3, 0.4):.1f}")


def _numbers(rng: random.Random, study: Study) -> None:
    """How many there were, in all and in each arm, and statistics of no consequence."""
    slots, total = study.slots, study.size
    slots["n"] = f"{total:,}" if total > 999 and rng.random() < 0.5 else str(total)
    if total < 1000 and rng.random() < SIZE_IN_WORDS:
        slots["n"] = in_words(total)
    slots["nscr"] = str(rng.randint(total + 5, total * 4))
    left = max(total - rng.randint(0, max(2, total // 5)), 2)
    slots["nan"], slots["panp"] = str(left), f"{100 * left / total:.0f}"
    women = rng.randint(total // 8, total)
    share = f"{100 * women / total:.0f}%"
    slots["fem"] = rng.choice((share, str(women), f"{women} ({share})", share))
    for key, arm in zip("ABC", study.arms, strict=False):
        part = rng.randint(0, arm.size)
        percent = f"{100 * part / arm.size:.{rng.choice((0, 0, 1))}f}"
        slots[f"fem{key}"] = rng.choice(
            (f"{part} ({percent}%)", f"{part} ({percent})", str(part), f"{part} ({percent}%)")
        )
    low = rng.uniform(-8, 8)
    slots["diff"] = f"{rng.choice(EFFECTS)} {low:.1f}"
    slots["ci"] = (
        f"95% {rng.choice(('CI', 'confidence interval'))} {low - rng.random() * 2:.1f} to {low + rng.random() * 2:.1f}"
    )
    chance = rng.uniform(0.001, 0.9)
    slots["pv"] = rng.choice((f"p={chance:.2f}", "p<0.001", f"P = {chance:.3f}", "p < 0.05", "P<.001"))
    slots["pct"], slots["small"] = str(rng.randint(60, 97)), rng.choice(("two", "three", "four", "7", "five", "11"))


def _places(rng: random.Random, words: Words, study: Study) -> None:
    """Where and when."""
    slots = study.slots
    slots["country"] = _listed(words.few(words.country, rng.choices((1, 2, 3), (85, 11, 4))[0]))
    study.place = slots["country"]
    if " and " not in study.place and rng.random() < IN_TOWNS:
        study.place = rng.choice(TOWNS).format(words.name(), words.name()) + study.place
    study.demonym = _demonym(slots["country"], words) if rng.random() < DEMONYMS else ""
    sites = f"{study.demonym} {words.of('settings')}".strip()
    one = f"{sites.removesuffix('pharmacies')}pharmacy" if sites.endswith("pharmacies") else sites.removesuffix("s")
    one = f"{'an' if one[0].lower() in 'aeio' else 'a'} {one}"
    slots["setting"] = rng.choice((f"{rng.choice(MANY)} {sites}", f"{rng.choice(MANY)} {sites}", sites, one))
    slots["Nm"], slots["k"] = words.name(), str(rng.randint(5, 40))
    first = rng.randint(1995, 2022)
    dated = f"{rng.choice(MONTHS)} {first} and {rng.choice(MONTHS)} {first + rng.randint(1, 4)}"
    slots["years"] = rng.choice((dated, f"{first} and {first + rng.randint(1, 5)}"))


def _demonym(country: str, words: Words) -> str:
    """The adjective of a country, "" where none is known, or may be known."""
    entry = None if words.unseen else lexicon.of("known_countries", country)
    return entry.names[1] if entry and len(entry.names) > 1 else ""


def _conduct(rng: random.Random, study: Study, writer: Writer) -> None:
    """Design, randomisation, blinding, money and register."""
    slots = study.slots
    design = {"review": "rct", "protocol": "rct"}.get(study.design, study.design)
    slots["design"] = writer.rule(f"design_{design}")
    while "placebo" in slots["design"] and not any(arm.type == "placebo" for arm in study.arms):
        slots["design"] = writer.rule(f"design_{design}")
    for key in ("randm", "blinding", "funder"):
        slots[key] = writer.rule(key)
    number = rng.randrange(10**8)
    slots["reg3"] = _letters(rng)
    slots["reg"] = rng.choice(
        (
            f"NCT{number:08d}",
            f"ISRCTN{number:08d}",
            f"ACTRN{rng.randrange(10**13, 10**14)}",
            f"ChiCTR{number:010d}",
            f"EudraCT {rng.randint(2004, 2022)}-{number % 10**6:06d}-{number % 90 + 10}",
            f"{_letters(rng)}{number}",
        )
    )


def _letters(rng: random.Random) -> str:
    return "".join(rng.choice("ABCDEFGHIKLMNOPRSTUVW") for _ in range(rng.randint(4, 6)))

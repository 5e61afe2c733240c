"""Invented studies: what was done and what came out, before a word of the report is written.

A ``Study`` holds facts as the surfaces in which the report prints them (``slots``), so that an answer can be copied from the report. It
says nothing about which of them the report will mention.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from models.demo.training.grammar import Writer, tidy
from models.demo.training.words import Words

COMPARATORS = {
    "placebo": ("placebo", "matching placebo", "placebo tablets", "an identical placebo", "placebo capsules", "inactive placebo"),
    "usual care": ("usual care", "standard care", "routine care", "treatment as usual", "standard treatment", "usual treatment"),
    "waiting list": ("a waiting list", "wait-list control", "delayed treatment", "waiting-list control"),
    "no treatment": ("no treatment", "no intervention", "nothing", "observation only", "no active treatment"),
    "sham": ("a sham procedure", "sham treatment", "sham stimulation", "an inactive device", "a sham intervention"),
    "education": ("education alone", "an information leaflet", "advice only", "health education", "written advice", "attention control"),
}
CRITERIA = {
    "placebo": ("placebo", "placebo control", "an inactive placebo"),
    "usual care": ("usual care", "standard care", "routine care", "treatment as usual"),
    "waiting list": ("a waiting list", "waiting list control", "delayed treatment"),
    "no treatment": ("no treatment", "no intervention", "untreated controls"),
    "sham": ("sham treatment", "a sham procedure", "sham control"),
    "education": ("education alone", "advice alone", "information only", "education or advice"),
}
KINDS = {
    "placebo": "PLACEBO_COMPARATOR",
    "sham": "SHAM_COMPARATOR",
    "usual care": "NO_INTERVENTION",
    "waiting list": "NO_INTERVENTION",
    "no treatment": "NO_INTERVENTION",
}
VAGUE = {
    "a": ("the study treatment", "the new treatment", "an experimental intervention", "the intervention programme", "active treatment"),
    "b": ("a control condition", "control", "the comparison treatment", "a comparison condition"),
}
OPPOSITE = {
    "supervised": "unsupervised", "home-based": "hospital-based", "group": "individual", "app-based": "nurse-led",
    "web-based": "school-based", "intensive": "brief", "low-intensity": "high-intensity", "high-intensity": "low-intensity",
    "individual": "group", "unsupervised": "supervised", "brief": "intensive", "school-based": "web-based", "hospital-based": "home-based",
}  # fmt: skip
AGES = ("any", "adult", "adult", "any", "child", "teen", "old", "women", "mixed")


@dataclass(frozen=True, slots=True)
class StudyArm:
    """``text`` is the treatment as printed with its dose; ``name`` without; ``type`` a key of COMPARATORS, "active" or "test"."""

    name: str
    dose: str
    text: str
    label: str
    kind: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class StudyOutcome:
    """``values`` as printed for each arm; ``bare`` and ``spread`` are their parts; ``measure`` is mean, median or count."""

    name: str
    measure: str
    unit: str
    time: str
    values: tuple[str, ...]


@dataclass(slots=True)
class Study:
    """``design`` is rct, cluster, cross, quasi, cohort, single, review, protocol or unstated; ``also`` is a second condition or ""."""

    design: str
    age: str
    conditions: list[str]
    arms: list[StudyArm]
    outcomes: list[StudyOutcome]
    unmeasured: list[str]
    others: dict[str, list[str]]
    slots: dict[str, str]
    vague: set[str] = field(default_factory=set)
    kind: str = ""
    short: str = ""
    months: float = 0.0
    sizes: tuple[int, ...] = ()

    @property
    def random(self) -> bool:
        return self.design in ("rct", "cluster", "cross")


def make(rng: random.Random, words: Words, unseen: float) -> Study:
    """A study with all its facts. ``unseen`` is the share of held-out phrasings in the phrases that the facts are made of."""
    made = _Maker(rng, words, Writer(rng, {}, unseen))
    return made.study()


def number(rng: random.Random, least: int, most: int) -> str:
    """A count, sometimes with a separator of thousands."""
    value = rng.randint(least, most) if rng.random() < 0.6 else int(least * (most / least) ** rng.random())
    return f"{value:,}" if value > 999 and rng.random() < 0.5 else str(value)


class _Maker:
    def __init__(self, rng: random.Random, words: Words, writer: Writer) -> None:
        self.rng, self.words, self.writer = rng, words, writer
        self.slots: dict[str, str] = writer.slots

    def study(self) -> Study:
        rng, words = self.rng, self.words
        design = rng.choices(
            ("rct", "cluster", "cross", "quasi", "cohort", "single", "review", "protocol", "unstated"), (62, 5, 5, 4, 9, 6, 3, 2, 4)
        )[0]
        age = rng.choice(AGES)
        conditions = words.few(words.condition, 4)
        kind = rng.choices(("drug", "activity", "procedure"), (45, 42, 13))[0]
        mixed = rng.random() < 0.1
        self.slots["cond"] = f"{conditions[0]} {rng.choice(('or', 'and'))} {conditions[1]}" if mixed else conditions[0]
        vague = {part for part in VAGUE if rng.random() < 0.05}
        arms = self._arms(design, kind, vague)
        self._people(age)
        self._numbers(arms)
        outcomes = self._outcomes(len(arms))
        self._others(design, conditions)
        self._arm_slots(arms)
        study = Study(
            design, age, conditions[: 1 + mixed], arms, outcomes, self.unmeasured,
            {"conditions": conditions[2:], "treatments": self.others, "outcomes": self.absent}, self.slots, vague, kind,
        )  # fmt: skip
        study.months = self.months
        return study

    # ------------------------------------------------------------ treatments

    def _draw(self, kind: str) -> str:
        words = self.words
        if kind == "procedure":
            return words.procedure()
        return words.drug() if kind == "drug" else words.activity()

    def _arms(self, design: str, kind: str, vague: set[str]) -> list[StudyArm]:
        rng = self.rng
        drawn = self.words.few(lambda: self._draw(kind), 5)
        self.others = drawn[3:]
        count = 1 if design == "single" else 3 if rng.random() < 0.14 and not vague else 2
        types = ["test", *rng.sample(["active", *COMPARATORS], 2)][:count]
        if kind != "drug":
            types = ["usual care" if type == "placebo" and rng.random() < 0.8 else type for type in types]
        if len(set(types)) < len(types):
            types[-1] = "active"
        if "sham" in types and kind == "drug":
            types[types.index("sham")] = "placebo" if "placebo" not in types else "education"
        if len(set(types)) < len(types):
            types[-1] = "no treatment"
        names = [drawn[n] if type in ("test", "active") else rng.choice(COMPARATORS[type]) for n, type in enumerate(types)]
        if "a" in vague:
            names[0] = rng.choice(VAGUE["a"])
        if "b" in vague and count > 1:
            names[1], types[1] = rng.choice(VAGUE["b"]), "vague"
        labels = self._labels(names, kind, rng.random() < 0.5 or bool(vague))
        total = max(rng.choice((rng.randint(12, 90), rng.randint(40, 400), rng.randint(200, 4000))), 4 * count)
        sizes = self._split(total, count)
        return [self._arm(n, names[n], types[n], labels[n], kind, sizes[n]) for n in range(count)]

    def _arm(self, n: int, name: str, type: str, label: str, kind: str, size: int) -> StudyArm:
        rng = self.rng
        dose = self._dose(kind) if type in ("test", "active") and kind != "procedure" and rng.random() < 0.7 else ""
        if not dose and type not in ("test", "active") and rng.random() < 0.15:
            dose = f"for {self._time()}"
        joined = (f"{name}, {dose}", f"{name} ({dose})", f"{name} {dose}")
        text = name if not dose else f"{name} {dose}" if dose.startswith("for ") else rng.choice(joined[: 3 if dose[:1].isdigit() else 2])
        kinds = {"test": "EXPERIMENTAL", "active": "ACTIVE_COMPARATOR", "education": "ACTIVE_COMPARATOR", "vague": "OTHER"}
        return StudyArm(name, dose, text, label, KINDS.get(type) or kinds[type], type, size)

    def _labels(self, names: list[str], kind: str, labelled: bool) -> list[str]:
        rng = self.rng
        if not labelled or len(names) == 1:
            return names
        style = rng.random()
        if style < 0.35 and len(names) == 2:
            return [rng.choice(("intervention group", "treatment group", "experimental group", "active group")),
                    rng.choice(("control group", "comparison group", "control arm"))]  # fmt: skip
        if style < 0.6:
            word = rng.choice(("group", "arm", "Group", "Arm"))
            return [f"{word} {mark}" for mark in rng.choice(("ABC", "123", ("I", "II", "III")))][: len(names)]
        marks = ["".join(w[0] for w in name.replace("-", " ").split() if w[0].isalpha()).upper() for name in names]
        if style < 0.75 and len(set(marks)) == len(marks) and all(len(mark) > 1 for mark in marks):
            return [f"{mark} group" for mark in marks]
        heads = [name.removeprefix("a ").removeprefix("an ").split(",")[0] for name in names]
        return [f"{head} {rng.choice(('group', 'arm'))}" for head in heads]

    def _dose(self, kind: str) -> str:
        rng, slots = self.rng, self.slots
        slots["dur"] = self._time()
        slots["dose"] = f"{rng.choice((1, 2, 2.5, 4, 5, 8, 10, 15, 20, 25, 30, 40, 50, 75, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 800))} " + (
            rng.choice(("mg", "mg", "mg", "µg", "g", "mL", "IU", "mg/kg", "units"))
        )
        slots["mins"], slots["cnt"] = str(rng.choice((15, 20, 25, 30, 40, 45, 50, 60, 75, 90))), rng.choice(
            ("six", "eight", "ten", "twelve", "five", "16", "20", "12", "24", "10", "8")
        )
        slots["freq"] = self.writer.rule("freqs")
        return self.writer.rule("doses" if kind == "drug" else "schedule")

    def _split(self, total: int, count: int) -> list[int]:
        rng = self.rng
        even = total // count
        drift = 0 if rng.random() < 0.4 else rng.randint(0, max(1, even // 12))
        sizes = [even + (drift if n == 0 else 0) for n in range(count)]
        if count > 1:
            sizes[-1] = max(2, even - drift)
        return sizes

    def _arm_slots(self, arms: list[StudyArm]) -> None:
        rng, slots = self.rng, self.slots
        plain = all(arm.label == arm.name for arm in arms)
        slots[("one", "two", "three")[len(arms) - 1]] = ""
        slots["plain" if plain else "lab"] = ""
        for key, arm in zip("abc", arms, strict=False):
            slots[key], slots[f"{key}d"], slots[f"n{key}"], slots[f"l{key}"] = arm.name, arm.text, str(arm.size), arm.label
            if not plain:
                slots[f"l{key}"] = arm.label if re.match(r"(group|arm) \S{1,3}$", arm.label, re.I) else f"the {arm.label}"
            head = arm.label.removeprefix("a ").removeprefix("an ")
            of = (f"the {head} group", f"the {head} arm", f"those given {arm.name}", f"the {head} group", f"patients assigned to {arm.name}")
            slots[f"g{key}"] = slots[f"l{key}"] if not plain else rng.choice(of)
            slots[f"g{key}short"] = head
        for key in ("a", "b", "prim", "la", "lb", "lc", "ga", "gb", "gc", "cond", "setting", "sec", "blinding", "randm", "funder", "o"):
            if slots.get(key):
                slots[key[0].upper() + key[1:]] = slots[key][0].upper() + slots[key][1:]

    # ------------------------------------------------------------ people and numbers

    def _people(self, age: str) -> None:
        rng, slots = self.rng, self.slots
        slots["who"] = self.writer.rule(f"people_{age}")
        slots["patients"] = rng.choice(("patients", "patients", "cases", "participants")) if age == "any" else slots["who"]
        low, high = {"child": (1, 9), "teen": (10, 13), "old": (60, 75), "mixed": (4, 12)}.get(age, (18, 50))
        slots["lo"] = str(rng.randint(low, high) if age not in ("adult", "any", "women") else rng.choice((16, 18, 18, 18, 20, 21, 30, 40, 45, 50)))
        spread = {"child": (2, 8), "teen": (4, 8), "old": (10, 25), "mixed": (40, 70)}.get(age, (15, 45))
        slots["hi"] = str(int(slots["lo"]) + rng.randint(*spread))
        if age != "any" and rng.random() < 0.8:
            slots["agecrit"] = self.writer.rule("age_adult")
        mean = (int(slots["lo"]) + int(slots["hi"])) / 2 + rng.uniform(-3, 3)
        sd = rng.uniform(1, 14) if mean > 15 else rng.uniform(0.5, 3)
        self.mean, self.sd = max(mean, 1.0), sd
        m, s = f"{self.mean:.1f}", f"{sd:.1f}"
        if rng.random() < 0.3:
            m, s = f"{self.mean:.0f}", f"{sd:.0f}"
        slots["mage"] = rng.choice((f"{m} years", f"{m} years (SD {s})", f"{m} ({s}) years", f"{m} (SD {s}) years", f"{m} ± {s} years", f"{m} years"))

    def _numbers(self, arms: list[StudyArm]) -> None:
        rng, slots = self.rng, self.slots
        total = sum(arm.size for arm in arms)
        slots["n"] = f"{total:,}" if total > 999 and rng.random() < 0.5 else str(total)
        slots["nscr"] = number(rng, total + 5, total * 4)
        left = max(total - rng.randint(0, max(2, total // 5)), 2)
        slots["nan"], slots["panp"] = str(left), f"{100 * left / total:.0f}"
        women = rng.randint(total // 8, total)
        percent = f"{100 * women / total:.0f}%"
        slots["fem"] = rng.choice((percent, str(women), f"{women} ({percent})", percent))
        for key, arm in zip("ABC", arms, strict=False):
            drift = rng.uniform(-1.5, 1.5)
            age, sd = f"{self.mean + drift:.1f}", f"{max(self.sd + drift / 3, 0.4):.1f}"
            form = rng.choice(("{0} (SD {1})", "{0} ({1})", "{0} ± {1}", "{0}"))
            slots[f"age{key}"] = form.format(age, sd)
            part = rng.randint(0, arm.size)
            share = f"{100 * part / arm.size:.{rng.choice((0, 0, 1))}f}"
            slots[f"fem{key}"] = rng.choice((f"{part} ({share}%)", f"{part} ({share})", str(part), f"{part} ({share}%)"))

    def _time(self) -> str:
        rng = self.rng
        unit = rng.choices(("weeks", "months", "days", "year", "years"), (45, 30, 12, 8, 5))[0]
        if unit == "year":
            return rng.choice(("1 year", "one year", "1 year"))
        least, most = {"weeks": (2, 52), "months": (2, 36), "days": (2, 90), "years": (2, 10)}[unit]
        value = rng.choice((4, 6, 8, 12, 16, 24, 26, 36, 48, 52)) if unit == "weeks" and rng.random() < 0.6 else rng.randint(least, most)
        numerals = {2: "two", 3: "three", 4: "four", 6: "six", 12: "twelve", 8: "eight"}
        return f"{numerals[value] if value in numerals and rng.random() < 0.2 else value} {unit}"

    # ------------------------------------------------------------ outcomes

    def _outcomes(self, arms: int) -> list[StudyOutcome]:
        rng, words = self.rng, self.words
        names = words.few(self._outcome_name, 7)
        self.slots["fu"] = self._time()
        same = self.slots["ptime"] = self.slots["fu"] if rng.random() < 0.5 else self._time()
        self.months = max(in_months(same), in_months(self.slots["fu"]))
        found = []
        for name in names[: rng.randint(1, 3)]:
            measure = "count" if name in self.events else rng.choices(("mean", "median"), (85, 15))[0]
            found.append(self._outcome(name, measure, same if not found or rng.random() < 0.6 else self._time(), arms))
        self.slots["prim"] = names[0]
        self.extra = names[3:5]
        self.slots["sec"] = " and ".join((names[1], *self.extra[: rng.randint(0, 1)]))
        if rng.random() < 0.4:
            self.slots["sec"] = ", ".join((names[1], self.extra[0])) + f" and {self.extra[1]}"
        self.unmeasured, self.absent = [names[5]], [names[6]]
        self.slots["x"] = names[5]
        return found

    events: frozenset[str] = frozenset()

    def _outcome_name(self) -> str:
        rng, words = self.rng, self.words
        if rng.random() < 0.35:
            name = words.either(0.8, "events", lambda: f"{words.syllables(2, 3)} {rng.choice(('crisis', 'attacks', 'failure', 'bleeding', 'cure', 'episodes'))}")
            self.events = self.events | {name}
            return name
        kind = rng.random()
        if kind < 0.45:
            return words.of("outcomes")
        if kind < 0.65:
            return f"{words.of('outcomes')} {rng.choice(('score', 'on the ' + words.scale(), 'index'))}"
        if kind < 0.8:
            return f"{words.scale()} {rng.choice(('score', 'total score', 'scale'))}"
        return f"{rng.choice(('serum', 'plasma', 'urinary', 'salivary', 'tissue'))} {words.made(lambda: words.syllables(2, 3))}"

    def _outcome(self, name: str, measure: str, time: str, arms: int) -> StudyOutcome:
        rng = self.rng
        if measure == "count":
            form = rng.choice(("{0} ({1}%)", "{0} ({1}%)", "{0} of {2} ({1}%)", "{0}/{2} ({1}%)", "{1}%", "{0}", "{0} of {2}"))
            values = []
            for _ in range(arms):
                total = rng.randint(10, 600)
                part = rng.randint(1, total - 1)
                values.append(form.format(part, f"{100 * part / total:.{rng.choice((0, 0, 1))}f}", total))
            return StudyOutcome(name, measure, "participants", time, tuple(values))
        unit, size, places = self.words.of("units"), 10 ** rng.uniform(0, 2.7), rng.choice((0, 1, 1, 2))
        spread = "IQR {1}–{2}" if measure == "median" else "SD {1}"
        form = rng.choice(("{0} (" + spread + ")", "{0} (" + spread + ")", "{0}", "{0} (" + spread.split(" ")[1] + ")", "{0} ± {1}" if measure == "mean" else "{0}"))
        sign = "-" if rng.random() < 0.12 and measure == "mean" else ""
        values = []
        for _ in range(arms):
            middle = size * rng.uniform(0.6, 1.4)
            values.append(sign + form.format(f"{middle:.{places}f}", f"{middle * rng.uniform(0.1, 0.6):.{places}f}", f"{middle * rng.uniform(1.2, 2):.{places}f}"))
        return StudyOutcome(name, measure, unit, time, tuple(values))

    # ------------------------------------------------------------ the rest

    def _others(self, design: str, conditions: list[str]) -> None:
        rng, words, slots, writer = self.rng, self.words, self.slots, self.writer
        countries = words.few(words.country, rng.choices((1, 2, 3), (85, 11, 4))[0])
        slots["country"] = countries[0] if len(countries) == 1 else ", ".join(countries[:-1]) + f" and {countries[-1]}"
        many = rng.choice(("two", "three", "four", "five", "six", "seven", "12", "15", "20", "24", "31"))
        places = words.of("settings")
        one = f"a {places.removesuffix('s')}".replace("a emergency", "an emergency").replace("pharmacie", "pharmacy").replace("a intensive", "an intensive")
        slots["setting"] = rng.choice((f"{many} {places}", f"{many} {places}", places, one.replace("outp", "outp").replace("facilitie", "facility")))
        slots["Nm"] = words.name()
        first = rng.randint(1995, 2022)
        months = "January February March April May June July August September October November December".split()
        slots["years"] = rng.choice((f"{rng.choice(months)} {first} and {rng.choice(months)} {first + rng.randint(1, 4)}", f"{first} and {first + rng.randint(1, 5)}"))
        slots["k"] = str(rng.randint(5, 40))
        key = "rct" if design in ("review", "protocol") else design
        if design == "unstated":
            slots["design"] = rng.choice(("trial", "study", "clinical study", "comparative trial", "clinical trial"))
        else:
            slots["design"] = tidy(writer.rule(f"design_{key}"))
        slots["randm"], slots["blinding"], slots["funder"] = writer.rule("randm"), writer.rule("blinding"), writer.rule("funder")
        slots["reg"] = rng.choice(
            (f"NCT{rng.randint(0, 99999999):08d}", f"ISRCTN{rng.randint(0, 99999999):08d}", f"ACTRN{rng.randint(10**13, 10**14 - 1)}",
             f"ChiCTR{rng.randint(10**9, 10**10 - 1)}", f"EudraCT {rng.randint(2004, 2022)}-{rng.randint(0, 999999):06d}-{rng.randint(10, 99)}", f"{self._letters()}{rng.randint(10**6, 10**9)}")
        )  # fmt: skip
        slots["reg3"], slots["pct"], slots["small"] = self._letters(), str(rng.randint(60, 97)), rng.choice(("two", "three", "four", "7", "five", "11"))
        slots["xcond"], slots["xdrug"] = conditions[2], self.others[0]
        slots["Xdrug"] = slots["xdrug"][0].upper() + slots["xdrug"][1:]
        low = rng.uniform(-8, 8)
        slots["diff"] = f"{rng.choice(('difference', 'mean difference', 'adjusted difference', 'risk ratio', 'odds ratio', 'hazard ratio'))} {low:.1f}"
        slots["ci"] = f"95% {rng.choice(('CI', 'confidence interval'))} {low - rng.random() * 2:.1f} to {low + rng.random() * 2:.1f}"
        slots["pv"] = rng.choice((f"p={rng.uniform(0.001, 0.9):.2f}", "p<0.001", f"P = {rng.uniform(0.001, 0.9):.3f}", "p < 0.05", "P<.001"))

    def _letters(self) -> str:
        return "".join(self.rng.choice("ABCDEFGHIKLMNOPRSTUVW") for _ in range(self.rng.randint(4, 6)))


_MONTHS = {"day": 1 / 30.4, "week": 7 / 30.4, "month": 1.0, "year": 12.0}
_NUMERALS = {"one": 1, "two": 2, "three": 3, "four": 4, "six": 6, "eight": 8, "twelve": 12}


def in_months(time: str) -> float:
    """The length of a time like ``12 weeks``."""
    count, unit = time.split()
    return float(_NUMERALS.get(count) or int(count)) * _MONTHS[unit.removesuffix("s")]

"""The arms of an invented study: what each received, at which dose, how many there were and what the report calls
them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.demo.training.grammar import Writer
from models.demo.training.lists import listed
from models.demo.training.times import a_time
from models.demo.training.words import Words

COMPARATORS = {
    "placebo": (
        "placebo",
        "matching placebo",
        "placebo tablets",
        "an identical placebo",
        "placebo capsules",
        "inactive placebo",
        "a placebo",
        "a matched placebo",
        "placebo pills",
        "an inert placebo",
        "a placebo of the same appearance",
        "placebo drops",
        "a placebo powder",
        "a dummy tablet",
        "a placebo cream",
        "a saline placebo",
        "an oral placebo",
        "starch capsules as placebo",
        "placebo treatment",
        "a look-alike placebo",
        "placebo lozenges",
    ),
    "usual care": (
        "usual care",
        "standard care",
        "routine care",
        "treatment as usual",
        "standard treatment",
        "usual treatment",
        "care as usual",
        "standard of care",
        "conventional care",
        "customary care",
        "usual medical care",
        "usual care by the general practitioner",
        "the usual care of the clinic",
        "routine treatment",
        "routine clinical care",
        "ordinary care",
        "current practice",
        "the standard treatment of the hospital",
        "normal care",
        "standard medical treatment",
        "usual primary care",
    ),
    "waiting list": (
        "a waiting list",
        "wait-list control",
        "delayed treatment",
        "waiting-list control",
        "a wait list",
        "deferred treatment",
        "delayed access to the same treatment",
        "a place on the waiting list",
        "the waiting list",
        "a waiting period",
        "a waiting-list condition",
        "treatment after the end of the trial",
        "a wait-list condition",
        "a delayed start",
        "later treatment",
        "treatment after a waiting period",
        "a wait for the same treatment",
        "waiting for treatment",
        "a waiting list with later treatment",
        "postponed treatment",
    ),
    "no treatment": (
        "no treatment",
        "no intervention",
        "nothing",
        "observation only",
        "no active treatment",
        "observation alone",
        "no therapy",
        "no specific treatment",
        "no additional treatment",
        "no treatment at all",
        "assessment only",
        "measurements only",
        "no study treatment",
        "no extra treatment",
        "observation without treatment",
        "no prophylaxis",
        "no further treatment",
        "assessments without treatment",
        "no intervention of any kind",
        "follow-up without treatment",
    ),
    "sham": (
        "a sham procedure",
        "sham treatment",
        "sham stimulation",
        "an inactive device",
        "a sham intervention",
        "sham therapy",
        "a simulated procedure",
        "a sham device",
        "a device that was switched off",
        "simulated treatment",
        "mock treatment",
        "a detuned device",
        "sham exposure",
        "a sham session",
        "a mock procedure",
        "a disconnected device",
        "an imitation treatment",
        "a sham application",
        "a dummy device",
        "sham contact",
    ),
    "education": (
        "education alone",
        "an information leaflet",
        "advice only",
        "health education",
        "written advice",
        "attention control",
        "a leaflet",
        "an information brochure",
        "general advice",
        "general health advice",
        "a talk on general health",
        "printed information",
        "standard advice",
        "verbal advice",
        "an educational leaflet",
        "a lecture on healthy living",
        "a health information session",
        "information alone",
        "one advice session",
        "brief advice alone",
        "educational videos",
    ),
}
KINDS = {
    "test": "EXPERIMENTAL",
    "active": "ACTIVE_COMPARATOR",
    "education": "ACTIVE_COMPARATOR",
    "placebo": "PLACEBO_COMPARATOR",
    "sham": "SHAM_COMPARATOR",
    "usual care": "NO_INTERVENTION",
    "waiting list": "NO_INTERVENTION",
    "no treatment": "NO_INTERVENTION",
    "vague": "OTHER",
}
VAGUE = {
    "a": (
        "the study treatment",
        "the new treatment",
        "an experimental intervention",
        "the intervention programme",
        "active treatment",
        "the study intervention",
        "the trial treatment",
        "the experimental treatment",
        "a new intervention",
        "the new programme",
        "the treatment under study",
    ),
    "b": (
        "a control condition",
        "control",
        "the comparison treatment",
        "a comparison condition",
        "a control treatment",
        "the control treatment",
        "a control intervention",
        "the comparator",
        "a comparator treatment",
        "the control programme",
    ),
}
LABELS = (
    (
        "intervention group",
        "treatment group",
        "experimental group",
        "active group",
        "study group",
        "intervention arm",
        "experimental arm",
        "treatment arm",
        "test group",
        "treated group",
        "active arm",
        "active treatment group",
    ),
    (
        "control group",
        "comparison group",
        "control arm",
        "comparator group",
        "comparator arm",
        "comparison arm",
        "reference group",
        "reference arm",
        "control cohort",
        "standard arm",
        "comparative group",
        "contrast group",
    ),
)
STRENGTHS = (1, 2, 2.5, 4, 5, 8, 10, 15, 20, 25, 30, 40, 50, 75, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 800)
UNITS = ("mg", "mg", "mg", "µg", "g", "mL", "IU", "mg/kg", "units", "mcg", "ml", "mg/m²", "µg/kg", "mmol", "micrograms")
COUNTS = (
    "six",
    "eight",
    "ten",
    "twelve",
    "five",
    "16",
    "20",
    "12",
    "24",
    "10",
    "8",
    "three",
    "four",
    "seven",
    "15",
    "18",
    "30",
    "36",
    "6",
)


@dataclass(frozen=True, slots=True)
class StudyArm:
    """``text`` is the treatment as printed with its dose, ``name`` without; ``type`` is a key of KINDS."""

    name: str
    dose: str
    text: str
    label: str
    type: str
    size: int

    @property
    def kind(self) -> str:
        """The arm group type of ClinicalTrials.gov."""
        return KINDS[self.type]


@dataclass(slots=True)
class Arming:
    """Makes the arms of one study. ``kind`` of treatment is drug, activity or procedure; ``vague`` arms are not named
    by the report."""

    rng: random.Random
    words: Words
    writer: Writer
    kind: str
    vague: set[str]

    def arms(self, single: bool) -> tuple[list[StudyArm], list[str]]:
        """The arms, and treatments of the same kind that no arm received."""
        rng = self.rng
        drawn = self.words.few(self.draw, 5)
        count = 1 if single else 3 if rng.random() < 0.14 and not self.vague else 2
        types = self._types(count)
        names = [
            name if type in ("test", "active") else rng.choice(COMPARATORS[type])
            for name, type in zip(drawn, types, strict=False)
        ]
        if "a" in self.vague:
            names[0] = rng.choice(VAGUE["a"])
        if "b" in self.vague and count > 1:
            names[1], types[1] = rng.choice(VAGUE["b"]), "vague"
        labels, sizes = self._labels(names), self._sizes(count)
        return [self._arm(*told) for told in zip(names, types, labels, sizes, strict=True)], drawn[3:]

    def draw(self) -> str:
        return {"drug": self.words.drug, "activity": self.words.activity, "procedure": self.words.procedure}[
            self.kind
        ]()

    def _types(self, count: int) -> list[str]:
        """The tested arm and such comparators as fit the kind of treatment."""
        unfit = {"sham"} if self.kind == "drug" else {"placebo"} if self.rng.random() < 0.8 else set()
        return ["test", *self.rng.sample(["active", *(type for type in COMPARATORS if type not in unfit)], count - 1)]

    def _arm(self, name: str, type: str, label: str, size: int) -> StudyArm:
        rng = self.rng
        dosed = type in ("test", "active") and self.kind != "procedure" and name not in listed("arrangements")
        dose = self._dose() if dosed and rng.random() < 0.7 else ""
        if not dose and type not in ("test", "active") and rng.random() < 0.15:
            dose = f"for {a_time(rng)}"
        forms = [f"{name} {dose}"] if dose.startswith("for ") else [f"{name}, {dose}", f"{name} ({dose})"]
        if dose[:1].isdigit():
            forms.append(f"{name} {dose}")
        return StudyArm(name, dose, rng.choice(forms) if dose else name, label, type, size)

    def _dose(self) -> str:
        rng, slots = self.rng, self.writer.slots
        slots["dur"], slots["dose"] = a_time(rng), f"{rng.choice(STRENGTHS)} {rng.choice(UNITS)}"
        slots["mins"], slots["cnt"] = str(rng.choice((15, 20, 25, 30, 40, 45, 50, 60, 75, 90))), rng.choice(COUNTS)
        slots["freq"] = self.writer.rule("freqs")
        return self.writer.rule("doses" if self.kind == "drug" else "schedule")

    def _labels(self, names: list[str]) -> list[str]:
        """What the report calls its arms: by their treatment, or by a name that it gives them."""
        rng = self.rng
        if len(names) == 1 or (rng.random() < 0.5 and not self.vague):
            return names
        style = rng.random()
        if style < 0.35 and len(names) == 2:
            return [rng.choice(words) for words in LABELS]
        if style < 0.6:
            word = rng.choice(("group", "arm", "Group", "Arm"))
            return [f"{word} {mark}" for mark in rng.choice(("ABC", "123", ("I", "II", "III")))][: len(names)]
        marks = [
            "".join(word[0] for word in name.replace("-", " ").split() if word[0].isalpha()).upper() for name in names
        ]
        if style < 0.75 and len(set(marks)) == len(marks) and all(len(mark) > 1 for mark in marks):
            return [f"{mark} group" for mark in marks]
        if any(_long(name) for name in names):
            return names
        return [f"{bare(name).split(',')[0]} {rng.choice(('group', 'arm'))}" for name in names]

    def _sizes(self, count: int) -> list[int]:
        rng = self.rng
        total = max(rng.choice((rng.randint(12, 90), rng.randint(40, 400), rng.randint(200, 4000))), 4 * count)
        even = total // count
        drift = 0 if rng.random() < 0.4 else rng.randint(0, max(1, even // 12))
        sizes = [even] * count
        sizes[0] += drift
        if count > 1:
            sizes[-1] = max(2, even - drift)
        return sizes


def arm_slots(rng: random.Random, arms: Sequence[StudyArm]) -> dict[str, str]:
    """The arms as slots: ``a`` name, ``ad`` name with dose, ``la`` label, ``ga`` the group as the results call it,
    ``na`` its size."""
    plain = all(arm.label == arm.name for arm in arms)
    slots = {("one", "two", "three")[len(arms) - 1]: "", "plain" if plain else "lab": ""}
    for key, arm in zip("abc", arms, strict=False):
        head = bare(arm.label)
        numbered = re.fullmatch(r"(group|arm) \S{1,3}", arm.label, re.IGNORECASE)
        label = arm.label if plain or numbered else f"the {arm.label}"
        named = () if _long(arm.label) else (f"the {head} group", f"the {head} arm")
        ways = (*named, f"those given {arm.name}", f"patients assigned to {arm.name}")
        slots |= {key: arm.name, f"{key}d": arm.text, f"n{key}": str(arm.size), f"l{key}": label}
        slots |= {f"g{key}": rng.choice(ways) if plain else label, f"g{key}short": head}
    return slots


def bare(name: str) -> str:
    return name.removeprefix("a ").removeprefix("an ").removeprefix("the ")


def _long(name: str) -> bool:
    """Whether a treatment's name has too many words to stand before "group"."""
    return len(bare(name).split()) > 4

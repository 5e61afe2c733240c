"""Full texts in long prose: sections as people write them, paragraph by paragraph, with tables, and much that answers
no question."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from models.demo.training import longer
from models.demo.training.grammar import Phrasing, Writer, sentence
from models.demo.training.outcomes import StudyOutcome
from models.demo.training.report import Report, knowing, marked
from models.demo.training.study import MONTHS
from models.demo.training.tables import Tables
from models.demo.training.words import Words

HEADINGS = (
    ("Introduction", "Methods", "Results", "Discussion"),
    ("Background", "Methods", "Results", "Discussion"),
    ("1. Introduction", "2. Methods", "3. Results", "4. Discussion"),
    ("1 Introduction", "2 Materials and methods", "3 Results", "4 Discussion"),
    ("INTRODUCTION", "PATIENTS AND METHODS", "RESULTS", "DISCUSSION"),
    ("", "Methods", "Findings", "Interpretation"),
    ("Introduction", "Participants and methods", "Results", "Discussion and conclusions"),
)
# Rule of a section → how often it is there, and its subheadings.
METHODS = {
    "p_design": (0.85,
        ("Design", "Study design", "Trial design", "Design and setting", "Study design and setting", "Setting")),
    "p_people": (0.95,
        ("Participants", "Patients", "Eligibility", "Study population", "Recruitment", "Participants and recruitment")),
    "p_random": (0.9,
        ("Randomisation", "Randomization", "Randomisation and blinding", "Allocation", "Assignment", "Masking")),
    "p_tested": (0.9,
        ("Intervention", "Interventions", "Treatment", "Experimental group", "Study treatment", "Procedures")),
    "p_control": (0.85, ("Control", "Control group", "Comparison", "Comparator", "Control condition")),
    "p_outcomes": (0.95,
        ("Outcomes", "Outcome measures", "Measurements", "Endpoints", "Assessments", "Primary and secondary outcomes")),
    "p_power": (0.55, ("Sample size", "Sample size calculation", "Power", "Statistical power")),
    "p_analysis": (0.75, ("Statistical analysis", "Analysis", "Statistics", "Statistical methods", "Data analysis")),
}  # fmt: skip
RESULTS = {
    "p_flow": (
        0.9,
        ("Flow of participants", "Participants", "Recruitment and follow-up", "Participant flow", "Enrolment"),
    ),
    "p_base": (0.75, ("Baseline characteristics", "Characteristics of participants", "Baseline data")),
    "p_adherence": (
        0.5,
        ("Adherence", "Adherence and fidelity", "Delivery of the intervention", "Exposure", "Compliance"),
    ),
}
MAIN = ("Primary outcome", "Main outcome", "Efficacy", "Outcomes", "Effects", "Primary endpoint")
MORE = ("Secondary outcomes", "Other outcomes", "Secondary endpoints", "Further outcomes")
HARMS = ("Harms", "Adverse events", "Safety", "Side effects", "Tolerability")
ENDS = {
    "p_fund": (
        0.75,
        ("Funding", "Financial support", "Sources of funding", "Acknowledgements", "Role of the funding source"),
    ),
    "p_reg": (0.7, ("Trial registration", "Registration", "Study registration", "Registry")),
    "p_other": (
        0.8,
        ("Competing interests", "Declarations", "Data availability", "Author contributions", "Ethics", "Notes"),
    ),
}
ABSTRACT = ("\nAbstract\n", "\nABSTRACT\n", "\nSummary\n", "\n")
COUNTS = ("three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
PIECE = (2, 5)  # paragraphs of a piece of a paper

Maker = Callable[[], str]


@dataclass(slots=True)
class Prose:
    """Writes the paper of ``report``, which keeps count of what it tells; ``said`` are the slots that were used so
    far."""

    rng: random.Random
    report: Report
    phrasing: Phrasing
    said: set[str]
    heads: tuple[str, ...] = ()
    style: str = ""
    _number: int = 0
    _footed: float = field(default=0.0)

    def __post_init__(self) -> None:
        self.heads, self.style = self.rng.choice(HEADINGS), self.rng.choice(("own", "own", "own", "run-in", "none"))
        self._footed = self.rng.choice((0.0, 0.0, 0.08))

    def whole(self, title: str, abstract: str, others: Words) -> str:
        """All sections; the references are to studies that ``others`` name."""
        lines = [*self._rule("p_front", 0.6), title, *self._rule("p_front", 0.4)]
        if abstract:
            lines += [f"{self.rng.choice(ABSTRACT)}{abstract}", *self._rule("p_keywords", 0.5)]
        lines += self._joined(self._makers())
        if self.rng.random() < 0.7:
            lines += ["\nReferences", *longer.references(self.rng, others, self.phrasing)]
        return "\n".join(lines)

    def piece(self, title: str) -> str:
        """Some paragraphs that stand together, after the title."""
        makers = list(self._makers())
        count = self.rng.randint(*PIECE)
        first = self.rng.randrange(max(1, len(makers) - count))
        return "\n".join([title, *self._joined(iter(makers[first : first + count]))])

    def _joined(self, makers: Iterator[Maker]) -> Iterator[str]:
        for make in makers:
            if text := make():
                yield text
                yield from self._rule("p_foot", self._footed)

    # ------------------------------------------------------------ sections

    def _makers(self) -> Iterator[Maker]:
        """What writes the paper's parts, in order."""
        rng, study = self.rng, self.report.study
        yield from self._headed(0, [self._maker("p_intro", ())] * rng.randint(1, 4))
        kinds = [
            rule
            for rule in METHODS
            if (rule != "p_random" or study.random) and (rule != "p_control" or len(study.arms) > 1)
        ]
        kinds = [rule for rule in kinds if rng.random() < METHODS[rule][0]]
        if len(kinds) > 1 and rng.random() < 0.2:
            kinds.insert(rng.randrange(len(kinds)), kinds.pop(rng.randrange(len(kinds))))
        yield from self._headed(1, [self._maker(rule, METHODS[rule][1]) for rule in kinds])
        yield from self._headed(2, list(self._results()))
        kinds = [*(["p_disc"] * rng.randint(1, 5)), *(["p_limits"] if rng.random() < 0.7 else []), "p_end"]
        yield from self._headed(3, [self._maker(rule, ()) for rule in kinds])
        ends = [rule for rule, (share, _) in ENDS.items() if rng.random() < share]
        rng.shuffle(ends)
        yield from (self._maker(rule, ENDS[rule][1], own=True) for rule in ends)

    def _results(self) -> Iterator[Maker]:
        rng, outcomes = self.rng, list(self.report.study.outcomes)
        tables = Tables(rng, self.report)
        for rule, (share, names) in RESULTS.items():
            if rng.random() < share:
                yield self._maker(rule, names)
            if rule == "p_base" and rng.random() < 0.75:
                yield lambda: "\n".join(tables.baseline((), rich=True))
        table: Maker = lambda: "\n".join(tables.outcomes(rich=True))  # noqa: E731
        told = rng.random() < 0.7
        if told and rng.random() < 0.3:
            yield table
        for number, outcome in enumerate(outcomes):
            if rng.random() < 0.85:
                yield self._outcome(outcome, MAIN if not number else MORE)
        if rng.random() < 0.5:
            yield self._maker("p_secondary", MORE)
        if told and rng.random() < 0.8:
            yield table
        if rng.random() < 0.6:
            yield self._maker("p_harms", HARMS)

    def _headed(self, number: int, makers: list[Maker]) -> Iterator[Maker]:
        """The makers, the first of them with the heading of its part of the paper before it."""
        head = self.heads[number]

        def first(make: Maker) -> str:
            self._number = 0
            return f"\n{head}\n{make()}" if head else make()

        for place, make in enumerate(makers):
            yield (lambda make=make: first(make)) if not place else make  # type: ignore[misc]

    # ------------------------------------------------------------ paragraphs

    def _maker(self, rule: str, names: tuple[str, ...], own: bool = False) -> Maker:
        return lambda: self._under(names, " ".join(self._rule(rule)), own)

    def _outcome(self, outcome: StudyOutcome, names: tuple[str, ...]) -> Maker:
        return lambda: self._under(names, " ".join(self._rule("p_main", outcome=outcome)))

    def _under(self, names: tuple[str, ...], text: str, own: bool = False) -> str:
        """The paragraph under one of these subheadings, as this paper sets them."""
        if not text or not names or (self.style == "none" and not own) or self.rng.random() < 0.1:
            return text
        self._number += 1
        name = self.rng.choice(names)
        if self.style == "run-in" and not own:
            return f"{name}{self.rng.choice(('. ', ': ', '.- '))}{text}"
        if self.heads[1].startswith("2") and not own:
            name = f"2.{self._number}. {name}"
        return f"\n{name}\n{text}"

    def _rule(self, rule: str, share: float = 1.0, outcome: StudyOutcome | None = None) -> list[str]:
        """A paragraph by ``rule``, or none; what it says is kept count of."""
        rng, study = self.rng, self.report.study
        if rng.random() >= share:
            return []
        known = knowing(rng, study, outcome, self.phrasing) if outcome else marked(rng, study, self.phrasing)
        slots = known.slots | distractors(rng)
        if not self.said & {"blinding", "Blinding"} and not re.search("blind|mask", study.slots["design"]):
            slots["noblind"] = ""
        if "noblind" in self.said:
            slots = {key: text for key, text in slots.items() if key not in ("blinding", "Blinding", "noblind")}
        local = Writer(rng, slots, self.phrasing)
        try:
            text = sentence(local.rule(rule))
        except LookupError:
            return []
        self.said |= local.said & (study.slots.keys() | {"noblind"})
        if outcome:
            self.report.tell(outcome, local.said)
        return [
            text
            if rule in ("p_front", "p_keywords", "p_foot")
            else longer.noted(rng, re.split(r"(?<=[a-z)]\.) (?=[A-Z])", text))
        ]


def distractors(rng: random.Random) -> dict[str, str]:
    """Numbers, dates and names that no question is about."""
    names = Words(rng)
    found = {f"r{n}": str(rng.randint(2, 90)) for n in range(1, 7)}
    found |= {f"h{n}": str(rng.randint(100, 900)) for n in (1, 2)} | {
        f"p{n}": str(rng.randint(2, 98)) for n in (1, 2, 3)
    }
    found |= {f"f{n}": f"{rng.uniform(0.1, 40):.1f}" for n in range(1, 5)} | {
        f"w{n}": rng.choice(COUNTS) for n in (1, 2)
    }
    found |= {f"y{n}": str(rng.randint(1985, 2021)) for n in (1, 2)} | {f"nm{n}": names.name() for n in range(1, 5)}
    month = rng.choice(MONTHS)
    return found | {
        "mon": f"{month} {rng.randint(1995, 2022)}",
        "d1": f"{rng.randint(1, 28)} {month} {rng.randint(1995, 2022)}",
    }

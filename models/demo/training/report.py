"""The report of a study: its text, and what the text says.

A report is a title with an abstract, or a piece of a full text with tables, laid out as
``documents.sections.paper_text`` gives one. What it does not say is "not reported" in every gold answer, so nothing may
be added to the text after its facts are counted.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass, field

from models.demo.training.grammar import Phrasing, Writer
from models.demo.training.outcomes import StudyOutcome
from models.demo.training.study import Study, capital

MARK_OF = {"mean": "averaged", "median": "averaged", "count": "counted"}
REMARKS = frozenset(
    {"noblind", "unmeasured", "demonym", "da"}
)  # what a report may say beside the slots that have a text


@dataclass(slots=True)
class Report:
    """``text`` as a prompt's paper; ``said`` are the slots that it prints; ``results`` are the outcomes whose values it
    prints.

    ``times`` says at which time it prints them ("" when it does not say); ``other_rows`` are further rows of its
    baseline table.
    """

    study: Study
    text: str = ""
    record: bool = True
    said: set[str] = field(default_factory=set)
    results: dict[str, StudyOutcome] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)
    ages_by_arm: bool = False
    women_by_arm: bool = False
    other_rows: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def value(self, slot: str) -> str:
        """The fact as the text prints it, "NA" when it does not."""
        if slot not in self.said or not self.study.slots.get(slot):
            return "NA"
        return self.printed(self.study.slots[slot])

    def printed(self, text: str) -> str:
        """``text`` in the case that it has in the report. Raises LookupError when it does not stand there."""
        if text in self.text:
            return text
        at = self.text.casefold().find(text.casefold())
        if at < 0:
            raise LookupError(f"the report does not print {text!r}")
        return self.text[at : at + len(text)]

    def tell(self, outcome: StudyOutcome, said: Collection[str]) -> None:
        """Keep count of what the slots that were ``said`` tell of the outcome."""
        if "va" in said:
            self.results[outcome.name] = outcome
        if "va" in said or "t" in said:
            self.times[outcome.name] = self.times.get(outcome.name) or (outcome.time if "t" in said else "")

    def counted(self, said: Collection[str]) -> Report:
        """This report, when its text is written with the slots that were ``said``, with what it says."""
        found = self.said | set(said)
        if self.study.slots["country"] in self.text:
            found.add("country")
        if self.study.demonym and self.study.demonym in self.text:
            found.add("demonym")
        for slot in tuple(found):
            lower = slot[0].lower() + slot[1:]
            found |= {lower, *({"ad": ("a", "da"), "bd": ("b", "db"), "cd": ("c", "dc")}.get(lower, ()))}
        self.said = {slot for slot in found if self.study.slots.get(slot) or slot in REMARKS}
        return self


def marked(rng: random.Random, study: Study, phrasing: Phrasing) -> Writer:
    """A writer that knows a study, and by slots without text what its kind is."""
    return Writer(rng, {**study.told, "random" if study.random else study.design: "", study.kind: ""}, phrasing)


def knowing(rng: random.Random, study: Study, outcome: StudyOutcome, phrasing: Phrasing) -> Writer:
    """A writer that knows this outcome, too, and of which kind its values are."""
    writer = marked(rng, study, phrasing)
    writer.slots |= {
        "o": outcome.name,
        "O": capital(outcome.name),
        "t": outcome.time,
        "u": outcome.unit,
        MARK_OF[outcome.measure]: "",
    }
    writer.slots |= dict(zip(("va", "vb", "vc"), outcome.values, strict=False))
    return writer

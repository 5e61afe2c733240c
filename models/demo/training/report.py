"""The report of a study: its text, and what the text says.

A report is a title with an abstract, or a piece of a full text with tables, laid out as ``documents.sections.paper_text`` gives one. What
it does not say is "not reported" in every gold answer, so nothing may be added to the text after its facts are counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from models.demo.training.outcomes import StudyOutcome
from models.demo.training.study import Study


@dataclass(slots=True)
class Report:
    """``text`` as a prompt's paper; ``said`` are the slots that it prints; ``results`` are the outcomes whose values it prints.

    ``times`` says at which time it prints them ("" when it does not say); ``other_rows`` are further rows of its baseline table.
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

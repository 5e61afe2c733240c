"""Writes the report of a study in one of many journals' ways, and keeps count of what it said."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from models.demo.training import longer
from models.demo.training.grammar import Phrasing, Writer, sentence
from models.demo.training.outcomes import StudyOutcome
from models.demo.training.papers import Prose
from models.demo.training.report import Report, knowing
from models.demo.training.study import Study, capital
from models.demo.training.tables import Tables
from models.demo.training.words import Words

SHORT_LABELS = (
    ("Background", "Methods", "Results", "Conclusions"),
    ("Background", "Methods", "Results", "Conclusion"),
    ("Objective", "Methods", "Results", "Conclusions"),
    ("Objectives", "Methods", "Results", "Conclusion"),
    ("Introduction", "Methods", "Results", "Conclusion"),
    ("Aim", "Methods", "Results", "Conclusion"),
    ("Aims", "Methods and results", "", "Conclusion"),
    ("Purpose", "Patients and methods", "Results", "Conclusions"),
    ("Context", "Methods", "Findings", "Interpretation"),
    ("Background", "Materials and methods", "Results", "Discussion"),
    ("Aims", "Methods", "Results", "Conclusions"),
    ("Aim", "Patients and methods", "Results", "Conclusion"),
    ("Purpose", "Methods", "Results", "Conclusion"),
    ("Purpose", "Materials and methods", "Results", "Conclusions"),
    ("Introduction", "Materials and methods", "Results", "Conclusions"),
    ("Introduction", "Patients and methods", "Results", "Discussion"),
    ("Rationale", "Methods", "Results", "Conclusions"),
    ("Background and aims", "Methods", "Results", "Conclusions"),
    ("Background and objectives", "Methods", "Results", "Conclusion"),
    ("Background and purpose", "Methods", "Results", "Interpretation"),
    ("Background/Aims", "Methods", "Results", "Conclusion"),
    ("Question", "Methods", "Findings", "Meaning"),
    ("Goal", "Methods", "Results", "Conclusions and relevance"),
    ("Problem", "Method", "Results", "Implications"),
    ("Objective", "Method", "Results", "Conclusion"),
    ("Objectives", "Subjects and methods", "Results", "Conclusions"),
    ("Why", "How", "What we found", "What it means"),
)
LONG_LABELS = (
    "Objective",
    "Design",
    "Setting",
    "Participants",
    "Interventions",
    "Main outcome measures",
    "Results",
    "Conclusions",
)
HEADINGS = (
    ("Introduction", "Methods", "Results", "Discussion"),
    ("Background", "Methods", "Results", "Discussion"),
    ("1. Introduction", "2. Materials and methods", "3. Results", "4. Discussion"),
    ("INTRODUCTION", "PATIENTS AND METHODS", "RESULTS", "DISCUSSION"),
    ("", "Methods", "Findings", "Interpretation"),
)
SELDOM = (
    "setting_s",
    "follow_s",
    "age_s",
    "sex_s",
    "analysed_s",
    "random_s",
)  # said now and then by reports of a few sentences
FREE = ("free_a", "free_b")  # rules of whole abstracts in free prose
FREE_SHARE = 0.35  # of abstracts
PROSE_SHARE = 0.65  # of full texts


def write(
    rng: random.Random,
    study: Study,
    phrasing: Phrasing,
    *,
    full: bool,
    others: Words | None = None,
    brief: float = 0.07,
) -> Report:
    """A report on ``study``; ``full`` gives a piece of a full text instead of an abstract.

    With ``others``, which draws the studies that it refers to, it is a whole full text, several times as long;
    ``brief`` is the share of abstracts that have a few sentences only.
    """
    author = _Author(rng, study, phrasing, brief)
    if full and study.design not in ("review", "protocol") and author.freely(PROSE_SHARE):
        return author.prose(others)
    report = author.report(full)
    if others is not None:
        report.text += author.rest(others)
    return report


def numbers(rng: random.Random, study: Study, phrasing: Phrasing, *, tables: bool) -> Report:
    """A title, the treatments and what came out, in ``tables`` or in sentences, nothing else. Raises LookupError when
    there is none."""
    author = _Author(rng, study, phrasing, 0.0)
    return author.only_tables() if tables else author.only_results()


class _Author:
    def __init__(self, rng: random.Random, study: Study, phrasing: Phrasing, brief: float) -> None:
        self.rng, self.study, self.brief = rng, study, brief
        self.writer = Writer(rng, study.told, phrasing)
        self.result = Report(study)
        self.vague = bool(study.vague)

    def report(self, full: bool) -> Report:
        result = self.result
        title = self._title()
        if full:
            result.record, result.text = False, self._full(title)
        else:
            abstract = self._shortened(self._abstract())
            result.record = self.rng.random() < 0.75
            joint = self.rng.choice(("\n\nAbstract\n", "\n\n", "\n\nABSTRACT\n", "\n\nSummary\n"))
            result.text = f"[Title] {title}\n[Abstract] {abstract}" if result.record else title + joint + abstract
        return self._counted()

    def only_tables(self) -> Report:
        result, tables = self.result, Tables(self.rng, self.result)
        result.record = False
        rows = [self._title(), *self._try("assign_s"), *tables.baseline(self.writer.said), *tables.outcomes()]
        if not result.results and not result.ages_by_arm and not result.women_by_arm:
            raise LookupError("no table was made")
        result.text = "\n".join(rows)
        return self._counted()

    def only_results(self) -> Report:
        body = [
            *self._try("assign_s"),
            *self._by_arm(0.4),
            *(text for one in self.study.outcomes for text in self._outcome(one)),
        ]
        if not self.result.results:
            raise LookupError("no result was told")
        self.result.text = f"[Title] {self._title()}\n[Abstract] {' '.join(body)}"
        return self._counted()

    def _counted(self) -> Report:
        return self.result.counted(self.writer.said)

    # ------------------------------------------------------------ sentences

    def _try(self, rule: str, share: float = 1.0) -> list[str]:
        """The sentence of ``rule`` with a chance of ``share``; none when the facts don't fit it."""
        if self.rng.random() >= share:
            return []
        said = set(self.writer.said)
        try:
            return [sentence(self.writer.rule(rule))]
        except LookupError:
            self.writer.said = said
            return []

    def _title(self) -> str:
        rule = {"review": "title_review", "protocol": "title_protocol"}.get(self.study.design, "title")
        if rule == "title" and (self.vague or self.rng.random() < 0.06):
            rule = "title_vague"
        title = self.writer.rule(rule)
        return capital(title) + ("." if self.rng.random() < 0.2 else "")

    def _background(self) -> list[str]:
        return self._try("background", 0.7) + self._try("background", 0.3) + self._try("aim", 0.6)

    def _people(self) -> list[str]:
        """Design, place, participants and treatments: in one sentence or in several, in this order or another."""
        design, rng = self.study.design, self.rng
        rule = {"cohort": "nonrandom_s", "quasi": "quasi_s", "unstated": "unstated_s", "single": "single_s"}.get(design)
        if rule is not None:
            parts = [self._try("design_s", 0.5), self._try(rule), self._try("setting_s", 0.4)]
        elif rng.random() < 0.5:
            parts = [self._try("design_s", 0.25), self._try("fused"), self._try("setting_s", 0.25)]
        else:
            parts = [
                self._try("design_s", 0.6),
                self._try("setting_s", 0.45),
                self._try("people_s", 0.9),
                self._try("assign_s", 0.95),
            ]
        if rng.random() < 0.3:
            at = rng.randrange(len(parts))
            parts.insert(rng.randrange(len(parts)), parts.pop(at))
        return [text for part in parts for text in part]

    def _methods(self, share: float = 1.0) -> list[str]:
        rng = self.rng
        masked = "blind" in self.study.slots["design"] or "mask" in self.study.slots["design"]
        blind = self._try("blind_s" if masked else rng.choice(("blind_s", "blind_s", "noblind_s")), 0.3 * share)
        later = [
            *self._try("follow_s", 0.35 * share), *self._try("primary_s", 0.6 * share),
            *self._try("secondary_s", 0.35 * share),
            *(self._try("random_s", 0.2 * share) if self.study.random else []), *blind,
            *self._try("filler", 0.3 * share),
            *self._unmeasured(),
        ]  # fmt: skip
        if blind:
            self.writer.said.add("noblind" if "blinding" not in self.writer.said | self._lower() else "blinding")
        if rng.random() < 0.4:
            rng.shuffle(later)
        return self._people() + later

    def _lower(self) -> set[str]:
        return {slot[0].lower() + slot[1:] for slot in self.writer.said}

    def _unmeasured(self) -> list[str]:
        found = self._try("unmeasured_s", 0.1)
        if found:
            self.result.said.add("unmeasured")
        return found

    def _results(self, tables: bool = False) -> list[str]:
        rng = self.rng
        found = [*self._try("analysed_s", 0.3), *self._try("age_s", 0.45)]
        if "fem" not in self.writer.said:
            found += self._try("sex_s", 0.15)
        if not tables:
            found += self._by_arm(0.2)
        found += self._try("baseline_s", 0.15)
        for outcome in self.study.outcomes:
            if rng.random() < (0.4 if tables else 0.8):
                found += self._outcome(outcome)
        found += self._try("null_s", 0.25) + self._try("harm_s", 0.35)
        return found

    def _by_arm(self, share: float) -> list[str]:
        """Ages, and numbers of women, for each of two arms."""
        if len(self.study.arms) != 2:
            return []
        ages, women = self._try("arm_age_s", share), self._try("arm_sex_s", share)
        self.result.ages_by_arm |= bool(ages)
        self.result.women_by_arm |= bool(women)
        return ages + women

    def _outcome(self, outcome: StudyOutcome) -> list[str]:
        rule = {1: "res1_", 2: "res_", 3: "res3_"}[len(outcome.values)] + outcome.measure
        if (outcome.measure == "median" and len(outcome.values) != 2) or outcome.name in self.result.results:
            return []
        local = knowing(self.rng, self.study, outcome, self.writer.phrasing)
        try:
            text = sentence(local.rule(rule))
        except LookupError:
            return []
        self._told(outcome, local)
        return [text]

    def _told(self, outcome: StudyOutcome, local: Writer) -> None:
        """Keep count of what ``local`` said of the outcome and of everything else."""
        self.result.tell(outcome, local.said)
        self.writer.said |= local.said & self.study.slots.keys()

    # ------------------------------------------------------------ abstracts

    def _abstract(self) -> str:
        rng, design = self.rng, self.study.design
        if design == "review":
            found = [text for _ in range(3) for text in self._try("review_s", 0.8)]
            return self._joined([self._background(), found, self._try("conclusion")], ())
        if design == "protocol":
            body = [t for _ in range(4) for t in self._try("protocol_s", 0.8)]
            return self._joined([self._background(), list(dict.fromkeys(body)), self._try("reg_s", 0.6)], ())
        if rng.random() < 0.04:
            return "(no abstract in the record)"
        if self.freely(FREE_SHARE) and (text := self._free()):
            return text + self._tail()
        style = rng.random()
        if style > 1 - self.brief:
            return self._brief()
        if style < 0.14 and not self.vague and self.study.random:
            return self._long()
        labels = () if style < 0.45 else rng.choice(SHORT_LABELS)
        parts = [self._background(), self._methods(0.8), self._results(), self._try("conclusion", 0.8)]
        return self._joined(parts, labels) + self._tail()

    def freely(self, share: float) -> bool:
        """Whether to tell this study in free prose, which is written for all that name their treatments, but not in the
        plainest words."""
        return not self.vague and not self.writer.phrasing.first and self.rng.random() < share

    def _free(self) -> str:
        """A whole abstract in one of the ways in which people tell a study; "" where the one that was drawn does not
        fit this study."""
        outcome = self.study.outcomes[0]
        local = knowing(self.rng, self.study, outcome, self.writer.phrasing)
        try:
            text = sentence(local.rule(self.rng.choice(FREE)))
        except LookupError:
            return ""
        self._told(outcome, local)
        if "x" in local.said:
            self.result.said.add("unmeasured")
        return text

    def _brief(self) -> str:
        """A few sentences only."""
        found = self._people() + self._try("primary_s", 0.4)
        for rule in self.rng.sample(SELDOM, self.rng.randint(0, 2)):
            found += self._try(rule)
        if self.rng.random() < 0.2:
            found += self._by_arm(0.7)
        return " ".join(found + self._outcome(self.study.outcomes[0]) + self._try("conclusion", 0.2)) + self._tail()

    def _long(self) -> str:
        """A long structured abstract, whose parts are often not sentences."""
        parts = [
            self._try("aim"), self._try("design_s", 0.9), self._try("setting_s", 0.8), self._try("people_s"),
            self._try("assign_s"),
            self._try("primary_s", 0.8) + self._try("secondary_s", 0.4), self._results(), self._try("conclusion"),
        ]  # fmt: skip
        return self._joined(parts, LONG_LABELS) + self._tail()

    def _joined(self, parts: Sequence[list[str]], labels: Sequence[str]) -> str:
        rng = self.rng
        mark, upper, line = rng.choice((": ", ": ", ". ", " ")), rng.random() < 0.4, rng.choice((" ", " ", "\n"))
        found = []
        for number, part in enumerate(parts):
            if not part:
                continue
            label = labels[number] if number < len(labels) else ""
            label = label.upper() if upper or (mark == " " and label) else label
            found.append((label + mark if label else "") + " ".join(part))
        return line.join(found)

    def _shortened(self, abstract: str) -> str:
        """The abstract with a name of several words replaced by its first letters where it comes again, now and
        then."""
        slots, rng = self.study.slots, self.rng
        for name in dict.fromkeys((slots["cond"], slots["a"])):
            letters = "".join(word[0] for word in re.findall(r"\w+", name)).upper()
            if rng.random() < 0.12 and 2 <= len(letters) <= 5 and " or " not in name and " and " not in name:
                head, found, tail = abstract.partition(name)
                if found:
                    abstract = f"{head}{name} ({letters}){tail.replace(name, letters)}"
        return abstract

    def _tail(self) -> str:
        found = self._try("reg_s", 0.25) + self._try("funding_s", 0.25)
        return "".join(f" {text}" for text in found)

    # ------------------------------------------------------------ full texts

    def _full(self, title: str) -> str:
        rng = self.rng
        heads = rng.choice(HEADINGS)
        blocks: list[str] = [title]
        if rng.random() < 0.25:
            blocks.append("\nAbstract\n" + " ".join(self._background()[:1] + self._people()))
        background = self._background() + (self._try("background", 0.5) if rng.random() < 0.5 else [])
        if background:
            blocks.append((f"\n{heads[0]}\n" if heads[0] else "") + longer.noted(self.rng, background))
        methods = self._methods(1.3)
        cut = rng.randint(1, max(1, len(methods)))
        blocks.append(f"\n{heads[1]}\n" + longer.noted(self.rng, methods[:cut]))
        if methods[cut:]:
            part = rng.choice(
                ("Outcomes", "Procedures", "Randomisation and masking", "2.2. Outcomes", "Statistical analysis")
            )
            blocks.append((f"\n{part}\n" if rng.random() < 0.5 else "") + longer.noted(self.rng, methods[cut:]))
        results = self._results(tables=True)
        tables = Tables(rng, self.result)
        rows = (
            [*tables.baseline(self.writer.said), *tables.outcomes()]
            if self.study.design not in ("review", "protocol")
            else []
        )
        blocks.append(f"\n{heads[2]}\n" + longer.noted(self.rng, results))
        if rows:
            blocks.insert(len(blocks) - (rng.random() < 0.15), "\n".join(rows))
        blocks.append(
            f"\n{heads[3]}\n"
            + longer.noted(self.rng, self._try("conclusion") + self._try("null_s", 0.3) + self._try("background", 0.4))
        )
        if ending := self._try("funding_s", 0.4) + self._try("reg_s", 0.3):
            blocks.append(f"\n{rng.choice(('Funding', 'Acknowledgements', 'Declarations'))}\n" + " ".join(ending))
        return "\n".join(block for block in blocks if block.strip())

    def prose(self, others: Words | None) -> Report:
        """A full text in long prose, whole with ``others``, else a piece of it; of a trial, no review or protocol."""
        title, result = self._title(), self.result
        result.record = False
        abstract = self._shortened(self._abstract()) if others is not None and self.rng.random() < 0.85 else ""
        prose = Prose(self.rng, result, self.writer.phrasing, self.writer.said)
        result.text = prose.whole(title, abstract, others) if others is not None else prose.piece(title)
        return self._counted()

    def rest(self, others: Words) -> str:
        """More of a full text, in which nothing is told that was not told before: discussion, and references to other
        studies."""
        writer = Writer(self.rng, self.study.told, self.writer.phrasing, set(self.result.said))
        blocks = [longer.noted(self.rng, longer.paragraph(self.rng, writer)) for _ in range(self.rng.randint(2, 18))]
        return "\n".join(
            ["", *filter(None, blocks), "\nReferences", *longer.references(self.rng, others, self.writer.phrasing)]
        )

"""Eligibility criteria for a report, with the judgement that its text supports: the label is chosen first, so that
labels are balanced.

YES the text shows it; PARTIAL in part or for some only; NO the text shows the opposite; UNCERTAIN the text does not
say. A criterion is written to fit the label; where the report allows no criterion of that kind there is none.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from leads_local.records import Criterion, Eligibility
from models.demo.training import classes, lexicon, words
from models.demo.training.grammar import Writer, tidy
from models.demo.training.lexicon import CONDITIONS, COUNTRIES, OUTCOMES, TREATMENTS
from models.demo.training.lists import listed
from models.demo.training.report import Report
from models.demo.training.rewording import reworded
from models.demo.training.study import MANY, latest
from models.demo.training.terms import AGE_WORDS, CRITERIA, DROPPED, OPPOSITE, QUALIFIERS, RANDOM_WORDS
from models.demo.training.times import in_months, spelled
from models.demo.training.treatments import Arming
from models.demo.training.words import Words

YES, PARTIAL, NO, UNCERTAIN = Eligibility.YES, Eligibility.PARTIAL, Eligibility.NO, Eligibility.UNCERTAIN
STAGES = tuple(f"{stage} " for stage in words.STAGES)
# What the text's age group (first) makes of a criterion's (second); other pairs are not asked.
AGE_FITS = {
    ("adult", "adult"): YES, ("old", "adult"): YES, ("child", "child"): YES, ("teen", "teen"): YES, ("old", "old"): YES,
    ("women", "women"): YES, ("women", "adult"): YES,
    ("any", "adult"): YES, ("child", "adult"): NO, ("teen", "adult"): NO, ("adult", "child"): NO, ("old", "child"): NO,
    ("child", "old"): NO, ("teen", "old"): NO, ("women", "child"): NO, ("mixed", "adult"): PARTIAL,
    ("mixed", "child"): PARTIAL,
    ("any", "child"): UNCERTAIN, ("any", "old"): UNCERTAIN, ("any", "women"): UNCERTAIN, ("any", "teen"): UNCERTAIN,
}  # fmt: skip
KNOWN = 0.5  # share of names in the lexicon that a criterion asks for by what they mean
PEOPLE_ONLY = 0.12  # share of criteria on the population that ask for no condition
EXCEPTIONS = 0.15  # share of met criteria on the population that exclude something which the report does not mention


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion, its label, and the words of the report that show it ("" for UNCERTAIN, a remark in brackets where
    nothing is quoted)."""

    criterion: Criterion
    label: Eligibility
    evidence: str


@dataclass(slots=True)
class Examiner:
    """Writes criteria on one report."""

    rng: random.Random
    words: Words
    writer: Writer
    report: Report

    def criterion(self, part: str, label: Eligibility) -> Judged | None:
        """A criterion of this part that the report meets as ``label`` says, or None where there is no such
        criterion."""
        make: Callable[[Eligibility], tuple[str, str] | None] = getattr(self, f"_{part}")
        try:
            found = make(label)
        except LookupError:
            return None
        if found is None:
            return None
        text, evidence = found
        name = self.rng.choice(NAMES[part])
        return Judged(Criterion(name, text[:1].upper() + text[1:]), label, evidence)

    def _worded(self, rule: str, **slots: str) -> str:
        return tidy(Writer(self.rng, {"lo": "18", **slots}, self.writer.phrasing).rule(rule))

    def _either(self, name: str, draw: Callable[[], str], share: float = 0.25) -> str:
        """``name``, sometimes in a list of things of its kind of which one is enough."""
        if self.rng.random() >= share:
            return name
        names = [name, *self.words.few(draw, self.rng.randint(1, 2), (name,))]
        self.rng.shuffle(names)
        return ", ".join(names[:-1]) + f" or {names[-1]}"

    # ------------------------------------------------------------ PICO

    def _population(self, label: Eligibility) -> tuple[str, str] | None:
        rng, study, report = self.rng, self.report.study, self.report
        if "cond" not in report.said:
            return None
        evidence = report.value("cond")
        own = rng.choice(study.conditions)
        two = len(study.conditions) > 1
        if rng.random() < PEOPLE_ONLY and study.age != "any" and "who" in report.said:
            asked = self._ages(label)
            return (self._worded("crit_pop", pp=asked), report.value("who")) if asked else None
        aged = rng.random() < 0.5 and study.age != "any" and "who" in report.said
        if label is NO:
            if aged and (ages := self._ages(NO)):
                return self._people(ages, own), report.value("who")
            far = rng.choice(study.others["conditions"]) if rng.random() < 0.5 else self._sibling(own)
            if not two and rng.random() < KNOWN:
                far = self._unlike(CONDITIONS, own) or far
            lexicon.keep_apart(CONDITIONS, far, study.conditions)
            other = self._either(reworded(rng, far, "condition"), self.words.condition, 0.15)
            return self._people(self._ages(YES) if aged else "", other), evidence
        if label is PARTIAL:
            if two:
                return self._people(self._ages(YES) if aged else "", own), evidence
            if study.age == "mixed" and "who" in report.said:
                return self._people(self._ages(PARTIAL), self._same(own)), report.value("who")
            return None
        if label is UNCERTAIN:
            if study.age == "any" and rng.random() < 0.4 and "agecrit" not in report.said:
                return self._people(self._ages(UNCERTAIN), self._same(own)), ""
            if rng.random() < 0.2 and not two:
                return self._people(
                    "", " and ".join(rng.sample((own, *self.words.few(self.words.condition, 1, study.conditions)), 2))
                ), ""
            more = rng.choice(QUALIFIERS).format(c=self.words.condition(), d=self.words.drug())
            return self._people("", own, more), ""
        if two:
            own = " or ".join(rng.sample(study.conditions, 2))
        meant = self._meaning(CONDITIONS, own) if not two and rng.random() < KNOWN else ""
        same = self._either(reworded(rng, meant or self._same(own), "condition"), self.words.condition)
        more = classes.exception(rng, self.words) if rng.random() < EXCEPTIONS else ""
        return self._people(self._ages(YES) if aged else "", same, more), evidence

    def _meaning(self, file: str, name: str) -> str:
        """Another name of the thing, or a broader term for it; "" where none is known or it may not be used."""
        entry = self._entry(file, name)
        other = [one for one in entry.usable(False) if one.casefold() != name.casefold()] if entry else []
        broader = entry.broader if entry else ()
        fits = [pool for pool in (other, broader) if pool]
        return self.rng.choice(self.rng.choice(fits)) if fits else ""

    def _unlike(self, file: str, name: str) -> str:
        """A term that is true of no case of the thing; "" where none is known."""
        entry = self._entry(file, name)
        return self.rng.choice(lexicon.unlike(entry, file)) if entry else ""

    def _entry(self, file: str, name: str) -> lexicon.Entry | None:
        """What is known of ``name``. Nothing is of held-out words: nobody can know what was never said of them."""
        return None if self.words.unseen else lexicon.of(file, name)

    def _people(self, ages: str, condition: str, more: str = "") -> str:
        """People of certain ``ages`` ("": of any) with a condition, of whom ``more`` is asked; only without it may
        "people" be left out."""
        joint = self.rng.choice(("with", "with", "who have", "diagnosed with", "suffering from"))
        people = ages or self.rng.choice(("people", "patients", "participants", "persons" if more else ""))
        asked = f"{people} {joint} {condition}" if people else condition
        return self._worded("crit_pop" if people else "crit_cond", pp=tidy(f"{asked} {more}"))

    def _ages(self, label: Eligibility) -> str:
        fits = [asked for (own, asked), what in AGE_FITS.items() if own == self.report.study.age and what is label]
        return self.rng.choice(AGE_WORDS[self.rng.choice(fits)]) if fits else ""

    def _same(self, condition: str) -> str:
        """The condition in other words: without its stage, or with its place before or after."""
        for stage in STAGES:
            if condition.startswith(stage) and self.rng.random() < 0.6:
                condition = condition.removeprefix(stage)
        first, _, rest = condition.partition(" ")
        if self.rng.random() < 0.5:
            if first in listed("body_parts") and rest:
                return f"{rest} of the {first}"
            head, of, place = condition.partition(" of the ")
            if of and place in listed("body_parts"):
                return f"{place} {head}"
        return condition

    def _sibling(self, condition: str) -> str:
        """Another condition that shares a word with this one."""
        first, _, rest = condition.rpartition(" ")
        for _ in range(8):
            other = self.words.condition()
            head, _, tail = other.rpartition(" ")
            if first and head and tail != rest:
                return self.rng.choice((f"{first} {tail}", f"{head} {rest}"))
        return self.words.condition()

    def _intervention(self, label: Eligibility) -> tuple[str, str] | None:
        rng, study, report = self.rng, self.report.study, self.report
        vague = "a" in study.vague
        if vague != (label is UNCERTAIN):
            return None
        if vague:
            return self._worded("crit_int", ii=self._treatment()), ""
        if "a" not in report.said:
            return None
        name, evidence = study.arms[0].name, report.value("a")
        if label is NO:
            return self._worded("crit_int", ii=self._other_treatment(name)), evidence
        if label is PARTIAL:
            mode = name.split()[0]
            if mode in classes.ALONE and (group := classes.class_of(name, study.kind)) and rng.random() < 0.5:
                return self._worded("crit_int", ii=self._supervised(group)), evidence
            if mode in OPPOSITE and rng.random() < 0.5:
                return self._worded("crit_int", ii=f"{OPPOSITE[mode]} {name.split(' ', 1)[1]}"), evidence
            joint = rng.choice(("combined with", "together with", "plus", "in combination with"))
            return self._worded("crit_int", ii=f"{name} {joint} {self._treatment()}"), evidence
        return self._worded("crit_int", ii=self._either(self._broader(name), self._treatment)), evidence

    def _treatment(self) -> str:
        return Arming(self.rng, self.words, self.writer, self.report.study.kind, set()).draw()

    def _other_treatment(self, name: str) -> str:
        """What the treatment ``name`` is not: another one, or a class that it does not belong to."""
        rng, study = self.rng, self.report.study
        if rng.random() < KNOWN and (term := self._unlike(TREATMENTS, name)):
            return term
        if rng.random() < 0.3 and study.arms[0].type == "test":
            return classes.another(rng, classes.class_of(name, study.kind), study.kind)
        other = rng.choice(study.others["treatments"]) if rng.random() < 0.5 else self._treatment()
        lexicon.keep_apart(TREATMENTS, other, (name,))
        return self._either(reworded(rng, other, study.kind), self._treatment)

    def _broader(self, name: str) -> str:
        """A wording that the treatment ``name`` meets: its class, its name with less detail, or its name."""
        rng, parts = self.rng, name.split()
        if rng.random() < KNOWN and (term := self._meaning(TREATMENTS, name)):
            return reworded(rng, term, self.report.study.kind)
        group = classes.class_of(name, self.report.study.kind)
        if group and rng.random() < 0.35:
            return (
                self._supervised(group)
                if parts[0] in classes.LED and rng.random() < 0.6
                else classes.asked(rng, self.words, group)
            )
        if self.report.study.kind != "activity":
            return reworded(rng, name, self.report.study.kind)
        if len(parts) > 1 and parts[0] in DROPPED and rng.random() < 0.5:
            parts = parts[1:]
        if len(parts) > 1 and parts[-1] in listed("forms") and rng.random() < 0.3:
            parts = parts[:-1]
        return reworded(rng, " ".join(parts), "activity")

    def _supervised(self, group: str) -> str:
        return classes.supervised(self.rng, classes.asked(self.rng, self.words, group))

    def _comparison(self, label: Eligibility) -> tuple[str, str] | None:
        rng, study, report = self.rng, self.report.study, self.report
        if len(study.arms) == 1:
            return (self._worded("crit_comp", ii=self._controls()), "(no comparison group)") if label is NO else None
        if "b" not in report.said:
            return (self._worded("crit_comp", ii=self._controls()), "") if label is UNCERTAIN else None
        type, name, evidence = study.arms[1].type, study.arms[1].name, report.value("b")
        if (type == "vague") != (label is UNCERTAIN):
            return None
        if type == "vague":
            return self._worded("crit_comp", ii=self._controls()), ""
        known = {arm.type for arm in study.arms[1:]}
        if label is NO:
            return self._worded("crit_comp", ii=self._controls(without=known)), evidence
        if label is PARTIAL:
            joint = rng.choice(("combined with", "together with", "plus"))
            same = name if type == "active" else rng.choice(CRITERIA[type])
            return self._worded("crit_comp", ii=f"{same} {joint} {self._treatment()}"), evidence
        same = name if type == "active" else rng.choice(CRITERIA[type])
        if rng.random() < 0.3:
            more = [
                rng.choice(CRITERIA[other]) for other in rng.sample(sorted(CRITERIA.keys() - known), rng.randint(1, 2))
            ] + [same]
            rng.shuffle(more)
            same = ", ".join(more[:-1]) + f" or {more[-1]}"
        return self._worded("crit_comp", ii=same), evidence

    def _controls(self, without: Collection[str] = ()) -> str:
        rng = self.rng
        kinds = sorted(CRITERIA.keys() - set(without))
        names = [rng.choice(CRITERIA[kind]) for kind in rng.sample(kinds, rng.choice((1, 1, 2)))]
        if rng.random() < 0.2:
            names.append(self._treatment())
        return " or ".join(names)

    def _outcome(self, label: Eligibility) -> tuple[str, str] | None:
        rng, study, report = self.rng, self.report.study, self.report
        measured = [outcome.name for outcome in study.outcomes if outcome.name in report.results]
        if "prim" in report.said:
            measured.append(study.slots["prim"])
        absent = study.others["outcomes"][0]
        if label is UNCERTAIN:
            lexicon.keep_apart(OUTCOMES, absent, (*measured, *(outcome.name for outcome in study.outcomes)))
            return self._worded(
                "crit_out", ii=self._either(reworded(rng, absent, "outcome"), lambda: self.words.of("outcomes"), 0.2)
            ), ""
        if label is NO:
            if "unmeasured" not in report.said:
                return None
            return self._worded("crit_out", ii=reworded(rng, study.unmeasured, "outcome")), report.value("x")
        if not measured:
            return None
        name = rng.choice(measured)
        evidence = report.printed(name)
        if label is PARTIAL:
            both = rng.choice(("both {0} and {1}", "{0} and also {1}", "{0} together with {1}")).format(name, absent)
            return self._worded("crit_out", ii=both), evidence
        wider = self._either(reworded(rng, self.called(name), "outcome"), lambda: self.words.of("outcomes"), 0.3)
        return self._worded("crit_out", ii=wider), evidence

    def called(self, outcome: str) -> str:
        """What a person may call the outcome: its name, another word for it, or what it measures without the
        instrument."""
        meant = self._meaning(OUTCOMES, outcome) if self.rng.random() < KNOWN else ""
        return meant or self._wider(outcome)

    def _wider(self, name: str) -> str:
        """The outcome as it is called, or what it measures without the instrument, or that with the instrument as an
        example."""
        rng = self.rng
        found = re.fullmatch(
            r"(?:([A-Z]{3,4}(?:-\d+)?) )?(.+?)(?: (?:score|index|on the ([A-Z]{3,4}(?:-\d+)?)))?", name
        )
        if found is None or found[2] == name or rng.random() < 0.3:
            return name
        core, scale = found[2], found[1] or found[3]
        if core in ("score", "total", "scale", "total score"):
            return name
        return f"{core}, such as {scale or name}" if rng.random() < 0.25 else core

    # ------------------------------------------------------------ other criteria

    def _design(self, label: Eligibility) -> tuple[str, str] | None:
        study, report = self.report.study, self.report
        truth = UNCERTAIN if study.design == "unstated" else YES if study.random else NO
        if label is not truth:
            return None
        if truth is UNCERTAIN:
            return self._worded("crit_design"), ""
        if "design" in report.said:
            return self._worded("crit_design"), report.value("design")
        word = next((word for word in RANDOM_WORDS if word in report.text.casefold()), "")
        return (self._worded("crit_design"), report.printed(word)) if word else None

    def _followup(self, label: Eligibility) -> tuple[str, str] | None:
        report, slots = self.report, self.report.study.slots
        times = {t for key in ("fu", "ptime") if key in report.said for t in (slots[key],)} | {
            t for t in report.times.values() if t
        }
        if label is UNCERTAIN:
            return None if times else (self._worded("crit_fu", T=self._time(1, 30)), "")
        if not times or label is PARTIAL:
            return None
        longest = latest(times)
        length = in_months(longest)
        wanted = self._time(0.2, length * 0.98) if label is YES else self._time(length * 1.05, length * 6 + 1)
        return self._worded("crit_fu", T=wanted), report.printed(longest)

    def _time(self, least: float, most: float) -> str:
        """A round time between so many months. Raises LookupError when there is none."""
        counts = {
            "days": (10, 14, 30, 60),
            "weeks": (2, 4, 6, 8, 12, 16, 24, 26, 48, 52),
            "months": (1, 3, 6, 9, 12, 18, 24),
            "years": (1, 2, 3, 5, 8),
        }
        times = [
            f"{spelled(self.rng, n)} {unit if n > 1 else unit[:-1]}"
            for unit, numbers in counts.items()
            for n in numbers
        ]
        fits = [time for time in times if least <= in_months(time) <= most]
        if not fits:
            raise LookupError("no round time fits")
        return self.rng.choice(fits)

    def _size(self, label: Eligibility) -> tuple[str, str] | None:
        said = "n" in self.report.said
        if label is PARTIAL or said is (label is UNCERTAIN):
            return None
        total = self.report.study.size
        rounds = [
            n
            for n in (10, 20, 30, 50, 80, 100, 150, 200, 300, 500, 1000, 2000)
            if not said or (n < total) is (label is YES)
        ]
        if not rounds or total in rounds or (not said and "na" in self.report.said):
            return None
        return self._worded("crit_size", N=str(self.rng.choice(rounds))), self.report.value("n") if said else ""

    def _country(self, label: Eligibility) -> tuple[str, str] | None:
        own = self.report.study.slots["country"].replace(" and ", ", ").split(", ")
        if len(own) == 1 and label in (YES, NO) and self.rng.random() < KNOWN / 2:
            find = self._meaning if label is YES else self._unlike
            if (region := find(COUNTRIES, own[0])) and (evidence := self._told("country")):
                return self._worded("crit_country", ii=region), evidence
        return self._place("country", label, self.words.country, own)

    def _setting(self, label: Eligibility) -> tuple[str, str] | None:
        own = self.report.study.slots["setting"]
        head = (own.split(" ", 1)[1] if own.split()[0] in MANY else own).removeprefix(f"{self.report.study.demonym} ")
        return (
            None
            if own.startswith(("a ", "an "))
            else self._place("setting", label, lambda: self.words.of("settings"), [head])
        )

    def _place(self, key: str, label: Eligibility, draw: Callable[[], str], own: list[str]) -> tuple[str, str] | None:
        evidence = self._told(key)
        if bool(evidence) is (label is UNCERTAIN) or (label is PARTIAL):
            return None
        asked = self.rng.choice(own) if label is YES else self.words.few(draw, 1, own)[0]
        text = self._worded(f"crit_{key}", ii=self._either(asked, lambda: self.words.few(draw, 1, own)[0], 0.2))
        return text, evidence

    def _told(self, key: str) -> str:
        """The country or setting as the report tells it, a country also by its adjective; "" when it does not."""
        if key in self.report.said:
            return self.report.value(key)
        return self.report.study.demonym if key == "country" and "demonym" in self.report.said else ""

    def _blinding(self, label: Eligibility) -> tuple[str, str] | None:
        report = self.report
        who, design = report.value("blinding"), report.value("design")
        truth = YES if who != "NA" else NO if "noblind" in report.said else UNCERTAIN
        if truth is not label or (truth is YES and "assessors" not in who) or "blind" in design or "mask" in design:
            return None
        return self._worded("crit_blind"), {YES: who, NO: "(not blinded)", UNCERTAIN: ""}[truth]


NAMES = {
    "population": ("Population",),
    "intervention": ("Intervention",),
    "comparison": ("Comparison",),
    "outcome": ("Outcome",),
    "design": ("Design", "Study design", "Type of study"),
    "followup": ("Follow-up", "Duration", "Length of follow-up"),
    "size": ("Sample size", "Size", "Participants"),
    "country": ("Country", "Place", "Location"),
    "setting": ("Setting", "Sites"),
    "blinding": ("Blinding", "Masking"),
}

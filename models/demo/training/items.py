"""Questions on a report with gold answers, through the product's own tasks: each item is the exact prompt and the exact
answer.

The requests are made by ``leads_local.tasks``, so prompt, schema and key order are those of inference. The paper comes
first in every prompt of the compact pack but for search, so all items of a report begin with the same text.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from leads_local.engine.types import Request
from leads_local.records import Arm, Eligibility, Field, Measure, Outcome, Question, ScreeningMode
from leads_local.tasks import arms, characteristics, groups, participants, prompts, results, screening, search
from models.demo.training import author
from models.demo.training import study as studies
from models.demo.training.criteria import Examiner, Judged
from models.demo.training.grammar import ANY, HELD_OUT, Phrasing, Writer
from models.demo.training.outcomes import StudyOutcome
from models.demo.training.report import Report
from models.demo.training.treatments import COMPARATORS
from models.demo.training.words import Words

PACK = "compact"
COPIED = frozenset(
    {"value", "label", "description", "interventionNames", "unitOfMeasure", "timeFrame", "denomValue", "note", "query"}
)
PICO = ("population", "intervention", "comparison", "outcome")
MORE = ("design", "followup", "size", "country", "setting", "blinding")
FIELDS = ("n", "cond", "country", "setting", "agecrit", "mage", "fem", "design", "blind", "assess", "randm", "fu",
    "prim", "funder", "reg",
          "a", "da", "b", "years", "nan", "ptime", "elig")  # fmt: skip
JUDGED = ("assess",)  # fields that are answered by a word for what the report says, and not by a part of it
SLOT_OF = {"blind": "blinding", "assess": "blinding"}
REPEATED = 3  # times as many questions about a whole paper as about others
OTHERWISE = 0.35  # share of outcomes that are asked for by another name than the report's
PAIRS = 0.25  # share of reports about which two questions differ in one criterion only
SAID_SHARE = 0.6  # of the fields that are asked for
LABELS = (Eligibility.YES, Eligibility.NO, Eligibility.UNCERTAIN, Eligibility.PARTIAL)
EVEN = dict(zip(LABELS, (3, 3, 3, 1), strict=True))
# How often each label is tried first; those that few reports allow are tried more, so that labels come out balanced.
CHANCES = {
    "population": dict(zip(LABELS, (4, 3, 2, 4), strict=True)),
    "intervention": dict(zip(LABELS, (4, 4, 6, 2), strict=True)),
    "comparison": dict(zip(LABELS, (4, 4, 6, 2), strict=True)),
    "outcome": dict(zip(LABELS, (6, 6, 3, 2), strict=True)),
}
SAID = {Eligibility.YES: "Met", Eligibility.NO: "Not met", Eligibility.PARTIAL: "Met in part"}


@dataclass(frozen=True, slots=True)
class Item:
    """``gold`` is the answer as JSON would give it; ``about`` tells the evaluation what was asked (criteria, fields, an
    outcome …)."""

    task: str
    request: Request
    gold: Any
    about: Any = None
    pair: int = 0

    @property
    def answer(self) -> str:
        """The answer as the schema lays it out: one line, ``", "`` and ``": "``; what is copied begins with a space
        (see ``copied``)."""
        return json.dumps(copied(self.gold), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Split:
    """Which words and phrasings a sample may use: ``words`` held-out ones only, ``phrasing`` the kind of sentences."""

    words: bool = False
    phrasing: Phrasing = ANY


SPLITS = {
    "train": Split(),
    "words": Split(words=True),
    "both": Split(words=True, phrasing=HELD_OUT),
    "phrases": Split(phrasing=HELD_OUT),
}


def sample(
    rng: random.Random,
    split: Split,
    pack: prompts.PromptPack,
    *,
    full: bool,
    most: int = 6,
    whole: bool = False,
    brief: float = 0.07,
) -> tuple[Report, list[Item]]:
    """One report and up to ``most`` items about it; about a ``whole`` paper, which takes so long to read, ``REPEATED``
    times as many.

    A report that contradicts its gold raises LookupError.
    """
    words = Words(rng, split.words)
    study = studies.make(rng, words, split.phrasing)
    report = author.write(rng, study, split.phrasing, full=full or whole, others=words if whole else None, brief=brief)
    asker = Asker(rng, words, Writer(rng, {}, split.phrasing), report, pack, brief)
    return report, asker.items(most) + [
        item for _ in range(REPEATED - 1 if whole else 0) for item in asker.items(most) if item.task != "search"
    ]


@dataclass(slots=True)
class Asker:
    rng: random.Random
    words: Words
    writer: Writer
    report: Report
    pack: prompts.PromptPack
    many: float = 0.0  # share of reports about which there are many small questions

    def items(self, most: int) -> list[Item]:
        """A mixture of tasks; reviews and protocols are mostly screened."""
        rng, study = self.rng, self.report.study
        makers: list[Callable[[], Item | Sequence[Item] | None]] = [self.screening, self.characteristics]
        if "a" in self.report.said and study.design not in ("review", "protocol"):
            makers += [self.arms]
        if study.design != "review":
            makers += [self.results, rng.choice((self.results, self.participants))]
            makers.append(rng.choice((self.screening, self.characteristics, self.participants)))
        if rng.random() < 0.35:
            makers.append(self.search)
        if rng.random() < self.many:
            makers, most = (
                [self.screening] * 3 if rng.random() < 0.3 else [*makers, self.characteristics, self.screening],
                8,
            )
        rng.shuffle(makers)
        found: list[Item] = []
        for made in (make() for make in makers[:most]):
            found += [made] if isinstance(made, Item) else made or ()
        rng.shuffle(found)
        return found + (self.pair() if rng.random() < PAIRS else [])

    # ------------------------------------------------------------ screening

    def screening(self) -> list[Item]:
        """A question on each of some criteria."""
        return [screened(self.report.text, one, self.pack) for one in self.judged()]

    def judged(self) -> list[Judged]:
        """Criteria as a review has them: of PICO, and of others."""
        rng = self.rng
        examiner = Examiner(rng, self.words, self.writer, self.report)
        parts = [part for part in PICO if rng.random() < 0.75]
        parts += rng.sample(MORE, rng.choice((0, 0, 1, 1, 2)))
        found: dict[str, Judged] = {}
        for part in parts:
            drawn = sorted(LABELS, key=partial(_turn, rng, CHANCES.get(part, EVEN)), reverse=True)
            one = next((one for label in drawn if (one := examiner.criterion(part, label)) is not None), None)
            if one is not None:
                found.setdefault(one.criterion.text, one)
        return list(found.values())

    def pair(self) -> list[Item]:
        """Two items that differ in the criterion only, which is met in one and not in the other; [] where the report
        allows none."""
        examiner = Examiner(self.rng, self.words, self.writer, self.report)
        for part in self.rng.sample(PICO[:3], 3):
            met, unmet = (examiner.criterion(part, label) for label in (Eligibility.YES, Eligibility.NO))
            if met and unmet:
                return [
                    screened(self.report.text, judged, self.pack, pair) for pair, judged in enumerate((met, unmet), 1)
                ]
        return []

    # ------------------------------------------------------------ characteristics

    def characteristics(self) -> Item | None:
        keys = self._keys(self.rng.randint(2, 8))
        fields, gold, about = [], [], []
        for key in keys:
            field = self._field(key)
            if field.name.casefold() in {f.name.casefold() for f in fields} or (value := self._value(key)) is None:
                continue
            fields.append(field)
            gold.append({"name": field.name, "value": value})
            about.append(key)
        if not fields:
            return None
        request = characteristics.request("x", self.report.text, fields, self.pack)
        return Item("characteristics", request, gold, (tuple(fields), tuple(about)))

    def _keys(self, count: int) -> list[str]:
        """Fields to ask for, more than half of them about what the report says: the rarer ones would be "NA" nearly
        always."""
        said = [
            key
            for key in FIELDS
            if SLOT_OF.get(key, key) in self.report.said or (key == "assess" and "noblind" in self.report.said)
        ]
        known = self.rng.sample(said, min(len(said), round(count * SAID_SHARE)))
        rest = [key for key in FIELDS if key not in known]
        keys = known + self.rng.sample(rest, count - len(known))
        self.rng.shuffle(keys)
        return keys

    def _field(self, key: str) -> Field:
        name, _, description = self.writer.rule(f"f_{key}").partition(":")
        return Field(name.strip(), description.strip(" :,"))

    def _value(self, key: str) -> str | None:
        """What the report says of a field; None where it can't be asked of this report."""
        report, study = self.report, self.report.study
        said, slots = report.said, study.slots
        if key in ("n", "nan", "a", "b", "da") and study.design == "review":
            return None
        if key == "n" and "n" not in said and "na" in said:
            return None
        if key == "a":
            return report.printed(slots["ad"]) if "ad" in said or "Ad" in said else report.value("a")
        if key == "b":
            if len(study.arms) < 2:
                return "NA"
            return report.printed(slots["bd"]) if "bd" in said else report.value("b")
        if key == "da":
            dose = study.arms[0].dose
            return report.printed(dose) if dose and "ad" in said else "NA"
        if key == "elig":
            return "NA" if "cond" not in said else self._eligible()
        if key == "fu" and "fu" not in said and (report.times or "ptime" in said):
            return None
        if key == "ptime" and "ptime" not in said and report.times.get(slots["prim"]):
            return report.printed(report.times[slots["prim"]])
        if key == "country" and "country" not in said and "demonym" in said:
            return None
        if key == "blind":
            return None if "noblind" in said or "blind" in report.value("design") else report.value("blinding")
        if key == "assess":
            return self._assessed()
        if key == "funder":
            return report.value("funder").removeprefix("the ")
        if key in ("mage", "fem") and key not in said and (report.ages_by_arm or report.women_by_arm):
            return None
        if key == "agecrit" and "agecrit" not in said and study.age != "any":
            return "NA"
        return report.value(SLOT_OF.get(key, key))

    def _assessed(self) -> str | None:
        """Whether assessors were blinded; None where the report says it of others only."""
        report = self.report
        if "noblind" in report.said:
            return "not blinded"
        who, design = report.value("blinding"), report.value("design")
        if "assessor" in who or "assessor" in design:
            return "blinded"
        return "NA" if who == "NA" and not re.search("blind|mask", design) else None

    def _eligible(self) -> str:
        """The words of the report from the participants to their condition, as far as they stand together."""
        cond, slots = self.report.value("cond"), self.report.study.slots
        aged = f"(?: (?:who were |and )?{re.escape(slots['agecrit'])})?" if "agecrit" in slots else ""
        whole = rf"{re.escape(slots['who'])}(?: \S+){{0,12}}? {re.escape(cond)}{aged}"
        found = re.search(whole, self.report.text, re.IGNORECASE)
        return found[0] if found else cond

    # ------------------------------------------------------------ arms, results, participants

    def _arms(self) -> tuple[Arm, ...]:
        found = []
        for key, arm in zip("abc", self.report.study.arms, strict=False):
            stated = f"{key}d" in self.report.said
            label = (
                self.report.printed(arm.label)
                if arm.label.casefold() in self.report.text.casefold()
                else self.report.printed(arm.name)
            )
            dose = self.report.printed(arm.text) if stated and arm.dose else self.report.printed(arm.name)
            found.append(Arm(label, arm.kind, dose, (self.report.printed(arm.name),)))
        return tuple(found)

    def arms(self) -> Item | None:
        study = self.report.study
        if (len(study.arms) > 1 and "b" not in self.report.said) or "a" in study.vague:
            return None
        found = self._arms()
        gold = [
            {"label": a.label, "type": a.kind, "description": a.description, "interventionNames": list(a.interventions)}
            for a in found
        ]
        return Item("arms", arms.request("x", self.report.text, self.pack), gold, found)

    def _asked(self) -> tuple[Arm, ...]:
        """The arms as the arm question would have found them; sometimes less is known of them."""
        found = self._arms()
        if self.rng.random() < 0.3:
            found = tuple(Arm(arm.label, arm.kind) for arm in found)
        return found

    def results(self) -> Item | None:
        rng, report, study = self.rng, self.report, self.report.study
        if not self._groups_named():
            return None
        known = list(report.results.values())
        absent = not known or rng.random() < 0.15
        name = rng.choice((study.others["outcomes"][0], study.unmeasured)) if absent else rng.choice(known).name
        called = (
            name if absent or rng.random() >= OTHERWISE else Examiner(rng, self.words, self.writer, report).called(name)
        )
        if any(called.casefold() in one.name.casefold() for one in study.outcomes if one.name != name):
            called = name
        asked = self._asked()
        titles = [group.title for group in groups.from_arms(asked)]
        writer = Writer(rng, {"o": called, "t": report.times.get(name) or study.slots["ptime"]}, self.writer.phrasing)
        name_text, _, definition = writer.rule("q_outcome").partition(": ")
        outcome = Outcome(name_text, definition)
        if absent:
            gold = {
                "paramType": "NA",
                "unitOfMeasure": "NA",
                "timeFrame": "NA",
                "unitOfDenom": "NA",
                "denomValue": "NA",
            }
            gold["results"] = [{"title": title, "value": "NA"} for title in titles]
        else:
            gold = self._result(report.results[name], titles)
        return Item("results", results.request("x", report.text, outcome, asked, self.pack), gold, (outcome, asked))

    def _result(self, found: StudyOutcome, titles: Sequence[str]) -> dict[str, Any]:
        report = self.report
        time = report.times[found.name]
        if not time and found is report.study.outcomes[0] and "ptime" in report.said:
            time = report.study.slots["ptime"]
        kind = {"mean": "MEAN", "median": "MEDIAN", "count": "COUNT_OF_PARTICIPANTS"}[found.measure]
        denominator = report.value("nan") if "nan" in report.said else report.value("n")
        gold: dict[str, Any] = {"paramType": kind, "unitOfMeasure": found.unit, "timeFrame": time or "NA"}
        gold |= {"unitOfDenom": "Participants", "denomValue": denominator}
        gold["results"] = [
            {"title": title, "value": number(report.printed(v))} for v, title in zip(found.values, titles, strict=True)
        ]
        return gold

    def participants(self) -> Item | None:
        rng, report, slots = self.rng, self.report, self.report.study.slots
        if not self._groups_named():
            return None
        tells = {"age": report.ages_by_arm, "fem": report.women_by_arm, "other": report.other_rows}
        told = [kind for kind, is_told in tells.items() if is_told]
        kind = rng.choice(told if told and rng.random() < 0.8 else ("age", "fem"))
        if not told and rng.random() < 0.7:
            return None
        asked = self._asked() if rng.random() < 0.85 else ()
        keys = "ABC"[: len(report.study.arms)]
        if kind == "other":
            name = rng.choice(list(report.other_rows))
            measure = Measure(*self._named("q_measure_other", x=name.split(",")[0]), "MEAN", name.partition(", ")[2])
            texts = list(report.other_rows[name])
        elif kind == "age":
            measure = Measure(*self._named("q_measure_age"), "MEAN", "years")
            texts = [slots[f"age{key}"] if report.ages_by_arm else "NA" for key in keys]
        else:
            measure = Measure(*self._named("q_measure_fem"), "COUNT_OF_PARTICIPANTS", "participants")
            texts = [slots[f"fem{key}"] if report.women_by_arm else "NA" for key in keys]
        if not asked:
            if len(keys) > 1 and texts[0] != "NA":
                return None
            texts = (
                [report.value({"age": "mage", "fem": "fem"}.get(kind, "")).removesuffix(" years")]
                if len(keys) > 1
                else texts
            )
        gold = {
            "results": [
                {"groupId": g.id, **parted(text)} for g, text in zip(groups.from_arms(asked), texts, strict=False)
            ]
        }
        return Item(
            "participants", participants.request("x", report.text, measure, asked, self.pack), gold, (measure, asked)
        )

    def _named(self, rule: str, **slots: str) -> tuple[str, str]:
        name, _, definition = Writer(self.rng, slots, self.writer.phrasing).rule(rule).partition(": ")
        return name[:1].upper() + name[1:], definition

    def _groups_named(self) -> bool:
        """Whether the report names all its arms, so that they can be asked about."""
        named = (
            {"a", "b", "c"}
            if len(self.report.study.arms) == 3
            else {"a", "b"}
            if len(self.report.study.arms) == 2
            else {"a"}
        )
        return named <= self.report.said and not self.report.study.vague

    # ------------------------------------------------------------ search

    def search(self) -> Item | None:
        return searched(self.rng, self.words, self.writer, self.pack)


def searched(rng: random.Random, words: Words, writer: Writer, pack: prompts.PromptPack) -> Item:
    """A search question with a query that joins the terms of population and intervention, each after a space, as in
    running text."""
    kind = rng.choice((words.drug, words.activity, words.procedure))
    illnesses, treatments = (
        words.few(words.condition, rng.choice((1, 1, 1, 2))),
        words.few(kind, rng.choice((1, 1, 2, 3))),
    )
    text = {
        "population": Writer(rng, {"pp": listed(illnesses), "lo": "18"}, writer.phrasing).rule("s_pop"),
        "intervention": Writer(rng, {"ii": listed(treatments)}, writer.phrasing).rule("s_int"),
        "comparison": rng.choice(COMPARATORS[rng.choice(list(COMPARATORS))]) if rng.random() < 0.6 else "",
        "outcome": words.of("outcomes") if rng.random() < 0.6 else "",
    }
    text = {key: value[:1].upper() + value[1:] if rng.random() < 0.6 else value for key, value in text.items()}
    question = Question(**text)
    whole = " ".join(text.values())
    query = " AND ".join(
        "( " + " OR ".join(as_in(whole, term) for term in terms) + ")" for terms in (illnesses, treatments)
    )
    return Item(
        "search", search.request("x", question, pack), {"query": query}, (question, tuple(illnesses), tuple(treatments))
    )


def _turn(rng: random.Random, chances: Mapping[Eligibility, int], label: Eligibility) -> float:
    """A random rank, so that a label comes first as often as its chance says."""
    return float(rng.random() ** (1 / chances[label]))


def copied(gold: Any, key: str = "") -> Any:
    """``gold`` with a space before each text that is copied out of the paper.

    A word has one token in running text, after a space, and others after a quotation mark. With the space, copying is
    repeating the tokens that stand in the paper; the tasks take white space off what they read.
    """
    if isinstance(gold, dict):
        return {name: copied(value, name) for name, value in gold.items()}
    if isinstance(gold, list):
        return [copied(value, key) for value in gold]
    return f" {gold}" if key in COPIED and gold not in ("", "NA") else gold


def listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" or {names[-1]}"


def as_in(text: str, term: str) -> str:
    at = text.casefold().find(term.casefold())
    return text[at : at + len(term)] if at >= 0 else term


def number(text: str) -> str:
    """The number of a statistic, as registers give it: a mean or median without its spread, a count without its share
    and total.

    Raises ValueError for a text of another form than those in ``outcomes``.
    """
    found = re.fullmatch(r"[\d.]+% \((\d+)(?:/| of )\d+\)", text) or re.match(r"([-\u2212]?[\d.]+%?)", text)
    if found is None:
        raise ValueError(f"no number begins {text}")
    return found[1]


def parted(text: str) -> dict[str, str]:
    """A statistic as printed, in value and note: ``54.2 (SD 8.1)`` is 54.2 and SD 8.1."""
    found = re.fullmatch(r"(\S+) (?:\((.*)\)( years)?|(± \S+))", text)
    if found is None:
        return {"value": text, "note": ""}
    return {"value": found[1], "note": found[2] or found[4]}


def screened(
    text: str, judged: Judged, pack: prompts.PromptPack, pair: int = 0, mode: ScreeningMode = ScreeningMode.FULL
) -> Item:
    """The question whether ``text`` meets one criterion, whose name the answer begins with, as the compact pack has it;
    in triage the reason is empty."""
    reason = rationale(judged) if mode is ScreeningMode.FULL else ""
    gold = {"criterion": f"1: {judged.criterion.name}", "eligibility": judged.label.value, "rationale": reason}
    return Item(
        "screening",
        screening.request("x", text, [judged.criterion], pack, mode),
        {"evaluations": [gold]},
        (judged,),
        pair,
    )


def rationale(judged: Judged) -> str:
    """The reason in the words of the report: always the same form, so that what varies is the evidence."""
    name = judged.criterion.name
    if judged.label is Eligibility.UNCERTAIN:
        return f"{name}: the text does not say."
    if judged.evidence.startswith("("):
        return f"{name}: {SAID[judged.label].lower()} {judged.evidence}."
    return f"{name}: {SAID[judged.label].lower()}, the text says {judged.evidence}."

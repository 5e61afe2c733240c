"""The simplest questions: a few words in which something stands or does not. Learned first, as copying is before them.

Whether a criterion's words stand in the text is what every judgement begins with, and what a network finds late among
everything else. So is where in the text the fact stands that a field asks for: here it stands behind the field's own
name, or another name for it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from leads_local.records import Criterion, Eligibility, Field, ScreeningMode
from leads_local.tasks import characteristics, prompts
from models.demo.training import author
from models.demo.training import study as studies
from models.demo.training.criteria import NAMES, Examiner, Judged
from models.demo.training.grammar import Writer
from models.demo.training.items import MORE, PICO, SLOT_OF, Asker, Item, Split, screened
from models.demo.training.study import Study
from models.demo.training.words import Words

QUESTIONS = 8
PLAINNESS = (1, 1, 2, 0)  # of how many first alternatives the sentences are made; 0: of all
ASKED = (Eligibility.YES, Eligibility.YES, Eligibility.NO, Eligibility.NO, Eligibility.UNCERTAIN, Eligibility.PARTIAL)
TRIAGE = 0.5  # share of short reports that are judged without reasons
MIXED = 0.3  # share of studies with two conditions, of which a criterion may ask for one
FACTS = (
    "n",
    "cond",
    "country",
    "setting",
    "mage",
    "fem",
    "design",
    "randm",
    "fu",
    "prim",
    "funder",
    "reg",
    "a",
    "b",
    "years",
)
FORMS = (
    "[Title] {A} for {c}\n[Abstract] {C} was treated with {a} or {b}. We measured {o}.",
    "[Title] {A} or {b} in {c}\n[Abstract] We compared {a} with {b} in people with {c}. Outcomes were {o}.",
    "[Title] {C}\n[Abstract] {A} and {b} were given. Outcomes: {o}.",
    "[Title] {A} in {c}\n[Abstract] Participants with {c} were randomised to {a} or to {b}. {O} improved.",
    "[Title] Treating {c}\n[Abstract] {O} was seen in {c} after {a} and after {b}.",
    "[Title] A trial\n[Abstract] Patients had {c}. They received {a} or {b}, and {o} was recorded.",
)


def drill(rng: random.Random, split: Split, pack: prompts.PromptPack) -> list[Item]:
    """Questions on one text: criteria, some fields at a time, or numbers."""
    return rng.choice((criteria, judgements, judgements, judgements, judgements, facts, facts, numbers, numbers))(
        rng, split, pack
    )


def judgements(rng: random.Random, split: Split, pack: prompts.PromptPack) -> list[Item]:
    """A short report, and criteria that it meets or not, of the same parts; with reasons, or without as in triage."""
    words, phrasing = Words(rng, split.words), replace(split.phrasing, first=rng.choice(PLAINNESS))
    while True:
        try:
            report = author.write(rng, studies.make(rng, words, phrasing, mixed=MIXED), phrasing, full=False, brief=0.7)
        except LookupError:
            continue
        writer = Writer(rng, {}, phrasing)
        examiner = Examiner(rng, words, writer, report)
        parts = [*rng.sample(PICO, 2), *rng.sample(MORE, 2)]
        found = [one for part in parts for label in ASKED if (one := examiner.criterion(part, label)) is not None]
        judged = list({one.criterion.text: one for one in found}.values())
        if judged:
            mode = ScreeningMode.TRIAGE if rng.random() < TRIAGE else ScreeningMode.FULL
            return [
                screened(report.text, one, pack, mode=mode)
                for one in rng.sample(judged, min(len(judged), 2 * QUESTIONS))
            ]


def numbers(rng: random.Random, split: Split, pack: prompts.PromptPack) -> list[Item]:
    """Tables, or sentences about results, and questions about their numbers."""
    words, phrasing = Words(rng, split.words), replace(split.phrasing, first=rng.choice(PLAINNESS))
    for _ in range(50):
        try:
            report = author.numbers(rng, studies.make(rng, words, phrasing), phrasing, tables=rng.random() < 0.4)
        except LookupError:
            continue
        asker = Asker(rng, words, Writer(rng, {}, phrasing), report, pack)
        if found := [item for _ in range(3) for item in (asker.results(), asker.participants()) if item]:
            return found
    return facts(rng, split, pack)


def criteria(rng: random.Random, split: Split, pack: prompts.PromptPack) -> list[Item]:
    """Single criteria, half of them met."""
    words = Words(rng, split.words)
    treatment = rng.choice((words.drug, words.activity, words.procedure))
    known = {
        "population": words.few(words.condition, 4),
        "intervention": words.few(treatment, 5),
        "outcome": words.few(lambda: words.of("outcomes"), 6),
    }
    measured = known["outcome"][: rng.randint(1, 2)]
    slots = {
        "c": known["population"][0],
        "a": known["intervention"][0],
        "b": known["intervention"][1],
        "o": " and ".join(measured),
    }
    slots |= {key.upper(): text[:1].upper() + text[1:] for key, text in slots.items()}
    text = rng.choice(FORMS).format(**slots)
    there = {"population": [slots["c"]], "intervention": [slots["a"]], "comparison": [slots["b"]], "outcome": measured}
    away = {
        "population": known["population"][1:],
        "intervention": known["intervention"][2:],
        "outcome": known["outcome"][2:],
    }
    away["comparison"] = away["intervention"]
    judged = [_judged(rng, part, there[part], away[part]) for part in rng.choices(tuple(there), k=QUESTIONS)]
    return [screened(text, one, pack) for one in judged]


def _judged(rng: random.Random, part: str, there: Sequence[str], away: Sequence[str]) -> Judged:
    met = rng.random() < 0.5
    asked = rng.choice(there if met else away)
    label = Eligibility.YES if met else Eligibility.UNCERTAIN if part == "outcome" else Eligibility.NO
    evidence = "" if label is Eligibility.UNCERTAIN else asked if met else there[0]
    return Judged(
        Criterion(rng.choice(NAMES[part]), asked[:1].upper() + asked[1:] if rng.random() < 0.4 else asked),
        label,
        evidence,
    )


def facts(rng: random.Random, split: Split, pack: prompts.PromptPack) -> list[Item]:
    """A text of facts, each behind a name, and fields that ask for them, mostly by the same name."""
    study = studies.make(rng, Words(rng, split.words), split.phrasing)
    known = [key for key in FACTS if study.slots.get(SLOT_OF.get(key, key))]
    keys = rng.sample(known, rng.randint(4, 8))
    names = {key: _name(rng, split, key) for key in FACTS}
    mark, end = rng.choice((": ", ": ", " was ", " - ")), rng.choice((". ", ".\n", "; "))
    body = end.join(f"{names[key].name}{mark}{study.slots[SLOT_OF.get(key, key)]}" for key in keys)
    text = f"[Title] {rng.choice(('A trial', 'A study', 'Facts', 'Report'))}\n[Abstract] {body}."
    return [_asked(rng, split, text, study, keys, names, pack) for _ in range(5)]


def _asked(
    rng: random.Random,
    split: Split,
    text: str,
    study: Study,
    keys: Sequence[str],
    names: dict[str, Field],
    pack: prompts.PromptPack,
) -> Item:
    fields: list[Field] = []
    gold, about = [], []
    for key in rng.sample(FACTS, rng.randint(3, 6)):
        field = names[key] if rng.random() < 0.6 else _name(rng, split, key)
        if field.name.casefold() in {known.name.casefold() for known in fields}:
            continue
        if key in keys or rng.random() < 0.5:
            fields.append(field)
            about.append(key)
            gold.append({"name": field.name, "value": study.slots[SLOT_OF.get(key, key)] if key in keys else "NA"})
    if not fields:
        return _asked(rng, split, text, study, keys, names, pack)
    request = characteristics.request("x", text, fields, pack)
    return Item("characteristics", request, gold, (tuple(fields), tuple(about)))


def _name(rng: random.Random, split: Split, key: str) -> Field:
    phrasing = replace(split.phrasing, first=rng.choice((1, 2, 0)))
    name, _, description = Writer(rng, {}, phrasing).rule(f"f_{key}").partition(":")
    return Field(name.strip(), description.strip(" :,"))

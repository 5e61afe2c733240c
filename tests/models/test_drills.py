"""Drills are true: what is met stands in the text, what is not met does not, and values are copied from behind a name
of their field."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import chain

from leads_local.records import Eligibility, ScreeningMode
from leads_local.tasks import prompts, screening
from models.demo.training import drills, items
from models.demo.training.items import Item, Split

PACK = prompts.load(items.PACK)


def made(kind: Callable[[random.Random, Split, prompts.PromptPack], list[Item]], count: int) -> list[Item]:
    rng = random.Random(5)
    return list(chain.from_iterable(kind(rng, items.SPLITS["train"], PACK) for _ in range(count)))


def text_of(item: Item) -> str:
    return item.request.prompt.partition("[Abstract]")[2].partition("\n\n#")[0].casefold()


def text_in(item: Item) -> str:
    return item.request.prompt.partition("# PAPER CONTENT #\n")[2].partition("\n\n# EVALUATION")[0]


def test_a_criterion_is_met_exactly_when_its_words_stand_in_the_text() -> None:
    labels = []
    for item in made(drills.criteria, 40):
        (judged,) = item.about
        labels.append(judged.label)
        whole = item.request.prompt.partition("[Title]")[2].partition("\n\n#")[0].casefold()
        if judged.label is Eligibility.YES:
            assert judged.criterion.text.casefold() in whole
        if judged.evidence:
            assert judged.evidence.casefold() in whole
    assert 0.4 < labels.count(Eligibility.YES) / len(labels) < 0.6
    assert len(labels) % drills.QUESTIONS == 0


def test_values_stand_in_the_text_and_missing_ones_are_not_reported() -> None:
    rows = [(item, row) for item in made(drills.facts, 40) for row in item.gold]
    for item, row in rows:
        assert row["value"] == "NA" or row["value"].casefold() in text_of(item)
    missing = sum(row["value"] == "NA" for _, row in rows) / len(rows)
    assert 0.1 < missing < 0.6


def test_one_report_is_judged_by_single_criteria_of_every_label() -> None:
    found = made(drills.judgements, 40)
    assert all(len(item.about) == 1 for item in found)
    labels = [item.about[0].label for item in found]
    assert all(labels.count(label) / len(labels) > 0.08 for label in Eligibility)
    for item in found:
        evidence = item.about[0].evidence
        assert evidence.startswith("(") or evidence in item.request.prompt


def test_some_reports_are_judged_without_reasons_as_triage_asks() -> None:
    found = made(drills.judgements, 40)
    triage = [item for item in found if '"rationale": ""' in item.answer]
    assert 0.3 < len(triage) / len(found) < 0.7
    for item in found:
        mode = ScreeningMode.TRIAGE if item in triage else ScreeningMode.FULL
        assert item.request == screening.request("x", text_in(item), [item.about[0].criterion], PACK, mode)


def test_numbers_of_tables_and_of_sentences_are_copied() -> None:
    found = made(drills.numbers, 40)
    assert 0.1 < sum("Table 2" in item.request.prompt for item in found) / len(found) < 0.7
    values = [row["value"] for item in found for row in item.gold["results"]]
    assert 0 < values.count("NA") / len(values) < 0.6
    for item in found:
        assert all(row["value"] == "NA" or row["value"] in item.request.prompt for row in item.gold["results"])

"""Drills are true: what is met stands in the text, what is not met does not, and values are copied from behind a name of their field."""

from __future__ import annotations

import random

from leads_local.records import Eligibility
from leads_local.tasks import prompts
from models.demo.training import items
from models.demo.training.drills import QUESTIONS, drill
from models.demo.training.items import Item

PACK = prompts.load(items.PACK)


def drills(split: str, count: int) -> list[list[Item]]:
    rng = random.Random(5)
    return [drill(rng, items.SPLITS[split], PACK) for _ in range(count)]


def text_of(item: Item) -> str:
    return item.request.prompt.partition("[Abstract]")[2].partition("\n\n#")[0].casefold()


def test_a_criterion_is_met_exactly_when_its_words_stand_in_the_text() -> None:
    labels = []
    for item in (item for group in drills("train", 80) for item in group if item.task == "screening"):
        (judged,) = item.about
        labels.append(judged.label)
        whole = item.request.prompt.partition("[Title]")[2].partition("\n\n#")[0].casefold()
        if judged.label is Eligibility.YES:
            assert judged.criterion.text.casefold() in whole
        if judged.evidence:
            assert judged.evidence.casefold() in whole
    assert 0.4 < labels.count(Eligibility.YES) / len(labels) < 0.6
    assert len(labels) % QUESTIONS == 0


def test_values_stand_in_the_text_and_missing_ones_are_not_reported() -> None:
    rows = [(item, row) for group in drills("train", 80) for item in group if item.task == "characteristics" for row in item.gold]
    assert rows
    for item, row in rows:
        assert row["value"] == "NA" or row["value"].casefold() in text_of(item)
    missing = sum(row["value"] == "NA" for _, row in rows) / len(rows)
    assert 0.1 < missing < 0.6

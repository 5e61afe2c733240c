"""Gold answers: they are valid for the product's own parsers, stand in the text, are balanced, and come out the same
every time."""

from __future__ import annotations

import json
from collections import Counter
from importlib import resources

import pytest

from leads_local import demo
from leads_local.engine.types import Reply
from leads_local.records import Eligibility
from leads_local.tasks import arms, characteristics, participants, replies, results, screening, search
from models.demo.training import items
from models.demo.training.items import JUDGED, Item, copied, number, parted
from tests.models.conftest import Made, make


def test_the_same_seed_gives_the_same_text() -> None:
    assert make("train", 5, 12).text == make("train", 5, 12).text
    assert make("train", 5, 12).text != make("train", 6, 12).text


def parse(item: Item) -> object:
    reply = Reply("x", item.answer)
    match item.task:
        case "screening":
            return screening.parse(reply, [one.criterion for one in item.about])
        case "characteristics":
            return characteristics.parse(reply, item.about[0])
        case "arms":
            return arms.parse(reply)
        case "results":
            return results.parse(reply, *item.about)
        case "participants":
            return participants.parse(reply, *item.about)
    return search.parse(reply, item.about[0])


def test_every_gold_answer_is_read_by_its_task(trained: Made, unseen: Made) -> None:
    asked = [item for _, item in (*trained.items, *unseen.items)]
    assert {item.task for item in asked} == {
        "screening",
        "characteristics",
        "arms",
        "results",
        "participants",
        "search",
    }
    for item in asked:
        parse(item)


def test_white_space_before_what_is_copied_does_not_reach_the_reader(trained: Made) -> None:
    for _, item in trained.items:
        if item.task == "characteristics":
            values = characteristics.read_answer(Reply("x", item.answer), item.about[0])
            assert [value["value"] for value in values] == [row["value"] for row in item.gold]


def test_extracted_values_stand_in_the_report(trained: Made, unseen: Made) -> None:
    missing = []
    for report, item in (*trained.items, *unseen.items):
        for text in stated(item):
            if text not in report.text:
                missing.append((item.task, text))
    assert missing == []


def test_whether_assessors_were_blinded_is_answered_in_a_word(trained: Made) -> None:
    said = set()
    for report, item in trained.items:
        if item.task == "characteristics":
            for key, row in zip(item.about[1], item.gold, strict=True):
                if key == "assess":
                    said.add(row["value"])
                    known = "assessor" in report.value("blinding") or "assessor" in report.value("design")
                    assert row["value"] == ("not blinded" if "noblind" in report.said else "blinded" if known else "NA")
    assert said == {"blinded", "not blinded", "NA"}


def stated(item: Item) -> list[str]:
    """The texts of a gold answer that the report must print."""
    if item.task == "characteristics":
        texts = [row["value"] for key, row in zip(item.about[1], item.gold, strict=True) if key not in JUDGED]
    elif item.task == "arms":
        texts = [text for arm in item.gold for text in (arm["label"], arm["description"], *arm["interventionNames"])]
    elif item.task == "results":
        texts = [row["value"] for row in item.gold["results"]] + [item.gold["timeFrame"], item.gold["denomValue"]]
    elif item.task == "participants":
        texts = [row["value"] for row in item.gold["results"]] + [row["note"] for row in item.gold["results"]]
    elif item.task == "screening":
        texts = [one.evidence for one in item.about if not one.evidence.startswith("(")]
    else:
        texts = []
    return [text for text in texts if replies.drop_not_reported(text)]


def test_a_rationale_quotes_its_evidence(trained: Made) -> None:
    for _, item in trained.items:
        if item.task == "screening":
            for one, row in zip(item.about, item.gold["evaluations"], strict=True):
                assert row["eligibility"] == one.label
                assert one.evidence in row["rationale"]


def test_labels_are_balanced_enough_to_be_learned(trained: Made) -> None:
    labels = Counter(one.label for _, item in trained.items if item.task == "screening" for one in item.about)
    total = sum(labels.values())
    assert labels.keys() == set(Eligibility)
    assert all(0.08 < count / total < 0.5 for count in labels.values()), labels


def test_much_is_not_reported(trained: Made) -> None:
    values = [row["value"] == "NA" for _, item in trained.items if item.task == "characteristics" for row in item.gold]
    assert 0.2 < sum(values) / len(values) < 0.6


def test_pairs_differ_in_one_criterion_and_in_its_label() -> None:
    import random

    from models.demo.training.grammar import Writer
    from models.demo.training.words import Words

    found = 0
    for report, _ in make("train", 21, 60).pairs:
        rng = random.Random(found)
        both = items.Asker(rng, Words(rng), Writer(rng, {}), report, items.prompts.load(items.PACK)).pair()
        if not both:
            continue
        found += 1
        one, other = (item.about for item in both)
        assert len(one) == len(other) == 1
        assert {judged.label for judged in (*one, *other)} == {Eligibility.YES, Eligibility.NO}
    assert found > 20


def test_no_text_of_the_sample_review_is_in_training_text(trained: Made) -> None:
    """No run of eight words of the sample's papers and citations occurs in what training sees."""
    source = resources.files("leads_local.demo")
    files = [entry for entry in (source / "papers").iterdir() if entry.name.endswith(".md")]
    texts = [entry.read_text(encoding="utf-8") for entry in files]
    texts += [(source / name).read_text(encoding="utf-8") for name in demo.load().citations]
    sample = {run for text in texts for run in runs(text)}
    assert len(sample) > 10_000
    assert not sample & set(runs(trained.text))


def runs(text: str) -> list[tuple[str, ...]]:
    words = text.casefold().split()
    return [tuple(words[at : at + 8]) for at in range(len(words) - 7)]


@pytest.mark.parametrize(
    ("printed", "value", "note"),
    [
        ("54.2 (SD 8.1)", "54.2", "SD 8.1"),
        ("30 (60%)", "30", "60%"),
        ("41.4", "41.4", ""),
        ("51.0 ± 3.2", "51.0", "± 3.2"),
        ("NA", "NA", ""),
    ],
)
def test_a_statistic_is_parted_into_value_and_note(printed: str, value: str, note: str) -> None:
    assert parted(printed) == {"value": value, "note": note}


def test_only_what_is_copied_begins_with_a_space() -> None:
    gold = [{"name": "N", "value": "40"}, {"name": "Sex", "value": "NA"}]
    assert copied(gold) == [{"name": "N", "value": " 40"}, {"name": "Sex", "value": "NA"}]
    assert json.loads(json.dumps(copied({"groupId": "G1", "note": ""}))) == {"groupId": "G1", "note": ""}


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("12.5 (SD 3.1)", "12.5"),
        ("-4 ± 2", "-4"),
        ("7 (IQR 3–9)", "7"),
        ("36/46 (78%)", "36"),
        ("36 (of 46)", "36"),
        ("78% (36 of 46)", "36"),
        ("78.3% (36/46)", "36"),
        ("46%", "46%"),
    ],
)
def test_the_value_of_a_result_is_its_number_alone(printed: str, value: str) -> None:
    assert number(printed) == value

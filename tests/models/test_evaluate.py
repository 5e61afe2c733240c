"""What is evaluated: splits of the generator, abstracts written by hand, the sample review; each request under an id of
its own."""

from __future__ import annotations

import tomllib
from collections import Counter

import pytest

pytest.importorskip("sentencepiece", reason="the evaluation needs the dependency group 'train'")

from leads_local.engine.types import Reply
from leads_local.records import Eligibility
from leads_local.tasks import prompts
from models.demo.training import evaluate, items
from models.demo.training.scoring import Score, score
from tests.models.conftest import Made

PACK = prompts.load(items.PACK)


def told() -> list[dict[str, object]]:
    with (evaluate.HERE / "handwritten.toml").open("rb") as file:
        return list(tomllib.load(file)["abstract"])


def test_there_are_thirty_abstracts_written_by_hand_and_their_gold_stands_in_them() -> None:
    abstracts = told()
    assert len(abstracts) >= 30
    for one in abstracts:
        text = f"{one['title']} {one['text']}".casefold()
        assert str(one["sample_size"]).casefold() in text
        assert all(label.casefold() in text for label in one["arms"])  # type: ignore[attr-defined]


def test_no_single_label_would_do_for_the_abstracts_written_by_hand() -> None:
    labels = Counter(label for one in told() for _, _, label in one["criteria"])  # type: ignore[attr-defined]
    assert labels.keys() == {str(label) for label in Eligibility}
    assert max(labels.values()) / sum(labels.values()) < 0.55


def test_no_sentence_written_by_hand_comes_from_the_generator(trained: Made) -> None:
    runs = set(_runs(trained.text))
    assert [one["title"] for one in told() if runs & set(_runs(str(one["text"])))] == []


def _runs(text: str) -> list[tuple[str, ...]]:
    words = text.casefold().split()
    return [tuple(words[at : at + 8]) for at in range(len(words) - 7)]


def test_a_generated_split_has_an_id_for_each_request_and_pairs_that_belong_together() -> None:
    asked = evaluate.generated("both", 0, 12, PACK)
    assert all(item.request.id == id for id, item in asked.items())
    found = score(asked, [Reply(id, item.answer) for id, item in asked.items()])
    assert found.pairs and all(halves == [True, True] for halves in found.pairs.values())
    assert {id: item.request.prompt for id, item in asked.items()} == {
        id: item.request.prompt for id, item in evaluate.generated("both", 0, 12, PACK).items()
    }


def test_the_sample_review_is_judged_by_all_its_criteria() -> None:
    asked = evaluate.sample_review(PACK)
    assert len(asked) > 20
    assert all(len(item.about) == 6 for item in asked.values())


def test_the_table_has_a_column_for_each_split() -> None:
    one = Score()
    one.count("arms", True)
    one.count("arms", False)
    assert (
        evaluate.table({"words": one, "by hand": Score()})
        == "| | words | by hand |\n| --- | --- | --- |\n| arms | 0.50 (2) |  |"
    )

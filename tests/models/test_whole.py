"""The sample review as an evaluation: every judgement and every value that its authors gave is compared, whatever the
model says."""

from __future__ import annotations

from leads_local.demo import gold
from leads_local.records import Stage
from leads_local.tasks import prompts
from models.demo.training import items, whole
from tests.fake_engine import FakeEngine


def test_all_that_the_authors_gave_is_compared() -> None:
    with FakeEngine() as engine:
        score = whole.scored(engine, prompts.load(items.PACK))
    for stage in Stage:
        assert score.total[f"judgements of {stage.value}s"] >= 6 * len(gold.load().screened(stage)) * 0.9
    included = [
        paper for paper in gold.load().papers if gold.load().screened(Stage.FULLTEXT)[paper.study].choice == "include"
    ]
    reported = [
        value
        for paper in included
        for value in paper.values
        if value.text and value.task in whole.TASKS and value.part == "value"
    ]
    assert score.total["gold values extracted"] == len(reported) > 50
    assert score.right["gold values extracted"] < len(reported) / 2  # a made-up answer is seldom right

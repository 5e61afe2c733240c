"""The model that comes with the project, through converter, engine, schemas and parsers, on simple questions: it
answers, not perfectly.

The floors are far below its card's figures and above what guessing gives. They hold so long as every step between is
right: a permuted weight, a wrong position or a lost token takes the answers down to chance.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from convert import convert
from leads_local import config
from leads_local.cli.demo import QUANT
from leads_local.demo import find_checkpoint
from leads_local.engine.host import open_engine
from leads_local.records import Criterion, Eligibility, ScreeningMode
from leads_local.tasks import prompts, screening
from models.demo.training import items
from models.demo.training.drills import drill
from models.demo.training.items import Item
from models.demo.training.scoring import Score, score

TEXTS = 24


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file: Path = tmp_path_factory.mktemp("demo") / "demo.gguf"
    checkpoint = find_checkpoint()
    assert checkpoint is not None
    convert(checkpoint, QUANT, file)
    return file


@pytest.fixture(scope="module")
def answered(demo: Path) -> Score:
    rng, pack = random.Random(20), prompts.load(items.PACK)
    asked: dict[str, Item] = {}
    for number in range(TEXTS):
        for place, item in enumerate(drill(rng, items.SPLITS["words"], pack)):
            asked[f"{number}.{place}"] = replace(item, request=replace(item.request, id=f"{number}.{place}"))
    with open_engine(config.load(model=str(demo), threads=1)) as engine:
        return score(asked, engine.run(item.request for item in asked.values()))


def test_it_sees_whether_words_stand_in_a_text(answered: Score) -> None:
    """Words that training never had. YES to everything would be half right."""
    assert answered.total["screening label"] >= 5 * TEXTS / 2
    assert answered.share("screening label") > 0.75


def test_it_copies_what_a_text_says(answered: Score) -> None:
    assert answered.share("values and quotes that stand in the text") > 0.7
    assert answered.share("says what is not reported") > 0.75


def test_all_of_its_answers_can_be_read(answered: Score) -> None:
    assert "answers that can be read" not in answered.total


@pytest.mark.parametrize("mode", ScreeningMode)
def test_each_judgement_has_the_probabilities_of_its_words(demo: Path, mode: ScreeningMode) -> None:
    """Its vocabulary has few tokens that may open a reason: that is no word chosen out of a list."""
    criteria = [Criterion("Population", "adults"), Criterion("Design", "randomised trial")]
    papers = [
        f"[Title] Walking for painful knees {n}\n[Abstract] We randomised {n} adults to walking or usual care."
        for n in range(40, 44)
    ]
    asked = [screening.request(paper, paper, criteria, prompts.load(items.PACK), mode) for paper in papers]
    with open_engine(config.load(model=str(demo), threads=1)) as engine:
        judgements = [one for reply in engine.run(asked) for one in screening.parse(reply, criteria)]
    assert len(judgements) == 8
    for one in judgements:
        assert one.chances is not None
        assert one.chances.of(one.eligibility) == max(one.chances.of(word) for word in Eligibility)

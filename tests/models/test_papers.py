"""Full texts in long prose: what they say is counted, and what they say beside it answers nothing."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys

import pytest

from leads_local.records import Eligibility
from leads_local.tasks import prompts
from models.demo.training import author, items, report
from models.demo.training import study as studies
from models.demo.training.criteria import Examiner
from models.demo.training.grammar import ANY, Writer
from models.demo.training.items import Item
from models.demo.training.papers import METHODS, distractors
from models.demo.training.report import Report
from models.demo.training.words import Words
from tests.models.test_items import stated


@pytest.fixture(scope="module")
def whole() -> list[tuple[Report, list[Item]]]:
    rng, pack = random.Random(5), prompts.load(items.PACK)
    found: list[tuple[Report, list[Item]]] = []
    while len(found) < 40:
        try:
            found.append(items.sample(rng, items.SPLITS["train"], pack, full=True, whole=True))
        except LookupError:
            continue
    return found


def test_a_whole_paper_is_long_and_asked_about_at_length(whole: list[tuple[Report, list[Item]]]) -> None:
    words = sorted(len(paper.text.split()) for paper, _ in whole)
    assert words[len(words) // 2] > 900
    assert sum(len(asked) for _, asked in whole) > 12 * len(whole)


def test_every_value_stands_in_the_paper(whole: list[tuple[Report, list[Item]]]) -> None:
    for paper, asked in whole:
        for item in asked:
            if item.task in ("characteristics", "results", "participants"):
                assert all(text in paper.text for text in stated(item)), (item.task, item.gold)


def test_what_is_said_twice_is_counted_once_and_keeps_its_time() -> None:
    study = studies.make(random.Random(2), Words(random.Random(2)), ANY)
    told, outcome = Report(study), study.outcomes[0]
    told.tell(outcome, {"va", "t"})
    told.tell(outcome, {"va"})
    assert told.results == {outcome.name: outcome} and told.times == {outcome.name: outcome.time}
    told.tell(study.outcomes[-1], {"u"})
    assert len(told.results) == 1 or study.outcomes[-1] is outcome


def trials(seed: int, count: int) -> list[Report]:
    rng = random.Random(seed)
    found: list[Report] = []
    while len(found) < count:
        try:
            study = studies.make(rng, Words(rng), ANY)
            told = author.write(rng, study, ANY, full=True, others=Words(rng))
        except LookupError:
            continue
        if study.random and "Methods" in told.text:
            found.append(told)
    return found


def test_nobody_is_blinded_where_the_paper_says_so() -> None:
    told = trials(3, 120)
    unblinded = [one for one in told if "noblind" in one.said]
    assert len(unblinded) > 5 and any("blinding" in one.said for one in told)
    assert not any("blinding" in one.said for one in unblinded)
    labels = set()
    for one in unblinded:
        rng = random.Random(1)
        examiner = Examiner(rng, Words(rng), Writer(rng, {}), one)
        labels |= {label for label in Eligibility if examiner.criterion("blinding", label)}
    assert labels == {Eligibility.NO}


def test_an_outcome_that_was_not_measured_fails_its_criterion() -> None:
    rng = random.Random(4)
    study = studies.make(rng, Words(rng), ANY)
    told = Report(study, text=f"There was no assessment of {study.slots['x']}.").counted({"x", "unmeasured"})
    found = Examiner(rng, Words(rng), Writer(rng, {}), told).criterion("outcome", Eligibility.NO)
    assert found is not None and found.evidence == study.slots["x"]


def test_distractors_are_drawn_anew_and_hold_no_slot_of_a_study() -> None:
    rng = random.Random(6)
    one, other = distractors(rng), distractors(rng)
    assert one != other and one.keys() == other.keys()
    assert not one.keys() & studies.make(rng, Words(rng), ANY).slots.keys()
    writer = report.marked(rng, studies.make(rng, Words(rng), ANY), ANY)
    assert "random" in writer.slots or writer.slots.keys() & {
        "cohort",
        "quasi",
        "single",
        "unstated",
        "review",
        "protocol",
    }


def test_sections_stand_under_their_headings() -> None:
    names = {name for _, known in METHODS.values() for name in known}
    papers = trials(7, 20)
    assert any(re.search(rf"(?m)^(2\.\d\. )?({'|'.join(map(re.escape, names))})$", one.text) for one in papers)


def test_of_equally_long_times_the_same_is_taken_in_every_process() -> None:
    code = (
        "from models.demo.training.study import latest; print(latest({'2 years', '24 months', 'two years', '6 weeks'}))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(1, 9)
    }
    assert len(found) == 1 and "weeks" not in found.pop()

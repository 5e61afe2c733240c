"""Flips are counted decision by decision, and the prompts are those that the product asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leads_local.errors import InputError
from leads_local.evaluation.quantization import (
    alternate_prompts,
    ask_decisions,
    compare_decisions,
    first_screening_requests,
)
from leads_local.jobs import model_jobs
from leads_local.records import Criterion, Eligibility, Question, Stage
from leads_local.review.review import Review
from leads_local.tasks.prompts import load
from tests.fake_engine import FakeEngine

YES, NO, PARTIAL, UNCERTAIN = Eligibility.YES, Eligibility.NO, Eligibility.PARTIAL, Eligibility.UNCERTAIN


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    made = Review.create(tmp_path / "some.leads", Question(population="adults"), (Criterion("Design", "randomised"),))
    (tmp_path / "some.ris").write_text(
        "".join(f"TY  - JOUR\nTI  - Title {n}\nAB  - Abstract {n}.\nER  -\n\n" for n in range(5))
    )
    made.import_file(tmp_path / "some.ris")
    yield made
    made.close()


def test_changes_are_counted_one_by_one() -> None:
    before = {"1": (YES, NO), "2": (YES, PARTIAL), "3": (UNCERTAIN, NO), "4": None, "5": (YES, YES)}
    after = {"1": (YES, NO), "2": (NO, UNCERTAIN), "3": (UNCERTAIN, YES), "4": (YES, YES)}
    found = compare_decisions(before, after)
    assert (found.records, found.judged, found.changed, found.unread) == (5, 6, 3, 2)
    assert found.changes == {"YES → NO": 1, "PARTIAL → UNCERTAIN": 1, "NO → YES": 1}


def test_the_same_model_never_changes_its_mind_and_another_does(review: Review) -> None:
    requests, count = first_screening_requests(review, load("default"), 4), len(review.criteria(Stage.ABSTRACT))
    one, same = (dict(ask_decisions(FakeEngine(), requests, count)) for _ in range(2))
    assert len(one) == 4 and compare_decisions(one, same).changed == 0
    other = dict(ask_decisions(FakeEngine(answer=lambda request: '{"evaluations": []}'), requests, count))
    assert compare_decisions(one, other).unread == 4 and compare_decisions(one, other).judged == 0


def test_the_prompts_are_those_of_the_product(review: Review) -> None:
    asked: list[str] = []

    class Listening(FakeEngine):
        def run(self, requests, cancel=None):  # type: ignore[no-untyped-def]
            requests = list(requests)
            asked.extend(request.prompt for request in requests)
            return super().run(requests, cancel)

    list(model_jobs.screen(review, Listening(), Stage.ABSTRACT, load("default")))
    assert len(asked) == 5 and sorted(asked) == sorted(alternate_prompts(review, load("default")))


def test_without_records_there_is_nothing_to_ask(tmp_path: Path) -> None:
    with Review.create(tmp_path / "empty.leads", Question(population="adults")) as empty:
        with pytest.raises(InputError, match="no records"):
            list(alternate_prompts(empty, load("default")))
        with pytest.raises(InputError, match="no records"):
            first_screening_requests(empty, load("default"), 3)

"""What is measured is what was decided and judged, each way of asking by itself; measuring changes nothing that is
shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leads_local.evaluation.comparison import compare_variants, keeps_record
from leads_local.evaluation.variants import find_variants
from leads_local.jobs import model_jobs
from leads_local.judgements import Judgement
from leads_local.records import Choice, Criterion, Eligibility, PaperPosition, ScreeningMethod, ScreeningMode, Stage
from leads_local.review.review import Review
from tests.jobs.test_triage import asked
from tests.jobs.work_fixture import PACK, engine, make, model, work

FULL, TRIAGE, FIRST = (
    ScreeningMethod(),
    ScreeningMethod(ScreeningMode.TRIAGE),
    ScreeningMethod(ScreeningMode.TRIAGE, PaperPosition.CRITERIA_FIRST),
)


@pytest.fixture
def review(path: Path) -> Iterator[Review]:
    make(path)
    with Review.open(path) as review:
        for record in range(1, 13):
            choice = Choice.MAYBE if record == 5 else Choice.INCLUDE if record % 3 else Choice.EXCLUDE
            review.decide(record, Stage.ABSTRACT, choice)
        list(work(review, "abstract", asked(), way=FULL))
        yield review


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pain.leads"


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("YES YES", True),
        ("YES UNCERTAIN", True),
        ("PARTIAL UNCERTAIN", True),
        ("YES NO", False),
        ("NO UNCERTAIN", False),
    ],
)
def test_a_record_is_dropped_for_a_no_and_for_nothing_else(words: str, kept: bool) -> None:
    judgements = [Judgement(Criterion("C", "text"), Eligibility(word), "") for word in words.split()]
    assert keeps_record(judgements) is kept


def test_counts_are_those_of_decisions_and_judgements(review: Review) -> None:
    report = compare_variants(review, Stage.ABSTRACT)
    assert (report.included, report.excluded, report.maybe) == (7, 4, 1)
    (result,) = report.results
    expected = {(kept, label): 0 for kept in (True, False) for label in (True, False)}
    for record in set(range(1, 12)) - {5}:  # the twelfth is empty, the fifth is a maybe
        expected[keeps_record(review.record(record).judgements[Stage.ABSTRACT]), bool(record % 3)] += 1
    counts = result.confusion
    assert counts.records == 10
    assert (counts.kept_included, counts.kept_excluded) == (expected[True, True], expected[True, False])
    assert (counts.dropped_included, counts.dropped_excluded) == (expected[False, True], expected[False, False])
    for row in result.words:
        assert sum(row.included.values()) == counts.kept_included + counts.dropped_included
        assert sum(row.excluded.values()) == counts.kept_excluded + counts.dropped_excluded
        assert list(row.included) == [word.value for word in Eligibility]
    assert "few decisions (7 included and 4 excluded)" in report.caution


def test_a_trial_asks_what_was_decided_and_changes_nothing_that_is_shown(review: Review) -> None:
    before = {record: review.record(record).screenings for record in range(1, 13)}
    begun, engine = review.begun_method(Stage.ABSTRACT), asked()
    list(model_jobs.screen_for_comparison(review, engine, Stage.ABSTRACT, PACK, FIRST))
    assert len(engine.seen) == 11
    assert all("/screening/" in request.id for request in engine.seen)  # words alone
    assert {record: review.record(record).screenings for record in range(1, 13)} == before
    assert review.begun_method(Stage.ABSTRACT) == begun
    again = asked()
    list(model_jobs.screen_for_comparison(review, again, Stage.ABSTRACT, PACK, FIRST))
    list(
        model_jobs.screen_for_comparison(review, again, Stage.ABSTRACT, PACK, FULL)
    )  # screening has asked that already
    assert again.seen == []
    report = compare_variants(review, Stage.ABSTRACT)
    assert [result.variant.way for result in report.results] == [FULL, FIRST]
    (pair,) = report.pairs
    assert pair.same_decisions.of == 11
    assert pair.same_words.of == 11 * len(review.criteria())


def test_screening_uses_the_answers_of_a_trial(review: Review) -> None:
    list(model_jobs.screen_for_comparison(review, asked(), Stage.ABSTRACT, PACK, TRIAGE))
    engine = asked()
    list(work(review, "abstract", engine, way=TRIAGE))
    assert all("/rationale/" in request.id for request in engine.seen)
    assert review.record(1).screenings[Stage.ABSTRACT].way == TRIAGE
    assert review.record(1).screenings[Stage.ABSTRACT].expected is not None


def test_judgements_by_other_criteria_are_left_out_and_counted(review: Review) -> None:
    review.set_criteria([Criterion("Design", "something else")])
    (result,) = compare_variants(review, Stage.ABSTRACT).results
    assert (result.confusion.records, result.other_criteria) == (0, 11)
    assert result.confusion.sensitivity.value is None


def test_two_models_of_one_name_are_two_variants_that_can_be_told_apart(review: Review) -> None:
    other = engine(model=model(sha256="1" * 64))
    list(work(review, "abstract", other, way=FULL))
    assert len(other.seen) == 11  # no answer of the first one's is taken for its own
    found = [str(result.variant) for result in compare_variants(review, Stage.ABSTRACT).results]
    assert [name.partition(", ")[0] for name in found] == ["fake (00000000)", "fake (11111111)"]


def test_every_variant_is_told_apart(review: Review) -> None:
    list(work(review, "abstract", asked(), way=TRIAGE))
    assert {variant.way for variant in find_variants(review.db, Stage.ABSTRACT)} == {FULL, TRIAGE}

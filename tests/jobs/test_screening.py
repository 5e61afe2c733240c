"""Screening as rows of work: who is asked about, with what text, and what an answer becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.jobs.screening import NO_TEXT, NOTHING_TO_READ
from leads_local.records import Choice, Criterion, Stage
from leads_local.review.annotations import Field
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review
from leads_local.review.store import documents
from leads_local.tasks import screening as task
from tests.jobs.work_fixture import engine, make, model, work
from tests.review.conftest import paper


@pytest.fixture
def review(path: Path) -> Iterator[Review]:
    make(path)
    with Review.open(path) as opened:
        yield opened


def attach(review: Review, record: int, *paragraphs: str, section: str = "results") -> None:
    document = paper(f"Paper {record}", paragraphs, section=section)
    with review.db.transaction():
        documents.put(review.db, document if paragraphs else replace(document, passages=()))
        documents.link(review.db, document.sha256, record, "for a test")


def test_only_what_people_included_is_read_in_full(review: Review) -> None:
    review.decide(2, Stage.ABSTRACT, Choice.EXCLUDE)
    review.decide(3, Stage.ABSTRACT, Choice.MAYBE)
    asked = engine()
    list(work(review, "fulltext", asked))
    assert [request.id for request in asked.seen] == ["fulltext/screening/1", "fulltext/screening/4"]
    assert all("Adults slept better" in request.prompt for request in asked.seen)


def test_a_score_is_that_of_its_judgements(review: Review) -> None:
    list(work(review, "abstract", engine()))
    for record in range(1, 12):
        screening = review.record(record).screenings[Stage.ABSTRACT]
        assert [judgement.criterion for judgement in screening.judgements] == list(review.criteria())
        assert screening.score == task.score(screening.judgements)
        assert (screening.model, screening.pack, screening.margin) == ("fake", "default", 1.0)


def test_criteria_of_the_full_text_are_asked_there_only(review: Review) -> None:
    review.set_criteria([Criterion("Language", "reports in English")], Stage.FULLTEXT)
    for job in ("abstract", "fulltext"):
        list(work(review, job, engine()))
    names = {stage: [one.criterion.name for one in found] for stage, found in review.record(1).judgements.items()}
    assert "Language" not in names[Stage.ABSTRACT]
    assert names[Stage.FULLTEXT][-1] == "Language"


def test_what_did_not_fit_is_named(review: Review) -> None:
    attach(
        review, 7, *(f"Sentence number {n} says nothing of use to anybody." for n in range(400)), section="discussion"
    )
    asked = engine(model=model(context=4096))
    list(work(review, "fulltext", asked))
    assert all(asked.count_tokens([request.prompt])[0] < 4096 for request in asked.seen)
    assert review.record(7).screenings[Stage.FULLTEXT].left_out == ("end of discussion",)
    assert review.record(1).screenings[Stage.FULLTEXT].left_out == ()


def test_nothing_to_read_is_a_failure_and_never_a_score(review: Review) -> None:
    attach(review, 8)
    for job in ("abstract", "fulltext"):
        list(work(review, job, engine(), retry=True))
    reasons = {(failure.record_id, failure.stage): failure.reason for failure in review.failures()}
    assert reasons == {(12, "abstract"): NOTHING_TO_READ, (8, "fulltext"): NO_TEXT}
    assert review.record(12).screenings == {}
    assert 8 in review.record_ids(Stage.FULLTEXT, RecordFilter.NEEDS_LOOK)


def test_a_record_that_gets_a_group_is_asked_no_more(review: Review) -> None:
    from leads_local.review.store import groups

    list(work(review, "abstract", engine(errors={"abstract/screening/2": "No."})))
    assert len(review.failures()) == 2
    with review.db.transaction():
        groups.form_group(review.db, 1, [1, 2], ["for a test"])
    list(work(review, "abstract", engine(), retry=True))
    assert [failure.record_id for failure in review.failures()] == [12]


def test_a_corrected_abstract_is_what_is_asked_about_and_taking_it_back_restores_the_answer(review: Review) -> None:
    list(work(review, "abstract", engine()))
    before = review.record(2).screenings[Stage.ABSTRACT]
    assert list(work(review, "abstract", asked := engine())) is not None
    assert asked.seen == [], "nothing has changed"
    review.correct(2, Field.ABSTRACT, "Corrected: 999 adults.")
    review.correct(3, Field.JOURNAL, "which the model is not shown")
    list(work(review, "abstract", asked := engine()))
    (request,) = asked.seen
    assert request.id == "abstract/screening/2"
    assert "Corrected: 999 adults." in request.prompt
    assert review.record(2).screenings[Stage.ABSTRACT].reply_id != before.reply_id
    review.correct(2, Field.ABSTRACT, None)
    list(work(review, "abstract", asked := engine()))
    assert asked.seen == [], "this was asked before"
    assert review.record(2).screenings[Stage.ABSTRACT].reply_id == before.reply_id

"""A query tried on known records."""

from __future__ import annotations

import json

import pytest

from leads_local.app.searching import describe_trial
from leads_local.engine.types import Reply
from leads_local.records import Choice, Citation, Stage
from leads_local.review.query_check import MissedRecord, QueryResult, try_query, try_strategy
from leads_local.review.review import Review
from leads_local.tasks import search
from tests.review.conftest import Import


def query(text: str) -> search.SearchQuery:
    return search.parse(Reply("x", json.dumps({"query": text})))


def test_the_included_records_that_it_misses_are_named(review: Review, add: Import) -> None:
    one, two, three = add(
        [Citation(title="Aspirin for pain"), Citation(title="Opioids for pain"), Citation(title="Aspirin and sleep")]
    )
    assert "None is included yet" in try_query(review, query("aspirin[tiab]")).in_words()
    for record in (one, two):
        review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)
    trial = try_query(review, query("aspirin[tiab]"))
    assert (trial.records, trial.found, trial.included, trial.included_found) == (3, 2, 2, 1)
    assert [missed.record_id for missed in trial.missed] == [two]
    assert f"record {two} (Opioids for pain)" in trial.in_words()
    assert try_query(review, query("pain[tiab] OR sleep[tiab]")).included_found == 2
    assert three


def test_how_many_more_are_missed_is_said() -> None:
    missed = tuple(MissedRecord(n, f"Title {n}") for n in range(1, 9))
    said = QueryResult(records=9, included=8, missed=missed).in_words()
    assert "record 5 (Title 5); and 3 more." in said
    assert "more" not in QueryResult(records=9, included=5, missed=missed[:5]).in_words()


@pytest.mark.parametrize(
    "text",
    ["(aspirin AND pain", 'aspirin AND "pain'],
)
def test_a_query_of_uncertain_structure_is_not_tried(review: Review, text: str) -> None:
    trial = try_query(review, query(text))
    assert trial.problem
    assert "not tried" in trial.in_words()


STRATEGY = """1. aspirin.ti,ab.
2. (pain or headache or fever).ti,ab.
3. exp Analgesics/
4. 1 or 3
5. 2 and 4
"""


def test_a_strategy_is_told_line_by_line(review: Review, add: Import) -> None:
    one, two, three, _ = add(
        [
            Citation(title="Aspirin for pain"),
            Citation(title="Opioids for pain", keywords=("Humans", "Analgesics, Opioid")),
            Citation(title="Aspirin and sleep"),
            Citation(title="Aspirin for headache"),
        ]
    )
    for record in (one, two, three):
        review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)
    trial = try_strategy(review, STRATEGY)
    found = [(line.number, line.found, line.untold, line.included_found, line.included_untold) for line in trial.lines]
    assert found == [(1, 3, 0, 2, 0), (2, 3, 0, 2, 0), (3, 0, 4, 0, 3), (4, 3, 1, 2, 1), (5, 2, 1, 1, 1)]
    assert (trial.included, trial.included_found, trial.included_untold) == (3, 1, 1)
    assert [(missed.record_id, missed.lost_by) for missed in trial.missed] == [(three, ("line 2",))]
    assert trial.syntax == "Ovid"
    assert "of 1 it can't be told" in trial.in_words()


def test_terms_that_no_included_record_needs_are_named(review: Review, add: Import) -> None:
    (one, two) = add([Citation(title="Aspirin for pain"), Citation(title="Aspirin for pain and fever")])
    for record in (one, two):
        review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)
    trial = try_strategy(review, "aspirin[ti] AND (pain[ti] OR fever[ti] OR headache[ti])")
    assert trial.needless == ("fever", "headache")
    assert not trial.missed


def test_which_part_of_one_line_loses_a_record(review: Review, add: Import) -> None:
    (one,) = add([Citation(title="Aspirin for pain")])
    review.decide(one, Stage.ABSTRACT, Choice.INCLUDE)
    (missed,) = try_strategy(review, "aspirin[ti] AND (fever[ti] OR sleep[ti])").missed
    assert missed.lost_by == ("fever OR sleep",)
    (missed,) = try_strategy(review, "aspirin[ti] NOT pain[ti]").missed
    assert missed.lost_by == ("NOT pain",)


def test_a_review_without_records(review: Review) -> None:
    assert "no records yet" in try_query(review, query("aspirin")).in_words()


def test_what_was_passed_over_is_told(review: Review) -> None:
    told = describe_trial(try_strategy(review, "Population\naspirin[ti]"))
    assert "Passed over: Population." in told.notices

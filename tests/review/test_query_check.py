"""A query tried on known records."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.engine.types import Reply
from leads_local.records import Choice, Citation, Stage
from leads_local.review.query_check import MissedRecord, QueryResult, compile_query, searched_text, try_query
from leads_local.review.review import Review
from leads_local.tasks import queries, search
from tests.review.conftest import Import


def query(text: str) -> search.SearchQuery:
    return search.parse(Reply("x", json.dumps({"query": text})))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("aspirin", True),
        ("ASPIRIN", True),
        ("aspir", False),
        ("aspir*", True),
        ("aspirin AND pain", True),
        ("aspirin AND sleep", False),
        ("(sleep OR pain) AND (aspirin OR placebo)", True),
        ('"back pain"', True),
        ('"pain back"', False),
        ("pain back", True),
        ('"back pain"[tiab] AND "Aspirin"[Mesh]', True),
        ("aspirin NOT pain", False),
        ("aspirin NOT sleep", True),
        ("(aspirin AND (pain OR sleep)) OR nothing", True),
        ("(aspirin AND sleep) OR nothing", False),
        ("back-pain", True),
        ("wom?n", True),
        ("Übelkeit", True),
    ],
)
def test_terms_and_operators(text: str, found: bool) -> None:
    citation = Citation(title="Aspirin for women with back pain", abstract="Without ÜBELKEIT.", keywords=("analgesia",))
    assert compile_query(text)(searched_text(citation)) is found


def test_the_included_records_that_it_misses_are_named(review: Review, add: Import) -> None:
    one, two, three = add(
        [Citation(title="Aspirin for pain"), Citation(title="Opioids for pain"), Citation(title="Aspirin and sleep")]
    )
    assert "None is included yet" in try_query(review, query("aspirin")).in_words()
    for record in (one, two):
        review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)
    trial = try_query(review, query("aspirin"))
    assert (trial.records, trial.found, trial.included, trial.included_found) == (3, 2, 2, 1)
    assert [missed.record_id for missed in trial.missed] == [two]
    assert f"record {two} (Opioids for pain)" in trial.in_words()
    assert try_query(review, query("pain OR sleep")).included_found == 2
    assert three


def test_how_many_more_are_missed_is_said() -> None:
    missed = tuple(MissedRecord(n, f"Title {n}") for n in range(1, 9))
    said = QueryResult(records=9, included=8, missed=missed).in_words()
    assert "record 5 (Title 5); and 3 more." in said
    assert "more" not in QueryResult(records=9, included=5, missed=missed[:5]).in_words()


@pytest.mark.parametrize(
    "text",
    ["(aspirin AND pain", "aspirin AND pain OR sleep", "placebo AND (aspirin AND pain OR sleep)", 'aspirin AND "pain'],
)
def test_a_query_of_uncertain_structure_is_not_tried(review: Review, text: str) -> None:
    trial = try_query(review, query(text))
    assert trial.problem
    assert "not tried" in trial.in_words()


@given(
    st.recursive(
        st.sampled_from(["aspirin", "pain", '"back pain"', "slee*"]),
        lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR", "NOT"]), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        max_leaves=30,
    )
)
def test_any_query_without_faults_is_tried_or_refused(text: str) -> None:
    if not queries.faults(text):
        assert compile_query(text)("aspirin for back pain") in (True, False)


def test_a_review_without_records(review: Review) -> None:
    assert "no records yet" in try_query(review, query("aspirin")).in_words()

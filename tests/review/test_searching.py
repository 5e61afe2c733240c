"""A query tried offline finds what its Boolean logic says, and names what it misses."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.records import Choice, Question, Stage
from leads_local.review.review import Review
from leads_local.review.searching import matches, try_query
from leads_local.tasks.search import SearchQuery

NESTED = '("knee pain" OR osteoarth*) AND (exercise OR (walk* AND supervised)) NOT rat'


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("(a OR b) AND c", "b and c", True),
        ("(a OR b) AND c", "b alone", False),
        (NESTED, "osteoarthritis, supervised walking", True),
        (NESTED, "osteoarthritis, supervised walking, rat", False),
        ("((a AND b) OR (c AND d))", "c d", True),
        ("((a AND b) OR (c AND d))", "a d", False),
        ("(a AND (b OR c AND d))", "a b c d", True),
        ("(a AND (b OR c AND d))", "a b", False),
        ("knee[tiab] AND pain[mh]", "knee pain", True),
        ("six-minute", "the six minute walk", True),
        ("art", "smart", False),
        ("a.c", "abc", False),
    ],
)
def test_boolean_logic(query: str, text: str, found: bool) -> None:
    assert matches(query, text) is found


def test_a_trial_counts_and_names_what_is_missed(tmp_path: Path) -> None:
    source = tmp_path / "some.csv"
    source.write_text("title,abstract\nExercise for knees,walking\nDiet for knees,food\nDrugs for hips,pills\n")
    with Review.create(tmp_path / "r.leads", Question(population="knees")) as review:
        query = SearchQuery("knees AND walking", ("knees AND walking",))
        assert "no records yet" in try_query(review, query).in_words()
        review.import_file(source)
        first, second, _ = review.record_ids(Stage.ABSTRACT)
        for record_id in (first, second):
            review.decide(record_id, Stage.ABSTRACT, Choice.INCLUDE)
        trial = try_query(review, query)
        assert (trial.records, trial.found, trial.included, trial.included_found) == (3, 1, 2, 1)
        assert trial.missed == ((second, "Diet for knees"),)
        assert "misses record" in trial.in_words()
        assert not try_query(review, SearchQuery("(knees AND", ())).tried

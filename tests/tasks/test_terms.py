"""A term is named as unrelated when no word, beginning of a word or abbreviation ties it to the question."""

from __future__ import annotations

import pytest

from leads_local.tasks import terms

QUESTION = ["adults with type 2 diabetes mellitus", "metformin", "placebo", "HbA1c and anaemia; RA flares"]


@pytest.mark.parametrize(
    "term",
    [
        "diabetes",
        "diabetic patients",
        "Type II diabetes",
        "T2DM",
        "metformin hydrochloride",
        "hba1c",
        "anemia",
        "rheumatoid arthritis",
        "randomized controlled trial",
        "patients",
        "placebo",
    ],
)
def test_what_belongs_to_the_question_is_left_alone(term: str) -> None:
    assert terms.unrelated([term], QUESTION) == ()


@pytest.mark.parametrize(
    "term", ["Buruli ulcer", "glucophage", "patients with malaria", "COPD", "diagnosis", "metabolism", "aspirin trial"]
)
def test_what_shares_nothing_is_named(term: str) -> None:
    assert terms.unrelated([term, "diabetes"], QUESTION) == (term,)


def test_without_a_question_everything_telling_is_unrelated() -> None:
    assert terms.unrelated(["insomnia", "trial"], []) == ("insomnia",)

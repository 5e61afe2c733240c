"""A word broken at a line end is joined or keeps its hyphen as the rest of the document has it."""

from __future__ import annotations

import pytest

from leads_local.documents.hyphens import Vocabulary

LINES = [
    "The intervention was well tolerated at follow-up and in long-term use.",
    "Patient-reported outcomes were taken; patients of the group reported pain.",
    "Another inter-",
    "vention is not counted, nor is its follow-",
    "up; a placebo-controlled and a double-blind trial, well-known and well-tolerated.",
    "The drug was dose limiting, with dose levels and limiting toxicity, dose by limiting dose.",
]


@pytest.mark.parametrize(
    ("before", "after", "broken"),
    [
        ("inter-", "vention", True),
        ("the follow-", "up period", False),
        ("long-", "term", False),
        ("placebo-", "based", False),
        ("random-", "ized", True),
        ("IL-", "6", False),
        ("TNF-", "alpha", False),
        ("non-", "Hodgkin", False),
        ("soft\u00ad", "ware", True),
        ("dose-", "limiting", False),
        ("interven-", "tions", True),
    ],
)
def test_the_document_decides(before: str, after: str, broken: bool) -> None:
    assert Vocabulary(LINES).is_broken(before, after) is broken


def test_an_empty_document_joins() -> None:
    assert Vocabulary([]).is_broken("treat-", "ment")

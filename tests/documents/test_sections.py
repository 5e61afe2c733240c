"""Headings have names, and a paper's text fits its budget with everything that went named."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.documents.sections import abstract_label, paper_text, section_of
from leads_local.records import Passage, PassageKind
from tests.documents.conftest import passage

SECTIONS = [
    "",
    "abstract",
    "introduction",
    "methods",
    "results",
    "discussion",
    "conclusion",
    "references",
    "funding",
    "declarations",
    "appendix",
]


def count(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Abstract", "abstract"),
        ("SUMMARY", "abstract"),
        ("1. Introduction", "introduction"),
        ("Background", "introduction"),
        ("2 Materials and Methods", "methods"),
        ("Patients and methods", "methods"),
        ("METHODS AND ANALYSIS", "methods"),
        ("II. Methods", "methods"),
        ("Results:", "results"),
        ("R E S U L T S", "results"),
        ("4. Discussion", "discussion"),
        ("Conclusions", "conclusion"),
        ("References", "references"),
        ("Acknowledgments", "acknowledgements"),
        ("Role of the funding source", "funding"),
        ("Authors’ contributions", "declarations"),
        ("Competing interests", "declarations"),
        ("Ethics approval and consent to participate", "declarations"),
        ("Appendix A", "appendix"),
        ("Statistical analysis", ""),
        ("Results of the pilot study in detail", ""),
        ("", ""),
    ],
)
def test_names_of_headings(heading: str, name: str) -> None:
    assert section_of(heading) == name


def test_labels_of_a_structured_abstract() -> None:
    assert abstract_label("Methods: We took") == "methods"
    assert abstract_label("PURPOSE To find") == "introduction"
    assert abstract_label("Main Outcomes and Measures: Pain") == "methods"
    assert abstract_label("Methodological concerns") == ""


def test_without_a_budget_all_but_furniture_is_there_in_order() -> None:
    passages = [
        passage("A title", 0, PassageKind.TITLE),
        passage("Trials 2021", 1, PassageKind.FURNITURE),
        passage("Results", 2, PassageKind.HEADING, "results"),
        passage("It worked.", 3, section="results"),
        passage("Age | 61", 4, PassageKind.TABLE_ROW, "results"),
    ]
    text = paper_text(passages)
    assert text.text == "A title\n\nResults\nIt worked.\nAge | 61"
    assert text.left_out == () and text.tokens == 0
    assert paper_text(passages, None, count).tokens == 8
    assert paper_text([]).text == ""
    with pytest.raises(ValueError, match="counts"):
        paper_text(passages, 10)


def test_the_least_useful_sections_go_first_and_are_named() -> None:
    passages = [passage(f"{section} word word word", n, section=section) for n, section in enumerate(SECTIONS[1:])]
    text = paper_text(passages, 24, count)
    assert text.left_out == ("references", "declarations", "funding", "appendix")
    assert all(name in text.text for name in ("abstract", "methods", "results", "discussion"))


def test_if_the_most_useful_do_not_fit_their_end_goes_and_is_named() -> None:
    passages = [passage("one two three", n, section="results") for n in range(5)]
    text = paper_text(passages, 7, count)
    assert text.text.count("one") == 2 and text.tokens == 6
    assert text.left_out == ("end of results",)


PASSAGES = st.lists(st.tuples(st.sampled_from(SECTIONS), st.integers(1, 30), st.sampled_from(list(PassageKind))), max_size=25)


@given(PASSAGES, st.integers(0, 200))
def test_never_over_budget_and_never_a_silent_cut(made: list[tuple[str, int, PassageKind]], budget: int) -> None:
    passages: list[Passage] = []
    for order, (section, length, kind) in enumerate(made):
        passages.append(passage(f"p{order} " * length, order, kind, section))
    whole, cut = paper_text(passages), paper_text(passages, budget, count)
    assert cut.tokens <= budget or not cut.text
    assert cut.tokens == len(cut.text.split())
    assert bool(cut.left_out) == (cut.text != whole.text)
    kept = [int(word[1:]) for word in cut.text.split()]
    assert kept == sorted(kept)

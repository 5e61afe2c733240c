"""Evidence is the place that holds the value and most of what it is a value of; without the value there is none."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.documents.evidence import find_evidence, split_sentences
from leads_local.records import Passage, PassageKind
from tests.documents.conftest import passage

ROW, CAPTION = PassageKind.TABLE_ROW, PassageKind.CAPTION


@pytest.fixture(scope="module")
def paper() -> list[Passage]:
    lines: list[tuple[str, PassageKind, str]] = [
        ("We enrolled 120 women. Sixty-four of them received zoltrexin.", PassageKind.PARAGRAPH, "methods"),
        (
            "The study took place in two hospitals in Norway, e.g. in Oslo. Outcome assessors were blinded.",
            PassageKind.PARAGRAPH,
            "methods",
        ),
        (
            "After 12 weeks the pain score was 3.2 with zoltrexin and 4.9 with placebo.",
            PassageKind.PARAGRAPH,
            "results",
        ),
        ("After 24 weeks the fatigue score was 3.2 with placebo.", PassageKind.PARAGRAPH, "results"),
        ("Table 2. Adverse events by group", CAPTION, "results"),
        ("Event | Zoltrexin (n=64) | Placebo (n=56)", ROW, "results"),
        ("Nausea | 12 (18.8) | 5 (8.9)", ROW, "results"),
        ("Headache | 5 (7.8) | 12 (21.4)", ROW, "results"),
        ("Duration (h) | 7.5 | 9.0", ROW, "results"),
        ("12. Miller A. Pain of 3.2 in zoltrexin trials.", PassageKind.PARAGRAPH, "references"),
    ]
    return [passage(text, order, kind, section) for order, (text, kind, section) in enumerate(lines)]


@pytest.mark.parametrize(
    ("value", "hints", "order"),
    [
        ("3.2", ["pain score", "zoltrexin"], 2),
        ("3.2", ["fatigue score", "placebo"], 3),
        ("12", ["nausea", "zoltrexin"], 6),
        ("12 (21.4)", ["headache"], 7),
        ("18.8", ["adverse events", "nausea"], 6),
        ("64", ["women who received zoltrexin"], 0),
        ("Norway", ["country"], 1),
        ("blinded outcome assessors", ["masking"], 1),
        ("hours", ["duration"], 8),
    ],
)
def test_the_place_with_the_value_and_its_topic_wins(
    paper: list[Passage], value: str, hints: list[str], order: int
) -> None:
    quote = find_evidence(value, hints, paper)
    assert quote.found and quote.passage == order
    assert quote.text in paper[order].text and quote.places


@pytest.mark.parametrize(
    ("value", "hints"),
    [
        ("99", ["pain"]),
        ("3.2", ["cholesterol"]),
        ("", ["pain"]),
        ("a randomised crossover study of cats", []),
        ("3", ["pain score"]),
        ("two hospitals in Sweden", ["country"]),
    ],
)
def test_what_is_not_there_has_no_evidence(paper: list[Passage], value: str, hints: list[str]) -> None:
    quote = find_evidence(value, hints, paper)
    assert not quote.found and quote.text == value and not quote.places


def test_the_evidence_is_a_sentence_not_the_paragraph(paper: list[Passage]) -> None:
    assert find_evidence("120", ["women"], paper).text == "We enrolled 120 women."


def test_no_passages_no_evidence() -> None:
    assert not find_evidence("5", [], []).found


@given(st.text(st.sampled_from("ab .?!)\n(AB1"), max_size=120))
def test_sentences_leave_out_only_white_space(text: str) -> None:
    parts = split_sentences(text)
    assert "".join(text[a:b] for a, b in parts).replace(" ", "").replace("\n", "") == text.replace(" ", "").replace(
        "\n", ""
    )
    assert all(a < b for a, b in parts) and all(x[1] <= y[0] for x, y in itertools.pairwise(parts))


@pytest.mark.parametrize("said", ["120 women", "3.2 with zoltrexin", "4.9 with placebo", "12 weeks", "two hospitals"])
def test_words_alone_are_no_evidence_where_a_number_is_another(paper: list[Passage], said: str) -> None:
    """However many of its words a place holds: a value whose number does not stand there is not reported there."""
    sentence = next(p.text for p in paper if said in p.text)
    sentence = next(sentence[a:b] for a, b in split_sentences(sentence) if said in sentence[a:b])
    assert find_evidence(sentence, [], paper).text == sentence
    number = said.split()[0]
    quote = find_evidence(sentence.replace(number, "77"), [], paper)
    assert not quote.found and not quote.places


@pytest.mark.parametrize(
    ("value", "match"),
    [("3.2 with zoltrexin", "exact"), ("Two  hospitals", "normalised"), ("assessors blinded", "normalised")],
)
def test_exact_is_only_what_stands_there_to_the_letter(paper: list[Passage], value: str, match: str) -> None:
    assert find_evidence(value, [], paper).match == match


def test_a_row_is_read_with_the_head_of_its_own_table() -> None:
    texts = [
        text
        for drug in ("Zoltrexin", "Aspirin")
        for text in (f"Table {len(drug)}. Events", f"Event | {drug}", "Headache | 5", "Nausea | 12")
    ]
    passages = [passage(text, n, ROW if n % 4 else CAPTION, "results") for n, text in enumerate(texts)]
    assert [find_evidence("12", ["nausea", drug], passages).passage for drug in ("zoltrexin", "aspirin")] == [3, 7]


def test_a_row_without_a_label_is_of_no_group_of_the_table_before() -> None:
    texts = [
        (CAPTION, "Table 1. Deaths"),
        (ROW, "Aspirin | 3"),
        (CAPTION, "Table 2. Sleep"),
        (ROW, " | 12"),
        (ROW, "Placebo | 9"),
    ]
    passages = [Passage(place, kind, text, ()) for place, (kind, text) in enumerate(texts)]
    assert find_evidence("12", ["Aspirin"], passages).match == ""
    assert find_evidence("12", ["sleep"], passages).match == "exact"


@pytest.mark.parametrize(
    ("value", "text"), [("1234", "We randomised 1,234 patients."), ("1,234", "We took 1234 patients.")]
)
def test_a_number_is_the_same_with_and_without_its_separator(value: str, text: str) -> None:
    assert find_evidence(value, ["patients"], [passage(text)]).found
    assert not find_evidence(value, ["patients"], [passage(text.replace("34", "3,4"))]).found

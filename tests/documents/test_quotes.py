"""Every piece of a passage is found again, on the lines that hold it; what is not there is not found."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.documents.quotes import find_quote
from leads_local.records import PassageKind
from tests.documents.conftest import passage

TEXT = (
    "Of 1,234 patients, 617 (50%) were assigned to low-dose aspirin – the “active” group – and 617 to placebo. "
    "The mean difference was −2.5 mm Hg (95% CI −4.1 to −0.9; P<0.001), and the effect did not differ by sex at "
    "follow-up."
)
TEXTS = st.text(st.sampled_from("abcXYZ019 .,-–−'’\"“”ﬁβ±·()%\u00ad"), min_size=1, max_size=300)


NUMBER = re.compile(r"(?:(?<![\w%)])[-–−])?\d+(?:[.,·]\d+)*")


def cuts_a_number(text: str, at: int) -> bool:
    return any(number.start() < at < number.end() for number in NUMBER.finditer(text))


@given(TEXTS, st.data())
def test_every_piece_that_cuts_no_number_is_found_where_it_stands(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    held = passage(text, order=7, width=20)
    quote = find_quote(text[start:end], [passage("nothing of the kind", order=3), held])
    if not text[start:end].strip():
        assert not quote.found
        return
    if cuts_a_number(text, start) or cuts_a_number(text, end):
        return
    assert quote.found
    if quote.passage == 7:
        assert {(p.page, p.box) for p in quote.places} <= {(s.page, s.box) for s in held.spans}
        at = text.find(quote.text)
        lines = [s for s in held.spans if s.start < at + len(quote.text) and at < s.end]
        assert text.count(quote.text) > 1 or [(p.page, p.box) for p in quote.places] == [(s.page, s.box) for s in lines]


@pytest.mark.parametrize(
    ("quote", "match"),
    [
        ("617 (50%) were assigned to low-dose aspirin", "exact"),
        ("of 1234 patients, 617 (50 %) were assigned to LOW DOSE aspirin", "normalised"),
        ('low‑dose aspirin - the "active" group', "normalised"),
        ("the mean\n difference was -2.5 mmHg (95% CI -4.1 to -0.9; p < 0.001)", "normalised"),
        ("follow up", "normalised"),
    ],
)
def test_typography_does_not_count(quote: str, match: str) -> None:
    found = find_quote(quote, [passage(TEXT)])
    assert found.match == match
    assert found.text in TEXT


@pytest.mark.parametrize(
    ("quote", "match"),
    [
        ("of 12 34 patients", "nearest"),
        ("617 (5%)", ""),
        ("difference was 2.5 mm Hg", "nearest"),
        ("mean difference was -2.5 kPa", "nearest"),
        ("", ""),
        ("  \n", ""),
    ],
)
def test_other_numbers_and_other_words_are_not_found(quote: str, match: str) -> None:
    found = find_quote(quote, [passage(TEXT)])
    assert not found.found and found.match == match
    assert bool(match) == bool(found.places) == (found.passage == 0)


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("5 mg daily", "patients took 15 mg daily"),
        ("5.2% of patients", "in 15.2% of patients"),
        ("mortality was 1", "mortality was 12%"),
        ("mortality was 1", "mortality was 1.2%"),
        ("1.2 kg", "the change was −1.2 kg"),
        ("234 patients", "Of 1,234 patients"),
    ],
)
def test_a_quote_is_not_found_in_a_piece_of_another_number(quote: str, text: str) -> None:
    assert not find_quote(quote, [passage(text)]).found
    assert find_quote(quote, [passage(text), passage(f"Here: {quote}, they say.", 1)]).passage == 1


def test_the_end_of_a_range_is_a_number_of_its_own() -> None:
    assert find_quote("12 weeks", [passage("for 8–12 weeks")]).match == "exact"
    assert find_quote("40% of them", [passage("in 30%–40% of them")]).match == "exact"


def test_a_quote_over_two_pages_has_places_on_both() -> None:
    text = " ".join(f"word{n}" for n in range(200))
    found = find_quote(text, [passage(text)])
    assert {p.page for p in found.places} == {1, 2, 3}


def test_running_text_comes_before_furniture_and_whole_words_before_pieces() -> None:
    passages = [
        passage("The Lancet trial", 0, PassageKind.FURNITURE),
        passage("industrial trials", 1),
        passage("Our trial was small", 2),
    ]
    assert find_quote("trial", passages).passage == 2
    assert find_quote("The Lancet", passages).passage == 0
    assert find_quote("dustrial", passages).passage == 1


@pytest.mark.parametrize(
    "quote",
    [
        "Of 1,234 patients … assigned to low-dose aspirin",
        "The mean difference was −2.5 mm Hg [...] at follow-up.",
        "617 (50%) were allocated to low-dose aspirin – the “active” group",
        "the effect did differ by sex at follow-up",
        "The mean difference was −2.6 mm Hg (95% CI −4.1 to −0.9",
    ],
)
def test_a_quote_with_other_words_is_shown_at_the_nearest_passage_and_never_found(quote: str) -> None:
    found = find_quote(quote, [passage("Nothing of the kind was seen in any of the groups.", 3), passage(TEXT, 7)])
    assert (found.match, found.passage, found.text) == ("nearest", 7, quote)
    assert not found.found and found.doubt == "nearest passage, words differ" and found.places


@pytest.mark.parametrize(
    "quote", ["Sixty women were given vitamin E for their hands.", "… …", "low dose heparin", "aspirin was given"]
)
def test_what_is_like_nothing_has_no_place(quote: str) -> None:
    assert find_quote(quote, [passage(TEXT, 7)]).match == ""

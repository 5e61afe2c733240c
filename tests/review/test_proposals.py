"""Evidence for values, and whose word holds."""

from __future__ import annotations

import pytest

from leads_local.records import ExtractedValue, Passage, PassageKind, Quote
from leads_local.review import proposals
from tests.review.conftest import paper

PASSAGES = paper(
    "T", ["Mean age was 54.2 years in the aspirin group.", "Pain fell by 3.5 points with aspirin."]
).passages


def shown(value: ExtractedValue, *hints: str) -> ExtractedValue:
    (found,) = proposals.add_evidence([value], hints, PASSAGES)
    return found


def test_a_value_without_a_quote_gets_the_place_where_it_stands() -> None:
    found = shown(ExtractedValue("results", "Pain", "3.5", "aspirin"))
    assert found.quote is not None
    assert found.quote.text == "Pain fell by 3.5 points with aspirin."
    assert found.quote.places[0].page == 1


def test_a_models_quote_is_looked_up_as_it_is() -> None:
    found = shown(ExtractedValue("characteristics", "Age", "54.2", quote=Quote("Mean age was 54.2 years")))
    assert found.quote is not None
    assert found.quote.match == "exact"
    lost = shown(ExtractedValue("characteristics", "Age", "54.2", quote=Quote("Median age was 54.2 years")))
    assert lost.quote is not None and not lost.quote.found
    assert (lost.quote.text, lost.quote.match, lost.quote.passage) == ("Median age was 54.2 years", "nearest", 1)


@pytest.mark.parametrize("said", ["52.4", "-54.2", "54", "5.42", "54.2 (3.5)"])
def test_a_quote_that_lacks_the_numbers_of_its_value_is_no_proof(said: str) -> None:
    quote = shown(ExtractedValue("characteristics", "Age", said, quote=Quote("Mean age was 54.2 years"))).quote
    assert quote is not None and quote.match == "other numbers" and not quote.found
    assert quote.places and quote.doubt == "the value's numbers are not in it"


@pytest.mark.parametrize("said", ["54.2", "54.2 years", "Mean 54.2", "not told"])
def test_a_quote_with_the_numbers_of_its_value_is_one(said: str) -> None:
    quote = shown(ExtractedValue("characteristics", "Age", said, quote=Quote("Mean age was 54.2 years"))).quote
    assert quote is not None and quote.match == "exact"


HEADS = "Event | Zoltrexin group (n = 40) | Placebo (n = 41) | P"


@pytest.mark.parametrize(
    ("value", "group", "heads", "match"),
    [
        ("12", "Zoltrexin", HEADS, "exact"),
        ("12", "placebo group", HEADS, "other column"),
        ("12 (30%)", "Placebo", HEADS, "other column"),
        ("3 (7%)", "Placebo", HEADS, "exact"),
        ("0.04", "Zoltrexin", HEADS, "other column"),
        ("12", "Rowing", HEADS, "exact"),
        ("7", "Zoltrexin", HEADS, "exact"),
        ("Nausea", "Placebo", HEADS, "exact"),
        ("12", "Placebo", "Event | Zoltrexin plus placebo | Placebo | P", "exact"),
        ("12", "Placebo", "Event | Zoltrexin | Placebo", "exact"),
    ],
)
def test_a_number_in_the_column_of_another_group_is_no_proof(value: str, group: str, heads: str, match: str) -> None:
    row = "Nausea, day 7 | 12 (30%) | 3 (7%) | 0.04"
    kinds = (PassageKind.CAPTION, "Table 1. Events"), (PassageKind.TABLE_ROW, heads), (PassageKind.TABLE_ROW, row)
    passages = [Passage(place, kind, text, ()) for place, (kind, text) in enumerate(kinds)]
    for quote in (None, Quote(row)):
        said = ExtractedValue("results", "Nausea", value, group, quote=quote)
        ((found,),) = (proposals.add_evidence([said], (), passages),)
        assert found.quote is not None and (found.quote.match, found.quote.passage) == (match, 2)
        assert found.quote.found is (match == "exact") and found.quote.stands


def test_what_was_cut_is_looked_up_without_its_mark() -> None:
    found = shown(ExtractedValue("arms", "aspirin", "Pain fell by 3.5 points […]", part="description"))
    assert found.quote is not None and found.quote.match == "exact"
    assert found.text.endswith("[…]")


def test_a_value_that_is_nowhere_says_so() -> None:
    found = shown(ExtractedValue("results", "Pain", "77.7", "aspirin"))
    assert found.quote is not None
    assert not found.quote.found


@pytest.mark.parametrize(
    "value", [ExtractedValue("results", "Pain", ""), ExtractedValue("results", "Pain", "MEAN", part="type")]
)
def test_what_papers_do_not_say_has_no_evidence(value: ExtractedValue) -> None:
    assert shown(value) == value


def test_the_unit_of_an_answer_helps_to_find_its_numbers() -> None:
    values = [ExtractedValue("participants", "x", "years", part="unit"), ExtractedValue("participants", "x", "54.2")]
    assert proposals.add_evidence(values, (), PASSAGES)[1].quote.found  # type: ignore[union-attr]
    assert not proposals.add_evidence(values[1:], (), PASSAGES)[0].quote.found  # type: ignore[union-attr]

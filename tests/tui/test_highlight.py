"""What is marked in a passage is what the quote says, and nothing when it was not found there."""

from hypothesis import given
from hypothesis import strategies as st

from leads_local.records import Box, Passage, PassageKind, Quote, QuotePlace, Span
from leads_local.tui import highlight

WORDS = st.lists(st.text("abcdé.+(", min_size=1, max_size=6), min_size=3, max_size=30)


def passage(text: str, spans: tuple[Span, ...] = (), order: int = 7) -> Passage:
    return Passage(order, PassageKind.PARAGRAPH, text, spans)


@given(WORDS, st.data())
def test_a_run_of_words_is_found_with_any_white_space_and_case(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 2))
    end = data.draw(st.integers(start + 1, len(words)))
    text = "  ".join(words)
    ((a, b),) = highlight.quote_ranges(Quote("\n".join(words[start:end]).upper(), "normalised", 7), passage(text))
    assert "".join(text[a:b].split()) == "".join(words[start:end])


def test_no_claim_without_a_find() -> None:
    text = passage("We randomised 84 adults.")
    assert highlight.quote_ranges(Quote("84 adults"), text) == []
    assert highlight.quote_ranges(Quote("84 adults", "exact", 8), text) == []
    assert highlight.quote_ranges(Quote("", "exact", 7), text) == []


def test_lines_that_its_boxes_touch_are_marked_when_the_words_differ() -> None:
    spans = tuple(Span(n * 10, n * 10 + 10, 3, Box(0, n * 12, 100, n * 12 + 10)) for n in range(4))
    quote = Quote(
        "hyphen-ated", "normalised", 7, (QuotePlace(3, Box(20, 13, 90, 20)), QuotePlace(3, Box(0, 25, 40, 32)))
    )
    assert highlight.quote_ranges(quote, passage("x" * 40, spans)) == [(10, 30)]


def test_the_value_is_marked_as_whole_words_inside_the_quote_only() -> None:
    text = passage("12 weeks; 2 of 12 dropped out; 120 stayed for 12 weeks")
    assert highlight.value_ranges("12", text, [(10, 54)]) == [(15, 17), (46, 48)]
    assert highlight.value_ranges("", text, [(0, 54)]) == []


def test_a_value_is_not_marked_in_a_piece_of_another_number() -> None:
    text = passage("0.5 and 5.2 and −5 and 5")
    assert highlight.value_ranges("5", text, [(0, 24)]) == [(23, 24)]

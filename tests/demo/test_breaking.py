"""Breaking lines loses nothing, keeps within the width, and parts words only where that can be undone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.demo.breaking import Line, Word, break_into_lines, break_points

WORDS = st.lists(
    st.text(alphabet="aeioubcdfghklmnprstvyz", min_size=1, max_size=14)
    | st.sampled_from(["randomised", "physiotherapist-led", "(95%", "−2.8", "knee", "osteoarthritis", "measurement."]),
    min_size=1,
    max_size=60,
)


def measure(text: str, font: str) -> float:
    return float(len(text))


def joined(made: list[Line], original: list[str]) -> list[str]:
    """The words as they were, hyphens of ours taken out by looking at what they came from."""
    pieces = [word.text for line in made for word in line.words]
    result = []
    for word in original:
        taken = pieces.pop(0)
        while taken != word:
            rest = pieces.pop(0)
            taken = taken + rest if word.startswith(taken + rest) else taken.removesuffix("-") + rest
        result.append(taken)
    assert not pieces
    return result


@given(WORDS, st.integers(min_value=16, max_value=80), st.booleans())
def test_nothing_is_lost_or_added(texts: list[str], width: int, justify: bool) -> None:
    made = break_into_lines([Word(text, "regular") for text in texts], width, measure, justify)
    assert joined(made, texts) == texts
    if not justify:
        assert [word.text for line in made for word in line.words] == texts


@given(WORDS, st.integers(min_value=24, max_value=80))
def test_no_line_is_wider_than_the_column(texts: list[str], width: int) -> None:
    made = break_into_lines([Word(text, "regular") for text in texts], width, measure, indent=4)
    assert made[0].starts[0] == 4 and all(line.starts[0] == 0 for line in made[1:])
    for line in made:
        assert line.starts[-1] + len(line.words[-1].text) <= width + 1e-6
        assert all(a < b for a, b in zip(line.starts, line.starts[1:], strict=False))


@given(st.text(min_size=1, max_size=30).filter(lambda text: not any(letter.isspace() for letter in text)))
def test_a_broken_word_is_the_word(word: str) -> None:
    for first, rest in break_points(word):
        assert word in (first + rest, first.removesuffix("-") + rest)
        assert len(first) >= 3 and len(rest) >= 2


@pytest.mark.parametrize(
    "word", ["NCT99120417", "0.001", "2019;12(3):201–212", "Lindqvist", "knee", "10.5555/jjmm.2019.0312"]
)
def test_figures_and_names_stay_whole(word: str) -> None:
    assert list(break_points(word)) == []


@pytest.mark.parametrize(
    ("word", "first"), [("measurement", "measure-"), ("walking-based", "walking-"), ("participants", "par-")]
)
def test_words_part_where_a_reader_would_part_them(word: str, first: str) -> None:
    assert first in [one for one, _ in break_points(word)]

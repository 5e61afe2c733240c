"""Boxes go back to the page whichever way its text is turned, and glued words get what belongs between them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.documents.geometry import Fragment, Frame, Word, join_words
from tests.documents.conftest import printed

SIDE = st.floats(0, 300)


@given(st.sampled_from([0, 90, 180, 270]), SIDE, SIDE, SIDE, SIDE)
def test_a_box_keeps_its_size_and_stays_on_the_page(turn: int, x: float, y: float, w: float, h: float) -> None:
    across, down = (842.0, 595.0) if turn in (90, 270) else (595.0, 842.0)
    x, y, w, h = x / 2, y / 2, w / 2, h / 2
    box = Frame(turn, across, down, ()).displayed(x, y, x + w, y + h)
    assert -0.01 <= box.x0 <= box.x1 <= 595.01 and -0.01 <= box.y0 <= box.y1 <= 842.01
    assert sorted((box.x1 - box.x0, box.y1 - box.y0)) == pytest.approx(sorted((w, h)), abs=0.03)


def test_turns_are_clockwise() -> None:
    corner = (10.0, 20.0, 30.0, 25.0)
    assert Frame(0, 595, 842, ()).displayed(*corner).y0 == 20
    assert Frame(180, 595, 842, ()).displayed(*corner).x1 == 585
    assert Frame(90, 842, 595, ()).displayed(*corner).y0 == 10  # the text's beginning is at the top
    assert Frame(270, 842, 595, ()).displayed(*corner).y1 == 832  # and here at the bottom


def glued(*parts: tuple[str, int]) -> list[Word]:
    blank = printed(0, 0, "x").words[0]
    return [replace(blank, text=text, raised=raised, glued=place > 0) for place, (text, raised) in enumerate(parts)]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([("10", 0), ("9", 1), ("/L", 0)], "10^9/L"),
        ([("×10", 0), ("−3", 1)], "×10^−3"),
        ([("kg/m", 0), ("2", 1), (")", 0)], "kg/m2)"),
        ([("mortality.", 0), ("12,13", 1)], "mortality. 12,13"),
        ([("0.689", 0), ("b", 1)], "0.689 b"),
        ([("CO", 0), ("2", -1)], "CO2"),
        ([("21", 0), ("st", 1)], "21st"),
        ([("Prozac", 0), ("®", 1)], "Prozac®"),
        ([("a", 1), ("Mean", 0)], "a Mean"),
        ([("1", 1), ("Department", 0)], "1 Department"),
        ([("13", 1), ("C", 0)], "13C"),
        ([("Ca", 0), ("2+", 1)], "Ca2+"),
    ],
)
def test_what_stands_between_glued_words(parts: list[tuple[str, int]], text: str) -> None:
    assert join_words(glued(*parts)) == text


def test_a_fragment_takes_its_type_from_its_words() -> None:
    words = [*printed(0, 100, "long bold words", bold=True).words, *printed(100, 96, "x", size=6).words]
    fragment = Fragment.of(words)
    assert (fragment.size, fragment.base, fragment.bold, fragment.italic, fragment.font) == (
        10.0,
        100,
        True,
        False,
        "Serif",
    )
    assert fragment.characters == 14 and fragment.x0 == 0 and fragment.width > 100


def test_a_note_behind_a_number_is_no_digit_of_it() -> None:
    assert join_words(glued(("61.2", 0), ("2", 1))) == "61.2 ²" and join_words(glued(("(3)", 0), ("12", 1))) == "(3) ¹²"
    assert join_words(glued(("10", 0), ("9", 1))) == "10^9" and join_words(glued(("trial", 0), ("12", 1))) == "trial 12"

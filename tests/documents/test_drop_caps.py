"""The large first letter of a text stands at its word, and its lines in one paragraph."""

from __future__ import annotations

import pytest

from leads_local.documents import layout
from leads_local.documents.geometry import Fragment
from tests.documents.conftest import column, printed, sheet

FULL = "a full line of the paragraph that reaches the margin"
SHORT = "a full line of it that reaches the margin"


def text_of(letter: str, first: str, size: float = 32.0) -> list[str]:
    """A paragraph whose first two lines stand beside a letter as high as both, and one after it."""
    x = 50 + 0.5 * size * len(letter) + 3
    cap = printed(50, 112, letter, size)
    beside = [printed(x, 100, f"{first} {SHORT}"), printed(x, 112, SHORT)]
    return read([cap, *beside, *column(50, 124, [FULL, FULL, "a trial of the end.", "Another paragraph of one line."])])


def read(fragments: list[Fragment]) -> list[str]:
    return [p.text for p in layout.build_passages([sheet(1, fragments)])]


@pytest.mark.parametrize(
    ("letter", "first", "text"),
    [
        ("T", "he", "The a full"),
        ("B", "LOOD", "BLOOD a full"),
        ("A", "lthough", "Although a full"),
        ("“T", "he", "“The a full"),
    ],
)
def test_the_letter_stands_at_its_word(letter: str, first: str, text: str) -> None:
    found = text_of(letter, first)
    assert len(found) == 2 and found[0].startswith(text) and found[0].endswith("the end.")
    assert found[0].count("margin") == 4


def test_a_letter_that_is_a_word_stays_one() -> None:
    assert text_of("A", "trial")[0].startswith("A trial a full")


def test_a_letter_in_the_line_of_its_last_word_is_found() -> None:
    cap, line = printed(50, 112, "T", 32), printed(69, 112, SHORT)
    together = Fragment.of([*cap.words, *line.words])
    found = read([printed(69, 100, f"he {SHORT}"), together, *column(50, 124, [FULL, FULL, "the end."])])
    assert len(found) == 1 and found[0].startswith("The a full line") and " T " not in found[0]


def test_other_large_letters_stay() -> None:
    assert not text_of("A", "lthough", size=15)[0].startswith("Alth")  # the label of a panel
    alone = read([printed(50, 100, "B", 32), *column(50, 140, [FULL] * 4)])
    assert alone[0].startswith("B a full")

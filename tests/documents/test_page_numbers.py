"""A page that is gone is seen by the numbers that are printed on those that are left."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from leads_local.documents.geometry import Sheet
from leads_local.documents.page_numbers import Leap, find_leap, printed_total
from tests.documents.conftest import HEIGHT, printed, sheet


def numbered(texts: Sequence[str]) -> list[Sheet]:
    """Pages with these texts at their foot."""
    body = [printed(60, 300, "Of 84 patients 41 were given a placebo.")]
    return [
        sheet(number, [*body, printed(280, HEIGHT - 30, text)] if text else body)
        for number, text in enumerate(texts, start=1)
    ]


@pytest.mark.parametrize("gone", range(1, 7))
@pytest.mark.parametrize("form", ["{}", "Page {}", "e{}", "Trial of walking | {}"])
def test_a_page_that_is_gone_from_between_others(gone: int, form: str) -> None:
    texts = [form.format(371 + page) for page in range(8) if page != gone]
    leap = find_leap(numbered(texts))
    assert leap == Leap(gone, 1, 371 + gone) and leap.in_words() == f"page {371 + gone}"


def test_several_pages_in_one_place() -> None:
    leap = find_leap(numbered([str(page) for page in (1, 2, 3, 6, 7, 8)]))
    assert leap is not None and (leap.after, leap.missing, leap.in_words()) == (3, 2, "pages 4 to 5")


@pytest.mark.parametrize(
    "texts",
    [
        [str(page) for page in range(371, 379)],
        ["", "", "3", "4", "5", "6"],
        ["2021", "2021", "2021", "2021", "2021"],
        ["1", "2", "", "3", "4", "5"],
        ["i", "ii", "1", "2", "3"],
        ["1", "2", "3", "101", "102", "103"],
        ["1", "3"],
        ["7", "12", "31", "5", "99", "42"],
    ],
)
def test_whole_papers_do_not_leap(texts: list[str]) -> None:
    assert find_leap(numbered(texts)) is None


def test_pages_say_of_how_many_they_are_one() -> None:
    assert printed_total(numbered([f"Page {page} of 9" for page in (1, 2, 3, 5, 6)])) == 9
    assert printed_total(numbered([f"{page}/7" for page in (1, 2, 3)])) == 7
    assert printed_total(numbered(["Research 2021, Article 12345, 5 pages", "2", "3", "4"])) == 5
    assert printed_total(numbered(["1", "2", "3 of 9", "4"])) == 0, "one page alone"
    assert printed_total(numbered(["12 of 84", "9 of 84"])) == 0, "no numbers of pages count down"

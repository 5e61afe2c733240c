"""Searching titles finds what a reader would call the same words, in the order of the list, and stops when told."""

from collections.abc import Sequence

import pytest

from leads_local.review.read_models import RecordSummary
from leads_local.tui import titles


def fetch(ids: Sequence[int]) -> list[RecordSummary]:
    return [RecordSummary(i, f"Étude number {i} of sleep", (), None, None, None, False, False) for i in ids]


@pytest.mark.parametrize(
    ("term", "title"),
    [
        ("etude", "Étude du sommeil"),
        ("SLEEP walking", "Walking and sleep"),
        ("strasse", "Straße"),
        ("[red]", "[red]x[/]"),
        ("", "anything"),
    ],
)
def test_matches(term: str, title: str) -> None:
    assert titles.matches(term, title)
    assert not titles.matches(term + " qqq", title)


def test_keeps_the_order_and_asks_in_slices() -> None:
    asked: list[int] = []

    def counted(ids: Sequence[int]) -> list[RecordSummary]:
        asked.append(len(ids))
        return fetch(ids)

    assert titles.search(range(5_000, 0, -1), "number 77 of", counted) == [
        i for i in range(5_000, 0, -1) if "77" in str(i)
    ]
    assert max(asked) <= 1_000
    assert sum(asked) == 5_000


def test_stops_when_cancelled() -> None:
    assert titles.search(range(1, 5_000), "number", fetch, cancelled=lambda: True) == []

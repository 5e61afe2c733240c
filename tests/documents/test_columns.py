"""Columns are read one after the other, bands from top to bottom, and nothing is lost or read twice."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from leads_local.documents.columns import split_columns
from leads_local.documents.geometry import Fragment
from tests.documents.conftest import column, printed

LINE = "a line of words as long as its column"


@dataclass(frozen=True)
class Item:
    x0: float
    y0: float
    x1: float
    y1: float


def texts(found: list[list[Fragment]]) -> list[str]:
    return [item.text for leaf in found for item in leaf]


def test_two_and_three_columns() -> None:
    for count, width in ((2, 270), (3, 180)):
        chars = int(width / 5) - 8
        parts = [column(40 + width * n, 100, [f"{n}{row} {LINE}"[:chars] for row in range(8)]) for n in range(count)]
        mixed = [part[row] for row in range(8) for part in parts]
        assert texts(split_columns(mixed)) == [f.text for part in parts for f in part]


def test_a_heading_across_parts_the_page_into_bands() -> None:
    upper = [column(40, 100, [LINE] * 5), column(320, 100, [LINE] * 5)]
    across = printed(40, 180, "a heading that runs over both columns of the page, from left to right")
    lower = [column(40, 200, [LINE] * 5), column(320, 200, [LINE] * 5)]
    everything = [*upper[1], *lower[1], across, *upper[0], *lower[0]]
    order = [id(item) for leaf in split_columns(everything) for item in leaf]
    assert order == [id(f) for f in [*upper[0], *upper[1], across, *lower[0], *lower[1]]]


def test_the_numbers_of_a_list_are_no_column() -> None:
    numbers = column(40, 100, [f"{n}." for n in range(1, 9)])
    entries = column(60, 100, [f"{LINE} {LINE} entry {n}" for n in range(1, 9)])
    assert len(split_columns([*numbers, *entries])) == 1
    right = column(320, 100, [f"{n}." for n in range(9, 17)]) + column(
        336, 100, [f"entry {n} of a list" for n in range(9, 17)]
    )
    both = split_columns([*column(40, 100, [LINE] * 8), *right])
    assert texts(both)[:8] == [LINE] * 8 and texts(both)[8:10] == ["9.", "entry 9 of a list"]


@given(
    st.lists(
        st.builds(
            lambda x, y, w, h: Item(x, y, x + w, y + h),
            *(st.integers(0, 500), st.integers(0, 800), st.integers(1, 400), st.integers(1, 30)),
        )
    )
)
def test_every_item_is_read_once(items: list[Item]) -> None:
    found = [item for leaf in split_columns(items) for item in leaf]
    assert sorted(map(id, found)) == sorted(map(id, items))
    assert all(leaf for leaf in split_columns(items))

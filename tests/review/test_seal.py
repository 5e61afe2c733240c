"""Rows that differ in anything have other hashes, and a digest is a sum: what comes and goes leaves it as it was."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from leads_local.review.seal import Cell, ChangeSums, add_to_digest, hash_row

CELLS = st.lists(st.none() | st.integers() | st.floats(allow_nan=False) | st.binary(max_size=6), max_size=4)


def test_what_moves_to_another_cell_or_kind_or_table_is_another_row() -> None:
    rows: list[tuple[Cell, ...]] = [
        (b"ab", b"c"), (b"a", b"bc"), (b"abc",), (b"c", b"ab"), (b"", b"abc"), (b"abc", b""),
        (b"1",), (1,), (1.0,), (None,), (b"",), (), (b"n",), (b"ab1:c",), (12, 3), (1, 23),
    ]  # fmt: skip
    hashes = [hash_row(table, cells) for table in ("record", "recor") for cells in rows]
    assert all(one != other for one, other in combinations(hashes, 2))


@given(CELLS, CELLS)
def test_other_cells_have_another_hash(one: list[Cell], other: list[Cell]) -> None:
    same = [(type(cell), repr(cell)) for cell in one] == [(type(cell), repr(cell)) for cell in other]
    assert (hash_row("t", one) == hash_row("t", other)) == same


@given(st.lists(CELLS, max_size=5))
def test_rows_that_came_and_went_leave_nothing(rows: list[list[Cell]]) -> None:
    sums = ChangeSums()
    for sign in (1, -1):
        for row in rows:
            sums.note(sign, "t", *row)
    assert sums.changes.get("t", (0, 0)) == (0, 0)
    digest = ""
    for row in rows:
        digest = add_to_digest(digest, hash_row("t", row))
    for row in reversed(rows):
        digest = add_to_digest(digest, -hash_row("t", row))
    assert int(digest or "0", 16) == 0

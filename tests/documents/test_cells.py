"""Printed lines become rows: wrapped cells are joined, values never are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.documents.cells import chunks_of, is_number
from leads_local.documents.geometry import Fragment
from leads_local.documents.paragraphs import join_rows
from leads_local.documents.rows import build_grid
from tests.documents.conftest import printed

COLUMNS = (60.0, 220.0, 330.0, 440.0)


def lines(table: list[list[str]], leading: float = 12.0) -> list[Fragment]:
    return join_rows(
        printed(x, 100 + leading * n, text, 8)
        for n, row in enumerate(table)
        for x, text in zip(COLUMNS, row, strict=False)
        if text
    )


def text(table: list[list[str]], leading: float = 12.0) -> list[list[str]]:
    return [
        [" ".join(line.text for line in cell.lines) for cell in row] for row in build_grid(lines(table, leading), [])
    ]


def test_gaps_between_words_part_no_cells() -> None:
    assert [c.text for c in chunks_of(printed(60, 100, "one two three"))] == ["one two three"]


def test_a_value_with_its_interval_below_is_one_cell_in_spaced_rows() -> None:
    fragments = []
    for n, (value, interval) in enumerate([("0.85", "(0.70-1.01)"), ("1.20", "(1.01-1.43)"), ("0.99", "(0.90-1.10)")]):
        fragments += [
            printed(60, 100 + 30 * n, f"Outcome {n}", 8),
            printed(220, 100 + 30 * n, value, 8),
            printed(220, 110 + 30 * n, interval, 8),
        ]
    found = [
        [" ".join(line.text for line in cell.lines) for cell in row] for row in build_grid(join_rows(fragments), [])
    ]
    assert found == [
        ["Outcome 0", "0.85 (0.70-1.01)"],
        ["Outcome 1", "1.20 (1.01-1.43)"],
        ["Outcome 2", "0.99 (0.90-1.10)"],
    ]


def test_row_groups_set_apart_by_space_keep_their_rows() -> None:
    fragments = []
    for group in range(3):
        top = 100 + 40 * group
        fragments += [printed(60, top, f"Group {group}", 8)]
        for row in range(2):
            fragments += [
                printed(60, top + 10 + 10 * row, f"Item {row}", 8),
                printed(220, top + 10 + 10 * row, f"{group}{row}", 8),
            ]
    values = [
        [" ".join(line.text for line in cell.lines) for cell in row] for row in build_grid(join_rows(fragments), [])
    ]
    assert [row[1] for row in values if row[1]] == ["00", "01", "10", "11", "20", "21"]


@pytest.mark.parametrize(
    ("cell", "number"),
    [("12", True), ("<0.01", True), ("(3.4)", True), ("−2", True), ("n = 3", False), ("Age", False), ("", False)],
)
def test_numbers(cell: str, number: bool) -> None:
    assert is_number(cell) is number


CELLS = st.sampled_from(["", "12", "3.4 (1.2)", "<0.001", "96"])
LABELS = st.sampled_from(["Age", "Women, n", "Mean"])


@given(st.lists(st.tuples(LABELS, CELLS, CELLS, CELLS), min_size=1, max_size=12), st.floats(9, 20))
def test_no_value_is_lost_or_joined_with_another(table: list[tuple[str, str, str, str]], leading: float) -> None:
    found = text([list(row) for row in table], leading)
    assert [cell for row in found for cell in row if cell] == [cell for row in table for cell in row if cell]
    assert len({len(row) for row in found}) == 1

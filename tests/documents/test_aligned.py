"""Columns stand under each other, and nothing but spaces is added."""

from __future__ import annotations

from leads_local.documents.aligned import aligned, pad_rows
from leads_local.records import PassageKind
from tests.documents.conftest import passage

ROWS = ["Outcome | Drug | Placebo", "Pain, mean (SD) | 3.1 (0.5) | 4.5 (0.6)", " | 2 | 3"]


def test_cells_of_a_column_begin_at_one_place() -> None:
    rows = [passage(text, n, PassageKind.TABLE_ROW) for n, text in enumerate(ROWS)]
    padding = pad_rows([passage("Text | with a line", 9), *rows])
    shown = [aligned(row, padding[row.order]) for row in rows]
    assert len({line.index("|") for line in shown}) == len({line.rindex("|") for line in shown}) == 1
    assert [line.replace(" ", "") for line in shown] == [text.replace(" ", "") for text in ROWS] and 9 not in padding


def test_a_table_that_is_too_wide_for_its_room_is_left_as_it_is() -> None:
    rows = [passage(text, n, PassageKind.TABLE_ROW) for n, text in enumerate(ROWS)]
    assert pad_rows(rows, room=20) == {}

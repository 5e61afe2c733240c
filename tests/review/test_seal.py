"""Rows that differ in anything have other hashes, and a digest is a sum: what comes and goes leaves it as it was."""

from __future__ import annotations

from itertools import combinations, count
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from leads_local.records import Choice, Citation, Question, Stage
from leads_local.review import opening
from leads_local.review.review import Review
from leads_local.review.seal import Cell, ChangeSums, add_to_digest, hash_row
from tests.review.conftest import Import

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


def test_the_seals_follow_every_change_of_a_row(review: Review, add: Import, tmp_path: Path) -> None:
    """Rows that come, change and go, by one statement and by many, leave the file as its seals say."""

    def sound() -> bool:
        """Whether a copy, which this process has not seen yet, is as its seals say."""
        return not opening.find_damage(review.back_up(tmp_path / f"{next(numbers)}.leads"))

    numbers = count()
    one, two = add([Citation(title="One"), Citation(title="Two", abstract="A trial.")])
    assert sound()
    review.decide(one, Stage.ABSTRACT, Choice.INCLUDE)
    review.decide(one, Stage.ABSTRACT, Choice.EXCLUDE, "another reason")
    assert sound()
    review.set_question(Question(population="children"))
    review.separate(two, [one])
    review.rejoin(two)
    assert sound()
    review.undo(Stage.ABSTRACT)
    review.undo(Stage.ABSTRACT)
    assert sound()

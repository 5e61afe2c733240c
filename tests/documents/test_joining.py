"""A paragraph that goes on in the next column is one; another one is not drawn into it."""

from __future__ import annotations

import pytest

from leads_local.documents.geometry import Fragment, Frame
from leads_local.documents.joining import join_paragraphs
from leads_local.documents.paragraphs import Block, build_blocks, number_before
from leads_local.records import PassageKind
from tests.documents.conftest import HEIGHT, WIDTH, column, printed

FRAME = Frame(0, WIDTH, HEIGHT, ())
FULL = "a full line of the paragraph that reaches the margin"
ENDED = "A full line of the paragraph that ends at its margin."


def of(fragments: list[Fragment]) -> list[Block]:
    return build_blocks(fragments, 1, FRAME)


def joined(*columns: list[Block]) -> list[int]:
    return [len(block.lines) for block in join_paragraphs([block for one in columns for block in one])]


def paragraphs(first: float, count: int = 6) -> list[Block]:
    """Paragraphs of two lines with a last one of two full lines, the first line of each but the first set in."""
    lines = []
    for n in range(count):
        lines += [printed(50 if n == 0 else first, 100 + 24 * n, FULL.capitalize()[:48])]
        lines += [printed(50, 112 + 24 * n, ENDED if n == count - 1 else "of some of it.")]
    return of(lines)


def test_a_sentence_that_ends_with_its_column_goes_on_where_paragraphs_are_set_in() -> None:
    following = of(column(320, 100, [FULL.capitalize(), FULL, "the end."]))
    assert joined(paragraphs(62), following) == [2, 2, 2, 2, 2, 5]
    assert joined(paragraphs(50), following) == [2, 2, 2, 2, 2, 2, 3]
    new = of([printed(332, 100, FULL.capitalize()[:48]), *column(320, 112, [FULL, "the end."])])
    assert joined(paragraphs(62), new) == [2, 2, 2, 2, 2, 2, 3]
    heading = [Block(PassageKind.HEADING, of([printed(320, 80, "Results", size=14)])[0].lines, 14.0)]
    assert joined(paragraphs(62), heading, following) == [2, 2, 2, 2, 2, 2, 1, 3]


def test_a_list_counted_within_a_sentence_goes_on() -> None:
    before = of(column(50, 100, [FULL, FULL, "which were these: (1) all that went on. (2) the rest."]))
    after = of(column(320, 100, ["(3) what came of the lot of them in the end, and how", FULL, "they went."]))
    assert joined(before, after) == [6]
    assert joined(before, of(column(320, 100, ["(5) what came of the lot of them in the end, and how", FULL]))) == [
        3,
        2,
    ]


def test_a_box_in_other_type_does_not_part_a_sentence() -> None:
    before, after = of(column(50, 100, [FULL] * 3)), of(column(320, 200, [FULL] * 3))
    box = of(column(320, 100, [FULL, FULL, "Short."], size=8))
    title = [Block(PassageKind.HEADING, of([printed(320, 88, "What is known", bold=True)])[0].lines, 10.0, True)]
    assert joined(before, title, box, after) == [6, 1, 3]
    assert joined(before, title, after) == [3, 1, 3]


@pytest.mark.parametrize(
    ("mark", "before"),
    [
        ("(2)", "(1)"),
        ("b)", "a)"),
        ("(iii)", "(ii)"),
        ("(v)", "(iv)"),
        ("(1)", ""),
        ("3.", "2."),
        ("[2]", ""),
        ("(see)", ""),
    ],
)
def test_the_mark_before(mark: str, before: str) -> None:
    assert number_before(mark) == before


def test_a_line_that_counts_on_begins_no_paragraph() -> None:
    lines = column(
        50, 100, ["They asked for: (1) the first of it all and its end;", "(2) the second of it; and", "(3) more."]
    )
    assert [len(block.lines) for block in of(lines)] == [3]
    lines = column(50, 100, ["(1) the first of it all and its own end;", "(2) the second of it;", "(3) more."])
    assert [len(block.lines) for block in of(lines)] == [1, 1, 1]
    lines = column(50, 100, ["They had to be: 1. of full age; 2. healthy, and so;", "3. willing to come; and"])
    assert [len(block.lines) for block in of(lines)] == [2]
    lines = column(
        50, 100, ["1. of full age and of their own mind, 2. healthy;", "3. willing to come, too;", "4. old."]
    )
    assert [len(block.lines) for block in of(lines)] == [1, 1, 1]

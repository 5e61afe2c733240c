"""Lines belong together until white space, an indent, a short line or the type says otherwise."""

from __future__ import annotations

import pytest

from leads_local.documents.geometry import Fragment, Frame
from leads_local.documents.paragraphs import Block, build_blocks, is_caption, join_rows
from leads_local.records import PassageKind
from tests.documents.conftest import HEIGHT, WIDTH, column, printed

FRAME = Frame(0, WIDTH, HEIGHT, ())
FULL = "a full line of the paragraph that reaches the margin"


def split(fragments: list[Fragment]) -> list[str]:
    return [block.text for block in build_blocks(fragments, 1, FRAME)]


def shape(fragments: list[Fragment]) -> list[int]:
    return [len(block.lines) for block in build_blocks(fragments, 1, FRAME)]


def test_white_space_parts() -> None:
    assert shape(column(50, 100, [FULL] * 4) + column(50, 160, [FULL] * 3)) == [4, 3]


def test_a_short_last_line_parts_and_a_forced_one_does_not() -> None:
    short = "the end of it."
    assert shape(column(50, 100, [FULL, FULL, short, FULL.capitalize(), FULL])) == [3, 2]
    assert shape(column(50, 100, [FULL, FULL, FULL[:-6] + "ends.", "Anotherlongword " + FULL[:36], FULL])) == [5]


def test_an_indented_line_begins_a_paragraph() -> None:
    lines = column(50, 100, [FULL, FULL[:-5] + "end.", FULL, FULL])
    lines[2] = printed(62, 124, FULL[:-3])
    assert shape(lines) == [2, 2]


def test_type_parts() -> None:
    assert shape([printed(50, 100, "Statistical analysis", bold=True), *column(50, 112, [FULL] * 3)]) == [1, 3]
    assert shape([printed(50, 100, "Methods", size=14), *column(50, 116, [FULL] * 3)]) == [1, 3]


def test_hanging_numbers_hold_their_entries_together() -> None:
    fragments = []
    for n in range(3):
        fragments += [
            printed(50, 100 + 36 * n, f"{n + 1}."),
            printed(70, 100 + 36 * n, "Miller A, Smith B. A title that ends here."),
        ]
        fragments += column(70, 112 + 36 * n, ["J Trials. 2021;3:14.", "doi:10.1000/x"])
    assert shape(fragments) == [3, 3, 3]


def test_superscripts_printed_apart_join_their_line() -> None:
    merged = join_rows([printed(50, 100, "mortality"), printed(95.5, 96, "12", size=6), printed(110, 100, "was low")])
    assert len(merged) == 1 and merged[0].text == "mortality 12 was low"
    ten = join_rows([printed(50, 100, "10"), printed(60.2, 96, "9", size=6), printed(64, 100, "cells")])
    assert ten[0].text.startswith("10^9")


@pytest.mark.parametrize(
    ("text", "caption"),
    [
        ("Table 1. Baseline characteristics", True),
        ("Table 2 Adverse events", True),
        ("Figure 3: Flow of participants", True),
        ("Fig. 1 Survival", True),
        ("TABLE IV", True),
        ("Table 2 shows the adverse events", False),
        ("Table 1, which lists them", False),
        ("Tables of all kinds", False),
    ],
)
def test_captions_are_told_from_sentences(text: str, caption: bool) -> None:
    assert is_caption(printed(50, 100, text)) is caption


def test_blocks_know_their_place_in_the_column() -> None:
    found: list[Block] = build_blocks(column(50, 100, [FULL] * 3) + column(50, 170, [FULL, FULL, "short."]), 4, FRAME)
    assert [(b.first, b.page) for b in found] == [(True, 4), (False, 4)]
    assert found[0].room < 5 < found[1].room
    assert {b.kind for b in found} == {PassageKind.PARAGRAPH}
    assert build_blocks([], 1, FRAME) == []

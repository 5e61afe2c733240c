"""Laying out puts everything on a page, once, inside the margins, with nothing on top of anything else."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from leads_local.demo.pages import Mark, Rule, Text, lay_out
from leads_local.demo.source import Heading, Paragraph, SamplePaper, Table
from leads_local.demo.styles import FICTIONAL, STYLES, find_style
from leads_local.errors import InputError


def ruler(text: str, font: str, size: float) -> float:
    return len(text) * size * 0.45


def letters(text: str) -> Counter[str]:
    return Counter(letter for letter in text if letter.isalnum())


@pytest.mark.parametrize("name", sorted(STYLES))
def test_every_letter_is_placed_once(papers: tuple[SamplePaper, ...], name: str) -> None:
    for paper in papers:
        marks, count = lay_out(paper, STYLES[name], ruler)
        head = " ".join(
            (paper.authors, paper.affiliation, paper.journal, paper.issue, paper.kind, paper.doi, paper.keywords)
        )
        said = letters(f"{head} doi Abstract Keywords {paper.text}".casefold())
        furniture = [mark for mark in marks if isinstance(mark, Text) and mark.text == FICTIONAL]
        assert len(furniture) == count
        placed = letters("".join(mark.text for mark in marks if isinstance(mark, Text)).casefold())
        assert not said - placed


@pytest.mark.parametrize("name", sorted(STYLES))
def test_nothing_leaves_the_page_or_covers_anything(papers: tuple[SamplePaper, ...], name: str) -> None:
    layout = STYLES[name]
    for paper in papers:
        marks, count = lay_out(paper, layout, ruler)
        for mark in marks:
            right = mark.x1 if isinstance(mark, Rule) else mark.x + ruler(mark.text.rstrip(), mark.font, mark.size)
            assert 0 <= mark.page < count and 0 < mark.y < layout.height
            assert right <= layout.width_of_page - layout.margin + 1
        _apart(marks)


def _apart(marks: list[Mark]) -> None:
    texts = sorted(
        (mark for mark in marks if isinstance(mark, Text)), key=lambda mark: (mark.page, round(mark.y, 2), mark.x)
    )
    for left, right in pairwise(texts):
        if (left.page, round(left.y, 2)) == (right.page, round(right.y, 2)):
            assert left.x + ruler(left.text.rstrip(), left.font, left.size) <= right.x + 0.1, (left, right)


def test_tables_that_do_not_fit_still_get_their_place(papers: tuple[SamplePaper, ...]) -> None:
    table = Table("Table 9.", "Many rows.", tuple((f"row {at}", f"{at}.5") for at in range(30)), "The end.")
    body = (
        Heading("Results", 2),
        *(replace(table, number=f"Table {at}.", wide=at % 2 == 0) for at in range(1, 6)),
        Paragraph("Last words."),
    )
    marks, _ = lay_out(replace(papers[0], body=body), STYLES["classic"], ruler)
    words = Counter(mark.text.strip() for mark in marks if isinstance(mark, Text))
    assert words["29.5"] == 5 and words["end."] == 5 and words["words."] == 1


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(InputError, match="no layout 'rococo'"):
        find_style("rococo")

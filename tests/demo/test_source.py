"""The written form of the papers: what it means, what is refused, and that the papers' figures add up."""

from __future__ import annotations

import re

import pytest

from leads_local.demo import gold
from leads_local.demo.source import Heading, Paragraph, SamplePaper, Table, parse_paper
from leads_local.errors import InputError

FRONT = "\n".join(
    f'{name} = "x"'
    for name in "file study style title authors affiliation journal issue running doi kind keywords".split()  # noqa: SIM905
)
BODY = """
## Abstract

**Aim:** To see
whether lines are joined.

## Methods

### Design

First line
second line.

Table 1. A caption
that goes on.
wide: true

| Item | A | B |
| --- | --- | --- |
| Age | 1 | |

Note: A note.

## References

1. One.
2. Two.
"""


def source(front: str = FRONT, body: str = BODY) -> str:
    return f"+++\n{front}\nyear = 2020\nfirst_page = 1\n+++\n{body}"


def test_blocks_mean_what_they_look_like() -> None:
    paper = parse_paper(source(), "x.md")
    assert paper.abstract == (Paragraph("To see whether lines are joined.", "Aim:"),)
    assert paper.body == (
        Heading("Methods", 2),
        Heading("Design", 3),
        Paragraph("First line second line."),
        Table("Table 1.", "A caption that goes on.", (("Item", "A", "B"), ("Age", "1", "")), "A note.", wide=True),
        Heading("References", 2),
        Paragraph("1. One."),
        Paragraph("2. Two."),
    )
    assert "Age | 1 | " in paper.text and "A note." in paper.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no front matter", "no readable front matter"),
        (source(front="file = "), "no readable front matter"),
        (source(front=FRONT + '\nsurplus = "x"'), "surplus"),
        (source(body="Table 1. A caption\n\nNo rows."), "no rows follow"),
        (source(body="Table 1. A caption\n\n| a | b |\n| c |"), "differ in their number of cells"),
    ],
)
def test_a_bad_source_is_refused_with_its_name(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as refused:
        parse_paper(text, "bad.md")
    assert "bad.md" in refused.value.message


def test_papers_are_whole(papers: tuple[SamplePaper, ...]) -> None:
    assert len(papers) == 8 and len({paper.file for paper in papers}) == 8
    assert {paper.study for paper in papers} == {paper.study for paper in gold.load().papers}
    for paper in papers:
        assert 1700 <= len(paper.text.split()) <= 3100, paper.study
        assert len(paper.tables) == 2
        headings = {block.text for block in paper.body if isinstance(block, Heading)}
        assert {"Discussion", "Results", "References"} <= headings


def test_percentages_follow_from_their_numbers(papers: tuple[SamplePaper, ...]) -> None:
    checked = 0
    for paper in papers:
        for table in paper.tables:
            sizes = [re.search(r"n\s?=\s?(\d+)\)", cell) for cell in table.rows[0]]
            for row in table.rows[1:]:
                counted = "%" in row[0] or any("%" in cell for cell in row)
                for size, cell in zip(sizes, row, strict=True):
                    share = re.fullmatch(r"(\d+) \((\d+)%?\)", cell)
                    if counted and size and share:
                        assert int(share[2]) == int(100 * int(share[1]) / int(size[1]) + 0.5), (paper.study, row)
                        checked += 1
    assert checked >= 30


def test_percentages_in_the_text_follow_too(papers: tuple[SamplePaper, ...]) -> None:
    checked = 0
    for paper in papers:
        for count, total, percent in re.findall(
            r"\b([\d.]+)(?: of|/) (?:the )?(\d+)(?: [a-z-]+){0,6}(?:, | \()(\d+)%", paper.text
        ):
            assert abs(100 * float(count) / int(total) - int(percent)) <= 0.5, (paper.study, count, total, percent)
            checked += 1
    assert checked >= 8


def test_arms_add_up_to_the_number_randomised(papers: tuple[SamplePaper, ...]) -> None:
    for paper, answers in zip(papers, sorted(gold.load().papers, key=lambda one: one.study), strict=True):
        size = next(value.text for value in answers.values if value.item == "Sample size")
        baseline = [re.search(r"n\s?=\s?(\d+)\)", cell) for cell in paper.tables[0].rows[0]]
        arms = [int(found[1]) for found in baseline if found]
        assert sum(arms) == int(size or 0)

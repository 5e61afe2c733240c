"""The PDFs read back as the papers that they were made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.demo.source import Heading, Paragraph, SamplePaper
from leads_local.demo.styles import find_style
from leads_local.demo.typeset import render_pdf, typeset_papers
from leads_local.documents import quotes
from leads_local.errors import InputError
from leads_local.records import Document


def body(paper: SamplePaper) -> list[str]:
    """Its paragraphs, without the references."""
    texts = [paragraph.plain for paragraph in paper.abstract]
    for block in paper.body:
        if isinstance(block, Heading) and block.text == "References":
            break
        if isinstance(block, Paragraph):
            texts.append(block.plain)
    return texts


def test_the_same_source_gives_the_same_bytes(papers: tuple[SamplePaper, ...]) -> None:
    for paper in papers[:3]:
        assert render_pdf(paper, find_style(paper.style)) == render_pdf(paper, find_style(paper.style))


def test_the_reader_finds_title_and_paragraphs(
    papers: tuple[SamplePaper, ...], documents: Mapping[str, Document]
) -> None:
    """Where a table stands between its halves, a paragraph may come out in two; that is the reader's to improve, and
    rare."""
    whole = total = 0
    for paper in papers:
        document = documents[paper.file]
        assert not document.problem and len(document.pages) >= 3
        assert quotes.find_quote(paper.title, document.passages).found
        found = [quotes.find_quote(text, document.passages).found for text in body(paper)]
        whole, total = whole + sum(found), total + len(found)
    assert whole >= 0.95 * total


def test_pages_have_text_in_two_columns(papers: tuple[SamplePaper, ...], documents: Mapping[str, Document]) -> None:
    for paper in papers:
        document = documents[paper.file]
        middle = document.pages[0].width / 2
        boxes = [span.box for passage in document.passages for span in passage.spans if span.page == 2]
        assert any(box.x1 < middle for box in boxes) and any(box.x0 > middle for box in boxes)


def test_paths_come_in_the_order_of_the_papers(papers: tuple[SamplePaper, ...], tmp_path: Path) -> None:
    two = [replace(papers[0], file="b.pdf"), replace(papers[1], file="a.pdf")]
    assert [path.name for path in typeset_papers(tmp_path, two)] == ["b.pdf", "a.pdf"]


def test_a_folder_that_can_not_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    with pytest.raises(InputError, match="can't be written to"):
        typeset_papers(tmp_path / "taken")

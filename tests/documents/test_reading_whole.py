"""Papers whose sources are known come out of their PDFs as they went in: eight layouts, typeset from the demo's
papers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rapidfuzz import fuzz

from leads_local.demo.source import Heading, Paragraph, SamplePaper, load_papers
from leads_local.demo.typeset import typeset_papers
from leads_local.documents import reader
from leads_local.documents.sections import paper_text, section_of
from leads_local.records import PassageKind


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("papers")
    typeset_papers(folder)
    return folder


def letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text).casefold()


@pytest.mark.parametrize("paper", load_papers(), ids=lambda paper: paper.study)
def test_a_paper_comes_out_as_it_went_in(folder: Path, paper: SamplePaper) -> None:
    document = reader.read(folder / paper.file)
    assert not document.problem and not document.notice
    assert [p.text for p in document.passages if p.kind is PassageKind.TITLE] == [paper.title]
    text = paper_text(document.passages).text
    flat = re.sub(r"\s+", " ", text)
    paragraphs = [block.plain for block in (*paper.abstract, *paper.body) if isinstance(block, Paragraph)]
    whole = [p for p in paragraphs if fuzz.partial_ratio(re.sub(r"\s+", " ", p), flat) >= 97]
    assert len(whole) >= 0.95 * len(paragraphs), set(paragraphs) - set(whole)
    rows = {p.text for p in document.passages if p.kind is PassageKind.TABLE_ROW}
    assert {" | ".join(row) for table in paper.tables for row in table.rows} <= rows
    headings = {letters(p.text) for p in document.passages if p.kind is PassageKind.HEADING}
    assert {letters(block.text) for block in paper.body if isinstance(block, Heading)} <= headings
    named = {section_of(block.text) for block in paper.body if isinstance(block, Heading)} - {""}
    assert named | {"abstract"} <= {p.section for p in document.passages}
    assert not any(running in text for running in (paper.running, f"{paper.first_page + 1}\n") if running)

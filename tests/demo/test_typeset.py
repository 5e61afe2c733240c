"""The PDFs read back as the papers that they were made from."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.demo.source import Heading, Paragraph, SamplePaper, Table
from leads_local.demo.styles import FICTIONAL, STYLES, find_style
from leads_local.demo.typeset import render_pdf, typeset_papers
from leads_local.documents import mupdf, quotes
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


def letters(text: str) -> Counter[str]:
    return Counter(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


@pytest.mark.parametrize("name", sorted(STYLES))
def test_every_letter_is_placed_inside_the_margins(papers: tuple[SamplePaper, ...], name: str) -> None:
    style = STYLES[name]
    for paper in papers[:4]:
        with mupdf.load().open("pdf", render_pdf(paper, style)) as document:
            text = "".join(page.get_text() for page in document)
            words = [word for page in document for word in page.get_text("words")]
            pages = len(document)
        head = (paper.authors, paper.affiliation, paper.journal, paper.issue, paper.kind, paper.doi, paper.keywords)
        assert not letters(f"{' '.join(head)} doi Abstract Keywords {paper.text}") - letters(text)
        assert text.count(FICTIONAL) == pages
        assert all(word[0] >= style.margin - 1 and word[2] <= style.page_width - style.margin + 1 for word in words)
        assert all(word[1] > 0 and word[3] < style.page_height for word in words)


def test_no_line_covers_another(papers: tuple[SamplePaper, ...]) -> None:
    with mupdf.load().open("pdf", render_pdf(papers[1], find_style(papers[1].style))) as document:
        for page in document:
            lines = [line["bbox"] for block in page.get_text("dict")["blocks"] for line in block["lines"]]
            middles = [((x0, x1), (y0 + y1) / 2) for x0, y0, x1, y1 in lines]
            for place, ((x0, x1), middle) in enumerate(middles):
                for (other0, other1), other in middles[place + 1 :]:
                    assert abs(middle - other) > 4 or x1 <= other0 + 1 or other1 <= x0 + 1


def test_tables_that_do_not_fit_still_get_their_place(papers: tuple[SamplePaper, ...]) -> None:
    table = Table("Table 9.", "Many rows.", tuple((f"row {at}", f"{at}.5") for at in range(30)), "The end.")
    body = (
        Heading("Results", 2),
        *(replace(table, number=f"Table {at}.", wide=at % 2 == 0) for at in range(1, 6)),
        Paragraph("Last words."),
    )
    with mupdf.load().open("pdf", render_pdf(replace(papers[0], body=body), STYLES["classic"])) as document:
        words = Counter(word[4] for page in document for word in page.get_text("words"))
    assert words["29.5"] == 5 and words["end."] == 5 and words["words."] == 1


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(InputError, match="no style 'rococo'"):
        find_style("rococo")

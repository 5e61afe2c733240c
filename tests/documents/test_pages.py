"""Each page that could not be read is named, and no page that could."""

from __future__ import annotations

import re
from pathlib import Path

import pymupdf
import pytest

from leads_local.documents import reader
from leads_local.records import Document, PageState
from tests.documents.conftest import Typeset

BODY = [(72.0, 100.0 + 14 * n, 11, f"Line {n} tells of the trial and of what was found in it.") for n in range(30)]


def states(document: Document) -> list[PageState]:
    return [page.state for page in document.pages]


def draw_writing(page: pymupdf.Page, top: float, lines: int) -> None:
    """Letters as shapes: nothing of them is text."""
    shape = page.new_shape()
    for line in range(lines):
        for letter in range(60):
            x, y = 72 + 6 * letter, top + 14 * line
            shape.draw_polyline([(x, y), (x, y + 6), (x + 3, y + 6), (x + 3, y + 4), (x + 1, y + 4), (x + 1, y)])
    shape.finish(fill=(0, 0, 0), width=0)
    shape.commit()


def damaged(path: Path, page: int) -> Path:
    """The file with the end of that page's content written over with zeros."""
    data = path.read_bytes()
    with pymupdf.open(path) as pdf:
        content = pdf[page - 1].get_contents()[3]
    begun = data.index(b"stream", data.index(f"\n{content} 0 obj".encode())) + 8
    end = data.index(b"endstream", begun)
    half = begun + 20
    path.write_bytes(data[:half] + bytes(end - half) + data[end:])
    return path


def test_whole_papers_have_no_notice(typeset: Typeset) -> None:
    document = reader.read(typeset(BODY, BODY, BODY[:3]))
    assert states(document) == [PageState.READ] * 3 and not document.notice
    assert not document.missing and not document.rebuilt


def test_half_a_page_that_is_gone_is_named_though_the_rest_is_text(typeset: Typeset) -> None:
    document = reader.read(damaged(typeset(BODY, BODY, BODY, deflate=True), 2))
    assert states(document) == [PageState.READ, PageState.DAMAGED, PageState.READ]
    assert (
        "Page 2 of 3 is damaged" in document.notice and 0 < document.pages[1].characters < document.pages[0].characters
    )
    assert not document.problem


def test_what_several_pages_share_is_missed_on_each_of_them(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    page = pdf.new_page()
    page.insert_font(fontname="F1", fontbuffer=pymupdf.Font("tiro").buffer)
    for n in range(30):
        page.insert_text((72, 100 + 14 * n), "Of what was found in the trial.", fontname="F1")
    for _ in range(2):
        pdf.copy_page(0)
    pdf.save(path := tmp_path / "shared.pdf", deflate=True)
    data = path.read_bytes()
    font = max(re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL), key=lambda one: len(one[1]))
    path.write_bytes(data[: font.start(1)] + bytes(len(font[1])) + data[font.end(1) :])
    document = reader.read(path)
    assert states(document) == [PageState.DAMAGED] * 3


def test_a_font_that_is_gone_from_a_file_that_had_to_be_put_together_again(typeset: Typeset) -> None:
    path = typeset(BODY, [(*line, "tiro") for line in BODY], BODY)
    with pymupdf.open(path) as pdf:
        (font,) = (one[0] for one in pdf.get_page_fonts(1))
    data = path.read_bytes()
    at = data.index(f"\n{font} 0 obj".encode())
    path.write_bytes(data[: at + 1] + b" " * 9 + data[at + 10 : data.index(b"startxref")])
    document = reader.read(path)
    assert document.rebuilt and states(document) == [PageState.READ, PageState.DAMAGED, PageState.READ]


def test_letters_that_are_drawn(typeset: Typeset, tmp_path: Path) -> None:
    with pymupdf.open(typeset(BODY, [], BODY, [(72.0, 60.0, 9, "A running head of the journal")])) as pdf:
        draw_writing(pdf[1], 100, 5)
        draw_writing(pdf[3], 100, 30)
        pdf.save(tmp_path / "drawn.pdf")
    document = reader.read(tmp_path / "drawn.pdf")
    assert states(document) == [PageState.READ, PageState.DRAWN, PageState.READ, PageState.DRAWN]
    assert "Pages 2, 4 of 4 are drawn" in document.notice
    with pymupdf.open() as pdf:
        draw_writing(pdf.new_page(), 100, 20)
        pdf.save(tmp_path / "all.pdf")
    assert "drawn as curves" in reader.read(tmp_path / "all.pdf").problem


def test_a_figure_is_no_lost_page(typeset: Typeset, tmp_path: Path) -> None:
    with pymupdf.open(typeset(BODY, [(72.0, 700.0, 9, "Figure 1. The flow of the participants.")])) as pdf:
        for n in range(60):
            pdf[1].draw_rect((72 + 7 * n, 600 - 9 * (n % 13), 77 + 7 * n, 600), fill=(0.2, 0.2, 0.8))
            pdf[1].draw_line((72, 100 + 8 * n), (500, 100 + 8 * n))
        pdf.save(tmp_path / "figure.pdf")
    document = reader.read(tmp_path / "figure.pdf")
    assert states(document) == [PageState.READ] * 2 and not document.notice


def test_a_blank_page_and_one_that_is_no_page(typeset: Typeset) -> None:
    path = typeset(BODY, [], BODY)
    blank = reader.read(path)
    assert states(blank)[1] is PageState.BLANK and "Page 2 of 3 is blank" in blank.notice
    with pymupdf.open(path) as pdf:
        gone = pdf[1].xref
    data = path.read_bytes()
    begun = data.index(f"\n{gone} 0 obj".encode()) + len(f"\n{gone} 0 obj")
    end = data.index(b"endobj", begun)
    path.write_bytes(data[:begun] + b" " * (end - begun) + data[end:])
    assert states(reader.read(path))[1] is PageState.DAMAGED


def test_a_page_that_was_taken_out(typeset: Typeset, tmp_path: Path) -> None:
    pages = [[*BODY, (290.0, 820.0, 9, str(number))] for number in range(11, 17)]
    with pymupdf.open(typeset(*pages)) as pdf:
        pdf.delete_page(2)
        pdf.save(tmp_path / "five.pdf")
    document = reader.read(tmp_path / "five.pdf")
    assert document.missing == 1 and "page 13 is missing" in document.notice


def test_a_cut_file_is_said_to_be_rebuilt(typeset: Typeset) -> None:
    path = typeset(BODY, BODY, BODY, deflate=True)
    path.write_bytes(path.read_bytes()[:-200])
    document = reader.read(path)
    assert document.rebuilt and "pages may be missing" in document.notice


def test_gibberish_is_left_out_and_said(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    for text in ("Of what was found in the trial.", "\x81\x8d\x8f\x90 xqzw vbnm kjhg \x9d\x81 wrtp"):
        page = pdf.new_page()
        for n in range(30):
            page.insert_text((72, 100 + 14 * n), text)
    pdf.save(tmp_path / "half.pdf")
    document = reader.read(tmp_path / "half.pdf")
    assert states(document) == [PageState.READ, PageState.GIBBERISH]
    assert "Page 2 of 2 has fonts" in document.notice
    assert {passage.page for passage in document.passages} == {1}


def test_a_form_that_asks_to_wait_is_no_paper(typeset: Typeset) -> None:
    lines = ["Please wait...", "If this message is not eventually replaced by the contents of the document, your PDF"]
    page = [
        (72.0, 100.0 + 14 * n, 11, line) for n, line in enumerate([*lines, "viewer may not be able to display it."])
    ]
    assert "Please wait" in reader.read(typeset(page)).problem
    assert not reader.read(typeset(page, BODY, BODY)).problem


@pytest.fixture
def pictured(typeset: Typeset, tmp_path: Path) -> Path:
    """A page with a table's caption and its cells as a picture under it."""
    cells = [
        [(60.0 + 90 * column, 40.0 + 15 * row, 10, f"mean {row}.{column}") for column in range(4)] for row in range(6)
    ]
    with pymupdf.open(typeset([cell for row in cells for cell in row])) as pdf:
        pixels = pdf[0].get_pixmap(dpi=150, clip=(40, 20, 440, 130))
    with pymupdf.open(typeset([*BODY[:10], (72.0, 300.0, 9, "Table 1. Primary outcomes by group")])) as pdf:
        pdf[0].insert_image((72, 310, 472, 420), pixmap=pixels)
        pdf.save(tmp_path / "pictured.pdf")
    return tmp_path / "pictured.pdf"


def test_a_table_that_is_a_picture(pictured: Path) -> None:
    document = reader.read(pictured)
    assert document.notice.startswith("Table 1 on page 1 is a picture") and document.pages[0].pictured == 1


def test_a_table_that_is_text(typeset: Typeset) -> None:
    rows = [
        (72.0 + 110 * column, 330.0 + 15 * row, 9, f"{row}.{column} (1.{row})")
        for row in range(8)
        for column in range(4)
    ]
    document = reader.read(typeset([*BODY[:10], (72.0, 300.0, 9, "Table 1. Primary outcomes by group"), *rows]))
    assert not document.notice


CASES = {
    "page2_stream_zeroed": "Page 1 of 3 is damaged",
    "page2_outlines": "Page 2 of 2 is drawn",
    "table_as_picture": "Table 1 on page 1 is a picture",
    "pleasewait": "Please wait",
    "figure_axes": "",
    "double_tnr12": "",
}


@pytest.mark.parametrize("name", CASES)
def test_the_small_failing_files(shared: Path, name: str) -> None:
    document = reader.read(shared.parent / "cases" / "documents" / f"{name}.pdf")
    said = document.problem or document.notice
    assert CASES[name] in said and bool(said) == bool(CASES[name])

"""A PDF gives its text with places; whatever is wrong with a file is said in one sentence and never an empty text."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

import pymupdf
import pytest

from leads_local.documents import reader
from leads_local.records import Document, PassageKind
from tests.documents.conftest import Typeset

BODY = [(72.0, 100.0 + 14 * n, 11, f"Line {n} tells of the trial and of what was found in it.") for n in range(30)]

# What each damaged file of the developers' folder must give: words of its problem, or "" where it must be read.
NASTY = {
    "corrupt_zen_of_python": "",
    "derived_encrypted_pw_secret_PMC7899845": "password",
    "derived_html_login_page": "web page",
    "derived_mixed_text_and_scan_PMC7899845": "",
    "derived_rotatedpages_PMC7899845": "",
    "derived_scanned150dpi_PMC7899845": "OCR",
    "derived_truncated60pct_PMC7899845": "cut short",
    "derived_zero_byte": "empty",
    "enc_r4_owner_only": "",
    "enc_r6_user_password": "password",
    "font_truetype_nomapping": "gibberish",
    "invalid_44bytes": "damaged",
    "latex_multicolumn_py-pdf": "",
    "scan_linn": "OCR",
    "scan_skew": "OCR",
}


def words(document: Document) -> str:
    return " ".join(p.text for p in document.passages)


def check(document: Document) -> None:
    """What holds for every document."""
    assert bool(document.problem) != bool(document.passages)
    assert [p.order for p in document.passages] == list(range(len(document.passages)))
    for passage in document.passages:
        assert "".join(passage.text[s.start : s.end] for s in passage.spans) == passage.text
        assert (passage.text == passage.text.strip() and passage.text) or passage.kind is PassageKind.TABLE_ROW
        for span in passage.spans:
            page = document.pages[span.page - 1]
            assert page.number == span.page
            assert span.box.x0 <= span.box.x1 and span.box.y0 <= span.box.y1
            assert span.box.x0 >= -20 and span.box.x1 <= page.width + 20
            assert span.box.y0 >= -20 and span.box.y1 <= page.height + 20


def test_text_hash_pages_and_metadata(typeset: Typeset) -> None:
    path = typeset(BODY, BODY[:3])
    document = reader.read(path)
    check(document)
    assert document.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() == reader.digest_or_empty(path)
    assert [(p.number, p.width, p.height) for p in document.pages] == [(1, 595, 842), (2, 595, 842)]
    assert all(f"Line {n} tells" in words(document) for n in range(30))
    assert not document.problem and not document.notice


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_boxes_are_those_of_the_page_as_displayed(typeset: Typeset, rotate: int) -> None:
    path = typeset(BODY, rotate=rotate)
    document = reader.read(path)
    check(document)
    with pymupdf.open(path) as pdf:
        page = pdf[0]
        assert (document.pages[0].width, document.pages[0].height) == (page.rect.width, page.rect.height)
        for span, (x, y, size, text) in zip(document.passages[0].spans, BODY, strict=True):
            where = (
                pymupdf.Rect(x, y - size, x + pymupdf.get_text_length(text, fontsize=size), y + 3)
                * page.rotation_matrix
            )
            box = pymupdf.Rect(span.box.x0, span.box.y0, span.box.x1, span.box.y1)
            assert abs((where & box).get_area()) > 0.8 * abs(box.get_area())


def test_rotated_pages_read_like_upright_ones(typeset: Typeset) -> None:
    upright = reader.read(typeset(BODY, name="a.pdf"))
    for rotate in (90, 180, 270):
        turned = reader.read(typeset(BODY, name="b.pdf", rotate=rotate))
        assert [(p.kind, p.text) for p in turned.passages] == [(p.kind, p.text) for p in upright.passages]


def test_text_printed_sideways_is_read_in_its_own_direction(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    page = pdf.new_page()
    for n in range(12):
        page.insert_text((100 + 14 * n, 700), f"Row {n} of a landscape table printed sideways on the page", rotate=90)
    pdf.save(tmp_path / "sideways.pdf")
    document = reader.read(tmp_path / "sideways.pdf")
    check(document)
    text = words(document)
    assert [text.index(f"Row {n} of") for n in range(12)] == sorted(text.index(f"Row {n} of") for n in range(12))
    boxes = [s.box for p in document.passages for s in p.spans]
    assert all(b.y1 - b.y0 > b.x1 - b.x0 for b in boxes) and boxes[0].x0 < boxes[-1].x0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"  <!DOCTYPE html><html><body>Please log in</body></html>", "web page"),
        (b"\xef\xbb\xbf<html>", "web page"),
        (b"PK\x03\x04word/document.xml", "Word"),
        (b"just some words", "not a PDF"),
        (b"%PDF-1.7\n", "cut short"),
        (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n", "damaged"),
    ],
)
def test_what_is_no_pdf_is_said_to_be_what_it_is(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "strange paper.pdf"
    path.write_bytes(content)
    document = reader.read(path)
    check(document)
    assert says in document.problem and document.problem.startswith("strange paper.pdf: ")
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    assert str(tmp_path) not in document.problem


def test_pages_that_the_printed_numbers_or_totals_miss_are_counted(typeset: Typeset) -> None:
    def missing(*printed: str) -> tuple[int, str]:
        document = reader.read(typeset(*([*BODY, (290, 825, 9, text)] for text in printed)))
        return document.missing, document.notice

    assert missing(*"123456") == (0, "")
    count, notice = missing(*"12378")
    assert count == 3 and "By the printed page numbers, pages 4 to 6 are missing." in notice
    count, notice = missing(*(f"Page {number} of 6" for number in range(1, 6)))
    assert count == 1 and "The file should have 6 pages and has 5: 1 missing." in notice
    path = typeset(*[BODY] * 5)
    linearized = path.read_bytes().replace(b"%PDF-1.7\n", b"%PDF-1.7\n9 0 obj<</Linearized 1/N 8>>endobj\n", 1)
    path.write_bytes(linearized)
    assert reader.read(path).missing == 3, "what the file says of itself"


def test_missing_files_and_folders(tmp_path: Path) -> None:
    assert "no such file" in reader.read(tmp_path / "gone.pdf").problem
    assert reader.read(tmp_path).problem
    assert reader.digest_or_empty(tmp_path / "gone.pdf") == ""


def test_every_truncation_is_a_problem_or_text_and_never_an_exception(typeset: Typeset, tmp_path: Path) -> None:
    data = typeset(BODY, BODY).read_bytes()
    cut = tmp_path / "cut.pdf"
    for part in range(1, 20):
        cut.write_bytes(data[: len(data) * part // 20])
        check(reader.read(cut))


def test_passwords(typeset: Typeset) -> None:
    locked = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "owner_pw": "owner"}
    assert "password" in reader.read(typeset(BODY, name="user.pdf", user_pw="secret", **locked)).problem
    owner_only = reader.read(typeset(BODY, name="owner.pdf", **locked))
    assert not owner_only.problem and "Line 3 tells" in words(owner_only)


def _scan(page: pymupdf.Page) -> None:
    picture = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 100, 140))
    picture.clear_with(200)
    page.insert_image(page.rect, pixmap=picture)


def test_scans_ask_for_ocr_and_mixed_files_name_their_pages(typeset: Typeset, tmp_path: Path) -> None:
    pdf = pymupdf.open()
    for _ in range(3):
        _scan(pdf.new_page())
    pdf.save(tmp_path / "scan.pdf")
    scan = reader.read(tmp_path / "scan.pdf")
    assert "OCR" in scan.problem and [p.characters for p in scan.pages] == [0, 0, 0]
    mixed = pymupdf.open(typeset(BODY, name="text.pdf"))
    mixed.insert_pdf(pdf)
    mixed.save(tmp_path / "mixed.pdf")
    document = reader.read(tmp_path / "mixed.pdf")
    check(document)
    assert "Pages 2-4 of 4 are pictures" in document.notice and "Line 3 tells" in words(document)


def test_a_stamped_scan_is_a_scan(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    page = pdf.new_page()
    _scan(page)
    page.insert_text((50, 30), "Downloaded from the library of somewhere on 3 May 2021")
    pdf.save(tmp_path / "stamped.pdf")
    assert "OCR" in reader.read(tmp_path / "stamped.pdf").problem


def test_an_empty_page_is_said_to_hold_nothing(typeset: Typeset) -> None:
    assert "no text" in reader.read(typeset([], [])).problem


def test_type_that_is_printed_twice_to_look_bold_is_read_once(typeset: Typeset) -> None:
    twice = [(x + shift, y, size, text) for x, y, size, text in BODY for shift in (0, 0.3)]
    assert words(reader.read(typeset(twice))) == words(reader.read(typeset(BODY)))
    assert words(reader.read(typeset([(72.0, 100.0, 11, "very very often")]))) == "very very often"


def test_nine_good_papers_give_their_text(shared: Path) -> None:
    papers = sorted((shared / "pdfs").glob("*.pdf"))
    assert len(papers) == 9
    for path in papers:
        document = reader.read(path)
        check(document)
        assert not document.problem and not document.notice and len(words(document)) > 10_000
        assert sum(p.kind is PassageKind.TITLE for p in document.passages) == 1
        assert {"abstract", "introduction", "methods", "discussion", "references"} <= {
            p.section for p in document.passages
        } | {"references"}
        assert not any("\u00ad" in p.text or unicodedata.normalize("NFC", p.text) != p.text for p in document.passages)


@pytest.mark.parametrize("name", NASTY)
def test_each_nasty_file_gives_its_reason_or_its_text(shared: Path, name: str) -> None:
    document = reader.read(shared / "pdfs" / "nasty" / f"{name}.pdf")
    check(document)
    assert NASTY[name] in document.problem and bool(NASTY[name]) == bool(document.problem)
    if "mixed" in name:
        assert "Pages 4-6" in document.notice


def test_rotation_loses_no_text_of_a_real_paper(shared: Path) -> None:
    upright = reader.read(shared / "pdfs" / "PMC7899845.pdf")
    rotated = reader.read(shared / "pdfs" / "nasty" / "derived_rotatedpages_PMC7899845.pdf")
    assert [p.text for p in rotated.passages] == [p.text for p in upright.passages]


@pytest.mark.slow
def test_a_very_long_file(shared: Path) -> None:
    document = reader.read(shared / "pdfs" / "nasty" / "huge_619pages.pdf")
    assert len(document.pages) == 619 and len(document.passages) > 5_000

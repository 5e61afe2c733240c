"""OCR without an engine: the words of made-up scans, a reader that finds them on every scanned page, and a program that
answers as Tesseract does."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import pymupdf

from leads_local.documents import ocr
from leads_local.documents.ocr import OcrPage, OcrWord
from leads_local.records import Document

TITLE = "Aspirin against low back pain in adults: a randomised trial"
LINES = (
    "Methods",
    "",
    "We gave aspirin to 120 adults with low back pain in two clinics, and placebo to as",
    "many others, for twelve weeks; pain was asked for each week by telephone, and at the end",
    "by a nurse who did not know what they had been given.",
    "",
    "Results",
    "",
    "Pain fell by 2.03 points with aspirin.",
)


def words_of(lines: Sequence[str], size: float = 10.0, left: float = 60.0, top: float = 100.0) -> list[OcrWord]:
    """The words of lines under each other ("" for a gap), in boxes of their ink as an engine gives them, 0.9 sure."""
    found: list[OcrWord] = []
    for number, line in enumerate(lines):
        x, base = left, top + 1.3 * size * number
        for text in line.split():
            high = any(letter.isupper() or letter.isdigit() or letter in "bdfhiklt" for letter in text)
            low = bool(set("gjpqy,;()") & set(text))
            width = 0.5 * size * len(text)
            y0, y1 = base - size * (0.71 if high else 0.48), base + (0.21 * size if low else 0)
            found.append(OcrWord(text, x, y0, x + width, y1, 0.9, number))
            x += width + 0.3 * size
    return found


def read_page(number: int) -> OcrPage:
    """A scanned first page of a trial, as an engine reads it."""
    body = [OcrWord(w.text, w.x0, w.y0, w.x1, w.y1, w.confidence, w.line + 1) for w in words_of(LINES, top=140.0)]
    return OcrPage(number, (*words_of([TITLE], size=16.0), *body))


class FakeReader:
    """Reads the same words on every scanned page; stands in for ``OcrReader``."""

    asked: int = 0

    def __init__(self, languages: str = "eng") -> None:
        self.engine = f"Fake OCR 1 ({languages})"

    def __enter__(self) -> FakeReader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """There is nothing to be ended."""

    def read(
        self, document: Document, path: Path, progress: Callable[[int, int], None] | None = None
    ) -> tuple[Document, list[OcrPage]]:
        wanted = ocr.pages_to_read(document)
        FakeReader.asked += len(wanted)
        if progress is not None:
            progress(len(wanted), len(wanted))
        return ocr.add_pages(document, [read_page(number) for number in wanted], self.engine), []


def scanned(path: Path, pages: int = 1, text_pages: Sequence[str] = ()) -> Path:
    """A PDF of pictures, behind pages of text where there are any."""
    with pymupdf.open() as pdf:
        for text in text_pages:
            page = pdf.new_page()
            for place in range(12):
                page.insert_text((60, 80 + 14 * place), f"{text} Line {place} of a page of text in this paper.")
        for number in range(pages):
            page = pdf.new_page()
            picture = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 100, 140))
            picture.clear_with(200 - number)
            page.insert_image(page.rect, pixmap=picture)
        pdf.save(path)
    return path


_PROGRAM = f"""#!{sys.executable}
import sys
if "--list-langs" in sys.argv:
    print("List of available languages (2):\\neng\\nosd")
elif "--version" in sys.argv:
    print("tesseract 5.9.9\\n leptonica-1.84")
else:
    kind, width, height, most = sys.stdin.buffer.readline().split()
    pixels = sys.stdin.buffer.read()
    assert (kind, most) == (b"P5", b"255") and len(pixels) == int(width) * int(height), "no picture"
    if pixels[len(pixels) // 2] == 198:  # the third page
        sys.exit("Error during processing.")
    print("level\\tpage_num\\tblock_num\\tpar_num\\tline_num\\tword_num\\tleft\\ttop\\twidth\\theight\\tconf\\ttext")
    print("1\\t1\\t0\\t0\\t0\\t0\\t0\\t0\\t" + width.decode() + "\\t" + height.decode() + "\\t-1\\t")
    for place, text in enumerate(("Pain", "fell", "by", "2.03")):
        print("5\\t1\\t1\\t1\\t1\\t%d\\t%d\\t300\\t90\\t30\\t91.5\\t%s" % (place + 1, 300 + 100 * place, text))
"""


def put_program(folder: Path) -> Path:
    """A program ``tesseract`` in a folder; it fails at the third page of a file of ``scanned``."""
    folder.mkdir(exist_ok=True)
    program = folder / "tesseract"
    program.write_text(_PROGRAM, encoding="utf-8")
    program.chmod(0o755)
    return program

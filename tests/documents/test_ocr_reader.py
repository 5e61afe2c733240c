"""Scans are read by workers, page by page, with the program Tesseract or its stand-in, and what one page does to a
worker is that page's."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from leads_local.documents import ocr_reader, ocr_worker, reader, tesseract
from leads_local.documents.ocr_reader import OcrReader
from leads_local.documents.tesseract import Picture, ReadWord
from leads_local.errors import InputError
from leads_local.records import PageState
from tests.fake_ocr import put_program, scanned

needs_the_program_alone = pytest.mark.skipif(
    os.name == "nt" or importlib.util.find_spec("tesserocr") is not None,
    reason="acts the program Tesseract by a script, which is not asked where tesserocr is installed",
)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = put_program(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{made.parent}{os.pathsep}{os.environ['PATH']}")
    return made


@needs_the_program_alone
def test_scanned_pages_are_read_and_what_one_does_to_a_worker_is_that_pages(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import os\nfrom leads_local.documents import ocr, ocr_worker, worker\n"
    code += (
        "def answer(asked):\n    if asked.get('page') == 2:\n        os.abort()\n    return ocr_worker._answer(asked)\n"
    )
    (tmp_path / "strange_ocr.py").write_text(f"{code}worker.serve(answer)\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(ocr_reader, "_WORKER", "strange_ocr")
    path = scanned(tmp_path / "scan.pdf", pages=3, text_pages=["Own."])
    document = reader.read(path)
    told: list[tuple[int, int]] = []
    with OcrReader(workers=1) as made:
        read, failed = made.read(document, path, lambda done, total: told.append((done, total)))
    assert made.engine == "Tesseract 5.9.9 (eng)" and told == [(1, 3), (2, 3), (3, 3)]
    states = [page.state for page in read.pages]
    assert states == [PageState.READ, PageState.PICTURE, PageState.OCR, PageState.PICTURE]
    assert [one.text for one in read.passages if one.by_ocr] == ["Pain fell by 2.03"]
    assert {span.confidence for one in read.passages if one.by_ocr for span in one.spans} == {0.915}
    why = [(page.number, page.problem) for page in failed]
    assert why == [(2, "the OCR crashed on it."), (4, "Tesseract failed: Error during processing.")]
    assert [one for one in read.passages if not one.by_ocr] == list(document.passages)


@needs_the_program_alone
def test_without_ocr_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not tesseract.is_here()
    with pytest.raises(InputError, match=r"There is no OCR here\. Install the packages tesserocr and"):
        OcrReader().__enter__()


@needs_the_program_alone
def test_a_language_that_is_not_installed_is_named(program: Path) -> None:
    with pytest.raises(tesseract.OcrUnavailableError, match="no letters for deu"):
        tesseract.open_engine("eng+deu")
    assert tesseract.open_engine().name == "Tesseract 5.9.9 (eng)"


def test_a_program_in_the_folder_where_one_stands_is_never_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_program(tmp_path)
    (tmp_path / "tesseract").rename(tmp_path / ("tesseract.exe" if os.name == "nt" else "tesseract"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([".", ""]))
    assert tesseract.find_program() in (None, tesseract._WINDOWS_FOLDER / "tesseract.exe")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tesseract.find_program() is not None


class Sideways:
    """Reads a page only when it is as wide as high pages are high."""

    name = "Sideways 1"

    def read(self, picture: Picture) -> list[ReadWord]:
        sure = 0.95 if picture.width > picture.height else 0.3
        return [ReadWord("Table", 300, 600, 600, 700, sure, 1), ReadWord("1", 650, 600, 680, 700, sure, 1)]


def test_a_page_that_lies_on_its_side_is_turned_until_it_can_be_read(tmp_path: Path) -> None:
    data = scanned(tmp_path / "scan.pdf").read_bytes()
    page = ocr_worker.read_page(data, 1, Sideways())
    assert page.turn == 90 and [word.text for word in page.words] == ["Table", "1"]
    (table, one), width = page.words, 595
    assert table.y1 < one.y0 and table.x0 == pytest.approx(width - 700 * 72 / 300, abs=0.1), "down the right-hand side"


@pytest.mark.skipif(importlib.util.find_spec("tesserocr") is None, reason="needs leads-local[ocr]")
def test_the_package_reads_a_picture_of_text(tmp_path: Path) -> None:
    import pymupdf

    with pymupdf.open() as pdf:
        pdf.new_page().insert_text((72, 100), "Pain fell by 2.03 points in twelve weeks.", fontsize=12)
        picture = pdf[0].get_pixmap(dpi=200)
        scan = pymupdf.open()
        page = scan.new_page()
        page.insert_image(page.rect, pixmap=picture)
        scan.save(tmp_path / "scan.pdf")
        scan.close()
    path = tmp_path / "scan.pdf"
    with OcrReader(workers=1) as made:
        read, _ = made.read(reader.read(path), path)
    assert [one.text for one in read.passages] == ["Pain fell by 2.03 points in twelve weeks."]
    assert "tesserocr" not in sys.modules, "native code is the workers' alone"


@needs_the_program_alone
@pytest.mark.parametrize("program", [False, True])
def test_a_package_without_its_library_is_none(program: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As its wheel for some Macs, where Homebrew's Tesseract is not installed: the program is asked instead."""
    (tmp_path / "tesserocr.py").write_text("raise ImportError('Library not loaded: libtesseract.5.dylib')")
    (tmp_path / "eng.traineddata").write_bytes(b"letters")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    monkeypatch.setenv("PATH", str(put_program(tmp_path / "bin").parent) if program else "")
    if program:
        assert tesseract.open_engine().name == "Tesseract 5.9.9 (eng)"
    else:
        with pytest.raises(
            tesseract.OcrUnavailableError, match=r"can't be used here: Library not loaded: libtesseract"
        ):
            tesseract.open_engine()

"""Scans in a review: read by OCR on request, kept, marked, taken back, and carried along."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from leads_local.app import reading, scans, showing
from leads_local.documents import ocr, ocr_reader, pool, reader
from leads_local.documents.ocr import OcrPage
from leads_local.errors import InputError
from leads_local.records import Choice, Citation, Document, Stage
from leads_local.review.packages import PackageOrder
from leads_local.review.review import Review
from leads_local.review.store import documents, ocr_rows
from tests.fake_ocr import LINES, TITLE, FakeReader, read_page, scanned
from tests.review.conftest import Import
from tests.review.copies import copied, merged, open_quickly


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr_reader, "OcrReader", FakeReader)
    monkeypatch.setattr(pool, "read_many", lambda paths, **_: map(reader.read, paths))  # without a process


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return scanned(tmp_path / "scan.pdf")


def document(review: Review) -> Document | None:
    return documents.read(review.db, review.attachments()[0].sha256)


def rows(review: Review) -> int:
    return review.db.number("SELECT count(*) FROM passage")


def test_a_scan_is_read_when_it_is_asked_for_and_by_its_text_finds_its_record(
    review: Review, add: Import, scan: Path
) -> None:
    (record,) = add([Citation(title=TITLE, year=2020)])
    (attached,) = review.attach(scan)
    assert "Have it read by OCR" in attached.problem and not attached.record_id
    done = scans.read_scans(review, None, "eng")
    told = scans.describe_scans(done)
    assert told.results[0].startswith(f"Page 1 read by OCR, 90% sure. scan.pdf: record {record}, ")
    assert "compare each value with its page" in told.notices[-1] and not told.failed
    document = review.document(record)
    assert document is not None and not document.problem and document.passages[0].text == TITLE
    assert all(one.by_ocr for one in document.passages) and document.pages[0].confidence == 0.9
    assert "page 1 by OCR (Fake OCR 1 (eng), 90% sure)" in reading.describe_readings(review).results[0]
    assert reading.readings_as_data(review)[0]["files"][0]["by_ocr"] == {"1": 0.9}
    (file,) = review.attachments()
    assert "Page 1 of 1 was read by OCR" in file.notice
    asked = FakeReader.asked
    assert scans.read_scans(review, None, "eng") == [] and FakeReader.asked == asked, "it is kept"
    assert not review.attach(scan)[0].problem and review.document(record) == document


def test_what_ocr_read_is_taken_back_and_comes_again_under_the_same_numbers(
    review: Review, add: Import, tmp_path: Path
) -> None:
    (record,) = add([Citation(title="Own. Line 0 of a page of text in this paper.", year=2020)])
    mixed = scanned(tmp_path / "mixed.pdf", text_pages=["Own."])
    review.attach(mixed)
    review.link(review.attachments()[0].sha256, record)
    before, paper = review.document(record), documents.paper_of(review.db, record)
    assert before is not None and paper is not None
    scans.read_scans(review, Path("mixed.pdf"), "eng")
    read, shown = review.document(record), documents.paper_of(review.db, record)
    assert read is not None and shown is not None
    assert [one for one in read.passages if not one.by_ocr] == list(before.passages), "quotes point at them"
    assert any(LINES[-1] in one.text for one in read.passages)
    assert shown.text_name != paper.text_name, "the model is asked anew about another text"
    stored = rows(review)
    scans.take_back(review, Path("mixed.pdf"))
    assert (review.document(record), documents.paper_of(review.db, record)) == (before, paper)
    assert rows(review) == stored, "nothing is deleted"
    with pytest.raises(InputError, match="OCR has read nothing of it"):
        scans.take_back(review, Path("mixed.pdf"))
    scans.read_scans(review, Path("mixed.pdf"), "eng")
    assert (review.document(record), documents.paper_of(review.db, record)) == (read, shown)
    assert rows(review) == stored
    told = "\n".join(showing.describe_record(review, record).results)
    assert "Of the full text: Page 2 of 2 was read by OCR" in told


def test_files_without_scans_are_passed_by_and_one_that_is_named_is_told_why(review: Review, tmp_path: Path) -> None:
    scanned(tmp_path / "pdfs.pdf", pages=0, text_pages=["Own."])
    assert scans.describe_scans(scans.read_scans(review, None, "eng")).notices == (
        "No PDF has pages that only OCR could read.",
    )
    (one,) = scans.read_scans(review, tmp_path / "pdfs.pdf", "eng")
    assert "no page whose writing is a picture" in one.problem and scans.describe_scans([one]).failed
    scanned(tmp_path / "pdfs.pdf", pages=1, text_pages=["Own."])
    (one,) = scans.read_scans(review, Path("pdfs.pdf"), "eng")
    assert "its content has changed" in one.problem


def test_a_page_that_could_not_be_read_is_told_with_its_reason(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(FakeReader):
        def read(
            self, document: Document, path: Path, progress: Callable[[int, int], None] | None = None
        ) -> tuple[Document, list[OcrPage]]:
            pages = [read_page(1), OcrPage(2, problem="it hung."), OcrPage(3)]
            return ocr.add_pages(document, pages, self.engine), [pages[1]]

    monkeypatch.setattr(ocr_reader, "OcrReader", Failing)
    review.attach(scanned(tmp_path / "scan.pdf", pages=3))
    told = scans.describe_scans(scans.read_scans(review, None, "eng"))
    assert told.results[0].endswith(" Not read: page 2 (it hung); page 3.")


def test_of_copies_that_are_merged_what_was_said_of_ocr_last_holds(
    review: Review, scan: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = (f"2026-01-01T00:00:{second:02}.000000Z" for second in count(1))
    monkeypatch.setattr(ocr_rows, "utc_now", lambda: next(clock))
    review.attach(scan)
    review.close()
    theirs = copied(path, "theirs.leads")
    with open_quickly(path) as mine:
        scans.read_scans(mine, None, "eng")
        read, stored = document(mine), rows(mine)
    merged(theirs, path)
    with open_quickly(theirs) as other:
        assert (document(other), rows(other)) == (read, stored)
        scans.take_back(other, Path("scan.pdf"))
    merged(path, theirs)
    with open_quickly(path) as mine:
        assert (mine.attachments()[0].problem != "", rows(mine)) == (True, stored)
        scans.read_scans(mine, None, "eng")
    merged(theirs, path)
    with open_quickly(theirs) as other:
        assert (document(other), rows(other)) == (read, stored)
        assert other.merge([path]).reports[0].acts == 0


def test_the_text_of_ocr_is_no_part_of_the_file_without_it(review: Review, scan: Path) -> None:
    review.attach(scan)
    (one,) = scans.read_scans(review, None, "eng")
    bare = ocr_rows.without_ocr(review.db, one.file.sha256)
    assert bare is not None and bare.passages == () and not bare.ocr_engine


def test_a_work_package_without_texts_takes_nothing_from_what_ocr_read(
    review: Review, add: Import, scan: Path, path: Path
) -> None:
    (record,) = add([Citation(title=TITLE, year=2020)])
    review.attach(scan)
    scans.read_scans(review, None, "eng")
    before = document(review)
    package = path.with_name("package.leads")
    review.share(package, PackageOrder("Ann", Stage.ABSTRACT, (record,), texts=False))
    review.close()
    with open_quickly(package) as theirs:
        left = document(theirs)
        assert left is not None and left.problem and not left.passages
        theirs.acting = "Ann"
        theirs.decide(record, Stage.ABSTRACT, Choice.INCLUDE)
    merged(path, package)
    with open_quickly(path) as mine:
        assert document(mine) == before and before is not None and before.passages

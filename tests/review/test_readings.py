"""What could be read of a paper is kept with it, and told for each report with all its files."""

from __future__ import annotations

import pytest

from leads_local.app.reading import describe_readings, describe_unread, readings_as_data
from leads_local.export.reading import reading_sheet
from leads_local.records import Citation, Document, Page, PageState
from leads_local.review.attachments import FileRole
from leads_local.review.readings import PaperReading
from leads_local.review.review import Review
from leads_local.review.store import documents
from tests.documents.conftest import passage
from tests.review.conftest import Import

TEXT = passage("Of 84 patients 41 were given a placebo.")
WHOLE = Document("whole.pdf", "a" * 64, (Page(1, 595.0, 842.0, 900, PageState.READ),), (TEXT,))
HURT = Document(
    "hurt.pdf",
    "b" * 64,
    (Page(1, 595.0, 842.0, 900, PageState.READ, 1), Page(2, 595.0, 842.0, 90, PageState.DAMAGED)),
    (TEXT,),
    notice="Page 2 of 2 is damaged.",
    missing=1,
    rebuilt=True,
)


def put(review: Review, *given: Document) -> None:
    for document in given:
        with review.db.transaction():
            documents.put(review.db, document)


def test_it_is_kept_with_the_file_and_comes_back_with_its_pages(review: Review) -> None:
    put(review, HURT)
    assert documents.read(review.db, HURT.sha256) == HURT


def test_a_file_of_an_earlier_version_is_not_said_to_be_whole(review: Review) -> None:
    put(review, WHOLE)
    with review.db.transaction():
        review.db.write("UPDATE document SET reading = ''")
    document = documents.read(review.db, WHOLE.sha256)
    assert document is not None and document.pages[0].state is PageState.NOT_LOOKED_AT
    assert not documents.readings(review.db)[WHOLE.sha256].whole


def test_a_file_that_is_read_again_is_told_as_it_was_read_then(review: Review) -> None:
    put(review, Document("hurt.pdf", HURT.sha256, problem="hurt.pdf: the file is damaged."), HURT)
    assert documents.readings(review.db)[HURT.sha256].missing == 1


def test_each_report_has_a_line_with_its_files_those_that_lack_something_first(review: Review, add: Import) -> None:
    put(review, WHOLE, HURT)
    first, second = add([Citation(title="Walking for knees"), Citation(title="Swimming for hips")])
    review.link(WHOLE.sha256, first, FileRole.MAIN)
    review.link(HURT.sha256, second, FileRole.SUPPLEMENT)
    told = describe_readings(review)
    assert told.notices == ("2 papers: 1 read whole, 1 not.",)
    assert (
        told.results[0].startswith(f"Record {second}, ")
        and "hurt.pdf (supplement): 1 of 2 pages read" in told.results[0]
    )
    assert "whole.pdf: 1 of 1 pages read" in told.results[1]
    assert [line.startswith(f"Record {second}, ") for line in describe_unread(review)] == [True, False]
    data = {one["record"]: one for one in readings_as_data(review)}
    assert data[first]["whole"] and data[second]["files"][0]["not_read"] == {"2": "damaged"}
    sheet = reading_sheet(review)
    rows = {row["file"]: row for row in (dict(zip(sheet.header, row, strict=True)) for row in sheet.rows())}
    assert rows["whole.pdf"]["read whole"] == "yes" and rows["hurt.pdf"]["read whole"] == "no"
    assert (rows["hurt.pdf"]["pages not read"], rows["hurt.pdf"]["pages missing"]) == ("2", 1)
    assert rows["hurt.pdf"]["remark"] == "Page 2 of 2 is damaged." and rows["hurt.pdf"]["tables as pictures"] == 1


def test_what_the_model_has_not_seen_is_no_fault_of_reading(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    long = PaperReading(1, "Walking for knees", (), ("references",))
    monkeypatch.setattr(Review, "readings", lambda review: [long])
    assert describe_readings(review).notices == ("1 paper: 1 read whole, 0 not. The model has not seen all of 1.",)


def test_a_paper_that_the_model_has_not_seen_whole_is_not_whole() -> None:
    assert PaperReading(1, "Walking", ()).whole and not PaperReading(1, "Walking", (), ("methods",)).whole

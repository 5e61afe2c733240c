"""The lists of PDFs and imports: every PDF says where it belongs, and a key says what one of them is."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from leads_local.documents import ocr_reader, pool, reader
from leads_local.records import Question, Stage
from leads_local.review.review import Review
from leads_local.tui.screens.overview import OverviewScreen
from leads_local.tui.screens.pdf_list import PdfList
from leads_local.tui.screens.report import ReportScreen
from leads_local.tui.screens.source_list import SourceList
from tests.fake_ocr import FakeReader, scanned
from tests.review.test_fulltexts import write_pdf
from tests.tui.conftest import NARROW, WIDE, Opened, app_of, shown, told, write_records

TITLE = "Aspirin against low back pain in adults: a randomised trial"


@pytest.fixture
def papers(tmp_path: Path, review_path: Path) -> Path:
    """Three PDFs, of which the first is of record 21, which is imported here."""
    folder = tmp_path / "papers"
    folder.mkdir()
    with Review.open(review_path) as review:
        review.import_file(write_records(tmp_path / "more.csv", [TITLE]))
    write_pdf(folder / "a.pdf", TITLE)
    write_pdf(folder / "b.pdf", "Ginger tea for nausea after surgery in older women")
    write_pdf(folder / "c.pdf", "A protocol of what nobody has imported so far")
    return folder


def text_of(pilot: Pilot[int]) -> str:
    return " ".join(shown(app_of(pilot)).split())


def review_of(pilot: Pilot[int]) -> Review:
    session = app_of(pilot).session
    assert session is not None
    return session.review


async def give(pilot: Pilot[int], key: str, text: str) -> None:
    await pilot.press(key)
    await pilot.pause()
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_what_matches_no_record_is_asked_about_after_attaching(opened: Opened, papers: Path) -> None:
    async with opened(size=WIDE) as pilot:
        await give(pilot, "p", str(papers))
        assert isinstance(pilot.app.screen, PdfList)
        assert "3 PDFs, 2 waiting for you. l links one to a record" in text_of(pilot)
        assert "b.pdf: waits, as it matches no record" in text_of(pilot)
        review = review_of(pilot)
        assert review.counts().identified == 21
        await pilot.press("n")
        await pilot.pause()
        assert (review.counts().identified, len(review.waiting_pdfs())) == (22, 1)
        await give(pilot, "l", "aspirin BACK")
        await pilot.press("1")
        await pilot.pause()
        assert "has a.pdf already. What is this one?" in text_of(pilot)
        await pilot.press("p")
        await pilot.pause()
        assert review.waiting_pdfs() == []
        files = {Path(one.path).name: (one.record_id, one.role) for one in review.attachments()}
        assert files == {"a.pdf": (21, "main"), "b.pdf": (22, "main"), "c.pdf": (21, "protocol")}
        await pilot.press("u")
        await pilot.pause()
        await pilot.press("escape", "U", "U")
        await pilot.pause()
        assert isinstance(pilot.app.screen, OverviewScreen)
        assert [Path(one.path).name for one in review.waiting_pdfs()] == ["c.pdf"]
        assert "Say what 1 PDF of no record will be" in text_of(pilot)


async def test_one_is_ignored_linked_by_number_and_what_can_not_be_is_one_sentence(
    opened: Opened, papers: Path
) -> None:
    async with opened(size=WIDE) as pilot:
        review = review_of(pilot)
        review.attach(papers)
        await pilot.press("w", "i")
        await pilot.pause()
        assert [one.ignored for one in review.attachments()] == [False, True, False]
        await give(pilot, "l", "99")
        assert "there is no record 99" in told(app_of(pilot))
        await give(pilot, "l", "no such words")
        assert "No record has all of these words in its title" in told(app_of(pilot))
        await give(pilot, "l", "3")
        assert review.record(3).fulltext is not None
        assert isinstance(pilot.app.screen, PdfList)


async def test_what_could_be_read_of_each_paper_is_told_in_a_line(opened: Opened, papers: Path) -> None:
    async with opened(size=WIDE) as pilot:
        review_of(pilot).attach(papers)
        await pilot.press("w", "r")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReportScreen)
        assert "read whole" in text_of(pilot) and "1 of 1 pages read" in text_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PdfList)


async def test_one_is_linked_to_a_further_record_with_its_pages_and_taken_from_one(
    opened: Opened, papers: Path
) -> None:
    async with opened(size=WIDE) as pilot:
        review = review_of(pilot)
        review.attach(papers)
        await pilot.press("w", "down", "down")
        await give(pilot, "a", "3")
        assert "Which pages of a.pdf are record 3's?" in text_of(pilot)
        pilot.app.screen.query_one(Input).value = "1-9"
        await pilot.press("enter")
        await pilot.pause()
        assert "a.pdf ends with page 1, so it has no pages 1-9." in told(app_of(pilot))
        await give(pilot, "a", "3")
        pilot.app.screen.query_one(Input).value = "1"
        await pilot.press("enter")
        await pilot.pause()
        (file,) = (one for one in review.attachments() if one.record_id == 21)
        assert [(link.record_id, str(link.page_range)) for link in file.also] == [(3, "1")]
        assert "Also record 3, page 1." in told(app_of(pilot))
        await pilot.press("u")
        await pilot.pause()
        assert "a.pdf: from which record is it to be taken?" in text_of(pilot)
        await pilot.press("1")
        await pilot.pause()
        assert [link.record_id for one in review.attachments() for link in one.links] == [3]
        await pilot.press("escape", "U")
        await pilot.pause()
        await pilot.press("w", "down", "down", "u")
        await pilot.pause()
        await pilot.press("a")
        await pilot.pause()
        assert len(review.waiting_pdfs()) == 3


async def test_a_wrong_import_is_taken_out_and_had_back(opened: Opened) -> None:
    """What the list has no room for stands whole below it."""
    async with opened(size=NARROW) as pilot:
        review = review_of(pilot)
        await pilot.press("o")
        await pilot.pause()
        assert isinstance(pilot.app.screen, SourceList)
        assert "1: export.csv: 20 records" in text_of(pilot)
        await give(pilot, "w", "a wrong search")
        assert "Withdrawn by Kim on" in text_of(pilot) and "a wrong search." in text_of(pilot)
        assert review.record_ids(Stage.ABSTRACT) == []
        await pilot.press("w", "escape", "b")
        await pilot.pause()
        assert len(review.record_ids(Stage.ABSTRACT)) == 20
        await pilot.press("b")
        await pilot.pause()
        assert "it was not withdrawn" in told(app_of(pilot))
        await pilot.press("escape", "U", "U", "2")
        await pilot.pause()
        assert len(review.record_ids(Stage.ABSTRACT)) == 20


async def test_how_an_import_was_searched_is_said(opened: Opened) -> None:
    async with opened(size=WIDE) as pilot:
        review = review_of(pilot)
        await pilot.press("o", "h")
        await pilot.pause()
        form = pilot.app.screen
        assert "such as Embase" in text_of(pilot), "not to be taken for what somebody said"
        form.query_one("#database", Input).value = "Embase"
        form.query_one("#claimed", Input).value = "many"
        await pilot.press("enter")
        assert "'many' is no number of hits" in text_of(pilot)
        form.query_one("#claimed", Input).value = "25"
        form.query_one("#strategy", Input).value = "exp pain/"
        await pilot.press("enter")
        await pilot.pause()
        assert "Embase; 25 hits by its own count; strategy: exp pain/" in text_of(pilot)
        assert "claimed 25 hits, and 20 records came in, 5 fewer" in text_of(pilot)
        await pilot.press("h")
        await pilot.pause()
        pilot.app.screen.query_one("#database", Input).value = ""
        await pilot.press("enter")
        await pilot.pause()
        (said,) = review.search_details().values()
        assert (said.database, said.claimed, said.strategy) == ("", 25, "exp pain/")


async def test_lists_of_a_review_that_has_none(opened: Opened, tmp_path: Path) -> None:
    Review.create(tmp_path / "new.leads", Question(population="adults")).close()
    async with opened(path=tmp_path / "new.leads") as pilot:
        await pilot.press("w", "l", "n", "i", "u")
        assert "No PDFs have been attached yet" in text_of(pilot)
        await pilot.press("escape", "o", "w", "b")
        assert "Nothing has been imported yet" in text_of(pilot)


async def test_decisions_of_another_tool_are_shown_and_taken(opened: Opened, tmp_path: Path) -> None:
    export, labels = tmp_path / "asreview.ris", tmp_path / "labels.csv"
    export.write_text("TY  - JOUR\nTI  - Walking\nN1  - ASReview_relevant\nER  - \n", encoding="utf-8")
    rows = "".join(f"Swimming {number},perhaps\n" for number in range(6))
    labels.write_text(f"title,my label\n{rows}", encoding="utf-8")
    async with opened(size=WIDE) as pilot:
        review = review_of(pilot)
        review.import_file(export)
        review.import_file(labels)
        await pilot.press("o", "down", "d")
        await pilot.pause()
        assert "abstract stage, ASReview: include 1" in text_of(pilot)
        await give(pilot, "w", "Dana")
        assert "abstract stage, Dana: include 1" in text_of(pilot)
        assert review.record(21).votes == {}
        await pilot.press("t")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert [one.reviewer for one in review.record(21).votes[Stage.ABSTRACT]] == ["Dana"]
        assert isinstance(pilot.app.screen, OverviewScreen) and "Taken: 1 decision" in text_of(pilot)
        await pilot.press("o", "end", "d")
        await pilot.pause()
        await give(pilot, "c", "no such column")
        assert "in a column no such column. Its columns are: my label." in told(app_of(pilot))
        await give(pilot, "c", "my label=Cy")
        assert "not understood" in text_of(pilot)
        await give(pilot, "l", "perhaps=maybe")
        await give(pilot, "r", "Cy=Cyd")
        assert "abstract stage, Cyd: include 0, exclude 0, maybe 6" in text_of(pilot)
        await pilot.press("t")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press("U")
        await pilot.pause()
        assert "maybe on record 23 at the abstract stage by Cyd. Undone: … and 4 more" in told(app_of(pilot))
        await pilot.press("o", "end", "d", "e")
        await pilot.pause()
        await pilot.press("i")
        await pilot.pause()
        assert "include 6, exclude 0" in text_of(pilot)


async def test_records_are_written_for_another_program(opened: Opened, tmp_path: Path) -> None:
    out = tmp_path / "all.ris"
    async with opened(size=WIDE) as pilot:
        await pilot.press("e")
        await give(pilot, "r", str(out))
        await pilot.press("a", "r")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert out.read_text(encoding="utf-8").count("TY  -") == 20
        await pilot.press("e")
        await give(pilot, "r", str(out))
        await pilot.press("a", "r")
        await pilot.pause()
        assert "Export all the same?" in text_of(pilot)
        await pilot.press("n", "e")
        await give(pilot, "r", str(tmp_path / "some.txt"))
        assert "some.txt doesn't say which format is meant" in told(app_of(pilot))
        await pilot.press("e")
        await give(pilot, "r", str(tmp_path / "few.ris"))
        await give(pilot, "w", 'title~"never ending"')
        await pilot.press("z")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert (tmp_path / "few.ris").read_text(encoding="utf-8").count("TY  -") == 1


async def test_retractions_are_found_by_a_list(opened: Opened, tmp_path: Path) -> None:
    paper, watch = tmp_path / "one.ris", tmp_path / "rw.csv"
    paper.write_text("TY  - JOUR\nTI  - Walking\nDO  - 10.5555/w\nER  - \n", encoding="utf-8")
    watch.write_text(
        "OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature\n10.5555/w,0,Retraction\n", encoding="utf-8"
    )
    async with opened(size=WIDE) as pilot:
        review_of(pilot).import_file(paper)
        await pilot.press("o")
        await give(pilot, "r", str(watch))
        assert isinstance(pilot.app.screen, OverviewScreen) and "1 new tag" in text_of(pilot)
        await pilot.press("2")
        await pilot.pause()
        await pilot.press("end")
        await pilot.pause()
        assert "[RETRACTED] Walking" in text_of(pilot) and "This paper: retracted" in text_of(pilot)


async def test_scanned_pages_are_read_by_ocr_and_that_is_taken_back(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr_reader, "OcrReader", FakeReader)
    monkeypatch.setattr(pool, "read_many", lambda paths, *_, **__: map(reader.read, paths))
    async with opened(size=WIDE) as pilot:
        review = review_of(pilot)
        review.attach(scanned(tmp_path / "scan.pdf", text_pages=["Own."]))
        await pilot.press("w", "o")
        await pilot.pause()
        assert "scan.pdf: what is OCR to do?" in text_of(pilot)
        await pilot.press("o")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert "OCR read 1 page of 1 PDF" in text_of(pilot)
        assert "Page 2 of 2 was read by OCR" in review.attachments()[0].notice
        await pilot.press("w", "o", "t")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PdfList)
        assert "Page 2 of 2 is a picture without text" in review.attachments()[0].notice

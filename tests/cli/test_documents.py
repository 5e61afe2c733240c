"""PDFs from the command line: one that can't be read is a sentence and an exit code, and no text of a paper steers the
terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.cli.documents import print_text
from leads_local.documents import ocr_reader, pool, reader
from leads_local.records import Document, Passage, PassageKind
from tests.fake_ocr import FakeReader, scanned
from tests.review.test_fulltexts import write_pdf

from .conftest import Done

Leads = Callable[..., Done]


@pytest.mark.parametrize(("name", "said"), [("none.pdf", "no such file"), (".", "a folder"), ("bad.pdf", "not a PDF")])
def test_text_of_what_is_no_pdf(leads: Leads, tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "bad.pdf").write_text("a letter")
    done = leads("text", tmp_path / name)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_a_folder_without_pdfs_is_refused_and_bad_ones_are_listed(leads: Leads, review: Path, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    assert leads("pdfs", review, folder).code == 2
    (folder / "bad.pdf").write_text("a letter")
    done = leads("pdfs", review, folder)
    assert done.code == 1
    assert "bad.pdf" in done.err


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Two PDFs: the first is of record 1, the second of none."""
    folder = tmp_path / "papers"
    folder.mkdir()
    write_pdf(folder / "knees.pdf", "Walking for knees", "10.5555/walk.1")
    write_pdf(folder / "tea.pdf", "Ginger tea for nausea after surgery in older women")
    return folder


def test_each_paper_has_a_line_on_what_could_be_read_of_it(leads: Leads, review: Path, papers: Path) -> None:
    leads("pdfs", review, papers)
    done = leads("reading", review)
    assert done.code == 0 and "1 paper: 1 read whole, 0 not." in done.err
    assert done.out.startswith("Record 1, ") and "knees.pdf: 1 of 1 pages read, 0 tables, " in done.out
    (data,) = json.loads(leads("reading", review, "--json").out)
    assert (data["record"], data["whole"], data["files"][0]["pages"]) == (1, True, 1)
    one = leads("text", papers / "tea.pdf")
    assert "tea.pdf: 1 of 1 pages read, 0 tables, " in one.err and "pages read" not in one.out
    assert "1 paper: 1 read whole, 0 not. `reading` has a line for each paper." in leads("extract", review).err


def test_a_pdf_that_matches_no_record_waits_for_a_person(leads: Leads, review: Path, papers: Path) -> None:
    done = leads("pdfs", review, papers)
    assert done.code == 1
    assert "knees.pdf: record 1, DOI" in done.out
    assert "tea.pdf: waits, as it matches no record (unmatched PDF: " in done.out
    assert "1 PDF matches no record and counts for nothing yet. `pdfs --list` lists them" in done.err
    status = json.loads(leads("status", review, "--json").out)
    assert (status["counts"]["identified"], status["waiting_pdfs"]) == (3, 1)
    assert "PDFs that match no record and wait for you 1" in " ".join(leads("status", review).out.split())
    listed = leads("pdfs", review, "--list")
    assert (listed.code, listed.out.splitlines()[0].split(" [")[0]) == (1, "tea.pdf")
    assert listed.out.endswith("2 PDFs: 1 with a record.\n")
    (sha256,) = (one["sha256"] for one in json.loads(leads("pdfs", review, "--list", "--json").out) if one["waits"])
    assert leads("pdfs", review, "tea.pdf", "--ignore").out == "tea.pdf: ignored.\n"
    assert leads("pdfs", review, "--list").code == 0
    assert leads("pdfs", review, "--unlink", sha256[:8]).out.startswith("tea.pdf: waits")
    done = leads("pdfs", review, papers / "tea.pdf", "--new")
    assert done.out.startswith("tea.pdf: record 4, added as a new record. Ginger tea")
    assert json.loads(leads("status", review, "--json").out)["counts"]["from_pdfs"] == 1
    assert leads("check", review).code == 0


def test_one_file_is_linked_as_what_it_is_and_taken_from_its_record(leads: Leads, review: Path, papers: Path) -> None:
    linked = leads("pdfs", review, papers / "tea.pdf", "--record", "3", "--role", "supplement")
    assert (linked.code, linked.err) == (0, "")
    assert linked.out == "tea.pdf: record 3 as its supplement, linked by hand. Diet for hips.\n"
    assert len(json.loads(leads("pdfs", review, "--list", "--json").out)) == 1, "the other file was not read"
    wrong = leads("pdfs", review, "--unlink", "tea.pdf", "--record", "1")
    assert wrong.code == 2 and "tea.pdf belongs to record 3, not to record 1." in wrong.err
    assert leads("pdfs", review, "--unlink", "tea.pdf", "--record", "3").code == 0
    assert leads("undo", review).out == "Undone: taking from its record of tea.pdf.\n"
    assert leads("undo", review).out == "Undone: link of tea.pdf to record 3.\n"


def test_one_file_is_linked_to_several_records_each_with_its_pages(leads: Leads, review: Path, papers: Path) -> None:
    assert leads("pdfs", review, papers).code == 1
    linked = leads("pdfs", review, "knees.pdf", "--record", "3", "--also")
    assert (linked.code, linked.out.split(". ")[2:]) == (
        0,
        [
            "Also record 3",
            "Diet for hips",
            "The model reads all of it for records 1, 3, unless you say which pages are whose.\n",
        ],
    )
    paged = leads("pdfs", review, "knees.pdf", "--record", "3", "--also", "--pages", "1")
    assert ". Also record 3, page 1. Diet for hips. The model reads all of it for record 1, unless" in paged.out
    (listed,) = (one for one in json.loads(leads("pdfs", review, "--list", "--json").out) if one["record_id"])
    assert (listed["record_id"], listed["page_range"]) == (1, None)
    (also,) = listed["also"]
    assert (also["record_id"], also["page_range"]) == (3, {"first": 1, "last": 1})
    shown = json.loads(leads("show", review, "3", "--json").out)["full text"]
    assert (shown["record_id"], shown["page_range"], shown["waits"]) == (3, {"first": 1, "last": 1}, False)
    assert "knees.pdf, page 1 (1 page; also of record 1)" in leads("show", review, "3").out
    beyond = leads("pdfs", review, "knees.pdf", "--record", "3", "--also", "--pages", "7-9")
    assert beyond.code == 2 and "knees.pdf ends with page 1, so it has no pages 7-9." in beyond.err
    assert leads("pdfs", review, "knees.pdf", "--unlink", "--record", "1").out == (
        "knees.pdf: record 3, page 1, linked by hand. Diet for hips.\n"
    )
    assert leads("undo", review).out == "Undone: taking from its record of knees.pdf.\n"
    assert leads("pdfs", review, "knees.pdf", "--unlink", "--record", "3").code == 0
    assert leads("undo", review).out == "Undone: taking of knees.pdf from record 3, too.\n"
    assert leads("pdfs", review, "knees.pdf", "--record", "2").out == (
        "knees.pdf: record 2, linked by hand. Walking for knees.\n"
    )
    assert leads("undo", review).out.splitlines() == [
        "Undone: link of knees.pdf to record 2.",
        "Undone: taking of knees.pdf from record 3, too.",
    ]
    assert leads("pdfs", review, "--unlink", "knees.pdf").out.startswith("knees.pdf: waits")
    assert leads("check", review).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x.pdf", "--also"], "Give it with --record N."),
        (["x.pdf", "--pages", "1-2", "--unlink", "--record", "1"], "Give it with --record N."),
        (["x.pdf", "--record", "1", "--pages", "2-1"], "'2-1' are no pages of a file."),
        (["x.pdf", "--record", "1", "--pages", "0"], "counted from 1: 12-15."),
        (["x.pdf", "--record", "1", "--pages", "a-b"], "'a-b' are no pages of a file."),
        (["x.pdf", "--record", "1", "--pages", "1-"], "are no pages of a file."),
        ([], "No folder and no file is named."),
        (["x.pdf", "--list"], "--list lists all PDFs"),
        (["x.pdf", "--new", "--ignore"], "--new and --ignore can't be given together."),
        (["x.pdf", "--record", "1", "--new"], "can't be given together."),
        (["x.pdf", "--role", "main"], "Give it with --record N."),
        (["x.pdf", "--record", "1"], "x.pdf: no PDF of this review is called so."),
        (["x.pdf", "--unlink"], "x.pdf: no PDF of this review is called so."),
    ],
)
def test_what_makes_no_sense_is_one_sentence(leads: Leads, review: Path, arguments: list[str], said: str) -> None:
    done = leads("pdfs", review, *arguments)
    assert done.code == 2
    assert said in done.err


def test_a_record_that_is_not_there_is_one_sentence(leads: Leads, review: Path, papers: Path) -> None:
    done = leads("pdfs", review, papers / "tea.pdf", "--record", "99")
    assert done.code == 2
    assert "there is no record 99" in done.err


def test_a_papers_control_characters_are_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    print_text(Document("a.pdf", "", passages=(Passage(0, PassageKind.PARAGRAPH, "before\x1b[2Jafter", ()),)))
    assert capsys.readouterr().out == "before\N{SYMBOL FOR ESCAPE}[2Jafter\n"


def test_scans_are_read_by_ocr_and_marked_wherever_they_are_shown(
    leads: Leads, review: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr_reader, "OcrReader", FakeReader)
    monkeypatch.setattr(pool, "read_many", lambda paths, *_, **__: map(reader.read, paths))
    scan = scanned(tmp_path / "scan.pdf", text_pages=["Own."])
    plain, read = leads("text", scan), leads("text", scan, "--ocr")
    assert "OCR can read such pages (`--ocr`" in plain.err and "[Page" not in plain.out
    assert "[Page 2 was read by OCR, 90% sure: letters and numbers may be wrong.]" in read.out
    assert "page 2 by OCR (Fake OCR 1 (eng), 90% sure)" in read.err
    done = leads("pdfs", review, scan, "--ocr")
    assert (done.code, "Page 2 read by OCR, 90% sure. scan.pdf: " in done.out) == (0, True)
    assert "compare each value with its page" in done.err
    assert "No PDF has pages that only OCR could read." in leads("pdfs", review, "--ocr").err
    assert (
        "Page 2 of 2 is a picture" in json.loads(leads("pdfs", review, "scan.pdf", "--no-ocr", "--json").out)["notice"]
    )
    (again,) = json.loads(leads("pdfs", review, "--ocr", "--json").out)
    assert (again["pages"], again["not_read"]) == ({"2": 0.9}, {})
    assert leads("pdfs", review, "scan.pdf", "--ocr", "--no-ocr").code == 2

"""Copies of papers with their values marked: every value is somewhere in them, or named; and nothing of anybody's is
lost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

from leads_local import windows_names
from leads_local.app import exporting
from leads_local.errors import InputError
from leads_local.export import tables
from leads_local.export.annotated import AnnotatedPapers
from leads_local.export.papers import PaperValues, locate
from leads_local.records import Choice, Progress, Stage
from leads_local.review.attachments import Attachment
from leads_local.review.review import Review
from tests.export import real_papers


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    with real_papers.make(tmp_path) as made:
        yield made


def export(review: Review, folder: Path) -> exporting.ExportResult:
    return exporting.export(review, folder, annotated=True)


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_each_value_is_highlighted_by_its_state_listed_and_told(review: Review, tmp_path: Path) -> None:
    before = digest(tmp_path / "paper one.pdf")
    done = export(review, tmp_path / "out")
    copy = tmp_path / "out" / "annotated" / "1 paper one.pdf"
    assert copy in done.files and (tmp_path / "out" / "annotated" / "README.txt") in done.files
    assert digest(tmp_path / "paper one.pdf") == before
    with pymupdf.open(copy) as pdf:
        page = pdf[0]
        marks = [(one.info, one.colors["stroke"], one.rect) for one in page.annots() if one.type[1] == "Highlight"]
        titles = [title for _, title, _ in pdf.get_toc()]
    colours = {tuple(round(part, 2) for part in colour) for _, colour, _ in marks}
    assert len(marks) == len(colours) == 4, "four states in three sentences, two of them in one"
    notes = "\n".join(info["content"] for info, _, _ in marks)
    for said in (
        "Sample size: 84\nproposed",
        "accepted by Ann, ",
        "corrected by Ann, ",
        "Model: 12.5",
        "rejected by Ben, ",
    ):
        assert said in notes
    assert "Pain: −12.5" in notes and "Model: 12.5" in notes and "Note: the sign was lost" in notes
    first, second = (rect for info, _, rect in marks if "Sample size" in info["content"])
    assert first.x1 < second.x1 and abs(first.y0 - second.y0) < 1, "what stands in one line shares it, side by side"
    assert titles[0] == "Values of this review (5)" and len(titles) == 8
    assert any("Funding: a drug company (proposed): the model's words were not found" in title for title in titles)
    assert not any("\x00" in title or "\u202e" in title for title in titles)


def test_what_is_marked_nowhere_is_told(review: Review, tmp_path: Path) -> None:
    done = export(review, tmp_path / "out")
    page = (tmp_path / "out" / "annotated" / "README.txt").read_text(encoding="utf-8")
    assert "- Funding: a drug company (the model's words were not found in the paper)" in page
    assert "No copy. Report 2: no PDF is attached to it." in page
    assert "5 values: 2 proposed, 1 accepted, 1 corrected, 1 rejected" in page
    told = exporting.describe_export(done)
    assert told.failed
    assert "No annotated copy. Report 2: no PDF is attached to it." in told.notices
    assert "1 paper one.pdf: 1 of 5 values marked nowhere (annotated/README.txt has why)." in told.notices
    assert "annotated" in (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")


def test_a_paper_that_is_gone_or_another_is_told_with_its_values(review: Review, tmp_path: Path) -> None:
    (tmp_path / "paper one.pdf").write_bytes(b"%PDF-1.7 another")
    done = export(review, tmp_path / "out")
    assert sorted(file.name for file in (tmp_path / "out" / "annotated").iterdir()) == ["README.txt"]
    (told,) = (one for one in done.remarks if "paper one" in one)
    assert "content has changed" in told and "5 values marked nowhere" in told
    (tmp_path / "paper one.pdf").unlink()
    (told,) = (one for one in export(review, tmp_path / "out").remarks if "paper one" in one)
    assert "there is no such file" in told


def test_a_paper_is_found_beside_the_review_that_was_moved_with_it(review: Review, tmp_path: Path) -> None:
    there = tmp_path / "moved"
    there.mkdir()
    review.back_up(there / "r.leads")
    (tmp_path / "paper one.pdf").rename(there / "paper one.pdf")
    with Review.open(there / "r.leads") as moved:
        export(moved, tmp_path / "out")
        assert (tmp_path / "out" / "annotated" / "1 paper one.pdf").exists()
        folder = there / tmp_path.name  # as it was called when it was attached
        folder.mkdir()
        (there / "paper one.pdf").rename(folder / "paper one.pdf")
        (paper,) = moved.attachments()
        assert locate(moved, paper) == folder / "paper one.pdf"
        assert locate(moved, replace(paper, path=f"C:\\knee\\{tmp_path.name}\\paper one.pdf")).parent == folder


def test_a_paper_that_was_moved_is_found_once_its_folder_is_attached_again(review: Review, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "paper one.pdf").rename(tmp_path / "papers" / "renamed.pdf")
    review.attach(tmp_path / "papers")
    export(review, tmp_path / "out")
    assert (tmp_path / "out" / "annotated" / "1 renamed.pdf").exists()


def test_copies_that_people_wrote_into_are_never_replaced(review: Review, tmp_path: Path) -> None:
    export(review, tmp_path / "out")
    copy = tmp_path / "out" / "annotated" / "1 paper one.pdf"
    export(review, tmp_path / "out")
    written = copy.read_bytes()
    copy.write_bytes(written + b"% a note of mine\n")
    with pytest.raises(InputError, match=r"1 paper one\.pdf is not as an export has written it"):
        export(review, tmp_path / "out")
    assert copy.read_bytes() != written
    copy.write_bytes(written)

    def note(_: Progress) -> None:
        copy.write_bytes(b"notes of mine")

    with pytest.raises(InputError, match=r"1 paper one\.pdf is not as an export has written it"):
        tables.export_review(review, tmp_path / "out", note, [AnnotatedPapers()])
    assert copy.read_bytes() == b"notes of mine", "also while the next one is made"
    copy.write_bytes(written)
    (copy.parent / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match=r"mine\.txt is not as an export has written it"):
        export(review, tmp_path / "out")
    exporting.export(review, tmp_path / "out")


def test_an_export_without_them_says_that_there_are_some_of_an_earlier_one(review: Review, tmp_path: Path) -> None:
    export(review, tmp_path / "out")
    done = exporting.export(review, tmp_path / "out")
    assert done.remarks == ("annotated in that folder is an earlier export's.",)
    assert not exporting.describe_export(done).failed


def test_folders_are_replaced_with_the_files_or_not_at_all(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(review, tmp_path / "out")
    before = {file: file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file()}
    review.decide(2, Stage.ABSTRACT, Choice.EXCLUDE)

    def refuse(*_: object) -> None:
        raise InputError("open elsewhere", "close it")

    monkeypatch.setattr("leads_local.export.placing.check_places", lambda *_: None)
    monkeypatch.setattr("leads_local.export.placing._keep_previous", refuse)
    with pytest.raises(InputError, match="open elsewhere"):
        export(review, tmp_path / "out")
    assert {file: file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file()} == before


def test_names_of_copies_are_unlike_and_fit_every_system() -> None:
    made = AnnotatedPapers()
    names = []
    for path in (
        "C:\\papers\\Smith: a trial?.pdf",
        "/p/Smith_ a trial_.PDF",
        f"/p/{'long ' * 40}.pdf",
        "/p/\u202efdp.exe.pdf",
    ):
        attachment = Attachment(path, "0" * 64, 7, "", "")
        names.append(made._free_name(PaperValues(attachment, [7])))
        made._written.append((names[-1], ""))
    assert names[:2] == ["7 Smith_ a trial_.pdf", "7 Smith_ a trial_ (2).pdf"]
    assert len({name.casefold() for name in names}) == 4
    assert not [name for name in names if windows_names.why_no_part(name) or len(name) > 60 or "\u202e" in name]


def test_a_paper_that_changes_while_it_is_copied_has_no_copy(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads_local.export.annotated.digest_or_empty", lambda path: "another")
    done = export(review, tmp_path / "out")
    assert any("it was changed while it was copied" in one for one in done.remarks)
    assert not (tmp_path / "out" / "annotated" / "1 paper one.pdf").exists()

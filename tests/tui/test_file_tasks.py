"""Paths as people type them, and chores that say in lines what came of them."""

from pathlib import Path

import pytest

from leads_local.citations import source
from leads_local.errors import InputError, ReviewError
from leads_local.records import Choice, Progress, Stage
from leads_local.review.review import Review
from leads_local.tui import file_tasks
from tests.tui.conftest import write_records


@pytest.mark.parametrize("form", ["{}", "  {} ", '"{}"', "'{}'"])
def test_a_path_may_be_quoted_or_padded(tmp_path: Path, form: str) -> None:
    folder = tmp_path / "with space"
    folder.mkdir()
    assert file_tasks.typed_path(form.format(folder)) == folder


@pytest.mark.parametrize("text", ["", "  ", '""', "/no/such/thing", "~nobody-of-this-name/x.ris"])
def test_what_is_not_there_is_said(text: str) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        file_tasks.typed_path(text)


def test_import_reports_each_file_of_a_folder(tmp_path: Path, review_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    write_records(folder / "a.csv", ["One"])
    write_records(folder / "b.csv", ["Two", "Three"])
    told: list[Progress] = []
    with Review.open(review_path) as review:
        lines = file_tasks.import_citations(folder)(review, told.append)
        assert review.counts().identified == 23
    assert lines == ("a.csv: 1 record read as csv (utf-8), 1 new.", "b.csv: 2 records read as csv (utf-8), 2 new.")
    assert [(p.done, p.total) for p in told] == [(0, 2), (1, 2)]


def test_the_reviewers_are_compared_stage_by_stage(review_path: Path) -> None:
    told: list[Progress] = []
    with Review.open(review_path) as review:
        for who in ("Ann", "Ben"):
            review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, reviewer=who)
        lines = file_tasks.compare_reviewers(review, told.append)
    assert lines[0].startswith("Agreement at the abstract stage")
    assert "Ann and Ben: 1 report decided by both" in lines
    assert any(line.endswith(f"–{'':20}of 1") for line in lines)
    assert lines[-1] == "No report has been decided by two reviewers yet."
    assert lines[-2].startswith("Agreement at the fulltext stage")
    assert told


def test_one_bad_file_does_not_stop_a_folder(
    tmp_path: Path, review_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / ".hidden").write_text("made by the system")
    (folder / "a.xml").write_text("<xml><records/></xml>")
    (folder / "b.pdf").write_bytes(b"%PDF-1.4")
    write_records(folder / "c.csv", ["One"])

    def fail(text: str) -> None:
        raise LookupError("boom")

    monkeypatch.setitem(source.READERS, "endnote xml", fail)
    with Review.open(review_path) as review:
        lines = file_tasks.import_citations(folder)(review, lambda progress: None)
        assert review.counts().identified == 21
    assert lines[0] == "2 of 3 files can't be used; the others were imported."
    assert "a.xml: leads-local failed at this file (LookupError: boom)" in lines[1] and "is a PDF" in lines[2]
    assert lines[3:] == ("c.csv: 1 record read as csv (utf-8), 1 new.",)


def test_a_single_file_that_can_t_be_used_is_an_error(tmp_path: Path, review_path: Path) -> None:
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4")
    with Review.open(review_path) as review, pytest.raises(InputError, match="is a PDF"):
        file_tasks.import_citations(tmp_path / "b.pdf")(review, lambda progress: None)
    (tmp_path / "empty").mkdir()
    with Review.open(review_path) as review, pytest.raises(InputError, match="holds no files"):
        file_tasks.import_citations(tmp_path / "empty")(review, lambda progress: None)


def test_a_review_that_fails_ends_a_folder_and_says_what_is_kept(
    tmp_path: Path, review_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ab":
        write_records(tmp_path / f"{name}.csv", [f"Title {name}"])
    real = Review.import_file

    def full(self: Review, path: Path, columns: object) -> object:
        if path.name == "b.csv":
            raise ReviewError("The disk is full.", "Make room.")
        return real(self, path)

    monkeypatch.setattr(Review, "import_file", full)
    folder = tmp_path / "exports"
    folder.mkdir()
    for name in "ab":
        (tmp_path / f"{name}.csv").rename(folder / f"{name}.csv")
    with Review.open(review_path) as review, pytest.raises(ReviewError, match=r"kept: a\.csv\. Make room"):
        file_tasks.import_citations(folder)(review, lambda progress: None)


def test_duplicates_are_counted(tmp_path: Path, review_path: Path) -> None:
    with Review.open(review_path) as review:
        again = [f"Something else {number}" for number in range(11)] + [
            "Trial 3 of walking and sleep"
        ]  # the same place, year and abstract
        review.import_file(write_records(tmp_path / "again.csv", again))
        lines = file_tasks.find_duplicates(review, lambda p: None)
        assert review.counts().duplicates == 1
    assert lines[0] == "32 records: 1 duplicate in 1 group, which need not be screened again."

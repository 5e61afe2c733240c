"""What was said of a table's columns is kept in the log, used again, merged, and forgotten with a withdrawn import."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from leads_local.app.citations import describe_import, import_files, parse_columns
from leads_local.errors import InputError
from leads_local.records import Choice
from leads_local.review.review import Review

GERMAN = "Arbeit;Fazit;Ort\n{};Wir teilten zu.;Bonn\n"
SAID = parse_columns("Arbeit=title,Fazit=abstract")


def write(path: Path, title: str) -> Path:
    path.write_text(GERMAN.format(title), encoding="utf-8")
    return path


def test_what_was_said_holds_for_the_next_file_and_is_told(review: Review, tmp_path: Path) -> None:
    files = [write(tmp_path / f"{name}.csv", f"Gehen {name}") for name in "ab"]
    first, second = (
        next(iter(import_files(review, [file], lambda number, file: None, said)))
        for file, said in zip(files, (SAID, ()), strict=True)
    )
    lines = describe_import(second, "b.csv").lines
    assert "b.csv: columns as you said, or said before: Arbeit=title, Fazit=abstract." in lines
    assert "b.csv: columns of which nothing is known are kept beside the records: Ort." in lines
    assert review.counts().identified == 2 and first.exit_code == second.exit_code == 0
    assert review.preview_table(files[1]).taken_for == ("title", "abstract", "")
    assert review.import_file(files[0]).already == 1


def test_the_same_file_is_not_imported_again_with_other_columns_before_it_is_withdrawn(
    review: Review, tmp_path: Path
) -> None:
    file, other = write(tmp_path / "a.csv", "Gehen"), parse_columns("Fazit=title")
    wrong = review.import_file(file, other)
    with pytest.raises(InputError, match="imported before, with other columns"):
        review.import_file(file, SAID)
    review.withdraw(review.sources()[0].sha256, "", withdrawn=True)
    with pytest.raises(InputError, match="no column is named title"):
        review.import_file(file)  # what a withdrawn import was told is not used again
    assert review.import_file(file, SAID).added == wrong.added == 1
    assert review.counts().identified == 1


def test_a_file_imported_as_it_is_is_not_imported_again_with_columns(review: Review, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Title,Fazit\nx,y\n")
    review.import_file(tmp_path / "a.csv")
    with pytest.raises(InputError, match="imported before, with other columns"):
        review.import_file(tmp_path / "a.csv", parse_columns("Fazit=abstract"))


def test_what_was_said_in_a_copy_holds_after_a_merge(review: Review, tmp_path: Path) -> None:
    copy = tmp_path / "copy.leads"
    review.back_up(copy)
    with Review.open(copy) as other:
        other.import_file(write(tmp_path / "a.csv", "Gehen a"), SAID)
    review.merge([copy])
    assert review.import_file(write(tmp_path / "b.csv", "Gehen b")).added == 1
    shutil.copy(tmp_path / "a.csv", tmp_path / "again.csv")
    assert review.import_file(tmp_path / "again.csv").already == 1


def test_decisions_are_read_from_a_table_with_columns_that_are_remembered(review: Review, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Arbeit;Fazit;included\nGehen;Wir gingen.;1\n", encoding="utf-8")
    review.import_file(tmp_path / "a.csv", SAID)
    other = tmp_path / "b.csv"
    other.write_text("Arbeit;Fazit;included\nGehen;Wir gingen.;0\n", encoding="utf-8")
    told = review.told_by(other)
    [decision] = told.screened.told[0].decisions
    assert (told.citations[0].title, decision.choice) == ("Gehen", Choice.EXCLUDE)

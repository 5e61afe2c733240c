"""What a person is told is the same on the command line and on the screen, whole, and true."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.app import citations, documents, duplicates, outcome, safekeeping
from leads_local.errors import ExitCode, InputError
from leads_local.records import Choice, Progress, ReadProblem, Stage
from leads_local.review.attachments import Attachment
from leads_local.review.read_models import DedupeReport, ImportReport
from leads_local.review.review import Review
from leads_local.tui import file_tasks
from tests.cli.conftest import Done
from tests.review import old_reviews

Leads = Callable[..., Done]
UNTITLED = "TY  - JOUR\nAB  - We randomised 84 adults.\nPY  - 2019\nER  -\n"


def quiet(progress: Progress) -> None:
    """What a chore tells while it runs is of no interest here."""


def said_by_both(leads: Leads, review: Path, arguments: list[object], chore: file_tasks.Chore) -> tuple[str, str]:
    """What the command says, and what the screen says of the same."""
    done = leads(*arguments)
    with Review.open(review) as opened:
        return done.out + done.err, "\n".join(chore(opened, quiet))


def test_no_line_is_named_where_there_is_none(leads: Leads, review: Path, tmp_path: Path) -> None:
    """A notice about several records is about no one line."""
    file = tmp_path / "untitled.ris"
    file.write_text(UNTITLED)
    done = leads("import", review, file)
    (tmp_path / "again.ris").write_text(UNTITLED + "\n")
    with Review.open(review) as opened:
        lines = file_tasks.import_citations(tmp_path / "again.ris")(opened, quiet)
    for said in (done.err, "\n".join(lines)):
        assert "title" in said and "line 0" not in said
    assert ReadProblem("x", 3).in_words("a.ris") == "a.ris, line 3: x"
    assert ReadProblem("x").in_words("a.ris") == "a.ris: x"


def test_both_say_that_a_file_was_imported_before(leads: Leads, review: Path, tmp_path: Path) -> None:
    file = next(tmp_path.glob("*.ris"))
    for said in said_by_both(leads, review, ["import", review, file], file_tasks.import_citations(file)):
        assert "imported before; nothing was added twice" in said and "3 records read as ris (utf-8), 0 new." in said


def test_both_say_that_duplicates_were_decided_differently(leads: Leads, review: Path) -> None:
    with Review.open(review) as opened:
        for record, choice in ((1, Choice.INCLUDE), (2, Choice.EXCLUDE)):
            opened.decide(record, Stage.ABSTRACT, choice)
    for said in said_by_both(leads, review, ["dedupe", review], file_tasks.find_duplicates):
        assert "3 records: 1 duplicate in 1 group" in said and "1 group had been decided differently" in said


def test_both_check_alike(leads: Leads, review: Path) -> None:
    for said in said_by_both(leads, review, ["check", review], file_tasks.check_review):
        assert "knees.leads is sound" in said and "every byte as leads-local wrote it" in said


def test_a_file_without_a_seal_is_not_said_to_be_whole(tmp_path: Path) -> None:
    """Nobody can know that of a file of an earlier version."""
    old_reviews.make(path := tmp_path / "old.leads", 1)
    with Review.read(path) as opened:
        (told,) = file_tasks.check_review(opened, quiet)
    assert "carries no seal" in told and "every byte" not in told


def test_what_was_read_and_what_was_not_are_both_told() -> None:
    read = Attachment("/p/a.pdf", "1", 4, "Walking", "same DOI", notice="Page 2 is a picture.")
    broken = Attachment("/p/b.pdf", "2", 0, "", "", problem="/p/b.pdf: it is not a PDF.")
    loose = Attachment("C:\\p\\c.pdf", "3", 0, "", "")
    assert documents.describe_attachments([loose]).results == ("c.pdf: waits, as it matches no record.",)
    told = documents.describe_attachments([read, broken])
    assert told.results == ("a.pdf: record 4, same DOI. Walking",)
    assert told.notices == (
        "a.pdf: Page 2 is a picture.",
        "/p/b.pdf: it is not a PDF.",
        "2 PDFs: 1 readable, 1 not.",
    )
    assert told.failed


def test_numbers_are_said_as_a_person_would() -> None:
    assert outcome.format_count(1, "record") == "1 record"
    assert outcome.format_count(4000, "study", "studies") == "4,000 studies"


def test_more_than_fits_is_counted() -> None:
    assert outcome.first_of("abc", "there", shown=3) == ("a", "b", "c")
    assert outcome.first_of("abcd", "there", shown=2) == ("a", "b", "… and 2 more: there")
    problems = tuple(ReadProblem("x", n) for n in range(1, 40))
    found = citations.ImportedFile(Path("a.ris"), ImportReport("a.ris", "ris", "utf-8", 1, 1, 0, problems))
    assert citations.describe_import(found, "a.ris").notices[-1] == "… and 29 more: the export lists all of them."


def test_the_first_line_of_an_import_says_that_records_may_be_mixed_up(tmp_path: Path, review: Path) -> None:
    (tmp_path / "a.ris").write_text("TY  - JOUR\nTI  - Walking\nTI  - Running\nER  - \n")
    with Review.open(review) as opened:
        (file,) = citations.import_files(opened, [tmp_path / "a.ris"], lambda number, path: None)
    told = citations.describe_import(file, "a.ris")
    assert told.results == (
        "a.ris: 1 record read as ris (utf-8), 1 new. Records may be mixed up. Line 3: This record has 2 titles "
        '("Walking" and "Running"); two papers may have been taken for one.',
    )
    assert told.failed and file.exit_code == ExitCode.LOOK


def test_the_exit_code_of_an_import_is_that_of_its_files() -> None:
    good = citations.ImportedFile(Path("a"), ImportReport("a", "ris", "utf-8", 1, 1, 0, ()))
    odd = citations.ImportedFile(Path("b"), ImportReport("b", "ris", "utf-8", 1, 1, 0, (ReadProblem("x"),)))
    bad = citations.ImportedFile(Path("c"), InputError("c can't be read."))
    expected = {(good,): ExitCode.DONE, (good, odd): ExitCode.LOOK, (good, bad): ExitCode.LOOK}
    expected |= {(bad,): ExitCode.BAD_INPUT, (bad, odd): ExitCode.LOOK}
    assert {files: citations.import_exit_code(files) for files in expected} == expected


def test_groups_without_conflict_are_one_sentence(review: Path) -> None:
    with Review.read(review) as opened:
        assert duplicates.describe_duplicates(opened, DedupeReport(3, 0, 0)).notices == ()


def test_without_copies_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no copies"):
        safekeeping.list_copies(tmp_path / "x.leads")

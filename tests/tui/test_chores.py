"""Paths as people type them, and chores that say in lines what came of them."""

from pathlib import Path

import pytest

from leads_local.errors import InputError
from leads_local.records import Progress
from leads_local.review.review import Review
from leads_local.tui import chores
from tests.tui.conftest import write_records


@pytest.mark.parametrize("form", ["{}", "  {} ", '"{}"', "'{}'"])
def test_a_path_may_be_quoted_or_padded(tmp_path: Path, form: str) -> None:
    folder = tmp_path / "with space"
    folder.mkdir()
    assert chores.typed_path(form.format(folder)) == folder


@pytest.mark.parametrize("text", ["", "  ", '""', "/no/such/thing"])
def test_what_is_not_there_is_said(text: str) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        chores.typed_path(text)


def test_import_reports_each_file_of_a_folder(tmp_path: Path, review_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    write_records(folder / "a.csv", ["One"])
    write_records(folder / "b.csv", ["Two", "Three"])
    told: list[Progress] = []
    with Review.open(review_path) as review:
        lines = chores.import_citations(folder)(review, told.append)
        assert review.counts().identified == 23
    assert lines == ("a.csv: 1 record read, 1 new.", "b.csv: 2 records read, 2 new.")
    assert [(p.done, p.total) for p in told] == [(0, 2), (1, 2)]


def test_duplicates_are_counted(tmp_path: Path, review_path: Path) -> None:
    with Review.open(review_path) as review:
        again = [f"Something else {number}" for number in range(11)] + ["Trial 3 of walking and sleep"]  # the same place, year and abstract
        review.import_file(write_records(tmp_path / "again.csv", again))
        lines = chores.find_duplicates(review, lambda p: None)
        assert review.counts().duplicates == 1
    assert lines[0] == "32 records: 1 duplicate in 1 group."

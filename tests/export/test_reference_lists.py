"""What reference lists name and the review does not have, as a file that can be imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.app import exporting
from leads_local.cli.__main__ import main
from leads_local.errors import InputError
from leads_local.records import Choice, Citation, Document, PassageKind, Stage
from leads_local.review.review import Review
from tests.documents.conftest import passage
from tests.review.conftest import Attach, Import, add, attach, path, review

__all__ = ["add", "attach", "path", "review"]

NEW = "1. Lee AB, Wu C. Rowing for stiff knees: a randomised trial. J Row. 2019;4(2):11–19. doi:10.5555/row.1"
AGAIN = "12. Lee A. B. and others, Rowing for stiff knees. 2019. https://doi.org/10.5555/row.1"
HELD = "2. Obi N, Ng Q. Swimming and sore shoulders in older adults. Lancet. 2016;1:1990–1999."
HELD_BY_DOI = "3. Ito M. Another title by now. J Swim. 2011;9:1. doi:10.5555/SWIM.9"
UNTITLED = "4. Data on file, Nowhere Ltd 2011"


def paper(name: str, *entries: str) -> Document:
    listed = tuple(passage(text, at, section="references") for at, text in enumerate(entries, 1))
    return Document(f"{name}.pdf", name * 64, (), (passage(f"Trial {name}", 0, PassageKind.TITLE), *listed))


@pytest.fixture
def included(review: Review, add: Import, attach: Attach) -> Review:
    ids = add(
        [
            Citation(title="Trial a", year=2020),
            Citation(title="Trial b", year=2021),
            Citation(title="Trial c", year=2022),
            Citation(title="Swimming and sore shoulders in older adults."),
            Citation(title="Its former title", doi="10.5555/swim.9"),
        ]
    )
    for record, document in zip(
        ids, (paper("a", NEW, HELD, HELD_BY_DOI, UNTITLED), paper("b", AGAIN), paper("c")), strict=False
    ):
        attach(record, document)
        for stage in Stage:
            review.decide(record, stage, Choice.INCLUDE)
    return review


def test_candidates_are_what_no_record_is_and_each_once(included: Review, tmp_path: Path) -> None:
    lists = exporting.export_references(included, to := tmp_path / "new.ris")
    assert (lists.papers, lists.entries, lists.known, lists.untitled) == (3, 5, 2, 1)
    first, second = lists.candidates
    assert (first.title, first.year, first.doi) == ("Rowing for stiff knees: a randomised trial", 2019, "10.5555/row.1")
    assert "record 1, 2: Lee AB" in first.extra[0][1] and second.title == "Data on file, Nowhere Ltd 2011"
    told = exporting.describe_references(lists, to)
    assert told.failed and any("record 3 (c.pdf)" in notice for notice in told.notices)
    before = included.db.number("SELECT count(*) FROM record")
    included.import_file(to)
    assert included.db.number("SELECT count(*) FROM record") == before + 2
    assert exporting.reference_lists.find_candidates(included).candidates == ()


def test_a_file_is_never_replaced_and_nothing_makes_none(included: Review, tmp_path: Path) -> None:
    exporting.export_references(included, to := tmp_path / "new.ris")
    held = to.read_bytes()
    for name, said in (
        ("new.ris", "is there already"),
        ("new.doc", "which format"),
        ("none.ris", "nothing is written"),
    ):
        if name == "none.ris":
            included.import_file(to)
        with pytest.raises(InputError, match=said):
            exporting.export_references(included, tmp_path / name)
    assert to.read_bytes() == held and not (tmp_path / "none.ris").exists()


def test_from_the_command_line(included: Review, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    included.close()
    assert main(["export", str(included.path), "--references", str(tmp_path / "new.ris")]) == 1
    assert "5 references in 3 papers: 2 known, 2 candidates written to" in capsys.readouterr().out
    assert "DO  - 10.5555/row.1" in (tmp_path / "new.ris").read_text("utf-8")

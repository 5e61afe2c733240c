"""Foreign files are marked by a worker, and what one does to it is that file's problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.documents import marker, marks
from leads_local.documents.marker import Marker
from leads_local.documents.marks import Bookmark, Mark, MarkedCopy, PagePicture, PageView
from leads_local.documents.reader import digest_or_empty
from leads_local.records import Box, QuotePlace
from tests.documents.conftest import Typeset

BOX = Box(72, 90, 200, 104)
MARK = Mark((QuotePlace(1, BOX),), (0.5, 1.0, 0.5), "note", "Ann", "2026-01-02T03:04:05Z")
VIEW = PageView(1, ((BOX, (0.5, 1.0, 0.5)),), 5.0)


def test_copies_and_pictures_are_made_by_a_worker(typeset: Typeset, tmp_path: Path) -> None:
    paper, target = typeset([(72, 100, 11, "Pain fell.")]), tmp_path / "copy.pdf"
    with Marker() as made:
        copy = made.copy(paper, digest_or_empty(paper), target, [MARK], [Bookmark(1, "Values", 1)], "legend")
        (picture,) = made.pictures(paper, digest_or_empty(paper), [VIEW])
        assert made.pictures(paper, digest_or_empty(paper), []) == []
        (other,) = made.pictures(tmp_path / "none.pdf", "0" * 64, [VIEW])
    assert copy == MarkedCopy(1, "") and target.exists()
    assert picture.png.startswith(b"\x89PNG") and picture.width > 100
    assert other == PagePicture(problem="there is no such file.")


def test_a_file_that_ends_the_worker_has_a_problem_and_no_copy(
    typeset: Typeset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import os\nfrom leads_local.documents import marking, marking_worker\nmake = marking.make_copy\n"
    code += "def wrapped(source, sha256, target, *rest):\n    target.write_bytes(b'half')\n"
    code += "    if 'bad' in source.name:\n        os.abort()\n    return make(source, sha256, target, *rest)\n"
    code += "marking.make_copy = wrapped\nmarking_worker.main()"
    (tmp_path / "strange_marker.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(marker, "_WORKER", "strange_marker")
    bad, good = (typeset([(72, 100, 11, "Pain fell.")], name=f"{name}.pdf") for name in ("bad", "good"))
    with Marker() as made:
        assert "crashed" in made.copy(bad, digest_or_empty(bad), tmp_path / "1.pdf", [MARK]).problem
        assert not (tmp_path / "1.pdf").exists()
        assert made.copy(good, digest_or_empty(good), tmp_path / "2.pdf", [MARK]).highlights == 1


def test_requests_and_answers_are_one_line_each_and_come_back() -> None:
    asked = [
        marks.ask_for_copy("a\nb.pdf", "0" * 64, "c", [MARK], [Bookmark(1, "µ", 1)], "x\ny"),
        marks.ask_for_pictures("a.pdf", "0" * 64, [VIEW]),
        marks.answer_copy(MarkedCopy(2, "why\n")),
        marks.answer_pictures([PagePicture(b"\x00\n", 3, 4), PagePicture(problem="why")], "none"),
    ]
    assert not [line for line in asked if b"\n" in line]
    assert marks.read_copy(asked[2]) == MarkedCopy(2, "why\n")
    assert marks.read_pictures(asked[3]) == ([PagePicture(b"\x00\n", 3, 4), PagePicture(problem="why")], "none")


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"pictures": 1, "problem": ""}', b'{"highlights": []}'])
def test_anything_else_is_no_answer(line: bytes) -> None:
    for read in (marks.read_copy, marks.read_pictures):
        with pytest.raises(ValueError):
            read(line)

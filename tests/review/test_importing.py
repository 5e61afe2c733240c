"""Importing: all of a file or nothing, the same file once, problems kept; killed at any moment the review is whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from leads_local import citations
from leads_local.citations import portions
from leads_local.errors import InputError
from leads_local.export.tables import export_review
from leads_local.records import Citation, Stage
from leads_local.review.review import Review
from leads_local.review.store import citations as store

RIS = "TY  - JOUR\nTI  - Aspirin {0}\nAB  - Adults.\nER  - \n\n"


def test_the_same_bytes_are_imported_once(review: Review, tmp_path: Path) -> None:
    file = tmp_path / "a.ris"
    file.write_text(RIS.format(1) + RIS.format(2))
    first = review.import_file(file)
    assert (first.read, first.added, first.already) == (2, 2, 0)
    shutil.copy(file, tmp_path / "another name.ris")
    again = review.import_file(tmp_path / "another name.ris")
    assert (again.read, again.added, again.already) == (2, 0, 2)
    assert review.counts().identified == 2
    file.write_text(RIS.format(1) + RIS.format(2) + RIS.format(3))
    assert review.import_file(file).added == 3  # three records of another export, which grouping will find
    assert [number for _, number in review.counts().sources] == [2, 3]


def test_a_file_whose_name_is_no_unicode_is_imported_and_exported_like_any_other(
    review: Review, tmp_path: Path
) -> None:
    file = tmp_path / os.fsdecode(b"L\xfcbeck.ris")
    try:
        file.write_text(RIS.format(1))
    except OSError:
        pytest.skip("this disk has Unicode names only")
    report = review.import_file(file)
    assert (report.added, report.path) == (1, f"{tmp_path.as_uri()}/L%FCbeck.ris")
    assert review.import_file(file).already == 1
    out = tmp_path / os.fsdecode(b"\xfc")
    written = export_review(review, out)
    assert [path for path in written if not path.is_file()] == []
    assert "L\N{REPLACEMENT CHARACTER}beck.ris" in (out / "records.csv").read_text(encoding="utf-8-sig")


def test_a_file_that_is_no_citations_changes_nothing(review: Review, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4\x00\x01\x02")
    for name in ("a.pdf", "none.ris"):
        with pytest.raises(InputError, match=name.replace(".", r"\.")):
            review.import_file(tmp_path / name)
    assert review.counts().sources == ()


def test_problems_are_kept_with_what_stood_there(review: Review, tmp_path: Path) -> None:
    file = tmp_path / "a.ris"
    file.write_text(RIS.format(1) + "a line that belongs nowhere\n\n" + RIS.format(2))
    report = review.import_file(file)
    assert report.problems
    assert [problem for _, problem in store.problems(review.db)] == list(report.problems)


def test_everything_of_a_record_comes_back(review: Review, tmp_path: Path) -> None:
    citation = Citation(
        title="Überlegung: <b>bold</b> 'quoted'; DROP TABLE record; --",
        abstract="Zwei\nAbsätze 👩‍🔬",
        authors=("Doe, J", "Müller, Ä"),
        year=1999,
        journal="J",
        volume="1",
        issue="2",
        pages="3-4",
        doi="10.1/x",
        pmid="123",
        language="de",
        kind="JOUR",
        keywords=("a; b", "c"),
        urls=("http://x",),
        extra=(("X1", "one"), ("X1", "two")),
    )
    citations.write(tmp_path / "a.jsonl", [citation], "jsonl")
    (expected,) = citations.read_file(tmp_path / "a.jsonl").citations
    review.import_file(tmp_path / "a.jsonl")
    assert review.record(1).citation == expected == review.citation(1)


IMPORT = (
    "import sys\nfrom leads_local.review.review import Review\nprint(1, "
    "flush=True)\nReview.open(sys.argv[1]).import_file(sys.argv[2])"
)
DECIDE = (
    "import sys\nfrom leads_local.review.review import Review\nfrom leads_local.records import *\nreview = "
    "Review.open(sys.argv[1])\n"
    "while True:\n for record in range(1, 6):\n  review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)\n  "
    "print(record, flush=True)"
)


def whole(path: Path) -> Review:
    review = Review.open(path)
    assert [row[0] for row in review.db.rows("PRAGMA integrity_check")] == ["ok"]
    assert review.db.rows("PRAGMA foreign_key_check") == []
    return review


@pytest.mark.parametrize("wait", [0.0, 0.2, 0.5])
def test_killed_while_importing(review: Review, tmp_path: Path, wait: float) -> None:
    file = tmp_path / "a.ris"
    file.write_text("".join(RIS.format(n) for n in range(8_000)))
    with subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(review.path), str(file)], stdout=subprocess.PIPE, cwd=_root()
    ) as program:
        assert program.stdout is not None
        program.stdout.readline()
        time.sleep(0.3 + wait)
        program.kill()
    with whole(review.path) as again:
        assert again.counts().identified in (0, 8_000)
        report = again.import_file(file)
        assert report.added + report.already == again.counts().identified == 8_000


@pytest.mark.parametrize("count", [1, 7, 23])
def test_killed_while_deciding(review: Review, tmp_path: Path, count: int) -> None:
    file = tmp_path / "a.ris"
    file.write_text("".join(RIS.format(n) for n in range(5)))
    review.import_file(file)
    with subprocess.Popen(
        [sys.executable, "-c", DECIDE, str(review.path)], stdout=subprocess.PIPE, cwd=_root()
    ) as program:
        assert program.stdout is not None
        for _ in range(count):
            program.stdout.readline()
        program.kill()
    with whole(review.path) as again:
        made = again.db.number("SELECT count(*) FROM act WHERE kind = 'decide'")
        assert made >= count  # what was announced is there
        assert again.counts().screened == min(made, 5)
        while again.undo(Stage.ABSTRACT):
            made -= 1
        assert made == 0


def _root() -> Path:
    return Path(__file__).resolve().parents[2]


def test_a_large_file_comes_in_part_by_part_whole_or_not_at_all(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "AT_ONCE", 100)
    monkeypatch.setattr(portions, "_PORTION", 200)
    file = tmp_path / "a.ris"
    file.write_text("".join(RIS.format(n) for n in range(30)).replace("TI  - Aspirin 7\n", ""))
    damaged = portions.divide

    def fails(texts: Iterator[str], cut: portions.Cut) -> Iterator[str]:
        yield from islice(damaged(texts, cut), 3)
        raise InputError("the rest is lost", "Look at it.")

    with monkeypatch.context() as patched, pytest.raises(InputError, match="the rest is lost"):
        patched.setattr(portions, "divide", fails)
        review.import_file(file)
    assert review.counts().sources == ()
    found = review.import_file(file)
    assert (found.read, found.added, len(found.problems)) == (30, 30, 1)
    assert [review.citation(n).title for n in (1, 8, 30)] == ["Aspirin 0", "", "Aspirin 29"]
    assert [review.citation(n).number for n in (1, 30)] == [1, 30]
    assert (review.import_file(file).read, review.import_file(file).already) == (30, 30)

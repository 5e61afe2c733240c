"""The pool gives one document for each path, in order, whatever happens to a worker."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from leads_local.documents import pool, reader
from tests.documents.conftest import Typeset


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.fixture
def papers(typeset: Typeset) -> list[Path]:
    return [typeset([(72, 100, 11, f"This is the text of paper number {n}.")], name=f"paper{n}.pdf") for n in range(5)]


def test_same_documents_as_in_process_and_in_order(papers: list[Path]) -> None:
    assert list(pool.read_many(papers, workers=2)) == [reader.read(path) for path in papers]


def test_bad_files_among_good_ones_keep_their_place(papers: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing else")
    seen = []
    missing = tmp_path / "missing.pdf"
    found = list(pool.read_many([papers[0], broken, missing, papers[1]], workers=2, progress=lambda *step: seen.append(step)))
    assert [bool(d.problem) for d in found] == [False, True, True, False]
    assert all(Path(d.path).name in d.problem for d in found if d.problem)
    assert [step[0] for step in seen] == [1, 2, 3, 4] and {step[1] for step in seen} == {4}


def test_a_hang_ends_at_the_time_limit_and_the_rest_goes_on(papers: list[Path], typeset: Typeset) -> None:
    pages = [[(72, 60 + 9 * row, 7, f"Row {row} of page {page} with some words.") for row in range(80)] for page in range(150)]
    slow = typeset(*pages, name="slow.pdf")
    found = list(pool.read_many([slow, papers[0]], workers=1, timeout=0.9))
    assert "0.9" not in found[0].problem and "slow.pdf" in found[0].problem and "second" in found[0].problem
    assert found[0].sha256 and not found[0].passages
    assert found[1].passages or "second" in found[1].problem


def test_too_much_memory_is_a_problem_of_the_file(papers: list[Path]) -> None:
    found = list(pool.read_many(papers[:1], workers=1, memory=1 << 20))
    assert "memory" in found[0].problem or "crashed" in found[0].problem


def test_a_dead_worker_is_a_problem_of_the_file_and_the_next_one_is_read(papers: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    start = "import sys, os; line = sys.stdin.buffer.readline(); os.abort() if b'paper1' in line else None\n"
    start += "import io; sys.argv.pop(1); rest = sys.stdin.buffer; sys.stdin = io.TextIOWrapper(io.BytesIO(line))\n"
    start += "sys.path.insert(0, " + repr(str(Path(pool.__file__).parents[2])) + ")\nfrom leads_local.documents.worker import main; main()"
    monkeypatch.setattr(pool, "_START", start)  # a worker for one file each, which dies of the second
    found = list(pool.read_many(papers[:1], workers=1)) + list(pool.read_many(papers[1:2], workers=1)) + list(pool.read_many(papers[2:3]))
    assert [bool(d.problem) for d in found] == [False, True, False]
    assert "crashed" in found[1].problem


def test_closing_early_ends_the_workers(papers: list[Path]) -> None:
    before = _children()
    documents = pool.read_many(papers * 4, workers=2)
    next(documents)
    assert _children() - before
    documents.close()
    deadline = time.monotonic() + 5
    while _children() - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _children() - before


def test_no_paths_no_workers() -> None:
    assert list(pool.read_many([])) == []

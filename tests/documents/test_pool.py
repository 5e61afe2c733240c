"""The pool gives one document for each path, in order, whatever happens to a worker."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from leads_local import children
from leads_local.documents import pool, reader
from tests.documents.conftest import Typeset
from tests.launcher import launcher
from tests.patience import patience


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
    found = list(
        pool.read_many([papers[0], broken, missing, papers[1]], workers=2, progress=lambda *step: seen.append(step))
    )
    assert [bool(d.problem) for d in found] == [False, True, True, False]
    assert all(Path(d.path).name in d.problem for d in found if d.problem)
    assert [step[0] for step in seen] == [1, 2, 3, 4] and {step[1] for step in seen} == {4}


def _worker(monkeypatch: pytest.MonkeyPatch, folder: Path, before: str) -> None:
    """Make the workers run ``before`` for each file, with its path as ``path``, ahead of reading it."""
    code = "import os, time\nfrom leads_local.documents import reader, worker\nread = reader.read\n"
    code += f"def wrapped(path):\n    {before}\n    return read(path)\n"
    (folder / "strange_worker.py").write_text(code + "reader.read = wrapped\nworker.main()")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(pool, "_WORKER", "strange_worker")


@pytest.mark.parametrize(
    ("before", "says"),
    [
        ("time.sleep(60 if 'paper1' in path else 0)", "more than {limit:.0f} seconds"),
        ("os._exit(3) if 'paper1' in path else None", "crashed"),
        ("os.abort() if 'paper1' in path else None", "crashed"),
        ("1 / ('paper1' not in path)", "crashed"),
        ("keep = b'x' * 700_000_000 if 'paper1' in path else b''; time.sleep(60 if keep else 0)", "memory"),
    ],
)
def test_what_one_file_does_to_its_worker_is_its_own_problem(
    papers: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, says: str
) -> None:
    _worker(monkeypatch, tmp_path, before)
    limit = patience(3.0)
    found = list(pool.read_many(papers[:3], workers=1, timeout=limit, memory=600_000_000))
    assert [bool(d.problem) for d in found] == [False, True, False]
    assert (
        says.format(limit=limit) in found[1].problem
        and found[1].problem.startswith("paper1.pdf: ")
        and found[1].sha256 == reader.digest_or_empty(papers[1])
    )
    assert found[2] == reader.read(papers[2])


@pytest.mark.skipif(os.name == "nt", reason="the launcher here is a shell script")
def test_the_limits_hold_behind_a_launcher(papers: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _children()
    _worker(
        monkeypatch, tmp_path, "keep = b'x' * 700_000_000 if 'paper1' in path else b''; time.sleep(60 if keep else 0)"
    )
    monkeypatch.setattr(children.sys, "executable", launcher(tmp_path))
    found = list(pool.read_many(papers[:3], workers=1, timeout=patience(30), memory=600_000_000))
    assert [bool(d.problem) for d in found] == [False, True, False]
    assert "memory" in found[1].problem
    deadline = time.monotonic() + patience(5)
    while _children() - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _children() - before


def test_closing_early_ends_the_workers(papers: list[Path]) -> None:
    before = _children()
    documents = pool.read_many(papers * 4, workers=2)
    next(documents)
    assert _children() - before
    documents.close()
    deadline = time.monotonic() + patience(5)
    while _children() - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _children() - before


def test_no_paths_no_workers() -> None:
    assert list(pool.read_many([])) == []

"""The pool gives one document for each path, in order, whatever happens to a worker."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from leads_local import children
from leads_local.documents import pool, reader
from tests.documents.conftest import Typeset
from tests.launcher import launcher
from tests.patience import patience
from tests.sleepy import LIMIT, SleepyClock, children_alone, needs_stops, program_alone, stop_meanwhile, whole_group


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


def _strange(before: str) -> str:
    code = "import os, time\nfrom leads_local.documents import reader, worker\nread = reader.read\n"
    code += f"def wrapped(path):\n    {before}\n    return read(path)\n"
    return code + "reader.read = wrapped\nworker.main()"


def _worker(monkeypatch: pytest.MonkeyPatch, folder: Path, before: str) -> None:
    """Make the workers run ``before`` for each file, with its path as ``path``, ahead of reading it."""
    (folder / "strange_worker.py").write_text(_strange(before))
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


def test_sleep_is_no_time_of_a_file(
    papers: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, computer: SleepyClock
) -> None:
    """The lid is closed while the second file is being read."""
    begun = tmp_path / "begun"
    _worker(monkeypatch, tmp_path, f"open({str(begun)!r}, 'w') and time.sleep(1.5) if 'paper1' in path else None")

    def close_lid() -> None:
        while not begun.exists():
            time.sleep(0.02)
        computer.sleep()

    lid = threading.Thread(target=close_lid)
    lid.start()
    found = list(pool.read_many(papers[:3], workers=1, timeout=patience(20)))
    lid.join()
    assert found == [reader.read(path) for path in papers[:3]]


_READING = """
import sys
from pathlib import Path
from leads_local import awake_clock
from leads_local.documents import pool
awake_clock._LONGEST_GAP = 1.0
pool._WORKER = "strange_worker"
print([document.problem for document in pool.read_many([Path(sys.argv[1])], timeout=float(sys.argv[2]))])
"""


@needs_stops
@pytest.mark.parametrize(("who", "too_slow"), [(whole_group, False), (program_alone, False), (children_alone, True)])
def test_what_ctrl_z_stops_is_not_too_slow_and_what_hangs_is(
    papers: list[Path], tmp_path: Path, who: Callable[[psutil.Process], list[int]], too_slow: bool
) -> None:
    begun = tmp_path / "begun"
    before = f"open({str(begun)!r}, 'w'); [time.sleep(0.1) for _ in range(15)]"
    (tmp_path / "strange_worker.py").write_text(_strange(before))
    code = f"import os; os.environ['PYTHONPATH'] += os.pathsep + {str(tmp_path)!r}\n{_READING}"
    said = stop_meanwhile(code, papers[0], LIMIT, begun=begun, who=who)
    assert ("reading it took more than 5 seconds" in said) is too_slow, said
    assert too_slow or said.strip() == "['']"


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

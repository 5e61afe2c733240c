"""A citation file that is larger than the memory for it: all or none of it, who kills, reads or copies meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from leads_local import citations
from leads_local.citations import portions
from leads_local.errors import InputError, ReviewError
from leads_local.records import Citation
from leads_local.review import opening, staged_records
from leads_local.review.checking import check_file
from leads_local.review.database import Database
from leads_local.review.review import Review
from leads_local.review.store import citations as stored
from leads_local.review.store.citations import StoredRow
from tests.patience import patience

ROOT = Path(__file__).resolve().parents[2]
RECORDS = 60
LITTLE = "PRAGMA cache_size = 10"  # pages that are kept in memory
# Stops in the middle of writing, when much of it is in the file, and tells so.
STOPS = f"""
import sys
from leads_local.citations import portions
from leads_local.review.review import Review
from leads_local.review.store import citations
portions.AT_ONCE = portions._PORTION = 60_000
add, written = citations.add_rows, []
def stop_in_the_middle(db, source, records):
    ids = add(db, source, records)
    written.extend(ids)
    if len(written) > {RECORDS // 2}:
        print("half", flush=True)
        sys.stdin.readline()
    return ids
citations.add_rows = stop_in_the_middle
with Review.open(sys.argv[1]) as review:
    review.db.execute("{LITTLE}")
    review.import_file(sys.argv[2])
"""


def made(count: int = RECORDS) -> list[Citation]:
    return [Citation(title=f"Trial {n} of walking", abstract="We walked. " * 700, year=2001) for n in range(count)]


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(portions, "AT_ONCE", 60_000)
    monkeypatch.setattr(portions, "_PORTION", 60_000)
    citations.write(file := tmp_path / "large.ris", made(), "ris")
    return file


@pytest.fixture
def half(review: Review, large: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which has written half of an import."""
    review.import_file(_small(large))
    review.close()
    with subprocess.Popen(
        [sys.executable, "-P", "-c", STOPS, str(review.path), str(large)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "half\n"
        yield program
        program.kill()


def _small(large: Path) -> Path:
    citations.write(file := large.with_name("small.ris"), made(3), "ris")
    return file


def count(path: Path) -> int:
    with Review.read(path) as opened:
        return opened.db.number("SELECT count(*) FROM citation")


def test_it_is_read_in_parts_and_written_before_the_commit(review: Review, large: Path) -> None:
    sizes: list[int] = []
    add = stored.add_rows

    def adding(db: Database, source: int, records: Sequence[StoredRow]) -> list[int]:
        sizes.append(review.path.stat().st_size)
        return add(db, source, records)

    review.db.execute(LITTLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "add_rows", adding)
        review.import_file(large)
    assert len(sizes) > 5 and sizes[0] < sizes[3] < sizes[-1]
    found = [review.citation(record) for record in range(1, RECORDS + 1)]
    assert found == list(citations.read_file(large).citations)
    assert review.import_file(large).already == RECORDS
    assert check_file(review.path).sound


def test_a_killed_one_is_taken_back_by_whoever_opens_the_review(half: subprocess.Popen[str], path: Path) -> None:
    before = path.stat().st_size
    half.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    half.wait(patience(30))
    assert before > 450_000, "half of it is in the file"
    assert count(path) == 3
    assert path.stat().st_size < before
    assert check_file(path).sound
    assert sorted(file.name for file in path.parent.iterdir()) == ["large.ris", path.name, "small.ris"]


def test_who_reads_or_copies_meanwhile_is_told_and_waits(
    half: subprocess.Popen[str], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a copy also where a file is too large for all of it to be looked at when it is opened."""
    monkeypatch.setattr(opening, "CHECK_ALL_BELOW", 0)
    shutil.copyfile(path, copy := path.with_name("copy.leads"))
    with pytest.raises(ReviewError, match="bytes longer than it says"):
        Review.open(copy)
    with Review.read(copy) as opened:
        assert "longer than it says" in opened.notices[0]
    with pytest.raises(ReviewError, match="in use by another program"):
        opening.open_file(path, busy_seconds=0.05, to_write=False)
    half.communicate("\n" * RECORDS, timeout=patience(30))
    assert half.returncode == 0
    assert count(path) == 3 + RECORDS


def test_who_reads_while_the_file_is_read_sees_what_was_there(review: Review, large: Path) -> None:
    seen: list[int] = []
    add = staged_records.StagedRecords.add

    def look(staged: staged_records.StagedRecords, records: Sequence[StoredRow]) -> None:
        with Review.open(review.path) as other:
            other.record_event("meanwhile", "")
        seen.append(count(review.path))
        add(staged, records)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staged_records.StagedRecords, "add", look)
        review.import_file(large)
    assert set(seen) == {0} and len(seen) > 5
    assert count(review.path) == RECORDS


def test_what_can_not_be_read_at_its_end_brings_nothing_in(review: Review, large: Path) -> None:
    def parts(*_: object) -> Iterator[Any]:
        yield from list(citations.read_parts(large))[:4]
        raise InputError("gone")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("leads_local.review.importing.read_parts", parts)
        with pytest.raises(InputError, match="gone"):
            review.import_file(large)
    assert (count(review.path), review.sources()) == (0, [])


@pytest.mark.parametrize("room", [0, 1, 20_000])
def test_where_there_is_no_room_for_a_temporary_file_the_memory_does(
    review: Review, large: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    class Full(FileIO):
        def __init__(self, **_: object) -> None:
            if not room:
                raise OSError(28, "No space left on device")
            super().__init__(large.with_name("full"), "w+")

        def write(self, data: Any) -> int:
            return super().write(data[: max(0, room - self.tell())])

    monkeypatch.setattr(staged_records, "TemporaryFile", Full)
    review.import_file(large)
    found = [review.citation(record) for record in range(1, RECORDS + 1)]
    assert found == list(citations.read_file(large).citations)

"""What may lie beside a review file after a crash or a copy, and whether it belongs to it.

SQLite keeps an unfinished change in ``NAME-journal`` (or, in files of earlier versions, finished ones in ``NAME-wal``)
and puts it into whatever file bears the name. If that file was meanwhile replaced by a copy of another day, decisions
would land on other records, in a file that passes every check. So before SQLite sees them, both are compared with the
file; what is another version's is set aside.

These functions read the review file itself. On POSIX systems closing it gives up every lock that this process holds on
it, so they may only be called while the process has no connection to it.
"""

from __future__ import annotations

import contextlib
import struct
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from leads_local import durable
from leads_local.review import connection

_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_FRAME_HEADER = 24  # bytes before each page of a WAL
_WAL_HEADER = 32
_CHANGE_COUNTER = slice(24, 28)  # of page 1: how many transactions changed the file
_FORMAT_BYTE = 18  # of page 1: 1 with a rollback journal, 2 with a WAL
_WAIT_SECONDS = 0.05  # seconds between two looks; a commit takes less
_FIXED_HEADER = slice(0, 18)  # of page 1: what never changes


def time_stamp() -> str:
    """The time as it stands in the names of files that are kept."""
    return datetime.now().strftime("%Y-%m-%d-%H%M%S")


def free_name(path: Path) -> Path:
    """``path``, or the first of ``path-2``, ``path-3`` … that is not taken."""
    taken = 1
    found = path
    while found.exists():
        taken += 1
        found = path.with_name(f"{path.stem}-{taken}{path.suffix}")
    return found


def read_header(path: Path) -> bytes:
    """The first 100 bytes of the file, fewer where it is shorter."""
    with path.open("rb") as file:
        return file.read(100)


def find_foreign(path: Path) -> list[Path]:
    """The files beside ``path`` that hold changes of another version of it."""
    found = []
    for file, belongs in ((path_beside(path, "-journal"), _journal_belongs), (path_beside(path, "-wal"), _wal_belongs)):
        before = _file_states(path, file)
        with contextlib.suppress(FileNotFoundError):  # taken away at this moment, by whoever it is of
            if before is not None and not belongs(path, file):
                time.sleep(_WAIT_SECONDS)
                if _file_states(path, file) == before and not belongs(path, file):  # nobody is at work on them
                    found.append(file)
    return found


def _file_states(path: Path, file: Path) -> tuple[object, ...] | None:
    """What changes while a program is at work on the two; None when the second is not there or empty."""
    try:
        about, its = path.stat(), file.stat()
    except OSError:
        return None
    return (about.st_ino, about.st_mtime_ns, its.st_ino, its.st_mtime_ns, its.st_size) if its.st_size else None


def set_aside(path: Path) -> list[str]:
    """Rename what is foreign, so that nothing puts it into the file. Returns a sentence for each. Raises OSError when
    it can't.

    The times of a file and its WAL can say too much: both were copied to another computer, say. So where the two
    together are a sound review, that is kept as well, as a copy that a person can look at and go back to.
    """
    told = []
    for file in find_foreign(path):
        both = free_name(path_beside(path, ".copies") / f"{time_stamp()}-with-unfinished-changes.leads")
        seen = ""
        if file.name.endswith("-wal"):
            both.parent.mkdir(mode=0o700, exist_ok=True)
            if connection.merge_wal(path, file, both):
                seen = (
                    f" What the file would say with them is kept as {both}: if that is right, `leads-local "
                    "restore` goes back "
                    "to it."
                )
        kept = free_name(file.with_name(f"{file.name}.set-aside-{time_stamp()}"))
        durable.rename(file, kept)
        told.append(
            f"Beside {path} lay unfinished changes of another version of it ({file.name}), probably from before "
            "the file was replaced by "
            f"a copy. They were left out and are kept as {kept.name}.{seen}"
        )
    return told


def path_beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _journal_belongs(path: Path, journal: Path) -> bool:
    """A journal holds pages as they were before an unfinished change, page 1 among them: the file's is the same, or one
    change on."""
    with path.open("rb") as file, journal.open("rb") as old:
        before = _journal_page_one(old)
        if before is None:
            return True  # nothing in it that SQLite would take notice of
        now = file.read(len(before))
    changes = (_to_number(now[_CHANGE_COUNTER]) - _to_number(before[_CHANGE_COUNTER])) % (1 << 32)
    return now == before if changes == 0 else changes == 1 and now[_FIXED_HEADER] == before[_FIXED_HEADER]


def _journal_page_one(journal: IO[bytes]) -> bytes | None:
    """Page 1 as the journal keeps it, None when it is not in it or the journal is not in force.

    It has segments, each a header of a sector and pages between their numbers and checksums. The header of the last one
    is blank while the segment has not been synced; SQLite does not use its pages then, but they tell which file they
    are from.
    """
    place, synced = 0, True
    while synced:
        journal.seek(place)
        start = journal.read(28)
        synced = start[:8] == _JOURNAL_MAGIC
        if len(start) < 28 or not (synced or (place and start[:12] == bytes(12))):
            return None
        count, _, _, sector, size = struct.unpack(">iIIII", start[8:28])
        if not (512 <= size <= 65536 and 0 < sector <= 65536):
            return None
        journal.seek(place + sector)
        number = 0
        while number < count or count < 0 or not synced:
            record = journal.read(4 + size + 4)
            if len(record) < 4 + size + 4:
                return None
            if _to_number(record[:4]) == 1:
                return record[4 : 4 + size]
            number += 1
        place = -(-journal.tell() // sector) * sector
    return None


def _wal_belongs(path: Path, wal: Path) -> bool:
    """A file whose format is a rollback journal's has no WAL. Otherwise it was written after the file, unless it was
    just being copied into it: then its first page stands in the file already. Renaming and copying change times, too:
    see ``set_aside``."""
    with path.open("rb") as file:
        start = file.read(100)
        if len(start) < 100 or start[_FORMAT_BYTE] == 1:
            return False
        about, its = path.stat(), wal.stat()
        if max(about.st_mtime_ns, about.st_ctime_ns) <= its.st_mtime_ns:
            return True
        latest = dict(_wal_frames(wal))
        if not latest:
            return True
        first = min(latest)
        with wal.open("rb") as log:
            log.seek(8)
            size = _to_number(log.read(4))
            log.seek(latest[first])
            page = log.read(size)
        file.seek((first - 1) * size)
        return file.read(size) == page


def _wal_frames(wal: Path) -> Iterator[tuple[int, int]]:
    """(page number, place of the page in the WAL) for each frame of its present round, oldest first."""
    with wal.open("rb") as log:
        start = log.read(_WAL_HEADER)
        if len(start) < _WAL_HEADER or _to_number(start[:4]) not in _WAL_MAGIC:
            return
        size, salts = _to_number(start[8:12]), start[16:24]
        place = _WAL_HEADER
        while len(frame := log.read(_FRAME_HEADER)) == _FRAME_HEADER and frame[8:16] == salts and size:
            yield _to_number(frame[:4]), place + _FRAME_HEADER
            place += _FRAME_HEADER + size
            log.seek(place)


def _to_number(data: bytes) -> int:
    return int.from_bytes(data)

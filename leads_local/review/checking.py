"""Whether a review file is sound: everything that can be known of that, for ``check``.

Beyond what is looked at whenever a file is opened (``soundness.findings``) it compares what stands in two places:
all that people said with the log, from which it must follow, and the numbering of logs, in which nothing may be
missing.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from leads_local.review import backups, log_check, naming, opening, packages
from leads_local.review.backups import ReviewCopy
from leads_local.review.database import DamagedReview, Database
from leads_local.review.store import audit, documents

_NUMBERED_TABLES = ("event", "act", "reply", "record", "source")


@dataclass(frozen=True, slots=True)
class CheckReport:
    """``findings``: what is wrong with the file; ``rows``: which rows can't be read; ``copies`` of it, newest first."""

    path: str
    size: int
    generation: int
    findings: tuple[str, ...]
    rows: tuple[str, ...]
    copies: tuple[ReviewCopy, ...]
    sealed: bool = True
    """Whether changed texts could be told; files of earlier versions carry no seal."""

    @property
    def sound(self) -> bool:
        return not self.findings and not self.rows


def check_file(path: Path) -> CheckReport:
    """Look at every byte. Raises ReviewError when it is no review, locked, or made by a newer program."""
    path = naming.find_spelling(path)
    try:
        return _make_report(path)
    except DamagedReview as error:
        reason = str(error.__cause__ or error.message)
        return CheckReport(
            str(path),
            path.stat().st_size,
            0,
            (f"nothing of it can be read: {reason}",),
            (),
            tuple(backups.list_copies(path)),
        )


def _make_report(path: Path) -> CheckReport:
    with (
        contextlib.closing(opening.open_file(path, to_write=False, whole=True)) as opened,
        _open_for_check(opened) as db,
    ):
        found = list(db.damage)
        found += _until_unreadable(_find_missing_numbers(db))
        found += _until_unreadable(log_check.find_breaks(db))
        with contextlib.suppress(DamagedReview):
            if opened.damage or not opened.sealed:
                deque(audit.rows(db), maxlen=0)
            else:
                audit.note_unreadable(db)
            for attachment in documents.attachments(db):
                documents.read(db, attachment.sha256)
        generation = 0
        with contextlib.suppress(DamagedReview):
            generation = audit.count_generations(db)
        return CheckReport(
            str(path),
            path.stat().st_size,
            generation,
            tuple(dict.fromkeys(found)),
            tuple(db.unreadable),
            tuple(backups.list_copies(path)),
            sealed=opened.sealed,
        )


@contextlib.contextmanager
def _open_for_check(opened: Database) -> Iterator[Database]:
    """A private copy, since what is compared must be of one moment; a damaged file as it is, which nobody writes to."""
    if opened.damage or opened.is_copy:
        yield opened
    else:
        with contextlib.closing(opened.copied()) as copy:
            yield copy


def _until_unreadable(found: Iterator[str]) -> Iterator[str]:
    try:
        yield from found
    except DamagedReview as error:
        yield f"SQLite finds: {error.__cause__ or error}"


def _find_missing_numbers(db: Database) -> Iterator[str]:
    is_part = packages.package_of(db) is not None  # whose records have the review's numbers; log_check counts them
    for table in _NUMBERED_TABLES:
        if table == "record" and is_part:
            continue
        there, first, last = audit.numbering(db, table)
        if there != last or first != 1:
            yield f"rows of {table} are missing: there are {there}, numbered from {first} to {last}"

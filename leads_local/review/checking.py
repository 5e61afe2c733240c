"""Whether a review file is sound: everything that can be known of that, for ``check``.

Beyond what is looked at whenever a file is opened (``soundness.findings``) it compares what stands in two places:
decisions and verifications with their histories, from which they must follow, and the numbering of logs, in which
nothing may be missing.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from leads_local.review import backups, naming, opening
from leads_local.review.backups import ReviewCopy
from leads_local.review.database import DamagedReview, Database
from leads_local.review.store import audit, decisions, documents, values

_NUMBERED_TABLES = ("event", "decision_history", "verification_history", "reply", "record", "source")


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
        found += _until_unreadable(_find_history_breaks(db))
        with contextlib.suppress(DamagedReview):
            deque(audit.rows(db), maxlen=0)
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
    for table in _NUMBERED_TABLES:
        there, first, last = audit.numbering(db, table)
        if there != last or first != 1:
            yield f"rows of {table} are missing: there are {there}, numbered from {first} to {last}"


def _find_history_breaks(db: Database) -> Iterator[str]:
    for (stage, record), (stands, follows) in decisions.history_differences(db).items():
        yield (
            f"the decision on record {record} at the {stage} stage is {stands or 'none'}, by its history "
            f"{follows or 'none'}"
        )
    for value, (stands, follows) in values.history_differences(db).items():
        yield f"what was said of value {value} is {stands or 'nothing'}, by its history {follows or 'nothing'}"

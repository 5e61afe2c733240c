"""Who has the model at work at a stage of the review: one row a stage, of the process that took it."""

from __future__ import annotations

from dataclasses import dataclass

from leads_local.private import ProcessMark
from leads_local.review.database import Database, Row, utc_now
from leads_local.review.store.rows import read_row


@dataclass(frozen=True, slots=True)
class Lease:
    """``what`` the process does there, for people to read. ``file`` stands for the path at which it has the review
    open. Times are ISO 8601 in UTC; ``heard`` is when it last said that it is still at work."""

    stage: str
    token: str
    what: str
    holder: ProcessMark
    file: str
    since: str
    heard: str


def read(db: Database, stage: str) -> Lease | None:
    row = db.row("SELECT * FROM lease WHERE stage = ?", (stage,))
    return read_row(db, "lease", row, _to_lease) if row is not None else None


def put(db: Database, lease: Lease) -> None:
    """Give the stage to ``lease``, whoever had it before. Inside a transaction."""
    holder = lease.holder
    where = (lease.stage, lease.token, lease.what, holder.host, holder.number, holder.started, lease.file)
    db.write("DELETE FROM lease WHERE stage = ?", (lease.stage,))
    db.write("INSERT INTO lease VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*where, lease.since, lease.heard))


def note_heard(db: Database, lease: Lease) -> bool:
    """Write that the holder is still at work. False when the stage is another's by now. Inside a transaction."""
    changed = db.write(
        "UPDATE lease SET heard = ? WHERE stage = ? AND token = ?", (utc_now(), lease.stage, lease.token)
    )
    return changed == 1


def remove(db: Database, lease: Lease) -> None:
    """Give the stage up, unless it is another's by now. Inside a transaction."""
    db.write("DELETE FROM lease WHERE stage = ? AND token = ?", (lease.stage, lease.token))


def _to_lease(row: Row) -> Lease:
    holder = ProcessMark(row["host"], row["process"], row["started"])
    return Lease(row["stage"], row["token"], row["what"], holder, row["file"], row["since"], row["heard"])

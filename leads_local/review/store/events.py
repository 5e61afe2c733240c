"""The log of what was done to the review, for its report and its audit. Entries are only ever added."""

from __future__ import annotations

from leads_local.review.database import Database
from leads_local.review.read_models import Event


def add(db: Database, kind: str, text: str, reviewer: str = "") -> None:
    db.write("INSERT INTO event (kind, text, reviewer) VALUES (?, ?, ?)", (kind, text, reviewer))


def read(db: Database) -> list[Event]:
    """Oldest first."""
    return [Event(*row) for row in db.rows("SELECT id, kind, text, reviewer, at FROM event ORDER BY at, id")]

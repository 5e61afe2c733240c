"""Review files as earlier versions of the program left them: their schema, their journal, and no seals before version
3."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from leads_local.review import schema, versions
from leads_local.review.database import Database

LOGGED_SINCE = 5
"""The version from which what people did is a log, which these statements could not fill."""


def make(path: Path, version: int, *, rows: bool = True, more: Sequence[str] = ()) -> None:
    """A review of an earlier file version with one record, which Ann has included, and what ``more`` statements write
    into it. From version 5 on it is one of version 4 that was upgraded to that."""
    if version >= LOGGED_SINCE:
        make(path, LOGGED_SINCE - 1, rows=rows, more=more)
        with contextlib.closing(Database(path, busy_seconds=1.0, writable=True)) as db, db.transaction():
            versions.migrate(db, version)
            versions.seal_tables(db)
        return
    file = sqlite3.connect(path, isolation_level=None)
    file.execute(f"PRAGMA journal_mode = {'WAL' if version < schema.SEALED_SINCE else 'DELETE'}")
    for statements in schema.MIGRATIONS[:version]:
        for statement in statements:
            file.execute(statement)
    file.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    file.execute(f"PRAGMA user_version = {version}")
    file.execute(
        "INSERT INTO review VALUES (1, 'Old', 'adults', '', '', '', '2025-01-01T00:00:00.000Z', 'leads-local 0.0.1')"
    )
    for name, text in (("Population", "adults"), ("Design", "randomised")):
        file.execute(
            "INSERT INTO criterion (origin, stage, name, text, position) VALUES ('question', '', ?, ?, 0)", (name, text)
        )
    if rows:
        for statement in (
            "INSERT INTO source (id, path, sha256, format, encoding, origin, at) VALUES (1, 'a.ris', 's', 'RIS', "
            "'utf-8', 'file', '')",
            "INSERT INTO record (id, source_id, head) VALUES (1, 1, 1)",
            "INSERT INTO citation VALUES (1, 1, 'Title', '[]', NULL, '', '', '', '', '', '', '', '', '[]', '[]', "
            "'[]', 'Abstract')",
            "INSERT INTO decision VALUES ('abstract', 1, 'include', 'r', 'Ann', '2025-01-02T00:00:00.000Z', 1, 0)",
            *more,
        ):
            file.execute(statement)
    if version >= schema.SEALED_SINCE:
        file.execute("INSERT INTO generation (number, token) VALUES (1, 4711), (2, 4712)")
    file.close()
    if version >= schema.SEALED_SINCE:
        with contextlib.closing(Database(path, busy_seconds=1.0, writable=True)) as db, db.transaction():
            versions.seal_tables(db)

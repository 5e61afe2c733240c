"""Which version a review file is of, and how it is brought up to this program's."""

from __future__ import annotations

import hashlib

from leads_local.errors import ReviewError
from leads_local.review import earlier_log, sqlite_errors
from leads_local.review.database import DamagedReview, Database
from leads_local.review.schema import APPLICATION_ID, DERIVE_OUTCOMES, FILL_LOG, MIGRATIONS, SEALED_SINCE
from leads_local.review.soundness import RESTORE_HINT


def require_known_version(db: Database) -> int:
    """The file's version. Raises ReviewError when it is no review, or made by a newer program."""
    if db.number("PRAGMA application_id") != APPLICATION_ID:
        raise sqlite_errors.not_a_review(db.path)
    version = db.number("PRAGMA user_version")
    if version > len(MIGRATIONS):
        raise ReviewError(
            f"{db.path} was made by a newer leads-local (file version {version}; this program knows up to "
            f"{len(MIGRATIONS)}).",
            "Update leads-local on this computer; the file has not been changed.",
        )
    if version < 1:
        raise DamagedReview(
            f"{db.path} is damaged: it says that it is of file version {version}, which there never was.", RESTORE_HINT
        )
    return version


def migrate(db: Database, to: int = len(MIGRATIONS)) -> None:
    """Inside a transaction: run what follows the file's version, up to version ``to``."""
    version = db.number("PRAGMA user_version")
    for statements in MIGRATIONS[version:to]:
        for statement in statements:
            if statement == FILL_LOG:
                earlier_log.fill_log(db)
            elif statement == DERIVE_OUTCOMES:
                earlier_log.derive_outcomes(db)
            else:
                db.write(statement)
    if version < SEALED_SINCE:
        db.new_generation(1, _birth_token(db))
    else:
        db.new_generation(db.number("SELECT max(number) FROM generation") + 1)
    db.write(f"PRAGMA application_id = {APPLICATION_ID}")
    db.write(f"PRAGMA user_version = {to}")


def _birth_token(db: Database) -> int | None:
    """A number that all copies of an older file share: from when and by what it was made. None for a new one, which
    draws one."""
    row = db.row("SELECT created_at, made_by FROM review")
    return int.from_bytes(hashlib.sha256(f"{row[0]} {row[1]}".encode()).digest()[:8]) >> 1 if row is not None else None


def seal_tables(db: Database) -> None:
    """Inside a transaction: seal all that is there."""
    if db.number("SELECT count(*) FROM seal"):
        db.write("DELETE FROM seal")
    for table, (rows, digest) in db.totals().items():
        db.write("INSERT INTO seal (name, rows, digest) VALUES (?, ?, ?)", (table, rows, digest))

"""Where records came from: the imported files with their counts, which of them were withdrawn, and which records are
absent for that."""

from __future__ import annotations

from dataclasses import dataclass

from leads_local.review.database import Database
from leads_local.review.read_models import Source


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Why a source was taken out, who said so, and when."""

    reason: str
    reviewer: str
    at: str


def imports(db: Database) -> list[Source]:
    """Every imported file in the order of import, numbered from 1, those that were withdrawn among them."""
    rows = db.rows(
        "SELECT s.path, s.sha256, s.format, s.at, (SELECT count(*) FROM record r WHERE r.source_id = s.id) AS records, "
        "(SELECT count(*) FROM record r WHERE r.source_id = s.id AND r.head <> r.id) AS duplicates, "
        "(SELECT count(*) FROM source_problem p WHERE p.source_id = s.id) AS problems, "
        "w.source_id IS NOT NULL AS withdrawn, coalesce(w.reason, '') AS reason, coalesce(w.reviewer, '') AS by, "
        "coalesce(w.at, '') AS withdrawn_at "
        "FROM source s LEFT JOIN withdrawal w ON w.source_id = s.id WHERE s.origin = 'file' ORDER BY s.id"
    )
    return [
        Source(
            number=number,
            path=row["path"],
            sha256=row["sha256"],
            format=row["format"],
            at=row["at"],
            records=row["records"],
            duplicates=row["duplicates"],
            problems=row["problems"],
            withdrawn=bool(row["withdrawn"]),
            reason=row["reason"],
            withdrawn_by=row["by"],
            withdrawn_at=row["withdrawn_at"],
        )
        for number, row in enumerate(rows, start=1)
    ]


def heads_of(db: Database, sha256: str) -> list[int]:
    """The heads of the groups that have a record of this source."""
    return db.numbers(
        "SELECT DISTINCT r.head FROM source s CROSS JOIN record r ON r.source_id = s.id WHERE s.sha256 = ? ORDER BY 1",
        (sha256,),
    )


def withdrawals(db: Database) -> dict[str, Withdrawal]:
    """What was withdrawn, by the SHA-256 of the source."""
    rows = db.rows("SELECT s.sha256, w.reason, w.reviewer, w.at FROM withdrawal w JOIN source s ON s.id = w.source_id")
    return {row[0]: Withdrawal(*row[1:]) for row in rows}


def set_withdrawn(db: Database, source_id: int, withdrawal: Withdrawal | None) -> None:
    db.write("DELETE FROM withdrawal WHERE source_id = ?", (source_id,))
    if withdrawal is not None:
        db.write(
            "INSERT INTO withdrawal (source_id, reason, reviewer, at) VALUES (?, ?, ?, ?)",
            (source_id, withdrawal.reason, withdrawal.reviewer, withdrawal.at),
        )


_IS_ABSENT = (
    "(r.source_id IN (SELECT source_id FROM withdrawal) OR EXISTS (SELECT 1 FROM source s WHERE s.id = r.source_id "
    "AND s.origin = 'pdf' AND NOT EXISTS (SELECT 1 FROM document o JOIN file_link f ON f.document_id = o.id "
    "WHERE o.sha256 = s.sha256 AND f.record_id = r.id)))"
)


def refresh_absent(db: Database, source_id: int | None = None) -> list[int]:
    """Have each record of a source (None: of all) be absent where its source is withdrawn or, of a PDF's own, where
    the PDF belongs to another record or to none. Returns the records that this has changed."""
    wanted = "r.absent <> " + _IS_ABSENT + " AND (:source IS NULL OR r.source_id = :source)"
    changed = db.numbers(f"SELECT r.id FROM record r WHERE {wanted} ORDER BY r.id", {"source": source_id})
    db.write_many("UPDATE record SET absent = 1 - absent WHERE id = ?", [(record,) for record in changed])
    return changed


def absent_records(db: Database) -> set[int]:
    return set(db.numbers("SELECT id FROM record WHERE absent = 1"))

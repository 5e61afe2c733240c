"""What the log says of the protocol that no other table has: reasons for exclusion, the form, keywords, limits, its
lock; and which reports could not be retrieved.

The first are read where they stand, in the last act that holds: they are few, and a copy of them could only differ.
"""

from __future__ import annotations

from typing import Any

from leads_local.citations.limits import Limit, from_said
from leads_local.review.acts import ActKind, canonical
from leads_local.review.database import Database
from leads_local.review.store import acts

_WHOLE = canonical([])
_READABLE = (
    "SELECT 1 FROM record m CROSS JOIN file_link f ON f.record_id = m.id CROSS JOIN document o ON o.id = f.document_id "
    "WHERE o.problem = '' AND m.head = r.head"
)


def said(db: Database, kind: ActKind) -> dict[str, Any]:
    """What holds of a part of the protocol that is one register; {} where nobody has said anything."""
    found = acts.last_holding(db, kind, _WHOLE)
    return dict(found[1].said_parts()) if found is not None else {}


def reasons(db: Database) -> list[tuple[str, str, bool]]:
    """(key, text, retired) of the reasons for exclusion, in the order in which they count."""
    return [(key, text, bool(retired)) for key, text, retired in said(db, ActKind.REASONS).get("reasons", [])]


def limits(db: Database) -> tuple[Limit, ...]:
    """The criteria that are checked by rule, in the order in which they count."""
    return tuple(map(from_said, said(db, ActKind.LIMITS).get("limits", [])))


def given_reasons(db: Database) -> list[str]:
    """The reasons that reviewers give for excluding, now, most frequent first."""
    rows = db.rows(
        "SELECT reason FROM decision WHERE choice = 'exclude' AND reason <> '' GROUP BY reason "
        "ORDER BY count(*) DESC, reason"
    )
    return [row[0] for row in rows]


def used_reasons(db: Database) -> set[str]:
    """What any decision or adjudication ever gave as its reason."""
    rows = db.rows("SELECT DISTINCT json_extract(said, '$.reason') FROM act WHERE kind IN ('decide', 'adjudicate')")
    return {row[0] for row in rows}


# ---------------------------------------------------------------- what could not be retrieved


def derive_retrieval(db: Database, record_id: int, subject: str) -> None:
    """Have the last word on whether this record's report could be retrieved stand."""
    db.write("DELETE FROM retrieval WHERE record_id = ?", (record_id,))
    found = acts.last_holding(db, ActKind.RETRIEVAL, subject)
    if found is not None and found[1].said_parts()["not retrieved"]:
        act = found[1]
        db.write("INSERT INTO retrieval (record_id, reviewer, at) VALUES (?, ?, ?)", (record_id, act.reviewer, act.at))


def not_retrieved(db: Database) -> dict[int, tuple[str, str]]:
    """Of which records it is said that their report could not be retrieved: by whom, and when."""
    return {row[0]: (row[1], row[2]) for row in db.rows("SELECT record_id, reviewer, at FROM retrieval")}


def missing_reports(db: Database) -> dict[int, str]:
    """Of which reports it is said that they could not be had, and no full text has come since: by whom. By head."""
    rows = db.rows(
        "SELECT r.head, x.reviewer FROM retrieval x JOIN record r ON r.id = x.record_id "
        f"WHERE NOT EXISTS ({_READABLE}) ORDER BY x.at"
    )
    return {row[0]: row[1] for row in rows}


def not_retrieved_in_group(db: Database, head: int) -> list[int]:
    """The records of a group of which that is said."""
    return db.numbers(
        "SELECT x.record_id FROM retrieval x JOIN record r ON r.id = x.record_id WHERE r.head = ? ORDER BY 1", (head,)
    )


def not_retrieved_by(db: Database, head: int) -> str | None:
    """Who says of a report that it could not be had; None where that is not so, or a full text has come since."""
    row = db.row(
        "SELECT x.reviewer FROM record r CROSS JOIN retrieval x ON x.record_id = r.id WHERE r.head = ? "
        f"AND NOT EXISTS ({_READABLE}) ORDER BY x.at DESC LIMIT 1",
        (head,),
    )
    return str(row[0]) if row is not None else None


def readable_fulltext(db: Database, head: int) -> str:
    """The name of a full text of this group that can be read; "" where there is none."""
    row = db.row(
        "SELECT o.path FROM record r JOIN file_link f ON f.record_id = r.id JOIN document o ON o.id = f.document_id "
        "WHERE r.head = ? AND o.problem = ''",
        (head,),
    )
    return str(row[0]) if row is not None else ""


NOT_RETRIEVED_HEADS = (
    "SELECT DISTINCT r.head AS head FROM retrieval x CROSS JOIN record r ON r.id = x.record_id "
    f"WHERE NOT EXISTS ({_READABLE})"
)
"""Reports that could not be retrieved: it was said so, and no full text has come since."""

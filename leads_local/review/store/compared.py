"""Which records have been compared with all others for duplicates, and by which keys they are found again, so that a
further import is compared with what is like it and not with everything.

It can be lost without harm: what is not in it is compared anew. The file's own triggers take a record out of it whose
text was corrected, whose group changed, or which left the review or came back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from leads_local.review.database import Database

_WAITING = (
    "FROM record r WHERE r.absent = 0 AND r.separate = 0 AND NOT EXISTS (SELECT 1 FROM compared c WHERE "
    "c.record_id = r.id AND c.rules = ?)"
)


def moment(db: Database) -> tuple[int, int]:
    """Another one once somebody has imported, or said something."""
    return db.number("SELECT max(id) FROM record"), db.number("SELECT max(id) FROM act")


def waiting(db: Database, rules: int) -> list[int]:
    """The records of the review that were not compared yet, or by other ``rules``."""
    return db.numbers(f"SELECT r.id {_WAITING} ORDER BY r.id", (rules,))


def count_waiting(db: Database, rules: int) -> int:
    return db.number(f"SELECT count(*) {_WAITING}", (rules,))


def keys(db: Database) -> Iterator[tuple[int, bytes]]:
    """Each compared record and its keys."""
    return ((row[0], row[1]) for row in db.stream("SELECT record_id, keys FROM compared"))


def note(db: Database, rules: int, known: Mapping[int, bytes]) -> None:
    """These have been compared; their keys."""
    db.write_many("DELETE FROM compared WHERE record_id = ?", [(record,) for record in known])
    db.write_many(
        "INSERT INTO compared (record_id, rules, keys) VALUES (?, ?, ?)",
        [(record, rules, own) for record, own in known.items()],
    )


def forget(db: Database, records: Iterable[int]) -> None:
    """Have these be compared again."""
    db.write("DELETE FROM compared WHERE record_id IN (SELECT value FROM json_each(?))", (json.dumps(list(records)),))


def forget_all(db: Database) -> None:
    db.write("DELETE FROM compared")

"""Duplicate groups: which record stands for which.

Grouping moves no decision, judgement, document or value: each stays with the record it was made for, and all of a
group's are read together. So taking a group apart again loses nothing, either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leads_local.records import Stage
from leads_local.review.database import Database, utc_now
from leads_local.review.read_models import Duplicate
from leads_local.review.store.rows import read_rows

# Where reviewers differ; and where one reviewer had decided the records of a group differently before they were
# grouped, until they decide again at that stage.
CONFLICTING_HEADS = (
    "SELECT record_id FROM outcome WHERE stage = :stage AND state = 'conflict' UNION "
    "SELECT g.head FROM duplicate_group g JOIN record m ON m.head = g.head JOIN decision x ON x.record_id = m.id "
    "AND x.stage = :stage GROUP BY g.head, x.reviewer HAVING count(DISTINCT x.choice) > 1 AND max(x.clock) <= g.clock"
)


@dataclass(frozen=True, slots=True)
class GroupedRecord:
    """A record as grouping sees it. ``separate``: a person has said that it is nobody's duplicate."""

    id: int
    head: int
    separate: bool


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """``clock``: of the newest decision of the review when the group got its members."""

    head: int
    reasons: tuple[str, ...]
    clock: int


def members(db: Database) -> list[GroupedRecord]:
    return [
        GroupedRecord(row["id"], row["head"], bool(row["separate"]))
        for row in db.rows("SELECT id, head, separate FROM record ORDER BY id")
    ]


def of_head(db: Database, head: int) -> list[int]:
    """The ids of the records that ``head`` stands for, itself included, in rising order."""
    return db.numbers("SELECT id FROM record WHERE head = ? ORDER BY id", (head,))


def of_heads(db: Database, heads: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """``of_head`` for many, by head; what is no head is left out."""
    rows = db.rows(
        "SELECT r.head, r.id FROM json_each(?) i CROSS JOIN record r ON r.head = i.value ORDER BY r.head, r.id",
        (json.dumps(list(heads)),),
    )
    found: dict[int, list[int]] = {}
    for head, record in rows:
        found.setdefault(head, []).append(record)
    return {head: tuple(records) for head, records in found.items()}


def heads_of(db: Database, records: Sequence[int]) -> list[int]:
    """The heads of the groups that these records are in, each once."""
    return db.numbers(
        "SELECT DISTINCT r.head FROM json_each(?) i CROSS JOIN record r ON r.id = i.value ORDER BY 1",
        (json.dumps(list(records)),),
    )


def duplicates(db: Database, head: int) -> tuple[Duplicate, ...]:
    rows = db.rows(
        "SELECT r.id, c.title, s.path FROM record r JOIN citation c ON c.record_id = r.id JOIN source s ON s.id = "
        "r.source_id "
        "WHERE r.head = ? AND r.id <> ? ORDER BY r.id",
        (head, head),
    )
    return tuple(Duplicate(*row) for row in rows)


def stored_groups(db: Database) -> dict[int, StoredGroup]:
    """By head."""
    rows = db.rows("SELECT head, reasons, clock FROM duplicate_group")
    made = read_rows(
        db,
        "group of duplicates",
        rows,
        lambda row: StoredGroup(row["head"], tuple(json.loads(row["reasons"])), row["clock"]),
    )
    return {group.head: group for group in made}


def reasons(db: Database, head: int) -> tuple[str, ...]:
    rows = db.rows("SELECT head, reasons FROM duplicate_group WHERE head = ?", (head,))
    return next(read_rows(db, "group of duplicates", rows, lambda row: tuple(json.loads(row["reasons"]))), ())


def form_group(
    db: Database, head: int, records: Sequence[int], reasons: Iterable[str], clock: int | None = None
) -> None:
    """Make ``records`` (``head`` among them) one group, replacing every group that they were in.

    ``clock`` is that of an earlier group whose members these were; by default it is the newest decision there is.
    """
    dissolve_groups(db, records)
    db.write_many("UPDATE record SET head = ? WHERE id = ?", [(head, record) for record in records])
    db.write(
        "INSERT INTO duplicate_group (head, reasons, clock, at) "
        "VALUES (?, ?, coalesce(?, (SELECT coalesce(max(clock), 0) FROM decision)), ?)",
        (head, json.dumps(list(reasons), ensure_ascii=False), clock, utc_now()),
    )


def dissolve_groups(db: Database, records: Iterable[int]) -> None:
    """Let each of ``records`` stand for itself. They must be whole groups."""
    records = list(records)
    db.write_many("DELETE FROM duplicate_group WHERE head = ?", [(record,) for record in records])
    db.write_many("UPDATE record SET head = id WHERE id = ?", [(record,) for record in records])


def set_separate(db: Database, record_id: int, separate: bool) -> None:
    db.write("UPDATE record SET separate = ? WHERE id = ?", (int(separate), record_id))


def screened_ids(db: Database) -> set[int]:
    """The records that a model has screened."""
    return set(db.numbers("SELECT DISTINCT record_id FROM screening"))


def conflicting_heads(db: Database) -> list[int]:
    """The heads of groups whose records were decided differently at a stage before they were grouped, and not since."""
    return sorted({head for stage in Stage for head in db.numbers(CONFLICTING_HEADS, {"stage": stage})})

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
from leads_local.review.store.citations import CURRENT
from leads_local.review.store.rows import read_rows

# Where reviewers differ; and where the records of a group had been decided differently before they were grouped, until
# somebody decides again at that stage: by one reviewer, and where the last decision holds, by whoever said it last.
# Each decision says of which records it was made, so that what was settled stays so when the group grows by others.
_DECIDED_IN_GROUPS = (
    "SELECT g.head, g.clock AS grouped, x.choice, x.clock, x.reviewer, x.record_id FROM duplicate_group g CROSS JOIN "
    "record h ON h.id = g.head AND h.absent = 0 CROSS JOIN record m ON m.head = g.head CROSS JOIN decision x ON "
    "x.stage = :stage AND x.record_id = m.id"
)
_LATEST_HOLDS = "EXISTS (SELECT 1 FROM rule WHERE stage = :stage AND kind = 'latest')"
_DIFFER = "HAVING count(DISTINCT choice) > 1 AND max(clock) <= grouped"
_STANDS = (
    "NOT EXISTS (SELECT 1 FROM record n CROSS JOIN act e ON e.record_id = n.id AND e.clock > x.clock AND e.kind IN "
    "('decide', 'adjudicate') AND {whose} AND e.subject LIKE '%,\"' || :stage || '\"]' "
    "AND instr(e.said, '[\"' || s.sha256 || '\",' || m.place || ']') > 0 "
    "AND NOT EXISTS (SELECT 1 FROM revoked v WHERE v.act_id = e.id) WHERE n.head = c.head)"
)
_OWN = "(e.kind = 'adjudicate' OR e.reviewer = x.reviewer)"
_STANDING_IN_GROUPS = (
    "CROSS JOIN record m ON m.head = c.head CROSS JOIN source s ON s.id = m.source_id CROSS JOIN decision x ON "
    "x.stage = :stage AND x.record_id = m.id"
)
_BY_ONE = (
    f"SELECT c.head FROM (SELECT head, reviewer FROM ({_DECIDED_IN_GROUPS}) WHERE NOT {_LATEST_HOLDS} {{among}}"
    f"GROUP BY head, reviewer {_DIFFER}) c {_STANDING_IN_GROUPS} AND x.reviewer = c.reviewer WHERE "
    f"{_STANDS.format(whose=_OWN)} "
    "GROUP BY c.head, c.reviewer HAVING count(DISTINCT x.choice) > 1"
)
_BY_THE_LAST = (
    "SELECT head FROM (SELECT c.head, x.choice, max(x.clock) FROM (SELECT head FROM (SELECT head, grouped, choice, "
    f"max(clock) AS clock FROM ({_DECIDED_IN_GROUPS}) WHERE {_LATEST_HOLDS} GROUP BY head, record_id) "
    f"GROUP BY head {_DIFFER}) c {_STANDING_IN_GROUPS} WHERE {_STANDS.format(whose='1')} GROUP BY c.head, x.record_id) "
    "GROUP BY head HAVING count(DISTINCT choice) > 1"
)
CONFLICTING_HEADS = (
    "SELECT record_id FROM outcome WHERE stage = :stage AND state = 'conflict' UNION "
    f"SELECT head FROM ({_BY_ONE.format(among='')}) UNION SELECT head FROM ({_BY_THE_LAST})"
)


_BY_ONE_AMONG = _BY_ONE.format(among="AND head IN (SELECT value FROM json_each(:heads)) ")


@dataclass(frozen=True, slots=True)
class GroupedRecord:
    """A record as grouping sees it. ``separate``: a person has said that it is nobody's duplicate; ``absent``: it is no
    record of the review any more (see ``presence``)."""

    id: int
    head: int
    separate: bool
    absent: bool = False


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """``clock``: that of the log when the group got its members."""

    head: int
    reasons: tuple[str, ...]
    clock: int


def members(db: Database, heads: Sequence[int] | None = None) -> list[GroupedRecord]:
    """Every record, or those that these heads stand for, in rising order."""
    these = "" if heads is None else "WHERE head IN (SELECT value FROM json_each(?)) "
    return [
        GroupedRecord(row["id"], row["head"], bool(row["separate"]), bool(row["absent"]))
        for row in db.rows(f"SELECT id, head, separate, absent FROM record {these}ORDER BY id", _as_parameters(heads))
    ]


def _as_parameters(records: Sequence[int] | None) -> tuple[str, ...]:
    return () if records is None else (json.dumps(list(records)),)


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


def head_of(db: Database, records: Sequence[int]) -> dict[int, int]:
    """The record that stands for each of these records; without what is no record."""
    rows = db.rows(
        "SELECT r.id, r.head FROM json_each(?) i CROSS JOIN record r ON r.id = i.value", (json.dumps(list(records)),)
    )
    return {row[0]: row[1] for row in rows}


def all_duplicates(db: Database) -> dict[int, int]:
    """Every record that another one stands for, and which."""
    return {row[0]: row[1] for row in db.rows("SELECT id, head FROM record WHERE head <> id")}


def heads_of(db: Database, records: Sequence[int]) -> list[int]:
    """The heads of the groups that these records are in, each once."""
    return db.numbers(
        "SELECT DISTINCT r.head FROM json_each(?) i CROSS JOIN record r ON r.id = i.value ORDER BY 1",
        (json.dumps(list(records)),),
    )


def in_review(db: Database, heads: Sequence[int]) -> list[int]:
    """Those of these heads that stand for records of the review."""
    return db.numbers(
        "SELECT r.id FROM json_each(?) i CROSS JOIN record r ON r.id = i.value WHERE r.absent = 0 ORDER BY 1",
        (json.dumps(list(heads)),),
    )


def duplicates(db: Database, head: int) -> tuple[Duplicate, ...]:
    rows = db.rows(
        f"SELECT r.id, c.title, s.path FROM record r JOIN {CURRENT} c ON c.record_id = r.id JOIN source s ON s.id = "
        "r.source_id "
        "WHERE r.head = ? AND r.id <> ? AND r.absent = 0 ORDER BY r.id",
        (head, head),
    )
    return tuple(Duplicate(*row) for row in rows)


def count_duplicates(db: Database) -> dict[int, int]:
    """How many other records of the review each head stands for."""
    rows = db.stream("SELECT head, count(*) - 1 FROM record WHERE absent = 0 GROUP BY head")
    return {row[0]: row[1] for row in rows}


def count(db: Database) -> tuple[int, int, int]:
    """How many records the review has, how many groups, and how many records another one stands for."""
    row = db.row(
        "SELECT count(*), count(DISTINCT CASE WHEN head <> id THEN head END), coalesce(sum(head <> id), 0) FROM record "
        "WHERE absent = 0"
    )
    return (row[0], row[1], row[2]) if row is not None else (0, 0, 0)


def stored_groups(db: Database, heads: Sequence[int] | None = None) -> dict[int, StoredGroup]:
    """All groups, or those of these heads, by head."""
    these = "" if heads is None else " WHERE head IN (SELECT value FROM json_each(?))"
    rows = db.rows(f"SELECT head, reasons, clock FROM duplicate_group{these}", _as_parameters(heads))
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

    ``clock`` is that of an earlier group whose members these were; by default that of the log now.
    """
    dissolve_groups(db, records)
    known = db.number("SELECT coalesce(max(clock), 0) FROM act") if clock is None else clock
    form_groups(db, [(StoredGroup(head, tuple(reasons), known), records)])


def form_groups(db: Database, formed: Iterable[tuple[StoredGroup, Sequence[int]]]) -> None:
    """Make the records of each (the head among them) one group. Each must stand for itself."""
    told = list(formed)
    db.write_many(
        "UPDATE record SET head = ? WHERE id = ?", [(one.head, of) for one, records in told for of in records]
    )
    db.write_many(
        "INSERT INTO duplicate_group (head, reasons, clock, at) VALUES (?, ?, ?, ?)",
        [(one.head, json.dumps(list(one.reasons), ensure_ascii=False), one.clock, utc_now()) for one, _ in told],
    )


def dissolve_groups(db: Database, records: Iterable[int]) -> None:
    """Let each of ``records`` stand for itself. They must be whole groups."""
    records = list(records)
    db.write_many("DELETE FROM duplicate_group WHERE head = ?", [(record,) for record in records])
    db.write_many("UPDATE record SET head = id WHERE id = ?", [(record,) for record in records])


def is_separate(db: Database, record_id: int) -> bool:
    """Whether a person has said that a record is nobody's duplicate."""
    return bool(db.number("SELECT separate FROM record WHERE id = ?", (record_id,)))


def set_separate(db: Database, record_id: int, separate: bool) -> None:
    db.write("UPDATE record SET separate = ? WHERE id = ?", (int(separate), record_id))


def screened_ids(db: Database, among: Sequence[int] | None = None) -> set[int]:
    """The records (of these) that a model has screened."""
    these = "" if among is None else " WHERE record_id IN (SELECT value FROM json_each(?))"
    return set(db.numbers(f"SELECT DISTINCT record_id FROM screening{these}", _as_parameters(among)))


def differing_by_one(db: Database, stage: Stage, heads: Sequence[int]) -> set[int]:
    """Of these groups those whose records one reviewer had decided differently before they were one, and not since."""
    grouped = list(stored_groups(db, heads))
    said = {"stage": stage, "heads": json.dumps(grouped)}
    return set(db.numbers(_BY_ONE_AMONG, said)) if grouped else set()


def conflicting_heads(db: Database) -> list[int]:
    """The heads of groups whose records were decided differently at a stage before they were grouped, and not since."""
    return sorted({head for stage in Stage for head in db.numbers(CONFLICTING_HEADS, {"stage": stage})})

"""What a file of version 4 or earlier tells of what people did, read from the tables that it kept that in, in an order
in which it can have happened."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from leads_local.records import Stage
from leads_local.review import acts as log
from leads_local.review import reasons as reason_lists
from leads_local.review.acts import ActKind, canonical, record_subject
from leads_local.review.database import Database, Row
from leads_local.review.outcomes import RuleKind
from leads_local.review.store import questions, values
from leads_local.review.store.rows import read_rows


@dataclass(frozen=True, slots=True)
class ToldAct:
    """An act before it has its name. ``revokes``: the place in the list of the act that it takes back, -1 for none;
    ``seq``: the number that the earlier version gave a decision, or of the last one when duplicates were found."""

    kind: ActKind
    subject: str
    said: Mapping[str, Any]
    reviewer: str = ""
    at: str = ""
    record: int = 0
    revokes: int = -1
    seq: int = 0


def is_new(db: Database) -> bool:
    """Whether the file is being made, so that nothing was done yet."""
    return not db.number("SELECT count(*) FROM review")


def tell_all(db: Database, origins: Mapping[int, tuple[str, int]]) -> Iterator[ToldAct]:
    first = [*_tell_protocol(db), *_tell_records(db, origins)]
    yield from first
    yield from _tell_decisions(db, origins, len(first), _tell_groups(db, origins))
    yield from _tell_verifications(db)


def _tell_protocol(db: Database) -> Iterator[ToldAct]:
    for row in db.rows("SELECT * FROM review"):
        at, question = row["created_at"], ("title", "population", "intervention", "comparison", "outcome")
        yield ToldAct(ActKind.CREATE, canonical([]), {"made by": row["made_by"]}, at=at)
        yield ToldAct(ActKind.QUESTION, canonical([]), {part: row[part] for part in question}, at=at)
        own: dict[str, list[list[str]]] = {"": []}
        for criterion in db.rows(
            "SELECT stage, name, text FROM criterion WHERE origin = 'reviewer' AND active = 1 ORDER BY position, id"
        ):
            own.setdefault(criterion["stage"], []).append([criterion["name"], criterion["text"]])
        for scope, criteria in own.items():
            yield ToldAct(ActKind.CRITERIA, canonical([scope]), {"criteria": criteria}, at=at)
        for stage in Stage:
            yield ToldAct(ActKind.RULE, canonical([stage]), {"kind": RuleKind.LATEST, "share": 0.0}, at=at)
        reasons = reason_lists.first_list(questions.criteria(db, Stage.FULLTEXT), _given_reasons(db))
        said = [[one.key, one.text, one.retired] for one in reasons]
        yield ToldAct(ActKind.REASONS, canonical([]), {"reasons": said}, at=at)


def _given_reasons(db: Database) -> list[str]:
    """The reasons that exclusions give, most frequent first."""
    rows = db.rows(
        "SELECT reason FROM decision_before WHERE choice = 'exclude' AND reason <> '' GROUP BY reason "
        "ORDER BY count(*) DESC, reason"
    )
    return [row[0] for row in rows]


def _tell_records(db: Database, origins: Mapping[int, tuple[str, int]]) -> Iterator[ToldAct]:
    counted = "(SELECT count(*) FROM record r WHERE r.source_id = s.id)"
    for row in db.rows(f"SELECT *, {counted} AS records FROM source s WHERE origin = 'file' ORDER BY id"):
        said = {"name": row["path"], "format": row["format"], "records": row["records"]}
        yield ToldAct(ActKind.IMPORT, canonical([row["sha256"]]), said, at=row["at"])
    for row in db.rows("SELECT * FROM document ORDER BY id"):
        record = row["record_id"] or 0
        said = {
            "name": row["path"],
            "record": origins.get(record),
            "how": row["how"],
            "unmatched": bool(row["unmatched"]),
        }
        yield ToldAct(ActKind.ATTACH, canonical([row["sha256"]]), said, at=row["at"], record=record)
    for record in db.numbers("SELECT id FROM record WHERE separate = 1 ORDER BY id"):
        if record in origins:
            yield ToldAct(ActKind.APART, record_subject(*origins[record]), {"apart": True}, record=record)


def _tell_groups(db: Database, origins: Mapping[int, tuple[str, int]]) -> list[ToldAct]:
    """The duplicates as they stand, those together that were found after the same decision, the last found first."""
    members: dict[int, list[int]] = {}
    for row in db.rows("SELECT id, head FROM record WHERE head IN (SELECT head FROM duplicate_group) ORDER BY id"):
        members.setdefault(row["head"], []).append(row["id"])
    found: dict[int, list[Row]] = {}
    for row in db.rows("SELECT head, reasons, clock, at FROM duplicate_group ORDER BY clock DESC, head"):
        found.setdefault(row["clock"], []).append(row)
    return [
        ToldAct(
            ActKind.GROUP,
            canonical([]),
            log.groups_said([(members.get(row["head"], []), json.loads(row["reasons"])) for row in rows], origins),
            at=max(row["at"] for row in rows),
            seq=seq,
        )
        for seq, rows in found.items()
    ]


def _tell_decisions(
    db: Database, origins: Mapping[int, tuple[str, int]], place: int, groups: list[ToldAct]
) -> Iterator[ToldAct]:
    """With the ``groups`` between those decisions between which they were found. ``place`` is that of the first in the
    whole list."""
    places: dict[int, int] = {}
    rows = read_rows(
        db, "entry of the decisions' history", db.stream("SELECT * FROM decision_history ORDER BY id"), _decided
    )
    for seq, undone, told in rows:
        while groups and not undone and groups[-1].seq < seq:
            yield groups.pop()
            place += 1
        if told.record not in origins:
            continue
        if undone:
            if seq not in places:
                continue
            told = replace(told, kind=ActKind.REVOKE, said={}, subject="", revokes=places[seq], seq=0)
        else:
            places[seq] = place
            told = replace(told, subject=record_subject(*origins[told.record], told.subject))
        place += 1
        yield told
    yield from reversed(groups)


def _decided(row: Row) -> tuple[int, bool, ToldAct]:
    said = {"choice": row["choice"], "reason": row["reason"]}
    undone = row["action"] == "undone"
    at = row["at"] if undone else row["decided_at"]
    told = ToldAct(ActKind.DECIDE, Stage(row["stage"]), said, row["reviewer"], at, row["record_id"], seq=row["seq"])
    return row["seq"], undone, told


def _tell_verifications(db: Database) -> Iterator[ToldAct]:
    records = {row[0]: row[1] for row in db.rows("SELECT id, record_id FROM value")}
    for row in db.rows("SELECT * FROM verification_history ORDER BY id"):
        undone = row["action"] == "undone"
        said = {"status": row["status"], "text": row["text"], "note": row["note"]}
        if undone:
            said = {"status": "proposed", "text": "", "note": ""}
        yield ToldAct(
            ActKind.VERIFY,
            canonical(values.name(db, row["value_id"])),
            said,
            row["reviewer"],
            row["at"] if undone else row["verified_at"],
            records.get(row["value_id"], 0),
        )


def take_over(db: Database, clocks: Mapping[int, int]) -> None:
    """Keep what was said of values, and date groups by the ``clocks`` of the acts that found them (by their number)."""
    db.write("INSERT INTO verification SELECT value_id, status, text, note, reviewer, at FROM verification_before")
    stored = [(row["head"], row["clock"]) for row in db.rows("SELECT head, clock FROM duplicate_group")]
    db.write_many(
        "UPDATE duplicate_group SET clock = ? WHERE head = ?", [(clocks.get(seq, 0), head) for head, seq in stored]
    )

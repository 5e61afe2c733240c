"""Fills the log of a file of version 4 or earlier from the tables in which that version kept what people did.

Decisions and verifications are taken over with all that was ever undone, under their reviewers' names. Of everything
else (question, criteria, duplicates, PDFs) those versions kept in rows only what stands; that is written down as it
stands. The session that these acts are of is named by a hash of them: two copies of a file that are brought up to date
apart hold the same acts afterwards, not each twice. What is taken over holds as it did: the last decision, whoever
made it (``RuleKind.LATEST``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from leads_local.records import Stage
from leads_local.review import acts as log
from leads_local.review import standing
from leads_local.review.acts import Act, ActKind, ActName, canonical, record_subject
from leads_local.review.database import Database, Row
from leads_local.review.outcomes import RuleKind
from leads_local.review.store import acts, citations, decisions, values
from leads_local.review.store.rows import read_rows

_SESSION_DIGITS = 16


@dataclass(frozen=True, slots=True)
class _Told:
    """An act before it has its name. ``revokes``: the place in the list of the act that it takes back, -1 for none;
    ``seq``: the number that the earlier version gave a decision."""

    kind: ActKind
    subject: str
    said: Mapping[str, Any]
    reviewer: str = ""
    at: str = ""
    record: int = 0
    revokes: int = -1
    seq: int = 0


def fill_log(db: Database) -> None:
    """Inside the migration's transaction, while the earlier tables are still there. A file that is being made has
    nothing to take over."""
    if not db.number("SELECT count(*) FROM review"):
        return
    told = list(_tell_all(db, citations.all_origins(db)))
    made = _name_acts(told)
    clocks = {one.seq: act.clock for one, act in zip(told, made, strict=True) if one.seq}
    acts.add_many(db, zip(made, (one.record for one in told), strict=True))
    acts.replace_revoked(db, log.revoked(made).items())
    db.write("INSERT INTO verification SELECT value_id, status, text, note, reviewer, at FROM verification_before")
    groups = db.rows("SELECT head, clock FROM duplicate_group")
    db.write_many(
        "UPDATE duplicate_group SET clock = ? WHERE head = ?",
        [(clocks.get(row["clock"], 0), row["head"]) for row in groups],
    )
    for stage in Stage:
        standing.derive_rule(db, canonical([stage]))
    decisions.derive_all(db)
    standing.refresh_outcomes(db, decisions.decided_records(db))


def _tell_all(db: Database, origins: Mapping[int, tuple[str, int]]) -> Iterator[_Told]:
    first = [*_tell_protocol(db), *_tell_records(db, origins)]
    yield from first
    yield from _tell_decisions(db, origins, len(first))
    yield from _tell_verifications(db)


def _tell_protocol(db: Database) -> Iterator[_Told]:
    for row in db.rows("SELECT * FROM review"):
        at, question = row["created_at"], ("title", "population", "intervention", "comparison", "outcome")
        yield _Told(ActKind.CREATE, canonical([]), {"made by": row["made_by"]}, at=at)
        yield _Told(ActKind.QUESTION, canonical([]), {part: row[part] for part in question}, at=at)
        own: dict[str, list[list[str]]] = {"": []}
        for criterion in db.rows(
            "SELECT stage, name, text FROM criterion WHERE origin = 'reviewer' AND active = 1 ORDER BY position, id"
        ):
            own.setdefault(criterion["stage"], []).append([criterion["name"], criterion["text"]])
        for scope, criteria in own.items():
            yield _Told(ActKind.CRITERIA, canonical([scope]), {"criteria": criteria}, at=at)
        for stage in Stage:
            yield _Told(ActKind.RULE, canonical([stage]), {"kind": RuleKind.LATEST, "share": 0.0}, at=at)


def _tell_records(db: Database, origins: Mapping[int, tuple[str, int]]) -> Iterator[_Told]:
    counted = "(SELECT count(*) FROM record r WHERE r.source_id = s.id)"
    for row in db.rows(f"SELECT *, {counted} AS records FROM source s WHERE origin = 'file' ORDER BY id"):
        said = {"name": row["path"], "format": row["format"], "records": row["records"]}
        yield _Told(ActKind.IMPORT, canonical([row["sha256"]]), said, at=row["at"])
    for row in db.rows("SELECT * FROM document ORDER BY id"):
        record = row["record_id"] or 0
        said = {
            "name": row["path"],
            "record": origins.get(record),
            "how": row["how"],
            "unmatched": bool(row["unmatched"]),
        }
        yield _Told(ActKind.ATTACH, canonical([row["sha256"]]), said, at=row["at"], record=record)
    members: dict[int, list[int]] = {}
    for row in db.rows("SELECT id, head FROM record WHERE head IN (SELECT head FROM duplicate_group) ORDER BY id"):
        members.setdefault(row["head"], []).append(row["id"])
    found = db.rows("SELECT head, reasons, at FROM duplicate_group ORDER BY head")
    if found:
        grouped = [(members.get(row["head"], []), json.loads(row["reasons"])) for row in found]
        yield _Told(ActKind.GROUP, canonical([]), log.groups_said(grouped, origins), at=max(row["at"] for row in found))
    for record in db.numbers("SELECT id FROM record WHERE separate = 1 ORDER BY id"):
        if record in origins:
            yield _Told(ActKind.APART, record_subject(*origins[record]), {"apart": True}, record=record)


def _tell_decisions(db: Database, origins: Mapping[int, tuple[str, int]], place: int) -> Iterator[_Told]:
    """``place`` is that of the first in the whole list."""
    places: dict[int, int] = {}
    rows = read_rows(
        db, "entry of the decisions' history", db.stream("SELECT * FROM decision_history ORDER BY id"), _decided
    )
    for seq, undone, told in rows:
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


def _decided(row: Row) -> tuple[int, bool, _Told]:
    said = {"choice": row["choice"], "reason": row["reason"]}
    undone = row["action"] == "undone"
    at = row["at"] if undone else row["decided_at"]
    told = _Told(ActKind.DECIDE, Stage(row["stage"]), said, row["reviewer"], at, row["record_id"], seq=row["seq"])
    return row["seq"], undone, told


def _tell_verifications(db: Database) -> Iterator[_Told]:
    records = {row[0]: row[1] for row in db.rows("SELECT id, record_id FROM value")}
    for row in db.rows("SELECT * FROM verification_history ORDER BY id"):
        undone = row["action"] == "undone"
        said = {"status": row["status"], "text": row["text"], "note": row["note"]}
        if undone:
            said = {"status": "proposed", "text": "", "note": ""}
        yield _Told(
            ActKind.VERIFY,
            canonical(values.name(db, row["value_id"])),
            said,
            row["reviewer"],
            row["at"] if undone else row["verified_at"],
            records.get(row["value_id"], 0),
        )


def _name_acts(told: Sequence[_Told]) -> list[Act]:
    """The acts in one chain, each a gesture of its own."""
    content = canonical([[one.kind, one.subject, one.said, one.reviewer, one.at, one.revokes] for one in told])
    session = hashlib.sha256(content.encode()).hexdigest()[:_SESSION_DIGITS]
    made: list[Act] = []
    for number, one in enumerate(told, start=1):
        subject = canonical([session, one.revokes + 1]) if one.revokes >= 0 else one.subject
        before = made[-1].hash if made else ""
        name, said = ActName(session, number), canonical(one.said)
        made.append(Act(name, number, number, one.kind, subject, said, one.reviewer, one.at, before))
    return made

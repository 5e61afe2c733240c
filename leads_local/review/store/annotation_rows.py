"""What stands of notes, tags, priorities and corrections: one table, which follows from the log.

A row belongs to the record that it was said of; a duplicate group has those of all its records. What a correction
changes is read through ``citations.CURRENT``, so that every reader of a citation sees it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from leads_local.review.acts import Act, ActKind
from leads_local.review.annotations import Correction, Field, Note, Priority, in_words
from leads_local.review.database import Database, Row
from leads_local.review.store import acts
from leads_local.review.store.rows import read_rows

# The notes of :reviewer, and those of others unless :reviewer has yet to decide the report without knowing what the
# others think of it: something holds, or they differ, where no decision is wanted any more (as ``sights.may_see``).
_MAY_SEE = """(n.about = :reviewer OR NOT EXISTS (
    SELECT 1 FROM rule u WHERE u.kind IN ('two', 'second-check', 'share') AND u.stage = CASE WHEN EXISTS (
        SELECT 1 FROM outcome o WHERE o.stage = 'abstract' AND o.record_id = r.head AND o.choice = 'include'
    ) THEN 'fulltext' ELSE 'abstract' END AND NOT EXISTS (
        SELECT 1 FROM record m JOIN decision d ON d.record_id = m.id WHERE m.head = r.head AND d.stage = u.stage
            AND d.reviewer = :reviewer
    ) AND NOT EXISTS (
        SELECT 1 FROM outcome e WHERE e.stage = u.stage AND e.record_id = r.head AND e.state <> 'waiting')))"""


_NEWER = (
    "EXISTS (SELECT 1 FROM act a WHERE a.record_id = n.record_id AND a.kind = 'correct' AND a.at = n.at AND "
    "a.subject LIKE '%,\"' || n.about || '\"]' AND instr(a.said, '\"newer\":') > 0)"
)
"""Whether a correction is what a newer export says: see ``newer_texts``."""


def derive(db: Database, act: Act, record_id: int) -> None:
    """Have what was said last and holds stand in the register of ``act``, or nothing."""
    about = act.subject_parts()[2]
    found = acts.last_holding(db, ActKind(act.kind), act.subject)
    text = found[1].said_parts()["text"] if found is not None else None
    db.write("DELETE FROM annotation WHERE record_id = ? AND kind = ? AND about = ?", (record_id, act.kind, about))
    if found is not None and text is not None:
        db.write(
            "INSERT INTO annotation (record_id, kind, about, text, reviewer, at) VALUES (?, ?, ?, ?, ?, ?)",
            (record_id, act.kind, about, text, found[1].reviewer, found[1].at),
        )


def text_of(db: Database, record_id: int, kind: ActKind, about: str) -> str | None:
    """What stands in a register, None for nothing."""
    row = db.row("SELECT text FROM annotation WHERE record_id = ? AND kind = ? AND about = ?", (record_id, kind, about))
    return str(row[0]) if row is not None else None


def all_rows(db: Database) -> dict[tuple[str, int, str], tuple[str, str, str]]:
    """(kind, record, about what): (text, reviewer, when)."""
    rows = db.rows("SELECT record_id, kind, about, text, reviewer, at FROM annotation ORDER BY record_id, kind, about")
    return {(row["kind"], row["record_id"], row["about"]): (row["text"], row["reviewer"], row["at"]) for row in rows}


def tag_names(db: Database) -> list[str]:
    """Every tag that some record has."""
    return [str(row[0]) for row in db.rows("SELECT DISTINCT about FROM annotation WHERE kind = 'tag' ORDER BY about")]


def tags_of(db: Database, head: int) -> list[tuple[int, str]]:
    """The tags of a group: record and tag."""
    rows = db.rows(
        "SELECT n.record_id, n.about FROM record r JOIN annotation n ON n.record_id = r.id "
        "WHERE r.head = ? AND n.kind = 'tag' ORDER BY n.about, n.record_id",
        (head,),
    )
    return [(row[0], row[1]) for row in rows]


def priorities_of(db: Database, head: int) -> list[tuple[int, Priority]]:
    """What was said of the priority of a group's records."""
    rows = db.rows(
        "SELECT n.record_id, n.text FROM record r JOIN annotation n ON n.record_id = r.id "
        "WHERE r.head = ? AND n.kind = 'priority' ORDER BY n.record_id",
        (head,),
    )
    return list(read_rows(db, "priority of record", rows, lambda row: (row[0], Priority(row[1]))))


def notes(db: Database, reviewer: str, head: int = 0) -> list[tuple[int, Note]]:
    """The notes that ``reviewer`` may see, on this report or (0) on all: head and note."""
    return _notes(db, _MAY_SEE, reviewer, head)


def all_notes(db: Database) -> list[tuple[int, Note]]:
    """Every note, for an export: head and note."""
    return _notes(db, "1")


def _notes(db: Database, which: str, reviewer: str = "", head: int = 0) -> list[tuple[int, Note]]:
    among = "n.record_id IN (SELECT id FROM record WHERE head = :head)" if head else "1"
    rows = db.rows(
        "SELECT n.record_id, r.head, n.about, n.text, n.at FROM annotation n JOIN record r ON r.id = n.record_id "
        f"WHERE n.kind = 'note' AND {among} AND {which} ORDER BY n.record_id, n.at, n.about",
        {"reviewer": reviewer, "head": head},
    )
    return [(row["head"], Note(row["record_id"], row["text"], row["about"], row["at"])) for row in rows]


def hidden_notes(db: Database, reviewer: str) -> list[int]:
    """The heads of the reports that have notes which ``reviewer`` may not see yet."""
    return db.numbers(
        f"SELECT DISTINCT r.head FROM annotation n JOIN record r ON r.id = n.record_id WHERE n.kind = 'note' AND NOT "
        f"{_MAY_SEE} AND r.absent = 0 ORDER BY 1",
        {"reviewer": reviewer},
    )


def count_notes(db: Database, head: int) -> int:
    return db.number(
        "SELECT count(*) FROM record r JOIN annotation n ON n.record_id = r.id WHERE r.head = ? AND n.kind = 'note'",
        (head,),
    )


def heads_with(db: Database, kind: ActKind) -> list[tuple[int, str, str]]:
    """Of every row of a kind the report that it is of, what it is about, and its text."""
    rows = db.rows(
        "SELECT r.head, n.about, n.text FROM annotation n JOIN record r ON r.id = n.record_id WHERE n.kind = ?", (kind,)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def corrected_records(db: Database) -> set[int]:
    """The records of which anything was corrected."""
    return set(db.numbers("SELECT DISTINCT record_id FROM annotation WHERE kind = 'correct'"))


def corrections(db: Database, records: Sequence[int] | None = None) -> list[Correction]:
    """What was corrected of these records (None: of all), in the order of fields, with what was imported."""
    columns = ", ".join(f"c.{field}" for field in Field)
    among = "" if records is None else "n.record_id IN (SELECT value FROM json_each(:records)) AND "
    rows = db.rows(
        f"SELECT n.record_id, n.about, n.text, n.reviewer, n.at, {_NEWER} AS newer, {columns} FROM "
        f"annotation n CROSS JOIN citation c ON "
        f"c.record_id = n.record_id WHERE {among} n.kind = 'correct'",
        {} if records is None else {"records": json.dumps(list(records))},
    )
    order = list(Field)
    found = read_rows(db, "correction of record", rows, _to_correction)
    return sorted(found, key=lambda one: (one.record_id, order.index(one.field)))


def _to_correction(row: Row) -> Correction:
    field = Field(row["about"])
    imported = "" if row[field] is None else str(row[field])
    texts = (in_words(field, row["text"]), in_words(field, imported))
    return Correction(row["record_id"], field, *texts, row["reviewer"], row["at"], bool(row["newer"]))

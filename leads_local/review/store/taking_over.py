"""From another copy of a review into this one: what that one holds and this one lacks, row by row.

Row numbers are each file's own, so every row that comes gets a new one here, and rows are known by what is the same in
every copy: a source and a document by its SHA-256, a record by its source and place, a criterion by its words, a reply
by its question's key and what it says, a value by its name (``values.all_names``). Nothing that is here is changed but
what says "newest": a screening, the model's questions, and a document that could not be read here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from leads_local.errors import ReviewError
from leads_local.review.database import Database, Row
from leads_local.review.store import ocr_rows, values
from leads_local.review.store.screenings import JUDGED_BY

Ids = dict[int, int]
"""This file's number for each of the other's."""


@dataclass(slots=True)
class Taken:
    """``records`` and ``documents``: how many came, by the SHA-256 of their source or file. ``passages``: by the
    other's number of a file, what those of its passages are called here that OCR has read. ``record_ids`` and
    ``value_ids``: this file's numbers of all that the other one has; ``new_values``: those of them that came.
    ``part``: the other one is a work package, which has some of each source's records only."""

    part: bool = False
    same_numbers: bool = False
    records: dict[str, int] = field(default_factory=dict)
    documents: set[str] = field(default_factory=set)
    replies: int = 0
    events: int = 0
    record_ids: Ids = field(default_factory=dict)
    value_ids: Ids = field(default_factory=dict)
    passages: dict[int, Ids] = field(default_factory=dict)
    new_values: set[int] = field(default_factory=set)


def take_over(db: Database, other: Database, *, part: bool = False, same_numbers: bool = False) -> Taken:
    """Inside a transaction. ``same_numbers``: records are called here as they are there, in a file that has none yet.
    Raises ReviewError when both have a source that was read differently."""
    taken = Taken(part, same_numbers)
    _take_sources(db, other, taken)
    documents = _take_documents(db, other, taken)
    criteria = _take_criteria(db, other)
    replies = _take_replies(db, other, taken)
    _take_judgements(db, other, replies, criteria)
    _take_values(db, other, taken, replies, documents)
    _take_screenings(db, other, taken.record_ids, replies)
    _take_work(db, other, taken.record_ids, replies)
    _take_events(db, other, taken)
    return taken


def _insert(db: Database, table: str, row: Row, leave_out: str = "", **changed: object) -> int:
    """Add a row as it is in the other file but for what is ``changed``; without the column ``leave_out`` this file
    gives it a number of its own."""
    columns = {name: row[name] for name in row.keys() if name != leave_out} | changed  # noqa: SIM118 (a Row has no items)
    marks = ", ".join("?" * len(columns))
    return db.insert(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))


def _by_name(db: Database, sql: str) -> dict[tuple[object, ...], int]:
    """Ids by the other columns."""
    return {tuple(row)[1:]: row[0] for row in db.stream(sql)}


# ---------------------------------------------------------------- what came in


def _take_sources(db: Database, other: Database, taken: Taken) -> None:
    known = _by_name(db, "SELECT id, sha256 FROM source")
    for row in other.rows("SELECT * FROM source ORDER BY id"):
        theirs = _records_of(other, row["id"])
        here = known.get((row["sha256"],))
        if here is None:
            _take_source(db, other, row, theirs, taken)
            continue
        ours = _records_of(db, here)
        told = {place: number for place, (_, number) in theirs.items()}
        known_here = {place: number for place, (_, number) in ours.items() if place in told or not taken.part}
        if told != known_here:
            raise ReviewError(
                f"{other.path} and {db.path} have read the file {row['path']} differently ({len(theirs):,} and "
                f"{len(ours):,} records), so it can't be told which record is which.",
                "Import that file anew in one of them with the program that the other one was made with.",
            )
        taken.record_ids.update({record: ours[place][0] for place, (record, _) in theirs.items()})


def _records_of(db: Database, source: int) -> dict[int, tuple[int, int]]:
    """The records of a source, each with its number in the file, by their places."""
    rows = db.rows(
        "SELECT r.place, r.id, c.number FROM record r JOIN citation c ON c.record_id = r.id WHERE r.source_id = ? "
        "ORDER BY r.place",
        (source,),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _take_source(db: Database, other: Database, row: Row, records: Mapping[int, tuple[int, int]], taken: Taken) -> None:
    source = _insert(db, "source", row, "id")
    for problem in other.rows("SELECT * FROM source_problem WHERE source_id = ? ORDER BY id", (row["id"],)):
        _insert(db, "source_problem", problem, "id", source_id=source)
    first = db.number("SELECT max(id) FROM record") + 1
    for new, (place, (record, _)) in enumerate(records.items(), start=first):
        new = record if taken.same_numbers else new
        db.write("INSERT INTO record (id, source_id, place, head) VALUES (?, ?, ?, ?)", (new, source, place, new))
        for citation in other.rows("SELECT * FROM citation WHERE record_id = ?", (record,)):
            _insert(db, "citation", citation, record_id=new)
        taken.record_ids[record] = new
    taken.records[row["sha256"]] = len(records)


def _take_documents(db: Database, other: Database, taken: Taken) -> Ids:
    """Which records they belong to, the log says."""
    known = {row["sha256"]: row for row in db.rows("SELECT id, sha256, problem FROM document")}
    ids: Ids = {}
    for row in other.rows("SELECT * FROM document ORDER BY id"):
        here = known.get(row["sha256"])
        if here is None:
            ids[row["id"]] = _insert(db, "document", row, "id")
            taken.documents.add(row["sha256"])
        else:
            ids[row["id"]] = here["id"]
            if here["problem"] and not row["problem"]:
                columns = "path = ?, problem = '', notice = ?, info = ?, reading = ?, at = ?"
                told = (*(row[name] for name in ("path", "notice", "info", "reading", "at")), here["id"])
                db.write(f"UPDATE document SET {columns} WHERE id = ?", told)
        if not _take_text(db, other, row["id"], ids[row["id"]]):
            taken.passages[row["id"]] = ocr_rows.take_over(db, other, row["sha256"])
    return ids


def _take_text(db: Database, other: Database, theirs: int, here: int) -> bool:
    """Pages and passages, unless there are some here, and then False: quotes point at them."""
    if db.number("SELECT count(*) FROM passage WHERE document_id = ?", (here,)):
        return False
    pages = set(db.numbers("SELECT number FROM page WHERE document_id = ?", (here,)))
    for page in other.rows("SELECT * FROM page WHERE document_id = ? ORDER BY number", (theirs,)):
        if page["number"] not in pages:
            _insert(db, "page", page, document_id=here)
    for passage in other.rows("SELECT * FROM passage WHERE document_id = ? ORDER BY position", (theirs,)):
        _insert(db, "passage", passage, "id", document_id=here)
    return True


# ---------------------------------------------------------------- what the model said


def _take_criteria(db: Database, other: Database) -> Ids:
    """Not asked here, unless the log says so."""
    known = _by_name(db, "SELECT id, origin, stage, name, text FROM criterion")
    ids: Ids = {}
    for row in other.rows("SELECT * FROM criterion ORDER BY id"):
        called = (row["origin"], row["stage"], row["name"], row["text"])
        ids[row["id"]] = known.get(called) or _insert(db, "criterion", row, "id", active=0)
    return ids


def _reply_names(db: Database) -> Iterable[tuple[int, bytes]]:
    """Which question each reply answers, and what it says. One that says the same again is the same."""
    for row in db.stream("SELECT id, key, text, reason FROM reply ORDER BY id"):
        yield row["id"], hashlib.sha256(json.dumps(list(row)[1:]).encode()).digest()


def _take_replies(db: Database, other: Database, taken: Taken) -> Ids:
    known = {said: reply for reply, said in _reply_names(db)}
    ids: Ids = {}
    for theirs, said in _reply_names(other):
        if said not in known:
            row = other.rows("SELECT * FROM reply WHERE id = ?", (theirs,))[0]
            known[said] = _insert(db, "reply", row, "id", record_id=taken.record_ids[row["record_id"]])
            taken.replies += 1
        ids[theirs] = known[said]
    return ids


def _take_judgements(db: Database, other: Database, replies: Ids, criteria: Ids) -> None:
    known = {tuple(row) for row in db.stream("SELECT reply_id, position FROM judgement")}
    for row in other.stream("SELECT * FROM judgement ORDER BY reply_id, position"):
        place = (replies[row["reply_id"]], row["position"])
        if place not in known:
            known.add(place)
            _insert(db, "judgement", row, reply_id=place[0], criterion_id=criteria[row["criterion_id"]])
    given = {tuple(row) for row in db.stream("SELECT judged_by, position, reply_id FROM rationale")}
    for row in other.stream("SELECT * FROM rationale"):
        reason = (replies[row["judged_by"]], row["position"], replies[row["reply_id"]])
        if reason not in given:
            given.add(reason)
            _insert(db, "rationale", row, judged_by=reason[0], reply_id=reason[2])


def _take_values(db: Database, other: Database, taken: Taken, replies: Ids, documents: Ids) -> None:
    """Which of two copies' values are shown is settled afterwards, by ``merged_values``."""
    ours = {called: value for value, called in values.all_names(db).items()}
    for value, called in values.all_names(other).items():
        if called in ours:
            taken.value_ids[value] = ours[called]
            continue
        for row in other.rows("SELECT * FROM value WHERE id = ?", (value,)):
            reply = replies[row["reply_id"]] if row["reply_id"] else None
            document = documents[row["document_id"]] if row["document_id"] else None
            record = taken.record_ids[row["record_id"]]
            quoted = taken.passages.get(row["document_id"], {}).get(row["passage"], row["passage"])
            numbers = {"record_id": record, "reply_id": reply, "document_id": document, "passage": quoted}
            new = _insert(db, "value", row, "id", **numbers)
            taken.value_ids[value] = new
            taken.new_values.add(new)


_SCREENINGS = "SELECT n.*, y.at, y.key FROM screening n JOIN reply y ON y.id = n.reply_id"


def _take_screenings(db: Database, other: Database, records: Ids, replies: Ids) -> None:
    """Of two copies' newest screenings of a record the newer one."""
    ours = {(row["stage"], row["record_id"]): row for row in db.rows(_SCREENINGS)}
    for row in other.rows(_SCREENINGS):
        place = (row["stage"], records[row["record_id"]])
        reply = replies[row["reply_id"]]
        here = ours.get(place)
        if here is not None and ((here["at"], here["key"]) >= (row["at"], row["key"]) or here["reply_id"] == reply):
            continue
        parts = json.dumps([replies[one] for one in json.loads(row["replies"])])
        db.write("DELETE FROM screening WHERE stage = ? AND record_id = ?", place)
        db.write(
            "INSERT INTO screening (stage, record_id, reply_id, replies, score, expected, criteria) "
            f"VALUES (?, ?, ?, ?, ?, ?, {JUDGED_BY})",
            (*place, reply, parts, row["score"], row["expected"], reply),
        )


_STATES: Mapping[str, int] = {"pending": 0, "failed": 1, "done": 2}
_WORK = "SELECT w.*, coalesce(y.at, '') AS answered FROM work w LEFT JOIN reply y ON y.id = w.reply_id ORDER BY w.id"


def _take_work(db: Database, other: Database, records: Ids, replies: Ids) -> None:
    """Of two copies' states of a question the one that is further: answered, and later."""
    ours = {_question(row, row["record_id"]): row for row in db.rows(_WORK)}
    for row in other.rows(_WORK):
        record = records[row["record_id"]]
        reply = replies[row["reply_id"]] if row["reply_id"] else None
        here = ours.get(_question(row, record))
        if here is None:
            columns = {name: row[name] for name in row.keys() if name not in ("id", "answered")}  # noqa: SIM118
            columns |= {"record_id": record, "reply_id": reply}
            marks = ", ".join("?" * len(columns))
            db.write(f"INSERT INTO work ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))
        elif _progress(row) > _progress(here) and (here["state"], here["reply_id"]) != (row["state"], reply):
            columns_written = "mode = ?, layout = ?, key = ?, state = ?, reason = ?, reply_id = ?"
            told = (row["mode"], row["layout"], row["key"], row["state"], row["reason"], reply, here["id"])
            db.write(f"UPDATE work SET {columns_written} WHERE id = ?", told)


def _question(row: Row, record: int) -> tuple[object, ...]:
    asked = (record, row["task"], row["stage"], row["item"], row["part"], row["parts"], row["comparison"])
    return (*asked, *((row["mode"], row["layout"]) if row["comparison"] else ()))


def _progress(row: Row) -> tuple[int, str, str]:
    return _STATES[row["state"]], row["answered"], row["key"]


# ---------------------------------------------------------------- what was noted


def _take_events(db: Database, other: Database, taken: Taken) -> None:
    known = set(_by_name(db, "SELECT id, kind, text, reviewer, at FROM event"))
    for row in other.stream("SELECT * FROM event ORDER BY at, id"):
        if (row["kind"], row["text"], row["reviewer"], row["at"]) not in known:
            _insert(db, "event", row, "id")
            taken.events += 1

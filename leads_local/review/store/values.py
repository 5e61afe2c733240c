"""Extracted values with their evidence, and what people made of them.

A value is never edited or deleted: a later extraction sets it aside (``current`` 0), a person's verification stands
beside it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leads_local.records import Box, ExtractedValue, Quote, QuotePlace
from leads_local.review.acts import canonical
from leads_local.review.database import Database, Row, utc_now
from leads_local.review.read_models import StoredValue, ValueStatus
from leads_local.review.store.rows import read_rows

_COLUMNS = (
    "v.id, v.record_id, v.task, v.item, v.arm, v.part, v.text, v.note, v.quote, v.match, v.passage, v.places, "
    "v.parts_disagree, v.cut, v.current, "
    "f.status, f.text AS final, f.note AS remark, f.reviewer, f.at, coalesce(y.model, '') AS model, "
    "coalesce(y.pack, '') AS pack, "
    "coalesce(y.left_out, '[]') AS left_out, coalesce(o.sha256, '') AS document, coalesce(o.path, '') AS file"
)
_FROM = (
    "FROM value v LEFT JOIN verification f ON f.value_id = v.id LEFT JOIN reply y ON y.id = v.reply_id "
    "LEFT JOIN document o ON o.id = v.document_id"
)


def add(db: Database, record_id: int, reply_id: int, document_id: int, value: ExtractedValue, *, current: bool) -> None:
    db.write(
        "INSERT INTO value (record_id, reply_id, document_id, task, item, arm, part, text, note, "
        "quote, match, passage, places, parts_disagree, cut, current, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (record_id, reply_id, document_id, *_column_values(value), int(current), utc_now()),
    )


def set_current(db: Database, value_ids: Sequence[int], current: bool) -> None:
    """Set proposals aside because a later extraction has replaced them, or bring them back because its answer holds
    again."""
    db.write_many("UPDATE value SET current = ? WHERE id = ?", [(int(current), value_id) for value_id in value_ids])


def of_reply(db: Database, reply_id: int) -> list[StoredValue]:
    """What one reply of the model proposed, current or not."""
    return _to_values(db, db.rows(f"SELECT {_COLUMNS} {_FROM} WHERE v.reply_id = ? ORDER BY v.id", (reply_id,)))


def of_head(db: Database, head: int) -> list[StoredValue]:
    """The current values of the group of ``head``: characteristics, arms, participants, results; in each the order of
    the form.

    The rows of work stand in the form's order, whatever order the answers came in.
    """
    rows = db.rows(
        f"SELECT {_COLUMNS} {_FROM} WHERE v.record_id IN (SELECT id FROM record WHERE head = ?) AND v.current = 1 "
        "ORDER BY CASE v.task WHEN 'characteristics' THEN 1 WHEN 'arms' THEN 2 WHEN 'participants' THEN 3 ELSE 4 END, "
        "(SELECT w.id FROM work w WHERE w.record_id = y.record_id AND w.task = y.task AND w.stage = y.stage AND "
        "w.item = y.item AND w.comparison = 0), v.id",
        (head,),
    )
    return _to_values(db, rows)


def heads_with_values(db: Database) -> list[int]:
    """The heads of the groups of the review that have current values."""
    return db.numbers(
        "SELECT DISTINCT r.head FROM value v JOIN record r ON r.id = v.record_id JOIN record h ON h.id = r.head "
        "WHERE v.current = 1 AND h.absent = 0 ORDER BY r.head"
    )


def count_unverified(db: Database, heads: Sequence[int]) -> int:
    """How many current values of the groups of ``heads`` no person has said anything of."""
    return db.number(
        "SELECT count(*) FROM json_each(?) i CROSS JOIN record r ON r.head = i.value "
        "CROSS JOIN value v ON v.record_id = r.id AND v.current = 1 "
        "WHERE NOT EXISTS (SELECT 1 FROM verification f WHERE f.value_id = v.id)",
        (json.dumps(list(heads)),),
    )


def of_same_place(db: Database, value_id: int) -> list[StoredValue]:
    """Every value that was ever proposed by a reply for the place of this one in its report, itself among them, current
    or not."""
    rows = db.rows(
        f"SELECT {_COLUMNS} {_FROM} CROSS JOIN value p ON p.id = ? WHERE v.record_id IN (SELECT m.id FROM record r "
        "JOIN record m ON m.head = r.head WHERE r.id = p.record_id) AND (v.task, v.item, v.arm, v.part) = "
        "(p.task, p.item, p.arm, p.part) AND v.reply_id IS NOT NULL ORDER BY v.id",
        (value_id,),
    )
    return _to_values(db, rows)


def standing_replies(db: Database, value_id: int) -> set[int]:
    """The replies that are the answers which stand to what is asked about the report of a value."""
    sql = (
        "SELECT w.reply_id FROM value o CROSS JOIN record p ON p.id = o.record_id CROSS JOIN record r ON "
        "r.head = p.head CROSS JOIN work w ON w.record_id = r.id AND w.comparison = 0 "
        "WHERE o.id = ? AND w.reply_id IS NOT NULL"
    )
    return set(db.numbers(sql, (value_id,)))


def read(db: Database, value_id: int) -> StoredValue | None:
    found = _to_values(db, db.rows(f"SELECT {_COLUMNS} {_FROM} WHERE v.id = ?", (value_id,)))
    return found[0] if found else None


def stream(db: Database) -> Iterator[StoredValue]:
    """Every value that was ever proposed, in the order of extraction."""
    yield from read_rows(db, "value", db.stream(f"SELECT {_COLUMNS} {_FROM} ORDER BY v.id"), _to_stored)


def name(db: Database, value_id: int) -> list[str | int]:
    """What a value is called in every copy of the review: the key of the reply that proposed it (without one, its
    document), what it is a value of, its text, and which of the values that are called so it is, from 1."""
    row = db.row(
        "SELECT coalesce(y.key, o.sha256, ''), v.task, v.item, v.arm, v.part, v.text, (SELECT count(*) FROM value w "
        "WHERE (w.reply_id IS v.reply_id OR w.reply_id IN (SELECT z.id FROM reply z WHERE z.key = y.key)) "
        "AND w.document_id IS v.document_id AND (w.task, w.item, w.arm, w.part, w.text) "
        "= (v.task, v.item, v.arm, v.part, v.text) AND w.id <= v.id) "
        "FROM value v LEFT JOIN reply y ON y.id = v.reply_id LEFT JOIN document o ON o.id = v.document_id "
        "WHERE v.id = ?",
        (value_id,),
    )
    return list(row) if row is not None else []


def all_names(db: Database) -> dict[int, str]:
    """What every value is called, as canonical JSON."""
    rows = db.stream(
        "SELECT v.id, coalesce(y.key, o.sha256, ''), v.task, v.item, v.arm, v.part, v.text, v.document_id "
        "FROM value v LEFT JOIN reply y ON y.id = v.reply_id LEFT JOIN document o ON o.id = v.document_id ORDER BY v.id"
    )
    found: dict[int, str] = {}
    so_far: Counter[tuple[object, ...]] = Counter()
    for value, *called in rows:
        so_far[tuple(called)] += 1
        found[value] = canonical([*called[:-1], so_far[tuple(called)]])
    return found


def find_named(db: Database, called: Sequence[str | int]) -> int:
    """The value that is called so (see ``name``), 0 where there is none."""
    key, *address, number = called
    found = db.numbers(
        "SELECT v.id FROM value v LEFT JOIN reply y ON y.id = v.reply_id LEFT JOIN document o ON o.id = v.document_id "
        "WHERE coalesce(y.key, o.sha256, '') = ? AND (v.task, v.item, v.arm, v.part, v.text) = (?, ?, ?, ?, ?)",
        (key, *address),
    )
    return next((value for value in found if name(db, value)[-1] == number), 0)


def verify(db: Database, value_id: int, status: ValueStatus, text: str, note: str, reviewer: str, at: str) -> None:
    """What a person says of a value now; PROPOSED takes back what was said."""
    if status is ValueStatus.PROPOSED:
        db.write("DELETE FROM verification WHERE value_id = ?", (value_id,))
        return
    db.write(
        "INSERT INTO verification (value_id, status, text, note, reviewer, at) VALUES (?, ?, ?, ?, ?, ?) ON "
        "CONFLICT (value_id) "
        "DO UPDATE SET status = excluded.status, text = excluded.text, note = excluded.note, "
        "reviewer = excluded.reviewer, at = excluded.at",
        (value_id, status, text, note, reviewer, at),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply that values are from: ``question`` is what it answers (report, task, item), ``way`` by which model and
    prompts, ``part`` of how many; ``newest`` is higher for a later one."""

    reply: int
    question: tuple[int, str, str]
    way: tuple[str, str, str, str, int]
    part: int
    newest: tuple[str, str]


def answers(db: Database, value_id: int = 0) -> dict[int, Answer]:
    """The reply that each value is from; only of what answers the question that this value does, unless that is 0."""
    columns = (
        "v.id, y.id AS reply, r.head, y.task, y.item, y.model_sha256, y.pack, y.mode, y.layout, y.parts, y.part, "
        "y.at, y.key"
    )
    rows = db.stream(
        f"SELECT {columns} FROM value v JOIN reply y ON y.id = v.reply_id JOIN record r ON r.id = v.record_id"
        if not value_id
        else f"SELECT {columns} FROM value o CROSS JOIN record p ON p.id = o.record_id CROSS JOIN reply q ON "
        "q.id = o.reply_id CROSS JOIN record r ON r.head = p.head CROSS JOIN value v ON v.record_id = r.id "
        "CROSS JOIN reply y ON y.id = v.reply_id AND y.task = q.task AND y.item = q.item WHERE o.id = ?",
        (value_id,) if value_id else (),
    )
    return {row[0]: Answer(row[1], tuple(row)[2:5], tuple(row)[5:10], row["part"], tuple(row)[11:13]) for row in rows}


def current_ids(db: Database) -> set[int]:
    return set(db.numbers("SELECT id FROM value WHERE current = 1"))


def said_rows(db: Database) -> dict[int, tuple[str, str, str, str, str]]:
    """(status, text, note, reviewer, at) of what people say of values, by value."""
    return {
        row["value_id"]: (row["status"], row["text"], row["note"], row["reviewer"], row["at"])
        for row in db.stream("SELECT * FROM verification")
    }


def _column_values(value: ExtractedValue) -> tuple[object, ...]:
    quote = value.quote or Quote("")
    places = [_pack_place(place) for place in quote.places]
    evidence = (
        None if value.quote is None else quote.text,
        quote.match,
        quote.passage,
        json.dumps(places, separators=(",", ":")),
    )
    said = (value.task, value.item, value.group, value.part, value.text, value.note)
    return (*said, *evidence, int(value.parts_disagree), int(value.cut))


def _pack_place(place: QuotePlace) -> list[float]:
    sure = [] if place.confidence is None else [place.confidence]
    return [place.page, place.box.x0, place.box.y0, place.box.x1, place.box.y1, *sure]


def _to_place(value: Sequence[float]) -> QuotePlace:
    page, x0, y0, x1, y1, *sure = value
    return QuotePlace(int(page), Box(x0, y0, x1, y1), *sure)


def _to_values(db: Database, rows: Sequence[Row]) -> list[StoredValue]:
    return list(read_rows(db, "value", rows, _to_stored))


def _to_stored(row: Row) -> StoredValue:
    places = tuple(map(_to_place, json.loads(row["places"])))
    quote = None if row["quote"] is None else Quote(row["quote"], row["match"], row["passage"], places)
    status = ValueStatus(row["status"] or ValueStatus.PROPOSED)
    return StoredValue(
        id=row["id"],
        record_id=row["record_id"],
        value=ExtractedValue(
            task=row["task"],
            item=row["item"],
            text=row["text"],
            group=row["arm"],
            part=row["part"],
            note=row["note"],
            quote=quote,
            parts_disagree=bool(row["parts_disagree"]),
            cut=bool(row["cut"]),
        ),
        status=status,
        final_text=row["text"] if status is ValueStatus.PROPOSED else row["final"],
        note=row["remark"] or "",
        reviewer=row["reviewer"] or "",
        at=row["at"] or "",
        model=row["model"],
        pack=row["pack"],
        current=bool(row["current"]),
        left_out=tuple(json.loads(row["left_out"])),
        document=row["document"],
        file=row["file"],
    )

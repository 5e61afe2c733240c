"""The log of what people did: rows are only ever added. ``revoked`` is derived from it: which acts don't hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from leads_local.review.acts import Act, ActKind, ActName, canonical
from leads_local.review.database import Database, Row
from leads_local.review.store.rows import read_rows

_COLUMNS = "a.session, a.number, a.clock, a.gesture, a.kind, a.subject, a.said, a.reviewer, a.at, a.before"
_IN_ORDER = "a.clock, a.session, a.number"
HOLDS = "NOT EXISTS (SELECT 1 FROM revoked v WHERE v.act_id = a.id)"


_ADD = (
    "INSERT INTO act (session, number, clock, gesture, kind, subject, said, reviewer, at, before, hash, record_id) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def add(db: Database, act: Act, record_id: int = 0) -> int:
    """Add an act to the log, about this record where it is about one. Returns its id in this file."""
    return db.insert(_ADD, _columns_of(act, record_id))


def add_many(db: Database, told: Iterable[tuple[Act, int]]) -> None:
    """``add`` for a whole log: each act with its record, 0 for none."""
    db.write_many(_ADD, [_columns_of(act, record_id) for act, record_id in told])


def _columns_of(act: Act, record_id: int) -> tuple[object, ...]:
    said = (act.name.session, act.name.number, act.clock, act.gesture, act.kind, act.subject, act.said)
    return (*said, act.reviewer, act.at, act.before, act.hash, record_id or None)


def highest_clock(db: Database) -> int:
    return db.number("SELECT max(clock) FROM act")


def last_hash(db: Database, session: str) -> str:
    """The hash of the last act of ``session``; where it has none yet, of the last act of all; "" in an empty log."""
    row = db.row("SELECT hash FROM act WHERE session = ? ORDER BY number DESC LIMIT 1", (session,)) or db.row(
        "SELECT hash FROM act ORDER BY clock DESC, session DESC, number DESC LIMIT 1"
    )
    return str(row[0]) if row is not None else ""


def package_session(db: Database) -> str:
    """The session that a work package begins with; "" in a review."""
    row = db.row("SELECT session FROM act WHERE kind = 'package' LIMIT 1")
    return str(row[0]) if row is not None else ""


def last_number(db: Database, session: str) -> int:
    """The number of the last act of ``session``, 0 where it has none."""
    return db.number("SELECT max(number) FROM act WHERE session = ?", (session,))


def stream(db: Database) -> Iterator[tuple[Act, str]]:
    """Every act, each with the hash that is stored beside it, in the order in which this file got them."""
    rows = db.stream(f"SELECT a.id, {_COLUMNS}, a.hash FROM act a ORDER BY a.id")
    yield from read_rows(db, "act", rows, lambda row: (to_act(row), row["hash"]))


def saying(db: Database, kind: str, about: str) -> list[Act]:
    """The acts of this kind that say something ``about`` this, the last first."""
    rows = db.rows(
        f"SELECT a.id, {_COLUMNS} FROM act a WHERE a.kind = ? AND instr(a.said, ?) "
        "ORDER BY a.clock DESC, a.session DESC, a.number DESC",
        (kind, f'"{about}":'),
    )
    return [act for act in read_rows(db, "act", rows, to_act) if about in act.said_parts()]


def revoked_names(db: Database) -> set[ActName]:
    """The acts that the file says don't hold."""
    return {
        ActName(row[0], row[1])
        for row in db.rows("SELECT DISTINCT a.session, a.number FROM revoked v JOIN act a ON a.id = v.act_id")
    }


def last_but_of(db: Database, kinds: Iterable[ActKind]) -> ActName | None:
    """The act that came into this file last, of those that are of other kinds; None where there is none."""
    row = db.row(
        "SELECT session, number FROM act WHERE kind NOT IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT 1",
        (json.dumps(sorted(kinds)),),
    )
    return None if row is None else ActName(row["session"], row["number"])


def last_holding(db: Database, kind: ActKind, subject: str, reviewer: str | None = None) -> tuple[int, Act] | None:
    """The last act of its kind on ``subject`` that holds (of ``reviewer``, unless that is None), with its id."""
    row = db.row(
        f"SELECT a.id, {_COLUMNS} FROM act a WHERE a.kind = ? AND a.subject = ? AND (? IS NULL OR a.reviewer = ?) "
        f"AND {HOLDS} ORDER BY a.clock DESC, a.session DESC, a.number DESC LIMIT 1",
        (kind, subject, reviewer, reviewer),
    )
    return (row["id"], to_act(row)) if row is not None else None


def last_holding_of(
    db: Database, kind: ActKind, places: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, Act]]:
    """``last_holding`` for many, by subject and reviewer; where none holds, it is left out."""
    rows = db.rows(
        f"SELECT a.id, {_COLUMNS} FROM json_each(?) i CROSS JOIN act a ON a.kind = ? AND "
        "a.subject = json_extract(i.value, '$[0]') AND a.reviewer = json_extract(i.value, '$[1]') "
        f"WHERE {HOLDS} ORDER BY {_IN_ORDER}",
        (json.dumps(list(places)), kind),
    )
    return {(row["subject"], row["reviewer"]): (row["id"], to_act(row)) for row in rows}


def holding_on(db: Database, kinds: Sequence[ActKind], subject: str) -> list[Act]:
    """The acts of these kinds on ``subject`` that hold, in the order of all copies."""
    rows = db.rows(
        f"SELECT {_COLUMNS} FROM act a WHERE a.kind IN (SELECT value FROM json_each(?)) AND a.subject = ? AND {HOLDS} "
        f"ORDER BY {_IN_ORDER}",
        (json.dumps(kinds), subject),
    )
    return [to_act(row) for row in rows]


def holding_about(db: Database, kind: ActKind, first: str) -> list[Act]:
    """The acts of a kind that hold and whose subject begins with this text, in the order of all copies."""
    beginning = f"{canonical([first])[:-1]},"
    rows = db.rows(
        f"SELECT {_COLUMNS} FROM act a WHERE a.kind = ? AND a.subject >= ? AND a.subject < ? AND {HOLDS} "
        f"ORDER BY {_IN_ORDER}",
        (kind, beginning, f"{beginning[:-1]}-"),  # what follows a comma
    )
    return [to_act(row) for row in rows]


def holding_of_reviewer(db: Database, reviewer: str, kinds: Iterable[ActKind] = ActKind) -> Iterator[Act]:
    """The acts of ``reviewer`` of these kinds that hold, the last one first. Read only as far as is needed."""
    wanted = json.dumps(sorted(kinds))
    last: tuple[object, ...] = ((1 << 62), "", 0)
    while row := db.row(
        f"SELECT {_COLUMNS} FROM act a WHERE a.reviewer = ? AND (a.clock, a.session, a.number) < (?, ?, ?) AND {HOLDS} "
        "AND +a.kind IN (SELECT value FROM json_each(?)) ORDER BY a.clock DESC, a.session DESC, a.number DESC LIMIT 1",
        (reviewer, *last, wanted),
    ):
        act = to_act(row)
        last = act.order
        yield act


def of_gesture(db: Database, gesture: str) -> list[tuple[int, Act, int]]:
    """The acts of one gesture in their order: id, act, record (0 for none)."""
    session, number = json.loads(gesture)
    rows = db.rows(
        f"SELECT a.id, {_COLUMNS}, a.record_id FROM act a WHERE a.session = ? AND a.gesture = ? ORDER BY +a.number",
        (session, number),
    )
    return [(row["id"], to_act(row), row["record_id"] or 0) for row in rows]


def add_revocation(db: Database, act_id: int, by: int) -> bool:
    """The act ``by`` takes this one back. Whether it held until now."""
    held = not db.number("SELECT count(*) FROM revoked WHERE act_id = ?", (act_id,))
    db.write("INSERT INTO revoked (act_id, by_id) VALUES (?, ?)", (act_id, by))
    return held


def remove_revocation(db: Database, act_id: int, by: int) -> bool:
    """The act ``by`` takes this one back no longer. Whether it holds now."""
    db.write("DELETE FROM revoked WHERE act_id = ? AND by_id = ?", (act_id, by))
    return not db.number("SELECT count(*) FROM revoked WHERE act_id = ?", (act_id,))


def replace_revoked(db: Database, pairs: Iterable[tuple[ActName, ActName]]) -> None:
    """Have these be the acts that don't hold, each with every act that takes it back."""
    ids = {ActName(row[1], row[2]): row[0] for row in db.stream("SELECT id, session, number FROM act")}
    wanted = {(ids[act], ids[by]) for act, by in pairs}
    now = {(row[0], row[1]) for row in db.rows("SELECT act_id, by_id FROM revoked")}
    db.write_many("DELETE FROM revoked WHERE act_id = ? AND by_id = ?", sorted(now - wanted))
    db.write_many("INSERT INTO revoked (act_id, by_id) VALUES (?, ?)", sorted(wanted - now))


def reviewers(db: Database) -> list[str]:
    """Whose acts there are, by name."""
    return [str(row[0]) for row in db.rows("SELECT DISTINCT reviewer FROM act WHERE reviewer <> '' ORDER BY 1")]


def on_records(db: Database, head: int, kinds: Sequence[ActKind]) -> list[tuple[Act, int]]:
    """The acts of these kinds on the records of a group, each with its record."""
    rows = db.rows(
        f"SELECT a.id, {_COLUMNS}, a.record_id FROM act a JOIN record r ON r.id = a.record_id "
        "WHERE r.head = ? AND a.kind IN (SELECT value FROM json_each(?))",
        (head, json.dumps(kinds)),
    )
    return list(read_rows(db, "act", rows, lambda row: (to_act(row), row["record_id"])))


def of_kinds(db: Database, kinds: Sequence[ActKind]) -> list[tuple[Act, int]]:
    """All acts of these kinds, each with its record (0 for none), in the order of all copies."""
    rows = db.rows(
        f"SELECT a.id, {_COLUMNS}, a.record_id FROM act a WHERE a.kind IN (SELECT value FROM json_each(?)) "
        f"ORDER BY {_IN_ORDER}",
        (json.dumps(kinds),),
    )
    return list(read_rows(db, "act", rows, lambda row: (to_act(row), row["record_id"] or 0)))


def misplaced(db: Database, kinds: Sequence[ActKind]) -> list[tuple[ActName, int]]:
    """The acts of these kinds whose subject is not the record that they are noted for, each with that."""
    rows = db.rows(
        "SELECT a.session, a.number, coalesce(a.record_id, 0) FROM act a LEFT JOIN record r ON r.id = a.record_id LEFT "
        "JOIN source s ON s.id = r.source_id WHERE a.kind IN (SELECT value FROM json_each(?)) AND CASE WHEN "
        "json_valid(a.subject) THEN json_extract(a.subject, '$[0]') IS NOT s.sha256 OR json_extract(a.subject, '$[1]') "
        "IS NOT r.place ELSE 1 END",
        (json.dumps(kinds),),
    )
    return [(ActName(row[0], row[1]), row[2]) for row in rows]


def holding(db: Database, *kinds: ActKind) -> list[tuple[int, Act, int]]:
    """The acts of these kinds that hold, in the order of all copies: id, act, record (0 for none)."""
    rows = db.rows(
        f"SELECT a.id, {_COLUMNS}, a.record_id FROM act a WHERE a.kind IN (SELECT value FROM json_each(?)) AND {HOLDS} "
        f"ORDER BY {_IN_ORDER}",
        (json.dumps(kinds),),
    )
    return [(row["id"], to_act(row), row["record_id"] or 0) for row in rows]


def revoking(db: Database, gesture: str) -> list[Act]:
    """The acts that take back this gesture."""
    rows = db.rows(
        f"SELECT {_COLUMNS} FROM act a WHERE a.kind = 'revoke' AND a.subject = ? ORDER BY {_IN_ORDER}", (gesture,)
    )
    return [to_act(row) for row in rows]


def to_act(row: Row) -> Act:
    return Act(
        name=ActName(row["session"], row["number"]),
        clock=row["clock"],
        gesture=row["gesture"],
        kind=row["kind"],
        subject=row["subject"],
        said=row["said"],
        reviewer=row["reviewer"],
        at=row["at"],
        before=row["before"],
    )

"""What of a review's tables goes into a work package, and what the log knows of the packages that were given out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from leads_local.records import Stage
from leads_local.review.acts import Act
from leads_local.review.database import Database
from leads_local.review.store import acts
from leads_local.review.store.rows import Made, read_rows

LEFT_OUT = "its text is not in this work package"

# In the order in which nothing is left pointing at what is gone.
_CUT = (
    "DELETE FROM lease",
    "DELETE FROM compared",
    "DELETE FROM event",
    "DELETE FROM work WHERE reply_id IS NULL OR comparison = 1",
    "DELETE FROM reply WHERE comparison = 1 OR record_id NOT IN (SELECT id FROM wanted) OR stage IN (SELECT "
    "value FROM json_each(:unseen))",
    "DELETE FROM work WHERE reply_id NOT IN (SELECT id FROM reply)",
    "DELETE FROM rationale WHERE reply_id NOT IN (SELECT id FROM reply) OR judged_by NOT IN (SELECT id FROM reply)",
    "DELETE FROM judgement WHERE reply_id NOT IN (SELECT id FROM reply)",
    "DELETE FROM screening WHERE record_id NOT IN (SELECT id FROM wanted) OR stage IN (SELECT value FROM "
    "json_each(:unseen)) OR reply_id NOT IN (SELECT id FROM reply)",
    "DELETE FROM value WHERE record_id NOT IN (SELECT id FROM wanted) OR reply_id NOT IN (SELECT id FROM reply)",
    "DELETE FROM file_link WHERE record_id NOT IN (SELECT id FROM wanted)",
    "DELETE FROM document WHERE id NOT IN (SELECT document_id FROM file_link) AND sha256 NOT IN "
    "(SELECT s.sha256 FROM source s JOIN record r ON r.source_id = s.id WHERE r.id IN (SELECT id FROM wanted))",
    "UPDATE value SET document_id = NULL WHERE document_id NOT IN (SELECT id FROM document)",
    "DELETE FROM page WHERE NOT :texts OR document_id NOT IN (SELECT id FROM document)",
    "DELETE FROM passage WHERE NOT :texts OR document_id NOT IN (SELECT id FROM document)",
    f"UPDATE document SET problem = '{LEFT_OUT}' WHERE problem = '' AND NOT :texts",
    "DELETE FROM citation WHERE record_id NOT IN (SELECT id FROM wanted)",
    "DELETE FROM record WHERE id NOT IN (SELECT id FROM wanted)",
    "DELETE FROM source_problem",
    "DELETE FROM source WHERE id NOT IN (SELECT source_id FROM record)",
)


def cut_out(copy: Database, records: Iterable[int], unseen: Sequence[Stage], *, texts: bool) -> None:
    """Leave in a private copy of a review only what goes into a package: these records (whole groups), their full texts
    where ``texts``, and what the model said of them, but for its judgements at the stages that are ``unseen``."""
    copy.execute("PRAGMA foreign_keys = OFF")
    with copy.private_transaction():
        _cut_out(copy, records, {"unseen": json.dumps(unseen), "texts": int(texts)})


def _cut_out(copy: Database, records: Iterable[int], said: Mapping[str, object]) -> None:
    for row in copy.rows("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
        copy.write(f'DROP TRIGGER "{row[0]}"')
    copy.write("CREATE TEMP TABLE wanted (id INTEGER PRIMARY KEY) STRICT")
    copy.write_many("INSERT INTO wanted (id) VALUES (?)", [(record,) for record in records])
    for statement in _CUT:
        copy.write(statement, said)


def count_reports(db: Database) -> int:
    """How many reports the review has."""
    return db.number("SELECT count(*) FROM record WHERE head = id AND absent = 0")


def records_of_values(db: Database) -> dict[int, int]:
    """The record of each value."""
    return {row[0]: row[1] for row in db.rows("SELECT id, record_id FROM value")}


def of_kind(db: Database, kind: str, make: Callable[[Act, bool], Made]) -> list[Made]:
    """What ``make`` makes of the acts of a kind, in their order, each with whether it holds."""
    rows = db.rows(
        f"SELECT a.*, {acts.HOLDS} AS holds FROM act a WHERE a.kind = ? ORDER BY a.clock, a.session, a.number", (kind,)
    )
    return list(read_rows(db, "act", rows, lambda row: make(acts.to_act(row), bool(row["holds"]))))


@dataclass(frozen=True, slots=True)
class Work:
    """What came back of a package: how many acts, how many reports are decided by those that hold, and when the last
    was said."""

    acts: int = 0
    decided: int = 0
    last: str = ""


def work_in(db: Database, session: str) -> Work:
    """What was done in the sessions of a package, as far as this log has it."""
    row = db.row(
        "SELECT count(*), count(DISTINCT CASE WHEN a.kind IN ('decide', 'adjudicate') AND "
        f"{acts.HOLDS} THEN r.head END), coalesce(max(a.at), '') FROM act a LEFT JOIN record r ON r.id = a.record_id "
        "WHERE a.session > ? AND a.session < ?",
        (f"{session}-", f"{session}."),  # the sign after the hyphen
    )
    return Work(*row) if row is not None else Work()

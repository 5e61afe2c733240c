"""Which reports a limit takes out before screening; and what is needed to tell: citations with what was corrected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from leads_local.citations.limits import LimitField
from leads_local.records import Citation
from leads_local.review.database import Database, Row
from leads_local.review.store import citations
from leads_local.review.store.rows import read_rows

RULED_OUT_HEADS = "SELECT record_id FROM ruled_out"
_READ = "c.year, c.language, c.kind, c.extra"
_COLUMNS = [field.column for field in LimitField if field.column]


def ruled_out(db: Database) -> dict[int, str]:
    """Which reports are taken out before screening, by head, and by which limit."""
    return {row[0]: row[1] for row in db.rows("SELECT record_id, by_limit FROM ruled_out ORDER BY record_id")}


def ruled_out_by(db: Database, head: int) -> str:
    """The limit that takes a report out before screening, "" for none."""
    row = db.row("SELECT by_limit FROM ruled_out WHERE record_id = ?", (head,))
    return str(row[0]) if row is not None else ""


def replace(db: Database, heads: Iterable[int] | None, found: Mapping[int, str]) -> None:
    """Have of these records (None: of all) only those that were ``found`` be ruled out."""
    if heads is None:
        db.write("DELETE FROM ruled_out")
    else:
        db.write_many("DELETE FROM ruled_out WHERE record_id = ?", [(head,) for head in heads])
    db.write_many("INSERT INTO ruled_out (record_id, by_limit) VALUES (?, ?)", sorted(found.items()))


def decided_abstracts(db: Database) -> set[int]:
    """The heads of reports of which a person has decided the abstract, whatever that comes to."""
    return set(db.numbers("SELECT record_id FROM outcome WHERE stage = 'abstract'"))


def is_decided(db: Database, head: int) -> bool:
    """``decided_abstracts`` of one report."""
    return bool(db.number("SELECT count(*) FROM outcome WHERE stage = 'abstract' AND record_id = ?", (head,)))


def corrected(db: Database, records: Sequence[int] | None = None) -> dict[int, frozenset[str]]:
    """Which columns that a limit reads a person has corrected, by record; of these records, or of all."""
    among = "" if records is None else "AND record_id IN (SELECT value FROM json_each(:records))"
    rows = db.rows(
        "SELECT record_id, about FROM annotation WHERE kind = 'correct' AND about IN "
        f"(SELECT value FROM json_each(:columns)) {among}",
        {"columns": json.dumps(_COLUMNS), **({} if records is None else {"records": json.dumps(list(records))})},
    )
    found: dict[int, set[str]] = {}
    for record, column in rows:
        found.setdefault(record, set()).add(column)
    return {record: frozenset(columns) for record, columns in found.items()}


def of_reports(db: Database, heads: Sequence[int]) -> list[tuple[int, int, Citation]]:
    """The records of these reports that are in the review, each with its head and what a limit reads of it."""
    rows = db.rows(
        f"SELECT r.id, r.head, {_READ} FROM json_each(?) i CROSS JOIN record r ON r.head = i.value AND r.absent = 0 "
        f"CROSS JOIN {citations.CURRENT} c ON c.record_id = r.id ORDER BY r.id",
        (json.dumps(list(heads)),),
    )
    return list(read_rows(db, "citation of record", rows, lambda row: (row["id"], row["head"], _to_citation(row))))


def stream(db: Database) -> Iterator[tuple[int, int, Citation]]:
    """Every record of the review, with its head and what a limit reads of it."""
    rows = db.stream(
        f"SELECT r.id, r.head, {_READ} FROM record r JOIN {citations.CURRENT} c ON c.record_id = r.id "
        "WHERE r.absent = 0 ORDER BY r.id"
    )
    yield from read_rows(db, "citation of record", rows, lambda row: (row["id"], row["head"], _to_citation(row)))


def imported_by_name(db: Database) -> Iterator[tuple[tuple[str, int], Citation]]:
    """What every record is called in all copies, with what a limit reads of it as it was imported."""
    names = citations.all_names(db)
    rows = db.stream(f"SELECT c.record_id AS id, {_READ} FROM citation c ORDER BY c.record_id")
    yield from read_rows(db, "citation of record", rows, lambda row: (names[row["id"]], _to_citation(row)))


def _to_citation(row: Row) -> Citation:
    extra = tuple((tag, text) for tag, text in json.loads(row["extra"]))
    return Citation(year=row["year"], language=row["language"], kind=row["kind"], extra=extra)

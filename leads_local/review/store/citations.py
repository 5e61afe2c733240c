"""Sources and their records: what the files held, and nothing else. Rows of these tables are never deleted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from leads_local.citations import registrations
from leads_local.records import Citation, ReadProblem
from leads_local.review.annotations import Field
from leads_local.review.database import Database, Row, utc_now
from leads_local.review.store.rows import read_row, read_rows

LARGEST_ID = (1 << 63) - 1  # of a row in SQLite
_COLUMNS = (
    "number, title, authors, year, journal, volume, issue, pages, doi, pmid, language, kind, keywords, urls, "
    "extra, abstract"
)


def _current(column: str) -> str:
    stands = f"FROM annotation a WHERE a.record_id = i.record_id AND a.kind = 'correct' AND a.about = '{column}'"
    if column == "year":  # which may be corrected to none
        text = f"SELECT CAST(nullif(a.text, '') AS INTEGER) {stands}"
        return f"iif(EXISTS (SELECT 1 {stands}), ({text}), i.year) AS year"
    return f"coalesce((SELECT a.text {stands}), i.{column}) AS {column}"


CURRENT = "(SELECT i.record_id, {}, {} FROM citation i)".format(
    ", ".join(_current(field) for field in Field),
    ", ".join(f"i.{column}" for column in _COLUMNS.split(", ") if column not in tuple(Field)),
)
"""In the place of the table ``citation``: what was imported, with what people have corrected of it."""


def find_source(db: Database, sha256: str) -> int:
    """The id of the source with these bytes, 0 when there is none."""
    return db.number("SELECT id FROM source WHERE sha256 = ?", (sha256,))


def count_records(db: Database, source_id: int) -> int:
    """How many records a source gave."""
    return db.number("SELECT count(*) FROM record WHERE source_id = ?", (source_id,))


def add_source(db: Database, path: str, sha256: str, format: str, encoding: str, origin: str = "file") -> int:
    return db.insert(
        "INSERT INTO source (path, sha256, format, encoding, origin, at) VALUES (?, ?, ?, ?, ?, ?)",
        (path, sha256, format, encoding, origin, utc_now()),
    )


def add_problems(db: Database, source_id: int, problems: Iterable[ReadProblem]) -> None:
    db.write_many(
        "INSERT INTO source_problem (source_id, line, message, raw) VALUES (?, ?, ?, ?)",
        [(source_id, problem.line, problem.message, problem.raw) for problem in problems],
    )


def problems(db: Database) -> list[tuple[str, ReadProblem]]:
    """What could not be read as it should, with the path of its file."""
    rows = db.rows(
        "SELECT s.path, p.message, p.line, p.raw FROM source_problem p JOIN source s ON s.id = p.source_id ORDER "
        "BY p.id"
    )
    return [(row["path"], ReadProblem(row["message"], row["line"], row["raw"])) for row in rows]


StoredRow: TypeAlias = tuple[str | int | None, ...]
"""What the table ``citation`` has of a record, but for its number."""


def add(db: Database, source_id: int, citations: Iterable[Citation]) -> list[int]:
    """Store the records in their order. Returns their ids, which rise."""
    return add_rows(db, source_id, to_rows(citations))


def to_rows(citations: Iterable[Citation]) -> list[StoredRow]:
    """What will be stored of these records."""
    return list(map(_column_values, citations))


def add_rows(db: Database, source_id: int, rows: Sequence[StoredRow]) -> list[int]:
    """``add`` for records of which it is known already what will be stored of them."""
    first = db.number("SELECT max(id) FROM record") + 1
    place = db.number("SELECT max(place) FROM record WHERE source_id = ?", (source_id,)) + 1
    ids = list(range(first, first + len(rows)))
    db.write_many(
        "INSERT INTO record (id, source_id, place, head) VALUES (?, ?, ?, ?)",
        [(record, source_id, place + after, record) for after, record in enumerate(ids)],
    )
    db.write_many(
        f"INSERT INTO citation (record_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((record, *row) for record, row in zip(ids, rows, strict=True)),
    )
    return ids


def exists(db: Database, record_id: int) -> bool:
    return db.number("SELECT count(*) FROM record WHERE id = ?", (record_id,)) == 1


def head(db: Database, record_id: int) -> int:
    """The record that stands for this one; 0 when there is no such record."""
    if not 0 < record_id <= LARGEST_ID:
        return 0
    return db.number("SELECT head FROM record WHERE id = ?", (record_id,))


def is_absent(db: Database, record_id: int) -> bool:
    """Whether the report of a record has left the review (see ``presence``)."""
    return bool(db.number("SELECT h.absent FROM record r JOIN record h ON h.id = r.head WHERE r.id = ?", (record_id,)))


def read(db: Database, record_id: int) -> Citation:
    row = db.row(f"SELECT record_id, {_COLUMNS} FROM {CURRENT} WHERE record_id = ?", (record_id,))
    return read_row(db, "the citation of record", row, _to_citation) if row is not None else Citation()


def read_many(db: Database, record_ids: Sequence[int]) -> dict[int, Citation]:
    """By id; an id that is no record of the review (any more) is left out."""
    rows = db.rows(
        f"SELECT c.record_id, {_COLUMNS} FROM json_each(?) i CROSS JOIN record r ON r.id = i.value AND r.absent = 0 "
        f"CROSS JOIN {CURRENT} c ON c.record_id = r.id",
        (json.dumps(list(record_ids)),),
    )
    return dict(read_rows(db, "citation of record", rows, lambda row: (row["record_id"], _to_citation(row))))


def stream(db: Database, *, heads_only: bool = False) -> Iterator[tuple[int, int, str, Citation]]:
    """All records of the review in the order of their ids: (id, head, path of the source, citation)."""
    where = "WHERE r.absent = 0 AND r.head = r.id" if heads_only else "WHERE r.absent = 0"
    rows = db.stream(
        f"SELECT r.id, r.head, s.path, {_COLUMNS} FROM record r JOIN {CURRENT} c ON c.record_id = r.id JOIN source s "
        "ON s.id = r.source_id "
        f"{where} ORDER BY r.id"
    )
    yield from read_rows(
        db, "citation of record", rows, lambda row: (row["id"], row["head"], row["path"], _to_citation(row))
    )


_SEARCHED = "c.title, c.abstract, c.authors, c.keywords, c.doi, c.pmid, c.extra"


def stream_texts(db: Database) -> Iterator[tuple[int, int, str]]:
    """Every record, its head, and what one looks for words in (``_searched_text``)."""
    rows = db.stream(
        f"SELECT r.id, r.head, {_SEARCHED} FROM record r JOIN {CURRENT} c ON c.record_id = r.id ORDER BY r.id"
    )
    yield from read_rows(db, "citation of record", rows, lambda row: (row["id"], row["head"], _searched_text(row)))


def texts_of(db: Database, records: Sequence[int]) -> dict[int, str]:
    """What one looks for words in, of these records."""
    rows = db.rows(
        f"SELECT c.record_id, {_SEARCHED} FROM json_each(?) i CROSS JOIN {CURRENT} c ON c.record_id = i.value",
        (json.dumps(list(records)),),
    )
    return dict(read_rows(db, "citation of record", rows, lambda row: (row["record_id"], _searched_text(row))))


def years(db: Database, records: Sequence[int]) -> dict[int, int]:
    """The year of each of these records that has one."""
    corrected = corrected_years(db)
    found = {record: year for record, year in imported_years(db, records).items() if record not in corrected}
    found.update((one, year) for one in records if (year := corrected.get(one)) is not None)
    return found


def imported_years(db: Database, records: Sequence[int]) -> dict[int, int]:
    """The year of each of these records as it was imported, where it has one."""
    rows = db.rows(
        "SELECT c.record_id, c.year FROM json_each(?) i CROSS JOIN citation c ON c.record_id = i.value WHERE "
        "c.year IS NOT NULL",
        (json.dumps(list(records)),),
    )
    return {row[0]: row[1] for row in rows}


def corrected_years(db: Database) -> dict[int, int | None]:
    """The years that people, or newer exports, have corrected; None: that a record has none."""
    rows = db.rows("SELECT record_id, text FROM annotation WHERE kind = 'correct' AND about = 'year'")
    return {row[0]: int(row[1]) if row[1] else None for row in rows}


def imported_texts(db: Database, after: int, at_most: int) -> list[tuple[int, str]]:
    """The first records after this one with their texts as they were imported, whatever was corrected since."""
    rows = db.rows(
        f"SELECT c.record_id, {_SEARCHED} FROM citation c WHERE c.record_id > ? ORDER BY c.record_id LIMIT ?",
        (after, at_most),
    )
    return [(row["record_id"], _searched_text(row)) for row in rows]


def count_after(db: Database, record: int) -> int:
    """How many records have a higher number."""
    return db.number("SELECT count(*) FROM record WHERE id > ?", (record,))


def latest_generation(db: Database) -> tuple[int, int] | None:
    """Number and token of the file's newest generation."""
    row = db.row("SELECT number, token FROM generation ORDER BY number DESC LIMIT 1")
    return (row[0], row[1]) if row is not None else None


def has_generation(db: Database, number: int, token: int) -> bool:
    """Whether the file goes on from that generation."""
    return bool(db.number("SELECT count(*) FROM generation WHERE number = ? AND token = ?", (number, token)))


def _searched_text(row: Row) -> str:
    """Title, abstract, authors, keywords, identifiers and registration numbers, a line each."""
    authors, keywords = ("; ".join(json.loads(row[column])) for column in ("authors", "keywords"))
    numbers = " ".join(registrations.find(row["extra"]))
    return "\n".join((row["title"], row["abstract"], authors, keywords, row["doi"], row["pmid"], numbers))


def of_source(db: Database, sha256: str) -> list[Citation]:
    """The records of a source as they were imported, in their order, also of one that was withdrawn."""
    rows = db.rows(
        f"SELECT r.id AS record_id, {', '.join(f'c.{column}' for column in _COLUMNS.split(', '))} FROM source s JOIN "
        "record r ON r.source_id = s.id JOIN citation c ON c.record_id = r.id WHERE s.sha256 = ? ORDER BY r.place",
        (sha256,),
    )
    return list(read_rows(db, "citation of record", rows, _to_citation))


def made_for_pdfs(db: Database, among: Sequence[int] | None = None) -> set[int]:
    """The records (of these) that were made for PDFs which matched none."""
    these = "" if among is None else " AND r.id IN (SELECT value FROM json_each(?))"
    sql = f"SELECT r.id FROM record r JOIN source s ON s.id = r.source_id WHERE s.origin = 'pdf'{these}"
    return set(db.numbers(sql, () if among is None else (json.dumps(list(among)),)))


def source_path(db: Database, record_id: int) -> str:
    row = db.row("SELECT s.path FROM record r JOIN source s ON s.id = r.source_id WHERE r.id = ?", (record_id,))
    return str(row[0]) if row is not None else ""


def origin_of(db: Database, record_id: int) -> tuple[str, int, str] | None:
    """(hash of the source, number in it, title): what a record is called in every copy of the review; None when there
    is no such record."""
    if not 0 < record_id <= LARGEST_ID:
        return None
    row = db.row(
        "SELECT s.sha256, c.number, c.title FROM record r JOIN source s ON s.id = r.source_id JOIN citation c ON "
        "c.record_id = r.id "
        "WHERE r.id = ?",
        (record_id,),
    )
    return (row[0], row[1], row[2]) if row is not None else None


def origins_of(db: Database, records: Sequence[int]) -> dict[int, tuple[str, int, str]]:
    """``origin_of`` for many; without what is no record."""
    rows = db.rows(
        "SELECT r.id, s.sha256, c.number, c.title FROM json_each(?) i CROSS JOIN record r ON r.id = i.value "
        "CROSS JOIN source s ON s.id = r.source_id CROSS JOIN citation c ON c.record_id = r.id",
        (json.dumps([record for record in records if 0 < record <= LARGEST_ID]),),
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def name_of(db: Database, record_id: int) -> tuple[str, int]:
    """What a record is called in every copy of the review: the hash of its source, and which of that source's records
    it is, from 1. ("", 0) where there is no such record."""
    row = db.row(
        "SELECT s.sha256, r.place FROM record r JOIN source s ON s.id = r.source_id WHERE r.id = ?", (record_id,)
    )
    return (row[0], row[1]) if row is not None else ("", 0)


def find_named(db: Database, source: str, place: int) -> int:
    """The record that is called so; 0 where there is none."""
    return db.number(
        "SELECT r.id FROM source s JOIN record r ON r.source_id = s.id WHERE s.sha256 = ? AND r.place = ?",
        (source, place),
    )


def find_all_named(db: Database, names: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """``find_named`` for many; those that are not there are left out."""
    place = "json_extract(n.value, '$[1]')"
    rows = db.rows(
        f"SELECT s.sha256, {place}, r.id FROM json_each(?) n CROSS JOIN source s ON s.sha256 = json_extract(n.value, "
        f"'$[0]') CROSS JOIN record r ON r.source_id = s.id AND r.place = {place}",
        (json.dumps(list(names)),),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def names_of(db: Database, records: Sequence[int]) -> dict[int, tuple[str, int]]:
    """``name_of`` for many, by number."""
    rows = db.rows(
        "SELECT r.id, s.sha256, r.place FROM json_each(?) i CROSS JOIN record r ON r.id = i.value "
        "CROSS JOIN source s ON s.id = r.source_id",
        (json.dumps(list(records)),),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def names_of_group(db: Database, head: int) -> list[tuple[str, int]]:
    """What each record of a group is called."""
    rows = db.rows(
        "SELECT s.sha256, r.place FROM record r JOIN source s ON s.id = r.source_id WHERE r.head = ? ORDER BY r.id",
        (head,),
    )
    return [(row[0], row[1]) for row in rows]


def all_names(db: Database) -> dict[int, tuple[str, int]]:
    """What every record is called."""
    rows = db.rows("SELECT r.id, s.sha256, r.place FROM record r JOIN source s ON s.id = r.source_id")
    return {row[0]: (row[1], row[2]) for row in rows}


def find_by_origin(db: Database, source: str, number: int) -> int:
    """The record with this number in the source with this hash; 0 when there is none, or more than one."""
    rows = db.numbers(
        "SELECT r.id FROM source s JOIN record r ON r.source_id = s.id JOIN citation c ON c.record_id = r.id "
        "WHERE s.sha256 = ? AND c.number = ?",
        (source, number),
    )
    return rows[0] if len(rows) == 1 else 0


def _column_values(c: Citation) -> StoredRow:
    lists = (_json(c.keywords), _json(c.urls), _json(c.extra))
    texts = (c.journal, c.volume, c.issue, c.pages, c.doi, c.pmid, c.language, c.kind)
    return (c.number, c.title, _json(c.authors), c.year, *texts, *lists, c.abstract)


def _to_citation(row: Row) -> Citation:
    return Citation(
        title=row["title"],
        abstract=row["abstract"],
        authors=_texts(row["authors"]),
        year=row["year"],
        journal=row["journal"],
        volume=row["volume"],
        issue=row["issue"],
        pages=row["pages"],
        doi=row["doi"],
        pmid=row["pmid"],
        language=row["language"],
        kind=row["kind"],
        keywords=_texts(row["keywords"]),
        urls=_texts(row["urls"]),
        extra=tuple((tag, text) for tag, text in json.loads(row["extra"])) if row["extra"] != "[]" else (),
        number=row["number"],
    )


def _texts(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored)) if stored != "[]" else ()


def _json(value: Sequence[object]) -> str:
    return json.dumps(value, ensure_ascii=False)

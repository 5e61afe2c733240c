"""Full texts: each file once, by its SHA-256, with what the reader made of it and the records it belongs to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

from leads_local import files
from leads_local.documents import serialization
from leads_local.records import Document, Page, PageRange, Passage, PassageKind, Span
from leads_local.review.attachments import (
    LINKED_BY_HAND,
    Attachment,
    FileLink,
    FilePart,
    FileRole,
    FurtherFile,
    Paper,
)
from leads_local.review.database import Database, Row, utc_now
from leads_local.review.store import citations
from leads_local.review.store.citations import CURRENT
from leads_local.review.store.rows import read_row, read_rows

if TYPE_CHECKING:
    from leads_local.documents.reading_report import Reading

# A row for each record that a file belongs to, one for a file that belongs to none; first those of the review, and of
# these the one that it belongs to by itself.
_FILES = (
    "SELECT o.id, o.path, o.sha256, o.how, o.unmatched, o.problem, o.notice, o.ignored, "
    "(SELECT count(*) FROM page p WHERE p.document_id = o.id) AS pages, f.record_id AS linked, "
    "coalesce(r.head, 0) AS record_id, coalesce(c.title, '') AS title, coalesce(h.absent, 0) AS absent, "
    "coalesce(f.further, 0) AS further, coalesce(f.role, 'main') AS role, f.first_page, f.last_page "
    "FROM document o LEFT JOIN file_link f ON f.document_id = o.id LEFT JOIN record r ON r.id = f.record_id "
    f"LEFT JOIN record h ON h.id = r.head LEFT JOIN {CURRENT} c ON c.record_id = h.id "
)
_IN_ORDER = " ORDER BY o.id, absent, f.further, f.first_page, f.last_page, f.record_id"
_FULLTEXT = (
    "SELECT o.id, o.sha256, o.problem, o.path, o.reading, f.record_id, f.further, f.first_page, f.last_page "
    "FROM record r CROSS JOIN file_link f ON f.record_id = r.id CROSS JOIN document o ON o.id = f.document_id "
    "JOIN source s ON s.id = r.source_id WHERE r.head = ? AND f.role = 'main' "
    "ORDER BY o.problem = '' DESC, o.at DESC, o.id DESC, f.further, f.first_page, f.last_page, s.sha256, r.id LIMIT 1"
)
_FURTHER = (
    "SELECT o.id, o.sha256, o.path, o.reading, f.role, f.first_page, f.last_page "
    "FROM record r CROSS JOIN file_link f ON f.record_id = r.id CROSS JOIN document o ON o.id = f.document_id "
    "WHERE r.head = ? AND f.role <> 'main' AND o.problem = '' ORDER BY f.role, o.sha256, f.first_page DESC"
)


@dataclass(frozen=True, slots=True)
class StoredLinks:
    """``first``: the record that a file belongs to by itself, 0 for none; ``parts``: what it is to each record that it
    belongs to."""

    first: int = 0
    parts: Mapping[int, FilePart] = field(default_factory=dict)
    how: str = ""
    unmatched: bool = False
    ignored: bool = False


def known_problems(db: Database) -> dict[str, str]:
    """The problem ("" for none) of every stored file, by SHA-256."""
    return {row["sha256"]: row["problem"] for row in db.rows("SELECT sha256, problem FROM document")}


def put(db: Database, document: Document) -> None:
    """Store what the reader made of a file. One that is known gets the new text only if it had none: passages never
    change under the quotes that point at them."""
    from leads_local.documents import reading_report  # which no other work on a review needs

    read = reading_report.to_json(reading_report.read_from(document))
    info = json.dumps(document.info)
    columns = (document.path, document.problem, document.notice, info, read, utc_now(), document.sha256)
    if not (key := id_of(db, document.sha256)):
        key = db.insert(
            "INSERT INTO document (path, problem, notice, info, reading, at, sha256, how) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, '')",
            columns,
        )
    else:
        db.write(
            "UPDATE document SET path = ?, problem = ?, notice = ?, info = ?, reading = ?, at = ? WHERE sha256 = ? "
            "AND problem <> ''",
            columns,
        )
    stored = all_passages(db, key, document.path)
    if any(not passage.by_ocr for passage in stored):
        return
    known = set(db.numbers("SELECT number FROM page WHERE document_id = ?", (key,)))
    db.write_many(
        "INSERT INTO page (document_id, number, width, height, characters) VALUES (?, ?, ?, ?, ?)",
        [
            (key, page.number, page.width, page.height, page.characters)
            for page in document.pages
            if page.number not in known
        ],
    )
    first = len(stored)  # behind what OCR read while the file could not be read otherwise
    add_passages(db, key, [replace(passage, order=first + passage.order) for passage in document.passages])


def add_passages(db: Database, key: int, passages: Iterable[Passage]) -> None:
    """Passages of a file under numbers that it has not given yet."""
    db.write_many(
        "INSERT INTO passage (document_id, position, kind, section, text, spans) VALUES (?, ?, ?, ?, ?, ?)",
        [(key, p.order, p.kind, p.section, p.text, _spans_json(p.spans)) for p in passages],
    )


def move(db: Database, sha256: str, path: str) -> None:
    """Note that a file lies elsewhere now."""
    db.write("UPDATE document SET path = ? WHERE sha256 = ?", (path, sha256))


def link(db: Database, sha256: str, record_id: int, how: str) -> None:
    """Have a whole file belong to one record and no other one."""
    set_links(db, sha256, StoredLinks(record_id, {record_id: FilePart()}, how))


def set_links(db: Database, sha256: str, links: StoredLinks) -> None:
    """Say which records a file belongs to, and by what that was seen."""
    key = id_of(db, sha256)
    db.write(
        "UPDATE document SET how = ?, unmatched = ?, ignored = ? WHERE id = ?",
        (links.how, int(links.unmatched), int(links.ignored), key),
    )
    db.write("DELETE FROM file_link WHERE document_id = ?", (key,))
    db.write_many(
        "INSERT INTO file_link (document_id, record_id, further, role, first_page, last_page) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [
            (key, record, int(record != links.first), part.role, *_page_columns(part.pages))
            for record, part in links.parts.items()
        ],
    )


def all_links(db: Database) -> dict[str, StoredLinks]:
    """Of every file, by its SHA-256."""
    links: dict[int, list[Row]] = {}
    for link in db.rows("SELECT * FROM file_link"):
        links.setdefault(link["document_id"], []).append(link)
    return {row["sha256"]: _to_links(row, links.get(row["id"], ())) for row in db.rows("SELECT * FROM document")}


def stored_links(db: Database, sha256: str) -> StoredLinks | None:
    """None where the file is not in the review."""
    row = db.row("SELECT * FROM document WHERE sha256 = ?", (sha256,))
    if row is None:
        return None
    return _to_links(row, db.rows("SELECT * FROM file_link WHERE document_id = ?", (row["id"],)))


def _to_links(row: Row, links: Sequence[Row]) -> StoredLinks:
    first = next((link["record_id"] for link in links if not link["further"]), 0)
    parts = {link["record_id"]: FilePart(FileRole(link["role"]), _to_pages(link)) for link in links}
    return StoredLinks(first, parts, row["how"], bool(row["unmatched"]), bool(row["ignored"]))


def _page_columns(pages: PageRange | None) -> tuple[int, int]:
    return (pages.first, pages.last) if pages is not None else (0, 0)


def _to_pages(row: Row) -> PageRange | None:
    return PageRange(row["first_page"], row["last_page"]) if row["first_page"] else None


def attachment(db: Database, sha256: str) -> Attachment | None:
    found = db.rows(_FILES + "WHERE o.sha256 = ?" + _IN_ORDER, (sha256,))
    return _to_attachment(found) if found else None


def attachments(db: Database) -> list[Attachment]:
    """Every file, in the order of attaching."""
    by_file = groupby(db.rows(_FILES + _IN_ORDER), key=lambda row: row["id"])
    return [_to_attachment(list(rows)) for _, rows in by_file]


def of_head(db: Database, head: int) -> Attachment | None:
    """The full text of the group of ``head``, never a supplement or a protocol: of several the one that can be read, of
    those the latest; as the file of that report."""
    chosen = db.row(_FULLTEXT, (head,))
    if chosen is None:
        return None
    rows = db.rows(_FILES + "WHERE o.id = ?" + _IN_ORDER, (chosen["id"],))
    return _to_attachment(sorted(rows, key=lambda row: row["linked"] != chosen["record_id"]))


def paper_of(db: Database, head: int) -> Paper | None:
    """What the model reads of a report; None where there is nothing to be read."""
    chosen = db.row(_FULLTEXT, (head,))
    if chosen is None or chosen["problem"]:
        return None
    serves = ""
    if chosen["further"]:
        source, number = citations.name_of(db, chosen["record_id"])
        serves = f"record {number} of {source}"
    further = {row["id"]: row for row in db.rows(_FURTHER, (head,)) if row["id"] != chosen["id"]}
    goes_with = tuple(_to_further(db, row) for row in further.values())
    return Paper(chosen["sha256"], chosen["id"], _to_pages(chosen), serves, goes_with, _ocr_name(db, chosen))


def _to_further(db: Database, row: Row) -> FurtherFile:
    role, name = FileRole(row["role"]), files.name_of(row["path"])
    return FurtherFile(row["sha256"], row["id"], role, name, _to_pages(row), _ocr_name(db, row))


def _ocr_name(db: Database, row: Row) -> str:
    """What the text that OCR read of a file is called: another one for each other text, "" where it read nothing."""
    told = read_row(db, "document", row, to_reading)
    return told.kept.digest[:12] if told is not None and told.kept is not None else ""


def id_of(db: Database, sha256: str) -> int:
    return db.number("SELECT id FROM document WHERE sha256 = ?", (sha256,))


def own_record(db: Database, sha256: str) -> int:
    """The record that was made for this very file because it matched none, 0 if there is none."""
    return db.number(
        "SELECT r.id FROM record r JOIN source s ON s.id = r.source_id WHERE s.origin = 'pdf' AND s.sha256 = ?",
        (sha256,),
    )


def readings(db: Database) -> dict[str, Reading]:
    """What could be read of every file, by its SHA-256."""
    rows = db.rows("SELECT path, sha256, reading FROM document ORDER BY id")
    return {row["sha256"]: read_row(db, "document", row, to_reading) or _count_anew(db, row) for row in rows}


def to_reading(row: Row) -> Reading | None:
    from leads_local.documents import reading_report

    return reading_report.from_json(row["reading"]) if row["reading"] else None


def _count_anew(db: Database, row: Row) -> Reading:
    """Of a file that an earlier version read: what its text tells."""
    from leads_local.documents import reading_report

    document = read(db, row["sha256"])
    assert document is not None
    return reading_report.read_from(document)


def read(db: Database, sha256: str) -> Document | None:
    row = db.row("SELECT id, path, problem, notice, info, reading FROM document WHERE sha256 = ?", (sha256,))
    if row is None:
        return None
    told = read_row(db, "document", row, to_reading)
    pages = db.rows(
        "SELECT number, width, height, characters FROM page WHERE document_id = ? ORDER BY number", (row["id"],)
    )
    return Document(
        path=row["path"],
        sha256=sha256,
        pages=tuple(_to_page(page, told) for page in pages),
        passages=_shown_passages(all_passages(db, row["id"], row["path"]), told),
        problem=row["problem"],
        notice=row["notice"],
        info=read_row(db, "document", row, _to_info),
        missing=told.missing if told else 0,
        rebuilt=bool(told and told.rebuilt),
        ocr_engine=told.engine if told else "",
    )


def all_passages(db: Database, key: int, path: str) -> list[Passage]:
    """Every passage of a file, also those that OCR once read and that hold no longer, by their numbers."""
    rows = db.rows(
        "SELECT position, kind, section, text, spans FROM passage WHERE document_id = ? ORDER BY position", (key,)
    )
    return list(read_rows(db, f"passage of {path}", rows, _to_passage))


def _shown_passages(passages: Sequence[Passage], told: Reading | None) -> tuple[Passage, ...]:
    """The file's own passages, and what OCR read where that holds, in reading order."""
    read = [passage for passage in passages if passage.by_ocr]
    if not read:
        return tuple(passages)
    from leads_local.documents import ocr

    kept = told.kept if told is not None else None
    shown = [passage for passage in read if kept is not None and kept.first <= passage.order < kept.end]
    return ocr.in_reading_order([passage for passage in passages if not passage.by_ocr], shown)


def _to_page(row: Row, told: Reading | None) -> Page:
    if told is None:
        return Page(*row)
    state, pictured = told.state_of(row["number"]), told.pictured_on(row["number"])
    return replace(Page(*row), state=state, pictured=pictured, confidence=told.confidence_of(row["number"]))


def _to_info(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, text in json.loads(row["info"]))


def _to_attachment(rows: Sequence[Row]) -> Attachment:
    """``rows``: those of one file, of which the first is told as its report."""
    by_report: dict[int, Row] = {}
    for one in rows:
        by_report.setdefault(one["record_id"], one)
    row, *also = by_report.values()
    return Attachment(
        path=row["path"],
        sha256=row["sha256"],
        record_id=row["record_id"],
        title=row["title"],
        how=LINKED_BY_HAND if row["further"] else row["how"],
        unmatched=bool(row["unmatched"]) and not row["further"],
        problem=row["problem"],
        notice=row["notice"],
        pages=row["pages"],
        role=FileRole(row["role"]),
        ignored=bool(row["ignored"]) and not row["record_id"],
        absent=bool(row["absent"]),
        page_range=_to_pages(row),
        also=tuple(_to_link(one) for one in also),
    )


def _to_link(row: Row) -> FileLink:
    return FileLink(row["record_id"], row["title"], FileRole(row["role"]), _to_pages(row), bool(row["absent"]))


def _to_passage(row: Row) -> Passage:
    spans = tuple(map(serialization.unpack_span, json.loads(row["spans"])))
    return Passage(row["position"], PassageKind(row["kind"]), row["text"], spans, row["section"])


def _spans_json(spans: Sequence[Span]) -> str:
    return json.dumps([serialization.pack_span(span) for span in spans], separators=(",", ":"))

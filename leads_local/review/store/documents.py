"""Full texts: each file once, by its SHA-256, with what the reader made of it and the record it belongs to."""

from __future__ import annotations

import json
from collections.abc import Sequence

from leads_local.records import Box, Document, Page, Passage, PassageKind, Span
from leads_local.review.database import Database, Row, utc_now
from leads_local.review.read_models import Attachment
from leads_local.review.store.rows import read_row, read_rows

_COLUMNS = (
    "o.id, o.path, o.sha256, coalesce(o.record_id, 0) AS record_id, coalesce(c.title, '') AS title, o.how, "
    "o.unmatched, o.problem, o.notice, "
    "(SELECT count(*) FROM page p WHERE p.document_id = o.id) AS pages"
)
_FROM = "FROM document o LEFT JOIN citation c ON c.record_id = o.record_id"


def known_problems(db: Database) -> dict[str, str]:
    """The problem ("" for none) of every stored file, by SHA-256."""
    return {row["sha256"]: row["problem"] for row in db.rows("SELECT sha256, problem FROM document")}


def put(db: Database, document: Document) -> None:
    """Store what the reader made of a file. One that is known gets the new text only if it had none: passages never
    change under the quotes that point at them."""
    columns = (document.path, document.problem, document.notice, json.dumps(document.info), utc_now(), document.sha256)
    if not (key := id_of(db, document.sha256)):
        key = db.insert(
            "INSERT INTO document (path, problem, notice, info, at, sha256, how) VALUES (?, ?, ?, ?, ?, ?, '')", columns
        )
    else:
        db.write(
            "UPDATE document SET path = ?, problem = ?, notice = ?, info = ?, at = ? WHERE sha256 = ? AND problem "
            "<> ''",
            columns,
        )
    if db.number("SELECT count(*) FROM passage WHERE document_id = ?", (key,)):
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
    db.write_many(
        "INSERT INTO passage (document_id, position, kind, section, text, spans) VALUES (?, ?, ?, ?, ?, ?)",
        [(key, p.order, p.kind, p.section, p.text, _spans_json(p.spans)) for p in document.passages],
    )


def link(db: Database, sha256: str, record_id: int, how: str, *, unmatched: bool = False) -> None:
    """Say which record a file belongs to (0: to none), and by what that was seen; ``unmatched`` where the record was
    made for it."""
    db.write(
        "UPDATE document SET record_id = ?, how = ?, unmatched = ? WHERE sha256 = ?",
        (record_id or None, how, int(unmatched), sha256),
    )


def links(db: Database) -> dict[str, int]:
    """Which record each PDF belongs to, by its SHA-256; those that belong to none are left out."""
    return {row[0]: row[1] for row in db.rows("SELECT sha256, record_id FROM document WHERE record_id IS NOT NULL")}


def attachment(db: Database, sha256: str) -> Attachment | None:
    row = db.row(f"SELECT {_COLUMNS} {_FROM} WHERE o.sha256 = ?", (sha256,))
    return _to_attachment(row) if row is not None else None


def attachments(db: Database) -> list[Attachment]:
    """Every file, in the order of attaching."""
    return [_to_attachment(row) for row in db.rows(f"SELECT {_COLUMNS} {_FROM} ORDER BY o.id")]


def of_head(db: Database, head: int) -> Attachment | None:
    """The full text of the group of ``head``: of several the one that can be read, of those the latest."""
    row = db.row(
        f"SELECT {_COLUMNS} {_FROM} JOIN record r ON r.id = o.record_id WHERE r.head = ? ORDER BY o.problem = '' "
        "DESC, o.id DESC LIMIT 1",
        (head,),
    )
    return _to_attachment(row) if row is not None else None


def id_of(db: Database, sha256: str) -> int:
    return db.number("SELECT id FROM document WHERE sha256 = ?", (sha256,))


def own_record(db: Database, sha256: str) -> int:
    """The record that was made for this very file because it matched none, 0 if there is none."""
    return db.number(
        "SELECT r.id FROM record r JOIN source s ON s.id = r.source_id WHERE s.origin = 'pdf' AND s.sha256 = ?",
        (sha256,),
    )


def read(db: Database, sha256: str) -> Document | None:
    row = db.row("SELECT id, path, problem, notice, info FROM document WHERE sha256 = ?", (sha256,))
    if row is None:
        return None
    pages = db.rows(
        "SELECT number, width, height, characters FROM page WHERE document_id = ? ORDER BY number", (row["id"],)
    )
    passages = db.rows(
        "SELECT position, kind, section, text, spans FROM passage WHERE document_id = ? ORDER BY position",
        (row["id"],),
    )
    return Document(
        path=row["path"],
        sha256=sha256,
        pages=tuple(Page(*page) for page in pages),
        passages=tuple(read_rows(db, f"passage of {row['path']}", passages, _to_passage)),
        problem=row["problem"],
        notice=row["notice"],
        info=read_row(db, "document", row, _to_info),
    )


def _to_info(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, text in json.loads(row["info"]))


def _to_attachment(row: Row) -> Attachment:
    return Attachment(
        path=row["path"],
        sha256=row["sha256"],
        record_id=row["record_id"],
        title=row["title"],
        how=row["how"],
        unmatched=bool(row["unmatched"]),
        problem=row["problem"],
        notice=row["notice"],
        pages=row["pages"],
    )


def _to_passage(row: Row) -> Passage:
    spans = tuple(Span(start, end, page, Box(*box)) for start, end, page, *box in json.loads(row["spans"]))
    return Passage(row["position"], PassageKind(row["kind"]), row["text"], spans, row["section"])


def _spans_json(spans: Sequence[Span]) -> str:
    return json.dumps(
        [[s.start, s.end, s.page, s.box.x0, s.box.y0, s.box.x1, s.box.y1] for s in spans], separators=(",", ":")
    )

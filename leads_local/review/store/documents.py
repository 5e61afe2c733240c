"""Full texts: each file once, by its SHA-256, with what the reader made of it and the record it belongs to."""

from __future__ import annotations

import json
from collections.abc import Sequence

from leads_local.records import Box, Document, Page, Passage, PassageKind, Span
from leads_local.review.database import Database, Row, utc_now
from leads_local.review.read_models import Attachment, FileRole
from leads_local.review.store.citations import CURRENT
from leads_local.review.store.rows import read_row, read_rows

_COLUMNS = (
    "o.id, o.path, o.sha256, coalesce(r.head, 0) AS record_id, coalesce(c.title, '') AS title, o.how, "
    "o.unmatched, o.problem, o.notice, o.role, o.ignored, coalesce(h.absent, 0) AS absent, "
    "(SELECT count(*) FROM page p WHERE p.document_id = o.id) AS pages"
)
_FROM = (
    "FROM document o LEFT JOIN record r ON r.id = o.record_id LEFT JOIN record h ON h.id = r.head "
    f"LEFT JOIN {CURRENT} c ON c.record_id = h.id"
)


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


def link(
    db: Database,
    sha256: str,
    record_id: int,
    how: str,
    *,
    unmatched: bool = False,
    role: FileRole = FileRole.MAIN,
    ignored: bool = False,
) -> None:
    """Say which record a file belongs to (0: none), and by what that was seen; ``unmatched`` where the record was made
    for it."""
    db.write(
        "UPDATE document SET record_id = ?, how = ?, unmatched = ?, role = ?, ignored = ? WHERE sha256 = ?",
        (record_id or None, how, int(unmatched), role, int(ignored), sha256),
    )


def stored_link(db: Database, sha256: str) -> tuple[int, str, bool, str, bool] | None:
    """(record, how, unmatched, role, ignored) of a file; None where it is not in the review."""
    row = db.row(
        "SELECT coalesce(record_id, 0), how, unmatched, role, ignored FROM document WHERE sha256 = ?", (sha256,)
    )
    return (row[0], row[1], bool(row[2]), row[3], bool(row[4])) if row is not None else None


def links(db: Database) -> dict[str, tuple[int, str, bool]]:
    """Which record each PDF belongs to (0: none), as which of its files, and whether it is ignored; by its SHA-256."""
    rows = db.rows("SELECT sha256, coalesce(record_id, 0), role, ignored FROM document")
    return {row[0]: (row[1], row[2], bool(row[3])) for row in rows}


def attachment(db: Database, sha256: str) -> Attachment | None:
    row = db.row(f"SELECT {_COLUMNS} {_FROM} WHERE o.sha256 = ?", (sha256,))
    return _to_attachment(row) if row is not None else None


def attachments(db: Database) -> list[Attachment]:
    """Every file, in the order of attaching."""
    return [_to_attachment(row) for row in db.rows(f"SELECT {_COLUMNS} {_FROM} ORDER BY o.id")]


def of_head(db: Database, head: int) -> Attachment | None:
    """The full text of the group of ``head``, never a supplement or a protocol: of several the one that can be read, of
    those the latest."""
    row = db.row(
        f"SELECT {_COLUMNS} {_FROM} WHERE r.head = ? AND o.role = 'main' "
        "ORDER BY o.problem = '' DESC, o.at DESC, o.id DESC LIMIT 1",
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
        role=FileRole(row["role"]),
        ignored=bool(row["ignored"]),
        absent=bool(row["absent"]),
    )


def _to_passage(row: Row) -> Passage:
    spans = tuple(Span(start, end, page, Box(*box)) for start, end, page, *box in json.loads(row["spans"]))
    return Passage(row["position"], PassageKind(row["kind"]), row["text"], spans, row["section"])


def _spans_json(spans: Sequence[Span]) -> str:
    return json.dumps(
        [[s.start, s.end, s.page, s.box.x0, s.box.y0, s.box.x1, s.box.y1] for s in spans], separators=(",", ":")
    )

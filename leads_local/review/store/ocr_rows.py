"""What OCR read of a file, beside the file's own text: it comes, it is taken back, it comes again, and none of it is
ever deleted, since values quote it. The file's reading says which of it holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from leads_local.documents import reading_report
from leads_local.documents.reading_report import KeptOcr, Reading
from leads_local.documents.serialization import pack_span
from leads_local.records import Document, Passage
from leads_local.review.database import Database, Row, utc_now
from leads_local.review.store import documents
from leads_local.review.store.rows import read_row


def without_ocr(db: Database, sha256: str) -> Document | None:
    """The file as it is without what OCR read of it; None where it is not in the review."""
    document = documents.read(db, sha256)
    if document is None:
        return None
    return replace(document, passages=tuple(one for one in document.passages if not one.by_ocr), ocr_engine="")


def keep(db: Database, document: Document) -> None:
    """Have what OCR read of a file hold from now on. Inside a transaction."""
    row = _row(db, document.sha256)
    told = read_row(db, "document", row, documents.to_reading)
    held = told.kept if told is not None and told.kept is not None and told.kept.digest else None
    before = held or KeptOcr("", problem=row["problem"], notice=row["notice"], before=row["reading"])
    read = [passage for passage in document.passages if passage.by_ocr]
    first = _place(db, row, read)
    kept = replace(before, at=utc_now(), digest=_digest(read), first=first, end=first + len(read))
    _write(db, document.sha256, "", document.notice, replace(reading_report.read_from(document), kept=kept))


def take_back(db: Database, sha256: str) -> bool:
    """Have the file be what it was without OCR. False where OCR read nothing of it. Inside a transaction."""
    told = read_row(db, "document", _row(db, sha256), documents.to_reading)
    kept = told.kept if told is not None else None
    if kept is None or not kept.digest:
        return False
    earlier = reading_report.from_json(kept.before) if kept.before else None
    now = replace(earlier, kept=KeptOcr(utc_now())) if earlier is not None else None
    _write(db, sha256, kept.problem, kept.notice, now)
    return True


def take_over(db: Database, other: Database, sha256: str) -> dict[int, int]:
    """What OCR read of a file in another copy of the review; which of the two texts holds is what was said last.
    Returns what their passages that OCR has read are called here, -1 for those that hold no longer and are not taken.
    Inside a transaction."""
    ours, theirs = _row(db, sha256), _row(other, sha256)
    told = read_row(other, "document", theirs, documents.to_reading)
    if told is None or told.kept is None:
        return {}
    kept = told.kept
    read = [passage for passage in documents.all_passages(other, theirs["id"], theirs["path"]) if passage.by_ocr]
    called = {passage.order: -1 for passage in read}
    if kept.digest:
        held = [passage for passage in read if kept.first <= passage.order < kept.end]
        if not held:  # a work package without the texts
            return called
        first = _place(db, ours, held)
        called.update({passage.order: first + place for place, passage in enumerate(held)})
        kept = replace(kept, first=first, end=first + len(held))
    here = read_row(db, "document", ours, documents.to_reading)
    if here is None or here.kept is None or (here.kept.at, here.kept.digest) <= (kept.at, kept.digest):
        _write(db, sha256, theirs["problem"], theirs["notice"], replace(told, kept=kept))
    return called


def _row(db: Database, sha256: str) -> Row:
    row = db.row("SELECT id, path, problem, notice, reading FROM document WHERE sha256 = ?", (sha256,))
    assert row is not None
    return row


def _write(db: Database, sha256: str, problem: str, notice: str, reading: Reading | None) -> None:
    text = reading_report.to_json(reading) if reading is not None else ""
    told = (problem, notice, text, sha256)
    db.write("UPDATE document SET problem = ?, notice = ?, reading = ? WHERE sha256 = ?", told)


def _place(db: Database, row: Row, read: Sequence[Passage]) -> int:
    """The number of the first of these passages: where they stand already, else where they are added now."""
    known = documents.all_passages(db, row["id"], row["path"])
    said = [_said(passage) for passage in read]
    for start in range(len(known) - len(read) + 1):
        if known[start].by_ocr and [_said(passage) for passage in known[start : start + len(read)]] == said:
            return known[start].order
    first = max((passage.order for passage in known), default=-1) + 1
    documents.add_passages(db, row["id"], [replace(one, order=first + place) for place, one in enumerate(read)])
    return first


def _said(passage: Passage) -> list[object]:
    return [passage.kind, passage.section, passage.text, [pack_span(span) for span in passage.spans]]


def _digest(read: Sequence[Passage]) -> str:
    return hashlib.sha256(json.dumps([_said(passage) for passage in read]).encode("ascii")).hexdigest()

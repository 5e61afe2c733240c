"""Pages that are pictures, read by OCR when a person asks for it: which files, what came of it, and taking it back.

What OCR read is kept beside the file's own text and holds until it is taken back; each file is committed before the
next one is begun. What was extracted from it stays, as it does whenever a text changes: it is of another text then, and
the model is asked anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leads_local import files
from leads_local.errors import InputError
from leads_local.records import Document, PageState, Progress
from leads_local.review import file_links, fulltexts
from leads_local.review.act_log import ActLog
from leads_local.review.attachments import Attachment
from leads_local.review.database import Database
from leads_local.review.store import documents, events, ocr_rows

if TYPE_CHECKING:
    from leads_local.documents.ocr import OcrPage
    from leads_local.documents.ocr_reader import OcrReader


@dataclass(frozen=True, slots=True)
class ScanRead:
    """What OCR made of one file: how sure it is (0 to 1) of each page that it read, and the pages still unread,
    each with why as far as that is known. ``problem``: why it read nothing of the file."""

    file: Attachment
    pages: tuple[tuple[int, float], ...] = ()
    unread: tuple[tuple[int, str], ...] = ()
    problem: str = ""


def read_by_ocr(
    db: Database,
    log: ActLog,
    wanted: Sequence[str],
    languages: str,
    progress: Callable[[Progress], None] | None = None,
) -> list[ScanRead]:
    """One ScanRead for the file that is wanted (by SHA-256); of several, or of all where none is named, one for each
    that has pages that OCR could read and has not read. Raises InputError where there is no OCR here."""
    from leads_local.documents import ocr_reader, tesseract  # which no other work on a review needs

    chosen = [file_links.require(db, sha256) for sha256 in wanted]
    if len(chosen) != 1:
        chosen = [file for file in _with_scans(db) if not wanted or file.sha256 in wanted]
    done: list[ScanRead] = []
    with ocr_reader.OcrReader(languages or tesseract.ENGLISH) as reader:
        for place, file in enumerate(chosen):
            name = files.name_of(file.path)

            def tell(read: int, total: int, place: int = place, name: str = name) -> None:
                if progress is not None:
                    failed = sum(1 for one in done if one.problem)
                    progress(Progress("ocr", place, len(chosen), failed, note=f"{name}, page {read} of {total}"))

            done.append(_read(db, log, reader, file, tell))
            if progress is not None:
                progress(Progress("ocr", place + 1, len(chosen), sum(1 for one in done if one.problem), note=name))
        engine = reader.engine
    with db.transaction():
        pages = sum(len(one.pages) for one in done)
        events.add(db, "ocr", f"{engine} read {pages} pages of {len(done)} files")
    return done


def take_back(db: Database, sha256: str) -> Attachment:
    """Have a file be what it was before OCR read it. Raises InputError where OCR read nothing of it."""
    file = file_links.require(db, sha256)
    with db.transaction():
        if not ocr_rows.take_back(db, sha256):
            raise InputError(
                f"{files.name_of(file.path)}: OCR has read nothing of it.", "`reading` tells what it read."
            )
        events.add(db, "ocr", f"taken back of {files.name_of(file.path)}")
    return file_links.require(db, sha256)


def _with_scans(db: Database) -> list[Attachment]:
    from leads_local.documents.ocr import READABLE

    readings = documents.readings(db)
    return [
        file
        for file in documents.attachments(db)
        if any(state in READABLE for _, state in readings[file.sha256].states) or not readings[file.sha256].looked_at
    ]


def _read(db: Database, log: ActLog, reader: OcrReader, file: Attachment, tell: Callable[[int, int], None]) -> ScanRead:
    """Read the file's pages that are pictures, and keep what was read."""
    from leads_local.documents import marking, pool

    path = files.path_of(file.path)
    (fresh,) = pool.read_many([path], workers=1)  # which of its pages are pictures, as they are seen today
    if fresh.sha256 != file.sha256:
        problem = fresh.problem or f"{files.name_of(file.path)}: {marking.CHANGED}"
        return ScanRead(file, problem=problem)
    kept = ocr_rows.without_ocr(db, file.sha256)
    assert kept is not None
    own = replace(kept, pages=fresh.pages, problem=fresh.problem, notice=fresh.notice, path=file.path)
    document, failed = reader.read(own, path, tell)
    pages = tuple((page.number, page.confidence) for page in document.pages if page.state is PageState.OCR)
    why = {page.number: page.problem for page in failed}
    unread = tuple((page.number, why.get(page.number, "")) for page in document.pages if page.unread)
    if not pages:
        return ScanRead(file, unread=unread, problem=_why_nothing(own, failed))
    return ScanRead(fulltexts.keep_ocr(db, log, document), pages, unread)


def _why_nothing(document: Document, failed: Sequence[OcrPage]) -> str:
    from leads_local.documents import ocr

    name = files.name_of(document.path)
    if not ocr.pages_to_read(document):
        return f"{name}: it has no page whose writing is a picture."
    if failed:
        return f"{name}: page {failed[0].number}: {failed[0].problem}"
    return f"{name}: OCR found no text on its pages."

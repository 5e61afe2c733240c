"""Which records a PDF belongs to, and as what: said by the match, or by a person, whose word stays.

Why it exists: a file that matches no record makes no record by itself. It waits until a person says which record it
belongs to, that it is a new one, or that it is to be ignored; each of these, and taking a file from its record, is an
act of the log. Of a PDF's own record (an earlier version made one for each that matched none; now a person asks for
it) the file keeps what was decided on it: linked elsewhere, the PDF takes it along into the other report's group, where
it is no record of the review any more (see ``presence``).

One file may serve several reports: a supplement issue with many abstracts, a thesis with two studies. Beside the record
that it belongs to by itself it is then linked to further ones, each by an act of its own and each with the pages that
are its, if not all are. That makes no duplicates of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from leads_local import files
from leads_local.errors import ReviewError
from leads_local.records import Citation, Document, PassageKind
from leads_local.review import presence, standing
from leads_local.review.act_log import ActLog
from leads_local.review.acts import ActKind, canonical
from leads_local.review.attachments import LINKED_BY_HAND, WHOLE_PAPER, Attachment, FilePart
from leads_local.review.database import Database
from leads_local.review.read_models import UNMATCHED
from leads_local.review.store import acts, citations, documents, events, groups
from leads_local.review.store.documents import StoredLinks

_LINKED, _UNLINKED, _ADDED, _IGNORED = LINKED_BY_HAND, "unlinked by hand", "added as a new record", "ignored"


def require(db: Database, sha256: str) -> Attachment:
    """The stored file. Raises ReviewError where there is none."""
    stored = documents.attachment(db, sha256)
    if stored is None:
        raise ReviewError(f"{db.path}: there is no document with SHA-256 {sha256}.", "Attach its folder first.")
    return stored


def is_settled(db: Database, stored: Attachment) -> bool:
    """Whether the match has nothing more to say of a file: it has a record of the review, or a person has spoken."""
    if stored.absent:
        return False
    if acts.last_holding(db, ActKind.LINK, canonical([stored.sha256])) is not None:
        return True
    return bool(stored.record_id) and not (stored.unmatched or stored.problem)


def attach(
    db: Database, log: ActLog, stored: Attachment, record_id: int, how: str, part: FilePart = WHOLE_PAPER
) -> Attachment:
    """Note that a file came in, and which record it matched, 0 for none, and as which of its files. A record that it
    has stays, but for one that was made for it or has left the review. Inside a transaction."""
    if stored.record_id and not (record_id and (stored.unmatched or stored.absent)):
        return stored
    known = acts.last_holding(db, ActKind.ATTACH, canonical([stored.sha256])) is not None
    if known and not record_id and how == stored.how:
        return stored
    return say(db, log, ActKind.ATTACH, stored, record_id, how, part)


def link(
    db: Database, log: ActLog, sha256: str, record_id: int, part: FilePart = WHOLE_PAPER, *, also: bool = False
) -> Attachment:
    """Say by hand that a PDF belongs to a record and to no other one; with ``also``, that it belongs to this one, too,
    or what it is to it. Raises ReviewError when either is not in the review, or the file has no such pages."""
    stored = _require_fit(db, sha256, record_id, part)
    what = f"document {sha256[:12]} linked to record {record_id}{' too' if also else ''} by hand, as its {part.role}"
    events.add(db, "link", f"{what}{f', {part.pages.in_words()}' if part.pages else ''}", log.reviewer)
    if not also:
        return _say_alone(db, log, stored, record_id, _LINKED, part)
    links = _links(db, sha256)
    known = next(iter(_of_report(db, [links.first, *links.parts], record_id)), 0)
    if links.parts and (not known or known != links.first):
        return _say_further(db, log, stored, known or record_id, part)
    return say(db, log, ActKind.LINK, stored, known or record_id, _LINKED, part)


def unlink(db: Database, log: ActLog, sha256: str, record_id: int = 0) -> Attachment:
    """Take a PDF from all its records, or from this one only, or have one that was ignored wait again; no match gives
    it a record again. Raises ReviewError when it belongs to none, or not to this one."""
    stored, links, further = require(db, sha256), _links(db, sha256), standing.further_links(db, sha256)
    name = files.name_of(stored.path)
    if not stored.record_id and not stored.ignored:
        raise ReviewError(f"{name} belongs to no record.", "`pdfs --list` shows which files do.")
    if not record_id:
        events.add(db, "link", f"document {sha256[:12]} taken from {_records(stored)}", log.reviewer)
        return _say_alone(db, log, stored, 0, _UNLINKED)
    gone = _of_report(db, {**links.parts, **further}, record_id)
    if not gone:
        raise ReviewError(f"{name} belongs to {_records(stored)}, not to record {record_id}.", "Nothing was changed.")
    events.add(db, "link", f"document {sha256[:12]} taken from record {record_id}", log.reviewer)
    with log.one_gesture():
        if links.first in gone:
            say(db, log, ActKind.LINK, stored, 0, _UNLINKED)
        for record in sorted(further.keys() & set(gone)):
            _say_further(db, log, stored, record, None)
    return require(db, sha256)


def ignore(db: Database, log: ActLog, sha256: str) -> Attachment:
    """Say that a PDF is wanted for no record: it waits no longer. Raises ReviewError when it belongs to one."""
    stored = _require_free(db, sha256)
    events.add(db, "link", f"document {sha256[:12]} ignored", log.reviewer)
    return _say_alone(db, log, stored, 0, _IGNORED, ignored=True)


def add_as_new(db: Database, log: ActLog, sha256: str) -> Attachment:
    """Make a record for a PDF, which then counts as identified. Raises ReviewError when it belongs to one already, or
    can't be read."""
    stored = _require_free(db, sha256)
    document = documents.read(db, sha256)
    if document is None or document.problem:
        raise ReviewError(f"{stored.path} can't be read, so no record can be made of it.", "Import its citation.")
    own = documents.own_record(db, sha256) or add_record(db, document)
    events.add(db, "link", f"document {sha256[:12]} added as record {own}", log.reviewer)
    return _say_alone(db, log, stored, own, _ADDED)


def _require_fit(db: Database, sha256: str, record_id: int, part: FilePart) -> Attachment:
    """The stored file, where it and the record are in the review and it has these pages."""
    if not citations.exists(db, record_id):
        raise ReviewError(f"{db.path}: there is no record {record_id}.", "Choose a record of this review.")
    stored = require(db, sha256)
    if record_id != documents.own_record(db, sha256):
        presence.require_present(db, record_id)
    if part.pages is not None and stored.pages and part.pages.last > stored.pages:
        raise ReviewError(
            f"{files.name_of(stored.path)} ends with page {stored.pages:,}, so it has no {part.pages.in_words()}.",
            "Count the pages of the file, from 1, whatever numbers are printed on them.",
        )
    return stored


def _links(db: Database, sha256: str) -> StoredLinks:
    return documents.stored_links(db, sha256) or StoredLinks()


def _of_report(db: Database, records: Iterable[int], record_id: int) -> list[int]:
    """Those of these records that are of the same report as ``record_id``."""
    head = citations.head(db, record_id)
    return [record for record in records if citations.head(db, record) == head]


def _records(stored: Attachment) -> str:
    return " and ".join(f"record {one.record_id}" for one in stored.links) or "no record"


def _require_free(db: Database, sha256: str) -> Attachment:
    stored = require(db, sha256)
    if stored.record_id and not stored.absent:
        raise ReviewError(
            f"{files.name_of(stored.path)} belongs to {_records(stored)}.", "Take it from there first: --unlink."
        )
    return stored


def say(
    db: Database,
    log: ActLog,
    kind: ActKind,
    stored: Attachment,
    record_id: int,
    how: str,
    part: FilePart = WHOLE_PAPER,
    *,
    unmatched: bool = False,
    ignored: bool = False,
) -> Attachment:
    """Write down that a file belongs to a record, 0 for none, beside the further ones that it was linked to, and what
    follows. If it has a record of its own, that goes along: it is a record of the same report."""
    sha256, own = stored.sha256, documents.own_record(db, stored.sha256)
    told: dict[str, Any] = {
        "name": files.name_of(stored.path),
        "record": citations.name_of(db, record_id) if record_id else None,
        "how": how,
        "unmatched": unmatched,
        "ignored": ignored,
        **_part_told(part),
    }
    if own and record_id not in (0, own):
        together = {own, *groups.of_head(db, citations.head(db, record_id))}
        told["group"] = list(citations.names_of(db, sorted(together)).values())
    _, act = log.write(kind, canonical([sha256]), told, record_id=record_id)
    standing.bring_up_to_date(db, [(act, record_id)])
    return require(db, sha256)


def _say_alone(
    db: Database,
    log: ActLog,
    stored: Attachment,
    record_id: int,
    how: str,
    part: FilePart = WHOLE_PAPER,
    *,
    ignored: bool = False,
) -> Attachment:
    """``say`` by hand, and take the file from all further records, in one gesture."""
    further = standing.further_links(db, stored.sha256)
    with log.one_gesture():
        say(db, log, ActKind.LINK, stored, record_id, how, part, ignored=ignored)
        for record in sorted(further):
            _say_further(db, log, stored, record, None)
    return require(db, stored.sha256)


def _say_further(db: Database, log: ActLog, stored: Attachment, record_id: int, part: FilePart | None) -> Attachment:
    """Have a file belong to a record beside another one, or (None) not any more. The two are no duplicates by that, and
    a record that was made for the file stays where it is."""
    told = {"name": files.name_of(stored.path), **(_part_told(part) if part else {"role": None, "pages": None})}
    subject = canonical([stored.sha256, *citations.name_of(db, record_id)])
    _, act = log.write(ActKind.ALSO, subject, told, record_id=record_id)
    standing.bring_up_to_date(db, [(act, record_id)])
    return require(db, stored.sha256)


def _part_told(part: FilePart) -> dict[str, Any]:
    return {"role": part.role, "pages": [part.pages.first, part.pages.last] if part.pages else None}


def add_record(db: Database, document: Document) -> int:
    """A record that is made of a PDF, by what stands in it."""
    source = citations.add_source(db, document.path, document.sha256, "PDF", "", origin="pdf")
    return citations.add(
        db, source, [Citation(title=_find_title(document), abstract=_find_abstract(document), kind=UNMATCHED, number=1)]
    )[0]


def _find_abstract(document: Document) -> str:
    shown = (PassageKind.PARAGRAPH, PassageKind.TABLE_ROW)  # some journals print it in a table
    return "\n".join(
        passage.text for passage in document.passages if passage.section == "abstract" and passage.kind in shown
    )


def _find_title(document: Document) -> str:
    titles = (passage.text for passage in document.passages if passage.kind is PassageKind.TITLE)
    return next(titles, "") or Path(files.name_of(document.path)).stem

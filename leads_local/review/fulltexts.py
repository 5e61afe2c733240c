"""Full texts into the review: each PDF is read once, stored whole or with the reason why not, and linked to its record.

Nothing is lost: a PDF that belongs to no record waits for a person (see ``file_links``), a file that can't be read is
kept with its problem. Each file is committed before the next is announced, so a run that is stopped keeps what it has
read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from leads_local import files
from leads_local.records import Citation, Document, Progress
from leads_local.review import file_links
from leads_local.review.act_log import ActLog
from leads_local.review.attachments import WHOLE_PAPER, Attachment, FilePart, FileRole
from leads_local.review.database import Database
from leads_local.review.read_models import UNMATCHED
from leads_local.review.store import citations, documents, events, ocr_rows

if TYPE_CHECKING:
    from leads_local.documents.finding import PassedOver
    from leads_local.documents.matching import Matcher


def attach_pdfs(
    db: Database, log: ActLog, folder: Path, progress: Callable[[Progress], None] | None = None
) -> list[Attachment]:
    """Read and link every PDF under ``folder`` (or the one file that it is). One Attachment for each, in the order of
    their names, and one without a SHA-256 for what was passed over: nothing is stored of that.

    Raises InputError when there is no such folder or no PDF in it.
    """
    from leads_local.documents import finding, pool, reader  # which no other work on a review needs

    found = finding.find_pdfs(folder)
    paths = found.papers
    hashes = {path: reader.digest_or_empty(path) for path in paths}
    known = documents.known_problems(db)
    done: dict[Path, Attachment] = {}
    unread: list[Path] = []
    moved: dict[str, str] = {}
    candidates = _Candidates(db)
    for path, sha256 in hashes.items():
        stored = documents.attachment(db, sha256) if known.get(sha256) == "" else None
        if stored is None:
            unread.append(path)
        else:
            done[path] = replace(_match_again(db, log, stored, candidates), path=files.path_text(path))
            if files.why_unreadable(files.on_disk(files.path_of(stored.path))):
                moved[stored.sha256] = files.path_text(path)
    for path, document in zip(unread, pool.read_many(unread), strict=True):
        attachment = _store_and_link(db, log, document, candidates)
        done[path] = attachment
        if progress is not None:
            failed = sum(1 for one in done.values() if one.problem)
            progress(Progress("attach", len(done), len(paths), failed, attachment.record_id, files.shown_name(path)))
    passed_over = [_passed_over(one) for one in found.passed_over]
    problems = sum(1 for one in done.values() if one.problem)
    missing = "".join(f"; {one.problem}" for one in passed_over if one.problem)
    with db.transaction():
        for sha256, place in moved.items():  # an export copies the papers from where they are
            documents.move(db, sha256, place)
        events.add(db, "attach", f"{files.path_text(folder)}: {len(paths)} files, {problems} with problems{missing}")
    return [*(done[path] for path in paths if path in done), *passed_over]


def _passed_over(one: PassedOver) -> Attachment:
    path = files.path_text(one.path)
    if one.expected:
        return Attachment(path, "", 0, "", "", notice=f"{one.why}.")
    return Attachment(path, "", 0, "", "", problem=f"{path}: {one.why}.")


@dataclass(frozen=True, slots=True)
class _Found:
    """The head of the report that a file belongs to, 0 for none; ``how``: by what that was seen, or why not."""

    head: int
    how: str
    part: FilePart = WHOLE_PAPER


class _Candidates:
    """The reports that a PDF may belong to, read when the first one is asked for."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._heads: list[int] = []
        self._matcher: Matcher | None = None

    def look(self, document: Document) -> _Found:
        """Which report ``document`` belongs to, or why to none."""
        from leads_local.documents import matching
        from leads_local.documents.file_kinds import FileKind

        if self._matcher is None:
            reports: dict[int, Citation] = {}
            own = citations.made_for_pdfs(self._db)
            for record, head, _, citation in citations.stream(self._db):
                if record in own:
                    continue
                reports[head] = _with_all_identifiers(reports.get(head), citation)
            self._heads = list(reports)
            self._matcher = matching.Matcher(list(reports.values()))
        found = self._matcher.look(document)
        if isinstance(found, matching.CitationMatch):
            role = FileRole.MAIN if found.kind == FileKind.PAPER else FileRole(found.kind)
            return _Found(self._heads[found.index], found.how, FilePart(role))
        likely = f"; it may belong to record {self._heads[found.likely]}" if found.likely >= 0 else ""
        return _Found(0, f"{UNMATCHED}: {found.reason}{likely}")


def _with_all_identifiers(report: Citation | None, citation: Citation) -> Citation:
    """A report with the identifiers that any of its records has; titles and years of duplicates differ, so only one may
    stand."""
    if report is None:
        return replace(citation, abstract="")
    return replace(report, doi=report.doi or citation.doi, pmid=report.pmid or citation.pmid)


def _store_and_link(db: Database, log: ActLog, document: Document, candidates: _Candidates) -> Attachment:
    if not document.sha256:  # not even its bytes could be read: known by its path
        document = replace(
            document, sha256="path:" + hashlib.sha256(document.path.encode("utf-8", "replace")).hexdigest()
        )
    found = candidates.look(document)
    with db.transaction():
        documents.put(db, document)
        return replace(_link_stored(db, log, document, found), path=document.path)


def _link_stored(db: Database, log: ActLog, document: Document, found: _Found) -> Attachment:
    """Link a file that is in the review, unless a person has said whose it is."""
    stored = file_links.require(db, document.sha256)
    if file_links.is_settled(db, stored):
        return stored
    if not document.problem:
        found = _ask_if_second(db, document, found)
    elif not found.head:
        found = _Found(0, "")
    return file_links.attach(db, log, stored, found.head, found.how, found.part)


def keep_ocr(db: Database, log: ActLog, document: Document) -> Attachment:
    """Store what OCR read of a file that is in the review, and see by that whose it is, unless that is known."""
    found = _Candidates(db).look(document)
    with db.transaction():
        ocr_rows.keep(db, document)
        return _link_stored(db, log, document, found)


def _ask_if_second(db: Database, document: Document, found: _Found) -> _Found:
    """A second paper of one report waits for a person, who knows which of the two it is: a supplement that doesn't say
    so would take the paper's place. A newer file under the paper's own name is a better copy of it."""
    known = documents.of_head(db, found.head) if found.head and found.part.role is FileRole.MAIN else None
    if known is None or known.problem or known.path == document.path or known.sha256 == document.sha256:
        return found
    name = files.name_of(known.path)
    return _Found(0, f"{UNMATCHED}: record {found.head}, which its {found.how} names, has a full text, {name}")


def _match_again(db: Database, log: ActLog, stored: Attachment, candidates: _Candidates) -> Attachment:
    """A PDF that came before its citation is matched when its folder is attached again."""
    if file_links.is_settled(db, stored):
        return stored
    document = documents.read(db, stored.sha256)
    found = candidates.look(document) if document is not None else _Found(0, "")
    if document is None or not found.head or found.head == stored.record_id:
        return stored
    with db.transaction():
        found = _ask_if_second(db, document, found)
        return file_links.attach(db, log, stored, found.head, found.how, found.part) if found.head else stored

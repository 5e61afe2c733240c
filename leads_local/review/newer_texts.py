"""The same record from a newer export: its text takes the place of the one that is known, which is kept, and what has
become of the paper (a retraction, an erratum) is a tag.

Both are acts that a person could have said (a correction, a tag), with the source that they came from (``newer``), so
that lists, exports, limits, merging, undo and ``check`` know them. What a person has corrected is not written over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from leads_local.citations import newer, standing_notices
from leads_local.citations.newer import NewerText
from leads_local.citations.retraction_watch import RetractionEntry, RetractionList
from leads_local.citations.standing_notices import PaperNotice
from leads_local.errors import InputError
from leads_local.records import Citation
from leads_local.review import standing
from leads_local.review.act_log import ActLog
from leads_local.review.acts import Act, ActKind
from leads_local.review.annotations import Field, stored_text
from leads_local.review.database import Database
from leads_local.review.newer_reports import Changed, ListedPaper, NewerReport, RetractionReport
from leads_local.review.store import citations, newer_rows, sources
from leads_local.review.store.newer_rows import KnownRecord

NEWER = "newer"
"""In what such an act says: the SHA-256 of the file that it came from."""
SLIGHT = "slight"
"""In what such an act says: nobody who has decided needs to look again for it."""


@dataclass(slots=True)
class _Found:
    texts: dict[int, tuple[Citation, Sequence[NewerText]]] = field(default_factory=dict)
    notices: Sequence[tuple[int, PaperNotice]] = ()
    left: list[str] = field(default_factory=list)


def find_notices(records: Iterable[tuple[int, Citation]]) -> list[tuple[int, PaperNotice]]:
    """What these records say of what has become of their papers, each with its number."""
    return [(number, notice) for number, citation in records for notice in standing_notices.find(citation)]


def take(
    db: Database, log: ActLog, source_id: int, sha256: str, notices: Sequence[tuple[int, PaperNotice]]
) -> NewerReport:
    """Have what the records of this source say newer of known records stand, and its ``notices``, as one gesture.
    Inside a transaction."""
    found = _Found(notices=notices)
    _compare(db, source_id, found)
    tagged = newer_rows.tags_of(db, [record for record, _ in found.notices])
    with log.one_gesture():
        all_texts = [(record, one) for record, (_, texts) in found.texts.items() for one in texts]
        slight = {(record, one.field) for record, one in all_texts if newer.is_slight(one)}
        marks = [(record, one.field, _stored(one)) for record, one in all_texts]
        _write(db, log, ActKind.CORRECT, marks, sha256, slight)
        tags = [(record, str(notice), "") for record, notice in found.notices if (record, str(notice)) not in tagged]
        _write(db, log, ActKind.TAG, tags, sha256)
    changed = (Changed(r, c.title, tuple(one.field for one in texts)) for r, (c, texts) in found.texts.items())
    return NewerReport(tuple(changed), tuple((r, str(notice)) for r, notice in found.notices), tuple(found.left))


def take_back(db: Database, log: ActLog, sha256: str) -> int:
    """Have nothing stand that came from this file, which is withdrawn: the text that was there before holds again, of
    an earlier export that is in the review or as it was imported. Inside a transaction. Returns how many records that
    concerns."""
    stands = newer_rows.standing(db, sha256, sources.withdrawals(db))
    for kind in (ActKind.CORRECT, ActKind.TAG):
        for one in (one for one in stands if one.kind == kind):
            text, source, is_slight = one.instead or (None, sha256, False)
            place = (one.record_id, one.about)
            _write(db, log, kind, [(*place, text)], source, [place] if is_slight else ())
    return len({one.record_id for one in stands})


def take_retractions(db: Database, log: ActLog, listed: RetractionList) -> RetractionReport:
    """Tag what a list says of the papers of the review, as one gesture. Nothing is removed. Inside a transaction."""
    said: dict[tuple[str, str], list[RetractionEntry]] = {}
    for entry in listed.entries:
        for column, value in (("doi", entry.doi), ("pmid", entry.pmid)):
            if value:
                said.setdefault((column, value), []).append(entry)
    found: dict[tuple[int, str], ListedPaper] = {}
    named: dict[tuple[int, str], int] = {}  # the tag is the record's own that is named, whatever it is grouped with
    for column in ("doi", "pmid"):
        wanted = {value for name, value in said if name == column}
        for record, head, value, title in newer_rows.by_identifier(db, column, wanted):
            for one in said[column, value]:
                paper = ListedPaper(head, title, str(one.notice), one.date, one.reason)
                found.setdefault((head, paper.notice), paper)
                named[record, paper.notice] = head
    tagged = newer_rows.tags_of(db, [record for record, _ in named])
    new = {place: head for place, head in named.items() if place not in tagged}
    with log.one_gesture():
        _write(db, log, ActKind.TAG, [(record, notice, "") for record, notice in new], listed.sha256)
    tags = len({(head, notice) for (_, notice), head in new.items()})
    return RetractionReport(len(listed.entries), tuple(found.values()), tags, listed.unknown)


def _stored(one: NewerText) -> str:
    return stored_text(Field(one.field), one.after)


def _write(
    db: Database,
    log: ActLog,
    kind: ActKind,
    marks: Sequence[tuple[int, str, str | None]],
    sha256: str,
    slight: Collection[tuple[int, str]] = (),
) -> None:
    told = [
        (record, about, {"text": text, NEWER: sha256, **({SLIGHT: True} if (record, about) in slight else {})})
        for record, about, text in marks
    ]
    written: list[tuple[Act, int]] = log.write_on_records(kind, told)
    standing.bring_up_to_date(db, written)


def _compare(db: Database, source_id: int, found: _Found) -> None:
    """Find the known records of the same database entries, and what is newer."""
    pairs = newer_rows.same_identifiers(db, source_id)
    if not pairs:
        return
    known = newer_rows.read_known(db, pairs)
    new = citations.read_many(db, sorted({one for same in pairs.values() for one in same}))
    format = newer_rows.format_of(db, source_id)
    corrected = newer_rows.corrected_by_people(db, known)
    later = newer_rows.said_later(db, known, source_id)
    for before, same in pairs.items():
        old = known[before]
        fitting = _nearest(old, [new[one] for one in same], format)
        if fitting is None:
            title = new[same[-1]].title[:60]
            found.left.append(f"record {before} has the identifier of “{title}”, but another title")
        elif not newer.is_older(old.citation, fitting):
            texts = newer.compare(old.citation, fitting, same_database=_same_database(old, fitting, format))
            kept = [one for one in texts if (before, one.field) in corrected]
            found.left += [f"record {before}: its {one.field} was corrected by a person, which stays" for one in kept]
            stays = [*kept, *(one for one in texts if (before, one.field) in later)]
            if wanted := [one for one in texts if one not in stays and _is_field(one)]:
                found.texts[before] = (old.citation, wanted)


def _nearest(known: KnownRecord, new: Sequence[Citation], format: str) -> Citation | None:
    """Of the records with its identifier the last one that is of the same paper; those with its very title before
    others."""
    for one in reversed([one for one in new if one.title == known.citation.title] or new):
        if newer.same_paper(known.citation, one, one_database=_same_database(known, one, format)):
            return one
    return None


def _same_database(known: KnownRecord, new: Citation, format: str) -> bool:
    return newer.same_database(known.citation, known.format, new, format)


def _is_field(one: NewerText) -> bool:
    """Whether a correction can say it: an identifier that can't be one stays out."""
    try:
        return bool(_stored(one))
    except InputError:
        return False

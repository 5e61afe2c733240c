"""Taking a wrong import out of the review, and having it back: an act of the log, and nothing is deleted (see
``presence`` for what follows of it). What it said newer of other records goes with it (see ``newer_texts``)."""

from __future__ import annotations

from leads_local.errors import InputError, ReviewError
from leads_local.review import newer_texts, standing
from leads_local.review.act_log import ActLog
from leads_local.review.acts import ActKind, canonical
from leads_local.review.database import Database
from leads_local.review.read_models import Source
from leads_local.review.store import citations, events, newer_rows, sources


def withdraw(db: Database, log: ActLog, sha256: str, reason: str, *, withdrawn: bool = True) -> Source:
    """Take the imported file with this SHA-256 out of the review, or have it back. Inside a transaction. Raises
    ReviewError where there is none, or nothing would change."""
    source = next((one for one in sources.imports(db) if one.sha256 == sha256), None)
    if source is None:
        raise ReviewError(
            f"{db.path}: no file with SHA-256 {sha256} was imported.", "`leads-local sources` lists them."
        )
    if source.withdrawn == withdrawn:
        stands = "has been withdrawn before" if withdrawn else "is in the review: it was not withdrawn"
        raise ReviewError(f"{source.path} {stands}.", "`leads-local sources` shows which imports are withdrawn.")
    said = {"withdrawn": withdrawn, "reason": reason.strip(), "name": source.path, "records": source.records}
    with log.one_gesture():
        _, act = log.write(ActKind.WITHDRAW, canonical([sha256]), said)
        done = f"withdrawn: {reason.strip() or 'no reason given'}" if withdrawn else "back in the review"
        events.add(db, "withdraw", f"{source.path}: {done}", act.reviewer)
        standing.bring_up_to_date(db, [(act, 0)])
        if withdrawn:
            newer_texts.take_back(db, log, sha256)
        else:
            source_id = citations.find_source(db, sha256)
            notices = newer_texts.find_notices(newer_rows.of_source(db, source_id))
            newer_texts.take(db, log, source_id, sha256, notices)
    return next(one for one in sources.imports(db) if one.sha256 == sha256)


def find_source(db: Database, named: str) -> Source:
    """The imported file that a person means: by its number in the list, its path, its name or the beginning of its
    SHA-256. Raises InputError where that is none, or several."""
    known = sources.imports(db)
    found = [one for one in known if named == str(one.number)] or [one for one in known if one.is_called(named)]
    if len(found) == 1:
        return found[0]
    why = "several imports are called so" if found else "no import of this review is called so"
    raise InputError(f"{named}: {why}.", "Name it by its number: `leads-local sources` lists them.")

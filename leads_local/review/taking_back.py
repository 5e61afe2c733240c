"""Undo and redo, without limit: each is an act itself, which takes another gesture back.

Of a reviewer's gestures the last one that holds is undone first; what they undid last is redone first, until they do
something new. What came in (records, PDFs, the review itself) is not undone here.
"""

from __future__ import annotations

from leads_local.review import standing
from leads_local.review.act_log import ActLog
from leads_local.review.acts import UNDOABLE, Act, ActKind, gesture_subject
from leads_local.review.database import Database
from leads_local.review.store import acts

ActOnRecord = tuple[Act, int]
"""An act with this file's number of the record that it is about, 0 for none."""


def undo(db: Database, log: ActLog, reviewer: str) -> list[ActOnRecord]:
    """Take back the last gesture of ``reviewer`` that holds, but for what made the review, and in a work package for
    what was said before it was written. Inside a transaction. Returns its acts; none where there is nothing to undo."""
    for act in acts.holding_of_reviewer(db, reviewer, UNDOABLE):
        gesture = gesture_subject(act)
        if act.name.session == acts.package_session(db):
            return []
        if is_anothers(db, gesture, reviewer):
            continue
        if all(one.kind in UNDOABLE for _, one, _ in acts.of_gesture(db, gesture)):
            return revoke(db, log, gesture, reviewer)
    return []


def redo(db: Database, log: ActLog, reviewer: str) -> list[ActOnRecord]:
    """Do again what ``reviewer`` undid last. Inside a transaction. Returns the acts that hold again; none where there
    is nothing to redo, or they have done something else since."""
    for act in acts.holding_of_reviewer(db, reviewer):
        if act.kind != ActKind.REVOKE:
            return []
        if all(taken.kind != ActKind.REVOKE for _, taken, _ in acts.of_gesture(db, act.subject)):
            again = [one for one in revoke(db, log, gesture_subject(act), reviewer) if one[0].kind != ActKind.REVOKE]
            if again:  # none where it was undone in another copy of the review, too
                return again
    return []


def is_anothers(db: Database, gesture: str, reviewer: str) -> bool:
    """Whether a gesture is that of somebody else who took in what ``reviewer`` and others had decided elsewhere: who
    took it takes it back."""
    return any(one.kind == ActKind.TAKE and one.reviewer != reviewer for _, one, _ in acts.of_gesture(db, gesture))


def revoke(db: Database, log: ActLog, gesture: str, by: str) -> list[ActOnRecord]:
    """Have a gesture's acts not hold any more; where it took others back, those hold again. Inside a transaction.

    Returns the acts whose holding has changed, each with its record.
    """
    by_id, by_act = log.write(ActKind.REVOKE, gesture, {}, reviewer=by)
    changed = _follow(db, by_id, by_act, holds=True)
    standing.bring_up_to_date(db, changed)
    return changed


def _follow(db: Database, act_id: int, act: Act, *, holds: bool) -> list[ActOnRecord]:
    """A revoking act has come to hold or does no longer: which acts change by that, those that revoke among them, and
    so on."""
    changed: list[ActOnRecord] = []
    for target_id, target, record in acts.of_gesture(db, act.subject):
        if not (acts.add_revocation if holds else acts.remove_revocation)(db, target_id, act_id):
            continue
        changed.append((target, record))
        if target.kind == ActKind.REVOKE:
            changed += _follow(db, target_id, target, holds=not holds)
    return changed

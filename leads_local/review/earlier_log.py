"""Fills the log of a file of version 4 or earlier from the tables in which that version kept what people did.

Decisions and verifications are taken over with all that was ever undone, under their reviewers' names. Of everything
else (question, criteria, duplicates, PDFs) those versions kept in rows only what stands; that is written down as it
stands. The session that these acts are of is named by a hash of them: two copies of a file that are brought up to date
apart hold the same acts afterwards, not each twice. What is taken over holds as it did: the last decision, whoever
made it (``RuleKind.LATEST``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from leads_local.records import Stage
from leads_local.review import acts as log
from leads_local.review import presence, standing
from leads_local.review.acts import Act, ActKind, ActName, canonical
from leads_local.review.database import Database
from leads_local.review.store import acts, citations, decisions, earlier_histories, sources
from leads_local.review.store.earlier_histories import ToldAct

_SESSION_DIGITS = 16
_MADE_IT = (ActKind.CREATE, ActKind.QUESTION, ActKind.CRITERIA, ActKind.RULE)


def fill_log(db: Database) -> None:
    """Inside the migration's transaction, while the earlier tables are still there. A file that is being made has
    nothing to take over."""
    if earlier_histories.is_new(db):
        return
    told = list(earlier_histories.tell_all(db, citations.all_names(db)))
    made = _name_acts(told)
    acts.add_many(db, zip(made, (one.record for one in told), strict=True))
    acts.replace_revoked(db, log.revocations(made))
    clocks = {one.seq: act.clock for one, act in zip(told, made, strict=True) if one.kind is ActKind.GROUP}
    earlier_histories.take_over(db, clocks)
    for stage in Stage:
        standing.derive_rule(db, canonical([stage]))
    decisions.derive_all(db)
    presence.choose_heads(db, sources.refresh_absent(db))
    derive_outcomes(db)


def _name_acts(told: Sequence[ToldAct]) -> list[Act]:
    """The acts in one chain, each a gesture of its own but for what made the review, which nobody takes back."""
    content = canonical([[one.kind, one.subject, one.said, one.reviewer, one.at, one.revokes] for one in told])
    session = hashlib.sha256(content.encode()).hexdigest()[:_SESSION_DIGITS]
    made: list[Act] = []
    for number, one in enumerate(told, start=1):
        subject = canonical([session, one.revokes + 1]) if one.revokes >= 0 else one.subject
        before = made[-1].hash if made else ""
        name, said = ActName(session, number), canonical(one.said)
        gesture = 1 if one.kind in _MADE_IT else number
        made.append(Act(name, number, gesture, one.kind, subject, said, one.reviewer, one.at, before))
    return made


def derive_outcomes(db: Database) -> None:
    """What holds of each report, by the rules of now."""
    if records := decisions.decided_records(db):
        standing.refresh_outcomes(db, records)

"""What people decide about reports: each act goes into the log, and what stands and what holds follow in the same
transaction. Nothing here replaces what another reviewer has said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leads_local.records import Choice, Decision, Stage
from leads_local.review import standing, taking_back
from leads_local.review.act_log import ActLog
from leads_local.review.acts import Act, ActKind, canonical, gesture_subject
from leads_local.review.database import Database
from leads_local.review.outcomes import Rule
from leads_local.review.store import acts, citations, decisions, groups


def decide(db: Database, log: ActLog, decision: Decision, gesture: int = 0) -> Act:
    """A reviewer's decision, in place of the one that they made on this record and stage before. Inside a
    transaction."""
    return _say(db, log, ActKind.DECIDE, decision, gesture)


def decide_many(db: Database, log: ActLog, said: Sequence[Decision]) -> None:
    """Several decisions that one reviewer makes at once, as one gesture, which one undo takes back. Inside a
    transaction."""
    if not said:
        return
    together = groups.of_heads(db, [one.record_id for one in said])
    names = citations.names_of(db, [record for records in together.values() for record in records])
    told = [
        (one.record_id, one.stage, _said(one, [names[record] for record in together.get(one.record_id, ())]))
        for one in said
    ]
    written = log.write_on_records(ActKind.DECIDE, told, reviewer=said[0].reviewer, at=said[0].at)
    standing.bring_up_to_date(db, written)


def adjudicate(db: Database, log: ActLog, decision: Decision, gesture: int = 0) -> Act:
    """What holds although the reviewers differ, or waits for none of them any more. Inside a transaction."""
    return _say(db, log, ActKind.ADJUDICATE, decision, gesture)


def _say(db: Database, log: ActLog, kind: ActKind, decision: Decision, gesture: int) -> Act:
    act = _write(db, log, kind, decision, gesture)
    standing.bring_up_to_date(db, [(act, decision.record_id)])
    return act


def _write(db: Database, log: ActLog, kind: ActKind, decision: Decision, gesture: int) -> Act:
    said = _said(decision, citations.names_of_group(db, decision.record_id))
    about, who, at = decision.record_id, decision.reviewer, decision.at
    return log.write_on_record(kind, about, decision.stage, said=said, reviewer=who, at=at, gesture=gesture)[1]


def _said(decision: Decision, group: Sequence[tuple[str, int]]) -> dict[str, Any]:
    said: dict[str, Any] = {"choice": Choice(decision.choice), "reason": decision.reason}
    if len(group) > 1:  # what it was said of stays settled when the group grows
        said["over"] = group
    return said


def take_back(db: Database, log: ActLog, stage: Stage, whose: str, by: str) -> list[Decision]:
    """Take back the latest decision that stands at ``stage`` (of ``whose``, unless that is ""), with all that was the
    same gesture. What its reviewer had decided before stands again. Inside a transaction.

    Returns the decisions taken back, each with the record that it was made on, the latest last; [] for none, or where
    that was decided before a work package was written, or elsewhere and taken in by somebody else.
    """
    last = decisions.latest_act(db, stage, whose)
    if last is None or last.name.session == acts.package_session(db):
        return []
    if taking_back.is_anothers(db, gesture_subject(last), by):
        return []
    taken = taking_back.revoke(db, log, gesture_subject(last), by)
    decided = [(act, record) for act, record in taken if act.kind == ActKind.DECIDE]
    return [decisions.decision_of(*one) for one in sorted(decided, key=lambda one: one[0].order)]


def set_rule(db: Database, log: ActLog, stage: Stage, rule: Rule, reviewer: str = "") -> None:
    """Say how ``stage`` is decided from now on; what holds follows at once. Inside a transaction."""
    _, act = log.write(ActKind.RULE, canonical([stage]), {"kind": rule.kind, "share": rule.share}, reviewer=reviewer)
    standing.bring_up_to_date(db, [(act, 0)])

"""What people decide about reports: each act goes into the log, and what stands and what holds follow in the same
transaction. Nothing here replaces what another reviewer has said."""

from __future__ import annotations

from collections.abc import Iterable

from leads_local.records import Choice, Decision, Stage
from leads_local.review import standing
from leads_local.review.act_log import ActLog
from leads_local.review.acts import Act, ActKind, canonical, gesture_subject
from leads_local.review.database import Database
from leads_local.review.outcomes import Rule
from leads_local.review.store import acts, decisions


def decide(db: Database, log: ActLog, decision: Decision, gesture: int = 0) -> Act:
    """A reviewer's decision, in place of the one that they made on this record and stage before. Inside a
    transaction."""
    return _say(db, log, ActKind.DECIDE, decision, gesture)


def adjudicate(db: Database, log: ActLog, decision: Decision, gesture: int = 0) -> Act:
    """What holds although the reviewers differ, or waits for none of them any more. Inside a transaction."""
    return _say(db, log, ActKind.ADJUDICATE, decision, gesture)


def _say(db: Database, log: ActLog, kind: ActKind, decision: Decision, gesture: int) -> Act:
    said = {"choice": Choice(decision.choice), "reason": decision.reason}
    about, who, at = decision.record_id, decision.reviewer, decision.at
    _, act = log.write_on_record(kind, about, decision.stage, said=said, reviewer=who, at=at, gesture=gesture)
    bring_up_to_date(db, [(act, about)])
    return act


def take_back(db: Database, log: ActLog, stage: Stage, whose: str, by: str) -> Decision | None:
    """Take back the latest decision that stands at ``stage`` (of ``whose``, unless that is ""), with all that was the
    same gesture. What its reviewer had decided before stands again. Inside a transaction.

    Returns that decision with the record that it was made on, None where there is none.
    """
    last = decisions.latest_act(db, stage, whose)
    if last is None:
        return None
    taken = revoke(db, log, gesture_subject(last), by)
    record = next(record for act, record in taken if act.name == last.name)
    return decisions.decision_of(last, record)


def revoke(db: Database, log: ActLog, gesture: str, by: str) -> list[tuple[Act, int]]:
    """Have a gesture's acts not hold any more; where it took others back, those hold again. Inside a transaction.

    Returns the acts whose holding has changed, each with its record.
    """
    by_id, by_act = log.write(ActKind.REVOKE, gesture, {}, reviewer=by)
    changed = _follow(db, by_id, by_act, holds=True)
    bring_up_to_date(db, changed)
    return changed


def _follow(db: Database, act_id: int, act: Act, *, holds: bool) -> list[tuple[Act, int]]:
    """A revoking act has come to hold or does no longer: which acts change by that, those that revoke among them, and
    so on."""
    changed: list[tuple[Act, int]] = []
    for target_id, target, record in acts.of_gesture(db, act.subject):
        if not (acts.add_revocation if holds else acts.remove_revocation)(db, target_id, act_id):
            continue
        changed.append((target, record))
        if target.kind == ActKind.REVOKE:
            changed += _follow(db, target_id, target, holds=not holds)
    return changed


def set_rule(db: Database, log: ActLog, stage: Stage, rule: Rule, reviewer: str = "") -> None:
    """Say how ``stage`` is decided from now on; what holds follows at once. Inside a transaction."""
    _, act = log.write(ActKind.RULE, canonical([stage]), {"kind": rule.kind, "share": rule.share}, reviewer=reviewer)
    bring_up_to_date(db, [(act, 0)])


def bring_up_to_date(db: Database, changed: Iterable[tuple[Act, int]]) -> None:
    """Derive what follows from acts that have come, were taken back, or hold again."""
    records: set[int] = set()
    for act, record in changed:
        if act.kind == ActKind.DECIDE:
            decisions.derive(db, record, Stage(act.subject_parts()[2]), act.subject, act.reviewer)
            records.add(record)
        elif act.kind == ActKind.ADJUDICATE:
            records.add(record)
        elif act.kind == ActKind.RULE:
            standing.derive_rule(db, act.subject)
            records.update(decisions.decided_records(db))
    standing.refresh_outcomes(db, records)

"""How the protocol came to be what it is: a replay of the log's acts about it, gesture by gesture.

Each change is told as the protocol before and after it, so that undo and redo need no words of their own. What changes
after the first lock that holds is a deviation from the protocol.
"""

from __future__ import annotations

from dataclasses import dataclass

from leads_local.review import derivation, protocol
from leads_local.review.acts import Act, ActKind, gesture_subject, revoked
from leads_local.review.database import Database
from leads_local.review.protocol import Protocol
from leads_local.review.store import acts


@dataclass(frozen=True, slots=True)
class Lock:
    """``sha256`` is that of the protocol's text as it stood."""

    sha256: str
    at: str
    by: str


@dataclass(frozen=True, slots=True)
class ProtocolChange:
    """``clock``: that of the log. ``before`` None: the review was made with it. ``lock``: it was locked by that.
    ``deviation``: something changed, and it was locked before."""

    clock: int
    at: str
    by: str
    before: Protocol | None
    after: Protocol
    lock: Lock | None = None
    undoes: bool = False
    deviation: bool = False


def locks(db: Database) -> list[Lock]:
    """Every lock that holds, oldest first."""
    return [_to_lock(act) for _, act, _ in acts.holding(db, ActKind.LOCK)]


def read(db: Database) -> list[ProtocolChange]:
    """Every gesture that changed the protocol, took such a change back, or locked it; oldest first."""
    gestures = _gestures(db)
    found: list[ProtocolChange] = []
    told: list[Act] = []
    before: Protocol | None = None
    for gesture in gestures:
        locked = _is_locked(told)
        told += gesture
        after = protocol.of_state(derivation.derive(told))
        lock = next((_to_lock(act) for act in gesture if act.kind == ActKind.LOCK), None)
        changed = before is not None and before != after
        undoes = gesture[0].kind == ActKind.REVOKE
        first = gesture[0]
        found.append(
            ProtocolChange(first.clock, first.at, first.reviewer, before, after, lock, undoes, locked and changed)
        )
        before = after
    return found


def _gestures(db: Database) -> list[list[Act]]:
    """The acts about the protocol, and those that take such acts back or bring them back again, by gesture in order."""
    concerned: set[str] = set()
    found: dict[str, list[Act]] = {}
    for act, _ in acts.of_kinds(db, [*sorted(protocol.KINDS), ActKind.REVOKE]):
        if act.kind == ActKind.REVOKE and act.subject not in concerned:
            continue
        concerned.add(gesture_subject(act))
        found.setdefault(gesture_subject(act), []).append(act)
    return list(found.values())


def _is_locked(told: list[Act]) -> bool:
    taken = revoked(told)
    return any(act.kind == ActKind.LOCK and act.name not in taken for act in told)


def _to_lock(act: Act) -> Lock:
    return Lock(str(act.said_parts()["sha256"]), act.at, act.reviewer)

"""What holds for the review at a stage, derived from what its reviewers decided: the one place where that is said.

Pure: decisions in, an outcome out. The model is no reviewer and has no part in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from leads_local.records import Choice

_HASHED_BYTES = 8


class RuleKind(StrEnum):
    """How a stage is decided. ONE reviewer decides. TWO must agree. SECOND_CHECK: one decides, and a second checks what
    was excluded. SHARE: that share of the reports is decided by two, the others by one. LATEST: the last decision
    holds, whoever made it, as up to file version 4."""

    ONE = "one"
    TWO = "two"
    SECOND_CHECK = "second-check"
    SHARE = "share"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Rule:
    """``share`` (0 to 1) is that of the reports which SHARE has decided by two."""

    kind: RuleKind = RuleKind.ONE
    share: float = 0.0

    @property
    def independent(self) -> bool:
        """Whether a reviewer is to decide without knowing what the others did."""
        return self.kind in (RuleKind.TWO, RuleKind.SECOND_CHECK, RuleKind.SHARE)


class OutcomeState(StrEnum):
    """SETTLED: a choice holds. WAITING: a second reviewer has to decide. CONFLICT: the reviewers differ."""

    SETTLED = "settled"
    WAITING = "waiting"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Vote:
    """What one reviewer decides on one report, or an adjudicator, the last time: ``order`` is that of the act."""

    reviewer: str
    choice: Choice
    reason: str
    at: str
    order: tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """``vote`` is the one that holds, None while there is none. ``order`` is that of the last act that it follows
    from."""

    state: OutcomeState
    vote: Vote | None
    order: tuple[int, str, int]


def derive(
    rule: Rule,
    votes: Sequence[Vote],
    adjudication: Vote | None = None,
    drawn: bool = False,
    reasons: Sequence[str] = (),
    differing: bool = False,
) -> Outcome | None:
    """The outcome of one report at one stage; None where nobody has said anything.

    ``votes`` holds at most one for each reviewer; ``drawn`` says that it is of the share which two decide;
    ``differing`` that a reviewer had decided its records differently before they were one report, and not since. An
    adjudication holds until it is taken back. Where reviewers agree to exclude, the reason counts that comes first in
    the review's own order of ``reasons``; of those that are not in it, the one that was given first.
    """
    last = max((vote.order for vote in (*votes, *([adjudication] if adjudication else []))), default=None)
    if last is None:
        return None
    if adjudication is not None:
        return Outcome(OutcomeState.SETTLED, adjudication, last)
    by_time = sorted(votes, key=lambda vote: vote.order)
    if rule.kind is RuleKind.LATEST:
        return Outcome(OutcomeState.SETTLED, by_time[-1], last)
    if differing or len({vote.choice for vote in by_time}) > 1:
        return Outcome(OutcomeState.CONFLICT, None, last)
    if len(by_time) < _needed(rule, by_time[0].choice, drawn):
        return Outcome(OutcomeState.WAITING, None, last)
    return Outcome(OutcomeState.SETTLED, _with_first_reason(by_time, reasons), last)


@dataclass(frozen=True, slots=True)
class Said:
    """A decision or an adjudication (``reviewer`` None) that holds: on which record, when by the log's clock, and of
    which records it was said, ``over``."""

    record: tuple[str, int]
    reviewer: str | None
    clock: int
    over: frozenset[tuple[str, int]]


def differ_by_one(votes: Mapping[tuple[str, int], Vote], said: Iterable[Said], formed: int) -> bool:
    """Whether one reviewer had decided the records of a report differently (``votes``, by record) before they were one,
    at the clock ``formed``, and nothing that was ``said`` on the report since was about all of them."""
    if len({vote.choice for vote in votes.values()}) < 2 or max(vote.order[0] for vote in votes.values()) > formed:
        return False
    whose = next(iter(votes.values())).reviewer
    later = [one for one in said if one.reviewer in (None, whose)]
    standing = {
        vote.choice
        for record, vote in votes.items()
        if not any(one.clock > vote.order[0] and record in one.over for one in later)
    }
    return len(standing) > 1


def combine_choices(abstract: str, fulltext: str) -> str:
    """What the choices that hold at both stages come to for a report: include, exclude, or "" while that is open."""
    if abstract == Choice.INCLUDE:
        return "" if fulltext == Choice.MAYBE else fulltext
    return abstract if abstract == Choice.EXCLUDE else ""


def _with_first_reason(by_time: Sequence[Vote], reasons: Sequence[str]) -> Vote:
    given = [vote for vote in by_time if vote.reason]
    if not given:
        return by_time[0]
    place = {reason: number for number, reason in reversed(list(enumerate(reasons)))}
    return min(given, key=lambda vote: place.get(vote.reason, len(reasons)))


def is_drawn(rule: Rule, records: Iterable[tuple[str, int]]) -> bool:
    """Whether a report is of the share that two decide. ``records`` are its records, by source and number, so that
    every copy of the review draws the same."""
    if rule.kind is not RuleKind.SHARE:
        return False
    source, number = min(records)
    found = hashlib.sha256(f"{source} {number}".encode()).digest()[:_HASHED_BYTES]
    return int.from_bytes(found) < int(rule.share * 2 ** (8 * _HASHED_BYTES))


def _needed(rule: Rule, choice: Choice, drawn: bool) -> int:
    """How many reviewers must say ``choice`` so that it holds."""
    if rule.kind is RuleKind.TWO or drawn:
        return 2
    return 2 if rule.kind is RuleKind.SECOND_CHECK and choice is Choice.EXCLUDE else 1

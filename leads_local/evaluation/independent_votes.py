"""What each reviewer decided before they could see what another did: the votes that agreement is measured on.

Votes that stand now are not these. Who differs talks, changes a vote or is overruled, and in the end all agree; an
agreement of such votes says nothing of the criteria. So the log is gone through in its order, and of two reviewers the
votes count that they held at the first moment at which both held one on the report. Nothing later changes this pair: no
change of mind, no undo, no adjudication, and no reviewer who joins. Of each, that was their last vote until then; what
they had taken back before is none. A slip of the second that is put right at once counts as the slip, since by then the
first's vote could be seen; otherwise whoever differs could call it a slip.

Who votes after an adjudication has seen it: such a vote makes no pair. Where the stage's rule hid nothing (one reviewer
decides, or the last decision holds), the second may have seen the first's vote, and who gives the second check knows
that the first excluded: the pair counts, and is known as ``seen``.

Votes of copies that were brought together are in the log's one order, which may call a vote later than it was made. So
a vote that was changed in one copy, unseen by the other, may count as it was before; in every copy it is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeVar

from leads_local.records import Choice, Stage
from leads_local.review.acts import Act, ActKind, ActName
from leads_local.review.outcomes import RuleKind

Names = tuple[str, str]
"""Two reviewers, in the order of their names."""
_HIDING = (RuleKind.TWO, RuleKind.SHARE)  # by these a second reviewer knows nothing of what the first did
_Order = tuple[int, str, int]
_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True)
class PairOfVotes:
    """``seen``: by the rule of that time the second to vote could know the first's vote."""

    one: Choice
    other: Choice
    seen: bool


@dataclass(slots=True)
class ReportVotes:
    """The independent votes on one report. ``own``: of each reviewer the vote that they held when first another held
    one, too, or the report was adjudicated, and else the one that they hold now. ``late``: who both voted, but not
    before an adjudication."""

    pairs: dict[Names, PairOfVotes] = field(default_factory=dict)
    own: dict[str, Choice] = field(default_factory=dict)
    late: set[Names] = field(default_factory=set)


def find_votes(acts: Iterable[tuple[Act, int]], stage: Stage, heads: Mapping[int, int]) -> dict[int, ReportVotes]:
    """The independent votes on each report at ``stage``, by its head. ``acts``: all that decide, adjudicate, set rules
    or revoke, each with its record, in the order of the log. ``heads``: the head of each record."""
    reports: dict[int, _Report] = {}
    rules: dict[_Order, RuleKind] = {}
    for changed in _moments(acts):
        touched: set[int] = set()
        for act, record, holds in changed:
            if act.kind == ActKind.RULE and act.subject_parts() == [stage]:
                _put(rules, act, RuleKind(act.said_parts()["kind"]), holds)
            elif act.kind in (ActKind.DECIDE, ActKind.ADJUDICATE) and act.subject_parts()[2] == stage:
                head = heads[record]
                reports.setdefault(head, _Report()).take(act, holds)
                touched.add(head)
        hidden = bool(rules) and rules[max(rules)] in _HIDING
        for head in touched:
            reports[head].look(seen=not hidden)
    return {head: report.finish() for head, report in reports.items()}


def _moments(acts: Iterable[tuple[Act, int]]) -> Iterator[list[tuple[Act, int, bool]]]:
    """For each act in turn, which acts come to hold by it (itself first) or hold no longer."""
    gestures: dict[tuple[str, int], list[tuple[Act, int]]] = {}
    revoking: dict[ActName, set[ActName]] = {}

    def follow(by: Act, holds: bool) -> Iterator[tuple[Act, int, bool]]:
        session, gesture = by.subject_parts()
        for act, record in gestures.get((session, gesture), ()):
            held = not revoking.get(act.name)
            named = revoking.setdefault(act.name, set())
            (named.add if holds else named.discard)(by.name)
            if held == bool(named):
                yield act, record, not held
                if act.kind == ActKind.REVOKE:
                    yield from follow(act, not held)

    for act, record in acts:
        changed = [(act, record, True)]
        if act.kind == ActKind.REVOKE:
            changed += follow(act, True)
        gestures.setdefault((act.name.session, act.gesture), []).append((act, record))
        yield changed


def _put(kept: dict[_Order, _Kept], act: Act, value: _Kept, holds: bool) -> None:
    if holds:
        kept[act.order] = value
    else:
        kept.pop(act.order, None)


class _Report:
    """What holds of one report while the log goes by, and what is fixed by then."""

    def __init__(self) -> None:
        self._votes: dict[str, dict[_Order, Choice]] = {}
        self._adjudications: dict[_Order, Choice] = {}
        self._adjudicated = False
        self._found = ReportVotes()

    def take(self, act: Act, holds: bool) -> None:
        """An act on it has come to hold, or holds no longer."""
        where = self._adjudications if act.kind == ActKind.ADJUDICATE else self._votes.setdefault(act.reviewer, {})
        _put(where, act, Choice(act.said_parts()["choice"]), holds)

    def look(self, seen: bool) -> None:
        """Fix what is to be fixed at this moment."""
        now = self._standing()
        for one, other in combinations(now, 2):
            if (one, other) not in self._found.pairs and self._adjudicated:
                self._found.late.add((one, other))
            elif (one, other) not in self._found.pairs:
                self._found.pairs[one, other] = PairOfVotes(now[one], now[other], seen)
        if not self._adjudicated and (len(now) > 1 or self._adjudications):
            self._found.own = now | self._found.own
        self._adjudicated = self._adjudicated or bool(self._adjudications)

    def finish(self) -> ReportVotes:
        if not self._adjudicated:
            self._found.own = self._standing() | self._found.own
        return self._found

    def _standing(self) -> dict[str, Choice]:
        """The vote that each reviewer holds now, in the order of their names."""
        return {who: self._votes[who][max(self._votes[who])] for who in sorted(self._votes) if self._votes[who]}

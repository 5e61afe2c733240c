"""Which records are of one report, by what the log says.

Why it exists: ``derivation`` asks it of all records, ``grouping`` of the few that an act is about, and both are told
the same. It knows records by their names in every copy of a review; the order in which a file got its acts changes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from leads_local.review.acts import Act, groups_told

RecordName = tuple[str, int]
Order = tuple[int, str, int]
_FIRST: Order = (0, "", 0)
SAID_SAME = "said to be the same report"
_Joining = tuple[Order, Sequence[RecordName], Sequence[str]]


@dataclass(frozen=True, slots=True)
class ReportGroups:
    """``groups``: of each record that is not alone, its group; ``reasons``: why each group is one; ``formed``: the
    clock of the act that joined it last. ``apart``: the records that were set apart from all others."""

    apart: set[RecordName]
    groups: dict[RecordName, frozenset[RecordName]]
    reasons: dict[frozenset[RecordName], tuple[str, ...]]
    formed: dict[frozenset[RecordName], int]

    def group_of(self, record: RecordName) -> frozenset[RecordName]:
        return self.groups.get(record, frozenset((record,)))


class SameReports:
    """Which records are of one report: what people say is one comes first, then what was found together; but for what
    was set apart or taken out since, and no two that people say are two come together by others."""

    def __init__(self, before: ReportGroups | None = None) -> None:
        """``before``: what the acts before have come to, where what follows is only what was found together."""
        self._before = before or ReportGroups(set(), {}, {}, {})
        self.apart: set[RecordName] = set(self._before.apart)
        self._pairs: dict[tuple[RecordName, RecordName], tuple[bool, Order]] = {}
        self._cuts: dict[RecordName, Order] = {}
        self._joined: list[_Joining] = []

    def take(self, act: Act) -> None:
        """Join what an act says was found together."""
        for records, reasons in groups_told(act):
            self.join(records, act.order, reasons)

    def join(self, records: Sequence[RecordName], order: Order, reasons: Sequence[str]) -> None:
        self._joined.append((order, records, reasons))

    def cut(self, record: RecordName, order: Order) -> None:
        """What was joined before holds for this record no longer."""
        self._cuts[record] = order

    def say_of_pair(self, one: RecordName, other: RecordName, same: bool | None, order: Order) -> None:
        """Whether the two are one report; None: it is not said any more."""
        self._pairs.pop((one, other), None)
        if same is not None:
            self._pairs[one, other] = (same, order)
        if same:
            self.apart -= {one, other}

    def set_apart(self, record: RecordName, apart: bool, order: Order) -> None:
        (self.apart.add if apart else self.apart.discard)(record)
        if apart:
            self.cut(record, order)

    def reached_from(self, records: Iterable[RecordName]) -> set[RecordName]:
        """These records and all that may be together with one of them: by however many steps, of what was ever
        joined."""
        reached, left = set(records), [one for _, one, _ in self._said_together()]
        while touched := [one for one in left if not reached.isdisjoint(one)]:
            left = [one for one in left if reached.isdisjoint(one)]
            reached.update(*touched)
        return reached

    def _said_together(self) -> list[_Joining]:
        said = [(order, pair, (SAID_SAME,)) for pair, (same, order) in self._pairs.items() if same]
        return [*said, *self._joined]

    def tell(self, among: set[RecordName] | None = None) -> ReportGroups:
        """The groups, or those of the records ``among`` which are all that can be reached from any of them
        (``reached_from``)."""
        members: dict[RecordName, _Joined] = {}
        for group, why in self._before.reasons.items():
            stands = _Joined(set(group), dict.fromkeys(why), self._before.formed[group])
            members.update(dict.fromkeys(group, stands))
        different = self._different()
        for order, records, reasons in self._said_together():
            if among is not None and among.isdisjoint(records):
                continue
            alive = [one for one in records if one not in self.apart and self._cuts.get(one, _FIRST) <= order]
            if len(alive) < 2:
                continue
            for whole in _joined(alive, members, different):
                whole.reasons.update(dict.fromkeys(reasons))
                whole.clock = max(whole.clock, order[0])
                members.update((one, whole) for one in whole.records)
        made = {id(whole): frozenset(whole.records) for whole in members.values()}
        return ReportGroups(
            self.apart,
            {one: made[id(whole)] for one, whole in members.items()},
            {made[id(whole)]: tuple(whole.reasons) for whole in members.values()},
            {made[id(whole)]: whole.clock for whole in members.values()},
        )

    def _different(self) -> dict[RecordName, set[RecordName]]:
        """Of each record those that people say are other reports."""
        found: dict[RecordName, set[RecordName]] = {}
        for (one, other), (same, _) in self._pairs.items():
            if not same:
                found.setdefault(one, set()).add(other)
                found.setdefault(other, set()).add(one)
        return found


def _joined(
    alive: Sequence[RecordName], members: Mapping[RecordName, _Joined], different: Mapping[RecordName, set[RecordName]]
) -> list[_Joined]:
    """These records with all that they are together with, as one. Where people say that some are two, in several parts:
    a record then goes where nothing else is possible, and one that may be of several parts is left as it is."""
    known = {id(one): one for one in map(members.get, alive) if one is not None}
    whole = _Joined.of(known.values())
    whole.records.update(alive)
    if different.keys().isdisjoint(whole.records):
        return [whole]
    own = known | {id(one): one for one in (_Joined({record}, {}) for record in alive if record not in members)}
    against = {key: _told_apart(one.records, different) & whole.records for key, one in own.items()}
    if not any(against.values()):
        return [whole]
    parts: list[list[_Joined]] = []
    for key, one in own.items():
        if against[key]:
            fit = [part for part in parts if all(against[key].isdisjoint(other.records) for other in part)]
            if len(fit) == 1:
                fit[0].append(one)
            elif not fit:
                parts.append([one])
    return [_Joined.of(part) for part in parts if len(part) > 1]


def _told_apart(records: Iterable[RecordName], different: Mapping[RecordName, set[RecordName]]) -> set[RecordName]:
    """What people say are other reports than any of these records."""
    return {other for record in records for other in different.get(record, ())}


@dataclass(slots=True)
class _Joined:
    records: set[RecordName]
    reasons: dict[str, None]
    clock: int = 0

    @classmethod
    def of(cls, parts: Iterable[_Joined]) -> _Joined:
        whole = cls(set(), {})
        for part in parts:
            whole.records |= part.records
            whole.reasons.update(part.reasons)
            whole.clock = max(whole.clock, part.clock)
        return whole

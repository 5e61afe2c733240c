"""Duplicates: records of the same report are grouped behind one of them, explained, and can be taken apart again.

Invariants. A group that was found stays when more is imported and grouping runs again; it may only grow: where the new
records would make the comparison take it apart, it is left as it is and they are left out of it. A record that a person
has set apart is never grouped again until that is taken back. Nothing that was said of a record moves or is lost (see
``store.groups``). Running twice changes nothing the second time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from leads_local.errors import InputError, ReviewError
from leads_local.records import Progress
from leads_local.review import standing
from leads_local.review.act_log import ActLog
from leads_local.review.acts import ActKind, ActName, canonical, groups_said
from leads_local.review.database import Database
from leads_local.review.read_models import DedupeReport, FoundGroup, OpenDoubt
from leads_local.review.store import acts, citations, compared, events, groups, pairs
from leads_local.review.store.groups import GroupedRecord

if TYPE_CHECKING:
    from leads_local.citations.comparing import Features

_OF_REPORTS = frozenset(
    {
        *(ActKind.DECIDE, ActKind.ADJUDICATE, ActKind.VERIFY, ActKind.RETRIEVAL),
        *(ActKind.NOTE, ActKind.TAG),
        ActKind.PRIORITY,
    }
)
"""What is said of a report and changes neither what its records say nor what belongs together."""
_MANY = 3000  # records, whose comparison takes longer than others should wait for


@dataclass(frozen=True, slots=True)
class _WantedGroup:
    records: tuple[int, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """What comes of what is ``new`` at a ``moment``: groups that are new or have grown, and pairs of records, the
    lesser first, that may be one report; by which keys each record is found again."""

    moment: tuple[int, int]
    new: set[int]
    groups: Sequence[_WantedGroup]
    doubts: Sequence[tuple[int, int]]
    keys: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is compared: ``new`` records with each other and with all others here, which are those like them and all of
    their groups. ``members``: of the groups that these records are in, also what has left the review. ``folded``: each
    record that is in it, but for those that are nobody's duplicates."""

    moment: tuple[int, int]
    new: set[int]
    members: Sequence[GroupedRecord]
    folded: Mapping[int, Features]
    stored: Mapping[int, groups.StoredGroup]
    said: Mapping[tuple[int, int], bool]


def group_duplicates(
    db: Database, log: ActLog, progress: Callable[[Progress], None] | None = None, *, anew: bool = False
) -> DedupeReport:
    """Group the duplicates among all records: what was not compared yet is compared with what is like it, or ``anew``
    all is. What takes long is done without holding the file's write lock."""
    from leads_local.citations.duplicates import RULES  # and rapidfuzz, which no other work on a review needs

    if anew:
        with db.transaction():
            compared.forget_all(db)
    while True:
        found = _find(db, RULES, progress)
        with db.transaction():
            if compared.moment(db) != found.moment:
                continue  # someone imported, grouped or separated meanwhile
            before = pairs.doubts(db) if found.doubts else set()
            doubts = [pair for pair in found.doubts if pair not in before]
            if found.groups or doubts:
                told = [(group.records, group.reasons) for group in found.groups]
                concerned = [
                    *(one for records, _ in told for one in records),
                    *(one for pair in doubts for one in pair),
                ]
                said = groups_said(told, citations.names_of(db, concerned), doubts)
                _, act = log.write(ActKind.GROUP, canonical([]), said)
                standing.bring_up_to_date(db, [(act, 0)])
                found.new.update(concerned)
            compared.note(db, RULES, {record: found.keys[record] for record in found.new if record in found.keys})
            report = _count_groups(db)
            events.add(
                db,
                "dedupe",
                f"{report.records} records, {report.duplicates} of them duplicates in {report.groups} groups",
            )
            return report


def separate(db: Database, log: ActLog, record_id: int, others: Iterable[int] = ()) -> tuple[int, ...]:
    """Say that a record is another report than each of ``others``, or than each that it is grouped with: pairs that are
    never grouped again, by whatever else they are like. The others stay together. Inside a transaction. Returns them.

    Raises ReviewError when there is no such record, InputError when it is grouped with none and none is named.
    """
    head = _require_head(db, record_id)
    named = list(dict.fromkeys(others))
    for other in named:
        _require_head(db, other)
    rest = [one for one in named or groups.of_head(db, head) if one != record_id]
    if not rest:
        raise InputError(
            f"Record {record_id} is grouped with no other record.",
            "Name the one that it is no duplicate of, too, for instance: dedupe REVIEW --separate 3 17",
        )
    stored = groups.stored_groups(db, [head])
    with log.one_gesture():
        _say(db, log, {(record_id, other): False for other in rest})
        if not named:
            _keep_together(db, log, rest, stored[head].reasons)
    events.add(db, "separate", f"record {record_id} set apart from {', '.join(map(str, rest))}")
    return tuple(rest)


def _keep_together(db: Database, log: ActLog, records: Sequence[int], reasons: Sequence[str]) -> None:
    """Have these stay one report though the one that was set apart had brought them together."""
    if len(groups.heads_of(db, records)) > 1:
        said = groups_said([(records, reasons)], citations.names_of(db, records))
        _, act = log.write(ActKind.GROUP, canonical([]), said)
        standing.bring_up_to_date(db, [(act, 0)])


def join(db: Database, log: ActLog, one: int, other: int) -> tuple[int, ...]:
    """Say that two records are one report. What was said against that of the records that come together by it holds no
    longer. Inside a transaction. Returns the records that are one report now.

    Raises ReviewError when there is no such record, InputError when they are one report already, or only one is named.
    """
    heads = [_require_head(db, record) for record in (one, other)]
    if heads[0] == heads[1]:
        raise InputError(f"Records {one} and {other} are one report already.", "`dedupe --list` shows all groups.")
    halves = [groups.of_head(db, head) for head in heads]
    against = [pair for pair in product(halves[0], halves[1]) if pairs.said(db).get(pairs.ordered(*pair)) is False]
    _say(db, log, {**dict.fromkeys(against), (one, other): True})
    events.add(db, "join", f"records {one} and {other} said to be one report")
    return tuple(groups.of_head(db, citations.head(db, one)))


def rejoin(db: Database, log: ActLog, record_id: int) -> None:
    """Let a record that was set apart, with those that it is grouped with, be grouped again the next time. Inside a
    transaction. Raises ReviewError when there is no such record, InputError when it was not set apart."""
    own = set(groups.of_head(db, _require_head(db, record_id)))
    apart = [pair for pair, same in pairs.said(db).items() if not same and len(own.intersection(pair)) == 1]
    if groups.is_separate(db, record_id):  # by an earlier version, from all others
        _, act = log.write_on_record(ActKind.APART, record_id, said={"apart": False})
        standing.bring_up_to_date(db, [(act, record_id)])
    elif not apart:
        raise InputError(f"Record {record_id} was not set apart from any other.", "`show` tells of which it was.")
    _say(db, log, dict.fromkeys(apart))
    events.add(db, "rejoin", f"record {record_id} may be grouped again")


def apart_from(db: Database, head: int) -> tuple[int, ...]:
    """The records of which it was said that a record of this group is another report, and which are."""
    own = set(groups.of_head(db, head))
    found = {other for pair, same in pairs.said(db).items() if not same for other in set(pair) - own if set(pair) & own}
    return tuple(sorted(found))


class OpenDoubts:
    """The pairs of reports of which a person has to say whether they are one, remembered until something is done that
    may change them: each is compared as it is now, which takes seconds where there are thousands."""

    def __init__(self) -> None:
        self._known: tuple[ActName | None, list[OpenDoubt]] | None = None

    def read(self, db: Database) -> list[OpenDoubt]:
        """As ``open_doubts``."""
        last = acts.last_but_of(db, _OF_REPORTS)
        if self._known is None or self._known[0] != last:
            self._known = last, open_doubts(db)
        return list(self._known[1])


def open_doubts(db: Database) -> list[OpenDoubt]:
    """The pairs of reports of which a person has to say whether they are one, with the reason as it is now: one for
    each two, by their records."""
    known = pairs.doubts(db)
    if not known:
        return []
    from leads_local.citations import duplicates  # and rapidfuzz, which no other work on a review needs

    heads = groups.head_of(db, sorted({record for pair in known for record in pair}))
    said = [pair for pair, same in pairs.said(db).items() if not same]
    apart_heads = groups.head_of(db, sorted({record for pair in said for record in pair}))
    answered = {frozenset(apart_heads.get(record, 0) for record in pair) for pair in said}
    texts = citations.read_many(db, sorted({record for pair in known for record in pair}))
    found: dict[frozenset[int], OpenDoubt] = {}
    for one, other in sorted(known):
        reports = frozenset((heads.get(one, 0), heads.get(other, 0)))
        if len(reports) == 1 or reports in answered or reports in found or not {one, other} <= texts.keys():
            continue
        if reason := duplicates.why_in_doubt(texts[one], texts[other]):
            found[reports] = OpenDoubt(one, other, reason)
    return list(found.values())


def found_groups(db: Database) -> list[FoundGroup]:
    """The groups that have two records of the review or more."""
    present: dict[int, list[int]] = {}
    for member in groups.members(db, list(stored := groups.stored_groups(db))):
        if not member.absent:
            present.setdefault(member.head, []).append(member.id)
    return [
        FoundGroup(head, tuple(records), stored[head].reasons)
        for head, records in sorted(present.items())
        if len(records) > 1
    ]


def _say(db: Database, log: ActLog, said: Mapping[tuple[int, int], bool | None]) -> None:
    """Say of pairs of records, as one gesture, whether they are one report; None: that it is not said any more."""
    names = citations.names_of(db, sorted({record for pair in said for record in pair}))
    told = []
    for pair, same in said.items():
        first, second = sorted(pair, key=lambda record: names[record])
        told.append((first, canonical(list(names[second])), {"same": same}))
    with log.one_gesture():
        standing.bring_up_to_date(db, log.write_on_records(ActKind.PAIR, told))


def _require_head(db: Database, record_id: int) -> int:
    head = citations.head(db, record_id)
    if not head:
        raise ReviewError(f"{db.path}: there is no record {record_id}.", "Choose a record of this review.")
    return head


def _find(db: Database, rules: int, progress: Callable[[Progress], None] | None) -> _Found:
    """Compare what was not compared yet. What is read for that, a gigabyte of many records, is let go with it."""
    from leads_local.citations import duplicates

    with duplicates.collecting_nothing():
        return _compare(_read(db, rules), progress)


def _read(db: Database, rules: int) -> _Known:
    """What is to be compared: of many records out of a copy, so that others can write meanwhile."""
    with contextlib.ExitStack() as opened:
        if compared.count_waiting(db, rules) > _MANY:
            db = opened.enter_context(contextlib.closing(db.copied()))
        else:
            opened.enter_context(db.snapshot())
        moment, waiting = compared.moment(db), compared.waiting(db, rules)
        folded = _fold(db, waiting)
        folded |= _fold(db, _like(db, folded) - folded.keys())
        heads = groups.heads_of(db, sorted(folded))
        members = groups.members(db, heads)
        folded |= _fold(db, {member.id for member in members if not member.separate} - folded.keys())
        for member in members:
            if member.separate:
                folded.pop(member.id, None)
        ordered = dict(sorted(folded.items()))
        return _Known(moment, set(waiting), members, ordered, groups.stored_groups(db, heads), pairs.said(db))


def _fold(db: Database, records: Iterable[int]) -> dict[int, Features]:
    """These records of the review, as they are compared."""
    from leads_local.citations import duplicates

    texts = citations.read_many(db, sorted(records))
    return dict(zip(texts, duplicates.fold(texts.values()), strict=True))


def _like(db: Database, folded: Mapping[int, Features]) -> set[int]:
    """The records that were compared before and may be like these."""
    from leads_local.citations import duplicates

    known = list(compared.keys(db)) if folded else []
    return set(duplicates.share_keys(duplicates.keys_of(folded.values()), known)) if known else set()


def _compare(known: _Known, progress: Callable[[Progress], None] | None) -> _Found:
    """The groups that are new or have grown, and the pairs that a person has to look at."""
    from leads_local.citations import duplicates

    members, said, folded, stored = known.members, known.said, known.folded, known.stored
    head_of = {member.id: member.head for member in members}
    whole: dict[int, list[int]] = {}
    for member in members:
        whole.setdefault(member.head, []).append(member.id)
    ids, place = list(folded), {record: index for index, record in enumerate(folded)}
    first = {head: next((place[one] for one in records if one in place), -1) for head, records in whole.items()}
    together = [[place[record] for record in records if record in place] for records in whole.values()]
    apart = {
        (first[head_of[one]], first[head_of[other]])
        for (one, other), same in said.items()
        if not same and one in head_of and other in head_of and head_of[one] != head_of[other]
    }
    found = duplicates.find(
        list(folded.values()),
        progress,
        together=[known for known in together if len(known) > 1],
        apart=sorted(pair for pair in apart if min(pair) >= 0),
        new={place[record] for record in known.new if record in place},
    )
    wanted = []
    for group in found.groups:
        heads = dict.fromkeys(head_of[ids[member]] for member in group.members)
        if len(heads) > 1:
            reasons = [reason for head in heads if head in stored for reason in stored[head].reasons]
            records = sorted(record for head in heads for record in whole[head])
            wanted.append(_WantedGroup(tuple(records), tuple(dict.fromkeys([*reasons, *group.reasons]))))
    doubts = [(ids[doubt.one], ids[doubt.other]) for doubt in found.doubts]
    return _Found(known.moment, known.new, wanted, doubts, dict(zip(ids, found.keys, strict=True)))


def _count_groups(db: Database) -> DedupeReport:
    records, number, doubles = groups.count(db)
    conflicts = sorted(groups.stored_groups(db, groups.conflicting_heads(db)))
    return DedupeReport(records, number, doubles, tuple(conflicts), len(open_doubts(db)))

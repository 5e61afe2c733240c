"""Which records are of one report, as the table of groups has it: brought to what the log says after an act about that,
and from the whole log where that has grown from elsewhere.

Why it exists: who finds duplicates, sets a record apart, links a PDF, or takes one of these back, only writes the act;
members, reasons and age of a group then follow from the log alone, in the words of ``same_reports``. After an act only
the groups are looked at that its records are in, by the table or by the log: no other can have changed.

Which record shows for a group is this file's choice (``heads``), of which the log knows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from leads_local.review import derivation, heads
from leads_local.review.acts import Act, ActKind, doubts_said, groups_told, pair_of
from leads_local.review.database import Database
from leads_local.review.derivation import State
from leads_local.review.same_reports import RecordName, ReportGroups, SameReports
from leads_local.review.store import acts, citations, compared, documents, groups, pairs
from leads_local.review.store.groups import GroupedRecord, StoredGroup

_SAYING = (ActKind.GROUP, ActKind.APART, ActKind.PAIR, ActKind.LINK, ActKind.ATTACH)


@dataclass(frozen=True, slots=True)
class _Group:
    """Why its records are of one report, and the clock of the act that joined it last."""

    records: tuple[int, ...]
    reasons: tuple[str, ...]
    clock: int


def follow(db: Database, told: Iterable[tuple[Act, int]]) -> set[int]:
    """Bring the groups that these acts are about to what the log says. Returns the records whose group has changed.
    Inside a transaction."""
    named: set[RecordName] = set()
    changed = [act for act, _ in told]
    for act in changed:
        named |= _records_named(db, act)
    if not named:
        return set()
    found_last = len(changed) == 1 and changed[0].kind == ActKind.GROUP and changed[0].clock == acts.highest_clock(db)
    state, numbers = _with_found(db, changed[0], named) if found_last else _with_their_groups(db, named)
    compared.forget(db, [numbers[name] for name in named if name in numbers])
    members = groups.members(db, groups.heads_of(db, sorted(numbers.values())))
    follows = []
    for group in {state.groups[name] for name in numbers.keys() & state.groups.keys()}:
        records = tuple(sorted(numbers[name] for name in group if name in numbers))
        follows.append(_Group(records, state.reasons[group], state.formed[group]))
    return _replace(db, members, {numbers[name] for name in numbers.keys() & state.apart}, follows)


def rebuild(db: Database, known: Sequence[Act], state: State) -> None:
    """Have the groups be those of the whole log. Which record stands for each follows from the log and the records,
    too, so that all copies show the same. Inside a transaction."""
    numbers = {name: record for record, name in citations.all_names(db).items()}
    came: dict[str, tuple[int, str, int]] = {}
    for act in sorted(known, key=lambda act: act.order):
        if act.kind in (ActKind.IMPORT, ActKind.ATTACH):
            came.setdefault(act.subject_parts()[0], act.order)
    told = {name for act in known if act.kind == ActKind.PAIR for name in pair_of(act.subject_parts())}
    compared.forget(db, [numbers[name] for name in told if name in numbers])
    members = groups.members(db)
    follows = {}
    pdfs, screened = citations.made_for_pdfs(db), groups.screened_ids(db)
    for group in set(state.groups.values()):
        oldest_first = sorted(group, key=lambda name: (came.get(name[0], (0, "", 0)), name))
        records = [numbers[name] for name in oldest_first]
        head = heads.choose(records, citations.read_many(db, records), pdfs, (), screened)
        follows[head] = _Group(tuple(sorted(records)), state.reasons[group], state.formed[group])
    stands = _standing(db, members)
    changed = {head for head in follows.keys() | stands.keys() if follows.get(head) != stands.get(head)}
    gone = [stands[head] for head in changed & stands.keys()]
    new = {head: follows[head] for head in changed & follows.keys()}
    _write(db, members, gone, {numbers[name] for name in state.apart}, new)


def _records_named(db: Database, act: Act) -> set[RecordName]:
    """The records that an act says something of that may change their groups."""
    if act.kind not in _SAYING:
        return set()
    about = act.subject_parts()
    if act.kind == ActKind.APART:
        return {(about[0], about[1])}
    if act.kind == ActKind.PAIR:
        return set(pair_of(about))
    if act.kind == ActKind.GROUP:
        doubted = {name for pair in doubts_said(act) for name in pair}
        return doubted | {name for found, _ in groups_told(act) for name in found}
    if not documents.own_record(db, about[0]):  # nothing goes along with the file
        return set()
    return {(about[0], 1), *((source, number) for source, number in act.said_parts().get("group", ()))}


def _with_found(db: Database, act: Act, named: set[RecordName]) -> tuple[ReportGroups, dict[RecordName, int]]:
    """``_with_their_groups`` for the last act of all, which has found some of these records together: what holds before
    it is what the table has, so that no earlier act is read but what people said of pairs."""
    numbers = citations.find_all_named(db, named)
    members = groups.members(db, groups.heads_of(db, sorted(numbers.values())))
    names = citations.names_of(db, [member.id for member in members])
    groups_before, reasons, formed = {}, {}, {}
    for group in _standing(db, members).values():
        whole = frozenset(names[record] for record in group.records)
        groups_before.update(dict.fromkeys(whole, whole))
        reasons[whole], formed[whole] = group.reasons, group.clock
    apart = {names[member.id] for member in members if member.separate}
    together = SameReports(ReportGroups(apart, groups_before, reasons, formed))
    for (one, other), same in pairs.said_by_name(db).items():
        if not same:
            together.say_of_pair(one, other, False, act.order)
    together.take(act)
    return together.tell(), {name: record for record, name in names.items()}


def _with_their_groups(db: Database, named: set[RecordName]) -> tuple[ReportGroups, dict[RecordName, int]]:
    """These records and all that are together with them, by the table or by the log, each with its number; and what the
    log says of their groups."""
    together = derivation.read_same_reports(act for _, act, _ in acts.holding(db, *_SAYING))
    told = together.tell(reached := together.reached_from(named))
    numbers: dict[RecordName, int] = {}
    fresh, seen = set(named), set(named)
    while fresh:
        found = citations.find_all_named(db, fresh)
        alongside = groups.of_heads(db, groups.heads_of(db, sorted(found.values())))
        names = citations.names_of(db, [record for records in alongside.values() for record in records])
        numbers |= {name: record for record, name in names.items()}
        if not reached.issuperset(numbers):  # the table has together what the log never joined
            told = together.tell(reached := together.reached_from(reached.union(numbers)))
        fresh = {other for name in names.values() for other in told.group_of(name)} - seen
        seen |= fresh
    return told, numbers


def _standing(db: Database, members: Iterable[GroupedRecord]) -> dict[int, _Group]:
    """The groups of the table that these records are, by head."""
    together: dict[int, list[int]] = {}
    for member in members:
        together.setdefault(member.head, []).append(member.id)
    stored = groups.stored_groups(db, list(together))
    return {head: _Group(tuple(together[head]), one.reasons, one.clock) for head, one in stored.items()}


def _replace(db: Database, members: Sequence[GroupedRecord], apart: set[int], follows: Sequence[_Group]) -> set[int]:
    """Have these groups be those of these records. One that keeps its records keeps its head. Returns the records of
    those that differ."""
    stands = _standing(db, members)
    kept = set(stands.values()) & set(follows)
    gone = {head: group for head, group in stands.items() if group not in kept}
    head_of = {group.records: head for head, group in gone.items()}
    concerned = [record for group in follows for record in group.records if group not in kept]
    texts = citations.read_many(db, concerned)
    pdfs, screened = citations.made_for_pdfs(db, concerned), groups.screened_ids(db, concerned)
    new = {
        head_of.get(group.records) or heads.choose(group.records, texts, pdfs, stands, screened): group
        for group in follows
        if group not in kept
    }
    return _write(db, members, list(gone.values()), apart, new)


def _write(
    db: Database,
    members: Iterable[GroupedRecord],
    gone: Sequence[_Group],
    apart: set[int],
    new: Mapping[int, _Group],
) -> set[int]:
    """Take groups apart, set those of the ``members`` apart that are to be, and form the ``new`` groups, by head.
    Returns all records whose group or place this changes."""
    changed = {record for group in (*gone, *new.values()) for record in group.records}
    groups.dissolve_groups(db, [record for group in gone for record in group.records])
    for member in members:
        if member.separate != (member.id in apart):
            groups.set_separate(db, member.id, member.id in apart)
            changed.add(member.id)
    formed = ((StoredGroup(head, group.reasons, group.clock), group.records) for head, group in new.items())
    groups.form_groups(db, formed)
    return changed

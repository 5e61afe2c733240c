"""Whether a review's log is whole, and whether what stands in the tables is what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from leads_local.records import Stage
from leads_local.review import acts as log
from leads_local.review import derivation, past_limits
from leads_local.review.acts import Act, ActKind, canonical, record_subject
from leads_local.review.database import Database
from leads_local.review.derivation import State
from leads_local.review.outcomes import Rule
from leads_local.review.same_reports import RecordName
from leads_local.review.store import (
    acts,
    annotation_rows,
    citations,
    decisions,
    documents,
    groups,
    limit_rows,
    protocol_rows,
    questions,
    sources,
    study_rows,
    update_rows,
    values,
)
from leads_local.review.store.documents import StoredLinks
from leads_local.review.store.groups import GroupedRecord

Key = TypeVar("Key")
_ON_RECORDS = (ActKind.DECIDE, ActKind.ADJUDICATE, ActKind.APART, ActKind.PAIR)


def find_breaks(db: Database) -> Iterator[str]:
    """What is wrong, a sentence's part each. ``db`` must stay as it is meanwhile."""
    stored = list(acts.stream(db))
    yield from log.find_breaks(stored)
    try:
        state = derivation.derive(act for act, _ in stored)
        yield from _compare_revoked(db, [act for act, _ in stored])
        yield from _compare(db, state)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        yield f"an act of the log can't be read: {error}"


def _compare_revoked(db: Database, known: list[Act]) -> Iterator[str]:
    follows, stands = log.revoked(known), acts.revoked_names(db)
    for name in sorted(follows ^ stands, key=lambda one: (one.session, one.number)):
        what = "is taken back" if name in follows else "holds"
        yield f"act {name.number} of session {name.session} {what} by the log, but not in the table"


def _compare(db: Database, state: State) -> Iterator[str]:
    origins = citations.all_names(db)
    for name, record in acts.misplaced(db, _ON_RECORDS):
        yield f"act {name.number} of session {name.session} is noted for record {record}, not for its own"
    members = groups.members(db)
    yield from _compare_decisions(db, state, origins)
    yield from _compare_outcomes(db, state, origins, members)
    yield from _compare_groups(db, state, origins, members)
    yield from _differences(
        "what was said of value",
        _named_values(db, values.said_rows(db)),
        state.values,
        lambda said: f"{said[0]} by {said[3] or 'nobody'}",
    )
    yield from _compare_presence(db, state, origins, members)
    for stage, rule in decisions.rules(db).items():
        if rule != (told := state.rules.get(stage, Rule())):
            yield f"the rule of the {stage} stage is {rule.kind} {rule.share:g}, by the log {told.kind} {told.share:g}"
    asked = questions.read(db)
    if any(getattr(asked, part) != text for part, text in state.question.items()):
        yield "the question is not the one that the log has"
    for scope in ("", *Stage):
        if questions.own(db, scope) != state.criteria.get(scope, ()):
            yield f"the criteria of {scope or 'both stages'} are not those that the log has"
    marked = {
        (kind, record_subject(*origins[record], about)): said
        for (kind, record, about), said in annotation_rows.all_rows(db).items()
        if record in origins
    }
    yield from _differences("the", marked, state.annotations, lambda said: f"that of {said[1] or 'nobody'}")
    if list(study_rows.labels(db).items()) != list(state.labels.items()):
        yield "what studies are called is not what the log has"
    yield from _compare_protocol(db, state, origins)
    yield from _compare_previous(db, state, origins)
    yield from _compare_package(db, origins)


def _compare_package(db: Database, origins: Mapping[int, RecordName]) -> Iterator[str]:
    """A work package holds all the records that it says that it holds."""
    there = set(origins.values())
    for act, _ in acts.of_kinds(db, [ActKind.PACKAGE]):
        told = {(source, number) for source, places in act.said_parts()["records"].items() for number in places}
        if missing := told - there:
            yield f"{len(missing)} records of the work package are missing"


def _compare_presence(
    db: Database, state: State, origins: Mapping[int, RecordName], members: Sequence[GroupedRecord]
) -> Iterator[str]:
    links = documents.all_links(db)
    for sha256 in sorted(links.keys() | state.links.keys() | state.also.keys()):
        yield from _compare_file(sha256, links.get(sha256, StoredLinks()), state, origins)
    out = {source: (one.reason, one.reviewer, one.at) for source, one in sources.withdrawals(db).items()}
    yield from _differences("the withdrawal of source", out, state.withdrawn, lambda said: f"withdrawn by {said[1]}")
    absent = sources.absent_records(db)
    for record, name in origins.items():
        if (record in absent) != state.is_absent(name):
            yield f"record {record} {'has left' if record in absent else 'is in'} the review, by the log it is not so"
    for member in members:
        if member.head in absent and member.id not in absent:
            yield f"record {member.head} has left the review and stands for record {member.id}, which is in it"


def _compare_file(sha256: str, stored: StoredLinks, state: State, origins: Mapping[int, RecordName]) -> Iterator[str]:
    stands = {origins[record]: part for record, part in stored.parts.items() if record in origins}
    follows = state.serves(sha256)
    if stands.keys() != follows.keys() or origins.get(stored.first) != state.links.get(sha256):
        yield f"the PDF {sha256[:12]} belongs to {_records(stands)}, by the log to {_records(follows)}"
        return
    pages = {name: (part.pages.first, part.pages.last) if part.pages else None for name, part in stands.items()}
    if {name: (str(part.role), pages[name]) for name, part in stands.items()} != follows:
        yield f"which of its report's files the PDF {sha256[:12]} is, or which pages of it, is not what the log has"
    if stored.ignored != (sha256 in state.ignored):
        yield f"whether the PDF {sha256[:12]} is ignored is not what the log has"


def _records(names: Iterable[RecordName]) -> str:
    return ", ".join(f"record {number} of {source[:12]}" for source, number in sorted(names)) or "no record"


def _compare_protocol(db: Database, state: State, origins: Mapping[int, RecordName]) -> Iterator[str]:
    if tuple(protocol_rows.reasons(db)) != state.exclusion:
        yield "the reasons for exclusion are not those that the log has"
    for kind, follows in ((ActKind.FORM, state.form), (ActKind.KEYWORDS, state.keywords)):
        if protocol_rows.said(db, kind) != follows:
            yield f"the {kind} is not what the log has"
    told = protocol_rows.not_retrieved(db)
    stands = {origins[record]: said for record, said in told.items() if record in origins}
    if protocol_rows.limits(db) != state.limits:
        yield "the limits are not those that the log has"
    yield from _compare_ruled_out(db, state, origins)
    yield from _differences("what was not retrieved of", stands, state.not_retrieved, lambda said: f"by {said[0]}")


def _compare_previous(db: Database, state: State, origins: Mapping[int, RecordName]) -> Iterator[str]:
    known, said = update_rows.read(db)
    for source in sorted(known ^ state.previous_sources):
        yield f"source {source[:12]} is of the review's previous version by the table or the log, not by both"
    stands = {origins[record]: choice for record, choice in said.items() if record in origins}
    follows = {record: str(choice) for record, choice in state.previous.items() if choice}
    yield from _differences("what held in the previous version of", stands, follows, str)


def _compare_ruled_out(db: Database, state: State, origins: Mapping[int, RecordName]) -> Iterator[str]:
    """Which reports limits take out before screening: those that they say no of, and that nobody has decided."""
    found = past_limits.ruled_out(state, limit_rows.imported_by_name(db))
    follows = {tuple(sorted(group)): by for group, by in found.items()}
    told, heads = limit_rows.ruled_out(db), {member.head for member in groups.members(db)}
    stands = {tuple(sorted(state.group_of(origins[head]))): by for head, by in told.items() if head in heads}
    yield from _differences("what takes out before screening the report", stands, follows, str)


def _compare_decisions(db: Database, state: State, origins: Mapping[int, RecordName]) -> Iterator[str]:
    numbers = {name: record for record, name in origins.items()}
    stands = {
        (stage, origins[record], reviewer): said
        for (stage, record, reviewer), said in decisions.decision_rows(db).items()
        if record in origins
    }
    follows = {
        (str(stage), record, reviewer): (str(vote.choice), vote.reason, vote.at, vote.order[0])
        for (stage, record, reviewer), vote in state.decisions.items()
    }
    for place in _differing(stands, follows):
        stage, record, reviewer = place
        yield (
            f"the decision of {reviewer or 'nobody'} on record {numbers.get(record, record)} at the {stage} stage "
            f"is {_first(stands.get(place))}, by its history {_first(follows.get(place))}"
        )


def _compare_outcomes(
    db: Database, state: State, origins: Mapping[int, RecordName], members: Sequence[GroupedRecord]
) -> Iterator[str]:
    numbers = {name: record for record, name in origins.items()}
    told, heads = decisions.outcome_rows(db), {member.head for member in members}
    for stage, record in told:
        if record not in heads:
            yield f"what holds at the {stage} stage is noted for record {record}, for which another stands"
    stands = {
        (Stage(stage), state.group_of(origins[head])): said for (stage, head), said in told.items() if head in origins
    }
    follows = {place: decisions.to_outcome_row(outcome) for place, outcome in state.outcomes().items()}
    for place in _differing(stands, follows):
        stage, group = place
        record = min(numbers.get(one, 0) for one in group)
        here, there = (_outcome_in_words(found.get(place)) for found in (stands, follows))
        yield f"what holds of record {record} at the {stage} stage is {here}, by the decisions {there}"


def _outcome_in_words(said: tuple[str, str, str, str, str, int] | None) -> str:
    return "nothing" if said is None else said[1] or said[0]


def _compare_groups(
    db: Database, state: State, origins: Mapping[int, RecordName], members: Sequence[GroupedRecord]
) -> Iterator[str]:
    numbers = {name: record for record, name in origins.items()}
    stands = _groups(members, origins)
    for name in _differing(stands, state.groups):
        yield f"the duplicates of record {numbers.get(name, name)} are not those that the log has"
    head_of = {member.id: member.head for member in members}
    for record, head in head_of.items():
        if head_of.get(head) != head:
            yield f"record {head} stands for record {record}, but another one for it"
    stored = groups.stored_groups(db)
    for head in sorted(stored.keys() ^ {member.head for member in members if member.head != member.id}):
        yield f"the group of record {head} has no reasons, or the reasons no group"
    for head, group in stored.items():
        if (whole := stands.get(origins.get(head, ("", 0)))) in state.reasons:
            if group.reasons != state.reasons[whole]:
                yield f"why record {head} has duplicates is not what the log has"
            if group.clock != state.formed[whole]:
                yield f"since when record {head} has its duplicates is not what the log has"
    apart = {origins[member.id] for member in members if member.separate and member.id in origins}
    for name in sorted(apart ^ state.apart):
        yield f"record {numbers.get(name, name)} is set apart by the table or the log, not by both"


def _groups(
    members: Iterable[GroupedRecord], origins: Mapping[int, RecordName]
) -> dict[RecordName, frozenset[RecordName]]:
    """Of each record that is not alone, its group."""
    by_head: dict[int, set[RecordName]] = {}
    for member in members:
        if member.id in origins:
            by_head.setdefault(member.head, set()).add(origins[member.id])
    made = [frozenset(group) for group in by_head.values() if len(group) > 1]
    return {record: group for group in made for record in group}


def _named_values(db: Database, said: Mapping[int, Any]) -> dict[str, Any]:
    return {canonical(values.name(db, value)): what for value, what in said.items()}


def _differences(
    what: str, stands: Mapping[Key, Any], follows: Mapping[Key, Any], in_words: Callable[[Any], str]
) -> Iterable[str]:
    for place in _differing(stands, follows):
        here, there = (in_words(said) if said else "nothing" for said in (stands.get(place), follows.get(place)))
        yield f"{what} {place} is {here}, by its history {there}"


def _differing(stands: Mapping[Key, Any], follows: Mapping[Key, Any]) -> list[Key]:
    """The places at which something else stands than follows, in an order. Only these are ordered: of 300,000 most
    agree."""
    return sorted((one for one in stands.keys() | follows.keys() if stands.get(one) != follows.get(one)), key=repr)


def _first(said: tuple[str, str, str, int] | None) -> str:
    return said[0] if said else "none"

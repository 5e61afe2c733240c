"""Whether a review's log is whole, and whether what stands in the tables is what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from leads_local.records import Stage
from leads_local.review import acts as log
from leads_local.review import derivation
from leads_local.review.acts import Act, ActKind, canonical
from leads_local.review.database import Database
from leads_local.review.derivation import RecordName, State
from leads_local.review.store import acts, citations, decisions, documents, groups, protocol_rows, questions, values

Key = TypeVar("Key")


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
    follows, stands = set(log.revoked(known)), acts.revoked_names(db)
    for name in sorted(follows ^ stands, key=lambda one: (one.session, one.number)):
        what = "is taken back" if name in follows else "holds"
        yield f"act {name.number} of session {name.session} {what} by the log, but not in the table"


def _compare(db: Database, state: State) -> Iterator[str]:
    origins = citations.all_names(db)
    yield from _compare_decisions(db, state, origins)
    yield from _compare_groups(db, state, origins)
    yield from _differences(
        "what was said of value",
        _named_values(db, values.said_rows(db)),
        state.values,
        lambda said: f"{said[0]} by {said[3] or 'nobody'}",
    )
    links = {sha256: origins[record] for sha256, record in documents.links(db).items() if record in origins}
    here = {record: frozenset(group) for record, group in _groups(db, origins).items()}
    for sha256 in sorted(links.keys() | state.links.keys()):
        stands, follows = links.get(sha256), state.links.get(sha256)
        if stands != follows and (stands is None or follows not in here.get(stands, frozenset((stands,)))):
            yield f"the PDF {sha256[:12]} belongs to {stands or 'no record'}, by the log to {follows or 'none'}"
    asked = questions.read(db)
    if any(getattr(asked, part) != text for part, text in state.question.items()):
        yield "the question is not the one that the log has"
    for scope, criteria in state.criteria.items():
        if questions.own(db, scope) != criteria:
            yield f"the criteria of {scope or 'both stages'} are not those that the log has"
    yield from _compare_protocol(db, state, origins)


def _compare_protocol(db: Database, state: State, origins: Mapping[int, RecordName]) -> Iterator[str]:
    if tuple(protocol_rows.reasons(db)) != state.exclusion:
        yield "the reasons for exclusion are not those that the log has"
    for kind, follows in ((ActKind.FORM, state.form), (ActKind.KEYWORDS, state.keywords)):
        if protocol_rows.said(db, kind) != follows:
            yield f"the {kind} is not what the log has"
    told = protocol_rows.not_retrieved(db)
    stands = {origins[record]: said for record, said in told.items() if record in origins}
    yield from _differences("what was not retrieved of", stands, state.not_retrieved, lambda said: f"by {said[0]}")


def _compare_decisions(db: Database, state: State, origins: Mapping[int, RecordName]) -> Iterator[str]:
    numbers = {name: record for record, name in origins.items()}
    stands = {
        (stage, origins[record], reviewer): said
        for (stage, record, reviewer), said in decisions.decision_rows(db).items()
        if record in origins
    }
    follows = {
        (str(stage), record, reviewer): (str(vote.choice), vote.reason, vote.at)
        for (stage, record, reviewer), vote in state.decisions.items()
    }
    for place in sorted(stands.keys() | follows.keys()):
        if stands.get(place) != follows.get(place):
            stage, record, reviewer = place
            yield (
                f"the decision of {reviewer or 'nobody'} on record {numbers.get(record, record)} at the {stage} stage "
                f"is {_first(stands.get(place))}, by its history {_first(follows.get(place))}"
            )
    yield from _compare_outcomes(db, state, origins, numbers)


def _compare_outcomes(
    db: Database, state: State, origins: Mapping[int, RecordName], numbers: Mapping[RecordName, int]
) -> Iterator[str]:
    stands = {
        (Stage(stage), state.group_of(origins[head])): said
        for (stage, head), said in decisions.outcome_rows(db).items()
        if head in origins
    }
    follows = {}
    for place, outcome in state.outcomes().items():
        vote = outcome.vote
        holds = (str(vote.choice), vote.reason, vote.reviewer, vote.at) if vote is not None else ("", "", "", "")
        follows[place] = (str(outcome.state), *holds)
    for place in stands.keys() | follows.keys():
        if stands.get(place) != follows.get(place):
            stage, group = place
            record = min(numbers.get(one, 0) for one in group)
            told = (_outcome_in_words(found.get(place)) for found in (stands, follows))
            yield "what holds of record {} at the {} stage is {}, by the decisions {}".format(record, stage, *told)


def _outcome_in_words(said: tuple[str, ...] | None) -> str:
    return "nothing" if said is None else said[1] or said[0]


def _compare_groups(db: Database, state: State, origins: Mapping[int, RecordName]) -> Iterator[str]:
    numbers = {name: record for record, name in origins.items()}
    stands = _groups(db, origins)
    for record in sorted(stands.keys() | state.groups.keys()):
        if stands.get(record) != state.groups.get(record):
            yield f"the duplicates of record {numbers.get(record, record)} are not those that the log has"
    apart = {origins[member.id] for member in groups.members(db) if member.separate and member.id in origins}
    for record in sorted(apart ^ state.apart):
        yield f"record {numbers.get(record, record)} is set apart by the table or the log, not by both"


def _groups(db: Database, origins: Mapping[int, RecordName]) -> dict[RecordName, frozenset[RecordName]]:
    """Of each record that is not alone, its group."""
    by_head: dict[int, set[RecordName]] = {}
    for member in groups.members(db):
        if member.id in origins:
            by_head.setdefault(member.head, set()).add(origins[member.id])
    made = [frozenset(group) for group in by_head.values() if len(group) > 1]
    return {record: group for group in made for record in group}


def _named_values(db: Database, said: Mapping[int, Any]) -> dict[str, Any]:
    return {canonical(values.name(db, value)): what for value, what in said.items()}


def _differences(
    what: str, stands: Mapping[Key, Any], follows: Mapping[Key, Any], in_words: Callable[[Any], str]
) -> Iterable[str]:
    for place in sorted(stands.keys() | follows.keys(), key=repr):
        if stands.get(place) != follows.get(place):
            here, there = (in_words(said) if said else "nothing" for said in (stands.get(place), follows.get(place)))
            yield f"{what} {place} is {here}, by its history {there}"


def _first(said: tuple[str, ...] | None) -> str:
    return said[0] if said else "none"

"""What the log of a work package begins with: of each register of the review what the last act on it says, as an act of
the package's own first session, in the order and under the names in which it was said.

Pure: acts in, acts out. Why it exists: a part of a log is no log, since its sessions would have gaps, and it would tell
what the package's reviewer is not to know. So what she needs is said again, and the rest is not in the file at all.
What is said again is never merged into the review, which has the acts themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leads_local.records import Stage
from leads_local.review import derivation
from leads_local.review.acts import Act, ActKind, ActName, canonical, last_on_pdf, pair_of, record_subject, revoked
from leads_local.review.derivation import State
from leads_local.review.outcomes import OutcomeState
from leads_local.review.same_reports import RecordName

_PROTOCOL = frozenset(
    {
        *(ActKind.CREATE, ActKind.QUESTION, ActKind.CRITERIA, ActKind.RULE, ActKind.REASONS, ActKind.FORM),
        *(ActKind.KEYWORDS, ActKind.LOCK),
    }
)
_ON_PDF = frozenset({ActKind.ATTACH, ActKind.LINK})
_ON_RECORD = frozenset(
    {*(ActKind.TAG, ActKind.PRIORITY, ActKind.CORRECT, ActKind.RETRIEVAL), *(ActKind.STUDY, ActKind.DISTINCT)}
)
SAID_AGAIN = frozenset(
    {
        *(
            *_PROTOCOL,
            *_ON_PDF,
            *_ON_RECORD,
            ActKind.IMPORT,
            ActKind.WITHDRAW,
            ActKind.GROUP,
            ActKind.APART,
            ActKind.PAIR,
        ),
        *(ActKind.DECIDE, ActKind.ADJUDICATE, ActKind.NOTE, ActKind.VERIFY, ActKind.ALSO, ActKind.LABEL),
        *(ActKind.LIMITS, ActKind.DESCRIBE),
    }
)
"""The kinds of what is said again, as far as it may be known. Of the others none is in a package: what was taken back
is not said, nor what packages there are, nor that the review was continued as an update, which is told by what others
decided before."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What goes into a package: ``records``, whole groups; ``pdfs`` by their SHA-256; ``values``: the record of each
    by the canonical JSON of its name. ``reviewer``: for whom; ``stage``: what she is to decide; ``decisions``: whether
    she sees what the others decided, and why."""

    records: frozenset[RecordName]
    pdfs: frozenset[str]
    values: Mapping[str, RecordName]
    reviewer: str
    stage: Stage
    decisions: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """Something that is said again; ``clock`` is when it was said by the review's log, ``record`` what it is about."""

    clock: int
    kind: ActKind
    subject: str
    said: Mapping[str, Any]
    reviewer: str = ""
    at: str = ""
    record: RecordName | None = None


def restate(acts: Iterable[Act], wanted: Wanted) -> list[Said]:
    """What of a review's log is said again, in its order."""
    known = list(acts)
    gone, state = revoked(known), derivation.derive(known)
    holding = sorted((act for act in known if act.name not in gone), key=lambda act: act.order)
    told = [
        *_protocol(holding),
        *_last_of_each(_on_records(holding, wanted, state)),
        *_pdfs(holding, wanted),
        *_groups(state, wanted),
        *(() if wanted.decisions else _what_held(state, wanted)),
    ]
    return sorted(told, key=lambda one: (one.clock, one.kind is ActKind.GROUP))


def name_acts(session: str, told: Sequence[Said]) -> list[Act]:
    """The acts in one chain; each is a gesture of its own."""
    made: list[Act] = []
    for number, one in enumerate(told, start=1):
        before = made[-1].hash if made else ""
        name, said = ActName(session, number), canonical(one.said)
        made.append(Act(name, one.clock, number, one.kind, one.subject, said, one.reviewer, one.at, before))
    return made


def _again(act: Act, record: RecordName | None = None, said: Mapping[str, Any] | None = None) -> Said:
    told = act.said_parts() if said is None else said
    return Said(act.clock, ActKind(act.kind), act.subject, told, act.reviewer, act.at, record)


def _protocol(holding: Sequence[Act]) -> Iterator[Said]:
    """All that holds, not only what was said last: how the protocol came about is nobody's secret."""
    yield from (_again(act) for act in holding if act.kind in _PROTOCOL)
    yield from (_again(act, said=_only_telling(act.said_parts())) for act in holding if act.kind == ActKind.LIMITS)


def _only_telling(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Limits that take nothing out before screening: all that is in a package was put there to be decided, also what
    another reviewer, of whom it doesn't tell, has taken in again."""
    return {"limits": [{**one, "excludes": False} for one in said["limits"]]}


def _on_records(holding: Sequence[Act], wanted: Wanted, state: State) -> Iterator[Said]:
    studies = set(_studies(holding, wanted))
    places: dict[str, list[int]] = {}
    for source, place in sorted(wanted.records):
        places.setdefault(source, []).append(place)
    for act in holding:
        about = act.subject_parts()
        if act.kind == ActKind.IMPORT:
            if here := places.get(about[0]):
                yield _again(act, said={**act.said_parts(), "records": len(here), "places": here})
        elif act.kind in (ActKind.WITHDRAW, ActKind.DESCRIBE):
            if about[0] in places:
                yield _again(act)
        elif act.kind == ActKind.LABEL:
            if about[0] in studies:
                yield _again(act)
        elif act.kind == ActKind.VERIFY:
            if act.subject in wanted.values:
                yield _again(act, wanted.values[act.subject])
        elif len(about) > 1 and (record := (about[0], about[1])) in wanted.records and _is_wanted(act, wanted, state):
            yield _again(act, record)


def _studies(holding: Sequence[Act], wanted: Wanted) -> Iterator[str]:
    """The studies of which a report is in the package."""
    for source, place, study in (act.subject_parts() for act in holding if act.kind == ActKind.STUDY):
        if (source, place) in wanted.records:
            yield str(study)


def _is_wanted(act: Act, wanted: Wanted, state: State) -> bool:
    """Whether something that was said of a record of the package is to be known in it."""
    about = act.subject_parts()
    if act.kind == ActKind.APART:
        return (about[0], about[1]) in state.apart and bool(act.said_parts()["apart"])
    if act.kind == ActKind.PAIR:
        return pair_of(about)[1] in wanted.records
    if act.kind == ActKind.DECIDE:
        return wanted.decisions or act.reviewer == wanted.reviewer
    if act.kind == ActKind.ADJUDICATE:
        return wanted.decisions
    if act.kind == ActKind.NOTE:
        return wanted.decisions or about[2] == wanted.reviewer
    return act.kind in _ON_RECORD


def _last_of_each(told: Iterable[Said]) -> list[Said]:
    """Of each register what was said last; a decision is its reviewer's."""
    last: dict[tuple[str, str, str], Said] = {}
    for one in told:
        last[one.kind, one.subject, one.reviewer if one.kind is ActKind.DECIDE else ""] = one
    return list(last.values())


def _pdfs(holding: Sequence[Act], wanted: Wanted) -> Iterator[Said]:
    """How each PDF came in, where it belongs, and what else of the package it belongs to. Which records it joined is
    said with the groups."""
    told: dict[str, list[Act]] = {}
    also: dict[str, Act] = {}
    for act in holding:
        if act.kind in _ON_PDF and act.subject_parts()[0] in wanted.pdfs:
            told.setdefault(act.subject, []).append(act)
        elif act.kind == ActKind.ALSO and act.subject_parts()[0] in wanted.pdfs:
            also[act.subject] = act
    for act in (one for acts in told.values() for one in dict.fromkeys((acts[0], last_on_pdf(acts)))):
        said = {name: told for name, told in act.said_parts().items() if name != "group"}
        record = (said["record"][0], said["record"][1]) if said["record"] is not None else None
        if record not in wanted.records:
            said, record = {**said, "record": None}, None
        yield _again(act, record, said)
    for act in also.values():
        _, source, place = act.subject_parts()
        if (source, place) in wanted.records and act.said_parts()["role"] is not None:
            yield _again(act, (source, place))


def _groups(state: State, wanted: Wanted) -> Iterator[Said]:
    """Each group, since when it is one and why."""
    for group in sorted({state.groups[one] for one in wanted.records if one in state.groups}, key=sorted):
        sources = sorted({source for source, _ in group})
        members = [[sources.index(source), number] for source, number in sorted(group)]
        said = {"sources": sources, "groups": [[members, list(state.reasons[group])]]}
        yield Said(state.formed[group], ActKind.GROUP, canonical([]), said)


def _what_held(state: State, wanted: Wanted) -> Iterator[Said]:
    """For who decides full texts: that the abstracts were settled before, not by whom or why."""
    if wanted.stage is not Stage.FULLTEXT:
        return
    for (stage, group), outcome in state.outcomes().items():
        if stage is not Stage.ABSTRACT or outcome.state is not OutcomeState.SETTLED or outcome.vote is None:
            continue
        record = min(group)
        if record in wanted.records:
            said = {"choice": outcome.vote.choice, "reason": ""}
            yield Said(
                *(outcome.order[0], ActKind.ADJUDICATE, record_subject(*record, stage), said),
                at=outcome.vote.at,
                record=record,
            )

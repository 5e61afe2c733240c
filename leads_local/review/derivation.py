"""What stands, derived from the whole log at once and without the tables that screens read: the other half of the
comparison that ``check`` makes.

It knows records, PDFs and values by their names in every copy of a review, never by this file's numbers, and shares no
code with ``standing`` but the rules of ``outcomes``. What it derives does not depend on the order in which a file got
its acts, so two copies that hold the same acts stand the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leads_local.citations import limits
from leads_local.citations.limits import Limit
from leads_local.records import Choice, Stage
from leads_local.review import outcomes
from leads_local.review.acts import ANNOTATING, Act, ActKind, pair_of, revoked
from leads_local.review.outcomes import Outcome, Rule, RuleKind, Said, Vote, combine_choices
from leads_local.review.same_reports import Order, RecordName, SameReports
from leads_local.review.updates import Update

Part = tuple[str, tuple[int, int] | None]


@dataclass(slots=True)
class State:
    """``groups``: of each record that is not alone, its group; ``reasons``: why each group is one; ``formed``: the
    clock of the act that joined it last. ``values``: what was said of each value, by the canonical JSON of its name.
    ``links``: which record each PDF belongs to by itself, None for none, by its SHA-256; ``parts``: what it is to that
    one (role, pages); ``also``: what it is to further records; ``ignored``: the PDFs that are ignored. ``withdrawn``:
    (reason, reviewer, time) of each source that was taken out, by its SHA-256.
    ``annotations``: text, reviewer and time of what was added to records, by kind and subject. ``sources``: name and
    places of the records of each imported file, by its SHA-256. ``update``: what the review is since it was continued
    last; ``previous``: what held then (``combine_choices``) of each record that was in the review, ``previous_sources``
    of which sources they were. ``labels``: what people call studies, by their names, the one that was said last being
    the last. ``kinds``: what kind of source each imported file was said to come from, by its SHA-256."""

    decisions: dict[tuple[Stage, RecordName, str], Vote] = field(default_factory=dict)
    adjudications: dict[tuple[Stage, RecordName], Vote] = field(default_factory=dict)
    apart: set[RecordName] = field(default_factory=set)
    groups: dict[RecordName, frozenset[RecordName]] = field(default_factory=dict)
    reasons: dict[frozenset[RecordName], tuple[str, ...]] = field(default_factory=dict)
    formed: dict[frozenset[RecordName], int] = field(default_factory=dict)
    rules: dict[Stage, Rule] = field(default_factory=dict)
    values: dict[str, tuple[str, str, str, str, str]] = field(default_factory=dict)
    links: dict[str, RecordName | None] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    also: dict[str, dict[RecordName, Part]] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)
    withdrawn: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    question: Mapping[str, str] = field(default_factory=dict)
    criteria: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    annotations: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)
    exclusion: tuple[tuple[str, str, bool], ...] = ()
    form: Mapping[str, Any] = field(default_factory=dict)
    keywords: Mapping[str, Any] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    not_retrieved: dict[RecordName, tuple[str, str]] = field(default_factory=dict)
    sources: dict[str, tuple[str, Sequence[int]]] = field(default_factory=dict)
    update: Update | None = None
    previous: dict[RecordName, str] = field(default_factory=dict)
    previous_sources: set[str] = field(default_factory=set)
    labels: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    said: dict[Stage, list[Said]] = field(default_factory=dict)

    def group_of(self, record: RecordName) -> frozenset[RecordName]:
        return self.groups.get(record, frozenset((record,)))

    def serves(self, pdf: str) -> dict[RecordName, Part]:
        """What a PDF is to each record that it belongs to."""
        own = self.links.get(pdf)
        return {**self.also.get(pdf, {}), **({own: self.parts[pdf]} if own is not None else {})}

    def is_absent(self, record: RecordName) -> bool:
        """Whether a record is none of the review any more: its source was withdrawn, or it was made for a PDF that
        belongs to other records or to none."""
        source, _ = record
        return source in self.withdrawn or (source in self.links and record not in self.serves(source))

    def records(self) -> Iterator[RecordName]:
        """Every record of the review."""
        for source, (_, places) in self.sources.items():
            if source not in self.withdrawn:
                yield from ((source, place) for place in places)
        yield from ((pdf, 1) for pdf in self.links if (pdf, 1) in self.serves(pdf) and pdf not in self.withdrawn)

    def outcomes(self) -> dict[tuple[Stage, frozenset[RecordName]], Outcome]:
        """What holds of each report of the review of which somebody has said something."""
        votes: dict[tuple[Stage, frozenset[RecordName]], dict[str, Vote]] = {}
        settled: dict[tuple[Stage, frozenset[RecordName]], Vote] = {}
        own: dict[tuple[Stage, frozenset[RecordName]], dict[str, dict[RecordName, Vote]]] = {}
        for (stage, record, reviewer), vote in self.decisions.items():
            place = (stage, self.group_of(record))
            own.setdefault(place, {}).setdefault(reviewer, {})[record] = vote
            said = votes.setdefault(place, {})
            said[reviewer] = max(said.get(reviewer, vote), vote, key=lambda one: one.order)
        for (stage, record), vote in self.adjudications.items():
            place = (stage, self.group_of(record))
            settled[place] = max(settled.get(place, vote), vote, key=lambda one: one.order)
        found, reasons = {}, [text for _, text, _ in self.exclusion]
        for place in votes.keys() | settled.keys():
            stage, group = place
            if all(self.is_absent(record) for record in group):
                continue
            rule = self.rules.get(stage, Rule())
            drawn = outcomes.is_drawn(rule, group)
            last, differing = list(votes.get(place, {}).values()), self._differ(stage, group, own.get(place, {}))
            outcome = outcomes.derive(rule, last, settled.get(place), drawn, reasons, differing)
            if outcome is not None:
                found[place] = outcome
        return found

    def _differ(self, stage: Stage, group: frozenset[RecordName], own: Mapping[str, Mapping[RecordName, Vote]]) -> bool:
        """Whether a reviewer had decided the records of a group differently before they were one, and not since."""
        if all(len(votes) == 1 for votes in own.values()):
            return False
        said = [one for one in self.said.get(stage, ()) if one.record in group]
        return any(outcomes.differ_by_one(votes, said, self.formed[group]) for votes in own.values())


def derive(acts: Iterable[Act]) -> State:
    """What stands by these acts, in whatever order they come. Raises ValueError, KeyError or TypeError where one says
    what no act of its kind can say."""
    known = list(acts)
    state = _derive(known)
    if state.update is not None:
        began = state.update.order
        before = _derive([act for act in known if act.order < began])
        outcomes = before.outcomes()
        for record in before.records():
            group = before.group_of(record)
            first, second = (_settled(outcomes.get((stage, group))) for stage in (Stage.ABSTRACT, Stage.FULLTEXT))
            state.previous[record] = combine_choices(first, second)
        state.previous_sources = {*before.sources.keys() - before.withdrawn.keys(), *(one for one, _ in state.previous)}
    return state


def _settled(outcome: Outcome | None) -> str:
    return outcome.vote.choice if outcome is not None and outcome.vote is not None else ""


def read_same_reports(acts: Iterable[Act]) -> SameReports:
    """What these acts say of which records are of one report, in whatever order they come."""
    return _read(list(acts))[1]


def _derive(known: Sequence[Act]) -> State:
    state, together = _read(known)
    reports = together.tell()
    state.apart, state.groups, state.reasons, state.formed = (
        reports.apart,
        reports.groups,
        reports.reasons,
        reports.formed,
    )
    return state


def _read(known: Sequence[Act]) -> tuple[State, SameReports]:
    """What the acts that hold say one after the other, the reports not told yet."""
    taken_back = revoked(known)
    state, together = State(), SameReports()
    for act in sorted((act for act in known if act.name not in taken_back), key=lambda act: act.order):
        _apply(state, together, act)
    return state, together


def _apply(state: State, together: SameReports, act: Act) -> None:
    about, said = act.subject_parts(), act.said_parts()
    if act.kind in (ActKind.APART, ActKind.PAIR, ActKind.GROUP):
        _apply_to_reports(together, act, about, said)
    elif act.kind in (ActKind.DECIDE, ActKind.ADJUDICATE, ActKind.VERIFY):
        _apply_to_decisions(state, act, about, said)
    elif act.kind in (ActKind.LINK, ActKind.ATTACH, ActKind.ALSO):
        _apply_to_files(state, together, act, about, said)
    elif act.kind in (ActKind.IMPORT, ActKind.WITHDRAW, ActKind.DESCRIBE):
        _apply_to_sources(state, act, about, said)
    elif act.kind in (*ANNOTATING, ActKind.RETRIEVAL, ActKind.LABEL):
        _apply_to_records(state, act, about, said)
    else:
        _apply_to_protocol(state, act, about, said)


def _apply_to_reports(together: SameReports, act: Act, about: Sequence[Any], said: Mapping[str, Any]) -> None:
    if act.kind == ActKind.APART:
        together.set_apart((about[0], about[1]), bool(said["apart"]), act.order)
    elif act.kind == ActKind.PAIR:
        together.say_of_pair(*pair_of(about), said["same"], act.order)
    else:
        together.take(act)


def _apply_to_decisions(state: State, act: Act, about: Sequence[Any], said: Mapping[str, Any]) -> None:
    """What people decide of records, and say of values."""
    if act.kind == ActKind.VERIFY:
        state.values.pop(act.subject, None)
        if said["status"] != "proposed":
            state.values[act.subject] = (said["status"], said["text"], said["note"], act.reviewer, act.at)
        return
    record, stage = (about[0], about[1]), Stage(about[2])
    if "over" in said:
        over = frozenset((source, number) for source, number in said["over"])
        whose = act.reviewer if act.kind == ActKind.DECIDE else None
        state.said.setdefault(stage, []).append(Said(record, whose, act.clock, over))
    if act.kind == ActKind.DECIDE:
        state.decisions[stage, record, act.reviewer] = _vote(act, said)
    else:
        state.adjudications[stage, record] = _vote(act, said)


def _apply_to_files(
    state: State, together: SameReports, act: Act, about: Sequence[Any], said: Mapping[str, Any]
) -> None:
    if act.kind == ActKind.ALSO:
        also, record = state.also.setdefault(about[0], {}), (about[1], about[2])
        also.pop(record, None)
        if said["role"] is not None:
            also[record] = _part(said)
    elif act.kind == ActKind.LINK or said["record"] or about[0] not in state.links:
        _link(state, together, about[0], said, act.order)


def _apply_to_sources(state: State, act: Act, about: Sequence[Any], said: Mapping[str, Any]) -> None:
    """What came in, was taken out, and where it was searched for."""
    if act.kind == ActKind.IMPORT:
        places = said.get("places", range(1, said["records"] + 1))  # in a work package only some
        state.sources.setdefault(about[0], (said["name"], places))
    elif act.kind == ActKind.DESCRIBE:
        state.kinds[about[0]] = said["kind"]
    else:
        state.withdrawn.pop(about[0], None)
        if said["withdrawn"]:
            state.withdrawn[about[0]] = (said["reason"], act.reviewer, act.at)


def _apply_to_records(state: State, act: Act, about: Sequence[Any], said: Mapping[str, Any]) -> None:
    """What people add to records, to reports that could not be had, and to studies."""
    if act.kind in ANNOTATING:
        state.annotations.pop((act.kind, act.subject), None)
        if said["text"] is not None:
            state.annotations[act.kind, act.subject] = (said["text"], act.reviewer, act.at)
    elif act.kind == ActKind.RETRIEVAL:
        state.not_retrieved.pop((about[0], about[1]), None)
        if said["not retrieved"]:
            state.not_retrieved[about[0], about[1]] = (act.reviewer, act.at)
    else:
        state.labels.pop(about[0], None)
        state.labels[about[0]] = said["label"]


def _apply_to_protocol(state: State, act: Act, about: Sequence[Any], said: Mapping[str, Any]) -> None:
    """What is asked, by which rules, and in which version of the review; the other kinds say nothing that stands."""
    if act.kind == ActKind.RULE:
        state.rules[Stage(about[0])] = Rule(RuleKind(said["kind"]), said["share"])
    elif act.kind == ActKind.QUESTION:
        state.question = said
    elif act.kind == ActKind.CRITERIA:
        state.criteria[about[0]] = tuple((name, text) for name, text in said["criteria"])
    elif act.kind == ActKind.REASONS:
        state.exclusion = tuple((key, text, bool(retired)) for key, text, retired in said["reasons"])
    elif act.kind == ActKind.FORM:
        state.form = said
    elif act.kind == ActKind.KEYWORDS:
        state.keywords = said
    elif act.kind == ActKind.UPDATE:
        state.update = Update(said["label"], act.reviewer, act.at, act.order)
    elif act.kind == ActKind.LIMITS:
        state.limits = tuple(map(limits.from_said, said["limits"]))


def _vote(act: Act, said: Mapping[str, Any]) -> Vote:
    return Vote(act.reviewer, Choice(said["choice"]), said["reason"], act.at, act.order)


def _part(said: Mapping[str, Any]) -> Part:
    pages = said.get("pages")
    return said.get("role", "main"), (pages[0], pages[1]) if pages else None


def _link(state: State, together: SameReports, pdf: str, said: Mapping[str, Any], order: Order) -> None:
    """A PDF that has a record of its own takes it along, or back out of the group that it was in."""
    record = (said["record"][0], said["record"][1]) if said["record"] is not None else None
    state.links[pdf] = record
    state.parts[pdf] = _part(said)
    (state.ignored.add if said.get("ignored") else state.ignored.discard)(pdf)
    if record is None or record == (pdf, 1):
        together.cut((pdf, 1), order)
    elif "group" in said:
        together.cut((pdf, 1), order)
        together.set_apart((pdf, 1), False, order)
        together.set_apart(record, False, order)
        for name, number in said["group"]:
            first, second = sorted(((pdf, 1), (name, number)))
            together.say_of_pair(first, second, None, order)
        together.join([(name, number) for name, number in said["group"]], order, [f"its PDF: {said['how']}"])

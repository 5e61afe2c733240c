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
from leads_local.review.updates import Update

RecordName = tuple[str, int]
Order = tuple[int, str, int]
Part = tuple[str, tuple[int, int] | None]
_FIRST: Order = (0, "", 0)
SAID_SAME = "said to be the same report"


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


def _derive(known: Sequence[Act]) -> State:
    taken_back = revoked(known)
    holding = sorted((act for act in known if act.name not in taken_back), key=lambda act: act.order)
    state, together = State(), _Together()
    for act in holding:
        _apply(state, together, act)
    state.apart = together.apart
    together.tell(state)
    return state


def _apply(state: State, together: _Together, act: Act) -> None:
    about, said = act.subject_parts(), act.said_parts()
    if act.kind in (ActKind.DECIDE, ActKind.ADJUDICATE) and "over" in said:
        over = frozenset((source, number) for source, number in said["over"])
        whose = act.reviewer if act.kind == ActKind.DECIDE else None
        state.said.setdefault(Stage(about[2]), []).append(Said((about[0], about[1]), whose, act.clock, over))
    if act.kind == ActKind.DECIDE:
        state.decisions[Stage(about[2]), (about[0], about[1]), act.reviewer] = _vote(act, said)
    elif act.kind == ActKind.ADJUDICATE:
        state.adjudications[Stage(about[2]), (about[0], about[1])] = _vote(act, said)
    elif act.kind == ActKind.IMPORT:
        places = said.get("places", range(1, said["records"] + 1))  # in a work package only some
        state.sources.setdefault(about[0], (said["name"], places))
    elif act.kind == ActKind.APART:
        together.set_apart((about[0], about[1]), bool(said["apart"]), act.order)
    elif act.kind == ActKind.PAIR:
        together.say_of_pair(*pair_of(about), said["same"], act.order)
    elif act.kind == ActKind.GROUP:
        sources = said["sources"]
        for members, reasons in said["groups"]:
            together.join([(sources[place], number) for place, number in members], act.order, reasons)
    elif act.kind == ActKind.LINK or (act.kind == ActKind.ATTACH and (said["record"] or about[0] not in state.links)):
        _link(state, together, about[0], said, act.order)
    elif act.kind == ActKind.ALSO:
        also, record = state.also.setdefault(about[0], {}), (about[1], about[2])
        also.pop(record, None)
        if said["role"] is not None:
            also[record] = _part(said)
    elif act.kind == ActKind.VERIFY:
        state.values.pop(act.subject, None)
        if said["status"] != "proposed":
            state.values[act.subject] = (said["status"], said["text"], said["note"], act.reviewer, act.at)
    elif act.kind == ActKind.RULE:
        state.rules[Stage(about[0])] = Rule(RuleKind(said["kind"]), said["share"])
    elif act.kind == ActKind.QUESTION:
        state.question = said
    elif act.kind == ActKind.CRITERIA:
        state.criteria[about[0]] = tuple((name, text) for name, text in said["criteria"])
    elif act.kind in ANNOTATING:
        state.annotations.pop((act.kind, act.subject), None)
        if said["text"] is not None:
            state.annotations[act.kind, act.subject] = (said["text"], act.reviewer, act.at)
    elif act.kind == ActKind.WITHDRAW:
        state.withdrawn.pop(about[0], None)
        if said["withdrawn"]:
            state.withdrawn[about[0]] = (said["reason"], act.reviewer, act.at)
    elif act.kind == ActKind.DESCRIBE:
        state.kinds[about[0]] = said["kind"]
    elif act.kind == ActKind.LABEL:
        state.labels.pop(about[0], None)
        state.labels[about[0]] = said["label"]
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
    elif act.kind == ActKind.RETRIEVAL:
        state.not_retrieved.pop((about[0], about[1]), None)
        if said["not retrieved"]:
            state.not_retrieved[about[0], about[1]] = (act.reviewer, act.at)


def _vote(act: Act, said: Mapping[str, Any]) -> Vote:
    return Vote(act.reviewer, Choice(said["choice"]), said["reason"], act.at, act.order)


def _part(said: Mapping[str, Any]) -> Part:
    pages = said.get("pages")
    return said.get("role", "main"), (pages[0], pages[1]) if pages else None


def _link(state: State, together: _Together, pdf: str, said: Mapping[str, Any], order: Order) -> None:
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


class _Together:
    """Which records are of one report: what people say is one comes first, then what was found together; but for what
    was set apart or taken out since, and no two that people say are two come together by others."""

    def __init__(self) -> None:
        self.apart: set[RecordName] = set()
        self._pairs: dict[tuple[RecordName, RecordName], tuple[bool, Order]] = {}
        self._cuts: dict[RecordName, Order] = {}
        self._joined: list[tuple[Order, Sequence[RecordName], Sequence[str]]] = []

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

    def tell(self, state: State) -> None:
        """Write down of each record that is not alone its group, and of each group why it is one and since when."""
        members: dict[RecordName, _Joined] = {}
        said = [(order, pair, [SAID_SAME]) for pair, (same, order) in self._pairs.items() if same]
        different = self._different()
        for order, records, reasons in [*said, *self._joined]:
            alive = [one for one in records if one not in self.apart and self._cuts.get(one, _FIRST) <= order]
            if len(alive) < 2:
                continue
            for whole in _joined(alive, members, different):
                whole.reasons.update(dict.fromkeys(reasons))
                whole.clock = max(whole.clock, order[0])
                members.update((one, whole) for one in whole.records)
        made = {id(whole): frozenset(whole.records) for whole in members.values()}
        state.groups = {one: made[id(whole)] for one, whole in members.items()}
        state.reasons = {made[id(whole)]: tuple(whole.reasons) for whole in members.values()}
        state.formed = {made[id(whole)]: whole.clock for whole in members.values()}

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

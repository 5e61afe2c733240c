"""What stands, derived from the log: for each kind of act the one function that brings the tables up to date after it,
or after it was taken back or holds again.

Each looks only at what the act is about, so that a decision among 100,000 costs what it costs among ten; only when
something about duplicates is taken back is the whole log read. ``derivation`` derives the same from the whole log by
other means, for ``check``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from leads_local.records import Criterion, Question, Stage
from leads_local.review import derivation, heads, outcomes
from leads_local.review.acts import Act, ActKind
from leads_local.review.database import Database
from leads_local.review.derivation import RecordName
from leads_local.review.outcomes import Outcome, Rule, RuleKind, Vote
from leads_local.review.read_models import ValueStatus
from leads_local.review.store import acts, citations, decisions, documents, groups, protocol_rows, questions, values

_ABOUT_GROUPS = frozenset({ActKind.GROUP, ActKind.APART, ActKind.LINK, ActKind.ATTACH})


def bring_up_to_date(db: Database, changed: Iterable[tuple[Act, int]]) -> None:
    """Derive what follows from acts that have come, were taken back, or hold again; each with its record. Inside a
    transaction."""
    records: set[int] = set()
    told = list(changed)
    for act, record in told:
        if act.kind == ActKind.DECIDE:
            decisions.derive(db, record, Stage(act.subject_parts()[2]), act.subject, act.reviewer)
            records.add(record)
        elif act.kind == ActKind.ADJUDICATE:
            records.add(record)
        elif act.kind == ActKind.RULE:
            derive_rule(db, act.subject)
            records.update(decisions.decided_records(db))
        elif act.kind == ActKind.VERIFY:
            _derive_value(db, act.subject)
        elif act.kind == ActKind.QUESTION:
            _derive_question(db, act.subject)
        elif act.kind == ActKind.CRITERIA:
            _derive_criteria(db, act.subject)
        elif act.kind == ActKind.REASONS:  # their order decides which reason counts where reviewers give different ones
            records.update(decisions.decided_records(db))
        elif act.kind == ActKind.RETRIEVAL:
            protocol_rows.derive_retrieval(db, record, act.subject)
    if any(act.kind in _ABOUT_GROUPS for act, _ in told):
        records |= _derive_groups(db)
        for subject in {act.subject for act, _ in told if act.kind in (ActKind.LINK, ActKind.ATTACH)}:
            _derive_link(db, subject)
    refresh_outcomes(db, records)


def derive_rule(db: Database, subject: str) -> None:
    """Have the last rule of a stage that holds be the rule, or what a new review has."""
    (stage,) = json.loads(subject)
    found = acts.last_holding(db, ActKind.RULE, subject)
    said = found[1].said_parts() if found is not None else {}
    rule = Rule(RuleKind(said["kind"]), said["share"]) if said else Rule()
    decisions.write_rule(db, Stage(stage), rule)


def _derive_question(db: Database, subject: str) -> None:
    found = acts.last_holding(db, ActKind.QUESTION, subject)
    if found is not None:
        questions.write(db, Question(**found[1].said_parts()))


def _derive_criteria(db: Database, subject: str) -> None:
    (scope,) = json.loads(subject)
    found = acts.last_holding(db, ActKind.CRITERIA, subject)
    said = found[1].said_parts()["criteria"] if found is not None else []
    questions.write_criteria(db, [Criterion(name, text) for name, text in said], Stage(scope) if scope else None)


def _derive_value(db: Database, subject: str) -> None:
    value = values.find_named(db, json.loads(subject))
    found = acts.last_holding(db, ActKind.VERIFY, subject)
    if value == 0:
        return
    if found is None:
        values.verify(db, value, ValueStatus.PROPOSED, "", "", "", "")
        return
    said = found[1].said_parts()
    status = ValueStatus(said["status"])
    values.verify(db, value, status, said["text"], said["note"], found[1].reviewer, found[1].at)


def _derive_link(db: Database, subject: str) -> None:
    (sha256,) = json.loads(subject)
    said = [found for kind in (ActKind.ATTACH, ActKind.LINK) if (found := acts.last_holding(db, kind, subject))]
    if not said:
        return
    told = max((act for _, act in said), key=lambda act: act.order).said_parts()
    if told["record"] is not None:
        head = citations.head(db, citations.find_named(db, *told["record"]))
        documents.link(db, sha256, head, told["how"], unmatched=told["unmatched"])


def _derive_groups(db: Database) -> set[int]:
    """Bring the groups to what the log says. Returns the records whose group has changed."""
    state = derivation.derive(act for act, _ in acts.stream(db))
    origins = citations.all_names(db)
    numbers = {name: record for record, name in origins.items()}
    changed: set[int] = set()
    members = groups.members(db)
    now: dict[int, set[RecordName]] = {}
    for member in members:
        now.setdefault(member.head, set()).add(origins[member.id])
        apart = origins[member.id] in state.apart
        if apart != member.separate:
            changed.add(member.id)
    now_head = {member.id: member.head for member in members}
    changed |= {member.id for member in members if state.group_of(origins[member.id]) != now[member.head]}
    concerned = {now_head[record] for record in changed}
    whole = {one.id for one in members if one.head in concerned}
    groups.dissolve_groups(db, sorted(whole))
    for record in sorted(changed):
        groups.set_separate(db, record, origins[record] in state.apart)
    stood = {now_head[record] for record in whole}
    pdfs, screened = citations.made_for_pdfs(db), groups.screened_ids(db)
    for group in {state.group_of(origins[record]) for record in whole}:
        records = sorted(numbers[name] for name in group if name in numbers)
        if len(records) > 1:
            head = heads.choose(records, citations.read_many(db, records), pdfs, stood, screened)
            groups.form_group(db, head, records, state.reasons.get(group, ()))
    return whole


def refresh_outcomes(db: Database, records: Iterable[int]) -> None:
    """Derive what holds of the groups that these records are in; those that stand for none any more have no outcome."""
    concerned = set(records)
    now = groups.heads_of(db, sorted(concerned))
    rules, reasons = decisions.rules(db), [text for _, text, _ in protocol_rows.reasons(db)]
    for stage in Stage:
        found = _derive_outcomes(db, stage, rules[stage], now, reasons)
        decisions.replace_outcomes(db, stage, concerned | set(now), found)


def _derive_outcomes(
    db: Database, stage: Stage, rule: Rule, reports: Sequence[int], reasons: Sequence[str]
) -> list[tuple[int, Outcome]]:
    votes = {head: _last_of_each(said) for head, said in decisions.of_reviewers(db, reports, stage).items()}
    settled = decisions.of_adjudicators(db, reports, stage)
    found = []
    for head in reports:
        drawn = rule.share > 0 and outcomes.is_drawn(rule, citations.names_of_group(db, head))
        outcome = outcomes.derive(rule, votes.get(head, ()), settled.get(head), drawn, reasons)
        if outcome is not None:
            found.append((head, outcome))
    return found


def _last_of_each(said: Iterable[tuple[Vote, int]]) -> tuple[Vote, ...]:
    """Of each reviewer the last decision on any record of the group; they come in their order."""
    return tuple({vote.reviewer: vote for vote, _ in said}.values())

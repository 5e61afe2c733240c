"""What stands, derived from the log: for each kind of act the one function that brings the tables up to date after it,
or after it was taken back or holds again.

Each looks only at what the act is about, so that a decision among 100,000 costs what it costs among ten.
``derivation`` derives the same from the whole log by other means, for ``check``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leads_local.records import Criterion, PageRange, Question, Stage
from leads_local.review import acts as log
from leads_local.review import derivation, grouping, limiting, outcomes, presence, screening_question, shown_values
from leads_local.review.acts import ANNOTATING, Act, ActKind, canonical
from leads_local.review.attachments import FilePart, FileRole
from leads_local.review.database import Database
from leads_local.review.derivation import State
from leads_local.review.outcomes import Outcome, Rule, RuleKind, Vote
from leads_local.review.read_models import ValueStatus
from leads_local.review.store import (
    acts,
    annotation_rows,
    citations,
    decisions,
    documents,
    groups,
    protocol_rows,
    questions,
    sources,
    update_rows,
    values,
)
from leads_local.review.store.documents import StoredLinks
from leads_local.review.store.sources import Withdrawal


def bring_up_to_date(db: Database, changed: Iterable[tuple[Act, int]]) -> None:
    """Derive what follows from acts that have come, were taken back, or hold again; each with its record. Inside a
    transaction. Raises ReviewError where two criteria would have one name then."""
    records: set[int] = set()
    told = list(changed)
    for act, record in told:
        if act.kind in (ActKind.DECIDE, ActKind.ADJUDICATE):
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
        elif act.kind in ANNOTATING:
            annotation_rows.derive(db, act, record)
            if act.kind == ActKind.CORRECT:  # limits read what was corrected
                records.add(record)
        elif act.kind == ActKind.REASONS:  # their order decides which reason counts where reviewers give different ones
            records.update(decisions.decided_records(db))
        elif act.kind == ActKind.RETRIEVAL:
            protocol_rows.derive_retrieval(db, record, act.subject)
    if any(act.kind == ActKind.UPDATE for act, _ in told):
        _derive_previous(db, derivation.derive(act for act, _ in acts.stream(db)))
    decisions.derive(db, [one for one in told if one[0].kind == ActKind.DECIDE])
    left = _derive_presence(db, told)
    records |= grouping.follow(db, told)
    if any(act.kind in (ActKind.QUESTION, ActKind.CRITERIA, ActKind.LIMITS) for act, _ in told):
        screening_question.require_different_names(db)
    refresh_outcomes(db, records | presence.choose_heads(db, left))
    if any(act.kind == ActKind.LIMITS for act, _ in told):
        limiting.derive_all(db)


def rebuild(db: Database) -> None:
    """Derive all that stands from the whole log, and write what differs. For what the log has got from elsewhere, and
    for nothing that happens while people work. Inside a transaction."""
    known = [act for act, _ in acts.stream(db)]
    acts.replace_revoked(db, log.revocations(known))
    state = derivation.derive(known)
    rules = decisions.rules(db)
    for stage in Stage:
        if state.rules.get(stage, Rule()) != rules[stage]:
            decisions.write_rule(db, stage, state.rules.get(stage, Rule()))
    if state.question and questions.read(db) != Question(**state.question):
        questions.write(db, Question(**state.question))
    for scope, criteria in state.criteria.items():
        if questions.own(db, scope) != criteria:
            _derive_criteria(db, canonical([scope]))
    decisions.derive_all(db)
    _rebuild_values(db)
    _rebuild_annotations(db)
    _rebuild_retrieval(db)
    for sha256 in documents.known_problems(db):
        _derive_links(db, sha256)
    for subject in {act.subject for act in known if act.kind == ActKind.WITHDRAW}:
        _derive_withdrawal(db, subject)
    sources.refresh_absent(db)
    grouping.rebuild(db, known, state)
    _rebuild_outcomes(db)
    _derive_previous(db, state)
    limiting.derive_all(db)


def _rebuild_values(db: Database) -> None:
    last = {act.subject: act for _, act, _ in acts.holding(db, ActKind.VERIFY)}
    stands = values.said_rows(db)
    for value, called in values.all_names(db).items():
        said = last[called].said_parts() if called in last else {"status": ValueStatus.PROPOSED, "text": "", "note": ""}
        who, at = (last[called].reviewer, last[called].at) if called in last else ("", "")
        follows = (said["status"], said["text"], said["note"], who, at)
        if stands.get(value, (ValueStatus.PROPOSED, "", "", who, at)) != follows:
            values.verify(db, value, ValueStatus(said["status"]), *follows[1:])


def _rebuild_annotations(db: Database) -> None:
    stands = annotation_rows.all_rows(db)
    last: dict[tuple[str, int, str], tuple[str, str, str]] = {}
    for kind in ANNOTATING:
        for _, act, record in acts.holding(db, kind):
            place, text = (str(kind), record, act.subject_parts()[2]), act.said_parts()["text"]
            last.pop(place, None)
            if text is not None:
                last[place] = (text, act.reviewer, act.at)
    places = {(act.kind, record, act.subject_parts()[2]): act for act, record in acts.of_kinds(db, list(ANNOTATING))}
    for place, act in places.items():
        if stands.get(place) != last.get(place):
            annotation_rows.derive(db, act, place[1])


def _rebuild_retrieval(db: Database) -> None:
    stands = protocol_rows.not_retrieved(db)
    last = {record: act for _, act, record in acts.holding(db, ActKind.RETRIEVAL)}
    follows = {record: (act.reviewer, act.at) for record, act in last.items() if act.said_parts()["not retrieved"]}
    for act, record in acts.of_kinds(db, [ActKind.RETRIEVAL]):
        if stands.get(record) != follows.get(record):
            protocol_rows.derive_retrieval(db, record, act.subject)


def _derive_previous(db: Database, state: State) -> None:
    """Keep what was in the review, and what held, when it was continued last."""
    update_rows.replace(db, state.previous_sources, state.previous)


def _reasons_in_order(db: Database) -> list[str]:
    return [text for _, text, _ in protocol_rows.reasons(db)]


def _rebuild_outcomes(db: Database) -> None:
    stands, rules, reasons = decisions.outcome_rows(db), decisions.rules(db), _reasons_in_order(db)
    reports = groups.in_review(db, groups.heads_of(db, decisions.decided_records(db)))
    for stage in Stage:
        follows = dict(_derive_outcomes(db, stage, rules[stage], reports, reasons))
        told = {head: decisions.to_outcome_row(outcome) for head, outcome in follows.items()}
        now = {head: row for (at, head), row in stands.items() if at == stage}
        changed = {head for head in told.keys() | now.keys() if told.get(head) != now.get(head)}
        decisions.replace_outcomes(db, stage, changed, [(head, follows[head]) for head in changed & follows.keys()])


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
    said = found[1].said_parts() if found is not None else {"status": ValueStatus.PROPOSED, "text": "", "note": ""}
    who, at = (found[1].reviewer, found[1].at) if found is not None else ("", "")
    values.verify(db, value, ValueStatus(said["status"]), said["text"], said["note"], who, at)
    shown_values.follow(db, value)


def _derive_presence(db: Database, told: Iterable[tuple[Act, int]]) -> list[int]:
    """Bring links and withdrawals to what the log says. Returns the records that have left the review or come back."""
    changed: list[int] = []
    for kind, subject in {(act.kind, act.subject) for act, _ in told}:
        if kind in (ActKind.LINK, ActKind.ATTACH, ActKind.ALSO):
            _derive_links(db, json.loads(subject)[0])
        elif kind == ActKind.WITHDRAW:
            _derive_withdrawal(db, subject)
        else:
            continue
        sha256, *_ = json.loads(subject)
        if source := citations.find_source(db, sha256):
            changed += sources.refresh_absent(db, source)
    return changed


def _derive_links(db: Database, sha256: str) -> None:
    """Link a PDF to the record that was named last, or to none, and to the further records that it was said to belong
    to, as what it is to each."""
    told = acts.holding_on(db, (ActKind.ATTACH, ActKind.LINK), canonical([sha256]))
    nowhere: Mapping[str, Any] = {"record": None, "how": "", "unmatched": False}
    said = log.last_on_pdf(told).said_parts() if told else nowhere
    first = citations.find_named(db, *said["record"]) if said["record"] is not None else 0
    parts = further_links(db, sha256) | ({first: _part(said)} if first else {})
    links = StoredLinks(first, parts, said["how"], said["unmatched"], bool(said.get("ignored", False)))
    if documents.stored_links(db, sha256) != links:
        documents.set_links(db, sha256, links)


def further_links(db: Database, sha256: str) -> dict[int, FilePart]:
    """The records that a PDF was said to belong to beside another one."""
    last = {act.subject: act for act in acts.holding_about(db, ActKind.ALSO, sha256)}
    named = {citations.find_named(db, *act.subject_parts()[1:]): act.said_parts() for act in last.values()}
    return {record: _part(said) for record, said in named.items() if record and said["role"] is not None}


def _part(said: Mapping[str, Any]) -> FilePart:
    pages = said.get("pages")
    return FilePart(FileRole(said.get("role", FileRole.MAIN)), PageRange(*pages) if pages else None)


def _derive_withdrawal(db: Database, subject: str) -> None:
    (sha256,) = json.loads(subject)
    source, found = citations.find_source(db, sha256), acts.last_holding(db, ActKind.WITHDRAW, subject)
    said = found[1].said_parts() if found is not None else {}
    follows = None
    if found is not None and said["withdrawn"]:
        follows = Withdrawal(said["reason"], found[1].reviewer, found[1].at)
    if source and sources.withdrawals(db).get(sha256) != follows:
        sources.set_withdrawn(db, source, follows)


def refresh_outcomes(db: Database, records: Iterable[int]) -> None:
    """Derive what holds of the groups that these records are in; those that stand for none any more, or have left the
    review, have no outcome. What is ruled out of them follows, too."""
    concerned = set(records)
    now = groups.heads_of(db, sorted(concerned))
    here = groups.in_review(db, now)
    rules, reasons = decisions.rules(db), _reasons_in_order(db)
    for stage in Stage:
        found = _derive_outcomes(db, stage, rules[stage], here, reasons)
        decisions.replace_outcomes(db, stage, concerned | set(now), found)
    limiting.derive(db, concerned | set(now), here)


def _derive_outcomes(
    db: Database, stage: Stage, rule: Rule, reports: Sequence[int], reasons: Sequence[str]
) -> list[tuple[int, Outcome]]:
    votes = {head: _last_of_each(said) for head, said in decisions.of_reviewers(db, reports, stage).items()}
    settled = decisions.of_adjudicators(db, reports, stage)
    differing = groups.differing_by_one(db, stage, list(votes))
    found = []
    for head in reports:
        drawn = rule.share > 0 and outcomes.is_drawn(rule, citations.names_of_group(db, head))
        outcome = outcomes.derive(rule, votes.get(head, ()), settled.get(head), drawn, reasons, head in differing)
        if outcome is not None:
            found.append((head, outcome))
    return found


def _last_of_each(said: Iterable[tuple[Vote, int]]) -> tuple[Vote, ...]:
    """Of each reviewer the last decision on any record of the group; they come in their order."""
    return tuple({vote.reviewer: vote for vote, _ in said}.values())

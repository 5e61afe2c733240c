"""Deciding on reports, and how it is told: what holds of several reviewers' decisions, undo and redo, the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leads_local import files
from leads_local.app import annotating
from leads_local.app.outcome import Outcome, first_of, format_count
from leads_local.errors import InputError
from leads_local.records import Decision, Stage
from leads_local.review.acts import ANNOTATING, Act, ActKind
from leads_local.review.outcomes import OutcomeState, Rule, RuleKind
from leads_local.review.read_models import HistoryEntry, OutcomeCounts, RecordFilter, RecordView
from leads_local.review.review import Review
from leads_local.review.sights import may_see
from leads_local.review.taking_back import ActOnRecord

RULES = {
    RuleKind.ONE: "one reviewer decides",
    RuleKind.TWO: "two reviewers must agree",
    RuleKind.SECOND_CHECK: "one reviewer decides, a second checks what was excluded",
    RuleKind.SHARE: "two reviewers decide {share:.0%} of the reports, one the others",
    RuleKind.LATEST: "the last decision holds, whoever made it",
}


_PAIR_SAID = {
    True: "said to be one report",
    False: "said to be two reports",
    None: "may be grouped again",
}
_PROTOCOL_PARTS: dict[str, str] = {
    ActKind.REASONS: "reasons for exclusion",
    ActKind.FORM: "form",
    ActKind.KEYWORDS: "keywords",
}


_DIFFERED = "Its records had been decided differently before they were known to be one report"


def rule_in_words(rule: Rule) -> str:
    return RULES[rule.kind].format(share=rule.share)


def make_rule(kind: str, share: float | None) -> Rule:
    """Raises InputError unless a share is given exactly where the rule has one."""
    wanted = RuleKind(kind)
    if (wanted is RuleKind.SHARE) != (share is not None):
        raise InputError(
            f"The rule {kind} {'needs' if share is None else 'has no'} --share.",
            "Say for instance: --rule share --share 0.2",
        )
    return Rule(wanted, share or 0.0)


def describe_decision(review: Review, decision: Decision) -> Outcome:
    """What was decided, and what that comes to with what the others say."""
    view = review.record(decision.record_id)
    about = f"Record {decision.record_id} (“{view.citation.title}”)" if view.citation.title else f"Record {view.id}"
    return Outcome((f"{about}: {_decided_in_words(decision)}.",), standing_in_words(view, decision.stage))


def describe_decisions(review: Review, made: Sequence[Decision]) -> Outcome:
    """What was decided at once, and of how many of them nothing holds."""
    told = f"{format_count(len(made), 'record')}: {_decided_in_words(made[0])}."
    stage, heads = made[0].stage, {decision.record_id for decision in made}
    notices = ["`undo` takes all of them back."] if len(made) > 1 else []
    for show, why in (
        (RecordFilter.CONFLICT, "the reviewers differ, so nothing holds; `conflicts` lists them"),
        (RecordFilter.WAITING, "a second reviewer has to decide"),
    ):
        if found := heads.intersection(review.record_ids(stage, show)):
            notices.append(f"Of {format_count(len(found), 'record')}: {why}.")
    return Outcome((told,), tuple(notices))


def _decided_in_words(decision: Decision) -> str:
    by = f", decided by {decision.reviewer}" if decision.reviewer else ""
    return f"{decision.choice} at the {decision.stage} stage{by}"


def standing_in_words(view: RecordView, stage: Stage) -> tuple[str, ...]:
    """Why nothing holds of a report although somebody has decided; nothing where something does."""
    state = view.states.get(stage)
    said = " and ".join(f"{one.reviewer or 'somebody'} {one.choice}" for one in view.votes.get(stage, ()))
    if state is OutcomeState.CONFLICT and len({one.choice for one in view.votes.get(stage, ())}) == 1:
        return (f"{_DIFFERED}: nothing holds until somebody decides again.",)
    if state is OutcomeState.CONFLICT:
        return (f"The reviewers differ ({said}): nothing holds until one changes it, or it is adjudicated.",)
    if state is OutcomeState.WAITING:
        return (f"A second reviewer has to decide it ({said}).",)
    return ()


def outcome_counts_in_words(counts: OutcomeCounts) -> tuple[str, ...]:
    """How many reports of a stage wait for an end although somebody has decided; nothing where none does."""
    told = ((counts.conflict, "in conflict"), (counts.waiting, "waiting"))
    return tuple(f"{number:,} {what}" for number, what in told if number)


def visible_votes(review: Review, view: RecordView, stage: Stage) -> tuple[Decision, ...]:
    """What the reviewers decided, as the person at the keyboard may see it."""
    return view.votes.get(stage, ()) if _may_see(review, view, stage) else ()


def visible_history(review: Review, view: RecordView, stage: Stage) -> tuple[HistoryEntry, ...]:
    """What was decided, undone and redone at a stage, as far as ``visible_votes`` goes: what others took back, too, is
    seen only by who may see their decisions."""
    told = (entry for entry in view.history if entry.decision.stage == stage)
    if _may_see(review, view, stage):
        return tuple(told)
    return tuple(entry for entry in told if entry.decision.reviewer == review.acting)


def _may_see(review: Review, view: RecordView, stage: Stage) -> bool:
    rule, holds = review.rules()[stage], view.decisions.get(stage)
    return may_see(view.votes.get(stage, ()), review.acting, rule, holds)


def describe_conflicts(review: Review, stage: Stage) -> Outcome:
    """The reports whose reviewers differ, each with what they say and why."""
    found = review.record_ids(stage, RecordFilter.CONFLICT)
    waiting = review.outcome_counts(stage).waiting
    lines = [_conflict_in_words(review, review.record(head), stage) for head in found]
    total = f"{format_count(len(found), 'report')} on which the reviewers differ at the {stage} stage."
    more = (f"Waiting for a second reviewer: {format_count(waiting, 'report')}.",) if waiting else ()
    return Outcome((*lines, total), more, failed=bool(found))


def _conflict_in_words(review: Review, view: RecordView, stage: Stage) -> str:
    votes = visible_votes(review, view, stage)
    said = "; ".join(
        f"{one.reviewer or 'somebody'}: {one.choice}{f' ({one.reason})' if one.reason else ''}" for one in votes
    )
    differed = f"; {_DIFFERED[0].lower()}{_DIFFERED[1:]}" if len({one.choice for one in votes}) == 1 else ""
    return f"{view.id}: {view.citation.title}: {said}{differed}"


def describe_taken(acts: Iterable[ActOnRecord], done: str, most: int = 10) -> Outcome:
    """What was undone or redone, ``most`` of it in words; ``done`` is the word for it."""
    told = [act_in_words(act, record) for act, record in acts if act.kind != ActKind.REVOKE]
    if not told:
        return Outcome((), (f"There is nothing to {done.removesuffix('ne')}.",), failed=True)
    return Outcome(
        tuple(f"{done.capitalize()}: {line}." for line in first_of(told, "the history lists all of them", most))
    )


def _link_in_words(said: Mapping[str, Any], record: int) -> str:
    if said["record"] is not None:
        return f"link of {said['name']} to record {record}"
    return f"{'ignoring of' if said.get('ignored') else 'taking from its record of'} {said['name']}"


def act_in_words(act: Act, record: int) -> str:
    """An act in a few words, ``record`` being this file's number of what it is about."""
    said, about = act.said_parts(), act.subject_parts()
    by = f" by {act.reviewer}" if act.reviewer else ""
    match act.kind:
        case ActKind.DECIDE:
            return f"{said['choice']} on record {record} at the {about[2]} stage{by}"
        case ActKind.ADJUDICATE:
            return f"adjudication {said['choice']} on record {record} at the {about[2]} stage{by}"
        case ActKind.GROUP:
            found = len(said["groups"])
            return f"grouping of {format_count(found, 'report')} with duplicates" if found else "search for duplicates"
        case ActKind.PAIR:
            return f"record {record} and another {_PAIR_SAID[said['same']]}{by}"
        case ActKind.APART:
            return f"record {record} {'set apart' if said['apart'] else 'no longer set apart'}"
        case ActKind.LINK:
            return _link_in_words(said, record)
        case ActKind.ALSO:
            done = "link" if said["role"] is not None else "taking"
            return f"{done} of {said['name']} {'to' if done == 'link' else 'from'} record {record}, too"
        case ActKind.WITHDRAW:
            return f"{'withdrawal' if said['withdrawn'] else 'return'} of {files.name_of(said['name'])}"
        case ActKind.DESCRIBE:
            return f"how {files.name_of(said['name'])} was searched{by}"
        case ActKind.VERIFY:
            return f"{about[2]}: {said['status']} on record {record}{by}"
        case ActKind.QUESTION:
            return "change of the question"
        case ActKind.CRITERIA:
            return f"change of the criteria of {about[0] or 'both stages'}"
        case ActKind.RULE:
            return f"rule of the {about[0]} stage"
        case kind if kind in ANNOTATING:
            return annotating.act_in_words(act, record)
        case ActKind.RETRIEVAL:
            return f"record {record} {'not retrieved' if said['not retrieved'] else 'sought again'}{by}"
        case ActKind.REASONS | ActKind.FORM | ActKind.KEYWORDS:
            return f"change of the {_PROTOCOL_PARTS[act.kind]}"
        case ActKind.LABEL:
            return f"study called {said['label']}{by}" if said["label"] else f"study called by author and year{by}"
        case ActKind.LIMITS:
            return "change of the criteria that are checked by rule"
        case ActKind.LOCK:
            return "lock of the protocol"
        case ActKind.SHARE:
            return f"work package of {format_count(said['reports'], 'report')} for {said['for']}"
        case ActKind.TAKE:
            return f"taking of {format_count(said['decisions'], 'decision')} out of {files.name_of(said['name'])}"
        case ActKind.UPDATE:
            return f"continuing as {said['label']}"
    return str(act.kind)

"""What stands, derived from the log: for each kind of act the one function that brings the tables up to date after it,
or after it was taken back.

Each looks only at what the act is about, so that a decision among 100,000 costs what it costs among ten. ``derivation``
derives the same from the whole log by other means, for ``check``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from leads_local.records import Stage
from leads_local.review import outcomes
from leads_local.review.acts import ActKind
from leads_local.review.database import Database
from leads_local.review.outcomes import Outcome, Rule, RuleKind, Vote
from leads_local.review.store import acts, citations, decisions, groups


def derive_rule(db: Database, subject: str) -> None:
    """Have the last rule of a stage that holds be the rule, or what a new review has."""
    (stage,) = json.loads(subject)
    found = acts.last_holding(db, ActKind.RULE, subject)
    said = found[1].said_parts() if found is not None else {}
    rule = Rule(RuleKind(said["kind"]), said["share"]) if said else Rule()
    decisions.write_rule(db, Stage(stage), rule)


def refresh_outcomes(db: Database, records: Iterable[int]) -> None:
    """Derive what holds of the groups that these records are in; those that stand for none any more have no outcome."""
    concerned = set(records)
    heads = groups.heads_of(db, sorted(concerned))
    rules = decisions.rules(db)
    for stage in Stage:
        found = _derive_outcomes(db, stage, rules[stage], heads)
        decisions.replace_outcomes(db, stage, concerned | set(heads), found)


def _derive_outcomes(db: Database, stage: Stage, rule: Rule, heads: Sequence[int]) -> list[tuple[int, Outcome]]:
    votes = {head: _last_of_each(said) for head, said in decisions.of_reviewers(db, heads, stage).items()}
    settled = decisions.of_adjudicators(db, heads, stage)
    found = []
    for head in heads:
        drawn = rule.share > 0 and outcomes.is_drawn(rule, citations.origins_of_group(db, head))
        outcome = outcomes.derive(rule, votes.get(head, ()), settled.get(head), drawn)
        if outcome is not None:
            found.append((head, outcome))
    return found


def _last_of_each(said: Iterable[tuple[Vote, int]]) -> tuple[Vote, ...]:
    """Of each reviewer the last decision on any record of the group; they come in their order."""
    return tuple({vote.reviewer: vote for vote, _ in said}.values())

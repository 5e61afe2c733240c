"""What a person saw of a report or a value when they decided, so that nothing is replaced unseen.

Two windows, two programs or two people may have one review open. Whoever decides sends along what stood before them;
where that is not what stands when the file is locked, nothing is stored and they are told what happened. What a person
may not see (``outcomes.Rule.independent``) is no part of what they saw: it neither stops them nor is given away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leads_local.errors import ReviewError
from leads_local.records import Decision, Stage
from leads_local.review.database import Database
from leads_local.review.outcomes import Rule
from leads_local.review.read_models import RecordView, StoredValue
from leads_local.review.store import decisions, groups

_TOLD = 3  # of many changed reports


class ChangedMeanwhile(ReviewError):
    """What is to be decided is not as the person saw it. Nothing was stored. ``records`` are the reports' heads now."""

    def __init__(self, message: str, records: Sequence[int] = ()) -> None:
        super().__init__(message, "Nothing was stored. Look again, and decide then.")
        self.records = tuple(records)


@dataclass(frozen=True, slots=True)
class Sight:
    """A report at one stage as a person saw it: its records, what the reviewers decide as far as the person may see it,
    and what holds."""

    records: tuple[int, ...]
    votes: tuple[Decision, ...] = ()
    holds: Decision | None = None


def may_see(votes: Sequence[Decision], reviewer: str, rule: Rule, holds: Decision | None) -> bool:
    """Whether ``reviewer`` may see what others decide on a report: where reviewers are to be independent, only once
    there is a decision of theirs, or none is wanted any more, since something holds or the others differ."""
    own = any(vote.reviewer == reviewer for vote in votes)
    return own or not rule.independent or holds is not None or len({vote.choice for vote in votes}) > 1


def visible(votes: Sequence[Decision], reviewer: str, rule: Rule, holds: Decision | None) -> tuple[Decision, ...]:
    """What the reviewers decided, as ``reviewer`` may see it."""
    return tuple(votes) if may_see(votes, reviewer, rule, holds) else ()


def of_view(view: RecordView, stage: Stage, reviewer: str, rule: Rule) -> Sight:
    """What ``reviewer`` saw who had ``view`` before them."""
    records = tuple(sorted({view.id, *(duplicate.id for duplicate in view.duplicates)}))
    holds = view.decisions.get(stage)
    return Sight(records, visible(view.votes.get(stage, ()), reviewer, rule, holds), holds)


def now(db: Database, heads: Sequence[int], stage: Stage, reviewer: str) -> dict[int, Sight]:
    """What ``reviewer`` may see of these reports as they stand, by head."""
    rule, records = decisions.rules(db)[stage], groups.of_heads(db, heads)
    votes, holds = decisions.votes_of(db, heads, stage), decisions.holding(db, heads, stage)
    return {
        head: Sight(records[head], visible(votes.get(head, ()), reviewer, rule, holds.get(head)), holds.get(head))
        for head in heads
        if head in records
    }


def require(db: Database, seen: Mapping[int, Sight], stage: Stage, reviewer: str) -> None:
    """Raise ChangedMeanwhile unless each report, by its head now, is as it was seen. Inside a transaction."""
    stands = now(db, list(seen), stage, reviewer)
    changed = [head for head, sight in seen.items() if stands.get(head) != sight]
    if not changed:
        return
    told = [f"record {head}: {_what_happened(seen[head], stands[head], reviewer)}" for head in changed[:_TOLD]]
    more = f"; and {len(changed) - _TOLD:,} more" if len(changed) > _TOLD else ""
    raise ChangedMeanwhile(f"Not as you saw it is {'; '.join(told)}{more}.", changed)


def require_value(seen: StoredValue, stands: StoredValue, reviewer: str) -> None:
    """Raise ChangedMeanwhile unless what people said of a value is what was seen. Inside a transaction."""
    if _said(seen) == _said(stands):
        return
    who = _who(stands.reviewer, reviewer)
    what = f"{who} {'have' if who == 'you' else 'has'} {stands.status} this value meanwhile{_elsewhere(who)}"
    if stands.status == "proposed":
        what = "what was said of this value was taken back meanwhile"
    raise ChangedMeanwhile(f"Not as you saw it is record {stands.record_id}: {what}.", [stands.record_id])


def _said(stored: StoredValue) -> tuple[str, str, str, str, str]:
    return stored.status, stored.final_text, stored.note, stored.reviewer, stored.at


def _what_happened(seen: Sight, stands: Sight, you: str) -> str:
    """The difference in words."""
    told = []
    if came := [str(record) for record in stands.records if record not in seen.records]:
        told.append(f"it was put together with {', '.join(came)} as one report")
    if went := [str(record) for record in seen.records if record not in stands.records]:
        told.append(f"it is one report with {', '.join(went)} no longer")
    before, after = ({vote.reviewer: vote for vote in sight.votes} for sight in (seen, stands))
    for reviewer in sorted(before.keys() | after.keys()):
        was, now_is, who = before.get(reviewer), after.get(reviewer), _who(reviewer, you)
        if now_is is not None and now_is != was:
            told.append(f"{who} decided {now_is.choice}{_elsewhere(who)}")
        elif now_is is None and was is not None:
            told.append(f"the decision {was.choice} by {who} was taken back")
    if not told and stands.holds is not None:
        told.append(f"it was settled as {stands.holds.choice} by {_who(stands.holds.reviewer, you)}")
    return " and ".join(told or ["what held of it was taken back"])


def _who(reviewer: str, you: str) -> str:
    return "you" if reviewer == you else reviewer or "somebody"


def _elsewhere(who: str) -> str:
    return " in another window" if who == "you" else ""

"""The PRISMA flow as it stood at a past moment, derived from the log of acts.

An act counts when it was written at that moment or before, by the clock of the computer on which it was written; what
took acts back counts likewise. Acts that say no time (of a file of an earlier version) count always. What a copy
brought in later by a merge stands at the time at which it was done there. Whether a PDF can be read is known of it now
only; the model's work is not in the log and in no number here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from leads_local.errors import InputError
from leads_local.records import Choice, Citation, Stage
from leads_local.review import derivation, flow, past_limits, study_names
from leads_local.review.acts import Act, ActKind
from leads_local.review.attachments import FileRole
from leads_local.review.derivation import State
from leads_local.review.flow import Arrivals, Before, Standing
from leads_local.review.outcomes import Outcome
from leads_local.review.prisma_counts import PrismaCounts
from leads_local.review.same_reports import RecordName

_TYPED = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE)
_DAY, _MINUTE, _SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
_LEAST = timedelta(milliseconds=1)
_NO_CLOCK = 1 << 62  # comes after all clocks
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PastFlow:
    """``counts`` as they stood at ``moment`` (UTC), of which ``acts`` of the log's ``of`` tell."""

    moment: datetime
    counts: PrismaCounts
    acts: int
    of: int


def read_moment(text: str) -> datetime:
    """The moment that a person means. Of what is left out all counts: a day until its end, a minute until its end. In
    UTC unless it says another zone. Raises InputError."""
    found = _TYPED.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError
        day, minute, seconds, fraction, zone = found.groups()
        told = datetime.fromisoformat(f"{day}T{minute or '00:00'}{seconds or ''}{(zone or 'Z').upper()}")
        end = timedelta(0) if fraction else _SECOND if seconds else _MINUTE if minute else _DAY
        return (told + end - (_LEAST if end else timedelta(0))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(
            f"{text!r} is no moment.", "Write a day or a time of it in UTC: 2026-11-01 or 2026-11-01T14:30."
        ) from None


def derive(
    acts: Iterable[Act], moment: datetime, readable: Collection[str], imported: Iterable[tuple[RecordName, Citation]]
) -> PastFlow:
    """``readable``: the SHA-256 of each file that can be read; ``imported``: the records as they came, of which limits
    tell. Raises ValueError, KeyError or TypeError where an act
    says what no act of its kind can say."""
    known = list(acts)
    then = [act for act in known if _written(act) <= moment]
    return PastFlow(moment, counts(derivation.derive(then), readable, imported), len(then), len(known))


def counts(
    state: State, readable: Collection[str], imported: Iterable[tuple[RecordName, Citation]] = ()
) -> PrismaCounts:
    """The flow of what stands by the log."""
    present = list(state.records())
    here = Counter(state.group_of(record) for record in present)
    before = _before(state)
    out = state.withdrawn.keys() | state.previous_sources
    new = [record for record in present if record[0] not in out]
    came = Arrivals(
        sources=tuple((name, len(places)) for source, (name, places) in state.sources.items() if source not in out),
        kinds=tuple(state.kinds.get(source, "") for source in state.sources if source not in out),
        from_pdfs=sum(source not in state.sources for source, _ in new),
        groups=len({group for record in new if here[group := state.group_of(record)] > 1}),
        known=sum(state.group_of(record) in before for record in new),
    )
    told = _standings(state, here, before, readable, past_limits.ruled_out(state, imported))
    included = [report for report, standing in told.items() if standing.choice == Choice.INCLUDE]
    previous = [report for report, standing in told.items() if standing.before is Before.INCLUDED]
    studies = study_names.tally(included, previous, _names_of_studies(state))
    return flow.count(Counter(told.values()), came, studies, state.update)


def _names_of_studies(state: State) -> Iterable[tuple[frozenset[RecordName], str]]:
    """Of each report which names of studies were said."""
    for kind, subject in state.annotations:
        if kind == ActKind.STUDY:
            source, place, name = json.loads(subject)
            yield state.group_of((source, place)), name


def _before(state: State) -> dict[frozenset[RecordName], Before]:
    """What held in the previous version of each report that was in it."""
    found: dict[frozenset[RecordName], Before] = {}
    for record, choice in state.previous.items():
        group = state.group_of(record)
        found[group] = max(found.get(group, Before.NEW), _HELD.get(choice, Before.OPEN))
    return found


_HELD: Mapping[str, Before] = {Choice.INCLUDE: Before.INCLUDED, Choice.EXCLUDE: Before.EXCLUDED}


def _standings(
    state: State,
    reports: Iterable[frozenset[RecordName]],
    before: Mapping[frozenset[RecordName], Before],
    readable: Collection[str],
    ruled_out: Mapping[frozenset[RecordName], str],
) -> dict[frozenset[RecordName], Standing]:
    outcomes, began = state.outcomes(), state.update.order[0] if state.update else _NO_CLOCK
    papers = [(state.group_of(record), role) for pdf in readable for record, (role, _) in state.serves(pdf).items()]
    found = {report for report, _ in papers}
    read = {report for report, role in papers if role == FileRole.MAIN}
    missing = {state.group_of(record) for record in state.not_retrieved} - found
    told: dict[frozenset[RecordName], Standing] = {}
    for report in reports:
        first = outcomes.get((Stage.ABSTRACT, report))
        abstract, _ = _holds(first)
        second = outcomes.get((Stage.FULLTEXT, report)) if abstract == Choice.INCLUDE else None
        fulltext, reason = _holds(second)
        since = any(one.order[0] > began for one in (first, second) if one is not None)
        said = (abstract, fulltext, reason, report in read, report in missing)
        told[report] = Standing(*said, before.get(report, Before.NEW), since, ruled_out.get(report, ""))
    return told


def _holds(outcome: Outcome | None) -> tuple[str, str]:
    return (outcome.vote.choice, outcome.vote.reason) if outcome is not None and outcome.vote is not None else ("", "")


def _written(act: Act) -> datetime:
    try:
        told = datetime.fromisoformat(act.at)
    except ValueError:
        return _NEVER
    return told if told.tzinfo else told.replace(tzinfo=UTC)

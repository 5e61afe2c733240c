"""What the review's limits say of its reports, and which of them that takes out before screening.

Why it exists: a limit that excludes leaves a report unseen, so what it does must follow at once from the record's
fields, corrections, duplicates and decisions, be the same in every copy, and give way to a person: a report of which
anybody has decided the abstract is screened, whatever a limit says. ``ruled_out`` is that, by head; it follows from the
rest and is derived anew wherever outcomes are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leads_local.citations import limits as rules
from leads_local.citations.limits import Limit, LimitAnswer, Within
from leads_local.records import Citation
from leads_local.review.database import Database
from leads_local.review.store import limit_rows, protocol_rows

_AT_ONCE = 500
Reports = Iterator[tuple[int, tuple[LimitAnswer, ...]]]


@dataclass(frozen=True, slots=True)
class LimitTally:
    """Of how many reports a limit says what."""

    limit: Limit
    yes: int
    no: int
    unsaid: int


@dataclass(frozen=True, slots=True)
class LimitsPreview:
    """What limits say of all reports: a tally for each, and which reports they take out before screening, by head, each
    with the name of the first limit that does and its answer's evidence."""

    tallies: tuple[LimitTally, ...]
    ruled_out: Mapping[int, LimitAnswer]


def answers(db: Database, head: int) -> tuple[LimitAnswer, ...]:
    """What each limit of the review says of a report."""
    limits = protocol_rows.limits(db)
    return next((said for _, said in _answers_of(db, limits, [head])), ()) if limits else ()


def all_answers(db: Database, limits: Sequence[Limit]) -> Reports:
    """What these limits say of every report of the review, by head."""
    corrected = limit_rows.corrected(db)
    found: dict[int, list[tuple[LimitAnswer, ...]]] = {}
    for record, head, citation in limit_rows.stream(db):
        found.setdefault(head, []).append(_judge(limits, corrected, record, citation))
    return ((head, rules.judge_report(limits, said)) for head, said in sorted(found.items()))


def preview(db: Database, limits: Sequence[Limit]) -> LimitsPreview:
    """What would follow from these limits."""
    words: list[Counter[Within]] = [Counter() for _ in limits]
    decided, ruled_out = limit_rows.decided_abstracts(db), {}
    for head, said in all_answers(db, limits):
        for counted, answer in zip(words, said, strict=True):
            counted[answer.within] += 1
        if head not in decided and (by := rules.ruled_out_by(said)):
            ruled_out[head] = next(answer for answer in said if answer.limit.name == by)
    tallies = (
        LimitTally(limit, counted[Within.YES], counted[Within.NO], counted[Within.UNSAID])
        for limit, counted in zip(limits, words, strict=True)
    )
    return LimitsPreview(tuple(tallies), ruled_out)


# ---------------------------------------------------------------- what is ruled out


def derive(db: Database, concerned: Collection[int], heads: Iterable[int]) -> None:
    """Have what is ruled out of these records, of which ``heads`` stand for reports of the review, be what follows.
    Their outcomes must stand before. Inside a transaction."""
    excluding = _excluding(db)
    if not excluding:
        return  # nothing is ruled out: ``derive_all`` has seen to that
    open_heads = [head for head in heads if not limit_rows.is_decided(db, head)]
    told = ((head, rules.ruled_out_by(said)) for head, said in _answers_of(db, excluding, open_heads))
    limit_rows.replace(db, concerned, {head: by for head, by in told if by})


def derive_all(db: Database) -> None:
    """``derive`` for all reports, after limits were changed. Inside a transaction."""
    stands, wanted = limit_rows.ruled_out(db), follows(db)
    if stands != wanted:
        changed = {head for head in stands.keys() | wanted.keys() if stands.get(head) != wanted.get(head)}
        limit_rows.replace(db, changed, {head: wanted[head] for head in changed & wanted.keys()})


def follows(db: Database) -> dict[int, str]:
    """Which reports are to be ruled out by the limits that are in force, and by which."""
    excluding = _excluding(db)
    if not excluding:
        return {}
    decided = limit_rows.decided_abstracts(db)
    told = ((head, rules.ruled_out_by(said)) for head, said in all_answers(db, excluding) if head not in decided)
    return {head: by for head, by in told if by}


def _excluding(db: Database) -> list[Limit]:
    return [limit for limit in protocol_rows.limits(db) if limit.excludes]


def _answers_of(db: Database, limits: Sequence[Limit], heads: Sequence[int]) -> Reports:
    for start in range(0, len(heads), _AT_ONCE):
        found: dict[int, list[tuple[LimitAnswer, ...]]] = {}
        told = limit_rows.of_reports(db, heads[start : start + _AT_ONCE])
        corrected = limit_rows.corrected(db, [record for record, _, _ in told])
        for record, head, citation in told:
            found.setdefault(head, []).append(_judge(limits, corrected, record, citation))
        yield from ((head, rules.judge_report(limits, said)) for head, said in found.items())


def _judge(
    limits: Sequence[Limit], corrected: Mapping[int, frozenset[str]], record: int, citation: Citation
) -> tuple[LimitAnswer, ...]:
    columns = corrected.get(record, frozenset())
    return tuple(rules.judge(limit, citation, columns) for limit in limits)

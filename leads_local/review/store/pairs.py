"""Pairs of records: of which people say whether they are one report, and of which a search for duplicates could not
tell.

Both are read where they stand, in the log: the last act on each pair that holds, and all that searches have found.
"""

from __future__ import annotations

from leads_local.review.acts import ActKind, doubts_said, pair_of
from leads_local.review.database import Database
from leads_local.review.same_reports import RecordName
from leads_local.review.store import acts, citations

Pair = tuple[int, int]


def ordered(one: int, other: int) -> Pair:
    """The two, the lesser number first, as pairs are listed."""
    return (min(one, other), max(one, other))


def said(db: Database) -> dict[Pair, bool]:
    """Of which two records people say that they are one report (True) or two."""
    told = said_by_name(db)
    numbers = citations.find_all_named(db, {name for pair in told for name in pair})
    return {
        ordered(numbers[one], numbers[other]): same
        for (one, other), same in told.items()
        if one in numbers and other in numbers
    }


def said_by_name(db: Database) -> dict[tuple[RecordName, RecordName], bool]:
    """``said`` by the names of records, also of those that this file does not have."""
    last = {act.subject: act for _, act, _ in acts.holding(db, ActKind.PAIR)}
    told = {pair_of(act.subject_parts()): act.said_parts()["same"] for act in last.values()}
    return {pair: same for pair, same in told.items() if same is not None}


def doubts(db: Database) -> set[Pair]:
    """The pairs that searches for duplicates were in doubt of, whatever was said of them since."""
    found = {pair for _, act, _ in acts.holding(db, ActKind.GROUP) for pair in doubts_said(act)}
    numbers = citations.find_all_named(db, {name for pair in found for name in pair})
    return {ordered(numbers[one], numbers[other]) for one, other in found if one in numbers and other in numbers}

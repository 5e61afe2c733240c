"""From rows to records, and what becomes of a row that holds something else than this program writes.

In a damaged file, or one that another program wrote into, a cell may hold what can't be read: half a list, a choice
that there isn't. It costs its own row, which is named (``Database.unreadable``), and nothing else; where exactly that
row was asked for, one sentence says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from leads_local.records import Stage
from leads_local.review.database import DamagedReview, Database, Row

Made = TypeVar("Made")

AT_ANY_STAGE = f"stage IN ({', '.join(repr(str(stage)) for stage in Stage)})"
"""For tables whose key begins with the stage: with it what belongs to one record is found by the key."""

UNREADABLE_ERRORS = (ValueError, TypeError, KeyError, IndexError)


def read_rows(db: Database, what: str, rows: Iterable[Row], make: Callable[[Row], Made]) -> Iterator[Made]:
    """What ``make`` makes of each row; one that it can't read is named by ``what`` and its first column."""
    for row in rows:
        try:
            made = make(row)
        except UNREADABLE_ERRORS:
            db.unreadable[f"{what} {row[0]}"] = None
            continue
        yield made


def read_row(db: Database, what: str, row: Row, make: Callable[[Row], Made]) -> Made:
    """What ``make`` makes of the row. Raises DamagedReview, which names it, when it can't."""
    try:
        return make(row)
    except UNREADABLE_ERRORS as error:
        raise DamagedReview(
            f"{db.path} is damaged: {what} {row[0]} can't be read.",
            "`leads-local check` lists all, `restore` goes back to a copy.",
        ) from error

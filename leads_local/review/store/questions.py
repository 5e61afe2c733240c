"""The review's question and its criteria.

A criterion is a row for ever: judgements point at the words that were judged. What is no longer asked is only set
inactive, and comes back as the same row when its words come back.
"""

from __future__ import annotations

from collections.abc import Sequence

from leads_local.records import PICO, Criterion, Question, Stage
from leads_local.review.database import Database, utc_now


def create(db: Database, question: Question, made_by: str) -> None:
    db.write(
        "INSERT INTO review (id, title, population, intervention, comparison, outcome, created_at, made_by) "
        "VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
        (*_column_values(question), utc_now(), made_by),
    )


def read(db: Database) -> Question:
    row = db.row("SELECT title, population, intervention, comparison, outcome FROM review")
    return Question(*row) if row is not None else Question()


def write(db: Database, question: Question) -> None:
    """Store the question and make its non-empty parts the first criteria."""
    db.write(
        "UPDATE review SET title = ?, population = ?, intervention = ?, comparison = ?, outcome = ? WHERE id = 1",
        _column_values(question),
    )
    parts = [Criterion(name.capitalize(), text) for name, text in question.parts.items()]
    _replace(db, "question", "", parts)


def write_criteria(db: Database, criteria: Sequence[Criterion], stage: Stage | None) -> None:
    """Make ``criteria`` the reviewer's own: those of both stages (None), or those that only ``stage`` asks."""
    _replace(db, "reviewer", stage or "", criteria)


def criteria(db: Database, stage: Stage) -> tuple[Criterion, ...]:
    """What is asked at ``stage``: the question's parts in the order P I C O, the reviewer's own, those of this stage
    only."""
    rows = db.rows(
        "SELECT name, text, id FROM criterion WHERE active = 1 AND stage IN ('', ?) ORDER BY origin, stage, "
        "position, id",
        (stage,),
    )
    return tuple(Criterion(*row) for row in rows)


def own(db: Database, scope: str) -> tuple[tuple[str, str], ...]:
    """The reviewer's own criteria of both stages ("") or of one, as names and texts."""
    rows = db.rows(
        "SELECT name, text FROM criterion WHERE active = 1 AND origin = 'reviewer' AND stage = ? ORDER BY position, id",
        (scope,),
    )
    return tuple((row[0], row[1]) for row in rows)


def _replace(db: Database, origin: str, stage: str, criteria: Sequence[Criterion]) -> None:
    db.write("UPDATE criterion SET active = 0 WHERE origin = ? AND stage = ?", (origin, stage))
    for place, criterion in enumerate(criteria):
        known = (origin, stage, criterion.name, criterion.text)
        if not db.write(
            "UPDATE criterion SET active = 1, position = ? WHERE origin = ? AND stage = ? AND name = ? AND text = ?",
            (place, *known),
        ):
            db.write(
                "INSERT INTO criterion (origin, stage, name, text, position) VALUES (?, ?, ?, ?, ?)", (*known, place)
            )


def _column_values(question: Question) -> tuple[str, ...]:
    return (question.title, *(getattr(question, part) for part in PICO))

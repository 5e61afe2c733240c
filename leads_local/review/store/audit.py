"""Every row of every table as plain data, for an export that a program can check without this one.

Full texts are not among them, which belong to their publishers and which the review file has, nor what only says
whether the file is sound.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leads_local.review.database import Database, Row
from leads_local.review.store.rows import read_rows

TABLES = (
    *(
        "review",
        "criterion",
        "event",
        "source",
        "source_problem",
        "record",
        "citation",
        "duplicate_group",
        "document",
        "file_link",
        "work",
        "reply",
    ),
    *(
        "screening",
        "judgement",
        "rationale",
        "act",
        "revoked",
        "rule",
        "decision",
        "outcome",
        "value",
        "verification",
        "annotation",
        "withdrawal",
        "retrieval",
        "previous_source",
        "previous_choice",
        "ruled_out",
    ),
)
WITHHELD_TABLES = ("page", "passage", "generation", "seal", "lease", "compared")
_JSON_COLUMNS = frozenset(
    {
        "authors",
        "keywords",
        "urls",
        "extra",
        "reasons",
        "left_out",
        "places",
        "info",
        "choices",
        "replies",
        "subject",
        "said",
        "criteria",
    }
)


def rows(db: Database) -> Iterator[tuple[str, dict[str, Any]]]:
    """``(table, {column: value})``, table by table; what is stored as JSON comes as data."""
    for table in TABLES:
        for row in read_rows(db, f"row of {table}", db.stream(f"SELECT * FROM {table}"), _to_plain_data):
            yield table, row


def note_unreadable(db: Database) -> None:
    """Name each row of which ``rows`` could make nothing (``Database.unreadable``), of a file whose texts are sound."""
    for table in TABLES:
        columns = [str(row["name"]) for row in db.rows(f'PRAGMA table_info("{table}")')]
        broken = [f"NOT coalesce(json_valid({name}), 0)" for name in columns if name in _JSON_COLUMNS]
        if broken:
            for row in db.rows(f"SELECT {columns[0]} FROM {table} WHERE {' OR '.join(broken)}"):
                db.unreadable[f"row of {table} {row[0]}"] = None


def _to_plain_data(row: Row) -> dict[str, Any]:
    return {name: json.loads(row[name]) if name in _JSON_COLUMNS else row[name] for name in row.keys()}  # noqa: SIM118 (a Row has no items)


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model, its prompts and the way of asking, and how many replies there are."""

    model: str
    sha256: str
    pack: str
    mode: str
    layout: str
    replies: int


def models(db: Database) -> list[ModelUse]:
    """Which models answered, in the order of their first replies."""
    columns = "model, model_sha256, pack, mode, layout"
    return [
        ModelUse(*row) for row in db.rows(f"SELECT {columns}, count(*) FROM reply GROUP BY {columns} ORDER BY min(id)")
    ]


def numbering(db: Database, table: str) -> tuple[int, int, int]:
    """How many rows a numbered table has, its first number and its last; an empty one would begin with 1."""
    row = db.row(f"SELECT count(*), coalesce(min(id), 1), coalesce(max(id), 0) FROM {table}")
    return (row[0], row[1], row[2]) if row is not None else (0, 1, 0)


def count_generations(db: Database) -> int:
    """How often the file was written to since it is sealed."""
    return db.number("SELECT max(number) FROM generation")

"""Every row of every table as plain data, for an export that a program can check without this one.

Full texts are not among them: they belong to their publishers, and the review file has them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from leads_local.review.database import Database

TABLES = (
    *("review", "criterion", "event", "source", "source_problem", "record", "citation", "duplicate_group", "document", "work", "reply"),
    *("screening", "judgement", "rationale", "decision", "decision_history", "value", "verification", "verification_history"),
)
WITHHELD = ("page", "passage")
_JSON = frozenset({"authors", "keywords", "urls", "extra", "reasons", "left_out", "places", "info", "choices", "replies"})


def rows(db: Database) -> Iterator[tuple[str, dict[str, Any]]]:
    """``(table, {column: value})``, table by table; what is stored as JSON comes as data."""
    for table in TABLES:
        for row in db.stream(f"SELECT * FROM {table}"):
            yield table, {name: json.loads(row[name]) if name in _JSON else row[name] for name in row.keys()}  # noqa: SIM118 (a Row has no items)


def models(db: Database) -> list[tuple[str, str, str, int]]:
    """Which models answered: (name, SHA-256, prompt pack, number of replies)."""
    found = db.rows("SELECT model, model_sha256, pack, count(*) FROM reply GROUP BY model, model_sha256, pack ORDER BY min(id)")
    return [(row[0], row[1], row[2], row[3]) for row in found]

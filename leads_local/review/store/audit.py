"""Every row of every table as plain data, for an export that a program can check without this one.

Full texts are not among them: they belong to their publishers, and the review file has them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Asked:
    """A model, its prompts and the way of asking, and how many replies there are."""

    model: str
    sha256: str
    pack: str
    mode: str
    layout: str
    replies: int


def models(db: Database) -> list[Asked]:
    """Which models answered, in the order of their first replies."""
    columns = "model, model_sha256, pack, mode, layout"
    return [Asked(*row) for row in db.rows(f"SELECT {columns}, count(*) FROM reply GROUP BY {columns} ORDER BY min(id)")]

"""What a model said of each criterion for each record: suggestions, kept apart from decisions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from leads_local.records import Criterion, Eligibility, Judgement, Stage
from leads_local.review.database import Database, Row
from leads_local.review.views import Screening

_COLUMNS = "n.record_id, n.stage, n.score, n.reply_id, y.model, y.pack, y.at, y.margin, y.left_out"
_FROM = "FROM screening n JOIN reply y ON y.id = n.reply_id"


def put(db: Database, record_id: int, stage: Stage, reply_id: int, judgements: Sequence[Judgement], score: float) -> None:
    """Make these judgements the record's newest at ``stage``. A reply that is used again keeps its judgements."""
    db.write_many(
        "INSERT INTO judgement (reply_id, position, criterion_id, eligibility, rationale) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(reply_id, place, j.criterion.id, j.eligibility, j.rationale) for place, j in enumerate(judgements)],
    )
    db.write(
        "INSERT INTO screening (stage, record_id, reply_id, score) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (stage, record_id) DO UPDATE SET reply_id = excluded.reply_id, score = excluded.score",
        (stage, record_id, reply_id, score),
    )


def read(db: Database, record_id: int) -> dict[Stage, Screening]:
    rows = db.rows(f"SELECT {_COLUMNS} {_FROM} WHERE n.record_id = ?", (record_id,))
    return {Stage(row["stage"]): _screening(db, row) for row in rows}


def scores(db: Database) -> dict[tuple[int, Stage], float]:
    """The model's newest score of every record that has one, by record and stage."""
    return {(row["record_id"], Stage(row["stage"])): row["score"] for row in db.rows("SELECT record_id, stage, score FROM screening")}


def stream(db: Database) -> Iterator[tuple[int, Stage, Screening]]:
    """Every record's newest screening, by record and stage."""
    for row in db.stream(f"SELECT {_COLUMNS} {_FROM} ORDER BY n.record_id, n.stage"):
        yield row["record_id"], Stage(row["stage"]), _screening(db, row)


def _screening(db: Database, row: Row) -> Screening:
    return Screening(
        judgements=_judgements(db, row["reply_id"]),
        score=row["score"],
        model=row["model"],
        pack=row["pack"],
        at=row["at"],
        margin=row["margin"],
        left_out=tuple(json.loads(row["left_out"])),
    )


def _judgements(db: Database, reply_id: int) -> tuple[Judgement, ...]:
    rows = db.rows(
        "SELECT c.name, c.text, c.id, j.eligibility, j.rationale FROM judgement j JOIN criterion c ON c.id = j.criterion_id "
        "WHERE j.reply_id = ? ORDER BY j.position",
        (reply_id,),
    )
    return tuple(Judgement(Criterion(row[0], row[1], row[2]), Eligibility(row[3]), row[4]) for row in rows)

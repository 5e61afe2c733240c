"""Lists of reports: ids first, for 100,000 records at once, and texts only for those that are on the screen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from leads_local.records import Choice, Stage
from leads_local.review.database import Database, Row
from leads_local.review.read_models import Order, Show, Summary
from leads_local.review.store.rows import readable

# The latest decision among the records of a group counts. With max(), SQLite takes the other columns from the row that
# has it.
STANDING = (
    "SELECT r.head AS head, d.choice AS choice, d.reason AS reason, max(d.seq) AS seq "
    "FROM decision d JOIN record r ON r.id = d.record_id WHERE d.stage = {stage} GROUP BY r.head"
)
READABLE = "SELECT m.head FROM document o JOIN record m ON m.id = o.record_id WHERE o.problem = ''"
CONFLICTING = (
    "SELECT g.head FROM duplicate_group g JOIN record m ON m.head = g.head JOIN decision x ON x.record_id = m.id "
    "AND x.stage = :stage "
    "GROUP BY g.head HAVING count(DISTINCT x.choice) > 1 AND max(x.seq) <= g.seq"
)
_FAILED = "SELECT m.head FROM work w JOIN record m ON m.id = w.record_id WHERE w.state = 'failed' AND w.stage = :stage"

_HEADS: Mapping[Stage, str] = {
    Stage.ABSTRACT: "SELECT id FROM record WHERE head = id",
    Stage.FULLTEXT: "SELECT head AS id FROM (" + STANDING.format(stage="'abstract'") + ") WHERE choice = 'include'",
}
_SHOWN: Mapping[Show, str] = {
    Show.ALL: "1",
    Show.UNDECIDED: "s.choice IS NULL",
    Show.INCLUDED: "s.choice = 'include'",
    Show.EXCLUDED: "s.choice = 'exclude'",
    Show.MAYBE: "s.choice = 'maybe'",
    Show.NEEDS_LOOK: (
        f"(h.id IN ({_FAILED}) OR h.id IN ({CONFLICTING}) OR (:stage = 'fulltext' AND s.choice IS NULL AND h.id "
        f"NOT IN ({READABLE})))"
    ),
}
_SORTED: Mapping[Order, str] = {
    Order.ENTRY: "h.id",
    Order.SCORE: "(SELECT n.score FROM screening n WHERE n.stage = :stage AND n.record_id = h.id) DESC NULLS LAST, "
    "h.id",
    Order.CHANCE: (
        "(SELECT coalesce(n.expected, n.score) FROM screening n WHERE n.stage = :stage AND n.record_id = h.id) "
        "DESC NULLS LAST, h.id"
    ),
}


def ids(db: Database, stage: Stage, show: Show, order: Order) -> list[int]:
    """The heads that are to be decided at ``stage``: all of them for abstracts, what was included there for full
    texts."""
    standing = STANDING.format(stage=":stage")
    return db.numbers(
        f"SELECT h.id FROM ({_HEADS[stage]}) h LEFT JOIN ({standing}) s ON s.head = h.id WHERE {_SHOWN[show]} "
        f"ORDER BY {_SORTED[order]}",
        {"stage": stage},
    )


def included(db: Database) -> tuple[Stage, list[int]]:
    """The reports that are in the review as far as it has come: those included by full text or, while no full text has
    been decided, by abstract; and which of the two it was."""
    sought = ids(db, Stage.FULLTEXT, Show.ALL, Order.ENTRY)
    if len(ids(db, Stage.FULLTEXT, Show.UNDECIDED, Order.ENTRY)) == len(sought):
        return Stage.ABSTRACT, sought
    return Stage.FULLTEXT, ids(db, Stage.FULLTEXT, Show.INCLUDED, Order.ENTRY)


def summaries(db: Database, ids: Sequence[int], stage: Stage) -> list[Summary]:
    """One line for each of ``ids``, in their order; an id that is no record is left out."""
    rows = db.rows(_SUMMARY, {"ids": json.dumps(list(ids)), "stage": stage})
    found = {summary.id: summary for summary in readable(db, "citation of record", rows, _summary)}
    return [found[i] for i in ids if i in found]


# CROSS JOIN keeps SQLite to this order of the tables: from 50 ids to their rows, never through all rows.
_SUMMARY = """
    SELECT r.id, c.title, c.authors, c.year,
        (SELECT d.choice FROM record m CROSS JOIN decision d ON d.stage = :stage AND d.record_id = m.id
            WHERE m.head = r.id ORDER BY d.seq DESC LIMIT 1) AS choice,
        n.score, n.expected,
        EXISTS (
            SELECT 1 FROM record m CROSS JOIN document o ON o.record_id = m.id WHERE m.head = r.id AND o.problem = ''
        ) AS has_fulltext,
        EXISTS (SELECT 1 FROM record m CROSS JOIN work w ON w.record_id = m.id
            WHERE m.head = r.id AND w.state = 'failed' AND w.stage = :stage) AS failed
    FROM json_each(:ids) i CROSS JOIN record r ON r.id = i.value CROSS JOIN citation c ON c.record_id = r.id
        LEFT JOIN screening n ON n.stage = :stage AND n.record_id = r.id"""


def _summary(row: Row) -> Summary:
    return Summary(
        id=row["id"],
        title=row["title"],
        authors=tuple(json.loads(row["authors"])),
        year=row["year"],
        choice=Choice(row["choice"]) if row["choice"] else None,
        score=row["score"],
        has_fulltext=bool(row["has_fulltext"]),
        failed=bool(row["failed"]),
        expected=row["expected"],
    )


def decided_scores(db: Database, stage: Stage) -> list[tuple[float, bool]]:
    """The model's expected score (its score where that is not known) of each report that a person included or excluded,
    and which."""
    rows = db.rows(
        f"SELECT coalesce(n.expected, n.score) AS score, s.choice FROM ({STANDING.format(stage=':stage')}) s "
        "JOIN screening n ON n.stage = :stage AND n.record_id = s.head WHERE s.choice <> 'maybe' ORDER BY s.seq",
        {"stage": stage},
    )
    return [(row["score"], row["choice"] == Choice.INCLUDE) for row in rows]

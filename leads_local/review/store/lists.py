"""Lists of reports: ids first, for 100,000 records at once, and texts only for those that are on the screen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from leads_local.citations.standing_notices import GRAVE
from leads_local.records import Choice, Stage
from leads_local.review.database import Database, Row
from leads_local.review.outcomes import OutcomeState, Rule, RuleKind
from leads_local.review.read_models import OutcomeCounts, RecordFilter, RecordOrder, RecordSummary
from leads_local.review.store.citations import CURRENT
from leads_local.review.store.groups import CONFLICTING_HEADS
from leads_local.review.store.limit_rows import RULED_OUT_HEADS
from leads_local.review.store.newer_rows import CHANGED_HEADS
from leads_local.review.store.protocol_rows import NOT_RETRIEVED_HEADS
from leads_local.review.store.rows import read_rows
from leads_local.review.store.screenings import IS_STALE

STANDING_DECISIONS = (
    "SELECT d.record_id AS head, d.choice AS choice, d.reason AS reason, d.clock AS clock "
    "FROM outcome d WHERE d.stage = {stage} AND d.state = 'settled'"
)
SOUGHT_HEADS = "SELECT head FROM (" + STANDING_DECISIONS.format(stage="'abstract'") + ") WHERE choice = 'include'"
"""What people included by its abstract, of which reports are therefore sought in full."""
_READABLE = "o.problem = '' AND f.role = 'main'"
READABLE_FULLTEXTS = (
    "SELECT m.head FROM document o JOIN file_link f ON f.document_id = o.id JOIN record m ON m.id = f.record_id "
    f"WHERE {_READABLE}"
)
_FAILED_HEADS = (
    "SELECT m.head FROM work w JOIN record m ON m.id = w.record_id WHERE w.state = 'failed' AND w.stage = :stage "
    "AND w.comparison = 0"
)
_OWN_HEADS = (
    "SELECT m.head FROM decision x JOIN record m ON m.id = x.record_id WHERE x.stage = :stage AND "
    "x.reviewer = :reviewer"
)

_GRAVE = ", ".join(f"'{notice}'" for notice in GRAVE)
_INDEPENDENT = ", ".join(f"'{kind}'" for kind in RuleKind if Rule(kind).independent)

_HEADS_BY_STAGE: Mapping[Stage, str] = {
    Stage.ABSTRACT: f"SELECT id FROM record WHERE head = id AND absent = 0 AND id NOT IN ({RULED_OUT_HEADS})",
    Stage.FULLTEXT: f"SELECT head AS id FROM ({SOUGHT_HEADS})",
}
_RULED_OUT = f"SELECT record_id AS id FROM ({RULED_OUT_HEADS}) WHERE :stage = 'abstract'"
_SHOW_CONDITIONS: Mapping[RecordFilter, str] = {
    RecordFilter.ALL: "1",
    RecordFilter.RULED_OUT: "1",
    RecordFilter.UNDECIDED: "s.choice IS NULL",
    RecordFilter.TO_DO: (
        f"NOT (:stage = 'fulltext' AND h.id IN ({NOT_RETRIEVED_HEADS})) AND "
        "h.id NOT IN (SELECT record_id FROM outcome WHERE stage = :stage AND state <> 'waiting') AND "
        f"h.id NOT IN ({_OWN_HEADS})"
    ),
    RecordFilter.INCLUDED: "s.choice = 'include'",
    RecordFilter.EXCLUDED: "s.choice = 'exclude'",
    RecordFilter.MAYBE: "s.choice = 'maybe'",
    RecordFilter.CONFLICT: "h.id IN (SELECT record_id FROM outcome WHERE stage = :stage AND state = 'conflict')",
    RecordFilter.WAITING: (
        "h.id IN (SELECT record_id FROM outcome WHERE stage = :stage AND state = 'waiting') AND (:reviewer = '' OR "
        f"h.id IN ({_OWN_HEADS}) OR NOT EXISTS (SELECT 1 FROM rule WHERE stage = :stage AND kind = 'second-check'))"
    ),
    RecordFilter.NEEDS_LOOK: (
        f"(h.id IN ({_FAILED_HEADS}) OR h.id IN ({CONFLICTING_HEADS}) OR (:stage = 'fulltext' AND s.choice IS NULL "
        "AND h.id "
        f"NOT IN ({READABLE_FULLTEXTS})))"
    ),
    RecordFilter.CHANGED: f"h.id IN ({CHANGED_HEADS})",
}
_CURRENT = f"NOT {IS_STALE.format(stage=':stage')}"
_ORDER_KEYS: Mapping[RecordOrder, str] = {
    RecordOrder.ENTRY: "h.id",
    RecordOrder.SCORE: (
        f"(SELECT n.score FROM screening n WHERE n.stage = :stage AND n.record_id = h.id AND {_CURRENT}) DESC NULLS "
        "LAST, h.id"
    ),
    RecordOrder.CHANCE: (
        "(SELECT coalesce(n.expected, n.score) FROM screening n WHERE n.stage = :stage AND n.record_id = h.id AND "
        f"{_CURRENT}) DESC NULLS LAST, h.id"
    ),
}


def report_ids(db: Database, stage: Stage, show: RecordFilter, order: RecordOrder, reviewer: str = "") -> list[int]:
    """The heads that are to be decided at ``stage``: all of them for abstracts but what is ruled out, what was
    included there for full texts. ``reviewer`` is whose TO_DO is listed."""
    standing = STANDING_DECISIONS.format(stage=":stage")
    heads = _RULED_OUT if show is RecordFilter.RULED_OUT else _HEADS_BY_STAGE[stage]
    return db.numbers(
        f"SELECT h.id FROM ({heads}) h LEFT JOIN ({standing}) s ON s.head = h.id WHERE "
        f"{_SHOW_CONDITIONS[show]} "
        f"ORDER BY {_ORDER_KEYS[order]}",
        {"stage": stage, "reviewer": reviewer},
    )


def count_outcomes(db: Database, stage: Stage, reviewer: str = "") -> OutcomeCounts:
    """How it stands with the reports that are to be decided at ``stage``. Of what waits only what ``reviewer`` has
    decided is counted, so that nothing is given away to who has yet to decide."""
    sought = f"AND o.record_id IN ({SOUGHT_HEADS}) " if stage is Stage.FULLTEXT else ""
    rows = db.rows(
        f"SELECT o.state, count(*) FROM outcome o WHERE o.stage = :stage {sought}AND (o.state <> 'waiting' OR "
        f":reviewer = '' OR o.record_id IN ({_OWN_HEADS})) GROUP BY o.state",
        {"stage": stage, "reviewer": reviewer},
    )
    return OutcomeCounts(**{row[0]: row[1] for row in rows})


def hidden_reports(db: Database, stage: Stage, reviewer: str) -> list[int]:
    """The reports of which others have decided something at ``stage``, be it taken back since, while ``reviewer`` has
    yet to decide them without knowing of that (see ``sights.may_see``)."""
    return db.numbers(
        "SELECT DISTINCT m.head FROM act a JOIN record m ON m.id = a.record_id WHERE a.kind = 'decide' "
        "AND json_extract(a.subject, '$[2]') = :stage AND a.reviewer <> :reviewer AND m.absent = 0 "
        f"AND EXISTS (SELECT 1 FROM rule WHERE stage = :stage AND kind IN ({_INDEPENDENT})) "
        "AND m.head NOT IN (SELECT record_id FROM outcome WHERE stage = :stage AND state <> 'waiting') "
        f"AND m.head NOT IN ({_OWN_HEADS}) ORDER BY 1",
        {"stage": stage, "reviewer": reviewer},
    )


def included_reports(db: Database) -> tuple[Stage, list[int]]:
    """What “included” means for extraction, screen and export alike: the reports that people included by full text or,
    while no full text has been decided, by abstract; and which of the two it was."""
    sought = report_ids(db, Stage.FULLTEXT, RecordFilter.ALL, RecordOrder.ENTRY)
    if len(report_ids(db, Stage.FULLTEXT, RecordFilter.UNDECIDED, RecordOrder.ENTRY)) == len(sought):
        return Stage.ABSTRACT, sought
    return Stage.FULLTEXT, report_ids(db, Stage.FULLTEXT, RecordFilter.INCLUDED, RecordOrder.ENTRY)


def has_reports(db: Database) -> bool:
    """Whether there is any record at all."""
    return bool(db.number("SELECT EXISTS (SELECT 1 FROM record WHERE absent = 0)"))


def has_fulltext(db: Database, heads: Sequence[int]) -> bool:
    """Whether any of these reports has a full text that can be read."""
    sql = f"SELECT EXISTS (SELECT 1 FROM json_each(:heads) h WHERE h.value IN ({READABLE_FULLTEXTS}))"
    return bool(db.number(sql, {"heads": json.dumps(list(heads))}))


def find_by_title(db: Database, words: Sequence[str], at_most: int) -> list[int]:
    """The first reports whose title has all of these words, whatever their case."""
    return db.numbers(
        "SELECT r.id FROM record r JOIN citation c ON c.record_id = r.id WHERE r.head = r.id AND r.absent = 0 AND NOT "
        "EXISTS (SELECT 1 FROM json_each(?) w WHERE instr(lower(c.title), lower(w.value)) = 0) ORDER BY r.id LIMIT ?",
        (json.dumps(list(words)), at_most),
    )


def summaries(db: Database, ids: Sequence[int], stage: Stage, reviewer: str = "") -> list[RecordSummary]:
    """One line for each of ``ids``, in their order; an id that is no record is left out. ``reviewer`` is who looks."""
    rows = db.rows(_SUMMARY, {"ids": json.dumps(list(ids)), "stage": stage, "reviewer": reviewer})
    found = {summary.id: summary for summary in read_rows(db, "citation of record", rows, _to_summary)}
    return [found[i] for i in ids if i in found]


# CROSS JOIN keeps SQLite to this order of the tables: from 50 ids to their rows, never through all rows.
_SUMMARY = f"""
    SELECT r.id, c.title, c.authors, c.year,
        d.choice, d.state,
        (SELECT x.choice FROM record m CROSS JOIN decision x ON x.stage = :stage AND x.record_id = m.id
            AND x.reviewer = :reviewer WHERE m.head = r.id ORDER BY +x.clock DESC LIMIT 1) AS own,
        n.score, n.expected,
        (SELECT x.by_limit FROM ruled_out x WHERE :stage = 'abstract' AND x.record_id = r.id) AS ruled_out_by,
        EXISTS (
            SELECT 1 FROM record m CROSS JOIN file_link f ON f.record_id = m.id CROSS JOIN document o
                ON o.id = f.document_id WHERE m.head = r.id AND {_READABLE}
        ) AS has_fulltext,
        EXISTS (SELECT 1 FROM record m CROSS JOIN work w ON w.record_id = m.id
            WHERE m.head = r.id AND w.state = 'failed' AND w.stage = :stage AND w.comparison = 0) AS failed,
        (SELECT json_group_array(DISTINCT n.about) FROM record m CROSS JOIN annotation n ON n.record_id = m.id
            AND n.kind = 'tag' AND n.about IN ({_GRAVE}) WHERE m.head = r.id) AS noticed
    FROM json_each(:ids) i CROSS JOIN record r ON r.id = i.value CROSS JOIN {CURRENT} c ON c.record_id = r.id
        LEFT JOIN screening n ON n.stage = :stage AND n.record_id = r.id AND {_CURRENT}
        LEFT JOIN outcome d ON d.stage = :stage AND d.record_id = r.id"""


def _to_summary(row: Row) -> RecordSummary:
    return RecordSummary(
        id=row["id"],
        title=row["title"],
        authors=tuple(json.loads(row["authors"])),
        year=row["year"],
        choice=Choice(row["choice"]) if row["choice"] else None,
        score=row["score"],
        has_fulltext=bool(row["has_fulltext"]),
        failed=bool(row["failed"]),
        state=OutcomeState(row["state"]) if row["state"] else None,
        own=Choice(row["own"]) if row["own"] else None,
        expected=row["expected"],
        ruled_out_by=row["ruled_out_by"] or "",
        noticed=tuple(json.loads(row["noticed"])),
    )


def decided_scores(db: Database, stage: Stage) -> list[tuple[float, bool]]:
    """The model's expected score (its score where that is not known) of each report that a person included or excluded,
    and which; of those judged by the criteria that are asked now."""
    rows = db.rows(
        f"SELECT coalesce(n.expected, n.score) AS score, s.choice FROM ({STANDING_DECISIONS.format(stage=':stage')}) s "
        f"JOIN screening n ON n.stage = :stage AND n.record_id = s.head AND {_CURRENT} "
        "WHERE s.choice <> 'maybe' ORDER BY s.clock",
        {"stage": stage},
    )
    return [(row["score"], row["choice"] == Choice.INCLUDE) for row in rows]

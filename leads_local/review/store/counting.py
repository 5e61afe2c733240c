"""The numbers of the PRISMA flow, counted from what stands in the tables now, and how far people and model are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from leads_local.records import Stage
from leads_local.review import flow, study_names
from leads_local.review.acts import ActKind
from leads_local.review.database import Database, Row
from leads_local.review.flow import Arrivals, Before, Standing
from leads_local.review.prisma_counts import PrismaCounts, StageProgress
from leads_local.review.store import acts, groups, study_rows, update_rows
from leads_local.review.store.limit_rows import RULED_OUT_HEADS
from leads_local.review.store.lists import READABLE_FULLTEXTS
from leads_local.review.store.protocol_rows import NOT_RETRIEVED_HEADS


def counts(db: Database) -> PrismaCounts:
    """All at one moment; the equations in the docstring of PrismaCounts hold for what this returns."""
    with db.snapshot():
        update = update_rows.current(db)
        rows = db.rows(_STANDINGS) if update is None else db.rows(_IN_UPDATE, {"update": update.order[0]})
        reports: Counter[Standing] = Counter()
        for row in rows:
            reports[_standing(row)] += row["reports"]
        sources, kinds = db.rows(_SOURCES), _kinds(db)
        came = Arrivals(
            sources=tuple((row[0], row[1]) for row in sources),
            kinds=tuple(kinds.get(row[2], "") for row in sources),
            from_pdfs=db.number(_FROM_PDFS),
            groups=db.number(_GROUPS),
            known=db.number(_KNOWN) if update else 0,
        )
        previous = db.numbers(_INCLUDED_BEFORE) if update else []
        studies = study_names.tally(db.numbers(_INCLUDED), previous, study_rows.names(db))
        counted = flow.count(reports, came, studies, update, conflicts=len(groups.conflicting_heads(db)))
        full = sum(number for one, number in reports.items() if one.sought and one.fulltext and one.in_flow)
        decided = {Stage.ABSTRACT: (counted.to_screen, counted.screened), Stage.FULLTEXT: (counted.sought, full)}
        progress = []
        for stage, numbers in decided.items():
            work = _count_model_work(db, stage) if update is None else _sum_model_work(rows, stage)
            progress.append(StageProgress(stage, *numbers, *work))
        return replace(counted, progress=tuple(progress))


def _kinds(db: Database) -> dict[str, str]:
    """What kind each imported file was said to be, by its SHA-256."""
    told = ((act.subject_parts()[0], act.said_parts()) for _, act, _ in acts.holding(db, ActKind.DESCRIBE))
    return {sha256: str(said["kind"]) for sha256, said in told}


def _standing(row: Row) -> Standing:
    return Standing(
        abstract=row["abstract"],
        fulltext=row["fulltext"],
        reason=row["reason"],
        readable=bool(row["readable"]),
        missing=bool(row["missing"]),
        before=Before(row["before"]),
        since=bool(row["since"]),
        ruled_out=row["ruled_out"],
    )


_SETTLED = "FROM outcome a WHERE a.stage = 'abstract' AND a.state = 'settled'"
_NOTHING_BEFORE = f"{Before.NEW:d} AS before, 0 AS since"
_STANDINGS = f"""
    SELECT 'include' AS abstract, coalesce(f.choice, '') AS fulltext, coalesce(f.reason, '') AS reason,
        a.record_id IN ({READABLE_FULLTEXTS}) AS readable, a.record_id IN ({NOT_RETRIEVED_HEADS}) AS missing,
        {_NOTHING_BEFORE}, '' AS ruled_out, count(*) AS reports
    FROM outcome a LEFT JOIN outcome f ON f.stage = 'fulltext' AND f.record_id = a.record_id AND f.state = 'settled'
    WHERE a.stage = 'abstract' AND a.state = 'settled' AND a.choice = 'include' GROUP BY 2, 3, 4, 5
    UNION ALL SELECT a.choice, '', '', 0, 0, {_NOTHING_BEFORE}, '', count(*) {_SETTLED} AND a.choice <> 'include'
        GROUP BY 1
    UNION ALL SELECT '', '', '', 0, 0, {_NOTHING_BEFORE}, by_limit, count(*) FROM ruled_out GROUP BY by_limit
    UNION ALL SELECT '', '', '', 0, 0, {_NOTHING_BEFORE}, '',
        (SELECT count(*) FROM record WHERE head = id AND absent = 0)
        - (SELECT count(*) {_SETTLED}) - (SELECT count(*) FROM ruled_out)"""
"""How many reports there are of each standing; full texts only of those that are sought. By the index of outcomes: of
100,000 reports few are read."""
_JUDGED = "sum(EXISTS (SELECT 1 FROM screening n WHERE n.stage = '{stage}' AND n.record_id = h.id))"
_FAILED = (
    "sum(h.id IN (SELECT f.head FROM work w JOIN record f ON f.id = w.record_id WHERE w.stage = '{stage}' AND "
    "w.state = 'failed' AND w.comparison = 0 AND f.absent = 0))"
)
_OF_BEFORE = "(SELECT source_id FROM previous_source)"
_HELD = f"""(
    SELECT r.head, max(CASE c.choice WHEN 'include' THEN {Before.INCLUDED:d} WHEN 'exclude' THEN {Before.EXCLUDED:d}
        ELSE {Before.OPEN:d} END) AS held
    FROM previous_source p CROSS JOIN record r ON r.source_id = p.source_id
        LEFT JOIN previous_choice c ON c.record_id = r.id GROUP BY r.head
)"""
_INCLUDED = (
    "SELECT f.record_id FROM outcome f JOIN outcome a ON a.stage = 'abstract' AND a.record_id = f.record_id "
    "WHERE f.stage = 'fulltext' AND f.state = 'settled' AND f.choice = 'include' AND a.choice = 'include'"
)
_INCLUDED_BEFORE = (
    f"SELECT b.head FROM {_HELD} b JOIN record h ON h.id = b.head WHERE b.held = {Before.INCLUDED:d} AND h.absent = 0"
)
_IN_UPDATE = f"""
    SELECT coalesce(a.choice, '') AS abstract, coalesce(f.choice, '') AS fulltext, coalesce(f.reason, '') AS reason,
        a.choice IS 'include' AND h.id IN ({READABLE_FULLTEXTS}) AS readable,
        a.choice IS 'include' AND h.id IN ({NOT_RETRIEVED_HEADS}) AS missing,
        coalesce(b.held, {Before.NEW:d}) AS before, max(coalesce(a.clock, 0), coalesce(f.clock, 0)) > :update AS since,
        {_JUDGED.format(stage="abstract")} AS judged_abstract, {_FAILED.format(stage="abstract")} AS failed_abstract,
        {_JUDGED.format(stage="fulltext")} AS judged_fulltext, {_FAILED.format(stage="fulltext")} AS failed_fulltext,
        coalesce(x.by_limit, '') AS ruled_out, count(*) AS reports
    FROM record h
        LEFT JOIN outcome a ON a.stage = 'abstract' AND a.record_id = h.id
        LEFT JOIN outcome f ON a.choice = 'include' AND f.stage = 'fulltext' AND f.record_id = h.id
        LEFT JOIN {_HELD} b ON b.head = h.id
        LEFT JOIN ruled_out x ON x.record_id = h.id
    WHERE h.head = h.id AND h.absent = 0 GROUP BY 1, 2, 3, 4, 5, 6, 7, x.by_limit"""
"""The same in an update, where each report's place depends on what held of it before; with the model's work."""
_SOURCES = (
    "SELECT s.path, (SELECT count(*) FROM record r WHERE r.source_id = s.id), s.sha256 FROM source s "
    "WHERE s.origin = 'file' "
    f"AND s.id NOT IN (SELECT source_id FROM withdrawal) AND s.id NOT IN {_OF_BEFORE} ORDER BY s.id"
)
_FROM_PDFS = (
    "SELECT count(*) FROM source s JOIN record r ON r.source_id = s.id WHERE s.origin = 'pdf' AND r.absent = 0 AND "
    f"s.id NOT IN {_OF_BEFORE}"
)
_GROUPS = (
    "SELECT count(DISTINCT head) FROM record WHERE absent = 0 AND head IN (SELECT head FROM record WHERE head <> id "
    f"AND absent = 0) AND source_id NOT IN {_OF_BEFORE}"
)
_KNOWN = (
    f"SELECT count(*) FROM record WHERE absent = 0 AND source_id NOT IN {_OF_BEFORE} AND head IN "
    f"(SELECT head FROM record WHERE source_id IN {_OF_BEFORE})"
)


def _sum_model_work(rows: Iterable[Row], stage: Stage) -> tuple[int, int]:
    """``_count_model_work`` in an update, of what is counted in its flow."""
    here = [row for row in rows if _standing(row).in_flow and not row["ruled_out"]]
    return sum(row[f"judged_{stage}"] for row in here), sum(row[f"failed_{stage}"] for row in here)


def _count_model_work(db: Database, stage: Stage) -> tuple[int, int]:
    """How many heads the model has screened at ``stage``, and on how many it failed."""
    screened = db.number(
        "SELECT count(*) FROM screening n JOIN record r ON r.id = n.record_id WHERE n.stage = ? "
        f"AND r.head = r.id AND r.absent = 0 AND r.id NOT IN ({RULED_OUT_HEADS})",
        (stage,),
    )
    failed = db.number(
        "SELECT count(DISTINCT r.head) FROM work w JOIN record r ON r.id = w.record_id WHERE r.absent = 0 AND "
        "w.stage = ? AND w.state = 'failed' AND w.comparison = 0",
        (stage,),
    )
    return screened, failed

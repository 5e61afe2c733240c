"""The numbers of the PRISMA flow, counted from what stands in the tables now, and how far people and model are."""

from __future__ import annotations

from dataclasses import replace

from leads_local.records import Stage
from leads_local.review import flow
from leads_local.review.database import Database
from leads_local.review.flow import Arrivals, Standing
from leads_local.review.read_models import PrismaCounts, StageProgress
from leads_local.review.store import groups
from leads_local.review.store.lists import READABLE_FULLTEXTS
from leads_local.review.store.protocol_rows import NOT_RETRIEVED_HEADS


def counts(db: Database) -> PrismaCounts:
    """All at one moment; the equations in the docstring of PrismaCounts hold for what this returns."""
    with db.snapshot():
        rows = db.rows(_STANDINGS)
        reports = {Standing(row[0], row[1], row[2], bool(row[3]), bool(row[4])): int(row[5]) for row in rows}
        came = Arrivals(
            sources=tuple((row[0], row[1]) for row in db.rows(_SOURCES)),
            from_pdfs=db.number(
                "SELECT count(*) FROM source s JOIN record r ON r.source_id = s.id WHERE s.origin = 'pdf' AND "
                "r.absent = 0"
            ),
            groups=db.number("SELECT count(DISTINCT head) FROM record WHERE head <> id AND absent = 0"),
        )
        counted = flow.count(reports, came, conflicts=len(groups.conflicting_heads(db)))
        decided = {
            Stage.ABSTRACT: counted.screened,
            Stage.FULLTEXT: sum(n for one, n in reports.items() if one.sought and one.fulltext),
        }
        records = {Stage.ABSTRACT: counted.to_screen, Stage.FULLTEXT: counted.sought}
        progress = (
            StageProgress(stage, records[stage], decided[stage], *_count_model_work(db, stage)) for stage in Stage
        )
        return replace(counted, progress=tuple(progress))


_SETTLED = "FROM outcome a WHERE a.stage = 'abstract' AND a.state = 'settled'"
_STANDINGS = f"""
    SELECT 'include', coalesce(f.choice, ''), coalesce(f.reason, ''), a.record_id IN ({READABLE_FULLTEXTS}) AS readable,
        a.record_id IN ({NOT_RETRIEVED_HEADS}) AS missing, count(*)
    FROM outcome a LEFT JOIN outcome f ON f.stage = 'fulltext' AND f.record_id = a.record_id AND f.state = 'settled'
    WHERE a.stage = 'abstract' AND a.state = 'settled' AND a.choice = 'include' GROUP BY 2, 3, 4, 5
    UNION ALL SELECT a.choice, '', '', 0, 0, count(*) {_SETTLED} AND a.choice <> 'include' GROUP BY 1
    UNION ALL SELECT '', '', '', 0, 0, (SELECT count(*) FROM record WHERE head = id AND absent = 0)
        - (SELECT count(*) {_SETTLED})"""
"""How many reports there are of each standing; full texts only of those that are sought. By the index of outcomes: of
100,000 reports few are read."""
_SOURCES = (
    "SELECT s.path, (SELECT count(*) FROM record r WHERE r.source_id = s.id) FROM source s WHERE s.origin = 'file' "
    "AND s.id NOT IN (SELECT source_id FROM withdrawal) ORDER BY s.id"
)


def _count_model_work(db: Database, stage: Stage) -> tuple[int, int]:
    """How many heads the model has screened at ``stage``, and on how many it failed."""
    screened = db.number(
        "SELECT count(*) FROM screening n JOIN record r ON r.id = n.record_id WHERE n.stage = ? "
        "AND r.head = r.id AND r.absent = 0",
        (stage,),
    )
    failed = db.number(
        "SELECT count(DISTINCT r.head) FROM work w JOIN record r ON r.id = w.record_id WHERE r.absent = 0 AND "
        "w.stage = ? AND w.state = 'failed' AND w.comparison = 0",
        (stage,),
    )
    return screened, failed

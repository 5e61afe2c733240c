"""The numbers of the PRISMA flow, counted from what stands in the tables now."""

from __future__ import annotations

from leads_local.records import Choice, Stage
from leads_local.review.database import Database
from leads_local.review.read_models import PrismaCounts, StageProgress
from leads_local.review.store import groups
from leads_local.review.store.lists import READABLE_FULLTEXTS, SOUGHT_HEADS, STANDING_DECISIONS
from leads_local.review.store.protocol_rows import NOT_RETRIEVED_HEADS

_ABSTRACT = STANDING_DECISIONS.format(stage="'abstract'")
_FULLTEXT = STANDING_DECISIONS.format(stage="'fulltext'")


def counts(db: Database) -> PrismaCounts:
    """All at one moment; the equations in the docstring of Counts hold for what this returns."""
    with db.snapshot():
        sources = tuple((row[0], row[1]) for row in db.rows(_SOURCES))
        from_pdfs = db.number(
            "SELECT count(*) FROM record r JOIN source s ON s.id = r.source_id WHERE s.origin = 'pdf' AND r.absent = 0"
        )
        identified = db.number("SELECT count(*) FROM record WHERE absent = 0")
        heads = db.number("SELECT count(*) FROM record WHERE head = id AND absent = 0")
        first, second = (
            _count_choices(db, _ABSTRACT),
            _count_choices(db, f"{_FULLTEXT} AND d.record_id IN ({SOUGHT_HEADS})"),
        )
        sought = first[Choice.INCLUDE]
        assessed = second[Choice.INCLUDE] + second[Choice.EXCLUDE]
        not_retrieved = db.number(
            f"SELECT count(*) FROM ({SOUGHT_HEADS}) WHERE head NOT IN ({READABLE_FULLTEXTS}) AND head NOT IN "
            f"(SELECT head FROM ({_FULLTEXT}) WHERE choice IN ('include', 'exclude'))"
        )
        decided = {Stage.ABSTRACT: sum(first.values()), Stage.FULLTEXT: sum(second.values())}
        return PrismaCounts(
            sources=sources,
            from_pdfs=from_pdfs,
            identified=identified,
            duplicates=identified - heads,
            groups=db.number("SELECT count(DISTINCT head) FROM record WHERE head <> id AND absent = 0"),
            to_screen=heads,
            screened=decided[Stage.ABSTRACT],
            unscreened=heads - decided[Stage.ABSTRACT],
            excluded=first[Choice.EXCLUDE],
            maybe=first[Choice.MAYBE],
            sought=sought,
            not_retrieved=not_retrieved,
            not_retrieved_said=db.number(
                f"SELECT count(*) FROM ({NOT_RETRIEVED_HEADS}) WHERE head IN ({SOUGHT_HEADS}) AND head NOT IN "
                f"(SELECT head FROM ({_FULLTEXT}) WHERE choice IN ('include', 'exclude'))"
            ),
            awaiting=sought - not_retrieved - assessed,
            assessed=assessed,
            fulltext_excluded=second[Choice.EXCLUDE],
            reasons=tuple((row[0], row[1]) for row in db.rows(_REASONS)),
            included=second[Choice.INCLUDE],
            conflicts=len(groups.conflicting_heads(db)),
            progress=tuple(
                StageProgress(
                    stage, heads if stage is Stage.ABSTRACT else sought, decided[stage], *_count_model_work(db, stage)
                )
                for stage in Stage
            ),
        )


_SOURCES = (
    "SELECT s.path, (SELECT count(*) FROM record r WHERE r.source_id = s.id) FROM source s WHERE s.origin = 'file' "
    "AND s.id NOT IN (SELECT source_id FROM withdrawal) ORDER BY s.id"
)
_REASONS = (
    f"SELECT reason, count(*) AS n FROM ({_FULLTEXT}) WHERE choice = 'exclude' AND head IN ({SOUGHT_HEADS}) "
    "GROUP BY reason ORDER BY n DESC, reason"
)


def _count_choices(db: Database, standing: str) -> dict[Choice, int]:
    found = {row[0]: row[1] for row in db.rows(f"SELECT choice, count(*) FROM ({standing}) GROUP BY choice")}
    return {choice: found.get(choice, 0) for choice in Choice}


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

"""What the model suggests for a record: its judgements by each criterion, and the score that follows from them.

The store keeps what each reply said. A paper beyond the context is asked about in parts, with a reply for each; here
they are brought together, for whoever shows or scores them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leads_local.judgements import Judgement
from leads_local.records import Stage
from leads_local.review.database import Database
from leads_local.review.read_models import ScreeningView
from leads_local.review.store import questions, screenings
from leads_local.review.store.screenings import StoredScreening
from leads_local.tasks import parts
from leads_local.tasks import screening as task


def set_newest(
    db: Database, record_id: int, stage: Stage, replies: Sequence[int], judgements: Sequence[Judgement]
) -> None:
    """Make these the record's newest judgements at ``stage``: those of a reply, or of the replies about each part of
    its paper together. Inside a transaction."""
    screenings.set_newest(db, record_id, stage, replies, task.score(judgements), task.expected_score(judgements))


def combine_replies(db: Database, replies: Sequence[int]) -> tuple[Judgement, ...]:
    """What these replies judged: one about a whole paper, or those about its parts together."""
    return _combine([screenings.judgements(db, reply_id) for reply_id in replies])


def read(db: Database, record_id: int) -> dict[Stage, ScreeningView]:
    """The record's newest screening at each stage that has one."""
    return {stored.stage: _to_view(stored, _asked(db, stored.stage)) for stored in screenings.newest(db, record_id)}


def stream(db: Database) -> Iterator[tuple[int, Stage, ScreeningView]]:
    """Every record's newest screening, by record and stage."""
    asked = {stage: _asked(db, stage) for stage in Stage}
    for stored in screenings.stream(db):
        yield stored.record_id, stored.stage, _to_view(stored, asked[stored.stage])


def _asked(db: Database, stage: Stage) -> frozenset[int]:
    return frozenset(criterion.id for criterion in questions.criteria(db, stage))


def _combine(said: Sequence[tuple[Judgement, ...]]) -> tuple[Judgement, ...]:
    return parts.merge_judgements(said) if len(said) > 1 else said[0]


def _to_view(stored: StoredScreening, asked: frozenset[int]) -> ScreeningView:
    return ScreeningView(
        judgements=_combine(stored.judgements),
        parts=len(stored.replies) if len(stored.replies) > 1 else 0,
        score=stored.score,
        expected=stored.expected,
        model=stored.model,
        pack=stored.pack,
        way=stored.way,
        at=stored.at,
        margin=stored.margin,
        left_out=stored.left_out,
        reply_id=stored.replies[0],
        stale={judgement.criterion.id for judgement in stored.judgements[0]} != asked,
    )

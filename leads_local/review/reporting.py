"""Where a review stands: the numbers of its flow, now and at any moment, the model's work, and what was done to it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from leads_local.records import ScreeningMethod, Stage
from leads_local.review import past_flow
from leads_local.review.acting import ActingReview
from leads_local.review.past_flow import PastFlow
from leads_local.review.prisma_counts import PrismaCounts
from leads_local.review.read_models import Event, IncompletePaper, ModelFailure, WorkState
from leads_local.review.store import acts, counting, documents, events, job_rows, limit_rows, lists

if TYPE_CHECKING:
    from leads_local.ranking.calibration import Calibration


class ReportedReview(ActingReview):
    """A review whose state is told. All methods raise ReviewError when the file can't be read."""

    def counts(self) -> PrismaCounts:
        """The numbers of the PRISMA flow, all of one moment."""
        return counting.counts(self.db)

    def counts_at(self, moment: datetime) -> PastFlow:
        """The numbers of the PRISMA flow as they stood at ``moment``, by the log: see ``past_flow``."""
        with self.db.snapshot():
            readable = {sha256 for sha256, problem in documents.known_problems(self.db).items() if not problem}
            known, imported = (act for act, _ in acts.stream(self.db)), limit_rows.imported_by_name(self.db)
            return past_flow.derive(known, moment, readable, imported)

    def failures(self) -> list[ModelFailure]:
        """Model work that did not succeed, by record."""
        return job_rows.failures(self.db)

    def unread(self, stage: str | None = None) -> list[IncompletePaper]:
        """Papers that the model did not see as one whole text, at ``stage`` ("fulltext", "extraction") or at all."""
        return job_rows.incomplete_papers(self.db, stage)

    def work(self) -> WorkState:
        return job_rows.count_states(self.db)

    def record_event(self, kind: str, text: str, reviewer: str = "") -> None:
        """Add an entry to the log of what was done to the review."""
        with self.db.transaction():
            events.add(self.db, kind, text, reviewer)

    def events(self) -> list[Event]:
        """What was done to the review, oldest first."""
        return events.read(self.db)

    def begun_method(self, stage: Stage) -> ScreeningMethod | None:
        """The way in which the model's screening of ``stage`` was begun; None while it was not."""
        return job_rows.begun_method(self.db, stage, "screening")

    def calibration(self, stage: Stage) -> Calibration:
        """How the model's expected scores go with what people decided at ``stage``: probabilities of inclusion, or why
        there are none."""
        from leads_local.ranking import calibration  # which only lists with scores need

        return calibration.fit([calibration.Example(*found) for found in lists.decided_scores(self.db, stage)])

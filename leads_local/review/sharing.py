"""A review of which parts are given to single reviewers, or that is such a part."""

from __future__ import annotations

from pathlib import Path

from leads_local.records import Stage
from leads_local.review import packages
from leads_local.review.acting import ActingReview
from leads_local.review.packages import GivenPackage, Package, PackageOrder
from leads_local.review.read_models import RecordFilter, RecordOrder
from leads_local.review.store import lists


class SharedReview(ActingReview):
    """See ``packages``. All methods raise ReviewError when the file can't be read or written."""

    def share(self, path: Path, order: PackageOrder) -> Package:
        """Write a part of the review to the new file ``path``, for one reviewer to work on."""
        return packages.share(self.db, self._acts.log, path, order)

    def package(self) -> Package | None:
        """Which part of which review this file is, and for whom; None for a review."""
        return packages.package_of(self.db)

    def given_packages(self) -> list[GivenPackage]:
        """The work packages that were given out, oldest first, with what of them has come back."""
        return packages.given(self.db)

    def given_records(self, stage: Stage) -> set[int]:
        """The reports that are in a work package for ``stage``."""
        return packages.given_records(self.db, stage)

    def to_do_of(self, reviewer: str, stage: Stage) -> list[int]:
        """The reports that ``reviewer`` has to decide at ``stage``."""
        return lists.report_ids(self.db, stage, RecordFilter.TO_DO, RecordOrder.ENTRY, reviewer)

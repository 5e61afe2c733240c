"""The table of studies: how many there are, whatever the number of their reports."""

from __future__ import annotations

from collections.abc import Iterator

from leads_local.export.sheets import Row, Sheet
from leads_local.review.review import Review
from leads_local.review.store import study_rows
from leads_local.review.studies import Study


def studies_sheet(review: Review) -> Sheet:
    """A row for each study of what is sought in full or was linked."""
    header = ("study", "study label", "label by", "included", "reports", "reports included")
    about = (
        "One row for each study, which may have several reports; a report that nobody has linked is a study of its "
        "own. Count studies here, not in the rows of other tables, which have a row for each report or less and name "
        "its study by number and label. The number is that of its first report, so that it may change when reports "
        "are linked; the study id, which linked and renamed studies have, is the same in all copies of the review."
    )

    def rows() -> Iterator[Row]:
        included = set(review.included()[1])
        why = {report: why for report, _, _, why in study_rows.memberships(review.db) if why}
        for study in review.studies():
            of_these = [report for report in study.reports if report in included]
            yield (
                *(study.number, study.label, "people" if study.named else "author and year"),
                *("yes" if of_these else "no", len(study.reports), len(of_these)),
                *("; ".join(map(str, study.reports)), _why_linked(study, why), study.name),
            )

    return Sheet("studies", about, (*header, "report numbers", "linked because", "study id"), rows)


def _why_linked(study: Study, why: dict[int, str]) -> str:
    return "; ".join(dict.fromkeys(why[report] for report in study.reports if report in why))

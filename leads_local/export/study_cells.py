"""Of which study each report is, for the tables of an export that have a row for each report or less."""

from __future__ import annotations

from leads_local.review.review import Review


class StudyCells:
    """Number and label of each report's study, for the columns ``HEADER``."""

    HEADER = ("study", "study label")

    def __init__(self, review: Review) -> None:
        self._by_report = {report: study for study in review.studies() for report in study.reports}

    def of(self, report: int) -> tuple[int | None, str]:
        """Empty where a report is neither sought in full nor linked."""
        study = self._by_report.get(report)
        return (study.number, study.label) if study is not None else (None, "")

    def note(self, report: int) -> str:
        """What a citation says of its study, where that has other reports."""
        study = self._by_report.get(report)
        if study is None or len(study.reports) == 1:
            return ""
        return f"Report of the study {study.label} ({len(study.reports)} reports)"

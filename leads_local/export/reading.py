"""What could be read of each file of the review's papers, so that nobody takes a gap for a finding."""

from __future__ import annotations

from collections.abc import Iterator

from leads_local import files
from leads_local.documents.notices import format_page_ranges
from leads_local.export.sheets import Cell, Row, Sheet
from leads_local.export.study_cells import StudyCells
from leads_local.review.readings import FileReading
from leads_local.review.review import Review

_HEADER = (
    *("title", "file", "role", "read whole", "pages", "pages read", "pages not read", "pages missing"),
    *("pages by OCR", "OCR", "OCR sure of at least"),
    *("unreadable signs", "on pages", "tables with rows", "tables without rows", "tables as pictures", "words"),
    *("not seen by the model", "remark"),
)


def reading_sheet(review: Review) -> Sheet:
    """A row for each file of each report."""

    def rows() -> Iterator[Row]:
        studies = StudyCells(review)
        for paper in review.readings():
            for one in paper.files:
                cells = _file_cells(one)
                unseen = "; ".join(paper.left_out)
                remark = one.file.problem or one.file.notice
                yield (paper.record_id, *studies.of(paper.record_id), paper.title, *cells, unseen, remark)

    about = (
        "One row for each PDF of each report: which pages could be read, which only by OCR, and how sure that was of "
        "the page that it was least sure of (0 to 1); which signs, which tables have no rows or are "
        "pictures, and which sections did not fit into the model's context. No value can come from what was not read."
    )
    return Sheet("reading", about, ("report", *StudyCells.HEADER, *_HEADER), rows)


def _file_cells(one: FileReading) -> tuple[Cell, ...]:
    reading = one.reading
    return (
        *(files.name_of(one.file.path), one.link.role.value, "yes" if one.whole else "no", reading.pages),
        *(reading.pages - len(reading.unread), format_page_ranges(reading.unread), reading.missing),
        *(format_page_ranges([page for page, _ in reading.ocr]), reading.engine, reading.confidence or None),
        *(reading.unreadable_signs, format_page_ranges([page for page, _ in reading.signs]), reading.tables),
        "; ".join(f"{name}, page {page}" for name, page in reading.bare),
        *(sum(count for _, count in reading.pictured), reading.words),
    )

"""What could be read of each paper, told before anybody trusts a number from it."""

from __future__ import annotations

from typing import Any

from leads_local import files
from leads_local.app.outcome import Outcome, format_count
from leads_local.documents.reading_report import describe
from leads_local.records import PageState
from leads_local.review.attachments import FileRole
from leads_local.review.readings import FileReading, PaperReading
from leads_local.review.review import Review

HOW_TO_SEE = "`reading` has a line for each paper."


def describe_readings(review: Review) -> Outcome:
    """A line for each paper, those first of which something is missing; then how many these are."""
    papers = sorted(review.readings(), key=lambda paper: paper.whole)
    return Outcome(tuple(map(describe_paper, papers)), (_total(papers),))


def describe_unread(review: Review, how_to_see: str = HOW_TO_SEE) -> tuple[str, ...]:
    """Before the model is asked: the papers that are not whole, and how many are."""
    papers = review.readings()
    lines = [describe_paper(paper) for paper in papers if not paper.whole]
    return (*lines, f"{_total(papers)} {how_to_see}") if papers else ()


def describe_paper(paper: PaperReading) -> str:
    """One paper in one line: its files with what could be read of each, and what the model did not see."""
    said = "; ".join(map(_describe_file, paper.files))
    unseen = f" The model did not see: {', '.join(paper.left_out)}." if paper.left_out else ""
    return f"Record {paper.record_id}, {paper.title or 'without a title'}: {said}.{unseen}"


def _describe_file(one: FileReading) -> str:
    role = "" if one.link.role is FileRole.MAIN else f" ({one.link.role})"
    part = f", of which {one.link.page_range.in_words()}" if one.link.page_range else ""
    if one.file.problem:
        return f"{files.name_of(one.file.path)}{role}: not read at all, see `pdfs --list`"
    return f"{files.name_of(one.file.path)}{role}: {describe(one.reading)}{part}"


def _total(papers: list[PaperReading]) -> str:
    whole = sum(all(file.whole for file in paper.files) for paper in papers)
    unseen = sum(bool(paper.left_out) for paper in papers)
    part = f" The model has not seen all of {unseen:,}." if unseen else ""
    return f"{format_count(len(papers), 'paper')}: {whole:,} read whole, {len(papers) - whole:,} not.{part}"


def readings_as_data(review: Review) -> list[dict[str, Any]]:
    """The same for a program."""
    return [
        {
            "record": paper.record_id,
            "title": paper.title,
            "whole": paper.whole,
            "left_out": list(paper.left_out),
            "files": [_file_as_data(one) for one in paper.files],
        }
        for paper in review.readings()
    ]


def _file_as_data(one: FileReading) -> dict[str, Any]:
    reading = one.reading
    return {
        "file": one.file.path,
        "sha256": one.file.sha256,
        "role": one.link.role.value,
        "problem": one.file.problem,
        "notice": one.file.notice,
        "looked_at": reading.looked_at,
        "pages": reading.pages,
        "not_read": {str(page): state.value for page, state in reading.states if state is not PageState.OCR},
        "by_ocr": {str(page): sure for page, sure in reading.ocr},
        "ocr_engine": reading.engine,
        "missing": reading.missing,
        "rebuilt": reading.rebuilt,
        "unreadable_signs": {str(page): count for page, count in reading.signs},
        "tables": reading.tables,
        "tables_without_rows": [{"table": name, "page": page} for name, page in reading.bare],
        "tables_as_pictures": {str(page): count for page, count in reading.pictured},
        "words": reading.words,
    }

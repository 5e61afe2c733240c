"""Pages that are pictures, read by OCR when a person asks for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from leads_local import files
from leads_local.app.documents import describe_file, find_attached
from leads_local.app.outcome import Outcome, format_count
from leads_local.documents.notices import format_page_ranges
from leads_local.errors import InputError
from leads_local.records import Progress
from leads_local.review.attachments import Attachment
from leads_local.review.review import Review
from leads_local.review.scans import ScanRead

_COMPARE = "OCR may take any letter and any number for another: compare each value with its page."


def read_scans(
    review: Review, named: Path | None, languages: str, progress: Callable[[Progress], None] | None = None
) -> list[ScanRead]:
    """Have OCR read the file that a person means, or every PDF in a folder, which are attached first where they are
    new; without one all files of the review. Raises InputError where there is nothing to read, or no OCR here."""
    wanted: list[str] = []
    if named is not None and named.exists():
        attached = review.attach(named, progress)
        wanted = [one.sha256 for one in attached if one.sha256]
        if not wanted:
            raise InputError(attached[0].problem or f"{files.path_text(named)}: {attached[0].notice}", "Name a PDF.")
    elif named is not None:
        wanted = [find_attached(review, named).sha256]
    return review.read_scans(wanted, languages, progress)


def take_back(review: Review, named: Path) -> Attachment:
    """Have the file that a person means be what it was before OCR read it."""
    return review.take_back_ocr(find_attached(review, named).sha256)


def describe_scans(found: Sequence[ScanRead]) -> Outcome:
    """What OCR read of each file, and of which it read nothing."""
    read = [one for one in found if one.pages]
    results = tuple(map(_describe_read, read))
    problems = tuple(one.problem for one in found if one.problem)
    pages = sum(len(one.pages) for one in found)
    total = f"OCR read {format_count(pages, 'page')} of {format_count(len(read), 'PDF')}."
    notices = (total, _COMPARE) if read else (total,) if found else ("No PDF has pages that only OCR could read.",)
    return Outcome(results, (*problems, *notices), failed=bool(problems))


def _describe_read(one: ScanRead) -> str:
    least = min(sure for _, sure in one.pages)
    numbers = [number for number, _ in one.pages]
    unread = f" Not read: {'; '.join(map(_why, one.unread))}." if one.unread else ""
    sure = f"{'' if len(numbers) == 1 else 'at least '}{least:.0%} sure"
    return f"{_pages(numbers).capitalize()} read by OCR, {sure}. {describe_file(one.file)}{unread}"


def _why(unread: tuple[int, str]) -> str:
    number, why = unread
    return f"page {number} ({why.rstrip('.')})" if why else f"page {number}"


def _pages(numbers: Sequence[int]) -> str:
    return f"{'page' if len(numbers) == 1 else 'pages'} {format_page_ranges(numbers)}"


def as_data(one: ScanRead) -> dict[str, Any]:
    """The same for a program."""
    return {
        "file": one.file.path,
        "sha256": one.file.sha256,
        "pages": {str(number): sure for number, sure in one.pages},
        "not_read": {str(number): why for number, why in one.unread},
        "problem": one.problem,
        "attachment": dataclasses.asdict(one.file),
    }

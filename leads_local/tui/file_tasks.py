"""What takes a while and needs no model: importing, finding duplicates, reading PDFs. Each returns what came of it, in
lines for a person.

They run in a thread with a review connection of their own. Nothing here knows Textual.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from leads_local.errors import InputError
from leads_local.records import Progress
from leads_local.tui.labels import format_count

if TYPE_CHECKING:
    from leads_local.review.read_models import ImportReport
    from leads_local.review.review import Review

ReportProgress = Callable[[Progress], None]
Chore = Callable[["Review", ReportProgress], tuple[str, ...]]
ChoreMaker = Callable[[Path], Chore]

_PROBLEMS_SHOWN = 3


def typed_path(text: str) -> Path:
    """The path that a person typed or dragged into the terminal: quotes and ``~`` are understood. InputError when it
    names nothing."""
    cleaned = text.strip()
    if len(cleaned) > 1 and cleaned[0] == cleaned[-1] and cleaned[0] in "\"'":
        cleaned = cleaned[1:-1]
    try:
        path = Path(cleaned).expanduser()
    except RuntimeError:  # the home of somebody whom this computer does not know
        path = Path(cleaned)
    if not cleaned or not path.exists():
        raise InputError(
            f"{cleaned or 'Nothing'}: there is no such file or folder.",
            "Type the whole path, or drag the file into the terminal.",
        )
    return path


def import_citations(path: Path) -> Chore:
    """Import one citation file, or every file of a folder."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.review.importing import import_each

        files = _files_in(path) if path.is_dir() else [path]
        begun = itertools.count()

        def read(file: Path) -> ImportReport:
            tell(Progress("Importing", next(begun), len(files), note=file.name))
            return review.import_file(file)

        lines: list[str] = []
        unread: list[str] = []
        for file, report in import_each(read, files):
            if isinstance(report, InputError):
                if len(files) == 1:
                    raise report
                unread.append(str(report))
                continue
            lines.append(f"{file.name}: {format_count(report.read, 'record')} read, {report.added:,} new.")
            lines += [problem.in_words(file.name) for problem in report.problems[:_PROBLEMS_SHOWN]]
            if len(report.problems) > _PROBLEMS_SHOWN:
                lines.append(f"… and {len(report.problems) - _PROBLEMS_SHOWN:,} more problems in {file.name}.")
        total = (
            [f"{len(unread):,} of {format_count(len(files), 'file')} can't be used; the others were imported."]
            if unread
            else []
        )
        return (*total, *unread, *lines)

    return chore


def _files_in(folder: Path) -> list[Path]:
    """The files of a folder in the order of their names; hidden ones are left out, as the system writes some by
    itself."""
    found = sorted(path for path in folder.iterdir() if path.is_file() and path.name[0] != ".")
    if not found:
        raise InputError(f"{folder} holds no files.", "Name the folder that holds the exports.")
    return found


def find_duplicates(review: Review, tell: ReportProgress) -> tuple[str, ...]:
    """Group records of one report."""
    tell(Progress("Finding duplicates", 0, 0))
    report = review.dedupe()
    lines = [
        f"{format_count(report.records, 'record')}: {format_count(report.duplicates, 'duplicate')} in "
        f"{format_count(report.groups, 'group')}."
    ]
    if report.conflicts:
        lines.append(
            f"{format_count(len(report.conflicts), 'group')} had been decided differently: filter for “needs a look”."
        )
    return tuple(lines)


def check_review(review: Review, tell: ReportProgress) -> tuple[str, ...]:
    """Whether the review file is sound, and what is wrong with it otherwise."""
    from leads_local.review.checking import check_file

    tell(Progress("Checking the review file", 0, 0))
    report = check_file(review.path)
    if report.sound:
        return ("It is sound: every byte is as leads-local wrote it.",)
    found = (*report.findings, *(f"{row} can't be read" for row in report.rows))
    return (*found, "Go back to a copy: k, then r.") if report.copies else (*found, "There is no copy beside it.")


def attach_pdfs(folder: Path) -> Chore:
    """Read every PDF of a folder and link it to its record."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        attached = review.attach(folder, tell)
        unread = [a for a in attached if a.problem]
        lines = [f"{format_count(len(attached), 'PDF')} read; {len(unread):,} of them can't be used."]
        lines += [f"{Path(a.path).name}: {a.problem}" for a in unread[:_PROBLEMS_SHOWN]]
        if len(unread) > _PROBLEMS_SHOWN:
            lines.append(f"… and {len(unread) - _PROBLEMS_SHOWN:,} more.")
        return tuple(lines)

    return chore

"""Everything that leaves a review as files: tables for people, the same as data for programs, and a page that says what
each file is.

All files are written beside their places first and then put there together, see ``placing``. What an export that was
killed has left is removed by the next. Cells that a spreadsheet would run as formulas get an apostrophe in front.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from leads_local import private, windows_names
from leads_local.citations import write as write_citations
from leads_local.citations.standing_notices import GRAVE
from leads_local.citations.telling import BECOME
from leads_local.errors import InputError
from leads_local.export import about, placing, spreadsheet
from leads_local.export.agreement import agreement_sheet
from leads_local.export.evidence import evidence_sheet
from leads_local.export.reading import reading_sheet
from leads_local.export.sheets import (
    Cell,
    Sheet,
    judgements_sheet,
    prisma_sheet,
    records_sheet,
    searches_sheet,
    values_sheet,
)
from leads_local.export.studies import studies_sheet
from leads_local.export.study_cells import StudyCells
from leads_local.files import path_text
from leads_local.records import Citation, Progress
from leads_local.review.review import Review
from leads_local.review.store import annotation_rows, audit, citations
from leads_local.spreadsheet_cells import csv_line, guard_formulas, make_printable, would_run
from leads_local.terminal_text import safe_block

NAMES = (
    *("evidence.csv", "studies.csv", "records.csv", "judgements.csv", "values.csv", "searches.csv", "prisma.csv"),
    *("agreement.csv", "reading.csv", "review.xlsx", "included.ris", "everything.jsonl", about.PAGE),
)
"""The files of an export, in the order in which they are written."""
_LONGEST_INSIDE = len("/.export/before/everything.jsonl")


class Addition(Protocol):
    """A file or a folder that an export has only when it is asked for: ``name`` in the export's folder; ``longest``,
    how many characters may stand behind that; ``remarks``, what whoever exports must be told; ``lacking``, whether
    something of it could not be written; ``files``, what it has written if it is a folder."""

    name: str
    longest: int
    remarks: list[str]
    files: list[str]
    lacking: bool

    def check(self, place: Path) -> None:
        """Raise InputError when what stands at ``place`` may not be replaced."""

    def write(self, review: Review, place: Path, progress: Callable[[Progress], None] | None) -> None:
        """Write it. Raises OSError."""

    def about(self) -> str:
        """What the export's page says of it, when it is written."""


def export_review(
    review: Review,
    folder: Path,
    progress: Callable[[Progress], None] | None = None,
    additions: Sequence[Addition] = (),
) -> list[Path]:
    """Write all files into ``folder``, which is made if it is missing. Returns their paths.

    Raises InputError when the folder can't be written to, or a file in it is open in another program.
    """
    with contextlib.ExitStack() as made:
        try:
            _check_folder(folder, additions)
            if not folder.exists():
                made.callback(_remove_empty, folder)
            folder.mkdir(parents=True, exist_ok=True)
            part = made.enter_context(private.temporary_folder(".export", folder))
        except OSError as error:
            raise InputError(
                f"{folder} can't be written to: {error.strerror}.", "Choose a folder that you may write to."
            ) from error
        try:
            with review.copied() as moment:
                _write_all(moment, part, progress, additions)
            written = _put_in_place(part, folder, additions)
        except OSError as error:
            raise InputError(
                f"{folder}: the export could not be written: {error.strerror or error}.", "Check the free space there."
            ) from error
    if review.writable:
        review.record_event("export", f"{len(written)} files to {path_text(folder)}")
    return written


def _put_in_place(part: Path, folder: Path, additions: Sequence[Addition]) -> list[Path]:
    for addition in additions:  # again: somebody may have written into it while the new one was made
        addition.check(folder / addition.name)
    folders = [one.name for one in additions if (part / one.name).is_dir()]
    names = [*NAMES[:-1], *(one.name for one in additions if one.name not in folders), NAMES[-1]]
    with placing.folders_in_place(part, folder, folders):
        written = placing.move_into_place(part, folder, names)
    inside = (folder / one.name / name for one in additions if one.name in folders for name in one.files)
    return [*written, *inside]


def _check_folder(folder: Path, additions: Sequence[Addition]) -> None:
    """Refuse what can be known to fail before the work is done."""
    inside = max(_LONGEST_INSIDE, *(len(f"/.export/{one.name}") + one.longest for one in additions), 0)
    if wrong := windows_names.why_not(folder, room=inside + len(private.owner_mark())):
        raise InputError(f"{folder} can't be written to: {wrong}.", "Choose another folder.")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} can't be written to: it is a file.", "Name a folder for the export.")
    placing.check_places(folder, NAMES)
    for addition in additions:
        addition.check(folder / addition.name)
    if others := _files_of_others(folder):
        raise InputError(
            f"{folder} holds {', '.join(others)}, which no export has written.",
            "Choose another folder, so that nothing of yours is replaced.",
        )


def _files_of_others(folder: Path) -> list[str]:
    """What stands where the export's files go, unless the page of an earlier export is among it."""
    there = [name for name in NAMES if (folder / name).exists()]
    return [] if about.PAGE in there and about.is_page(folder / about.PAGE) else there


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _write_all(
    review: Review, part: Path, progress: Callable[[Progress], None] | None, additions: Sequence[Addition]
) -> None:
    for addition in additions:
        addition.write(review, part / addition.name, progress)
    sheets = [
        evidence_sheet(review),
        studies_sheet(review),
        records_sheet(review),
        judgements_sheet(review),
        values_sheet(review),
        searches_sheet(review),
        prisma_sheet(review),
        agreement_sheet(review),
        reading_sheet(review),
    ]
    more = [(one.name, one.about()) for one in additions]
    writers: list[Callable[[Path], object]] = [
        *(_csv_writer(sheet) for sheet in sheets),
        lambda path: spreadsheet.write_workbook(path, sheets),
        lambda path: _write_included(review, path),
        lambda path: _write_audit(review, path),
        lambda path: path.write_text(safe_block(about.page_text(review, sheets, more)), encoding="utf-8"),
    ]
    for done, (name, write) in enumerate(zip(NAMES, writers, strict=True)):
        if progress is not None:
            progress(Progress("Exporting", done, len(NAMES), note=name))
        write(part / name)
    if progress is not None:
        progress(Progress("Exporting", len(NAMES), len(NAMES)))


def _csv_writer(sheet: Sheet) -> Callable[[Path], None]:
    return lambda path: _write_csv(path, sheet)


def _write_csv(path: Path, sheet: Sheet) -> None:
    """UTF-8 with a byte order mark, which Excel needs to read accents."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(csv_line(guard_cell(name) for name in sheet.header))
        file.writelines(csv_line("" if cell is None else guard_cell(cell) for cell in row) for row in sheet.rows())


def guard_cell(cell: Cell) -> Cell:
    """The cell, with an apostrophe in front of a text, or a part of it, that a spreadsheet would run; numbers and
    results stay as they are.

    Control characters become pictures of themselves: whoever looks at the file in a terminal is not to run them either.
    """
    if not isinstance(cell, str):
        return cell
    changed = guard_formulas(make_printable(cell))
    return changed if changed.startswith("'") or not would_run(cell) else f"'{changed}"


def _write_included(review: Review, path: Path) -> None:
    _, ids = review.included()
    studies = StudyCells(review)
    write_citations(path, (_marked(review, record, studies.note(record)) for record in ids), "ris")


def _marked(review: Review, record: int, note: str) -> Citation:
    """The record as it is cited, with a word on its study and on what people have corrected of it."""
    citation = citations.read(review.db, record)
    corrected = [one for one in annotation_rows.corrections(review.db, [record]) if not one.newer]
    marks = [
        *([note] if note else []),
        *([f"Corrected by the reviewers: {', '.join(one.field for one in corrected)}"] if corrected else []),
        *(f"{BECOME}{tag.replace('-', ' ')}" for tag in review.annotations(record).tags if tag in GRAVE),
    ]
    return replace(citation, extra=(*citation.extra, *(("N1", mark) for mark in marks)))


def _write_audit(review: Review, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for table, row in audit.rows(review.db):
            file.write(json.dumps({"table": table, **row}, ensure_ascii=False) + "\n")

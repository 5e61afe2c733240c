"""Everything that leaves a review as files: tables for people, the same as data for programs, and a page that says what
each file is.

All files are written beside their place first and then put there together: when one of them can't be, the others of the
last export come back. What an export that was killed has left is removed by the next. Cells that a spreadsheet would
run as formulas get an apostrophe in front.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from leads_local import private
from leads_local.citations import write as write_citations
from leads_local.errors import InputError
from leads_local.export import about, spreadsheet
from leads_local.export.evidence import evidence_sheet
from leads_local.export.sheets import Cell, Sheet, judgements_sheet, prisma_sheet, records_sheet, values_sheet
from leads_local.records import Progress
from leads_local.review.review import Review
from leads_local.review.store import audit, citations
from leads_local.spreadsheet_cells import csv_line, guard_formulas, make_printable, would_run
from leads_local.terminal_text import safe_block


def export_review(review: Review, folder: Path, progress: Callable[[Progress], None] | None = None) -> list[Path]:
    """Write all files into ``folder``, which is made if it is missing. Returns their paths.

    Raises InputError when the folder can't be written to, or a file in it is open in another program.
    """
    new = not folder.exists()
    with contextlib.ExitStack() as made:
        try:
            if new:
                made.callback(_remove_empty, folder)
            folder.mkdir(parents=True, exist_ok=True)
            part = made.enter_context(private.temporary_folder(".export", folder))
        except OSError as error:
            raise InputError(
                f"{folder} can't be written to: {error.strerror}.", "Choose a folder that you may write to."
            ) from error
        try:
            with review.copied() as moment:
                names = _write_all(moment, part, progress)
            written = _move_into_place(part, folder, names)
        except OSError as error:
            raise InputError(
                f"{folder}: the export could not be written: {error.strerror or error}.", "Check the free space there."
            ) from error
    if review.writable:
        review.record_event("export", f"{len(written)} files to {folder}")
    return written


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _write_all(review: Review, part: Path, progress: Callable[[Progress], None] | None) -> list[str]:
    sheets = [
        evidence_sheet(review),
        records_sheet(review),
        judgements_sheet(review),
        values_sheet(review),
        prisma_sheet(review),
    ]
    steps: list[tuple[str, Callable[[Path], object]]] = [
        *((f"{sheet.name}.csv", _csv_writer(sheet)) for sheet in sheets),
        ("review.xlsx", lambda path: spreadsheet.write_workbook(path, sheets)),
        ("included.ris", lambda path: _write_included(review, path)),
        ("everything.jsonl", lambda path: _write_audit(review, path)),
        ("README.txt", lambda path: path.write_text(safe_block(about.page_text(review, sheets)), encoding="utf-8")),
    ]
    for done, (name, write) in enumerate(steps):
        if progress is not None:
            progress(Progress("Exporting", done, len(steps), note=name))
        write(part / name)
    if progress is not None:
        progress(Progress("Exporting", len(steps), len(steps)))
    return [name for name, _ in steps]


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
    write_citations(path, (citations.read(review.db, record) for record in ids), "ris")


def _write_audit(review: Review, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for table, row in audit.rows(review.db):
            file.write(json.dumps({"table": table, **row}, ensure_ascii=False) + "\n")


def _move_into_place(part: Path, folder: Path, names: list[str]) -> list[Path]:
    """Put all files from ``part`` into their places in ``folder``, or none. Raises InputError when one that is there
    can't be replaced."""
    before = part / "before"
    before.mkdir()
    for name in names:
        if (folder / name).exists():
            _keep_previous(folder / name, before / name)
    done: list[Path] = []
    try:
        for name in names:
            _replace(part / name, folder / name)
            done.append(folder / name)
    except BaseException:
        for target in done:
            with contextlib.suppress(OSError):
                if (before / target.name).exists():
                    os.replace(before / target.name, target)  # noqa: PTH105 (one step, on every system)
                else:
                    target.unlink()
        raise
    return done


def _keep_previous(target: Path, copy: Path) -> None:
    """A second name for what stands there now, or a copy where a disk has no such thing."""
    with _explain_open_file(target):
        if os.name == "nt":  # what another program has open there can be neither written nor replaced
            target.open("r+b").close()
        try:
            copy.hardlink_to(target)
        except OSError:
            shutil.copy2(target, copy)


def _replace(source: Path, target: Path) -> None:
    with _explain_open_file(target):
        os.replace(source, target)  # noqa: PTH105 (one step, on every system)


@contextlib.contextmanager
def _explain_open_file(target: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise InputError(
            f"{target} can't be replaced.", "It is probably open in another program: close it there and try again."
        ) from error

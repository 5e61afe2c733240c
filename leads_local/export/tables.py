"""Everything that leaves a review as files: tables for people, the same as data for programs, and a page that says what each file is.

All files are written beside their place first and then moved there one by one, so that an export that fails leaves the last one whole.
Cells that a spreadsheet would run as formulas get an apostrophe in front.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from leads_local.citations import write as write_citations
from leads_local.errors import InputError
from leads_local.export import about, spreadsheet
from leads_local.export.evidence import evidence
from leads_local.export.sheets import Cell, Sheet, extraction, judgements, prisma, records
from leads_local.records import Progress
from leads_local.review.review import Review
from leads_local.review.store import audit, citations, lists
from leads_local.spreadsheet_cells import printable, would_run


def export(review: Review, folder: Path, progress: Callable[[Progress], None] | None = None) -> list[Path]:
    """Write all files into ``folder``, which is made if it is missing. Returns their paths.

    Raises InputError when the folder can't be written to, or a file in it is open in another program.
    """
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=".export-", dir=folder))
    except OSError as error:
        raise InputError(f"{folder} can't be written to: {error.strerror}.", "Choose a folder that you may write to.") from error
    try:
        with review.copied() as moment:
            names = _write_all(moment, part, progress)
        written = [_moved(part / name, folder / name) for name in names]
    except OSError as error:
        raise InputError(f"{folder}: the export could not be written: {error.strerror or error}.", "Check the free space there.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if new and not any(folder.iterdir()):
            folder.rmdir()
    if review.writable:
        review.record_event("export", f"{len(written)} files to {folder}")
    return written


def _write_all(review: Review, part: Path, progress: Callable[[Progress], None] | None) -> list[str]:
    sheets = [evidence(review), records(review), judgements(review), extraction(review), prisma(review)]
    steps: list[tuple[str, Callable[[Path], object]]] = [
        *((f"{sheet.name}.csv", _csv_writer(sheet)) for sheet in sheets),
        ("review.xlsx", lambda path: spreadsheet.write(path, sheets)),
        ("included.ris", lambda path: _write_included(review, path)),
        ("everything.jsonl", lambda path: _write_audit(review, path)),
        ("README.txt", lambda path: path.write_text(about.text(review, sheets), encoding="utf-8")),
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
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([harmless(name) for name in sheet.header])
        for row in sheet.rows():
            writer.writerow(["" if cell is None else harmless(cell) for cell in row])


def harmless(cell: Cell) -> Cell:
    """The cell, with an apostrophe in front of a text that a spreadsheet would run; numbers and results stay as they are.

    Control characters become pictures of themselves: whoever looks at the file in a terminal is not to run them either.
    """
    if not isinstance(cell, str):
        return cell
    text = printable(cell)
    return f"'{text}" if would_run(cell) else text


def _write_included(review: Review, path: Path) -> None:
    _, ids = lists.included(review.db)
    write_citations(path, (citations.read(review.db, record) for record in ids), "ris")


def _write_audit(review: Review, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for table, row in audit.rows(review.db):
            file.write(json.dumps({"table": table, **row}, ensure_ascii=False) + "\n")


def _moved(source: Path, target: Path) -> Path:
    try:
        os.replace(source, target)  # noqa: PTH105 (one step, on every system)
    except PermissionError as error:
        raise InputError(f"{target} can't be replaced.", "It is probably open in another program: close it there and try again.") from error
    return target

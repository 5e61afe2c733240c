"""Workbooks (XLSX, XLSM, XLSB, XLS, ODS): the sheets that hold records, each read as a table like a CSV.

Which sheets these are, their column titles tell; what is left out is named. Hidden sheets are never read: nobody who
looks at the workbook sees them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from leads_local.citations import own_files, workbook_child, zip_parts
from leads_local.citations.formats import tabular
from leads_local.citations.formats.column_roles import NOTHING_SAID, ColumnChoice, TableColumns
from leads_local.citations.formats.fields import ParsedFile
from leads_local.citations.formats.rows import Row
from leads_local.citations.workbook_child import Sheet
from leads_local.errors import InputError
from leads_local.records import Citation, ReadProblem

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STARTS = (_ZIP, _OLE)
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_WORD = "WordDocument".encode("utf-16-le")
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MADE_DATES = ("volume", "issue", "pages")
_SHOWN = 12  # columns, in a message
_DOUBT = "This workbook {0}. Rows may be missing or changed: compare the records with what a spreadsheet program shows."


def format_of(data: bytes) -> str:
    """The format of a workbook (``xlsx``, ``xlsb``, ``xls``, ``ods``), or "" of any other file. A workbook with a
    password is in the container of XLS."""
    if data.startswith(_OLE):
        return "" if _WORD in data else "xls"
    if not data.startswith(_ZIP):
        return ""
    if _ODS in data[:200]:
        return "ods"
    if b"xl/workbook.bin" in data:
        return "xlsb"
    return "xlsx" if b"xl/workbook.xml" in data or b"xl/worksheets/" in data else ""


def read(data: bytes, name: str, choice: ColumnChoice = NOTHING_SAID) -> ParsedFile:
    """The records of a workbook; ``name`` for messages, ``choice``: what is said of its columns. Raises InputError
    where it can't be read, or no sheet has a title column."""
    if data.startswith(_ZIP):
        zip_parts.open_parts(data, name).close()  # refuses what would unpack to too much
    elif _ENCRYPTED_PACKAGE in data:
        raise workbook_child.unusable(name)
    return read_sheets(workbook_child.sheets(data, name), name, choice)


def read_sheets(sheets: Sequence[Sheet], name: str, choice: ColumnChoice = NOTHING_SAID) -> ParsedFile:
    """The records of those sheets that have a title column and are not hidden. Raises InputError where none has, or one
    is a table that we exported ourselves."""
    headers = {id(sheet): tabular.find_header_of_rows(sheet.rows, choice) for sheet in sheets}
    for header in headers.values():
        own_files.refuse_table(header.columns, name)
    wanted = [sheet for sheet in sheets if headers[id(sheet)].title and not sheet.hidden]
    if not wanted:
        choice.refuse_unused((), [column for one in headers.values() for column in one.columns], name)
        raise InputError(
            f"{name}: no sheet has a column that is named title{_seen(sheets, headers)}.",
            "Say which column holds what (in the UI you are asked): --columns COLUMN=title,OTHER=abstract.",
        )
    citations: list[Citation] = []
    problems = [ReadProblem(_DOUBT.format(told), doubtful=True) for sheet in sheets for told in sheet.doubts]
    problems += _left_out(sheets, wanted)
    columns = TableColumns()
    for sheet in wanted:
        found = _read_sheet(sheet, headers[id(sheet)])
        citations += [replace(one, number=len(citations) + one.number) for one in found.citations]
        kept = dict.fromkeys((*columns.kept, *found.columns.kept))
        columns = replace(columns if columns.names else found.columns, kept=tuple(kept))
        within = f"Sheet {sheet.name}: " if len(wanted) > 1 else ""
        problems += [replace(one, message=f"{within}{one.message}") for one in found.problems]
    return ParsedFile(tuple(citations), tuple(problems), columns)


def _seen(sheets: Sequence[Sheet], headers: dict[int, tabular.Header]) -> str:
    """The first lines of the sheets, for whoever looks for the column of titles."""
    told = []
    for sheet in sheets:
        columns = [column[:60] for column in headers[id(sheet)].columns if column.strip()]
        more = " …" if len(columns) > _SHOWN else ""
        hidden = " (hidden)" if sheet.hidden else ""
        told.append(f"{sheet.name}{hidden}: {', '.join(columns[:_SHOWN]) or 'empty'}{more}")
    return f"; the first lines are: {'; '.join(told)}" if told else ", since it has none"


def _left_out(sheets: Sequence[Sheet], wanted: Sequence[Sheet]) -> Iterable[ReadProblem]:
    others = [sheet for sheet in sheets if sheet not in wanted and sheet.rows]
    if others:
        names = ", ".join(f"{sheet.name} (hidden)" if sheet.hidden else sheet.name for sheet in others)
        read = ", ".join(sheet.name for sheet in wanted)
        yield ReadProblem(f"The records are from the sheet {read}. Left out were {names}.")


def _read_sheet(sheet: Sheet, header: tabular.Header) -> ParsedFile:
    above = [""] * (header.line + 1)
    for row, cells in sheet.rows:
        if row <= header.line + 1:
            above[row - 1] = _as_line(cells if row == header.line + 1 else [cell for cell in cells if cell])
    below = (Row(row, cells, "") for row, cells in sheet.rows if row > header.line + 1)
    found = tabular.read_rows_of(below, header, above)
    return replace(found, problems=(*found.problems, *_made_dates(found.citations)))


def _as_line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([" ".join(cell.split()) for cell in cells])
    return text.getvalue()


def _made_dates(citations: Iterable[Citation]) -> Iterable[ReadProblem]:
    """Pages such as 3-12 that a spreadsheet has taken for a date; what they were can't be told any more."""
    for citation in citations:
        for field in _MADE_DATES:
            if _DATE.fullmatch(text := getattr(citation, field)):
                told = f"Record {citation.number}: the {field} is a date here ({text}); a spreadsheet has changed it."
                yield ReadProblem(told)

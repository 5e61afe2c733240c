"""An Excel workbook of the tables. The only importer of xlsxwriter.

Text is text: never a formula, a link or a number, whatever it looks like. Rows go to disk as they come. What is longer
than a cell may be ends with a note that the CSV file has all of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from leads_local import private
from leads_local.export.sheets import Cell, Sheet
from leads_local.spreadsheet_cells import make_printable

_LONGEST_CELL = 32_767  # characters of a cell, as Excel counts them
_MOST_ROWS = 1_048_576
_CUT_NOTE = " […] The rest is in the CSV file."
_WIDTHS = {
    "title": 60,
    "model: rationale": 60,
    "quote": 60,
    "model: value": 40,
    "final value": 40,
    "label": 50,
    "criterion text": 40,
}


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """One worksheet for each table, with its header frozen and filters on. Raises OSError as writing a file does.

    What is put together meanwhile lies beside it, in a folder that goes whatever happens.
    """
    try:
        with private.temporary_folder(".export", path.parent) as room:
            _write_sheets(path, sheets, room)
    except xlsxwriter.exceptions.XlsxFileError as error:
        raise next((why for why in error.args if isinstance(why, OSError)), OSError(str(error))) from error


def _write_sheets(path: Path, sheets: Sequence[Sheet], room: Path) -> None:
    options = {
        "constant_memory": True,
        "tmpdir": str(room),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    workbook = xlsxwriter.Workbook(str(path), options)
    try:
        with workbook:
            bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
            for sheet in sheets:
                _write_sheet(workbook.add_worksheet(sheet.name), sheet, bold)
    finally:
        for worksheet in workbook.worksheets():  # whose rows stay open where the workbook could not be put together
            with contextlib.suppress(OSError):
                worksheet.row_data_fh.close()


def _write_sheet(worksheet: xlsxwriter.worksheet.Worksheet, sheet: Sheet, bold: xlsxwriter.format.Format) -> None:
    for column, name in enumerate(sheet.header):
        worksheet.set_column(column, column, _WIDTHS.get(name, 30 if name.endswith(": quote") else 16))
        worksheet.write_string(0, column, shorten_for_cell(name), bold)
    worksheet.freeze_panes(1, 0)
    worksheet.autofilter(0, 0, _write_rows(worksheet, sheet), max(len(sheet.header) - 1, 0))


def _write_rows(worksheet: xlsxwriter.worksheet.Worksheet, sheet: Sheet) -> int:
    """Returns the number of the last row."""
    last = 0
    for last, row in enumerate(sheet.rows(), 1):
        if last == _MOST_ROWS - 1:
            worksheet.write_string(last, 0, "Excel has no more rows; the rest is in the CSV file.")
            break
        for column, cell in enumerate(row):
            _write_cell(worksheet, last, column, cell)
    return last


def _write_cell(worksheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        worksheet.write_string(row, column, shorten_for_cell(cell))
    else:
        worksheet.write_number(row, column, cell)


def shorten_for_cell(text: str) -> str:
    """The text as it fits into a cell; Excel counts characters outside of the basic plane twice. Control characters
    become pictures."""
    text = make_printable(text)
    if len(text.encode("utf-16-le", "replace")) // 2 <= _LONGEST_CELL:
        return text
    room = _LONGEST_CELL - len(_CUT_NOTE)
    return text.encode("utf-16-le", "replace")[: 2 * room].decode("utf-16-le", "ignore") + _CUT_NOTE

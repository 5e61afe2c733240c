"""The columns of a table before it is imported, with its first rows: for a person who is asked what they hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path

from leads_local import files
from leads_local.citations import decoding, detect, own_files, workbook_child, workbooks
from leads_local.citations.formats import column_roles, rows, tabular
from leads_local.citations.formats.column_roles import NOTHING_SAID, ColumnChoice
from leads_local.citations.formats.tabular import Header
from leads_local.errors import InputError

_LOOKED_AT = 1_000_000  # bytes of a text
_ROWS = 3
_FEWEST = 2  # columns of what may be a table
_WORDS = {"start_page": "first page", "end_page": "last page"}


@dataclass(frozen=True, slots=True)
class TablePreview:
    """A table's columns by their names, what each is taken for ("" where nothing is known), and its first rows, which
    have as many cells."""

    path: Path
    names: tuple[str, ...]
    taken_for: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def asks(self) -> bool:
        """Whether somebody should say what is what: no column is known as that of the titles, or none of the abstracts
        while others are not known."""
        known = set(self.taken_for)
        return "title" not in known or ("abstract" not in known and "" in known)


def preview(path: Path, choice: ColumnChoice = NOTHING_SAID) -> TablePreview | None:
    """The columns of the table in a file; None of what is no table. Raises InputError for what can't be read, and for a
    table that we exported."""
    data = _start_of(path)
    if workbooks.format_of(data):
        return _of_workbook(data, path, choice)
    return _of_text(decoding.decode(data[: data.rfind(b"\n") + 1 or None]).text, path, choice) if data else None


def _start_of(path: Path) -> bytes:
    """The first bytes of a text, all of a workbook."""
    files.require_file(path, "a table", "Check the name.")
    try:
        with files.on_disk(path).open("rb") as file:
            data = file.read(_LOOKED_AT)
            return data + file.read() if data.startswith(workbooks.STARTS) else data
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}.", "Check its permissions and its disk.") from error


def _of_text(text: str, path: Path, choice: ColumnChoice) -> TablePreview | None:
    try:
        found = detect.detect(text, str(path), choice)
        if found.header is None:
            return None
        header = found.header
    except InputError:
        header = tabular.find_header(text, choice)
        own_files.refuse_table(header.columns, str(path))
        if len(header.columns) < _FEWEST:
            return None
    below = rows.read_rows(text.split("\n"), header.delimiter, len(header.columns), header.line + 1)
    return _shown(path, header, (row.cells for row in below if not row.broken))


def _of_workbook(data: bytes, path: Path, choice: ColumnChoice) -> TablePreview | None:
    sheets = [sheet for sheet in workbook_child.sheets(data, str(path)) if sheet.rows and not sheet.hidden]
    found = [(tabular.find_header_of_rows(sheet.rows, choice), sheet) for sheet in sheets]
    if not found:
        return None
    header, sheet = max(found, key=lambda pair: (pair[0].title, len(pair[0].columns)))
    own_files.refuse_table(header.columns, str(path))
    return _shown(path, header, (cells for number, cells in sheet.rows if number > header.line + 1))


def _shown(path: Path, header: Header, below: Iterable[tuple[str, ...]]) -> TablePreview:
    names = column_roles.named(header.columns)
    labels = tabular.labels_for(names, header.said)
    roles = {
        name: _WORDS.get(field.name, field.name)
        for field in fields(labels)
        if isinstance(played := getattr(labels, field.name), tuple) and not field.name.endswith(("hints", "notes"))
        for name in played
    }
    width = len(header.columns)
    shown = tuple((*cells[:width], *[""] * (width - len(cells))) for cells in islice(below, _ROWS))
    taken = {**roles, **dict(header.said)}
    return TablePreview(path, names, tuple(taken.get(name, "") for name in names), shown)

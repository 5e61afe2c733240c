"""CSV, TSV and semicolon files, with the column names that databases, screening tools and spreadsheets give them.

Every column that is not understood is kept in ``extra`` under its own name. A file that ``lossless`` marks as ours is
read back exactly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

from leads_local.citations import normalise, roundtrip
from leads_local.citations.formats import column_roles
from leads_local.citations.formats.column_names import COLUMN_ALIASES, column_keys, count_known, has_title
from leads_local.citations.formats.column_roles import NOTHING_SAID, ColumnChoice, Roles, TableColumns
from leads_local.citations.formats.database_parts import DOI_PART, PARTS, PMID_PART, SOURCE_PARTS, add_parts
from leads_local.citations.formats.fields import Entry, FieldLabels, ParsedFile, build_citation
from leads_local.citations.formats.rows import Row, read_rows, split_line
from leads_local.records import Citation, ReadProblem

DELIMITERS = (",", "\t", ";", "|")
_PREAMBLE = 20
LONGEST_HEADER = 5_000_000  # characters of a line that names columns
_TELLING_WIDTH = 3  # columns, from which on a line with as many cells is hardly a sentence
_LONGEST_ROW = 1_000  # lines in one row that are looked at


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands (0-based line), how cells are separated, and the columns' names, and if a title is
    there; ``said``: what a person said of the columns."""

    line: int
    delimiter: str
    columns: tuple[str, ...]
    title: bool
    said: Roles = ()

    def told(self, choice: ColumnChoice) -> Header:
        """With what was said of its columns, and whether one of them holds titles."""
        said = choice.roles_of(self.columns)
        others = [column for column in self.columns if column not in dict(said)]
        title = has_title(others) or any(role == "title" for _, role in said)
        return replace(self, said=said, title=title and bool(said or not choice.given))

    def below(self, row: Row) -> Header | None:
        """The header that a row further down is, as of a table put below; what was said of columns holds for those of
        it that are called the same. None for a row of values."""
        said = column_roles.held_by(self.said, row.cells)
        others = [cell for cell in row.cells if cell not in dict(said)]
        known = count_known(others) + len(said)
        title = has_title(others) or any(role == "title" for _, role in said)
        if not title or known < max(_TELLING_WIDTH, len(row.cells) - 1):
            return None
        return Header(row.line - 1, self.delimiter, row.cells, True, said)


def find_header(text: str, choice: ColumnChoice = NOTHING_SAID) -> Header:
    """The first of the leading lines that names a title column, or the columns of which a person said what they hold;
    else the widest way to read the first line."""
    lines = text.split("\n", _PREAMBLE + 1)[: _PREAMBLE + 1]
    wanted = match.group(1) if (match := re.match(r"\ufeff?sep=(.)", lines[0])) else ""
    first: Header | None = None
    for index, line in enumerate(lines):
        if not line.strip() or (wanted and index == 0):
            continue
        if len(line) > LONGEST_HEADER:
            first = first or Header(index, ",", (line,), False)
            continue
        ways = [Header(index, d, split_line(line, d), False) for d in ((wanted,) if wanted else DELIMITERS)]
        titled = [told for way in ways if (told := way.told(choice)).title]
        if titled:
            return max(titled, key=lambda way: len(way.columns))
        first = first or max(ways, key=lambda way: len(way.columns))
    return first or Header(0, ",", (), False)


def find_header_of_rows(rows: Sequence[tuple[int, tuple[str, ...]]], choice: ColumnChoice = NOTHING_SAID) -> Header:
    """The same for a sheet's rows, each with its number from 1."""
    leading = [Header(number - 1, "", cells, False) for number, cells in rows[: _PREAMBLE + 1]]
    titled = (told for way in leading if (told := way.told(choice)).title)
    return next(titled, leading[0] if leading else Header(0, "", (), False))


def header_at(text: str, position: int) -> Header:
    """The header that the line at ``position`` is."""
    end = text.find("\n", position)
    found = find_header(text[position : end if end >= 0 else len(text)])
    return replace(found, line=text.count("\n", 0, position))


def labels_for(columns: tuple[str, ...], said: Roles = ()) -> FieldLabels:
    """The columns of a file under the roles that they play, first those of which a person said so."""
    named: dict[str, list[str]] = {}
    for name in dict.fromkeys(columns):
        for key in dict.fromkeys(column_keys(name)):
            named.setdefault(key, []).append(name)
    found = {
        role: tuple(name for alias in aliases for name in named.get(alias, ()))
        for role, aliases in COLUMN_ALIASES.items()
    }
    found["authors"] = found["authors"][:1]  # others say the same in full or in short
    if len(found["journal"]) > 1:  # then the database, or the citation, stands in a column that is called source
        named_source = tuple(name for name in named.get("source", ()) if name in found["journal"])
        found["journal"] = tuple(name for name in found["journal"] if name not in named_source)
        found["database"] += named_source
    for role, part in SOURCE_PARTS.items():
        found[role] = (part, *found[role]) if role == "journal" else (*found[role], part)
    found["pmid"] = (*found["pmid"], PMID_PART)
    found["doi"] = (*found["doi"], DOI_PART)
    if found["urls"]:
        found["doi_hints"] = found["pmid_hints"] = found["urls"]
    for role, names in found.items():
        first = tuple(name for name, told in said if told == role)
        others = () if role == "authors" and first else (name for name in names if name not in dict(said))
        found[role] = (*first, *others)
    return FieldLabels(**found, split_authors=normalise.split_authors, split_keywords=normalise.split_items)  # type: ignore[arg-type]


def build_from_row(entries: list[Entry], labels: FieldLabels, number: int) -> tuple[Citation, list[ReadProblem]]:
    """The Citation of a row. Parts of a cell that were not needed are not kept, the cell is."""
    citation, notices = build_citation(add_parts(entries), labels, number)
    return replace(citation, extra=tuple(pair for pair in citation.extra if pair[0] not in PARTS)), notices


def _row_entries(row: Row, columns: tuple[str, ...]) -> list[Entry]:
    names = columns + tuple(f"column {number}" for number in range(len(columns) + 1, len(row.cells) + 1))
    return [Entry(name, cell, row.line) for name, cell in zip(names, row.cells, strict=False)]


def _width_notice(row: Row, columns: tuple[str, ...]) -> list[ReadProblem]:
    if len(row.cells) > len(columns) and any(cell.strip() for cell in row.cells[len(columns) :]):
        return [
            ReadProblem(
                f"The row has {len(row.cells)} cells, the header {len(columns)}; the cells without a name were kept.",
                row.line,
            )
        ]
    if len(row.cells) < len(columns):
        return [
            ReadProblem(
                f"The row has {len(row.cells)} cells, the header {len(columns)}; the missing ones count as empty.",
                row.line,
                doubtful=len(columns) > _TELLING_WIDTH and len(row.cells) <= len(columns) // 2,
            )
        ]
    return []


def _read_own_row(row: Row, columns: tuple[str, ...], number: int) -> Citation:
    """A row of a file that we wrote. Raises ValueError when it no longer is what we wrote."""
    cells = {name: roundtrip.unguard_cell(cell) for name, cell in zip(columns, row.cells, strict=True)}
    plain = {name: cells.get(name, "") for name in roundtrip.PLAIN_COLUMNS}
    lists = {name: roundtrip.split_values(cells.get(name, "")) for name in roundtrip.LIST_COLUMNS}
    kept = tuple((str(tag), str(value)) for tag, value in json.loads(cells[roundtrip.EXTRA_COLUMN] or "[]"))
    added = tuple((n, c) for n, c in cells.items() if n not in roundtrip.COLUMNS and c.strip())
    year = cells.get("year", "")
    if len(year) > len("2099"):
        raise ValueError(f"{year[:20]!r} is no year that we wrote")
    return Citation(**plain, **lists, year=int(year) if year else None, extra=kept + added, number=number)  # type: ignore[arg-type]


_HOLDS_A_RECORD = re.compile(
    r"(?:1[89]|20)\d\d|(?:doi:|https?://\S+/)?10\.\d{4,9}/\S+|.{120,}", re.IGNORECASE | re.DOTALL
)


def _header_problems(lines: list[str], header: Header) -> Iterator[ReadProblem]:
    before = [line for line in lines[: header.line] if line.strip() and not line.lstrip("\ufeff").startswith("sep=")]
    if before:
        told = "This text stands before the line with the column names; it was left out."
        width = len(header.columns) if header.delimiter else 0  # a sheet of a workbook has none
        rows = width >= _TELLING_WIDTH and any(len(split_line(line, header.delimiter)) == width for line in before)
        yield ReadProblem(told, 1, "\n".join(before), doubtful=header.line > _PREAMBLE or rows)
    torn = lines[header.line].count('"') % 2 if header.line < len(lines) else 0
    if torn or any(_HOLDS_A_RECORD.fullmatch(name.strip()) for name in header.columns):
        told = "The line with the column names seems to hold a record, too; it was taken for names."
        yield ReadProblem(told, header.line + 1, lines[header.line], doubtful=True)


def _row_doubts(row: Row, header: Header) -> Iterator[ReadProblem]:
    """What a missing quotation mark leaves: rows in one another, or torn."""
    width = len(header.columns)
    inner = row.raw.split("\n")[1:] if row.raw.count("\n") < _LONGEST_ROW else []
    if width >= _TELLING_WIDTH and any(len(split_line(line, header.delimiter)) == width for line in inner):
        told = "A cell of this row spans lines that look like rows of their own; a quotation mark may be missing."
        yield ReadProblem(told, row.line, doubtful=True)
    elif row.unclear and (row.raw.count('"') % 2 or row.is_open(header.delimiter)):
        told = "The quotation marks of this row do not match; it was read to the end of its line."
        yield ReadProblem(told, row.line, doubtful=True)


def _used(labels: FieldLabels) -> set[str]:
    """The columns that play a role."""
    told = (getattr(labels, field.name) for field in fields(labels))
    return {name for names in told if isinstance(names, tuple) for name in names}


class _Table:
    """What is read of a table so far; a second line of column names, as of a table put below, changes the columns."""

    def __init__(self, header: Header) -> None:
        self.citations: list[Citation] = []
        self.problems: list[ReadProblem] = []
        self.begin(header)

    def begin(self, header: Header) -> None:
        self.header = header
        self.columns = column_roles.named(header.columns)
        self.ours, self.labels = roundtrip.EXTRA_COLUMN in self.columns, labels_for(self.columns, header.said)

    @property
    def named(self) -> TableColumns:
        """Its columns, with those of which nothing is known."""
        known = {*roundtrip.COLUMNS} if self.ours else _used(self.labels)
        known.update((roundtrip.GUARDED_COLUMN, *dict(self.header.said)))
        kept = (name for name in dict.fromkeys(self.columns) if name not in known)
        return TableColumns(self.header.columns, self.header.said, tuple(kept))

    def take(self, row: Row) -> None:
        if row.broken:
            spanned = row.raw.count("\n") + 1
            what = "this row do not match; it was"
            what = what if spanned == 1 else f"the {spanned} lines from here do not match; they were"
            told = f"The quotation marks of {what} left out."
            self.problems.append(ReadProblem(told, row.line, row.raw, whole=True))
        elif row.cells == self.header.columns:
            self.problems.append(ReadProblem("The column names are repeated here; the line was passed over.", row.line))
        elif below := self.header.below(row):
            self.begin(below)
            self.problems.append(ReadProblem("Other column names stand here; they hold for the rows below.", row.line))
        elif any(cell.strip() for cell in row.cells):
            row = _unguarded(row, self.columns)
            citation, notices = _read_citation(row, self.columns, self.labels, self.ours, len(self.citations) + 1)
            self.citations.append(citation)
            self.problems.extend([*_row_doubts(row, self.header), *notices])


def read(text: str, header: Header | None = None) -> ParsedFile:
    """Read a delimited file whose header names a title column. Rows without any value are no records; all others are
    kept."""
    return read_part(text, header or find_header(text))[0]


def read_part(text: str, header: Header) -> tuple[ParsedFile, Header]:
    """Read a part of such a file, with the column names that hold at its beginning; its own line is -1 where it stands
    in an earlier part. Also gives the names that hold at its end."""
    lines = text.split("\n")
    return _read_rows(read_rows(lines, header.delimiter, len(header.columns), header.line + 1), header, lines)


def read_rows_of(rows: Iterable[Row], header: Header, lines: list[str]) -> ParsedFile:
    """Read the rows below a header; ``lines`` are the file's up to the header at least."""
    return _read_rows(rows, header, lines)[0]


def _read_rows(rows: Iterable[Row], header: Header, lines: list[str]) -> tuple[ParsedFile, Header]:
    table = _Table(header)
    table.problems.extend(_header_problems(lines, header) if header.line >= 0 else ())
    named = table.named
    for row in rows:
        table.take(row)
    found = ParsedFile(tuple(table.citations), tuple(table.problems), named)
    return found, replace(table.header, line=-1)


def _unguarded(row: Row, columns: tuple[str, ...]) -> Row:
    """The row as it was before we guarded its cells from spreadsheets, where it says that we did."""
    place = columns.index(roundtrip.GUARDED_COLUMN) if roundtrip.GUARDED_COLUMN in columns else len(row.cells)
    if row.cells[place : place + 1] != (roundtrip.GUARDED,):
        return row
    cells = map(roundtrip.unguard_cell, (*row.cells[:place], "", *row.cells[place + 1 :]))
    return replace(row, cells=tuple(cells))


def _read_citation(
    row: Row, columns: tuple[str, ...], labels: FieldLabels, ours: bool, number: int
) -> tuple[Citation, list[ReadProblem]]:
    if ours:
        try:
            return _read_own_row(row, columns, number), []
        except (ValueError, TypeError, KeyError):
            pass  # edited elsewhere since: read as any other table
    citation, notices = build_from_row(_row_entries(row, columns), labels, number)
    return citation, [*_width_notice(row, columns), *notices]

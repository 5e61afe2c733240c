"""The rows of a delimited file, with line numbers, and without letting one broken quote swallow the records after it.

Invariant: every line that is not blank is part of exactly one Row. A row whose quotes do not match is marked ``broken``
and reading goes on at the next line that is a whole row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

csv.field_size_limit(2**31 - 1)  # the most that it takes everywhere: a value may be as long as its file


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its 1-based first line, its cells, and its text as it stands. ``broken`` rows have no cells; of
    ``unclear`` ones the quotation marks do not match, but the line has as many cells as the header."""

    line: int
    cells: tuple[str, ...]
    raw: str
    broken: bool = False
    unclear: bool = False

    def is_open(self, delimiter: str) -> bool:
        """Whether the quotation mark of its last cell is missing at its end."""
        reader = csv.reader([f"{self.raw}\n", ""], delimiter=delimiter)
        next(reader, None)
        return reader.line_num > 1


def split_line(line: str, delimiter: str) -> tuple[str, ...]:
    """One line as cells, quotes taken as leniently as possible."""
    return tuple(next(csv.reader([line], delimiter=delimiter), []))


def read_row_strictly(
    lines: list[str], start: int, delimiter: str, escape: str | None = None
) -> tuple[tuple[str, ...], int] | None:
    """The row that begins at ``start`` and how many lines it takes, or None if its quotes do not match."""
    rest = (lines[index] + "\n" for index in range(start, len(lines)))
    reader = csv.reader(rest, delimiter=delimiter, strict=True, escapechar=escape)
    try:
        cells = next(reader)
    except (csv.Error, StopIteration):
        return None
    return tuple(cells), reader.line_num


def _read_row(lines: list[str], start: int, delimiter: str, width: int) -> tuple[tuple[str, ...], int, bool] | None:
    """The row at ``start`` and how many lines it takes, by the rules first, then as the known breakers of the rules
    write it; and whether the rules were left aside at last."""
    if found := read_row_strictly(lines, start, delimiter):
        return *found, False
    found = read_row_strictly(lines, start, delimiter, escape="\\")
    if found and len(found[0]) == width:
        return *found, False
    cells = split_line(lines[start], delimiter)
    return (cells, 1, True) if len(cells) == width else None


def read_rows(lines: list[str], delimiter: str, width: int, start: int = 0) -> Iterator[Row]:
    """The rows from line number ``start`` (0-based) on. ``width`` is the header's number of cells."""
    index = start
    while index < len(lines):
        if not lines[index].strip():
            index += 1
            continue
        if found := _read_row(lines, index, delimiter, width):
            cells, taken, unclear = found
            yield Row(index + 1, cells, "\n".join(lines[index : index + taken]), unclear=unclear)
            index += taken
            continue
        end = index + 1
        while end < len(lines) and not ((after := _read_row(lines, end, delimiter, width)) and len(after[0]) == width):
            end += 1
        yield Row(index + 1, (), "\n".join(lines[index:end]).rstrip(), broken=True)
        index = end

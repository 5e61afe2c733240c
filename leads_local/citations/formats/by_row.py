"""Embase's CSV with fields by row: every line is a label and its values, and the label of the first line begins each
record.

Read as a plain table, such a file would give one false record for each line, so it has to be told apart before
``tabular`` sees it.
"""

from __future__ import annotations

from leads_local.citations.formats.fields import Entry, ParsedFile
from leads_local.citations.formats.rows import read_rows, split_line
from leads_local.citations.formats.tabular import COLUMN_ALIASES, build_from_row, column_keys, labels_for
from leads_local.records import Citation, ReadProblem

_ENOUGH = 3


def _role(label: str) -> str:
    return next(
        (role for role, aliases in COLUMN_ALIASES.items() if any(key in aliases for key in column_keys(label))), ""
    )


def is_by_row(text: str) -> bool:
    """Whether the first cells of the first lines are labels of different fields, and the first line is no header."""
    lines = [line for line in text.split("\n", 30)[:30] if line.strip()][:12]
    roles = {_role(cells[0]) for line in lines if len(cells := split_line(line, ",")) > 1}
    first = split_line(lines[0], ",") if lines else ()
    return len(first) == 2 and not _role(first[1]) and "title" in roles and len(roles - {""}) >= _ENOUGH


def read(text: str) -> ParsedFile:
    """Read fields by row. A line whose quotation marks do not match is a Problem with its text."""
    problems: list[ReadProblem] = []
    records: list[list[Entry]] = []
    for row in read_rows(text.split("\n"), ",", 2):
        if row.broken:
            problems.append(
                ReadProblem("The quotation marks of this line do not match; the line was left out.", row.line, row.raw)
            )
            continue
        label = row.cells[0].strip("\ufeff ")
        if not records or label == records[0][0].tag:
            records.append([])
        records[-1].append(Entry(label, "\n".join(row.cells[1:]), row.line))
    citations: list[Citation] = []
    for record in records:
        labels = labels_for(tuple(entry.tag for entry in record))
        citation, notices = build_from_row(record, labels, len(citations) + 1)
        citations.append(citation)
        problems.extend(notices)
    return ParsedFile(tuple(citations), tuple(sorted(problems, key=lambda problem: problem.line)))

"""Embase's CSV with fields by row: every line is a label and its values, and the label of the first line mostly begins
each record.

Read as a plain table, such a file would give one false record for each line, so it has to be told apart before
``tabular`` sees it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from leads_local.citations.formats.boundaries import Signals, divide
from leads_local.citations.formats.column_names import COLUMN_ALIASES, column_keys
from leads_local.citations.formats.fields import Draft, Entry, ParsedFile, entries_of
from leads_local.citations.formats.rows import read_rows, split_line
from leads_local.citations.formats.tabular import LONGEST_HEADER, build_from_row, labels_for
from leads_local.records import Citation, ReadProblem

_TWICE = 'The label "{0}" stands more than once in this record; two papers may have been taken for one.'
_ENOUGH = 3
_A_FEW = 10


def _role(label: str) -> str:
    return next(
        (role for role, aliases in COLUMN_ALIASES.items() if any(key in aliases for key in column_keys(label))), ""
    )


def is_by_row(text: str) -> bool:
    """Whether the first cells of the first lines are labels of different fields, and the first line is no header."""
    lines = [line for line in text.split("\n", 30)[:30] if len(line) < LONGEST_HEADER and line.strip()][:12]
    rows = [cells for line in lines if len(cells := split_line(line, ",")) > 1]
    roles = {_role(cells[0]) for cells in rows}
    damaged = bool(rows) and bool(_role(rows[0][0].strip('"')[1:]))  # by a wrong first character
    table = rows and len(rows[0]) != 2 and not _role(rows[0][0]) and not damaged
    named = rows and any(map(_role, rows[0][1:_A_FEW]))
    return bool(rows) and not (table or named) and "title" in roles and len(roles - {""}) >= _ENOUGH


def _signals(drafts: list[Draft]) -> Signals:
    titles = frozenset(draft.tag for draft in drafts if _role(draft.tag) == "title")
    once = frozenset(draft.tag for draft in drafts if _role(draft.tag) not in ("", "title", "keywords", "urls", "kind"))

    def usual(lines: Sequence[Draft]) -> Iterator[int]:
        return (index for index, draft in enumerate(lines) if draft.tag == lines[0].tag)

    return Signals(titles, once=once, compared=once, usual=usual)


def read(text: str) -> ParsedFile:
    """Read fields by row. A line whose quotation marks do not match is a Problem with its text."""
    problems: list[ReadProblem] = []
    drafts: list[Draft] = []
    end = 0
    for row in read_rows(text.split("\n"), ",", 2):
        if row.broken:
            problems.append(
                ReadProblem("The quotation marks of this line do not match; the line was left out.", row.line, row.raw)
            )
            continue
        if len(row.cells) < 2:
            told = "This line is no label with its value; it was left out."
            problems.append(ReadProblem(told, row.line, row.raw, doubtful=True))
            continue
        if row.unclear:
            told = "The quotation marks of this line do not match; it was read to its end."
            problems.append(ReadProblem(told, row.line, doubtful=True))
        drafts.append(Draft(row.cells[0].strip("\ufeff "), "\n".join(row.cells[1:]), row.line, row.line - end - 1))
        end = row.line + row.raw.count("\n")
    found = divide(drafts, _signals(drafts))
    problems.extend(found.doubts)
    citations: list[Citation] = []
    for piece in found.pieces:
        record = [Entry(one.tag, one.value, one.line) for one in entries_of(piece)]
        labels = labels_for(tuple(entry.tag for entry in record))
        several = [tag for tag, count in Counter(entry.tag for entry in record).items() if count > 1 and _role(tag)]
        if several:
            problems.append(ReadProblem(_TWICE.format(several[0]), record[0].line, doubtful=True))
        citation, notices = build_from_row(record, labels, len(citations) + 1)
        citations.append(citation)
        problems.extend(notices)
    return ParsedFile(tuple(citations), tuple(sorted(problems, key=lambda problem: problem.line)))

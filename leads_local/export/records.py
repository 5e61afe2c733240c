"""Some of a review's reports as one file of citations for another program, with what people decided of them in the
fields that this program reads.

What was written is read again as that program's export would be, and decisions that do not come back the same are
counted: no form of another tool has a place for everything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from leads_local import durable, private
from leads_local.citations import roundtrip, screened, telling, writers
from leads_local.citations.telling import Standing, Target
from leads_local.citations.told import Told, ToldDecision, ToldNote, Tool
from leads_local.errors import InputError
from leads_local.export import placing, spreadsheet
from leads_local.export.sheets import Row, Sheet
from leads_local.export.tables import guard_cell
from leads_local.files import path_text
from leads_local.records import Choice, Citation, Stage
from leads_local.review.acts import ActKind
from leads_local.review.review import Review
from leads_local.review.store import annotation_rows, citations, decisions, groups
from leads_local.spreadsheet_cells import csv_line, guard_formulas

ENDINGS = {**writers.ENDINGS, ".xlsx": "xlsx"}
_TABLES = ("csv", "xlsx")
_SLICE = 500


@dataclass(frozen=True, slots=True)
class RecordsOrder:
    """``heads``: of which reports; ``stage``: which decisions are told where the program knows one stage only.
    ``replace``: whether a file that is there may be replaced."""

    path: Path
    format: str
    heads: Sequence[int]
    target: Target = Target.PLAIN
    stage: Stage = Stage.ABSTRACT
    replace: bool = False


@dataclass(frozen=True, slots=True)
class WrittenRecords:
    """``behind``: duplicates of these records, which are not in the file. ``lost`` of the ``decisions`` have, with who,
    at which stage and why, no place in the program's form."""

    path: Path
    records: int
    decisions: int
    lost: int
    target: Target
    behind: int = 0


def format_of(path: Path, endings: Mapping[str, str] = ENDINGS) -> str:
    """The format that the file's name asks for, of those with these ``endings``. Raises InputError where there is
    none."""
    found = endings.get(path.suffix.lower(), "")
    if not found:
        raise InputError(f"{path.name} doesn't say which format is meant.", f"End its name in {', '.join(endings)}.")
    return found


def write_records(review: Review, order: RecordsOrder) -> WrittenRecords:
    """Write the file, whole or not at all. Raises InputError where it can't be written to, or stands there already and
    is not to be replaced."""
    path = order.path
    if os.path.lexists(path) and not order.replace:
        raise _there_already(path)
    placing.check_places(path.parent, [path.name])
    with review.copied() as moment:
        told = _Telling(moment, order)
        if order.format in _TABLES and (order.format == "xlsx" or order.target is not Target.PLAIN):
            _write_table(told.table(), order)
        else:
            marked = (telling.mark(one, said, order.target) for one, said in told.each())
            writers.write(path, marked, order.format, replace=order.replace)
        records, (count, lost) = len(order.heads), told.count_lost()
        duplicates = groups.count_duplicates(moment.db)
        behind = sum(duplicates.get(head, 0) for head in order.heads)
    if review.writable:
        review.record_event("export", f"{records} records to {path_text(path)}")
    return WrittenRecords(path, records, count, lost, order.target, behind)


def _there_already(path: Path) -> InputError:
    return InputError(f"{path} is there already; it is not replaced unasked.", "Choose another name, or --replace.")


def _guarded(row: dict[str, str]) -> dict[str, str]:
    """The row with what a spreadsheet would run guarded, so that the guard can be taken away again, and a mark that it
    is there; other rows as they are."""
    if all(guard_formulas(cell) == cell for cell in row.values()):
        return row
    guarded = {name: roundtrip.guard_cell(cell) for name, cell in row.items()}
    return {**guarded, roundtrip.GUARDED_COLUMN: roundtrip.GUARDED}


class _Telling:
    """What is to be told of each report, read once."""

    def __init__(self, review: Review, order: RecordsOrder) -> None:
        self._db, self._order = review.db, order
        self._votes = {stage: decisions.votes_of(self._db, order.heads, stage) for stage in Stage}
        self._holds = decisions.holding(self._db, order.heads, order.stage)
        self._tags: dict[int, dict[str, None]] = {}
        self._notes: dict[int, list[ToldNote]] = {}
        for head, tag, _ in annotation_rows.heads_with(self._db, ActKind.TAG):
            self._tags.setdefault(head, {})[tag] = None
        for head, note in annotation_rows.all_notes(self._db):
            self._notes.setdefault(head, []).append(ToldNote(note.text, note.reviewer, note.at))

    def each(self) -> Iterator[tuple[Citation, Standing]]:
        for start in range(0, len(self._order.heads), _SLICE):
            heads = self._order.heads[start : start + _SLICE]
            read = citations.read_many(self._db, heads)
            yield from ((read[head], self._standing(head)) for head in heads if head in read)

    def _standing(self, head: int) -> Standing:
        made = tuple(
            ToldDecision(Choice(one.choice), one.reviewer, stage, one.reason, one.at)
            for stage in Stage
            for one in self._votes[stage].get(head, ())
        )
        told = Told(Tool.OURS, made, tuple(self._tags.get(head, ())), tuple(self._notes.get(head, ())))
        holds = self._holds.get(head)
        return Standing(told, self._order.stage, Choice(holds.choice) if holds is not None else None)

    def table(self) -> Sheet:
        """The table that the program's own export would be; all columns that some record needs."""
        if self._order.target is Target.PLAIN:
            header = roundtrip.COLUMNS
            return Sheet("records", "", header, lambda: (writers.csv_row(self._plain(*one)) for one in self.each()))
        columns = tuple(dict.fromkeys(name for row in self._rows() for name in row))
        if self._order.format == "csv" and any(roundtrip.GUARDED_COLUMN in row for row in map(_guarded, self._rows())):
            columns += (roundtrip.GUARDED_COLUMN,)
        rows = (lambda: map(_guarded, self._rows())) if roundtrip.GUARDED_COLUMN in columns else self._rows
        return Sheet("records", "", columns, lambda: ([row.get(name, "") for name in columns] for row in rows()))

    def _plain(self, citation: Citation, standing: Standing) -> Citation:
        return telling.mark(citation, standing, Target.PLAIN)

    def _rows(self) -> Iterator[dict[str, str]]:
        for number, (citation, standing) in enumerate(self.each(), start=1):
            yield telling.table_row(citation, standing, self._order.target, number)

    def count_lost(self) -> tuple[int, int]:
        """How many decisions there are, and how many of them the file doesn't give back as they are."""
        count = lost = 0
        as_table = self._order.format in _TABLES and self._order.target is not Target.PLAIN
        for number, (citation, standing) in enumerate(self.each(), start=1):
            wanted = {(one.stage, one.reviewer, one.choice, one.reason) for one in standing.told.decisions}
            if not wanted:
                continue
            if as_table:
                row = telling.table_row(citation, standing, self._order.target, number)
                written = Citation(extra=tuple(row.items()))
            else:
                written = telling.mark(citation, standing, self._order.target)
            [back] = screened.read([written]).told
            given = {
                (one.stage or self._order.stage, one.reviewer or back.tool, one.choice, one.reason)
                for one in back.decisions
            }
            count, lost = count + len(wanted), lost + len(wanted - given)
        return count, lost


def _write_table(sheet: Sheet, order: RecordsOrder) -> None:
    try:
        with private.written_beside(order.path, replace=order.replace) as part:
            if order.format == "xlsx":
                spreadsheet.write_workbook(part, [sheet])
            else:
                _write_csv(part, sheet)
    except FileExistsError as error:
        raise _there_already(order.path) from error
    except OSError as error:
        raise InputError(
            f"{order.path} can't be written: {error.strerror or error}.", "Check the folder and the free space there."
        ) from error


def _write_csv(path: Path, sheet: Sheet) -> None:
    """UTF-8 with a byte order mark, which Excel needs to read accents."""

    def line(row: Row) -> str:
        return csv_line("" if cell is None else guard_cell(cell) for cell in row)

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(line(sheet.header))
        file.writelines(map(line, sheet.rows()))
        durable.sync(file)

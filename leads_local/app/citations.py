"""Citation files into a review."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from leads_local.app.newer import newer_in_words
from leads_local.app.outcome import Outcome, first_of, format_count
from leads_local.app.sources import describe_search
from leads_local.app.taking import tells_in_words
from leads_local.citations import normalise
from leads_local.citations.formats import column_roles
from leads_local.citations.formats.column_roles import Roles, TableColumns
from leads_local.citations.previews import TablePreview
from leads_local.errors import ExitCode, InputError
from leads_local.review.importing import Imported, import_each
from leads_local.review.read_models import ImportReport
from leads_local.review.review import Review

_SHOWN = 12  # columns
FIELDS = (
    *(("title", "the title"), ("abstract", "the abstract"), ("authors", "the authors"), ("year", "the year")),
    *(("journal", "the journal"), ("volume", "its volume"), ("issue", "its issue"), ("pages", "the pages")),
    *(("doi", "the DOI"), ("pmid", "the PubMed ID"), ("language", "the language"), ("kind", "the kind of publication")),
    *(("keywords", "keywords"), ("urls", "links"), (column_roles.BESIDE, "something else: keep it beside the record")),
)
"""What a column can hold, each with words for a person."""
TYPED = (
    *(("title", "as it stands in the publication"), ("authors", "Lee, Anna; Wu, Bo"), ("year", "four digits")),
    *(("journal", "or where else it appeared"), ("volume", ""), ("issue", ""), ("pages", "45-51")),
    *(("doi", "10.1000/xyz123, or its link"), ("pmid", "PubMed's number"), ("language", ""), ("kind", "what it is")),
    *(("keywords", "with semicolons between them"), ("urls", "links, with semicolons"), ("abstract", "all of it")),
)
"""What is typed of a record, each with an example or a hint."""
_LONGEST_VALUE = 40  # characters of a cell
NOTHING_TYPED: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """What came of one file: a report, or the error that says why it can't be used."""

    path: Path
    found: ImportReport | InputError

    @property
    def exit_code(self) -> ExitCode:
        """LOOK also where single records could not be read as they should."""
        if isinstance(self.found, InputError):
            return ExitCode.BAD_INPUT
        return ExitCode.look_if(self.found.problems)


def import_files(
    review: Review,
    files: Sequence[Path],
    begin: Callable[[int, Path], object],
    columns: Roles = (),
    searched: Mapping[str, str] = NOTHING_TYPED,
) -> Iterator[ImportedFile]:
    """Import each file, of a ZIP each file in it; one that can't be used does not stop the others. ``begin`` is told
    of each of ``files`` before it is read; ``columns`` says what columns of tables hold, and ``searched`` is what was
    typed of how all of them were searched for.

    Raises ReviewError, which says what came in before, when something is wrong with the review.
    """
    numbers = iter(range(len(files)))

    def read(file: Path) -> Iterator[Imported]:
        begin(next(numbers), file)
        return review.import_path(file, columns)

    for file, found in import_each(read, files):
        if searched and isinstance(found, ImportReport):
            describe_search(review, found.sha256, searched)
        yield ImportedFile(file, found)


def add_record(review: Review, fields: Mapping[str, str]) -> Outcome:
    """Add a record that a person typed, and say what it is now."""
    record = review.add_record(fields)
    added = f"Record {record} was added: {review.citation(record).title.rstrip('.')}."
    return Outcome((added,), ("Look for duplicates again; the list of imports takes it out.",))


def describe_import(file: ImportedFile, name: str) -> Outcome:
    """What a person is told of one file, which is called ``name`` there."""
    found = file.found
    if isinstance(found, InputError):
        return Outcome((), (str(found),), failed=True)
    encoding = f" ({found.encoding})" if found.encoding else ""
    read = f"{format_count(found.read, 'record')} read as {found.format}{encoding}, {found.added:,} new."
    doubt = f" Records may be mixed up. {found.doubt}" if found.doubt else ""
    again = (f"{name}: this file has been imported before; nothing was added twice.",) if found.already else ()
    columns = tuple(f"{name}: {line}" for line in _columns_in_words(found.columns))
    problems = first_of((problem.in_words(name) for problem in found.problems), "the export lists all of them.")
    tells = (f"{name}: {tells_in_words(found.tells)}",) if found.tells else ()
    return Outcome(
        (f"{name}: {read}{doubt}",),
        (*again, *columns, *tells, *newer_in_words(found.newer), *problems),
        failed=bool(problems),
    )


def _columns_in_words(columns: TableColumns) -> Iterator[str]:
    if columns.said:
        yield f"columns as you said, or said before: {', '.join(f'{name}={field}' for name, field in columns.said)}."
    if columns.kept:
        shown = ", ".join(map(normalise.one_line, columns.kept[:_SHOWN]))
        more = f" and {len(columns.kept) - _SHOWN} more" if len(columns.kept) > _SHOWN else ""
        yield f"columns of which nothing is known are kept beside the records: {shown}{more}."


def parse_columns(text: str) -> Roles:
    """What a person said that columns hold: ``Titel=title, Fazit=abstract``. Raises InputError where it says something
    else."""
    return column_roles.parse(text)


def preview_columns(review: Review, path: Path) -> TablePreview | None:
    """What the columns of a table are taken for, before it is imported; None of what is no table."""
    return review.preview_table(path)


def describe_columns(preview: TablePreview) -> Outcome:
    """Each column of a table with what it is taken for, and its first values."""
    lines = (
        f"{name or '(no name)'}: {taken or 'not known, kept beside the record'}. {values_in_words(preview, place)}"
        for place, (name, taken) in enumerate(zip(preview.names, preview.taken_for, strict=True))
    )
    asked = () if "title" in preview.taken_for else ("No column is known as that of the titles.",)
    return Outcome(tuple(lines), asked, failed=bool(asked))


def columns_said(preview: TablePreview, fields: Sequence[str]) -> str:
    """What was said of columns that hold other ``fields`` than they were taken for, as ``parse_columns`` reads it."""
    told = zip(preview.names, preview.taken_for, fields, strict=True)
    changed = tuple((name, field) for name, taken, field in told if field != taken)
    return column_roles.in_words(changed)


def values_in_words(preview: TablePreview, place: int) -> str:
    """The first values of a column, each cut short."""
    values = (normalise.one_line(row[place]) for row in preview.rows)
    return " | ".join(value[: _LONGEST_VALUE - 1] + "…" if len(value) > _LONGEST_VALUE else value for value in values)


def import_exit_code(files: Sequence[ImportedFile]) -> ExitCode:
    """BAD_INPUT where no file could be used, LOOK where there is something to look at."""
    codes = {file.exit_code for file in files}
    return ExitCode.BAD_INPUT if codes == {ExitCode.BAD_INPUT} else ExitCode.look_if(codes - {ExitCode.DONE})

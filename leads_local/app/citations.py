"""Citation files into a review."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from leads_local.app.outcome import Outcome, first_of, format_count
from leads_local.app.taking import tells_in_words
from leads_local.errors import ExitCode, InputError
from leads_local.review.importing import Imported, import_each
from leads_local.review.read_models import ImportReport
from leads_local.review.review import Review


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


def import_files(review: Review, files: Sequence[Path], begin: Callable[[int, Path], object]) -> Iterator[ImportedFile]:
    """Import each file, of a ZIP each file in it; one that can't be used does not stop the others. ``begin`` is told
    of each of ``files`` before it is read.

    Raises ReviewError, which says what came in before, when something is wrong with the review.
    """
    numbers = iter(range(len(files)))

    def read(file: Path) -> Iterator[Imported]:
        begin(next(numbers), file)
        return review.import_path(file)

    for file, found in import_each(read, files):
        yield ImportedFile(file, found)


def describe_import(file: ImportedFile, name: str) -> Outcome:
    """What a person is told of one file, which is called ``name`` there."""
    found = file.found
    if isinstance(found, InputError):
        return Outcome((), (str(found),), failed=True)
    encoding = f" ({found.encoding})" if found.encoding else ""
    read = f"{format_count(found.read, 'record')} read as {found.format}{encoding}, {found.added:,} new."
    doubt = f" Records may be mixed up. {found.doubt}" if found.doubt else ""
    again = (f"{name}: this file has been imported before; nothing was added twice.",) if found.already else ()
    problems = first_of((problem.in_words(name) for problem in found.problems), "the export lists all of them.")
    tells = (f"{name}: {tells_in_words(found.tells)}",) if found.tells else ()
    return Outcome((f"{name}: {read}{doubt}",), (*again, *tells, *problems), failed=bool(problems))


def import_exit_code(files: Sequence[ImportedFile]) -> ExitCode:
    """BAD_INPUT where no file could be used, LOOK where there is something to look at."""
    codes = {file.exit_code for file in files}
    return ExitCode.BAD_INPUT if codes == {ExitCode.BAD_INPUT} else ExitCode.look_if(codes - {ExitCode.DONE})

"""A file of citations, read whole: the entrance to this package.

Invariant: the number of records in the file is the number of citations plus the number of problems that hold a whole
record's raw text. Only a file that is unusable as a whole raises; whatever is wrong with one record is a Problem, and
the rest goes on.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from leads_local import fault_log, files
from leads_local.citations import counts, decoding, detect, foreign, odd_tags, sections, workbooks
from leads_local.citations.detect import DetectedFormat
from leads_local.citations.formats import (
    bibtex,
    by_row,
    cochrane,
    csl_json,
    endnote_xml,
    enw,
    jsonl,
    nbib,
    ovid,
    pubmed_xml,
    ris,
    tabular,
    trial_registers,
    wos,
)
from leads_local.citations.formats.column_roles import NO_TABLE, NOTHING_SAID, ColumnChoice, Roles, TableColumns
from leads_local.citations.formats.fields import ParsedFile
from leads_local.errors import InputError
from leads_local.records import Citation, ReadProblem

READERS: dict[str, Callable[[str], ParsedFile]] = {
    "ris": ris.read,
    "nbib": nbib.read,
    "pubmed xml": pubmed_xml.read,
    "endnote xml": endnote_xml.read,
    "csv by row": by_row.read,
    "enw": enw.read,
    "wos": wos.read,
    "ovid": ovid.read,
    "bibtex": bibtex.read,
    "jsonl": jsonl.read,
    "csl json": csl_json.read,
    "cochrane": cochrane.read,
    "ictrp xml": trial_registers.read_ictrp,
    "clinicaltrials.gov json": trial_registers.read_clinical_trials,
}
"""Every format but CSV, which is read with the header that was found."""


_NOTICES = 20
_ENOUGH_TO_TELL = 10  # records
_NO_ABSTRACTS = (
    "{0:,} of the {1:,} records have no abstract; if the database has them, export the records again with abstracts."
)
_MEMORY_PER_BYTE = (
    6  # bytes of memory for each byte of a file, from reading to storing; measured with 100,000 records of RIS
)
_SMALL_FILE = 10_000_000  # bytes that are read however little memory is said to be free


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What one file gave. ``file_sha256`` is of its bytes; ``sha256``, too, unless a person said what ``columns`` hold,
    which then is part of what the source is known by. A Problem without ``raw`` is a notice, one with
    ``raw`` holds text that was left out, one with ``whole`` a whole record.
    """

    path: str
    sha256: str
    format: str
    encoding: str
    citations: tuple[Citation, ...]
    problems: tuple[ReadProblem, ...] = ()
    columns: TableColumns = NO_TABLE
    file_sha256: str = ""

    @property
    def doubt(self) -> str:
        """Whether records may hold lines of each other, in a sentence for whoever imports them; "" where none may."""
        doubts = sorted((problem for problem in self.problems if problem.doubtful), key=lambda one: not one.line)
        if not doubts:
            return ""
        place = f"Line {doubts[0].line}: " if doubts[0].line else ""
        return f"{place}{doubts[0].message}{f' That is one of {len(doubts):,} such places.' if doubts[1:] else ''}"


def _read_bytes(path: Path) -> bytes:
    found = files.on_disk(path)
    if wrong := files.why_unreadable(found, "a file of citations"):
        raise InputError(
            f"{path}: {wrong}.", "Check the name; the files of a folder are named with *.ris, for example."
        )
    try:
        check_memory(path, found.stat().st_size)
        data = found.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path} can't be read: {error.strerror}.",
            "Close it in other programs; check its permissions and its disk.",
        ) from error
    return data


def check_memory(path: Path, size: int) -> None:
    """Refuse a file that would fill the memory, before it does."""
    if size <= _SMALL_FILE:
        return
    from leads_local import memory  # slow to load, and seldom needed

    needed, free = size * _MEMORY_PER_BYTE, memory.available_bytes()
    if needed > free:
        raise InputError(
            f"{path}: reading its {size / 1e6:,.0f} MB needs about {needed / 1e9:.1f} GB of memory, and "
            f"{free / 1e9:.1f} GB are free.",
            "Export the records in several files, or close other programs.",
        )


def _untitled_notice(numbers: list[str]) -> str:
    shown = ", ".join(numbers[:10]) + (" …" if len(numbers) > 10 else "")
    return f"{len(numbers)} of the records have no title (number {shown}); they were read all the same."


def thin_notices(problems: Sequence[ReadProblem]) -> tuple[ReadProblem, ...]:
    """The problems, notices of one kind after the first few counted instead of listed. What holds raw text is never
    thinned."""
    kinds: dict[str, list[ReadProblem]] = {}
    kept: list[ReadProblem] = []
    for problem in problems:
        kind = re.sub(r'\d+|".*?"', "#", problem.message)
        alike = kinds.setdefault(kind, [])
        if not problem.raw:
            alike.append(problem)
        if problem.raw or len(alike) <= _NOTICES:
            kept.append(problem)
    more = (alike for alike in kinds.values() if len(alike) > _NOTICES)
    counted = (
        ReadProblem(f"{len(alike) - _NOTICES} more notices are like this one: {alike[0].message}", alike[_NOTICES].line)
        for alike in more
    )
    return (*kept, *counted)


def read_text(text: str, name: str, choice: ColumnChoice = NOTHING_SAID) -> tuple[str, ParsedFile]:
    """Read decoded text. Returns the format's name and what was parsed. Raises InputError as ``read_file`` does."""
    return read_found(text, name, detect.detect(text, name, choice))[:2]


def read_found(
    text: str, name: str, found: DetectedFormat, *, whole: bool = True
) -> tuple[str, ParsedFile, tabular.Header | None]:
    """Read text of a known format. Also gives the column names that hold at its end, where it is a table. Of a part of
    a file that is not the ``whole``, the number of records that the file gives says nothing."""
    starts = sections.split(text, found.format)
    try:
        if len(starts) == 1:
            return found.format, *_read_as(text, found.format, found.header, whole=whole)
        return *_read_sections(text, starts, found.header), found.header
    except InputError as error:
        raise InputError(f"{name}: {error.message}", error.hint) from error


def _read_as(
    text: str, format: str, header: tabular.Header | None, *, whole: bool = True
) -> tuple[ParsedFile, tabular.Header | None]:
    if format == "csv":
        found, header = tabular.read_part(text, header or tabular.find_header(text))
    else:
        found = READERS[format](text)
    records = len(found.citations) + sum(problem.whole for problem in found.problems)
    doubts = (*counts.compare(text, format, records, whole=whole), *foreign.lines_of_others(text, format))
    return replace(found, problems=(*doubts, *found.problems)), header


def _read_sections(text: str, starts: list[tuple[int, str]], header: tabular.Header | None) -> tuple[str, ParsedFile]:
    """Files of several formats that were put together in one: each part is read as what it is."""
    citations: list[Citation] = []
    problems: list[ReadProblem] = []
    told: list[str] = []
    for (start, format), (end, _) in pairwise([*starts, (len(text), "")]):
        part, _ = _read_as(text[start:end], format, header if not start else None)
        before = text.count("\n", 0, start)
        citations.extend([replace(one, number=len(citations) + one.number) for one in part.citations])
        problems.extend(replace(one, line=one.line + before if one.line else 0) for one in part.problems)
        told.append(f"{format.upper()} from line {before + 1}")
    notice = (
        f"Several formats stand in this file ({', '.join(told)}); each part was read as what it is. Look at the "
        "records where one ends and the next begins."
    )
    names = " + ".join(dict.fromkeys(format for _, format in starts))
    return names, ParsedFile(tuple(citations), (ReadProblem(notice, doubtful=True), *problems))


def read_file(path: str | Path, choice: ColumnChoice = NOTHING_SAID) -> SourceFile:
    """Read a file of citations in any known format; ``choice`` is what is said of the columns of a table.

    Raises InputError, and nothing else, when the file is missing, no file, unreadable, too large, empty, in no known
    format, holds no record, or is a table without a title column; also when a reader fails, which is a fault of ours
    and is written to the log file.
    """
    path = Path(path)
    with fault_log.faults_of_file(path):
        return read_bytes(_read_bytes(path), path, choice)


def read_bytes(data: bytes, path: Path, choice: ColumnChoice = NOTHING_SAID) -> SourceFile:
    """The same for the bytes of a file, which is called ``path`` and need not lie there."""
    with fault_log.faults_of_file(path), without_collector():
        return _read_whole(data, path, choice)


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """Nothing that a reader makes refers to itself, and Python's search for such things takes a third of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _read_whole(data: bytes, path: Path, choice: ColumnChoice) -> SourceFile:
    if not data.strip(b"\x00 \t\r\n"):
        raise InputError(f"{path} is empty.", "Export the records again.")
    if format := workbooks.format_of(data):
        return _source(path, data, format, "", workbooks.read(data, str(path), choice))
    detect.refuse_binary(data, str(path))
    decoded = decoding.decode(data)
    format, parsed = read_text(odd_tags.as_usual(decoded.text), str(path), choice)
    parsed = replace(parsed, problems=(*decoded.problems, *parsed.problems))
    return _source(path, data, format, decoded.encoding, parsed)


def said_bytes(said: Roles) -> bytes:
    """What is hashed behind the bytes of a file to know a source by: read with other columns, it is another one."""
    return f"\0{json.dumps(sorted(said))}".encode() if said else b""


def no_record(path: Path, format: str) -> InputError:
    return InputError(f"{path} looks like {format.upper()} but holds no record.", "Export the records again.")


def notices(records: int, untitled: list[str], without: int) -> tuple[ReadProblem, ...]:
    """What there is to say of all records: how many have no title, and of how many most have no abstract."""
    found = (ReadProblem(_untitled_notice(untitled)),) if untitled else ()
    if records >= _ENOUGH_TO_TELL and 2 * without > records:
        found = (*found, ReadProblem(_NO_ABSTRACTS.format(without, records)))
    return found


def _source(path: Path, data: bytes, format: str, encoding: str, parsed: ParsedFile) -> SourceFile:
    """What was read, with what there is to say of all of it."""
    if not parsed.citations and not any(problem.whole for problem in parsed.problems):
        raise no_record(path, format)
    untitled = [str(citation.number) for citation in parsed.citations if not citation.title]
    without = sum(not citation.abstract for citation in parsed.citations)
    file_sha256, said = hashlib.sha256(data).hexdigest(), said_bytes(parsed.columns.said)
    return SourceFile(
        files.path_text(path),
        hashlib.sha256(data + said).hexdigest() if said else file_sha256,
        format,
        encoding,
        parsed.citations,
        thin_notices((*parsed.problems, *notices(len(parsed.citations), untitled, without))),
        parsed.columns,
        file_sha256,
    )

"""Citation files into the review: a file's records come in together with their source, or not at all. A large file is
never in the memory as a whole: it is read part by part into a temporary file, then written in one transaction.

The same file is known by its SHA-256, whatever it is called; importing it again adds nothing and says so. Records that
stand in two files are two records, as PRISMA counts them; grouping finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path

from leads_local import fault_log, files
from leads_local.citations import SourceFile, archives, read_parts, screened
from leads_local.citations.archives import Member
from leads_local.citations.formats.column_roles import Roles
from leads_local.citations.standing_notices import PaperNotice
from leads_local.citations.told import Tool
from leads_local.errors import InputError, ReviewError
from leads_local.records import Citation
from leads_local.review import column_memory, file_identity, limiting, newer_texts, typed_records
from leads_local.review.act_log import ActLog
from leads_local.review.acts import ActKind, canonical
from leads_local.review.database import Database
from leads_local.review.newer_reports import NOTHING_NEWER, NewerReport
from leads_local.review.read_models import ImportReport
from leads_local.review.staged_records import StagedRecords
from leads_local.review.store import citations, events, sources
from leads_local.review.store.citations import StoredRow

Imported = tuple[Path, ImportReport | InputError]
"""What came of a file."""


def import_each(read: Callable[[Path], Iterable[Imported]], paths: Iterable[Path]) -> Iterator[Imported]:
    """What ``read`` makes of each file; its InputError where it can't be used, and the rest goes on.

    What is wrong with the review ends it: that ReviewError says which files came in before.
    """
    kept: list[str] = []
    for path in paths:
        try:
            for file, found in read(path):
                yield file, found
                kept += [files.shown_name(file)] if isinstance(found, ImportReport) else []
        except InputError as error:
            yield path, error
        except ReviewError as error:
            before = f" What was imported before it is kept: {', '.join(kept)}." if kept else ""
            raise ReviewError(f"{error.message}{before}", error.hint) from error


def import_path(
    db: Database, log: ActLog, path: Path, read: Callable[[Path, Roles], ImportReport], said: Roles
) -> Iterator[Imported]:
    """What came of a file, which ``read`` imports, or of each file in a ZIP; ``said`` of the columns of tables. Raises
    InputError where the whole can't be used."""
    if not archives.is_archive(path):
        yield path, read(path, said)
        return
    with fault_log.faults_of_file(path), closing(archives.members(path)) as members:
        for member in members:
            yield member.path, _import_member(db, log, member, said)


def _import_member(db: Database, log: ActLog, member: Member, said: Roles) -> ImportReport | InputError:
    try:
        with fault_log.faults_of_file(member.path):
            source = member.read(column_memory.choice(db, said))
            return _store(db, log, member.path, iter([source]))
    except InputError as error:
        return error


def import_file(db: Database, log: ActLog, path: Path, said: Roles = ()) -> ImportReport:
    """``said``: what some columns of a table hold. Raises InputError when the file can't be read as citations, or
    anything fails that is not the review's; then nothing is stored."""
    with fault_log.faults_of_file(path):
        return _import_citations(db, log, path, said)


def add_typed(db: Database, log: ActLog, citation: Citation) -> int:
    """Add a record that was typed by hand. Returns its number. Raises InputError where the same was typed before."""
    source = typed_records.source_of(citation)
    report = _store(db, log, Path(source.path), iter([source]))
    record = citations.find_named(db, source.sha256, 1)
    if report.already:
        raise InputError(f"This record was typed before; it is record {record}.", "`leads-local show` shows it.")
    return record


def _import_citations(db: Database, log: ActLog, path: Path, said: Roles) -> ImportReport:
    if file_identity.is_connected(path):
        raise InputError(
            f"{path} is a review that is open here, not an export of citations.",
            "Name the file that a database exported.",
        )
    with closing(read_parts(path, column_memory.choice(db, said))) as parts:
        return _store(db, log, path, parts)


def _store(db: Database, log: ActLog, path: Path, parts: Iterator[SourceFile]) -> ImportReport:
    """Store the parts of one file, all or none. A file of several parts is read to its end before anything is written,
    since nobody can read the review while that is done."""
    first = next(parts)
    known = _find_known(db, path, first)
    found, second = _Found(first), next(parts, None)
    if second is None or known:
        for part in chain([] if second is None else [second], parts):
            found.take(part)
        return _write(db, log, path, first, found, [citations.to_rows(first.citations)])
    with StagedRecords(db.path.parent) as staged:
        staged.add(citations.to_rows(first.citations))
        for part in chain([second], parts):
            found.take(part)
            staged.add(citations.to_rows(part.citations))
        return _write(db, log, path, first, found, staged.read(), large=True)


def _find_known(db: Database, path: Path, source: SourceFile) -> int:
    """The source with these bytes that is in the review; 0 where there is none. Raises InputError where it may not be
    imported again."""
    column_memory.refuse_read_otherwise(db, path, source)
    known = citations.find_source(db, source.sha256)
    if known and source.sha256 in sources.withdrawals(db):
        raise InputError(
            f"{path}: this file was imported before, and withdrawn.",
            "`leads-local sources REVIEW --back FILE` has its records in the review again.",
        )
    return known


def _write(
    db: Database,
    log: ActLog,
    path: Path,
    first: SourceFile,
    found: _Found,
    records: Iterable[Sequence[StoredRow]],
    *,
    large: bool = False,
) -> ImportReport:
    with db.transaction(large=large):
        if known := _find_known(db, path, first):
            return found.report(0, citations.count_records(db, known))
        source_id = citations.add_source(db, first.path, first.sha256, first.format, first.encoding)
        citations.add_problems(db, source_id, found.last.problems)
        ids: list[int] = []
        for some in records:
            ids += (added := citations.add_rows(db, source_id, some))
            limiting.derive(db, (), added)
        told = {"name": files.shown_name(path), "format": first.format, "records": found.records}
        told |= column_memory.told(first)
        log.write(ActKind.IMPORT, canonical([first.sha256]), told)
        done = f"{found.records} records read as {first.format}, {len(found.last.problems)} problems"
        events.add(db, "import", f"{files.shown_name(path)}: {done}")
        typed = first.format == typed_records.FORMAT  # by hand, which is no newer export of what is known
        notices = [(ids[place - 1], notice) for place, notice in found.notices]
        newer = None if typed else newer_texts.take(db, log, source_id, first.sha256, notices)
    return found.report(found.records, 0, newer)


class _Found:
    """What the parts of one file hold so far."""

    def __init__(self, first: SourceFile) -> None:
        self.records = 0
        self.notices: list[tuple[int, PaperNotice]] = []  # each with the place of its record, from 1
        self.tools: dict[Tool, None] = {}
        self.take(first)

    def take(self, part: SourceFile) -> None:
        self.last = part
        self.notices += newer_texts.find_notices(enumerate(part.citations, self.records + 1))
        self.records += len(part.citations)
        self.tools |= dict.fromkeys(screened.read(part.citations).tools)

    def report(self, added: int, already: int, newer: NewerReport | None = None) -> ImportReport:
        last = self.last
        told = (last.path, last.format, last.encoding, self.records, added, already)
        tools, newer = tuple(self.tools), newer or NOTHING_NEWER
        return ImportReport(*told, last.problems, last.doubt, tools, last.columns, newer, last.sha256)

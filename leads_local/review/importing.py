"""Citation files into the review: a file's records come in together with their source, or not at all.

The same file is known by its SHA-256, whatever it is called; importing it again adds nothing and says so. Records that
stand in two files are two records, as PRISMA counts them; grouping finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

from leads_local import fault_log, files
from leads_local.citations import SourceFile, archives, read_parts, screened
from leads_local.citations.archives import Member
from leads_local.citations.formats.column_roles import Roles
from leads_local.citations.told import Tool
from leads_local.errors import InputError, ReviewError
from leads_local.records import Citation
from leads_local.review import column_memory, file_identity, limiting, newer_texts, typed_records
from leads_local.review.act_log import ActLog
from leads_local.review.acts import ActKind, canonical
from leads_local.review.database import Database
from leads_local.review.read_models import ImportReport, NewerReport
from leads_local.review.store import citations, events, sources

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
    """Store the parts of one file, all or none."""
    first = next(parts)
    found = _Found(first)
    with db.transaction():
        column_memory.refuse_read_otherwise(db, path, first)
        known = citations.find_source(db, first.sha256)
        if known and first.sha256 in sources.withdrawals(db):
            raise InputError(
                f"{path}: this file was imported before, and withdrawn.",
                "`leads-local sources REVIEW --back FILE` has its records in the review again.",
            )
        if known:
            for part in parts:
                found.take(part)
            return found.report(0, citations.count_records(db, known))
        source_id = citations.add_source(db, first.path, first.sha256, first.format, first.encoding)
        for part in chain([first], parts):
            if part is not first:
                found.take(part)
            citations.add_problems(db, source_id, part.problems)
            limiting.derive(db, (), citations.add(db, source_id, part.citations))
        told = {"name": files.shown_name(path), "format": first.format, "records": found.records}
        told |= column_memory.told(first)
        log.write(ActKind.IMPORT, canonical([first.sha256]), told)
        done = f"{found.records} records read as {first.format}, {len(found.last.problems)} problems"
        events.add(db, "import", f"{files.shown_name(path)}: {done}")
        typed = first.format == typed_records.FORMAT  # by hand, which is no newer export of what is known
        newer = None if typed else newer_texts.take(db, log, source_id, first.sha256)
    return found.report(found.records, 0, newer)


class _Found:
    """What the parts of one file hold so far."""

    def __init__(self, first: SourceFile) -> None:
        self.records = 0
        self.tools: dict[Tool, None] = {}
        self.take(first)

    def take(self, part: SourceFile) -> None:
        self.last = part
        self.records += len(part.citations)
        self.tools |= dict.fromkeys(screened.read(part.citations).tools)

    def report(self, added: int, already: int, newer: NewerReport | None = None) -> ImportReport:
        last = self.last
        told = (last.path, last.format, last.encoding, self.records, added, already)
        tools, newer = tuple(self.tools), newer or NewerReport()
        return ImportReport(*told, last.problems, last.doubt, tools, last.columns, newer, last.sha256)

"""What was said of the columns of tables that were imported: kept with the import in the log, and used again for tables
with the same columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from leads_local.citations import SourceFile
from leads_local.citations.formats import column_roles
from leads_local.citations.formats.column_roles import ColumnChoice, Roles
from leads_local.errors import InputError
from leads_local.review.database import Database
from leads_local.review.store import acts, citations, sources

_COLUMNS = "columns"  # of what an import says


def told(source: SourceFile) -> dict[str, Any]:
    """What the import of ``source`` says of its columns."""
    named = source.columns
    return {_COLUMNS: {"names": named.names, "said": named.said, "file": source.file_sha256}} if named.said else {}


def choice(db: Database, said: Roles) -> ColumnChoice:
    """What is said of the columns now, or else was said at earlier imports, the last first."""
    return ColumnChoice(said, () if said else tuple(_remembered(db)))


def _remembered(db: Database) -> Iterator[column_roles.Remembered]:
    """Not of imports that were withdrawn, as it may have been wrong."""
    withdrawn = sources.withdrawals(db)
    for columns in (columns for sha256, columns in _told_before(db) if sha256 not in withdrawn):
        yield column_roles.remembered(columns["names"], tuple((name, role) for name, role in columns["said"]))


def _told_before(db: Database) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The SHA-256 of each source of which something was said, and what, the last first."""
    for act in acts.saying(db, "import", _COLUMNS):
        yield act.subject_parts()[0], act.said_parts()[_COLUMNS]


def refuse_read_otherwise(db: Database, path: Path, source: SourceFile) -> None:
    """Raise InputError for a file that is in the review already, read with other columns: its records would be there
    twice."""
    alike = (sha256 for sha256, columns in _told_before(db) if columns["file"] == source.file_sha256)
    withdrawn = sources.withdrawals(db)
    others = {source.file_sha256, *alike} - {source.sha256}
    if any(other not in withdrawn and citations.find_source(db, other) for other in others):
        raise InputError(
            f"{path}: this file was imported before, with other columns; its records would be there twice.",
            "Withdraw that import first: `leads-local sources`, in the UI o.",
        )

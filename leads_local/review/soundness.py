"""What is wrong with a review file: in its schema, its pages, its references and its seals.

The file must hold exactly the schema that this program makes: a trigger that somebody added could store *exclude* where
*include* is shown.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from functools import cache

from leads_local.review import connection, file_identity
from leads_local.review.database import DamagedReview, Database
from leads_local.review.schema import MIGRATIONS, SEALED_SINCE

RESTORE_HINT = (
    "`leads-local check` lists all that is wrong; `leads-local restore` goes back to a copy and keeps this file."
)
_MOST_LOOKS = 3
_MOST_LISTED = 100  # findings that SQLite lists of a damaged file
_FINDINGS_NAMED = 3  # findings that a sentence names


def findings_of_one_moment(db: Database, version: int, thoroughly: bool) -> list[str]:
    """``findings``, without false ones that come from other programs writing meanwhile: repeats the check, the last
    time with writing blocked."""
    found: list[str] = []
    for _ in range(_MOST_LOOKS):
        before = db.changes()
        found = list(findings(db, version, thoroughly=thoroughly))
        if not found or db.changes() == before:
            return found
    with db.snapshot():
        return list(findings(db, version, thoroughly=thoroughly))


def findings(db: Database, version: int, *, thoroughly: bool) -> Iterable[str]:
    """What is wrong with the file, a few words each; ``thoroughly`` looks at every byte of it. Raises ReviewError when
    it is locked."""
    yield from schema_differences(db, version)
    yield from _find_surplus(db)
    if not thoroughly:
        return
    try:
        broken = [str(row[0]) for row in db.rows(f"PRAGMA integrity_check({_MOST_LISTED})")]
        if broken != ["ok"]:
            yield from (f"SQLite finds: {' '.join(line.split())}" for line in broken)
            if len(broken) >= _MOST_LISTED:
                yield f"SQLite stopped after {_MOST_LISTED} findings: there may be more"
            return
        yield from (
            f"a row of {row[0]} refers to a row of {row[2]} that is not there"
            for row in db.rows("PRAGMA foreign_key_check")
        )
        if version >= SEALED_SINCE:
            yield from _find_broken_seals(db)
    except DamagedReview as error:
        yield f"SQLite finds: {error.__cause__}"
    except MemoryError:
        yield "a cell says that it is larger than there is memory"


def _find_surplus(db: Database) -> Iterable[str]:
    """A file that is longer than it says was copied, or left without its journal, while a large change was being
    written into it: half of that is in it already. SQLite itself takes no notice."""
    if db.is_copy:
        return
    with contextlib.suppress(DamagedReview), db.snapshot():
        known = db.number("PRAGMA page_count") * db.number("PRAGMA page_size")
        journal, (_, size) = db.row("PRAGMA journal_mode"), file_identity.last_written(db.path)
        if size > known and journal is not None and journal[0] != "wal" and not db.was_replaced():
            yield f"it is {size - known:,} bytes longer than it says, as when it is copied while a change is written"


def findings_in_words(found: Iterable[str]) -> str:
    """The first few findings in one clause."""
    told = list(found)
    more = f"; and {len(told) - _FINDINGS_NAMED} more" if len(told) > _FINDINGS_NAMED else ""
    return "; ".join(told[:_FINDINGS_NAMED]) + more


def schema_differences(db: Database, version: int) -> Iterable[str]:
    """Where the file's schema is not that of ``version``, a few words each."""
    try:
        found = {
            (row[0], row[1]): _normalise_sql(row[2])
            for row in db.rows("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")
        }
    except DamagedReview as error:
        yield f"SQLite finds: {error.__cause__}"
        return
    expected = _expected_schema(version)
    for kind, name in sorted(found.keys() | expected.keys()):
        if (kind, name) not in expected:
            yield f"a {kind} called {name!r} was added by another program"
        elif (kind, name) not in found:
            yield f"the {kind} {name} is missing"
        elif found[kind, name] != expected[kind, name]:
            yield f"the {kind} {name} was changed by another program"


def has_all_tables(db: Database, version: int) -> bool:
    """Whether there is anything to read: every table, and nothing that only looks like one, such as a view without an
    end."""
    try:
        found = {
            row[0]
            for row in db.rows(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite%'"
            )
        }
        others = db.number(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'view' OR (type = 'table' AND rootpage = 0)"
        )
    except DamagedReview:
        return False
    return not others and found >= {name for kind, name in _expected_schema(version) if kind == "table"}


@cache
def _expected_schema(version: int) -> dict[tuple[str, str], str]:
    """What files of ``version`` hold, from SQLite itself."""
    model = connection.open_scratch()
    try:
        for statements in MIGRATIONS[:version]:
            for statement in statements:
                model.execute(statement)
        rows = model.rows("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")
        return {(row[0], row[1]): _normalise_sql(row[2]) for row in rows}
    finally:
        model.close()


def _normalise_sql(sql: str | None) -> str:
    """SQLite writes some statements anew when a table is renamed or gets a column; white space and quotes don't
    matter."""
    return re.sub(r'[\s"]+', " ", sql or "").strip()


def _find_broken_seals(db: Database) -> Iterable[str]:
    kept = {row["name"]: (row["rows"], row["digest"]) for row in db.rows("SELECT name, rows, digest FROM seal")}
    for table, (rows, digest) in db.totals().items():
        if table not in kept:
            yield f"the seal of {table} is missing"
        elif kept[table] != (rows, digest):
            written = kept[table][0]
            how = (
                f"has {rows} rows where {written} were written"
                if rows != written
                else "holds something else than was written into it"
            )
            yield f"the table {table} {how}"

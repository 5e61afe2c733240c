"""How a review file is opened and made: what is checked before anything in it is believed.

A file is opened to be changed, or only to be read. To be changed it must be sound, of this program's version, and hold
exactly the schema that this program makes: a trigger that somebody added could store *exclude* where *include* is
shown. To be read, it may be older (then a private copy is brought up to date, and the file stays as it is), on a medium
that can't be written to, or damaged, which ``damage`` names.

It must never create a file that was to be opened, overwrite one that was to be created, change an older file that
nobody asked to upgrade, or read a newer program's file as if it knew it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from leads_local.errors import ReviewError
from leads_local.review import database, leftovers
from leads_local.review.database import CONNECTING_LOCK, DamagedReview, Database
from leads_local.review.schema import APPLICATION_ID, MIGRATIONS

CHECK_ALL_BELOW = 256 * 2**20  # bytes; up to here all is checked at opening, beyond only by ``check``
_MOST_LOOKS = 3
_FINDINGS_NAMED = 3  # findings that a sentence names
_STALE_SECONDS = 60.0  # seconds after which the beginnings of a review file are those of a program that was killed
RESTORE_HINT = (
    "`leads-local check` lists all that is wrong; `leads-local restore` goes back to a copy and keeps this file."
)
_SEALED_SINCE = 3
SQLITE_MAGIC = b"SQLite format 3\x00"
_FORMATS = (b"\x01\x01\x00\x40\x20\x20", b"\x02\x02\x00\x40\x20\x20")  # with a rollback journal, with a WAL


class OldReview(ReviewError):
    """The file was made by an earlier version and has to be upgraded before it can be changed."""


def create(path: Path, fill: Callable[[Database], None]) -> Database:
    """A new review file at ``path``, with what ``fill`` writes into it; ``fill`` runs inside the transaction that makes
    the tables.

    Raises ReviewError when something stands there already or the folder can't be written to.
    """
    if path.exists() or path.is_symlink():
        raise _exists_error(path)
    if not path.parent.is_dir():
        raise ReviewError(
            f"{path}: the folder {path.parent} does not exist.", "Make the folder first, or choose another place."
        )
    part = path.with_name(f"{path.name}.{os.getpid()}-{time.monotonic_ns()}.part")
    try:
        _remove_stale_parts(path)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise ReviewError(
            f"{path} can't be made: {error.strerror}.", "Choose a folder that you may write to."
        ) from error
    try:
        made = Database(part, busy_seconds=1.0, writable=True)
        try:
            with made.transaction():
                _migrate(made)
                fill(made)
                _seal_tables(made)
        finally:
            made.close()
        _publish(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return open_file(path)


def _follow_link(path: Path) -> Path:
    """The file that a link leads to: what belongs to it lies beside it, not beside the link."""
    return path.resolve() if path.is_symlink() else path


def open_file(path: Path, *, busy_seconds: float = 10.0, to_write: bool = True, whole: bool = False) -> Database:
    """The review at ``path``.

    ``busy_seconds`` is how long to wait for another program that is writing; with ``whole`` every byte is checked,
    however large the file is. Raises ReviewError when it is missing, no file, no review, locked, or made by a newer
    program; with ``to_write`` also when it is damaged or older (OldReview). A file that can't be written to is opened
    all the same: changing it then raises.
    """
    path = _follow_link(path)
    _require_file(path)
    with CONNECTING_LOCK:
        first = not database.is_connected(path)
        writable = not database.why_read_only(path)
        notices = _tidy_up(path, writable) if first else []
        alone = not writable and first and _has_wal_format(path)
        db = Database(path, busy_seconds=busy_seconds, writable=writable, immutable=alone)
    db.notices += notices
    try:
        return _check_opened(
            db, to_write, deeply=whole or (path.stat().st_size < CHECK_ALL_BELOW and not database.is_known_sound(path))
        )
    except BaseException:
        db.close()
        raise


def _check_opened(db: Database, to_write: bool, deeply: bool) -> Database:
    version = _known_version(db)
    if version < len(MIGRATIONS):
        return _open_older(db, version, to_write, deeply)
    found = findings_of_one_moment(db, version, deeply)
    if found and (to_write or not _has_all_tables(db, version)):
        raise DamagedReview(f"{db.path} is damaged: {findings_in_words(found)}.", RESTORE_HINT)
    if found:
        return _make_read_only(db, found)
    if db.writable:
        db.row("PRAGMA journal_mode = DELETE")
        db.watch(db.columns())
    if deeply:
        db.mark_sound()
    return db


def _open_older(db: Database, version: int, to_write: bool, deeply: bool) -> Database:
    if to_write:
        raise OldReview(
            f"{db.path} was made by an earlier version of leads-local (file version {version}, now it is "
            f"{len(MIGRATIONS)}).",
            "`leads-local upgrade` brings it up to date and keeps a copy of it as it is. It can be read without.",
        )
    found = findings_of_one_moment(db, version, deeply)
    if any(_schema_differences(db, version)):
        raise DamagedReview(f"{db.path} is damaged: {findings_in_words(found)}.", RESTORE_HINT)
    copy = db.copied()
    copy.sealed = version >= _SEALED_SINCE
    db.close()
    with copy.private_transaction():
        _migrate(copy)
    return _make_read_only(copy, found)


def _make_read_only(db: Database, found: list[str]) -> Database:
    db.damage = tuple(found)
    db.writable = False
    db.only_read_because = "it is damaged" if found else "it was made by an earlier version of leads-local"
    db.execute("PRAGMA query_only = ON")
    if found:
        db.tolerate_bad_text()
        db.notices.append(
            f"{db.path} is damaged: {findings_in_words(found)}. It is read as far as that is possible. {RESTORE_HINT}"
        )
    return db


def upgrade(path: Path, keep: Callable[[Database], Path]) -> Path | None:
    """Bring an older file up to this program's schema, after ``keep`` has put a copy of it aside. Returns that, None if
    it is not older.

    Raises ReviewError when it can't be opened, is damaged or can't be written to; then nothing has been changed.
    """
    path = _follow_link(path)
    _require_file(path)
    with CONNECTING_LOCK:
        notices = _tidy_up(path, True)
        db = Database(path, busy_seconds=2.0, writable=True)
    db.notices += notices
    try:
        version = _known_version(db)
        if version == len(MIGRATIONS):
            return None
        db.lock_exclusively()
        found = list(findings(db, version, thoroughly=True))
        if found:
            raise DamagedReview(f"{path} is damaged: {findings_in_words(found)}.", RESTORE_HINT)
        kept = keep(db)
        db.row("PRAGMA journal_mode = DELETE")
        with db.transaction():
            _migrate(db)
            _seal_tables(db)
        return kept
    finally:
        db.close()


def find_damage(path: Path) -> list[str]:
    """What is wrong with a file that was written to, by a look of its own at every byte: bytes that were exchanged
    under an open connection show in no other way. [] where nothing is, or the file is too large for that or can't be
    looked at."""
    try:
        if path.stat().st_size < CHECK_ALL_BELOW:
            with contextlib.closing(open_file(path, to_write=False)) as db:
                return list(db.damage)
    except DamagedReview as error:
        return [error.message]
    except (OSError, ReviewError):
        return []
    return []


def copy_file(path: Path, to: Path) -> None:
    """Copy a review file as it is, of whatever version, to the new file ``to``. Raises ReviewError or OSError."""
    path = _follow_link(path)
    _require_file(path)
    with CONNECTING_LOCK:
        db = Database(
            path,
            busy_seconds=2.0,
            writable=False,
            immutable=not os.access(path.absolute().parent, os.W_OK) and _has_wal_format(path),
        )
    try:
        db.copy_to(to)
    finally:
        db.close()


# ---------------------------------------------------------------- what is checked


def findings_of_one_moment(db: Database, version: int, thoroughly: bool) -> list[str]:
    """``findings``, of which none comes from others' writing meanwhile: then it is looked again, at last with writing
    held up."""
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
    yield from _schema_differences(db, version)
    if not thoroughly:
        return
    try:
        broken = [str(row[0]) for row in db.rows("PRAGMA integrity_check(20)")]
        if broken != ["ok"]:
            yield from (f"SQLite finds: {' '.join(line.split())}" for line in broken)
            return
        yield from (
            f"a row of {row[0]} refers to a row of {row[2]} that is not there"
            for row in db.rows("PRAGMA foreign_key_check")
        )
        if version >= _SEALED_SINCE:
            yield from _find_broken_seals(db)
    except DamagedReview as error:
        yield f"SQLite finds: {error.__cause__}"
    except MemoryError:
        yield "a cell says that it is larger than there is memory"


def _schema_differences(db: Database, version: int) -> Iterable[str]:
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


def _has_all_tables(db: Database, version: int) -> bool:
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
    model = database.open_scratch()
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


def findings_in_words(found: Iterable[str]) -> str:
    """The first few findings in one clause."""
    told = list(found)
    more = f"; and {len(told) - _FINDINGS_NAMED} more" if len(told) > _FINDINGS_NAMED else ""
    return "; ".join(told[:_FINDINGS_NAMED]) + more


def _known_version(db: Database) -> int:
    if db.number("PRAGMA application_id") != APPLICATION_ID:
        raise database.not_a_review(db.path)
    version = db.number("PRAGMA user_version")
    if version > len(MIGRATIONS):
        raise ReviewError(
            f"{db.path} was made by a newer leads-local (file version {version}; this program knows up to "
            f"{len(MIGRATIONS)}).",
            "Update leads-local on this computer; the file has not been changed.",
        )
    if version < 1:
        raise DamagedReview(
            f"{db.path} is damaged: it says that it is of file version {version}, which there never was.", RESTORE_HINT
        )
    return version


# ---------------------------------------------------------------- files


def _require_file(path: Path) -> None:
    try:
        kind = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise ReviewError(
            f"{path}: there is no such review file.", "Check the name, or make a new review with `leads-local init`."
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ReviewError(f"{path} can't be opened: {reason}.", "Check the name and that you may read it.") from error
    if stat.S_ISDIR(kind):
        raise ReviewError(f"{path} is a folder, not a review file.", "Name the .leads file itself.")
    if not stat.S_ISREG(kind):
        raise ReviewError(f"{path} is no ordinary file.", "Name a .leads file.")
    if not os.access(path, os.R_OK):
        raise ReviewError(
            f"{path} can't be read: you have no right to.", "Ask for permission, or copy it to a folder of your own."
        )


def _tidy_up(path: Path, writable: bool) -> list[str]:
    """What lay beside the file and was set aside. Raises ReviewError where that is needed and can't be done, or this is
    no such file."""
    try:
        header = leftovers.read_header(path)
        if header[: len(SQLITE_MAGIC)] != SQLITE_MAGIC:
            raise database.not_a_review(path)
        if header[18:24] not in _FORMATS:
            raise DamagedReview(f"{path} is damaged: its header is not as SQLite writes it.", RESTORE_HINT)
        return leftovers.set_aside(path) if writable else _name_leftovers(path)
    except OSError as error:
        raise ReviewError(
            f"{path} can't be opened: {error.strerror}.", "Check that you may write to its folder."
        ) from error


def _name_leftovers(path: Path) -> list[str]:
    return [
        f"Beside {path} lie unfinished changes of another version of it ({file.name}), which were left out."
        for file in leftovers.find_foreign(path)
    ]


def _has_wal_format(path: Path) -> bool:
    """A file of this format can be read on a read-only medium only as if nobody else could change it."""
    return leftovers.read_header(path)[18:20] == b"\x02\x02" or bool(leftovers.find_foreign(path))


def _exists_error(path: Path) -> ReviewError:
    return ReviewError(f"{path} already exists.", "Open it, or choose another name for the new review.")


def _publish(part: Path, path: Path) -> None:
    """Give the finished file its name, unless another program has taken it meanwhile."""
    try:
        database.publish_file(part, path)
    except FileExistsError:
        raise _exists_error(path) from None


def _remove_stale_parts(path: Path) -> None:
    for part in path.parent.glob(f"{_escape_glob(path.name)}.*.part*"):
        if time.time() - part.stat().st_mtime > _STALE_SECONDS:
            part.unlink(missing_ok=True)


def _escape_glob(name: str) -> str:
    return re.sub(r"([\[\]*?])", r"[\1]", name)


# ---------------------------------------------------------------- making and upgrading


def _migrate(db: Database) -> None:
    """Inside a transaction: run what follows the file's version."""
    version = db.number("PRAGMA user_version")
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            db.write(statement)
    if version < _SEALED_SINCE:
        db.new_generation(1, _birth_token(db))
    db.write(f"PRAGMA application_id = {APPLICATION_ID}")
    db.write(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _birth_token(db: Database) -> int | None:
    """A number that all copies of an older file share: from when and by what it was made. None for a new one, which
    draws one."""
    row = db.row("SELECT created_at, made_by FROM review")
    return int.from_bytes(hashlib.sha256(f"{row[0]} {row[1]}".encode()).digest()[:8]) >> 1 if row is not None else None


def _seal_tables(db: Database) -> None:
    """Inside a transaction: seal all that is there."""
    if db.number("SELECT count(*) FROM seal"):
        db.write("DELETE FROM seal")
    for table, (rows, digest) in db.totals().items():
        db.write("INSERT INTO seal (name, rows, digest) VALUES (?, ?, ?)", (table, rows, digest))

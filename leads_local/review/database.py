"""One connection to one review file: opening, checking, transactions, and SQLite's errors in plain words.

Why it exists: this is the only module that imports sqlite3. Everything above it sees rows, and ReviewError with one sentence that names
the file and says what to do.

Invariants: a file is changed only inside ``transaction()``, which takes the write lock at once, so that what was read inside it still
holds when it is written; a commit has reached the disk when ``transaction()`` ends (WAL, synchronous=FULL); foreign keys are enforced. A
review that is being made gets its name only when it is whole.

It must never create a file that was to be opened, overwrite one that was to be created, or read a newer program's file as if it knew it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from leads_local.errors import ReviewError
from leads_local.review.schema import APPLICATION_ID, MIGRATIONS

Row: TypeAlias = sqlite3.Row
Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]

_HEADER = b"SQLite format 3\x00"
_OLDEST = (3, 37, 0)  # STRICT tables
_CHECK_ALL_BELOW = 256 * 2**20  # bytes; every page is checked at opening, 1 ms per MB; beyond, SQLite checks what it reads

_SENTENCES: Mapping[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: ("is in use by another program", "Close the other program or wait until it has finished, then try again."),
    sqlite3.SQLITE_LOCKED: ("is in use by another part of this program", "Wait until that has finished, then try again."),
    sqlite3.SQLITE_READONLY: ("can't be changed: the file or its folder is read-only", "Copy it to a folder that you may write to."),
    sqlite3.SQLITE_CANTOPEN: ("can't be opened for writing", "Check that you may write to the file and to its folder."),
    sqlite3.SQLITE_PERM: ("may not be opened by you", "Ask for permission, or copy it to a folder of your own."),
    sqlite3.SQLITE_FULL: ("can't grow: there is no room left on the disk", "Free some space and try again; all finished steps are kept."),
    sqlite3.SQLITE_IOERR: ("can't be read or written: the disk reports an error", "Copy the file to another disk and try again."),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "Go back to your last copy of it, and keep this file: much of it can often be rescued."),
    sqlite3.SQLITE_NOTADB: ("is not a leads-local review", "Choose a file that `leads-local init` has made."),
}


def now() -> str:
    """The time in UTC as ISO 8601 with milliseconds, as the triggers write it, too."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Database:
    """A connection. It belongs to the thread that opened it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._reading = False  # inside snapshot(), whose end takes everything back

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        with _plain_words(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row, or None."""
        with _plain_words(self.path):
            found: Row | None = self._connection.execute(sql, parameters).fetchone()
            return found

    def number(self, sql: str, parameters: Parameters = ()) -> int:
        """The first column of the first row as a number; 0 when there is none."""
        found = self.row(sql, parameters)
        return int(found[0]) if found is not None and found[0] is not None else 0

    def numbers(self, sql: str, parameters: Parameters = ()) -> list[int]:
        """The first column of every row."""
        with _plain_words(self.path):
            cursor = self._connection.cursor()
            cursor.row_factory = lambda _, values: values[0]
            return cursor.execute(sql, parameters).fetchall()

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Row]:
        """Row by row, for tables that may be larger than memory.

        Read it to its end before a transaction begins: one that begins meanwhile fails if another connection has written since.
        """
        with _plain_words(self.path):
            yield from self._connection.execute(sql, parameters)

    def write(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one changing statement inside a transaction. Returns how many rows it changed."""
        self._require_transaction()
        with _plain_words(self.path):
            return self._connection.execute(sql, _storable(parameters)).rowcount

    def insert(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one INSERT inside a transaction. Returns the new row's id."""
        self._require_transaction()
        with _plain_words(self.path):
            return self._connection.execute(sql, _storable(parameters)).lastrowid or 0

    def write_many(self, sql: str, parameters: Iterable[Parameters]) -> None:
        self._require_transaction()
        with _plain_words(self.path):
            self._connection.executemany(sql, map(_storable, parameters))

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, on disk when it ends. Inside another transaction it is a part of that one; inside a snapshot it is refused."""
        if self._inside():
            self._require_transaction()
            yield
            return
        with _plain_words(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            with _plain_words(self.path):
                self._connection.execute("COMMIT")
        except BaseException:
            if self._inside():
                self._connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads inside see the same moment, whatever other connections commit meanwhile."""
        if self._inside():
            yield
            return
        with _plain_words(self.path):
            self._connection.execute("BEGIN DEFERRED")
        self._reading = True
        try:
            yield
        finally:
            self._reading = False
            if self._inside():
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()

    def _inside(self) -> bool:
        return self._connection.in_transaction

    def _require_transaction(self) -> None:
        if not self._inside() or self._reading:
            raise RuntimeError("a review file is changed only inside transaction(), which is not begun inside snapshot()")


def create(path: Path, fill: Callable[[Database], None]) -> Database:
    """A new review file at ``path``, with what ``fill`` writes into it; ``fill`` runs inside the transaction that makes the tables.

    Raises ReviewError when something stands there already or the folder can't be written to.
    """
    if path.exists():
        raise ReviewError(f"{path} already exists.", "Open it, or choose another name for the new review.")
    if not path.parent.is_dir():
        raise ReviewError(f"{path}: the folder {path.parent} does not exist.", "Make the folder first, or choose another place.")
    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)
        part.touch()
    except OSError as error:
        raise ReviewError(f"{path} can't be made: {error.strerror}.", "Choose a folder that you may write to.") from error
    try:
        database = Database(path, _connect(part, busy_seconds=1.0))
        with database.transaction():
            _migrate(database)
            fill(database)
        database.close()
        os.replace(part, path)  # noqa: PTH105 (one step, on every system)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return open_file(path)


def open_file(path: Path, *, busy_seconds: float = 10.0) -> Database:
    """The review at ``path``, brought up to this program's schema.

    ``busy_seconds`` is how long to wait for another program that is writing. Raises ReviewError when it is missing, no file, no review,
    damaged, locked, not writable, or made by a newer program.
    """
    _require_review_file(path)
    database = Database(path, _connect(path, busy_seconds))
    try:
        _require_known_version(database)
        with _plain_words(path):
            database._connection.execute("PRAGMA journal_mode = WAL")
        _migrate(database)
        if path.stat().st_size < _CHECK_ALL_BELOW:
            _require_undamaged(database)
    except BaseException:
        database.close()
        raise
    return database


def _storable(parameters: Parameters) -> Parameters:
    """Half surrogates, which file names and broken exports can hold, become question marks: SQLite stores UTF-8."""
    if isinstance(parameters, Mapping):
        return parameters
    return tuple(p if not isinstance(p, str) or p.isascii() else p.encode("utf-8", "replace").decode("utf-8") for p in parameters)


def _connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    if sqlite3.sqlite_version_info < _OLDEST:
        raise ReviewError(f"This Python has SQLite {sqlite3.sqlite_version}, which is too old.", "Use a Python with SQLite 3.37 or later.")
    with _plain_words(path):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=busy_seconds)
    connection.row_factory = sqlite3.Row
    try:
        with _plain_words(path):
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA recursive_triggers = ON")  # so that REPLACE can't slip past a trigger
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -65536")
    except BaseException:
        connection.close()
        raise
    return connection


def _require_review_file(path: Path) -> None:
    if path.is_dir():
        raise ReviewError(f"{path} is a folder, not a review file.", "Name the .leads file itself.")
    if not path.exists():
        raise ReviewError(f"{path}: there is no such review file.", "Check the name, or make a new review with `leads-local init`.")
    try:
        with path.open("rb") as file:
            header = file.read(len(_HEADER))
    except OSError as error:
        raise ReviewError(f"{path} can't be read: {error.strerror}.", "Check that you may read it.") from error
    if header != _HEADER:
        raise _sentence(path, sqlite3.SQLITE_NOTADB)


def _require_known_version(database: Database) -> None:
    if database.number("PRAGMA application_id") != APPLICATION_ID:
        raise _sentence(database.path, sqlite3.SQLITE_NOTADB)
    version = database.number("PRAGMA user_version")
    if version > len(MIGRATIONS):
        raise ReviewError(
            f"{database.path} was made by a newer leads-local (file version {version}; this program knows up to {len(MIGRATIONS)}).",
            "Update leads-local on this computer; the file has not been changed.",
        )


def _require_undamaged(database: Database) -> None:
    finding = database.row("PRAGMA quick_check(1)")
    if finding is None or finding[0] != "ok":
        raise _sentence(database.path, sqlite3.SQLITE_CORRUPT)


def _migrate(database: Database) -> None:
    if database.number("PRAGMA user_version") == len(MIGRATIONS):
        return
    with database.transaction():
        for statements in MIGRATIONS[database.number("PRAGMA user_version") :]:
            for statement in statements:
                database.write(statement)
        database.write(f"PRAGMA application_id = {APPLICATION_ID}")
        database.write(f"PRAGMA user_version = {len(MIGRATIONS)}")


@contextlib.contextmanager
def _plain_words(path: Path) -> Iterator[None]:
    """SQLite's failures that a user can do something about become ReviewError; faults of ours stay what they are."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None or code & 0xFF not in _SENTENCES:
            raise
        raise _sentence(path, code & 0xFF) from error


def _sentence(path: Path, code: int) -> ReviewError:
    what, hint = _SENTENCES[code]
    return ReviewError(f"{path} {what}.", hint)

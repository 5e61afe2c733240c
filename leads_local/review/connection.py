"""One connection to one review file: opening, reading, copying and closing it.

Why it exists: only this module connects by sqlite3. Everything above it sees rows, and ReviewError with one sentence
that names the file and says what to do.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath, PureWindowsPath
from typing import Any, Self, TypeAlias
from urllib.parse import quote

from leads_local import durable, private
from leads_local.errors import ReviewError
from leads_local.review import file_identity, rights
from leads_local.review.file_identity import CONNECTING_LOCK, OPEN_CONNECTIONS, FileIdentity
from leads_local.review.sqlite_errors import ReviewReplaced, damaged_error, errors_in_plain_words

Row: TypeAlias = sqlite3.Row
Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]

_OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
_STATEMENTS_CACHED = 256


class Connection:
    """It belongs to the thread that opened it."""

    def __init__(self, path: Path, *, busy_seconds: float, writable: bool, immutable: bool = False) -> None:
        self.path = path
        self.writable = writable
        self.only_read_because = ""  # why it was opened only to be read; "" where it was opened to be changed
        self.damage: tuple[str, ...] = ()  # where it is read although it is damaged
        self.unreadable: dict[str, None] = {}  # rows that could not be read, each once
        self._busy_seconds, self._immutable = busy_seconds, immutable
        self._reading = False  # inside snapshot(), whose end takes everything back
        self._identity: FileIdentity | None = None
        self._connection = self._connect()

    def _connect(self) -> sqlite3.Connection:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise ReviewError(
                f"This Python has SQLite {sqlite3.sqlite_version}, which is too old.",
                "Use a Python with SQLite 3.37 or later.",
            )
        mode = "mode=rw" if self.writable else "immutable=1" if self._immutable else "mode=ro"
        with CONNECTING_LOCK, errors_in_plain_words(self.path):
            before = file_identity.identify_file(self.path)
            connection = sqlite3.connect(
                f"{sqlite_uri(self.path.absolute())}?{mode}",
                uri=True,
                isolation_level=None,
                timeout=self._busy_seconds,
                cached_statements=_STATEMENTS_CACHED,
            )
            if before is None or before != file_identity.identify_file(self.path):
                connection.close()
                raise ReviewReplaced(f"{self.path} was replaced while it was being opened.", "Open it again.")
            OPEN_CONNECTIONS[before] += 1
            try:
                _settle_connection(connection, self.path)
            except BaseException:
                OPEN_CONNECTIONS[before] -= 1
                raise
        self._identity = before
        return connection

    @property
    def is_copy(self) -> bool:
        """Whether this is a private copy, which nobody else sees and which goes away."""
        return self._identity is None

    def was_replaced(self) -> bool:
        """Whether the path now holds another file, or none, instead of the one that this connection opened."""
        return self._identity is not None and file_identity.identify_file(self.path) != self._identity

    # ------------------------------------------------------------ reading

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        with self._plain():
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row, or None."""
        with self._plain():
            found: Row | None = self._connection.execute(sql, parameters).fetchone()
            return found

    def number(self, sql: str, parameters: Parameters = ()) -> int:
        """The first column of the first row as a number; 0 when there is none."""
        found = self.row(sql, parameters)
        if found is None or found[0] is None:
            return 0
        try:
            return int(found[0])
        except ValueError:
            raise damaged_error(self.path) from None

    def numbers(self, sql: str, parameters: Parameters = ()) -> list[int]:
        """The first column of every row."""
        with self._plain():
            cursor = self._connection.cursor()
            cursor.row_factory = lambda _, values: values[0]
            return cursor.execute(sql, parameters).fetchall()

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Row]:
        """Row by row, for tables that may be larger than memory.

        Read it to its end soon: while it is being read nobody can write, and a transaction that begins meanwhile fails
        if another connection has written since.
        """
        with self._plain():
            yield from self._connection.execute(sql, parameters)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads inside see the same moment. Nobody can write meanwhile, so only for what is quick: see
        ``copied``."""
        if self._in_transaction():
            yield
            return
        with self._plain():
            self._connection.execute("BEGIN DEFERRED")
        self._reading = True
        try:
            yield
        finally:
            self._reading = False
            if self._in_transaction():
                self._connection.execute("ROLLBACK")

    def rows_written(self) -> int:
        """How many rows this connection has changed so far."""
        return self._connection.total_changes

    def changes(self) -> int:
        """A number that is another one after any other connection has written."""
        return self.number("PRAGMA data_version")

    def _read_anew(self, sql: str, parameters: Parameters) -> Any:
        """The first row by a connection that remembers nothing of the file, as a tuple; None where there is none."""
        with CONNECTING_LOCK, contextlib.suppress(sqlite3.Error):
            uri = f"{sqlite_uri(self.path.absolute())}?mode=ro"
            fresh = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=self._busy_seconds)
            with contextlib.closing(fresh):
                return fresh.execute(sql, parameters).fetchone()
        return None

    def tolerate_bad_text(self) -> None:
        """Read texts that are not UTF-8, as in a damaged file, with a mark in place of each wrong byte."""
        self._connection.text_factory = lambda data: data.decode("utf-8", "replace")

    # ------------------------------------------------------------ copies

    def copy_to(self, path: Path) -> None:
        """Write the whole review as it stands now to a new file, which those may read who may read the review. Raises
        ReviewError or OSError."""
        part = path.with_name(f".{path.name}-{secrets.token_hex(4)}.part")
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            target = sqlite3.connect(f"{sqlite_uri(part.absolute())}?mode=rw", uri=True, isolation_level=None)
            with contextlib.closing(target), errors_in_plain_words(path):
                target.execute("PRAGMA fullfsync = ON")
                self._back_up(target)
                target.execute("PRAGMA journal_mode = DELETE")
            rights.adopt(part, self.path)
            file_identity.publish_file(part, path)
        except BaseException:
            durable.discard(part)
            raise

    def _back_up(self, target: sqlite3.Connection) -> None:
        """Under a read lock: without it, SQLite's copying waits for ever where others hold the file."""
        if self._in_transaction() and not self._reading:
            raise RuntimeError("a review that is being changed is not copied")
        with self.snapshot():
            self.number("SELECT count(*) FROM sqlite_schema")
            self._connection.backup(target)

    def copied(self) -> Self:
        """A private copy of the review as it stands now, to be read at leisure while others write. It leaves nothing
        behind."""
        copy = type(self).__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.writable, copy._identity, copy._reading = False, None, False
        with errors_in_plain_words(self.path), contextlib.ExitStack() as undone:
            copy._connection = sqlite3.connect("", isolation_level=None)  # SQLite's temporary file, unlinked at once
            undone.callback(copy._connection.close)
            _settle_connection(copy._connection, self.path)
            copy._connection.execute("PRAGMA cache_spill = ON")  # not all of a large review in memory
            self._back_up(copy._connection)
            copy._connection.text_factory = self._connection.text_factory
            undone.pop_all()
        return copy

    # ------------------------------------------------------------ locks and statements

    @contextlib.contextmanager
    def private_transaction(self) -> Iterator[None]:
        """A transaction of a private copy, which nobody else sees."""
        assert self.is_copy
        self._connection.execute("BEGIN")
        yield
        self._connection.execute("COMMIT")

    def lock_exclusively(self) -> None:
        """Wait until nobody else uses the file, and see that nobody begins until this connection is closed. ReviewError
        when busy."""
        with errors_in_plain_words(self.path):
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._connection.execute("BEGIN EXCLUSIVE")
            self._connection.execute("COMMIT")

    def execute(self, statement: str) -> None:
        """One statement that is no reading and no change of rows: a PRAGMA, a migration's."""
        with errors_in_plain_words(self.path):
            self._connection.execute(statement)

    def _in_transaction(self) -> bool:
        return self._connection.in_transaction

    def _plain(self) -> contextlib.AbstractContextManager[None]:
        return errors_in_plain_words(self.path, damaged=bool(self.damage))

    # ------------------------------------------------------------ closing

    def close(self) -> None:
        """May be called again. The file is the whole review without it, too: there is nothing else to be written."""
        self._disconnect()

    def _disconnect(self) -> None:
        with CONNECTING_LOCK:
            try:
                self._connection.close()
            finally:
                if self._identity is not None:
                    OPEN_CONNECTIONS[self._identity] -= 1
                    self._identity = None


def open_scratch() -> Connection:
    """An empty database in memory, to see what SQLite makes of statements."""
    empty = Connection.__new__(Connection)
    empty.path, empty._identity, empty.damage, empty.only_read_because = Path(":memory:"), None, (), ""
    empty._connection = sqlite3.connect(":memory:", isolation_level=None)
    empty._connection.row_factory = sqlite3.Row
    return empty


def merge_wal(path: Path, wal: Path, target: Path) -> bool:
    """Write to ``target`` what a file and a WAL say together, where that is sound. For files that this process has no
    connection to. They are put together beside ``target``, where there has to be room for it anyway."""
    with (
        contextlib.suppress(sqlite3.Error, OSError),
        private.temporary_folder(".unfinished", target.parent) as folder,
    ):
        both = folder / "both"
        shutil.copyfile(path, both)
        shutil.copyfile(wal, both.with_name("both-wal"))
        with contextlib.closing(sqlite3.connect(both, isolation_level=None)) as seen:
            if (
                seen.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",)
                or seen.execute("PRAGMA foreign_key_check").fetchone()
            ):
                return False
            seen.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        shutil.copyfile(both, target)
        return True
    return False


def sqlite_uri(path: PurePath) -> str:
    """An absolute path as SQLite takes it. A share of Windows is no host there, but follows two more slashes; a path
    that Windows is to take as it stands (``\\\\?\\``) keeps its backslashes, as SQLite wants to find it."""
    text = str(path)
    if isinstance(path, PureWindowsPath):
        text = text if text.startswith("\\\\?\\") else text.replace("\\", "/")
        text = text if text.startswith("/") else f"/{text}"
    return f"file://{quote(text.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()))}"


def _settle_connection(connection: sqlite3.Connection, path: Path) -> None:
    connection.row_factory = sqlite3.Row
    try:
        with errors_in_plain_words(path, damaged=True):
            for setting in (
                "foreign_keys = ON",
                "recursive_triggers = ON",  # so that REPLACE can't slip past a trigger
                "trusted_schema = OFF",  # what stands in the file's schema may not call functions of this program
                "cell_size_check = ON",
                "synchronous = EXTRA",
                "fullfsync = ON",  # on a Mac: wait until the disk itself has written
                "checkpoint_fullfsync = ON",
                "cache_size = -65536",
                "cache_spill = OFF",
                "temp_store = MEMORY",
            ):
                connection.execute(f"PRAGMA {setting}")
    except BaseException:
        connection.close()
        raise

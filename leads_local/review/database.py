"""One connection to one review file: reading, transactions, and SQLite's errors in plain words.

Why it exists: this is the only module that imports sqlite3. Everything above it sees rows, and ReviewError with one
sentence that names the file and says what to do. How a file is opened and what is checked then is in ``opening``.

Invariants: a file is changed only inside ``transaction()``, which takes the write lock at once, so that what was read
inside it still holds when it is written; a commit has reached the disk when ``transaction()`` ends (a rollback journal
with synchronous=EXTRA: see docs/decisions/0001-one-file.md), and the one file is then the whole review; foreign keys
are enforced; each commit is a new generation of the file and seals what it changed (``seal``).

**No decision lands in another file than the one that was opened.** A sync client or a person may put another version in
its place while it
is open. So each transaction makes sure, under its lock and again after its commit, that the file at the path is the one
that was opened or
a copy that goes on from its latest generation; otherwise it raises ReviewReplaced, and what was said is kept
(``rescue``).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from leads_local.errors import ReviewError
from leads_local.review import seal
from leads_local.review.seal import SealedColumn

Row: TypeAlias = sqlite3.Row
Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]
FileIdentity: TypeAlias = tuple[int, int]  # device and inode: which file it is, whatever it is called

_OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
_STATEMENTS_CACHED = 256

_ERROR_SENTENCES: Mapping[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: (
        "is in use by another program",
        "Close the other program or wait until it has finished, then try again.",
    ),
    sqlite3.SQLITE_LOCKED: (
        "is in use by another part of this program",
        "Wait until that has finished, then try again.",
    ),
    sqlite3.SQLITE_READONLY: ("can't be changed: it is read-only", "Copy it to a folder that you may write to."),
    sqlite3.SQLITE_CANTOPEN: ("can't be opened for writing", "Check that you may write to the file and to its folder."),
    sqlite3.SQLITE_PERM: ("may not be opened by you", "Ask for permission, or copy it to a folder of your own."),
    sqlite3.SQLITE_FULL: (
        "can't grow: there is no room left on the disk",
        "Free some space and try again; all finished steps are kept.",
    ),
    sqlite3.SQLITE_IOERR: (
        "can't be read or written: the disk reports an error",
        "Copy the file to another disk and try again.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        "`leads-local check` says how; `leads-local restore` goes back to a copy and keeps this file.",
    ),
    sqlite3.SQLITE_NOTADB: ("is not a leads-local review", "Choose a file that `leads-local init` has made."),
}
_NO_UTF8 = "Could not decode to UTF-8"
_IN_OUR_FUNCTION = "user-defined "  # how SQLite's error begins where a function of ours has raised something

# Which files this process has connections to: SQLite's locks are the process's, not the connection's (see
# ``leftovers``).
OPEN_CONNECTIONS: Counter[FileIdentity] = Counter()
CONNECTING_LOCK = threading.RLock()

# Which files this process has looked at whole and found sound, with time and size as they were then or after its own
# commits since.
KNOWN_SOUND: dict[FileIdentity, tuple[int, int]] = {}


class ReviewReplaced(ReviewError):
    """Another version of the review, or none, is at the path of the open one.

    ``acts``: the file in which what was said is kept; ``copy``: the review as it was here; None where there is none.
    """

    acts: Path | None = None
    copy: Path | None = None


class DamagedReview(ReviewError):
    """What the file holds is not what leads-local has written into it."""


def utc_now() -> str:
    """The time in UTC as ISO 8601 with milliseconds, as the triggers write it, too."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Database:
    """A connection. It belongs to the thread that opened it."""

    def __init__(self, path: Path, *, busy_seconds: float, writable: bool, immutable: bool = False) -> None:
        self.path = path
        self.writable = writable
        self.only_read_because = (
            ""  # why it was opened only to be read, a few words; "" where it was opened to be changed
        )
        self.notices: list[str] = []  # what the person should know of how the file was opened
        self.sealed = True  # False for files of versions that had no seals
        self.damage: tuple[str, ...] = ()  # where it is read although it is damaged
        self.unreadable: dict[str, None] = {}  # rows that could not be read, each once
        self.replaced: Callable[[ReviewReplaced], ReviewReplaced] = lambda error: (
            error
        )  # who keeps what was said adds where it is
        self._busy_seconds, self._immutable = busy_seconds, immutable
        self._tables: Mapping[str, Sequence[SealedColumn]] = {}
        self._sums = seal.ChangeSums()
        self._spoiled = False  # a statement of many rows failed half-way: its sums are not known
        self._generation: tuple[int, int] | None = None  # the latest that this connection knows, with its token
        self._schema: tuple[int, int] | None = None  # version of the file and of its schema, as they were found good
        self._written: tuple[int, int] = (0, 0)  # time and size of the file after the last look at it
        self._reading = False  # inside snapshot(), whose end takes everything back
        self._identity: FileIdentity | None = None
        self._connection = self._connect()

    # ------------------------------------------------------------ opening

    def _connect(self) -> sqlite3.Connection:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise ReviewError(
                f"This Python has SQLite {sqlite3.sqlite_version}, which is too old.",
                "Use a Python with SQLite 3.37 or later.",
            )
        mode = "mode=rw" if self.writable else "immutable=1" if self._immutable else "mode=ro"
        with CONNECTING_LOCK, _errors_in_plain_words(self.path):
            before = file_identity(self.path)
            connection = sqlite3.connect(
                f"{sqlite_uri(self.path)}?{mode}",
                uri=True,
                isolation_level=None,
                timeout=self._busy_seconds,
                cached_statements=_STATEMENTS_CACHED,
            )
            if before is None or before != file_identity(self.path):
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

    def watch(self, tables: Mapping[str, Sequence[SealedColumn]]) -> None:
        """From now on seal what is changed in ``tables``, and know later generations of the file from other files."""
        self._tables = tables
        self._connection.create_function(seal.SQL_FUNCTION, -1, self._sums.note)
        for statement in seal.trigger_statements(tables):
            self._connection.execute(statement)
        self._generation, self._schema, self._written = self._latest(), self._read_schema(), self._last_written()

    def birth(self) -> int:
        """The first generation's token, the same in every copy of the review; 0 in a file that has none."""
        try:
            return self.number("SELECT token FROM generation WHERE number = 1")
        except (ReviewError, sqlite3.Error):
            return 0

    def _read_schema(self) -> tuple[int, int]:
        """The file's version and its schema, as numbers of this process."""
        schema = self.rows("SELECT type, name, tbl_name, sql FROM main.sqlite_schema ORDER BY type, name")
        return self.number("PRAGMA main.user_version"), hash(tuple(map(tuple, schema)))

    def _latest(self) -> tuple[int, int] | None:
        row = self.row("SELECT number, token FROM generation ORDER BY number DESC LIMIT 1")
        return (row[0], row[1]) if row is not None else None

    @property
    def is_copy(self) -> bool:
        """Whether this is a private copy, which nobody else sees and which goes away."""
        return self._identity is None

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
            raise error_for_code(self.path, sqlite3.SQLITE_CORRUPT) from None

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

    # ------------------------------------------------------------ writing

    def write(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one changing statement inside a transaction. Returns how many rows it changed."""
        return self._change(sql, parameters).rowcount

    def insert(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one INSERT inside a transaction. Returns the new row's id."""
        return self._change(sql, parameters).lastrowid or 0

    def _change(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        self._require_transaction()
        before = self._sums.copy()
        try:
            with self._plain():
                return self._connection.execute(sql, _make_storable(parameters))
        except BaseException:  # SQLite has taken back what the statement did
            self._sums.clear(before)
            raise

    def write_many(self, sql: str, parameters: Iterable[Parameters]) -> None:
        self._require_transaction()
        try:
            with self._plain():
                self._connection.executemany(sql, map(_make_storable, parameters))
        except BaseException:
            self._spoiled = True
            raise

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, on disk when it ends. Inside another transaction it is a part of that one; inside a snapshot
        it is refused.

        Raises ReviewReplaced, with nothing written, when another version of the review is at its path by now, and
        ReviewError when it was opened only to be read.
        """
        if self.only_read_because:
            raise ReviewError(f"{self.path} can't be changed: {self.only_read_because}.", "It is open only to be read.")
        if self._in_transaction():
            self._require_transaction()
            yield
            return
        try:
            self._require_same_file()
            self._sums.clear()
            self._spoiled = False
            with self._plain():
                self._connection.execute("BEGIN IMMEDIATE")
            self._require_same_review()
            before, written = self._connection.total_changes, self._last_written()
            yield
            following = self._update_seals() if self._connection.total_changes != before else None
            if self._spoiled:
                raise RuntimeError("a transaction in which a statement of many rows failed is never committed")
            if self.was_replaced() or (
                self._last_written() != written and not self._file_has_generation()
            ):  # by a program that asks for no locks
                raise self._replaced_error()
            with self._plain():
                self._connection.execute("COMMIT")
            self._note_commit(following)
            self._require_same_file()
        except BaseException as error:
            if self._in_transaction():
                with contextlib.suppress(sqlite3.Error):  # the first error tells more
                    self._connection.execute("ROLLBACK")
            if isinstance(error, ReviewReplaced):
                raise self.replaced(error) from None
            if isinstance(error.__cause__ or error, sqlite3.Error) and self.was_replaced():
                raise self.replaced(
                    self._replaced_error()
                ) from error  # SQLite itself writes into no file that has lost its name
            raise

    def _note_commit(self, following: tuple[int, int] | None) -> None:
        before, self._written = self._written, self._last_written()
        self._generation = following or self._generation
        if self._identity is not None and KNOWN_SOUND.get(self._identity) == before:
            KNOWN_SOUND[self._identity] = self._written

    def mark_sound(self) -> None:
        """Every byte was looked at."""
        if self._identity is not None:
            KNOWN_SOUND[self._identity] = self._written = self._last_written()

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

    def _update_seals(self) -> tuple[int, int] | None:
        """Add the generation that the transaction makes, and what it changed to the seals."""
        if not self._tables:
            return None
        following = self.new_generation(self.number("SELECT max(number) FROM generation") + 1)
        for table, (rows, change) in self._sums.copy().items():
            kept = self.row("SELECT digest FROM seal WHERE name = ?", (table,))
            digest = seal.add_to_digest(kept[0] if kept is not None else "", change)
            self.write("UPDATE seal SET rows = rows + ?, digest = ? WHERE name = ?", (rows, digest, table))
        return following

    def new_generation(self, number: int, token: int | None = None) -> tuple[int, int]:
        token = secrets.randbits(63) if token is None else token
        self.write("INSERT INTO generation (number, token) VALUES (?, ?)", (number, token))
        return number, token

    # ------------------------------------------------------------ the same file

    def was_replaced(self) -> bool:
        """Whether another file, or none, is at the path now."""
        return self._identity is not None and file_identity(self.path) != self._identity

    def _last_written(self) -> tuple[int, int]:
        """When the file was last written to, and its size. SQLite itself writes into it only when it commits
        (cache_spill)."""
        return last_written(self.path)

    def _file_has_generation(self) -> bool:
        """Whether the file itself, not what this connection remembers of it, has the latest generation. Times alone say
        too little: network drives and Windows write them down later."""
        if self._generation is None:
            return True
        number, token = self._generation
        with CONNECTING_LOCK, contextlib.suppress(sqlite3.Error):
            fresh = sqlite3.connect(
                f"{sqlite_uri(self.path)}?mode=ro", uri=True, isolation_level=None, timeout=self._busy_seconds
            )
            with contextlib.closing(fresh):
                return bool(
                    fresh.execute("SELECT token FROM generation WHERE number = ?", (number,)).fetchone() == (token,)
                )
        return False

    def check_same(self) -> None:
        """Raise ReviewReplaced when another version of the review is at its path by now. Cheap: may be called every
        second."""
        if self._identity is None or self._in_transaction():
            return
        try:
            self._require_same_file()
            self._require_same_review()
        except ReviewReplaced as error:
            raise self.replaced(error) from None

    def _require_same_file(self) -> None:
        """Another file may stand at the path if it goes on from the latest generation: then that one is used from now
        on.

        Where only the time or size of the file has changed, it is connected to anew: what SQLite remembers of its pages
        may be of bytes that were exchanged.
        """
        if not self.was_replaced() and (self._generation is None or self._last_written() == self._written):
            return
        if self._generation is None or not self._reconnect_if_continued(self._generation):
            raise self._replaced_error()

    def _reconnect_if_continued(self, generation: tuple[int, int]) -> bool:
        """Whether the file at the path has ``generation``, and its schema is as it was; it is connected to then."""
        if self.was_replaced() and any(_size_beside(self.path, ending) for ending in ("-journal", "-wal")):
            return False  # what lies there may be another file's, and connecting would put it into this one
        before, known = self._connection, self._identity
        try:
            other = self._connect()
        except ReviewError as error:
            self._identity = known
            if _is_busy(error):
                raise
            return False
        self._connection = other
        good = False
        try:
            row = self.row("SELECT token FROM generation WHERE number = ?", (generation[0],))
            good = row is not None and row[0] == generation[1] and self._read_schema() == self._schema
        except (ReviewError, sqlite3.Error) as error:
            if _is_busy(error):
                raise
        finally:
            if not good:
                self._disconnect()
                self._connection, self._identity = before, known
        if good:
            OPEN_CONNECTIONS[known or (0, 0)] -= 1
            before.close()
            self.watch(self._tables)
        return good

    def _require_same_review(self) -> None:
        """The bytes of the file may have been exchanged, too: what this connection wrote or read last must be in it."""
        if self._generation is None:
            return
        number, token = self._generation
        try:
            row = self.row("SELECT token FROM generation WHERE number = ?", (number,))
            if row is not None and row[0] == token and self._read_schema() == self._schema:
                self._generation, self._written = self._latest(), self._last_written()
                return
        except (ReviewError, sqlite3.Error) as error:  # another file's pages, which may hold anything
            if _is_busy(error):
                raise
        raise self._replaced_error()

    def _replaced_error(self) -> ReviewReplaced:
        there = "replaced by another version of it" if self.path.exists() else "moved or deleted"
        return ReviewReplaced(
            f"{self.path} was {there} while it was open (by a copy, or by a program that keeps folders in step).",
            "Nothing more was written into it. Open it again to go on.",
        )

    # ------------------------------------------------------------ copies

    def copy_to(self, path: Path) -> None:
        """Write the whole review as it stands now to a new file, readable by this account only. Raises ReviewError or
        OSError."""
        part = path.with_name(f".{path.name}.{os.getpid()}-{time.monotonic_ns()}.part")
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            target = sqlite3.connect(f"{sqlite_uri(part)}?mode=rw", uri=True, isolation_level=None)
            with contextlib.closing(target), _errors_in_plain_words(path):
                self._back_up(target)
                target.execute("PRAGMA journal_mode = DELETE")
            publish_file(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def _back_up(self, target: sqlite3.Connection) -> None:
        """Under a read lock: without it, SQLite's copying waits for ever where others hold the file."""
        if self._in_transaction() and not self._reading:
            raise RuntimeError("a review that is being changed is not copied")
        with self.snapshot():
            self.number("SELECT count(*) FROM sqlite_schema")
            self._connection.backup(target)

    def copied(self) -> Database:
        """A private copy of the review as it stands now, to be read at leisure while others write. It leaves nothing
        behind."""
        copy = Database.__new__(Database)
        copy.__dict__.update(self.__dict__)
        copy.writable, copy._identity, copy._generation, copy._tables = False, None, None, {}
        copy._reading = False
        with _errors_in_plain_words(self.path):
            copy._connection = sqlite3.connect("", isolation_level=None)  # SQLite's temporary file, unlinked at once
            _settle_connection(copy._connection, self.path)
            copy._connection.execute("PRAGMA cache_spill = ON")  # not all of a large review in memory
            self._back_up(copy._connection)
            copy._connection.text_factory = self._connection.text_factory
        return copy

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
        with _errors_in_plain_words(self.path):
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._connection.execute("BEGIN EXCLUSIVE")
            self._connection.execute("COMMIT")

    # ------------------------------------------------------------ what the checks need

    def columns(self) -> dict[str, tuple[SealedColumn, ...]]:
        """The tables of the file that are sealed, each with its columns in order."""
        tables = self.rows(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
        )
        return {
            name: tuple(
                SealedColumn(row["name"], row["type"] == "TEXT") for row in self.rows(f'PRAGMA table_info("{name}")')
            )
            for (name,) in tables
            if name not in seal.UNSEALED_TABLES
        }

    def changes(self) -> int:
        """A number that is another one after any other connection has written."""
        return self.number("PRAGMA data_version")

    def totals(self) -> dict[str, tuple[int, str]]:
        """Rows and digest of each table, counted now."""
        self._connection.create_aggregate(f"{seal.SQL_FUNCTION}_total", -1, seal.TableTotal)  # type: ignore[arg-type]

        def read(sql: str) -> tuple[int, str]:
            row = self.row(sql)
            return (row[0], row[1] or seal.add_to_digest("", 0)) if row is not None else (0, "")

        return seal.table_totals(self.columns(), read)

    def execute(self, statement: str) -> None:
        """One statement of ``opening`` that is no reading and no change of rows: a PRAGMA, a migration's."""
        with _errors_in_plain_words(self.path):
            self._connection.execute(statement)

    def tolerate_bad_text(self) -> None:
        """Read texts that are not UTF-8, as in a damaged file, with a mark in place of each wrong byte."""
        self._connection.text_factory = lambda data: data.decode("utf-8", "replace")

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

    def _in_transaction(self) -> bool:
        return self._connection.in_transaction

    def _plain(self) -> contextlib.AbstractContextManager[None]:
        return _errors_in_plain_words(self.path, damaged=bool(self.damage))

    def _require_transaction(self) -> None:
        if not self._in_transaction() or self._reading:
            raise RuntimeError(
                "a review file is changed only inside transaction(), which is not begun inside snapshot()"
            )


def is_connected(path: Path) -> bool:
    """Whether this process has a connection to the file at ``path``; it must not be opened in any other way then."""
    return bool(OPEN_CONNECTIONS[file_identity(path) or (0, 0)])


def merge_wal(path: Path, wal: Path, target: Path) -> bool:
    """Write to ``target`` what a file and a WAL say together, where that is sound. For files that this process has no
    connection to."""
    with tempfile.TemporaryDirectory() as name, contextlib.suppress(sqlite3.Error, OSError):
        both = Path(name) / "both"
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


def publish_file(part: Path, path: Path) -> None:
    """Give a finished file its name, in one step and never over another file. Raises FileExistsError."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except (OSError, AttributeError):  # a disk without links
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        os.replace(part, path)  # noqa: PTH105
    else:
        part.unlink()


def _size_beside(path: Path, ending: str) -> int:
    try:
        return path.with_name(path.name + ending).stat().st_size
    except OSError:
        return 0


def _is_busy(error: BaseException) -> bool:
    cause = error if isinstance(error, sqlite3.Error) else error.__cause__
    return isinstance(cause, sqlite3.Error) and (getattr(cause, "sqlite_errorcode", 0) & 0xFF) == sqlite3.SQLITE_BUSY


def open_scratch() -> Database:
    """An empty database in memory, to see what SQLite makes of statements."""
    empty = Database.__new__(Database)
    empty.path, empty._identity, empty.damage, empty.only_read_because = Path(":memory:"), None, (), ""
    empty._connection = sqlite3.connect(":memory:", isolation_level=None)
    empty._connection.row_factory = sqlite3.Row
    return empty


def sqlite_uri(path: Path) -> str:
    """The path as SQLite takes it: a share of Windows has no host there, but four slashes."""
    text = path.absolute().as_uri()
    return text if text.startswith("file:///") else "file:////" + text.removeprefix("file://")


def is_known_sound(path: Path) -> bool:
    """Whether this process has found the file sound as it is now."""
    file = file_identity(path)
    return file is not None and KNOWN_SOUND.get(file) == last_written(path)


def last_written(path: Path) -> tuple[int, int]:
    """When the file was last written to, in nanoseconds, and its size in bytes; zeros when it can't be looked at."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def file_identity(path: Path) -> FileIdentity | None:
    """Which file is at ``path``, None when there is none that can be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _make_storable(parameters: Parameters) -> Parameters:
    """Half surrogates, which file names and broken exports can hold, become question marks: SQLite stores UTF-8."""
    if isinstance(parameters, Mapping):
        return parameters
    return tuple(
        p if not isinstance(p, str) or p.isascii() else p.encode("utf-8", "replace").decode("utf-8") for p in parameters
    )


def _settle_connection(connection: sqlite3.Connection, path: Path) -> None:
    connection.row_factory = sqlite3.Row
    try:
        with _errors_in_plain_words(path, damaged=True):
            for setting in (
                "foreign_keys = ON",
                "recursive_triggers = ON",  # so that REPLACE can't slip past a trigger
                "trusted_schema = OFF",  # what stands in the file's schema may not call functions of this program
                "cell_size_check = ON",
                "synchronous = EXTRA",
                "cache_size = -65536",
                "cache_spill = OFF",
                "temp_store = MEMORY",
            ):
                connection.execute(f"PRAGMA {setting}")
    except BaseException:
        connection.close()
        raise


@contextlib.contextmanager
def _errors_in_plain_words(path: Path, *, damaged: bool = False) -> Iterator[None]:
    """SQLite's failures that a user can do something about become ReviewError; faults of ours stay what they are, and
    so does Ctrl-C.

    Of a file that is known to be ``damaged``, or not known yet, every failure is the file's.
    """
    try:
        yield
    except MemoryError as error:  # a cell that says it is larger than there is memory
        if not damaged:
            raise
        raise error_for_code(path, sqlite3.SQLITE_CORRUPT) from error
    except UnicodeDecodeError as error:  # in SQLite's own words about the file, which quote it
        raise error_for_code(path, sqlite3.SQLITE_CORRUPT) from error
    except sqlite3.Error as error:
        fault = seal.error_in_function() if str(error).startswith(_IN_OUR_FUNCTION) else error
        if not isinstance(fault, Exception):  # a signal that came while SQLite called us
            raise fault from None
        code = getattr(error, "sqlite_errorcode", None)
        if code is None and _NO_UTF8 in str(error):
            code = sqlite3.SQLITE_CORRUPT
        if code is None or code & 0xFF not in _ERROR_SENTENCES:
            if not damaged:
                raise fault from None
            code = sqlite3.SQLITE_CORRUPT
        raise error_for_code(path, code & 0xFF) from error


def error_for_code(path: Path, code: int) -> ReviewError:
    """What SQLite's primary result code means for the user of ``path``."""
    what, hint = _ERROR_SENTENCES[code]
    if code == sqlite3.SQLITE_READONLY:
        what = f"can't be changed: {why_read_only(path) or 'it is read-only'}"
    kind = DamagedReview if code == sqlite3.SQLITE_CORRUPT else ReviewError
    return kind(f"{path} {what}.", hint)


def why_read_only(path: Path) -> str:
    """Which of file, folder and disk can't be written to, "" when all can."""
    folder = path.absolute().parent
    with contextlib.suppress(OSError, AttributeError):  # not on Windows
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            return "the disk that it lies on is read-only"
    if not os.access(path, os.W_OK):
        return "you may only read the file"
    return "" if os.access(folder, os.W_OK) else f"you may not write to its folder {folder}"


def not_a_review(path: Path) -> ReviewError:
    return error_for_code(path, sqlite3.SQLITE_NOTADB)

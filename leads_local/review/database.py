"""A review file that is written to: transactions, generations and seals. How one is opened and what is checked then is
in ``opening``, how it is connected to in ``connection``.

Invariants: a file is changed only inside ``transaction()``, which takes the write lock at once, so that what was read
inside it still holds when it is written; a commit has reached the disk when ``transaction()`` ends (a rollback journal
with synchronous=EXTRA: see docs/decisions/0001-one-file.md), and the one file is then the whole review; foreign keys
are enforced; each commit is a new generation of the file and seals what it changed (``seal``).

**No decision lands in another file than the one that was opened.** A sync client or a person may put another version in
its place while it is open. So each transaction makes sure, under its lock and again after its commit, that the file at
the path is the one that was opened or a copy that goes on from its latest generation; otherwise it raises
ReviewReplaced, and what was said is kept (``rescue``).
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from leads_local.errors import ReviewError
from leads_local.review import file_identity, seal
from leads_local.review.connection import Connection, Parameters, Row
from leads_local.review.file_identity import KNOWN_SOUND, OPEN_CONNECTIONS
from leads_local.review.seal import SealedColumn
from leads_local.review.sqlite_errors import DamagedReview, ReviewReplaced, SqliteError, holds_other_bytes, is_busy

__all__ = ["DamagedReview", "Database", "ReviewReplaced", "Row", "utc_now"]


_NEVER = (1 << 31) - 1  # pages of changes that memory holds before they are written


def utc_now() -> str:
    """The time in UTC as ISO 8601 with milliseconds, as the triggers write it, too."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Database(Connection):
    """A connection that changes the file only in whole, sealed transactions. It belongs to the thread that made it."""

    def __init__(self, path: Path, *, busy_seconds: float, writable: bool, immutable: bool = False) -> None:
        super().__init__(path, busy_seconds=busy_seconds, writable=writable, immutable=immutable)
        self.notices: list[str] = []  # what the person should know of how the file was opened
        self.sealed = True  # False for files of versions that had no seals
        self.replaced: Callable[[ReviewReplaced], ReviewReplaced] = lambda error: (
            error
        )  # who keeps what was said adds where it is
        self._tables: Mapping[str, Sequence[SealedColumn]] = {}
        self._sums = seal.ChangeSums()
        self._spoiled = False  # a statement of many rows failed half-way: its sums are not known
        self._generation: tuple[int, int] | None = None  # the latest that this connection knows, with its token
        self._schema: tuple[int, int] | None = None  # version of the file and of its schema, as they were found good
        self._written: tuple[int, int] = (0, 0)  # time and size of the file after the last look at it

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
        except (ReviewError, SqliteError):
            return 0

    def _read_schema(self) -> tuple[int, int]:
        """The file's version and its schema, as numbers of this process."""
        schema = self.rows("SELECT type, name, tbl_name, sql FROM main.sqlite_schema ORDER BY type, name")
        return self.number("PRAGMA main.user_version"), hash(tuple(map(tuple, schema)))

    def _latest(self) -> tuple[int, int] | None:
        row = self.row("SELECT number, token FROM generation ORDER BY number DESC LIMIT 1")
        return (row[0], row[1]) if row is not None else None

    def copied(self) -> Self:
        copy = super().copied()
        copy._generation, copy._tables = None, {}
        return copy

    # ------------------------------------------------------------ writing

    def write(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one changing statement inside a transaction. Returns how many rows it changed."""
        return self._change(sql, parameters)[0]

    def insert(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one INSERT inside a transaction. Returns the new row's id."""
        return self._change(sql, parameters)[1]

    def _change(self, sql: str, parameters: Parameters) -> tuple[int, int]:
        """How many rows were changed, and the id of the row that was inserted last."""
        self._require_transaction()
        before = self._sums.copy()
        try:
            with self._plain():
                done = self._connection.execute(sql, _make_storable(parameters))
                return done.rowcount, done.lastrowid or 0
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
    def transaction(self, *, large: bool = False) -> Iterator[None]:
        """All or nothing, on disk when it ends. Inside another transaction it is a part of that one; inside a snapshot
        it is refused. A ``large`` one need not fit into the memory; nobody can read the file until it ends, so it is
        for what writes for seconds and reads nothing from outside meanwhile.

        Raises ReviewReplaced, with nothing written, when another version of the review is at its path by now, and
        ReviewError when it was opened only to be read, or is in use.
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
            self._begin(large)
            self._require_same_review()
            before, written = self._connection.total_changes, self._last_written()
            yield
            if large and not self._pages_have_generation():
                self._put_nothing_back()
                raise self._replaced_error()
            following = self._update_seals() if self._connection.total_changes != before else None
            if self._spoiled:
                raise RuntimeError("a transaction in which a statement of many rows failed is never committed")
            if self.was_replaced() or (
                not large and self._last_written() != written and not self._file_has_generation()
            ):  # by a program that asks for no locks
                raise self._replaced_error()
            with self._plain():
                self._connection.execute("COMMIT")
            self._note_commit(following)
            self._require_same_file()
        except BaseException as error:
            if self._in_transaction():
                with contextlib.suppress(SqliteError):  # the first error tells more
                    self._connection.execute("ROLLBACK")
            if isinstance(error, ReviewReplaced):
                raise self.replaced(error) from None
            if isinstance(error.__cause__ or error, SqliteError) and self.was_replaced():
                raise self.replaced(
                    self._replaced_error()
                ) from error  # SQLite itself writes into no file that has lost its name
            raise

    def _begin(self, large: bool) -> None:
        """Take the lock: to write at the end what memory holds; of a ``large`` transaction, to write as soon as there
        is more than that, with nobody reading. What takes it back lies on the disk before (the journal)."""
        with self._plain():
            self._connection.execute(f"PRAGMA cache_spill = {int(large)}")
            self._connection.execute(f"BEGIN {'EXCLUSIVE' if large else 'IMMEDIATE'}")

    def _note_commit(self, following: tuple[int, int] | None) -> None:
        before, self._written = self._written, self._last_written()
        self._generation = following or self._generation
        if self._identity is not None and KNOWN_SOUND.get(self._identity) == before:
            KNOWN_SOUND[self._identity] = self._written

    def mark_sound(self) -> None:
        """Remember that every byte of this file was checked and is sound."""
        if self._identity is not None:
            KNOWN_SOUND[self._identity] = self._written = self._last_written()

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

    def _require_transaction(self) -> None:
        if not self._in_transaction() or self._reading:
            raise RuntimeError(
                "a review file is changed only inside transaction(), which is not begun inside snapshot()"
            )

    # ------------------------------------------------------------ the same file

    def _last_written(self) -> tuple[int, int]:
        """When the file was last written to, and its size. SQLite itself writes into it only when it commits
        (cache_spill), but for large transactions."""
        return file_identity.last_written(self.path)

    def _file_has_generation(self) -> bool:
        """Whether the file itself, not what this connection remembers of it, has the latest generation. Times alone say
        too little: network drives and Windows write them down later."""
        if self._generation is None:
            return True
        number, token = self._generation
        return bool(self._read_anew("SELECT token FROM generation WHERE number = ?", (number,)) == (token,))

    def _pages_have_generation(self) -> bool:
        """The same inside a large transaction, which has written into the file itself, and lets nobody else read it:
        by the pages as they are on the disk, since this is none that the transaction has changed yet."""
        if self._generation is None:
            return True
        number, token = self._generation
        with self._plain():
            self._connection.execute(f"PRAGMA cache_spill = {_NEVER}")  # ON and OFF are heard outside of transactions
            self._connection.execute("PRAGMA shrink_memory")  # forgets what was read
        try:
            row = self.row("SELECT token FROM generation WHERE number = ?", (number,))
        except ReviewError as error:
            if holds_other_bytes(error):
                return False
            raise  # a disk that can't be read says nothing of them: what was changed is taken back
        return row is not None and row[0] == token

    def _put_nothing_back(self) -> None:
        """Other bytes stand in the file: the pages that this transaction has changed are not put into them as they
        were."""
        with contextlib.suppress(OSError):
            os.truncate(self.path.with_name(f"{self.path.name}-journal"), 0)

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
        if self.was_replaced() and any(file_identity.size_beside(self.path, ending) for ending in ("-journal", "-wal")):
            return False  # what lies there may be another file's, and connecting would put it into this one
        before, known = self._connection, self._identity
        try:
            other = self._connect()
        except ReviewError as error:
            self._identity = known
            if is_busy(error):
                raise
            return False
        self._connection = other
        good = False
        try:
            row = self.row("SELECT token FROM generation WHERE number = ?", (generation[0],))
            good = row is not None and row[0] == generation[1] and self._read_schema() == self._schema
        except (ReviewError, SqliteError) as error:
            if is_busy(error):
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
        except (ReviewError, SqliteError) as error:  # another file's pages, which may hold anything
            if is_busy(error):
                raise
        raise self._replaced_error()

    def _replaced_error(self) -> ReviewReplaced:
        there = "replaced by another version of it" if self.path.exists() else "moved or deleted"
        return ReviewReplaced(
            f"{self.path} was {there} while it was open (by a copy, or by a program that keeps folders in step).",
            "Nothing more was written into it. Open it again to go on.",
        )

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

    def totals(self) -> dict[str, tuple[int, str]]:
        """Rows and digest of each table, counted now."""
        self._connection.create_aggregate(f"{seal.SQL_FUNCTION}_total", -1, seal.TableTotal)  # type: ignore[arg-type]

        def read(sql: str) -> tuple[int, str]:
            row = self.row(sql)
            return (row[0], row[1] or seal.add_to_digest("", 0)) if row is not None else (0, "")

        return seal.table_totals(self.columns(), read)


def _make_storable(parameters: Parameters) -> Parameters:
    """Half surrogates, which file names and broken exports can hold, become question marks: SQLite stores UTF-8."""
    if isinstance(parameters, Mapping):
        return parameters
    return tuple(
        p if not isinstance(p, str) or p.isascii() else p.encode("utf-8", "replace").decode("utf-8") for p in parameters
    )

"""The file of a search index: which words the imported records hold, in SQLite's FTS5, and from which state of the
review that was read.

It is no part of a review: it lies in this account's cache, can be deleted at any time, and is made again. So this
module connects by itself, and what SQLite says against it (``IndexFault``) means that there is no index.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

IndexFault: TypeAlias = sqlite3.Error

_FORM = 2  # of the file; another one is made anew
_BUSY = 0.2  # seconds
_TABLES = (
    "CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize='ascii', prefix='1 2')",
    "CREATE TABLE years (record INTEGER PRIMARY KEY, year INTEGER NOT NULL) STRICT",
    "CREATE TABLE vocabulary (id INTEGER PRIMARY KEY, words TEXT NOT NULL) STRICT",
    "CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL, token INTEGER NOT NULL, "
    "last INTEGER NOT NULL, records INTEGER NOT NULL) STRICT",
)


@dataclass(frozen=True, slots=True)
class IndexState:
    """The generation of the review at which the newest record was read (number and token), that record's number, and
    how many records are in the index."""

    generation: tuple[int, int]
    last: int
    records: int


def is_spoiled(fault: IndexFault) -> bool:
    """Whether the file itself is at fault, rather than that it is busy, FTS5 missing or the disk full."""
    return isinstance(fault, sqlite3.DatabaseError) and not isinstance(fault, sqlite3.OperationalError)


class IndexFile:
    """Belongs to the thread that opened it. Everything raises IndexFault where the file can't be used."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self.path = path
        self._file = sqlite3.connect(path, isolation_level=None, timeout=_BUSY, cached_statements=64)
        try:
            self._file.execute("PRAGMA synchronous = NORMAL")
            self._file.execute("PRAGMA cache_size = -65536")
            if self._file.execute("PRAGMA user_version").fetchone()[0] != _FORM:
                self._make()
        except BaseException:
            self._file.close()
            raise

    def _make(self) -> None:
        if self._file.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            raise sqlite3.DatabaseError("an index of another form")
        self._file.execute("BEGIN EXCLUSIVE")
        for statement in _TABLES:
            self._file.execute(statement)
        self._file.execute(f"PRAGMA user_version = {_FORM}")
        self._file.execute("COMMIT")

    def close(self) -> None:
        self._file.close()

    def state(self) -> IndexState | None:
        row = self._file.execute("SELECT number, token, last, records FROM state").fetchone()
        return IndexState((row[0], row[1]), row[2], row[3]) if row is not None else None

    def vocabulary(self) -> list[str]:
        """The words of all records, each once, in no order."""
        rows = self._file.execute("SELECT words FROM vocabulary").fetchall()
        return [word for (words,) in rows for word in words.split("\n")]

    def years(self) -> dict[int, set[int]]:
        """The records of each year in which any appeared."""
        rows = self._file.execute("SELECT year, json_group_array(record) FROM years GROUP BY year").fetchall()
        return {year: set(json.loads(records)) for year, records in rows}

    def add(
        self,
        texts: Sequence[tuple[int, str]],
        years: Iterable[tuple[int, int]],
        new_words: Iterable[str],
        before: int,
        state: IndexState,
    ) -> bool:
        """Add records with their words and years, and note the state that they were read from. Whether that was done:
        not where another process has added some since ``before`` was the newest."""
        self._file.execute("BEGIN IMMEDIATE")
        with contextlib.ExitStack() as undone:
            undone.callback(self._file.execute, "ROLLBACK")
            now = self.state()
            if (now.last if now is not None else 0) != before:
                return False
            self._file.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", texts)
            self._file.executemany("INSERT INTO years (record, year) VALUES (?, ?)", years)
            self._file.execute("INSERT INTO vocabulary (words) VALUES (?)", ("\n".join(new_words),))
            self._file.execute("DELETE FROM state")
            self._file.execute(
                "INSERT INTO state (id, number, token, last, records) VALUES (1, ?, ?, ?, ?)",
                (*state.generation, state.last, state.records),
            )
            self._file.execute("COMMIT")
            undone.pop_all()
        return True

    def records(self, begins: Sequence[str], whole: Sequence[str] = ()) -> set[int]:
        """The records that hold one of these runs of words: the last word of ``begins`` may go on. They come as one
        text, which for many takes half the time of as many rows."""
        asked = " OR ".join([*(f'"{one}"*' for one in begins), *(f'"{one}"' for one in whole)])
        found = self._file.execute("SELECT json_group_array(rowid) FROM words WHERE words MATCH ?", (asked,))
        return set(json.loads(found.fetchone()[0]))

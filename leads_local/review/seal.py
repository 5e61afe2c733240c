"""One checksum for each table, so that any changed byte in the file is noticed, wherever it is and whatever changed it.

SQLite checks how its pages hang together, not what stands in their cells: a title with another letter in it, or a
decision edited by another program, is a sound file to it. So ``seal`` keeps for each table how many rows it has and the
sum of their hashes, in the same transaction as the rows. A sum needs no order, so a changed row costs two hashes, not a
walk through its table: triggers of this connection (in its temporary schema, never in the file) hand each row that
comes and goes to ``ChangeSums``.

It guards against decay and careless programs, not against somebody who knows how to compute it.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from leads_local import ending

HASH_BYTES = 16
_MODULUS = 1 << (8 * HASH_BYTES)
UNSEALED_TABLES = frozenset({"seal"})
SQL_FUNCTION = "leads_seal"

Cell = None | int | float | bytes


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column's name, and whether it holds text: that goes into the hash as the bytes of the file, sound UTF-8 or
    not."""

    name: str
    text: bool

    def read(self, row: str = "") -> str:
        name = f'{row}"{self.name}"'
        return f"CAST({name} AS BLOB)" if self.text else name


class _Raised(threading.local):
    """What a function that SQLite called in this thread has raised."""

    error: Exception | None = None


_raised = _Raised()


def error_in_function() -> BaseException:
    """What one of the functions here has raised when SQLite called it, of which SQLite says only that there was
    something. It may also have been a signal, which Python answers at the first step of any function."""
    error, _raised.error = _raised.error, None
    return error or ending.interruption()


def hash_row(table: str, cells: Iterable[Cell]) -> int:
    """The hash of one row. ``cells``: None, whole numbers, floats, and texts as bytes."""
    parts = [table.encode()]
    for cell in cells:
        if cell is None:
            parts.append(b"n")
        elif isinstance(cell, bytes):
            parts.append(b"b%d:" % len(cell))
            parts.append(cell)
        elif isinstance(cell, int):
            parts.append(b"i%d;" % cell)
        else:
            parts.append(b"r" + struct.pack(">d", cell))
    return int.from_bytes(blake2b(b"".join(parts), digest_size=HASH_BYTES).digest())


def add_to_digest(digest: str, change: int) -> str:
    """``digest`` (hex) with ``change`` added to the sum."""
    return f"{(int(digest or '0', 16) + change) % _MODULUS:0{2 * HASH_BYTES}x}"


class ChangeSums:
    """What the transaction has changed so far: for each table, rows and the sum of hashes."""

    def __init__(self) -> None:
        self.changes: dict[str, tuple[int, int]] = {}

    def note(self, sign: int, table: str, *cells: Cell) -> None:
        """A row came (1) or went (-1). SQLite calls this from the triggers."""
        try:
            rows, total = self.changes.get(table, (0, 0))
            self.changes[table] = (rows + sign, total + sign * hash_row(table, cells))
        except Exception as error:
            _raised.error = error
            raise

    def copy(self) -> dict[str, tuple[int, int]]:
        return dict(self.changes)

    def clear(self, to: Mapping[str, tuple[int, int]] | None = None) -> None:
        self.changes = dict(to or {})


class TableTotal:
    """The aggregate that reads a whole table: gives the sum of its rows' hashes in hex."""

    def __init__(self) -> None:
        self._sum = 0

    def step(self, table: str, *cells: Cell) -> None:
        try:
            self._sum += hash_row(table, cells)
        except Exception as error:
            _raised.error = error
            raise

    def finalize(self) -> str:
        return add_to_digest("", self._sum)


def trigger_statements(tables: Mapping[str, Sequence[SealedColumn]]) -> list[str]:
    """The statements that make this connection hand every changed row of ``tables`` to ``ActivationSums.note``."""
    made = []
    for table, columns in tables.items():
        new, old = (
            f"SELECT {SQL_FUNCTION}({sign}, '{table}', {', '.join(column.read(row) for column in columns)});"
            for sign, row in ((1, "NEW."), (-1, "OLD."))
        )
        for event, body in (("INSERT", new), ("DELETE", old), ("UPDATE", f"{old} {new}")):
            made.append(
                f"CREATE TEMP TRIGGER seal_{table}_{event.lower()} AFTER {event} ON main.{table} BEGIN {body} END"
            )
    return made


def table_totals(
    tables: Mapping[str, Sequence[SealedColumn]], read: Callable[[str], tuple[int, str]]
) -> dict[str, tuple[int, str]]:
    """Rows and digest of every table as they stand in the file. ``read`` runs one statement that gives a row of the
    two."""
    return {
        table: read(
            f"SELECT count(*), {SQL_FUNCTION}_total('{table}', {', '.join(column.read() for column in columns)}) FROM "
            f"main.{table}"
        )
        for table, columns in tables.items()
    }

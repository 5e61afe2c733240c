"""What a workbook should hold, found by means that share nothing with the library that reads it.

A damaged workbook can be read up to its damage only, without a word. So the parts of a ZIP are read to their ends, with
their checksums, and the rows of an XLS are counted by the records in its stream.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = ("Workbook", "Book")
_BLOCK = 1 << 20  # bytes
_LAST_SECTOR = 0xFFFFFFFA  # numbers above it say something else
_ENTRY = 128  # bytes of the directory for one stream
_BEGIN, _END, _WORKSHEET = 0x0809, 0x000A, 0x10
_CELLS = frozenset((0x06, 0xBD, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x27E))
"""The records of cells that hold something; each begins with the number of its row."""
_DAMAGED = zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError


def doubts(data: bytes, rows: Sequence[int]) -> Iterator[str]:
    """What speaks against a workbook of whose worksheets so many rows were read, empty ones among them; in words that
    go on with "This workbook"."""
    if data.startswith(_OLE):
        yield from _doubts_of_xls(data, sum(rows))
    else:
        yield from _damaged_parts(data)


def _damaged_parts(data: bytes) -> Iterator[str]:
    """The parts of a ZIP that can't be read to their ends as what they are."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            for part in parts.infolist():
                if why := _why_damaged(parts, part):
                    yield f"is damaged in its part {part.filename} ({why})"
    except _DAMAGED as error:
        yield f"is a damaged ZIP file ({error})"


def _why_damaged(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> str:
    try:
        with parts.open(part) as stream:
            if part.filename.endswith(".xml"):
                expat.ParserCreate().ParseFile(stream)
            while stream.read(_BLOCK):
                pass  # to the end, where the checksum is compared
    except expat.ExpatError as error:
        return f"line {error.lineno}, {expat.ErrorString(error.code)}"
    except _DAMAGED as error:
        return str(error)
    return ""


def _doubts_of_xls(data: bytes, rows: int) -> Iterator[str]:
    try:
        found = _count(_CompoundFile(data).stream())
    except (struct.error, IndexError, ValueError):
        yield "is damaged, so that its rows can't be counted"
        return
    if not found.whole:
        yield "is damaged: it ends within a sheet, or has cells outside of all sheets"
    elif sum(found.rows) > rows:
        yield f"has cells in {sum(found.rows):,} rows, and {rows:,} could be read"


# ---------------------------------------------------------------- a compound file


class _CompoundFile:
    """Raises ValueError, IndexError or struct.error where it can't be followed."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        shift, small_shift = struct.unpack_from("<HH", data, 30)
        self.size, self.small_size = 1 << shift, 1 << small_shift
        directory, self.least, small, _, more, _ = struct.unpack_from("<I4xIIIII", data, 48)
        listed = list(struct.unpack_from("<109I", data, 76))
        while more <= _LAST_SECTOR and len(listed) * self.size < len(data) + 109 * self.size:
            *found, more = struct.unpack(f"<{self.size // 4}I", self._sector(more))
            listed += found
        self.table = b"".join(self._sector(one) for one in listed if one <= _LAST_SECTOR)
        self.small_table = self._chain(small)
        whole = self._chain(directory)
        self.entries = [whole[place : place + _ENTRY] for place in range(0, len(whole), _ENTRY)]

    def stream(self) -> bytes:
        """That of the workbook."""
        entry = next((entry for entry in self.entries if _name(entry) in _STREAMS), b"")
        start, length = struct.unpack_from("<II", entry, 116)
        if length >= self.least:
            found = self._chain(start)
        else:
            small, size = self._chain(struct.unpack_from("<I", self.entries[0], 116)[0]), self.small_size
            found = b"".join(small[one * size : (one + 1) * size] for one in _follow(start, self.small_table))
        if len(found) < length:
            raise ValueError("a stream that is shorter than it says")
        return found[:length]

    def _chain(self, start: int) -> bytes:
        return b"".join(map(self._sector, _follow(start, self.table)))

    def _sector(self, number: int) -> bytes:
        return self.data[(number + 1) * self.size : (number + 2) * self.size]


def _follow(start: int, table: bytes) -> Iterator[int]:
    """The sectors of a chain, for each of which the table says which is the next."""
    seen: set[int] = set()
    while start <= _LAST_SECTOR:
        if start in seen:
            raise ValueError("a chain of sectors that has no end")
        seen.add(start)
        yield start
        (start,) = struct.unpack_from("<I", table, 4 * start)


def _name(entry: bytes) -> str:
    (length,) = struct.unpack_from("<H", entry, 64)
    return entry[: max(length - 2, 0)].decode("utf-16-le", errors="replace")


# ---------------------------------------------------------------- its records


@dataclass(slots=True)
class _Count:
    """For each worksheet the last row that has a cell with something in it, from 1; ``whole``: no cell is outside of
    all sheets, and no sheet is without its end."""

    rows: list[int] = field(default_factory=list)
    whole: bool = True


def _count(stream: bytes) -> _Count:
    """What the records of a stream say."""
    found, within, place = _Count(), list[int](), 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        place += 4
        if place + length > len(stream) or not (kind or within):
            break
        if kind == _BEGIN:
            within.append(struct.unpack_from("<2xH", stream, place)[0])
            if within == [_WORKSHEET]:
                found.rows.append(0)
        elif kind == _END:
            del within[-1:]
        elif kind in _CELLS:
            if within == [_WORKSHEET]:
                found.rows[-1] = max(found.rows[-1], struct.unpack_from("<H", stream, place)[0] + 1)
            found.whole = found.whole and bool(within)
        place += length
    found.whole = found.whole and not within
    return found

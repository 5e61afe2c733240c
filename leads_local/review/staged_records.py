"""The records of a large file on their way into a review: in a temporary file, so that they are neither all in the
memory nor is the review locked while they are read.

It lies beside the review, where there has to be room for them anyway, has no name (on Windows: goes when it is closed,
however that comes), and holds nothing that the citation file does not. Where there is no room for it, the memory has to
do.
"""

from __future__ import annotations

import contextlib
import marshal
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self

from leads_local.review.store.citations import StoredRow


class StagedRecords:
    """A context manager. What was added in portions is read in the same portions, one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = contextlib.ExitStack()
        self._file: FileIO | None = None
        self._portions: list[int | bytes] = []  # how long each is in the file, or itself
        self._length = 0  # bytes of the file that hold portions

    def __enter__(self) -> Self:
        with contextlib.suppress(OSError):
            self._file = self._open.enter_context(TemporaryFile(buffering=0, dir=self._folder))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, rows: list[StoredRow]) -> None:
        portion = marshal.dumps(rows)
        self._portions.append(len(portion) if self._write(portion) else portion)

    def _write(self, portion: bytes) -> bool:
        """Whether there was room for it."""
        if self._file is None:
            return False
        try:
            self._file.seek(self._length)
            written = self._file.write(portion)
        except OSError:
            return False
        if written == len(portion):
            self._length += written
            return True
        return False

    def read(self) -> Iterator[list[StoredRow]]:
        place = 0
        for portion in self._portions:
            data = portion if isinstance(portion, bytes) else self._read(place, portion)
            place += portion if isinstance(portion, int) else 0
            yield marshal.loads(data)

    def _read(self, place: int, length: int) -> bytes:
        assert self._file is not None
        self._file.seek(place)
        return self._file.read(length)

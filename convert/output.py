"""The file being written: checked for room before, locked while, and under its real name only when it is whole.

Bytes go to ``FILE_NAME.gguf.part``. ``commit`` syncs and renames it, so that an older good file is replaced in one step
or not at all. Whatever else ends the block takes the .part file away. A killed process leaves it with its journal, and
the next run of the same conversion goes on after the last whole tensor; what is there is believed only as far as its
hash is the one that the journal has.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from .errors import ConvertError
from .files import check_file
from .journal import Journal
from .lock import lock_file

SPARE = 1 << 20  # bytes kept free beside the file itself
CHUNK = 8 << 20


class Output:
    """A context manager: ``resume``, then ``write`` and ``mark`` tensor by tensor, then ``commit``.

    ``size`` is that of the whole file; ``identity`` is equal for two runs exactly when they would write the same bytes.
    """

    def __init__(self, path: Path, size: int, identity: str) -> None:
        self.path = path
        self.part = path.with_name(path.name + ".part")
        self.done = 0
        self._size = size
        self._journal = Journal(path.with_name(path.name + ".part.journal"), identity)
        self._digest = hashlib.sha256()
        self._file: BinaryIO | None = None

    @property
    def sha256(self) -> str:
        """Of everything written so far."""
        return self._digest.hexdigest()

    def __enter__(self) -> Output:
        _check_place(self.path)
        try:
            self._file = _open_locked(self.part)
        except OSError as error:
            raise ConvertError(
                f"{self.part}: it can't be written ({error.strerror}).", "Give another place with --out."
            ) from error
        there = self.part.stat().st_size
        try:
            check_room(
                self.path, self._size - there, "Make room, choose a smaller type, or give another place with --out."
            )
        except ConvertError:
            if there:  # an earlier run's work: not ours to throw away
                self._file.close()
                self._file = None
            else:
                self._drop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._drop()

    def resume(self) -> int:
        """Keep what an earlier run of the same conversion finished. Returns how many tensors that is; writing goes on
        after them."""
        file, finished = self._open(), 0
        for end, digest in self._journal.read():
            if not self._read_on(file, end) or self.sha256 != digest:
                break
            finished, good, self.done = finished + 1, self._digest.copy(), end
        self._digest = good if finished else hashlib.sha256()
        with _explain_write_errors(self.path):
            file.truncate(self.done)
            file.seek(self.done)
            self._journal.keep(finished)
        return finished

    def _read_on(self, file: BinaryIO, end: int) -> bool:
        """Hash the file up to ``end``; False when it ends before."""
        while (at := file.tell()) < end:
            data = file.read(min(CHUNK, end - at))
            if not data:
                return False
            self._digest.update(data)
        return True

    def write(self, data: bytes | memoryview) -> None:
        """Append. Raises ConvertError when the disk is full or gone."""
        file, rest = self._open(), memoryview(data).cast("B")
        self._digest.update(rest)
        self.done += len(rest)
        with _explain_write_errors(self.path):
            while rest:
                rest = rest[file.write(rest) :]

    def mark(self) -> None:
        """Say that a whole tensor, with its padding, has been written."""
        with _explain_write_errors(self.path):
            self._journal.add(self.done, self.sha256)

    def sync(self) -> None:
        """Put everything written so far onto the disk."""
        with _explain_write_errors(self.path):
            os.fsync(self._open().fileno())

    def commit(self) -> None:
        """Give the finished file its name, in one step."""
        file = self._open()
        self.sync()
        if sys.platform == "win32":  # an open file can't be renamed there
            file.close()
        try:
            self.part.replace(self.path)
        except OSError as error:
            raise ConvertError(
                f"{self.path}: it can't be replaced ({error.strerror}).", "Close the program that uses it."
            ) from error
        self._journal.remove()
        file.close()
        self._file = None
        _sync_folder(self.path.parent)

    def _open(self) -> BinaryIO:
        if self._file is None:
            raise RuntimeError("the output is used outside its block")
        return self._file

    def _drop(self) -> None:
        file = self._open()
        self._journal.remove()
        if sys.platform == "win32":  # an open file can't be removed there
            file.close()
        self.part.unlink(missing_ok=True)
        file.close()
        self._file = None


@contextmanager
def _explain_write_errors(path: Path) -> Iterator[None]:
    """What the system says against a write is about the place: too little room, a disk pulled out, or a file system's
    longest file."""
    try:
        yield
    except OSError as error:
        what, hint = error.strerror, "Make room or give another place with --out."
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            what = "the disk is full"
        elif error.errno == errno.EFBIG:
            what, hint = (
                "the file is too large for this disk",
                "Give a place on another disk with --out; one formatted as FAT32 ends at 4 GB.",
            )
        raise ConvertError(f"{path}: it could not be written: {what}.", hint) from error


def check_room(path: Path, size: int, hint: str) -> None:
    """Raise ConvertError with the arithmetic unless ``size`` more bytes fit where ``path`` will be."""
    free = shutil.disk_usage(path.parent).free
    if free < size + SPARE:
        raise ConvertError(
            f"{path}: {size / 1e9:.2f} GB more are needed there, but {free / 1e9:.2f} GB are free.", hint
        )


def _check_place(path: Path) -> None:
    if path.suffix != ".gguf":
        raise ConvertError(f"{path}: the output should be called something.gguf.", "Give such a name with --out.")
    if not path.parent.is_dir():
        what = "this is a file, not a folder" if path.parent.exists() else "there is no such folder"
        raise ConvertError(f"{path.parent}: {what}.", "Make a folder first, or give another place with --out.")
    check_file(path)


def _open_locked(part: Path) -> BinaryIO:
    file = lock_file(part)
    if file is None:
        name = part.name.removesuffix(".part")
        raise ConvertError(
            f"{name}: another conversion is writing this file now.", "Wait for it, or give another name with --out."
        )
    return file


def _sync_folder(folder: Path) -> None:
    """Make a rename outlast a power cut, where the system lets a folder be opened."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

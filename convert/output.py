"""The file being written: checked for room before, locked while, and under its real name only when it is whole.

Bytes go to ``NAME.gguf.part``. ``commit`` syncs and renames it, so that an older good file is replaced in one step or not at all. Whatever
else ends the block takes the .part file away; a killed process leaves it, and the next run, once it has the lock, starts it anew.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from .errors import ConvertError

SPARE = 1 << 20  # bytes kept free beside the file itself


class Output:
    """A context manager; ``write`` and then ``commit`` inside it."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.part = path.with_name(path.name + ".part")
        self._size = size
        self._file: BinaryIO | None = None

    def __enter__(self) -> Output:
        _check_place(self.path)
        try:
            self._file = _open_locked(self.part)
        except OSError as error:
            raise ConvertError(f"{self.part}: it can't be written ({error.strerror}).", "Give another place with --out.") from error
        try:
            self._file.truncate(0)
            self._check_room()
        except BaseException:
            self._drop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file is not None:
            self._drop()

    def write(self, data: bytes | memoryview) -> None:
        """Append. Raises ConvertError when the disk is full or gone."""
        assert self._file is not None, "write before the block was entered"
        rest = memoryview(data).cast("B")
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            what = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror
            raise ConvertError(f"{self.path}: it could not be written: {what}.", "Make room or give another place with --out.") from error

    def sync(self) -> None:
        """Put everything written so far onto the disk."""
        assert self._file is not None, "sync before the block was entered"
        self._file.flush()
        os.fsync(self._file.fileno())

    def commit(self) -> None:
        """Give the finished file its name, in one step."""
        assert self._file is not None, "commit before the block was entered"
        self.sync()
        if sys.platform == "win32":  # an open file can't be renamed there
            self._file.close()
        try:
            self.part.replace(self.path)
        except OSError as error:
            raise ConvertError(f"{self.path}: it can't be replaced ({error.strerror}).", "Close the program that uses it.") from error
        self._file.close()
        self._file = None
        _sync_folder(self.path.parent)

    def _check_room(self) -> None:
        free = shutil.disk_usage(self.path.parent).free
        if free < self._size + SPARE:
            raise ConvertError(
                f"{self.path}: the file will need {self._size / 1e9:.2f} GB, but {free / 1e9:.2f} GB are free there.",
                "Make room, choose a smaller type, or give another place with --out.",
            )

    def _drop(self) -> None:
        assert self._file is not None
        if sys.platform == "win32":  # an open file can't be removed there
            self._file.close()
        self.part.unlink(missing_ok=True)
        self._file.close()
        self._file = None


def _check_place(path: Path) -> None:
    if path.suffix != ".gguf":
        raise ConvertError(f"{path}: the output should be called something.gguf.", "Give such a name with --out.")
    if not path.parent.is_dir():
        raise ConvertError(f"{path.parent}: there is no such folder.", "Make it first, or give another place with --out.")
    if path.is_dir():
        raise ConvertError(f"{path}: this is a folder.", "Give the name of a file with --out.")


def _open_locked(part: Path) -> BinaryIO:
    file = lock_file(part)
    if file is None:
        name = part.name.removesuffix(".part")
        raise ConvertError(f"{name}: another conversion is writing this file now.", "Wait for it, or give another name with --out.")
    return file


def lock_file(path: Path) -> BinaryIO | None:
    """Open ``path`` for writing, made if need be, with a lock that goes with the process however that ends; None while another has it."""
    while True:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644), "r+b", buffering=0)
        try:
            _lock(file.fileno())
        except OSError as error:
            file.close()
            if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
                return None
            raise
        if _holds(file, path):
            return file
        file.close()  # the other run has just renamed or removed it: what was locked is not the file of that name any more


def _holds(file: BinaryIO, path: Path) -> bool:
    """Whether ``path`` is still the name of the open file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sync_folder(folder: Path) -> None:
    """Make a rename outlast a power cut, where the system lets a folder be opened."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

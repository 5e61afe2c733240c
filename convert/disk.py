"""Changes on the disk: made in one step, lasting through a power cut, and tried again where the system only needs a
moment.

On Windows a file that anybody has open is neither replaced nor removed, and virus scanners, indexers and programs that
copy to a cloud open each new file for a moment. So such a change is tried again for a few seconds; whoever has the file
open then uses it, and the error comes out.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

PATIENCE = 5.0  # seconds
_PAUSE = 0.1  # seconds
_IN_USE = (5, 32, 33, 1224)  # Windows' numbers for: access denied, shared, locked, mapped
_NO_SYNC = (errno.EINVAL, errno.ENOTSUP)  # what network drives say to it

Result = TypeVar("Result")


def patiently(change: Callable[[], Result]) -> Result:
    """What ``change`` gives. It is called again for a few seconds while Windows says that a file is in use."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return change()
        except OSError as error:
            if getattr(error, "winerror", None) not in _IN_USE or time.monotonic() > end:
                raise
        time.sleep(_PAUSE)


def rename(source: Path, target: Path) -> None:
    """Give ``source`` the name ``target``, which another file may have, in one step. Both are in one folder, and
    closed. Only ``sync_folder`` makes it last."""
    patiently(lambda: source.replace(target))


def remove(path: Path) -> None:
    """Take a file away, if it is there."""
    patiently(lambda: path.unlink(missing_ok=True))


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which gets the name ``path`` when it is whole and on the disk. Whatever ends the block before
    leaves an older file as it was."""
    part = path.with_name(path.name + ".new")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            sync(file.fileno())
        rename(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync(descriptor: int) -> None:
    """Put what was written onto the disk itself. macOS leaves it in the disk's own memory unless it is asked for more,
    which some file systems there don't know."""
    if not _sync_through(descriptor):
        os.fsync(descriptor)


def _sync_through(descriptor: int) -> bool:
    try:
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # type: ignore[attr-defined, unused-ignore]
    except (ImportError, AttributeError, OSError):  # Windows; Linux; a network drive
        return False
    return True


def sync_folder(folder: Path) -> None:
    """Make a change of names outlast a power cut, where the system lets a folder be opened and synced."""
    if sys.platform == "win32":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:  # one may write into it and not look
        return
    try:
        sync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(descriptor)

"""The place that a file goes to: whether it may be written there, whether there is room, and what is wrong when it is
not written after all."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import ConvertError
from .files import check_file
from .terminal import size_in_words

SPARE = 1 << 20  # bytes kept free beside the file itself


def check_place(path: Path) -> None:
    """Raise ConvertError unless a GGUF file can have this name."""
    if path.suffix != ".gguf":
        raise ConvertError(f"{path}: the output should be called something.gguf.", "Give such a name with --out.")
    if not path.parent.is_dir():
        what = "this is a file, not a folder" if path.parent.exists() else "there is no such folder"
        raise ConvertError(f"{path.parent}: {what}.", "Make a folder first, or give another place with --out.")
    check_file(path)


def check_room(path: Path, size: int, hint: str) -> None:
    """Raise ConvertError with the arithmetic unless ``size`` more bytes fit where ``path`` will be."""
    free = shutil.disk_usage(path.parent).free
    if free < size + SPARE:
        raise ConvertError(
            f"{path}: {size_in_words(size)} more are needed there, but {size_in_words(free)} are free.", hint
        )


@contextmanager
def explain_write_errors(path: Path) -> Iterator[None]:
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


def sync_folder(folder: Path) -> None:
    """Make a rename outlast a power cut, where the system lets a folder be opened."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

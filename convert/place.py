"""The place that a file goes to: whether it may be written there, whether there is room, and what is wrong when it is
not written after all."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import ConvertError
from .files import check_file, check_length
from .terminal import size_in_words

SPARE = 1 << 20  # bytes kept free beside the file itself
LONGEST_NAME = 255  # of a file, in the units of its disk
ENDINGS = ".part.journal.new"  # the most that is put behind a name while the file is written
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[1-9¹²³]) *(\..*)?")
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_FULL = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name)}
_ELSEWHERE = "Give another name with --out."


def check_place(path: Path, what: str = "the output") -> None:
    """Raise ConvertError unless a GGUF file can have this name."""
    if path.suffix != ".gguf":
        raise ConvertError(f"{path}: {what} should be called something.gguf.", "Give such a name with --out.")
    _check_name(path)
    check_length(path.with_name(path.name + ENDINGS))
    if not path.parent.is_dir():
        what = "this is a file, not a folder" if path.parent.exists() else "there is no such folder"
        raise ConvertError(f"{path.parent}: {what}.", "Make a folder first, or give another place with --out.")
    check_file(path)
    check_replaceable(path)


def check_replaceable(path: Path) -> None:
    """Raise ConvertError where another file could not take the place of one at ``path``, before hours are spent on
    it."""
    if sys.platform == "win32" and path.exists() and not path.stat().st_mode & stat.S_IWRITE:
        raise ConvertError(
            f"{path}: this file is read-only, so it can't be replaced.",
            "Take that mark away in its properties, or give another place with --out.",
        )


def _check_name(path: Path) -> None:
    name = path.name
    units = len(os.fsencode(name)) if sys.platform == "linux" else len(name.encode("utf-16-le", "surrogatepass")) // 2
    if (most := LONGEST_NAME - len(ENDINGS)) < units:
        raise ConvertError(f"{path}: this name is {units} characters long, and {most} is the most here.", _ELSEWHERE)
    if sys.platform == "win32":
        if found := _NOT_IN_NAMES.search(name):
            raise ConvertError(f"{path}: no name on Windows can hold {found[0]!r}.", _ELSEWHERE)
        if found := _DEVICES.fullmatch(name):
            raise ConvertError(f"{path}: on Windows {found[1]} is a device, whatever stands behind it.", _ELSEWHERE)


def check_room(path: Path, size: int, hint: str) -> None:
    """Raise ConvertError with the arithmetic unless ``size`` more bytes fit where ``path`` will be."""
    free = shutil.disk_usage(path.parent).free
    if free < size + SPARE:
        raise ConvertError(
            f"{path}: {size_in_words(size)} more are needed there, but {size_in_words(free)} are free.", hint
        )


@contextmanager
def explain_write_errors(path: Path, do: str = "Make room or give another place with --out.") -> Iterator[None]:
    """What the system says against a write is about the place: too little room, a disk pulled out, or a file system's
    longest file. ``do`` is what to do about it."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno in _FULL:
            why = "the disk is full"
        elif error.errno == errno.EFBIG:
            why = "the file is too large for this disk"
            do = "Give a place on another disk with --out; one formatted as FAT32 ends at 4 GB."
        raise ConvertError(f"{path}: it could not be written: {why}.", do) from error

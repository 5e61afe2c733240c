"""Which file is at a path, and what this process knows of it: by device and inode, whatever the file is called.

SQLite's locks are the process's, not the connection's, so it must be known which files have connections (see
``leftovers``); and a file that was looked at whole and found sound need not be looked at again while nobody has written
to it.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import unicodedata
from collections import Counter
from pathlib import Path
from typing import TypeAlias

from leads_local import durable
from leads_local.review import naming

FileIdentity: TypeAlias = tuple[int, int]  # device and inode

OPEN_CONNECTIONS: Counter[FileIdentity] = Counter()  # of this process
CONNECTING_LOCK = threading.RLock()

# Files that were found sound, with time and size as they were then or after this process's own commits since.
KNOWN_SOUND: dict[FileIdentity, tuple[int, int]] = {}


def identify_file(path: Path) -> FileIdentity | None:
    """Which file is at ``path``, None when there is none that can be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def identify_place(path: Path) -> str:
    """Where the file at ``path`` is, the same however the path is written and whatever version of the file is there:
    its folder, and its name as the folder has it, which on many disks may be typed with other letters."""
    real = path.resolve()
    name = real.name
    with contextlib.suppress(OSError):
        here = identify_file(real)
        alike = [one.name for one in real.parent.iterdir() if _folded(one.name) == _folded(name)]
        name = min((one for one in alike if identify_file(real.with_name(one)) == here), default=name)
    return f"{identify_file(real.parent)} {name}"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def last_written(path: Path) -> tuple[int, int]:
    """When the file was last written to, in nanoseconds, and its size in bytes; zeros when it can't be looked at."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def is_connected(path: Path) -> bool:
    """Whether this process has a connection to the file at ``path``; it must not be opened in any other way then."""
    return bool(OPEN_CONNECTIONS[identify_file(path) or (0, 0)])


def is_known_sound(path: Path) -> bool:
    """Whether this process has found the file sound as it is now."""
    file = identify_file(path)
    return file is not None and KNOWN_SOUND.get(file) == last_written(path)


def why_read_only(path: Path) -> str:
    """Which of file, folder and disk can't be written to, or has no room for a change, "" when all is well."""
    if wrong := naming.why_too_long(path):
        return wrong
    folder = path.absolute().parent
    with contextlib.suppress(OSError, AttributeError):  # not on Windows
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            return "the disk that it lies on is read-only"
    if not os.access(path, os.W_OK):
        return "you may only read the file"
    return "" if _takes_files(folder) else f"you may not write to its folder {folder}"


def _takes_files(folder: Path) -> bool:
    """Whether a file can be made in the folder, as SQLite does beside a review. Windows tells only who tries."""
    if os.name != "nt":
        return os.access(folder, os.W_OK)
    try:
        tempfile.NamedTemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def publish_file(part: Path, path: Path) -> None:
    """Give a finished file its name, in one step and never over another file. Raises FileExistsError."""
    if os.name == "nt":  # where renaming never replaces
        durable.rename(part, path)
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a disk without links
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            durable.replace(part, path)
        except BaseException:
            durable.discard(path)
            raise
    else:
        durable.remove(part)


def size_beside(path: Path, ending: str) -> int:
    """How large the file is that is called as ``path`` with ``ending``, in bytes; 0 where there is none."""
    try:
        return path.with_name(path.name + ending).stat().st_size
    except OSError:
        return 0

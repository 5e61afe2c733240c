"""Files and folders of ours that only this account may read: settings, logs, caches, what a model read of papers.

Papers under review are confidential, and so is what is decided about them. On Windows a profile's folders are private
by themselves; elsewhere the modes are set here whatever the umask says, and those of earlier versions' files when they
are next written.

``replace`` writes a file beside its place first. What a process that was killed has left there is known by its
``mark``, this computer and its process, and removed by the next that writes: names of exactly that form only, and of
this account's files and folders, no links.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from leads_local import durable

FOLDER, FILE = 0o700, 0o600
_BESIDE = ".export"  # how the names of unfinished exports begin
_SECONDS_PER_DAY = 86_400.0  # seconds after which what another computer has left is believed to be left
_MARK = re.compile(r"--(?P<host>\w*)-(?P<process>[0-9]{1,10})-[0-9a-f]{8}(?P<file>\.part)?")
_SAME_START = 60.0  # seconds by which one process's start may seem to differ, when the clock was set meanwhile
_REFUSED: set[Path] = set()  # temporary folders of this process that could not be removed
_FIRST_PROCESSES = 0xEFFFFFFC  # the number by which Linux knows the processes that are in no container


def make_folder(path: Path) -> Path:
    """Make ``path`` and what is missing above it, for this account only; a folder that is there stays as it is. Raises
    OSError."""
    if not path.is_dir():
        if path.parent != path and not path.parent.is_dir():  # a drive that is not there has no parent
            make_folder(path.parent)
        path.mkdir(mode=FOLDER, exist_ok=True)
    return path


def opener(path: str, flags: int) -> int:
    """For ``open``: the file is this account's only, also one that was there."""
    descriptor = os.open(path, flags, FILE)
    if os.name != "nt":
        with contextlib.suppress(OSError):
            os.fchmod(descriptor, FILE)
    return descriptor


def open_log(path: Path) -> TextIO:
    """Open a log to write at its end. Raises OSError."""
    make_folder(path.parent)
    return open(path, "a", encoding="utf-8", errors="backslashreplace", opener=opener)


def replace_file(path: Path, data: bytes) -> None:
    """Write the file whole or not at all. Raises OSError."""
    make_folder(path.parent)
    remove_abandoned(path.parent, f".{path.name}")
    part = path.with_name(f".{path.name}{owner_mark()}.part")
    try:
        with open(part, "wb", opener=opener) as file:
            file.write(data)
        durable.replace(part, path)
    except BaseException:
        durable.discard(part)
        raise


@contextlib.contextmanager
def written_beside(path: Path, *, replace: bool = True) -> Iterator[Path]:
    """A free place beside ``path`` for a file of the user's, which gets that name when the block succeeds; what killed
    processes have left there goes first. Raises OSError: FileExistsError where something has the name and is not to be
    replaced."""
    remove_abandoned(path.parent, _BESIDE)
    part = path.with_name(f"{_BESIDE}{owner_mark()}.part")
    try:
        yield part
        (durable.replace if replace else durable.take_free_name)(part, path)
    except BaseException:
        durable.discard(part)
        raise


def owner_mark() -> str:
    """The end of a temporary file's or folder's name, which says which process owns it; a file's has ``.part`` after
    it."""
    return f"--{_host_mark()}-{os.getpid()}-{secrets.token_hex(4)}"


@contextlib.contextmanager
def temporary_folder(prefix: str, place: Path) -> Iterator[Path]:
    """A folder in ``place`` for as long as the block lasts; what killed processes have left there goes first. Raises
    OSError.

    A signal that comes while it is made or removed leaves nothing either.
    """
    remove_abandoned(place, prefix)
    for left in list(_REFUSED):
        _remove_folder(left, patient=False)
    path = place / f"{prefix}{owner_mark()}"
    try:
        path.mkdir(mode=FOLDER)
        yield path
    finally:
        try:
            _remove_folder(path, patient=True)
        except BaseException:
            _remove_folder(path, patient=False)
            raise


def _remove_folder(path: Path, *, patient: bool) -> None:
    """Remove a folder of this process; on Windows with patience, as a file in it may be open elsewhere. What can't be
    removed now goes when the next is made."""
    end = time.monotonic() + (durable.PATIENCE if patient and os.name == "nt" else 0.0)
    shutil.rmtree(path, ignore_errors=True)
    while path.exists() and time.monotonic() < end:
        time.sleep(0.1)
        shutil.rmtree(path, ignore_errors=True)
    (_REFUSED.add if path.exists() else _REFUSED.discard)(path)


def remove_abandoned(place: Path, prefix: str) -> None:
    """Remove the files and folders in ``place`` with this prefix whose process is gone. Never raises."""
    with contextlib.suppress(OSError):
        for path in [path for path in place.iterdir() if path.name.startswith(prefix)]:
            with contextlib.suppress(OSError):
                if found := _MARK.fullmatch(path.name, len(prefix)):
                    _remove_if_abandoned(path, found)


def _remove_if_abandoned(path: Path, named: re.Match[str]) -> None:
    found = path.lstat()
    ours = os.name == "nt" or found.st_uid == os.geteuid()
    as_named = stat.S_ISREG(found.st_mode) if named["file"] else stat.S_ISDIR(found.st_mode)
    if not (ours and as_named and _is_abandoned(named, found.st_mtime)):
        return
    if named["file"]:
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


def _is_abandoned(named: re.Match[str], changed: float) -> bool:
    if named["host"] != _host_mark():
        return time.time() - changed > _SECONDS_PER_DAY
    import psutil  # type: ignore[import-untyped]  # slow to load, and seldom needed

    return not psutil.pid_exists(int(named["process"]))


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """One process of one computer. ``started``, in seconds since 1970, tells it from a later one with its number."""

    host: str
    number: int
    started: float

    @property
    def is_here(self) -> bool:
        """Whether its number means something here, so that ``is_running`` can tell."""
        return self.host == _host_mark()

    def is_running(self) -> bool:
        """Whether a process of this computer still runs; one that was ended and waits to be cleared away does not."""
        import psutil  # slow to load, and seldom needed

        try:
            process = psutil.Process(self.number)
            same = abs(float(process.create_time()) - self.started) < _SAME_START
            return same and str(process.status()) != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False
        except psutil.Error:  # another account's, about which the system says nothing
            return True


def this_process() -> ProcessMark:
    import psutil

    return ProcessMark(_host_mark(), os.getpid(), psutil.Process().create_time())


def _host_mark() -> str:
    """Where a process's number means something: this computer, and on Linux the container, which may have another's
    name."""
    name = re.sub(r"\W", "", platform.node())[:40]
    try:
        container = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:  # another system
        return name
    return name if container == _FIRST_PROCESSES else f"{name}_{container}"

"""Files and folders of ours that only this account may read: settings, logs, caches, what a model read of papers.

Papers under review are confidential, and so is what is decided about them. On Windows a profile's folders are private by themselves;
elsewhere the modes are set here whatever the umask says, and those of earlier versions' files when they are next written.

``replace`` writes a file beside its place first. What a process that was killed has left there is known by its ``mark``, this computer and
its process, and removed by the next that writes.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

FOLDER, FILE = 0o700, 0o600
_A_DAY = 86_400.0  # seconds after which what another computer has left is believed to be left
_MARK = re.compile(r"--(\w*)-(\d+)-")


def folder(path: Path) -> Path:
    """Make ``path`` and what is missing above it, for this account only; a folder that is there stays as it is. Raises OSError."""
    if not path.is_dir():
        if not path.parent.is_dir():
            folder(path.parent)
        path.mkdir(mode=FOLDER, exist_ok=True)
    return path


def opener(path: str, flags: int) -> int:
    """For ``open``: the file is this account's only, also one that was there."""
    descriptor = os.open(path, flags, FILE)
    if os.name != "nt":
        with contextlib.suppress(OSError):
            os.fchmod(descriptor, FILE)
    return descriptor


def append(path: Path) -> TextIO:
    """Open a log to write at its end. Raises OSError."""
    folder(path.parent)
    return open(path, "a", encoding="utf-8", errors="backslashreplace", opener=opener)


def replace(path: Path, data: bytes) -> None:
    """Write the file whole or not at all. Raises OSError."""
    folder(path.parent)
    remove_abandoned(path.parent, f".{path.name}")
    part = path.with_name(f".{path.name}{mark()}.part")
    try:
        with open(part, "wb", opener=opener) as file:
            file.write(data)
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def mark() -> str:
    """What a name needs so that it is known whose it is."""
    return f"--{_host()}-{os.getpid()}-"


@contextlib.contextmanager
def temporary_folder(prefix: str, place: Path) -> Iterator[Path]:
    """A folder in ``place`` for as long as the block lasts; what killed processes have left there goes first. Raises OSError.

    A signal that comes while it is made or removed leaves nothing either.
    """
    remove_abandoned(place, prefix)
    path = place / f"{prefix}{mark()}{secrets.token_hex(4)}"
    try:
        path.mkdir(mode=FOLDER)
        yield path
    finally:
        try:
            shutil.rmtree(path, ignore_errors=True)
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise


def remove_abandoned(place: Path, prefix: str) -> None:
    """Remove the files and folders in ``place`` with this prefix whose process is gone. Never raises."""
    with contextlib.suppress(OSError):
        for path in [path for path in place.iterdir() if path.name.startswith(prefix)]:
            if _abandoned(path, prefix):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    with contextlib.suppress(OSError):
                        path.unlink()


def _abandoned(path: Path, prefix: str) -> bool:
    found = _MARK.match(path.name, len(prefix))
    if found is None:
        return False
    if found[1] == _host():
        import psutil  # type: ignore[import-untyped]  # slow to load, and seldom needed

        return not psutil.pid_exists(int(found[2]))
    return time.time() - path.stat().st_mtime > _A_DAY


def _host() -> str:
    return re.sub(r"\W", "", platform.node())[:40]

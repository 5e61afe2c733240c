"""Temporary folders, known by computer and process: those of a process that was killed are removed by the next that
makes one.

The place is everyone's, so only a folder whose name has exactly the form given here, that is this account's and no
link, is taken for one.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .errors import ConvertError
from .place import explain_write_errors

_VARIABLE = "TMP" if os.name == "nt" else "TMPDIR"
ELSEWHERE = f"Make room on that disk, or name another folder for temporary files in {_VARIABLE}."
_PREFIX = ".leads-local-convert"
_MARK = re.compile(r"--(?P<host>\w*)-(?P<process>[0-9]{1,10})-[0-9a-f]{8}")
_HOST_NAMESPACE = 0xEFFFFFFC  # the number by which Linux knows the processes that are in no container


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder for as long as the block lasts. Raises ConvertError where there is no place for one."""
    place = _place()
    _remove_abandoned(place)
    path = place / f"{_PREFIX}--{_host()}-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        with explain_write_errors(path, ELSEWHERE):
            path.mkdir(mode=0o700)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def stream() -> Iterator[IO[bytes]]:
    """An open file without a name, for as long as the block lasts. Raises ConvertError as ``folder`` does."""
    with contextlib.ExitStack() as opened:
        with explain_write_errors(_place(), ELSEWHERE):
            file = opened.enter_context(tempfile.TemporaryFile())
        yield file


def _place() -> Path:
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError as error:  # it has tried to write in each folder that there is for such files
        raise ConvertError("No folder for temporary files can be written to.", ELSEWHERE) from error


def _remove_abandoned(place: Path) -> None:
    import psutil  # type: ignore[import-untyped, unused-ignore]

    for left in place.glob(f"{_PREFIX}--*"):
        found = _MARK.fullmatch(left.name, len(_PREFIX))
        if found and found["host"] == _host() and not psutil.pid_exists(int(found["process"])) and _our_folder(left):
            shutil.rmtree(left, ignore_errors=True)


def _our_folder(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:  # gone meanwhile
        return False
    return stat.S_ISDIR(found.st_mode) and (os.name == "nt" or found.st_uid == os.geteuid())


def _host() -> str:
    """Where a process's number means something: this computer, and on Linux the container, which may have another's
    name."""
    name = re.sub(r"\W", "", platform.node())[:40]
    try:
        container = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:  # another system
        return name
    return name if container == _HOST_NAMESPACE else f"{name}_{container}"

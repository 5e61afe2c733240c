"""Files as Windows treats them: one that is open (or mapped, here or in a child) is not renamed, replaced or removed;
one that may only be read is neither; a locked one is not read; some names can't be; text is in the code page."""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from tests.simulated_windows import locks

CODE_PAGE = "cp1252"
LONGEST = 259
"""Characters of a whole path, as long as the computer's owner has not allowed longer ones. Here it is counted without
the two that a drive adds."""
NO_NAME = re.compile(r'[<>:"|?*\x00-\x1f]|[ .]$', re.MULTILINE)
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])( *\..*)?")
SYSTEM = ("/proc/", "/dev/", "/sys/")
Patch = Callable[[Any, str, Any], None]


def refuse(path: Any, code: int = 32) -> PermissionError:
    """What Windows says, with its own number for it."""
    reasons = {
        5: "Access is denied",
        32: "The process cannot access the file because it is being used by another process",
    }
    error = PermissionError(13, reasons[code], str(path))
    error.winerror = code  # type: ignore[attr-defined, unused-ignore]
    return error


def is_open(path: Any, at: int | None = None) -> bool:
    """Whether this process, or one that it started, has the file open or mapped."""
    try:
        wanted = os.stat(path, dir_fd=at, follow_symlinks=False)
    except OSError:
        return False
    if not stat.S_ISREG(wanted.st_mode):
        return False
    return any(found == (wanted.st_dev, wanted.st_ino) for found in _open_files())


def _open_files() -> Iterator[tuple[int, int]]:
    try:
        processes = [os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))]
    except psutil.Error:
        processes = [os.getpid()]
    for process in processes:
        for kind in ("fd", "map_files"):
            with contextlib.suppress(OSError):
                for name in Path(f"/proc/{process}/{kind}").iterdir():
                    with contextlib.suppress(OSError):
                        found = name.stat()
                        yield found.st_dev, found.st_ino


def check_name(path: Any) -> None:
    """Raise what Windows raises where a path can't be one."""
    if isinstance(path, int):
        return
    text = os.fsdecode(path)
    whole = str(Path(text).absolute())
    if whole.startswith(SYSTEM):
        return
    if len(whole) > LONGEST:
        raise FileNotFoundError(2, "No such file or directory", text)
    for part in text.split("/"):
        if part in ("", ".", ".."):
            continue
        if NO_NAME.search(part):
            raise OSError(22, "Invalid argument", text)
        if DEVICES.fullmatch(part):
            raise FileNotFoundError(2, "No such file or directory (the name is a device's)", text)


def check_change(path: Any, at: int | None = None, *, open_is: int = 32) -> None:
    """Raise where Windows would not let the file be renamed, replaced or removed."""
    if is_open(path, at):
        raise refuse(path, open_is)
    try:
        mode = os.stat(path, dir_fd=at, follow_symlinks=False).st_mode
    except OSError:
        return
    if stat.S_ISREG(mode) and not mode & 0o200:
        raise refuse(path, 5)


def install(patch: Patch) -> None:
    _install_changes(patch)
    _install_opening(patch)


def _install_changes(patch: Patch) -> None:
    unlink, replace, rename, mkdir = os.unlink, os.replace, os.rename, os.mkdir

    def unlinked(path: Any, *, dir_fd: int | None = None) -> None:
        check_change(path, dir_fd)
        unlink(path, dir_fd=dir_fd)

    def replaced(source: Any, target: Any, **options: Any) -> None:
        check_name(target)
        check_change(source)
        check_change(target, open_is=5)
        replace(source, target, **options)

    def renamed(source: Any, target: Any, **options: Any) -> None:
        check_name(target)
        check_change(source)
        if os.path.lexists(target):
            raise FileExistsError(17, "Cannot create a file when that file already exists", str(target))
        rename(source, target, **options)

    def made(path: Any, *arguments: Any, **options: Any) -> None:
        check_name(path)
        mkdir(path, *arguments, **options)

    for name, function in {"unlink": unlinked, "remove": unlinked, "replace": replaced, "rename": renamed}.items():
        patch(os, name, function)
    patch(os, "mkdir", made)
    patch(shutil, "_use_fd_functions", False)  # folders can't be opened, so they are removed by their paths


def _install_opening(patch: Patch) -> None:
    opened, low = io.open, os.open

    def checked(
        file: Any, mode: str = "r", buffering: int = -1, encoding: str | None = None, *rest: Any, **options: Any
    ) -> Any:
        check_name(file)
        if "b" not in mode and encoding in (None, "locale"):
            encoding = CODE_PAGE
        found = opened(file, mode, buffering, encoding, *rest, **options)
        if not isinstance(file, int) and found.readable() and _is_locked(found):
            found.close()
            raise PermissionError(13, "Permission denied", str(file))
        return found

    def low_checked(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
        check_name(path)
        nameless = flags & os.O_TMPFILE == os.O_TMPFILE  # how tempfile makes its files here
        if isinstance(path, (str, Path)) and Path(path).is_dir() and not nameless:  # Windows opens no folder so
            raise PermissionError(13, "Permission denied", str(path))
        return low(path, flags, *arguments, **options)

    patch(io, "open", checked)
    patch(builtins, "open", checked)
    patch(os, "open", low_checked)


def _is_locked(file: Any) -> bool:
    try:
        return locks.is_locked(file.fileno())
    except (OSError, ValueError):
        return False

"""What a path leads to: whether a regular file stands there that may be read, and what it is called in a review.

A pipe or a device may never end, or keep its reader waiting, so it is refused without being opened. So is a file whose
content a service such as OneDrive or iCloud keeps elsewhere: opening it would have the service fetch it over the
network, and nothing that we do may cause that.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePath
from urllib.parse import unquote, unquote_to_bytes

from leads_local import windows_names
from leads_local.errors import InputError, LeadsError

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_SYSTEM_FOLDERS = ("/proc/", "/sys/")  # some of these never end, and none is a document
_ADDRESS = "file:///"
_WINDOWS_ELSEWHERE = 0x1000 | 0x40000 | 0x400000  # offline, recall on open, recall on data access
_MAC_ELSEWHERE = 0x40000000  # SF_DATALESS
ONLY_ONLINE = "it is only online, kept by OneDrive, iCloud or the like; make it available offline on this computer"


def name_of(path: str) -> str:
    """The name of a file whose path was stored, whichever system's path it was; of one in a ZIP, with the ZIP's."""
    if path.startswith(_ADDRESS):
        path = unquote(path, errors="replace")
    parts = PurePath(path.replace("\\", "/")).parts
    packed = next((place for place, part in enumerate(parts) if part.lower().endswith(".zip")), -1)
    return "/".join(parts[packed:])


def path_of(text: str) -> Path:
    """The path that was stored as ``text``: see ``path_text``."""
    if text.startswith(_ADDRESS):
        return Path(os.fsdecode(unquote_to_bytes(text.removeprefix("file://"))))
    return Path(text)


def path_text(path: Path) -> str:
    """The path as it is stored. One that is no Unicode, as old disks and archives have them, can't be: of that it is
    the address, ``file:///papers/M%FCller.pdf``, from which every byte comes back."""
    text = str(path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return path.absolute().as_uri()
    return text


def shown_name(path: Path) -> str:
    """The name of a file as a person sees it, with a replacement mark for what is no Unicode."""
    return name_of(path_text(path))


def on_disk(path: Path) -> Path:
    """The path by which the file is found and opened, where Windows lists it under a name that it does not take."""
    return windows_names.exact(path)


def size_in_words(size: int) -> str:
    """The ``size`` of a file, in bytes, for a person: ``4.37 GB``, ``4.1 MB``, ``9 kB``."""
    if size < 1e5:
        return f"{max(1, round(size / 1e3))} kB"
    return f"{size / 1e9:.2f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"


def is_online_only(found: os.stat_result) -> bool:
    """Whether a file or a folder is only listed here, and reading it would have a sync service fetch it."""
    windows, mac = getattr(found, "st_file_attributes", 0), getattr(found, "st_flags", 0)
    return bool(windows & _WINDOWS_ELSEWHERE or mac & _MAC_ELSEWHERE)


def why_unreadable(path: Path, wanted: str = "a file") -> str:
    """Why there is no file to read at ``path``: "there is no such file", "this is a pipe, not ``wanted``"; "" where
    there is one."""
    try:
        found = path.stat()
    except (FileNotFoundError, ValueError):  # a name that can't be one, with a zero byte, is a ValueError
        return _why_missing(path)
    except OSError as error:
        return f"it can't be read: {error.strerror}"
    kind = next((name for is_kind, name in _KINDS if is_kind(found.st_mode)), "")
    if kind:
        return f"this is {kind}, not {wanted}"
    if os.path.realpath(path).startswith(_SYSTEM_FOLDERS):
        return f"the system makes this up as it is read; it is not {wanted}"
    if is_online_only(found):
        return ONLY_ONLINE
    return ""


def _why_missing(path: Path) -> str:
    try:
        if path.is_symlink():
            return f"it is a link to {path_text(path.readlink())}, and nothing is there"
        if on_disk(path) != path and on_disk(path).exists():
            why = windows_names.why_not(path) or "its path is too long for Windows"
            return f"{why}; rename it, or move it to a folder with a shorter path"
    except (OSError, ValueError):
        return "there is no such file"
    return "there is no such file"


def require_file(path: Path, wanted: str, hint: str, error: type[LeadsError] = InputError) -> None:
    """Raise ``error`` with the sentence of ``why_unreadable`` unless a file stands at ``path``."""
    if wrong := why_unreadable(path, wanted):
        raise error(f"{path}: {wrong}.", hint)

r"""Names that Windows does not take, and the way to files that have one all the same.

A disk that a Mac, an archive or a sync client has filled can hold paths of more than 259 characters, names of devices
(``aux.pdf``) and names that end with a dot or a space. Windows lists them and then says that there are none. Behind
``\\?\`` it takes a path as it stands; that is used only where the plain path would fail, so that what works is left
alone. On other systems nothing here does anything.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

LONGEST = 259
"""Characters of a whole path, as Windows counts them, unless the computer's owner has allowed longer ones."""

_EXACT = "\\\\?\\"
_LISTED = 12  # characters that a folder's path must leave for the names in it
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]')
_PARTING = re.compile(r"[/\\\x7f-\x9f\ud800-\udfff]")
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\..*)?")


def exact(path: Path) -> Path:
    """The path by which Windows finds what it lists there; ``path`` itself wherever that does."""
    if os.name != "nt" or str(path).startswith(_EXACT):
        return path
    whole = os.path.normpath(path.absolute())
    if length(whole) <= LONGEST - _LISTED and not any(map(why_no_part, _parts(path))):
        return path
    return Path(exact_text(whole))


def exact_text(whole: str) -> str:
    r"""``C:\x`` as ``\\?\C:\x`` and ``\\server\share\x`` as ``\\?\UNC\server\share\x``."""
    return f"{_EXACT}UNC{whole[1:]}" if whole.startswith("\\\\") else _EXACT + whole


def why_not(path: Path, room: int = 0) -> str:
    """Why Windows can't make a file or folder of this path, in a half sentence; "" where it can. ``room`` is the number
    of characters that will stand behind it."""
    if os.name != "nt":
        return ""
    reasons = (f"“{part}” {why}" for part in _parts(path) if (why := why_no_part(part)))
    return next(reasons, "") or why_too_long(path, room)


def why_too_long(path: Path, room: int = 0) -> str:
    """The same for the length alone."""
    characters = length(str(path.absolute())) + room
    if os.name != "nt" or characters <= LONGEST or long_paths_allowed(path):
        return ""
    inside = f", with the {room} of the files in it," if room else ""
    return f"its path{inside} has {characters} characters, and Windows has room for {LONGEST}"


def long_paths_allowed(path: Path) -> bool:
    """Whether Windows takes longer paths from this program: as they stand, or since its owner has allowed them."""
    if str(path.absolute()).startswith(_EXACT):
        return True
    import ctypes

    with contextlib.suppress(OSError, AttributeError):  # before Windows 10
        return bool(ctypes.WinDLL("ntdll").RtlAreLongPathsEnabled() & 0xFF)  # type: ignore[attr-defined, unused-ignore]
    return False


def length(path: str) -> int:
    """How many characters Windows counts, which are those of UTF-16."""
    return len(path.encode("utf-16-le", "surrogatepass")) // 2


def portable_name(text: str, longest: int = 80) -> str:
    """A name for a file, from any text, that Windows takes and every other system, too: at most ``longest`` characters
    as Windows counts them."""
    clean = " ".join(_PARTING.sub("_", _FORBIDDEN.sub("_", text)).split())
    while length(clean) > longest:
        clean = clean[:-1]
    clean = clean.rstrip(". ") or "_"
    return f"_{clean}"[:longest] if _DEVICES.fullmatch(clean) else clean


def _parts(path: Path) -> tuple[str, ...]:
    return tuple(part for part in path.parts if part not in (path.anchor, "..", "."))


def why_no_part(name: str) -> str:
    """Why Windows has no file of this name, in a half sentence about it; "" where it has."""
    if _DEVICES.fullmatch(name):
        return "is the name of a device in Windows"
    if name[-1] in ". ":
        return f"ends with a {'dot' if name[-1] == '.' else 'space'}, which Windows has in no name"
    if found := _FORBIDDEN.search(name):
        sign = found.group() if found.group().isprintable() else "control character"
        return f"has a {sign} in it, which Windows has in no name"
    return ""

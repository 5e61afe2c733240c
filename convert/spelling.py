"""One file by several spellings of its name.

Windows and macOS open ``Demo.gguf`` for ``demo.gguf``, and macOS for either way to write an umlaut: as one character
(NFC), or as a letter and its dots (NFD), which is also what lists of files copied from there hold. So a name in a list
is compared with a file by what the disk says, never by its letters alone.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection
from pathlib import Path


def is_alike(one: str, other: str) -> bool:
    """Whether two names may be one file's, on some disk."""
    return _composed(one).casefold() == _composed(other).casefold()


def listed_name(names: Collection[str], file: Path) -> str:
    """Which of ``names``, of files in the same folder, is the one of ``file``; "" for none. Its own spelling comes
    first."""
    if file.name in names:
        return file.name
    for name in names:
        if is_alike(name, file.name):
            listed = file.with_name(name)
            moved = _composed(name) == _composed(file.name) and not os.path.lexists(listed)
            if moved or is_same_file(listed, file):
                return name
    return ""


def is_same_file(one: Path, other: Path) -> bool:
    """Whether both names are there and open the same file."""
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)

"""Names that a review can have, and under which spelling it is found.

A review needs room for more than its own name: what SQLite and this program put beside it is called as it is, and more.
Where the longest of these doesn't fit, the first commit or the first copy would fail, so a new review is refused. Some
names are no files' on Windows, or not the ones that were typed: ``NUL.leads`` is a device, ``a:b`` a hidden part of
``a``. And some letters can be written in two ways: Macs and archives made by them write ü as u and two dots.
"""

from __future__ import annotations

import contextlib
import os
import unicodedata
from pathlib import Path

from leads_local import windows_names

_LONGEST_PATH_OF_SQLITE = 512  # bytes of a whole path elsewhere
_LONGEST_NAME = 255  # characters of one name on Windows; bytes of one elsewhere
JOURNAL = "-journal"
"""What SQLite puts beside a review for the time of each change."""
_LONGEST_BESIDE = ".copies/.2026-01-01-000000-with-unfinished-changes-9.leads-12345678.part-journal"
"""The longest ending of all that lies beside a review now and then: a copy being made, and its journal."""
_LONGEST_ENDING = ".rescued-2026-01-01-000000-9.put-back.jsonl"  # the longest in the same folder


def why_unfit(path: Path) -> str:
    """Why no review can be made at ``path`` for its name, "" where it can."""
    if wrong := why_no_name(path.name):
        return wrong
    if (excess := _length(path.name + _LONGEST_ENDING) - _LONGEST_NAME) > 0:
        return f"its name is too long by {excess} characters"
    return why_too_long(path, _LONGEST_BESIDE)


def why_too_long(path: Path, ending: str = JOURNAL) -> str:
    """Why there is no room for the path of what is called as ``path`` with ``ending``, "" where there is."""
    excess = _length(str(path.absolute()) + ending) - (
        windows_names.LONGEST if os.name == "nt" else _LONGEST_PATH_OF_SQLITE
    )
    if excess <= 0 or (os.name == "nt" and windows_names.long_paths_allowed(path)):
        return ""
    return f"its name together with its folder's is too long by {excess} characters"


def why_no_name(name: str) -> str:
    """Why a file can't have this name on this system, "" where it can."""
    return f"“{name}” {why}" if os.name == "nt" and (why := windows_names.why_no_part(name)) else ""


def _length(text: str) -> int:
    """As the system counts: Windows in units of UTF-16, others in bytes."""
    return windows_names.length(text) if os.name == "nt" else len(os.fsencode(text))


# ---------------------------------------------------------------- spellings


def find_spelling(path: Path) -> Path:
    """``path``, or the one that is there where only its letters are put together otherwise (ü, or u and two dots)."""
    with contextlib.suppress(OSError, ValueError):
        if str(path).isascii() or os.path.lexists(path) or path.parent == path:
            return path
        folder = find_spelling(path.parent)
        alike = [one for one in folder.iterdir() if _composed(one.name) == _composed(path.name)]
        return alike[0] if len(alike) == 1 else folder / path.name
    return path


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)

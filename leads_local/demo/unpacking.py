"""The sample's files on the disk, some of which a person may have open while the demo runs again.

What is there already as it should be is left alone, so that a paper that a reader has open stops nothing, not even on
Windows, where an open file can't be replaced.
"""

from __future__ import annotations

from pathlib import Path

from leads_local import files, private, windows_names
from leads_local.errors import InputError

_LONGEST_INSIDE = 100  # characters of the longest path that a run makes in its folder


def check_folder(folder: Path) -> None:
    """Raise InputError where no sample can be unpacked for the folder's name, or since it is a file."""
    wrong = windows_names.why_not(folder, room=_LONGEST_INSIDE)
    if not wrong and folder.exists() and not folder.is_dir():
        wrong = "it is a file"
    if wrong:
        raise InputError(
            f"The sample review can't be written to {folder}: {wrong}.", "Choose another folder with --out."
        )


def put_file(path: Path, data: bytes) -> Path:
    """Write the file, whole or not at all. Raises InputError where it is open in another program, else OSError."""
    if not files.why_unreadable(path) and path.read_bytes() == data:
        return path
    try:
        private.replace_file(path, data)
    except PermissionError as error:
        if not path.exists():
            raise
        raise InputError(
            f"{path} can't be replaced.", "It is probably open in another program: close it there and try again."
        ) from error
    return path

"""A ZIP of citation files: each file in it is a source of its own, called ``a.zip/b.ris``.

What a ZIP calls its files is only a name: nothing is ever written, so that no name leads anywhere.
"""

from __future__ import annotations

import zipfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from leads_local import files
from leads_local.citations import source, workbooks, zip_parts
from leads_local.citations.formats.column_roles import NOTHING_SAID, ColumnChoice
from leads_local.citations.source import SourceFile
from leads_local.errors import InputError

_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_MOST_FILES = 1_000
_DOCUMENTS = frozenset(("xl/workbook.xml", "xl/workbook.bin", "word/document.xml", "mimetype"))
"""Parts by which a ZIP is a document of a program."""
_OF_THE_SYSTEM = ("__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a ZIP. ``path`` is the ZIP's path with the file's name below it."""

    path: Path
    parts: zipfile.ZipFile
    part: zipfile.ZipInfo

    def read(self, choice: ColumnChoice = NOTHING_SAID) -> SourceFile:
        """Read it as ``read_file`` reads a file. Raises InputError as that does."""
        source.check_memory(self.path, self.part.file_size)
        data = zip_parts.unpack(self.parts, self.part, str(self.path))
        if data.startswith(_STARTS) and not workbooks.format_of(data):
            raise InputError(
                f"{self.path} is a ZIP file in a ZIP file.", "Unpack it and import the files that it holds."
            )
        return source.read_bytes(data, self.path, choice)


def is_archive(path: Path) -> bool:
    """Whether a ZIP file stands there that is no document of a program (XLSX, ODS, DOCX)."""
    found = files.on_disk(path)
    if files.why_unreadable(found):
        return False
    try:
        with found.open("rb") as start:
            if start.read(4) not in _STARTS:
                return False
        with zipfile.ZipFile(found) as parts:
            return _DOCUMENTS.isdisjoint(parts.namelist())
    except OSError:
        return False
    except zipfile.BadZipFile:
        return path.suffix.lower() == ".zip"  # damaged, which is said when it is opened


def members(path: Path) -> Generator[Member, None, None]:
    """The files of a ZIP, in its order; folders and what systems add by themselves are none. Raises InputError where it
    is damaged, holds no file, holds or unpacks to too much, or is larger than the memory."""
    found_at = files.on_disk(path)
    try:
        source.check_memory(path, found_at.stat().st_size)
        data = found_at.read_bytes()
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}.", "Close it in other programs.") from error
    with zip_parts.open_parts(data, str(path)) as parts:
        found = [(part, name) for part in parts.infolist() if (name := _safe_name(part))]
        if not found:
            raise InputError(f"{path} holds no files.", "Import the exports themselves.")
        if len(found) > _MOST_FILES:
            raise InputError(
                f"{path} holds {len(found):,} files; at most {_MOST_FILES:,} are imported at once.",
                "Unpack it and import the files that are exports.",
            )
        for part, name in found:
            yield Member(path / name, parts, part)


def _safe_name(part: zipfile.ZipInfo) -> PurePosixPath | None:
    """The name of a file, without what would lead out of the ZIP; None of what is no export at all."""
    name = PureWindowsPath(part.filename.replace("\\", "/"))
    kept = [one for one in name.relative_to(name.anchor).parts if one not in ("..", ".")]
    if part.is_dir() or not kept or any(one in _OF_THE_SYSTEM or one.startswith(".") for one in kept):
        return None
    return PurePosixPath(*kept)

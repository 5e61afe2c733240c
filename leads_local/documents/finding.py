"""The PDFs of a folder, and whatever in it may be a paper and was passed over, with the reason.

A paper that is left out unsaid would be missing from a review without anybody knowing. So a folder that can't be
listed, a link that leads nowhere or out of the folder, a download that has not finished and a file that is only online
are named. Nothing is opened here.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from leads_local import files
from leads_local.errors import InputError

_NAMED = 5  # of what is passed over, in the error where there is nothing else
_SYSTEM_FOLDERS = frozenset(
    {
        *("$RECYCLE.BIN", "System Volume Information", "__MACOSX", ".Trash", ".Trashes", ".Spotlight-V100"),
        *(".fseventsd", ".TemporaryItems", ".DocumentRevisions-V100"),
    }
)
_UNFINISHED = (".pdf.crdownload", ".pdf.download", ".pdf.part", ".pdf.partial", ".pdf.opdownload")
_IN_ICLOUD = ".pdf.icloud"
_MAC_COMPANION = "._"
_JUNCTION = 0xA0000003  # how Windows marks a folder that is another one's content


@dataclass(frozen=True, slots=True)
class PassedOver:
    """``why`` is a half sentence. ``expected``: that is as it should be, and no paper is missing for it."""

    path: Path
    why: str
    expected: bool = False


@dataclass(frozen=True, slots=True)
class FoundPdfs:
    """Both in the order of their names; what is passed over as expected comes last."""

    papers: tuple[Path, ...]
    passed_over: tuple[PassedOver, ...] = ()


def find_pdfs(folder: Path) -> FoundPdfs:
    """Every file under ``folder`` (or the one file that it is) whose name ends in .pdf.

    Raises InputError when there is no such folder or no PDF in it.
    """
    if not files.why_unreadable(files.on_disk(folder)):
        return FoundPdfs((folder,))
    if not _is_folder(folder):
        wrong = files.why_unreadable(files.on_disk(folder), "a folder").replace("no such file", "no such folder")
        raise InputError(f"{folder}: {wrong}.", "Name the folder that holds the PDF files.")
    walk = _Walk(folder)
    found = FoundPdfs(tuple(sorted(walk.papers)), (*sorted(walk.passed_over, key=_place), *walk.expected()))
    if not found.papers:
        reasons = [f"{one.path}: {one.why}" for one in found.passed_over if not one.expected]
        more = f" and {len(reasons) - _NAMED} more" if len(reasons) > _NAMED else ""
        why = f" that can be read: {'; '.join(reasons[:_NAMED])}{more}" if reasons else ""
        raise InputError(
            f"{folder} holds no PDF files{why}.",
            "Name the folder that holds them; their names must end in .pdf.",
        )
    return found


def _is_folder(path: Path) -> bool:
    with contextlib.suppress(OSError):  # one above it may not be looked into
        return files.on_disk(path).is_dir()
    return False


def _place(one: PassedOver) -> Path:
    return one.path


class _Walk:
    """Goes through a folder and those in it, each once."""

    def __init__(self, folder: Path) -> None:
        self.papers: list[Path] = []
        self.passed_over: list[PassedOver] = []
        self._folder, self._root = folder, os.path.realpath(files.on_disk(folder))
        self._companions = 0
        self._hidden: list[str] = []
        waiting = [folder]
        while waiting:
            waiting += self._list(waiting.pop())

    def expected(self) -> list[PassedOver]:
        """What nobody takes for a paper, counted."""
        found = []
        if self._companions:
            why = f"passed over {self._companions} × “._….pdf”: Macs write these beside files, and no paper is in them"
            found.append(PassedOver(self._folder, why, expected=True))
        if self._hidden:
            names = ", ".join(sorted(self._hidden)[:_NAMED]) + (", …" if len(self._hidden) > _NAMED else "")
            found.append(PassedOver(self._folder, f"passed over what is hidden: {names}", expected=True))
        return found

    def _list(self, folder: Path) -> list[Path]:
        """Look at what is in one folder; returns the folders among it."""
        inner: list[Path] = []
        try:
            with os.scandir(files.on_disk(folder)) as listed:
                for entry in listed:
                    if self._is_to_be_listed(folder / entry.name, entry):
                        inner.append(folder / entry.name)
        except OSError as error:
            self._pass_over(folder, f"this folder can't be listed: {error.strerror}")
        return inner

    def _is_to_be_listed(self, path: Path, entry: os.DirEntry[str]) -> bool:
        """Take the entry in where it is a file; True where it is a folder whose content is to be looked at."""
        try:
            is_folder = entry.is_dir()
            if not is_folder:
                self._take_file(path, entry)
                return False
            if entry.name in _SYSTEM_FOLDERS:
                return False
            return self._may_enter(path, entry)
        except OSError as error:  # a link that leads back to itself, a disk that has gone
            self._pass_over(path, f"it can't be read: {error.strerror}")
            return False

    def _may_enter(self, path: Path, entry: os.DirEntry[str]) -> bool:
        if entry.is_symlink() or getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) == _JUNCTION:
            target = os.path.realpath(files.on_disk(path))
            if not Path(target).is_relative_to(self._root):
                self._pass_over(path, f"this is a link to the folder {files.path_text(Path(target))}; name that, too")
            return False
        if files.is_online_only(entry.stat()):
            self._pass_over(path, files.ONLY_ONLINE)
        elif entry.name.lower().endswith(_UNFINISHED):
            self._pass_over(path, "this download has not finished")
        else:
            return True
        return False

    def _take_file(self, path: Path, entry: os.DirEntry[str]) -> None:
        name = entry.name.lower()
        if name.startswith(_MAC_COMPANION):
            self._companions += name.endswith(".pdf")
        elif name.endswith(_IN_ICLOUD):
            self._pass_over(path, files.ONLY_ONLINE)
        elif name.endswith(_UNFINISHED):
            self._pass_over(path, "this download has not finished")
        elif name.startswith("."):
            self._hidden += [files.shown_name(path)] if name.endswith(".pdf") else []
        elif name.endswith(".pdf"):
            wrong = self._why_unreadable(path, entry)
            if wrong:
                self._pass_over(path, wrong)
            else:
                self.papers.append(path)
        elif entry.is_symlink() and not files.on_disk(path).exists():
            self._pass_over(path, files.why_unreadable(files.on_disk(path)))

    def _why_unreadable(self, path: Path, entry: os.DirEntry[str]) -> str:
        """As the listing says, which on Windows knows more than the file itself, and as the file does."""
        if not entry.is_symlink() and files.is_online_only(entry.stat()):
            return files.ONLY_ONLINE
        return files.why_unreadable(files.on_disk(path), "a PDF file")

    def _pass_over(self, path: Path, why: str) -> None:
        self.passed_over.append(PassedOver(path, why))

"""Marked copies and pictures of PDFs, made by a worker process as the files are foreign: what one of them does to it is
that file's problem, and the next goes to a fresh one."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from leads_local.documents import marks
from leads_local.documents.child import GIB, PdfChild
from leads_local.documents.marks import Bookmark, Mark, MarkedCopy, PagePicture, PageView

_WORKER = "leads_local.documents.marking_worker"
_TIMEOUT, _MEMORY = 120.0, 3 * GIB  # of one file: seconds awake, bytes
_POLL = 0.05
_CRASHED = "the program that draws PDFs crashed on it; it is probably damaged."


class Marker:
    """Use in a ``with`` block, which ends the worker."""

    def __init__(self) -> None:
        self._child = PdfChild(_WORKER, _TIMEOUT, _MEMORY, "marking it")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.close()

    def copy(
        self,
        source: Path,
        sha256: str,
        target: Path,
        wanted: Sequence[Mark],
        bookmarks: Sequence[Bookmark] = (),
        cover_note: str = "",
    ) -> MarkedCopy:
        """A copy of the file, which must have this SHA-256, with marks, bookmarks and a note on its first page. Nothing
        is raised for a file: the answer has the problem, and then there is no ``target``."""
        request = marks.ask_for_copy(str(source), sha256, str(target), wanted, bookmarks, cover_note)
        try:
            found = marks.read_copy(self._ask(request))
        except ValueError:
            found = MarkedCopy(problem=self._failed())
        if found.problem:
            target.unlink(missing_ok=True)  # what a worker that was ended has left
        return found

    def pictures(self, source: Path, sha256: str, views: Sequence[PageView]) -> list[PagePicture]:
        """A picture for each view, in their order; each without one has its problem."""
        if not views:
            return []
        try:
            found, problem = marks.read_pictures(self._ask(marks.ask_for_pictures(str(source), sha256, views)))
        except ValueError:
            found, problem = [], self._failed()
        return found if len(found) == len(views) else [PagePicture(problem=problem or _CRASHED)] * len(views)

    def _failed(self) -> str:
        why = self._child.why
        self._child.end()
        return why or _CRASHED

    def _ask(self, request: bytes) -> bytes:
        """The answer, b"" where the worker has none or could not be started. In a thread, so that limits and Ctrl-C are
        heard meanwhile."""
        answers: list[bytes] = []

        def ask() -> None:
            try:
                answers.append(self._child.ask(request))
            except OSError:
                return

        thread = threading.Thread(target=ask, name="pdf-marker", daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(_POLL)
            self._child.watch()
        return answers[0] if answers else b""

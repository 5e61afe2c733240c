"""Pages that are pictures, read by OCR in worker processes, each page with a time and a memory limit of its own.

A page that crashes the engine, hangs it or eats the memory is not read, and the next one goes to a fresh worker.
Leaving the ``with`` block early ends all workers at once.
"""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from leads_local.documents import ocr
from leads_local.documents.child import GIB, PdfChild
from leads_local.documents.ocr import OcrPage
from leads_local.documents.tesseract import ENGLISH
from leads_local.errors import InputError
from leads_local.records import Document

_WORKER = "leads_local.documents.ocr_worker"
_TIMEOUT, _MEMORY = 180.0, 3 * GIB  # of one page: seconds awake, bytes
_POLL = 0.05
_CRASHED = "the OCR crashed on it."


class OcrReader:
    """Use in a ``with`` block, which ends the workers. ``languages``: Tesseract's names, ``eng+deu`` say."""

    def __init__(
        self, languages: str = ENGLISH, workers: int | None = None, timeout: float = _TIMEOUT, memory: int = _MEMORY
    ) -> None:
        """``workers``: how many processes (default: one less than the processors, at most 4); ``timeout`` seconds awake
        and ``memory`` bytes are the limits of one page."""
        self._languages = languages
        count = workers or max(1, min(4, (os.cpu_count() or 2) - 1))
        self._children = [PdfChild(_WORKER, timeout, memory, "reading a page of it by OCR") for _ in range(count)]
        self.engine = ""

    def __enter__(self) -> Self:
        """Raises InputError where there is no OCR here, or not for these languages."""
        told: dict[str, str] = {}
        try:
            with suppress(ValueError):
                told = json.loads(self._asked(json.dumps({"languages": self._languages}).encode("ascii")))
        except BaseException:
            self.close()
            raise
        self.engine, problem = told.get("name", ""), told.get("problem", "")
        if not self.engine:
            self.close()
            raise InputError(problem or "The program that reads by OCR could not be started, or crashed.")
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _asked(self, request: bytes) -> bytes:
        """The first worker's answer; b"" for none. In a thread, so that limits and Ctrl-C are heard meanwhile."""
        answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        child = self._children[0]

        def ask() -> None:
            try:
                answers.put(child.ask(request))
            except OSError:
                answers.put(b"")

        threading.Thread(target=ask, daemon=True, name="ocr-reader").start()
        while True:
            try:
                return answers.get(timeout=_POLL)
            except queue.Empty:
                child.watch()

    def close(self) -> None:
        """End the workers."""
        for child in self._children:
            child.close()

    def read(
        self, document: Document, path: Path, progress: Callable[[int, int], None] | None = None
    ) -> tuple[Document, list[OcrPage]]:
        """The document, which was read from ``path``, with those of its pages that OCR could make anything of, and the
        pages that failed with why. ``progress(done, total)`` is called after each page."""
        wanted = ocr.pages_to_read(document)
        found = self._read_pages(path, document.sha256, wanted, progress or (lambda done, total: None))
        failed = [page for page in found if page.problem]
        return ocr.add_pages(document, found, self.engine), failed

    def _read_pages(
        self, path: Path, sha256: str, wanted: Sequence[int], progress: Callable[[int, int], None]
    ) -> list[OcrPage]:
        waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in wanted:
            waiting.put(number)
        answers: queue.SimpleQueue[OcrPage] = queue.SimpleQueue()

        def serve(child: PdfChild) -> None:
            try:
                while True:
                    answers.put(self._read_page(child, path, sha256, waiting.get_nowait()))
            except queue.Empty:
                return

        threads = [
            threading.Thread(target=serve, args=(child,), daemon=True, name="ocr-reader") for child in self._children
        ]
        for thread in threads:
            thread.start()
        found: list[OcrPage] = []
        try:
            while len(found) < len(wanted):
                try:
                    found.append(answers.get(timeout=_POLL))
                except queue.Empty:
                    for child in self._children:
                        child.watch()
                    continue
                progress(len(found), len(wanted))
        except BaseException:  # whoever asked has enough of it
            with suppress(queue.Empty):
                while True:
                    waiting.get_nowait()
            self.close()
            raise
        finally:
            for thread in threads:
                thread.join()
        return sorted(found, key=lambda page: page.number)

    def _read_page(self, child: PdfChild, path: Path, sha256: str, number: int) -> OcrPage:
        asked = {"path": str(path), "sha256": sha256, "page": number, "languages": self._languages}
        try:
            return ocr.loads(child.ask(json.dumps(asked).encode("ascii")))
        except OSError as error:
            return OcrPage(number, problem=f"no process could be started to read it ({error}).")
        except ValueError:
            why = child.why
            child.end()
            return OcrPage(number, problem=why or _CRASHED)

"""Many PDFs read by worker processes, each file with a time and a memory limit of its own.

A file that crashes MuPDF, hangs it or eats the memory is a Document with that as its problem; the next file goes to a
fresh worker. Documents come in the order of the paths, so that two runs give the same review. Closing the iterator
early ends all workers at once. Workers are plain subprocesses with pipes: that is the same on Linux, macOS and Windows,
and never imports the caller's main script again.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from leads_local import files
from leads_local.documents import reader, serialization
from leads_local.documents.child import GIB, PdfChild
from leads_local.records import Document

_WORKER = "leads_local.documents.worker"
_AHEAD = 4  # finished documents kept waiting for their turn, for each worker
_POLL = 0.1


class _Worker(PdfChild):
    """One child process that reads."""

    def __init__(self, timeout: float, memory: int) -> None:
        super().__init__(_WORKER, timeout, memory, "reading it")

    def read(self, path: Path) -> Document:
        """Have the child read one file. Its death is the document's problem."""
        answer = self.ask(json.dumps(str(path)).encode("ascii"))
        try:
            return serialization.loads(answer)
        except ValueError:
            why = self.why
            self.end()
            return _failed_document(
                path, why or "the PDF reader crashed on this file; it is probably damaged. Get another copy of it."
            )


def _failed_document(path: Path, why: str) -> Document:
    return Document(
        path=files.path_text(path), sha256=reader.digest_or_empty(path), problem=f"{files.shown_name(path)}: {why}"
    )


class _Pool:
    """Worker threads that take paths in order and put documents in their places."""

    def __init__(self, paths: list[Path], workers: list[_Worker]) -> None:
        self._paths, self._workers = paths, workers
        self._done: dict[int, Document] = {}
        self._next = self._given = 0
        self._changed = threading.Condition()
        self._stop = False

    def run(self) -> Iterator[Document]:
        threads = [
            threading.Thread(target=self._serve, args=(w,), daemon=True, name="pdf-reader") for w in self._workers
        ]
        threads.append(threading.Thread(target=self._guard, daemon=True, name="pdf-guard"))
        for thread in threads:
            thread.start()
        try:
            while self._given < len(self._paths):
                with self._changed:
                    while not self._changed.wait_for(lambda: self._given in self._done, _POLL):
                        continue  # without a limit, Ctrl-C would not be heard on Windows until a paper is read
                    document = self._done.pop(self._given)
                    self._given += 1
                    self._changed.notify_all()
                yield document
        finally:
            with self._changed:
                self._stop = True
                self._changed.notify_all()
            for worker in self._workers:
                worker.close()
            for thread in threads:
                thread.join()

    def _serve(self, worker: _Worker) -> None:
        ahead = _AHEAD * len(self._workers)
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._stop or self._next >= len(self._paths) or self._next < self._given + ahead
                )
                if self._stop or self._next >= len(self._paths):
                    return
                place = self._next
                self._next += 1
            try:
                document = worker.read(self._paths[place])
            except (
                Exception
            ) as error:  # no process could be started, say; the file keeps its reason and the rest goes on
                document = _failed_document(self._paths[place], f"no process could be started to read it ({error}).")
            with self._changed:
                self._done[place] = document
                self._changed.notify_all()

    def _guard(self) -> None:
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: self._stop, timeout=_POLL):
                    return
            for worker in self._workers:
                worker.watch()


def read_many(
    paths: Iterable[str | Path],
    workers: int | None = None,
    timeout: float = 120.0,
    memory: int = 3 * GIB,
    progress: Callable[[int, int, str], None] | None = None,
) -> Iterator[Document]:
    """Read PDFs in worker processes; one Document for each path, in the order of ``paths``.

    ``workers`` is the number of processes (default: one less than the processors, at most 4); ``timeout`` seconds
    awake and ``memory`` bytes are the limits of one file. ``progress(done, total, file name)`` is called in the
    caller's thread before each document is given. Nothing is raised for a file. Close the iterator (or exhaust it) to
    end the workers.
    """
    found = [Path(path) for path in paths]
    if not found:
        return
    count = min(workers or max(1, min(4, (os.cpu_count() or 2) - 1)), len(found))
    pool = _Pool(found, [_Worker(timeout, memory) for _ in range(count)])
    documents = pool.run()
    try:
        for done, document in enumerate(documents, start=1):
            if progress is not None:
                progress(done, len(found), files.name_of(document.path))
            yield document
    finally:
        documents.close()  # type: ignore[attr-defined]

"""Many PDFs read by worker processes, each file with a time and a memory limit of its own.

A file that crashes MuPDF, hangs it or eats the memory is a Document with that as its problem; the next file goes to a
fresh worker. Documents come in the order of the paths, so that two runs give the same review. Closing the iterator
early ends all workers at once. Workers are plain subprocesses with pipes: that is the same on Linux, macOS and Windows,
and never imports the caller's main script again.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from leads_local import awake_clock, children, files, lifeline
from leads_local.documents import reader, serialization
from leads_local.family import ProcessTree
from leads_local.records import Document

_WORKER = "leads_local.documents.worker"
_AHEAD = 4  # finished documents kept waiting for their turn, for each worker
_POLL = 0.1
GIB = 1 << 30


class _Worker:
    """One child process and why it was ended, if it was."""

    def __init__(self, timeout: float, memory: int) -> None:
        self._timeout, self._memory = timeout, memory
        self._process: subprocess.Popen[bytes] | None = None
        self._family: ProcessTree | None = None
        self._deadline = float("inf")
        self._why = ""
        self._lock = threading.Lock()
        self._closed = False

    def read(self, path: Path) -> Document:
        """Have the child read one file. Its death is the document's problem."""
        process = self._started()
        with self._lock:
            self._why, self._deadline = "", awake_clock.seconds() + self._timeout
        answer = b""
        try:
            stdin, stdout = _pipes(process)
            stdin.write(json.dumps(str(path)).encode("ascii") + b"\n")
            stdin.flush()
            answer = stdout.readline()
        except OSError:
            answer = b""
        with self._lock:
            self._deadline = float("inf")
            why = self._why
        try:
            return serialization.loads(answer)
        except ValueError:
            self.end()
            return _failed_document(
                path, why or "the PDF reader crashed on this file; it is probably damaged. Get another copy of it."
            )

    def watch(self) -> None:
        """End the child if it is over a limit."""
        with self._lock:
            process, family = self._process, self._family
            if process is None or family is None or process.poll() is not None or self._deadline == float("inf"):
                return
            if awake_clock.seconds() > self._deadline:
                self._why = (
                    f"reading it took more than {self._timeout:.0f} seconds and was given up. Split the file or "
                    "print it to a "
                    "new PDF."
                )
            elif family.resident_bytes() > self._memory:
                self._why = (
                    f"reading it took more than {self._memory / GIB:.1f} GiB of memory and was given up. Split the "
                    "file."
                )
            else:
                return
            family.kill()

    def close(self) -> None:
        """End the child for good."""
        with self._lock:
            self._closed = True
        self.end()

    def end(self) -> None:
        """End the child; the next file gets a fresh one."""
        with self._lock:
            process, self._process = self._process, None
            family, self._family = self._family, None
        if process is None or family is None:
            return
        family.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was still buffered for a dead child
                    continue

    def _started(self) -> subprocess.Popen[bytes]:
        if (process := self._process) is not None and process.poll() is not None:  # it ended between two files
            self.end()
        with self._lock:
            if self._closed:
                raise OSError("reading was ended")
            if self._process is None:
                command = children.command(_WORKER, str(self._timeout), str(self._memory))
                flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
                self._process = lifeline.start_child(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=children.environment(),
                    creationflags=flags,
                )
                self._family = ProcessTree(self._process)
            return self._process


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise OSError("the worker has no pipes")
    return process.stdin, process.stdout


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

"""SHA-256 of files: at once, or of the source files by a thread of its own while they are being read anyway."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

CHUNK = 8 << 20


def sha256(path: Path, step: Callable[[int], None] = lambda _: None) -> str:
    """The file's SHA-256 in hexadecimal; ``step`` is told of the bytes done since the last call."""
    found = hashlib.sha256()
    buffer = bytearray(CHUNK)
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            found.update(memoryview(buffer)[:count])
            step(count)
    return found.hexdigest()


class _Stopped(Exception):
    pass


class SourceHashes:
    """Hashes files one after the other in the background. Leaving the block stops it within one chunk."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hash")
        self._stop = threading.Event()
        self._found: dict[Path, Future[str]] = {}

    def __enter__(self) -> SourceHashes:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def start(self, path: Path) -> None:
        """Begin with ``path`` unless it was begun before."""
        if path not in self._found:
            self._found[path] = self._pool.submit(sha256, path, self._step)

    def digest(self, path: Path, waiting: Callable[[], None] = lambda: None) -> str:
        """The SHA-256 of ``path``, waited for or made now; ``waiting`` is called now and then meanwhile."""
        self.start(path)
        while not wait((self._found[path],), timeout=0.2).done:
            waiting()
        return self._found[path].result()

    def _step(self, _: int) -> None:
        if self._stop.is_set():
            raise _Stopped

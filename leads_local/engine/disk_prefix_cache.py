"""Saved KV-cache states of papers on disk, so that a job that resumes need not evaluate their text again.

One file of llama.cpp's for each, beside a small one that says what it holds: the exact token ids and a checksum. They
lie in a folder named after the model's content (``engine.identity``) and the cache's type and layout, and are as
confidential as the papers: only the account may read them, and ``clear`` removes all. The one used longest ago goes
first when the limit is reached, and nothing is written where disk is short. A file that is not whole, or not what it
says, is removed and never given to llama.cpp, which may end the process over it. Other programs use the folder, too,
and may remove any file at any moment: to be without a state costs time, never an answer or an error.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from leads_local import paths, private
from leads_local.engine import identity

if TYPE_CHECKING:  # the command line clears states without loading NumPy
    import numpy as np
    from numpy.typing import NDArray

_SPARE = 4 << 30  # bytes of disk that are left free in any case
_ABANDONED = 3600  # seconds after which a file that is not finished never will be
_UNFINISHED = ".state"  # begins the names of files that are being written
_GAIN = 1024  # tokens that a state must save to be worth reading
_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    OverflowError,
    RecursionError,
    MemoryError,
)  # what a note may do to its reader


class DiskPrefixCache:
    """The states of one model. ``save`` and ``load`` are given what writes and reads a file (``llama.Context``)."""

    def __init__(self, model: Path, cache_type: str, limit: int, *, transposed: bool = False) -> None:
        """States for ``model``, all models' together at most ``limit`` bytes; 0 keeps none, and so does a file that
        can't be read.

        ``transposed``: the cache holds its values so, as it does without flash attention.
        """
        content = identity.of(model) if limit else ""
        limit = self._limit = limit if content else 0
        name = f"{cache_type} {'transposed' if transposed else 'in rows'} {content}"
        self._folder = paths.states_dir() / hashlib.sha256(name.encode()).hexdigest()[:24]
        self._known: dict[Path, NDArray[np.int32]] = {}
        self._tidy()
        for note in _files(self._folder, "*.json") if limit else ():
            with contextlib.suppress(*_UNREADABLE):
                self._known[note] = _read_note(note)[0]

    def best(self, tokens: NDArray[np.int32], ready: int) -> tuple[Path | None, int, int]:
        """``(note, saved, length)`` of the stored state that shares the longest beginning with ``tokens``: its note,
        how many tokens it shares, how many it has.

        None for the note when it would save too little beyond the first ``ready`` tokens, which are already in the
        cache.
        """
        from leads_local.engine.kv_cache import common_length

        found = [(common_length(held, tokens), len(held), note) for note, held in self._known.items()]
        saved, length, note = max(found, default=(0, 0, None), key=lambda one: one[0])
        return (note, saved, length) if saved >= ready + _GAIN else (None, 0, 0)

    def save(self, tokens: NDArray[np.int32], size: int, write: Callable[[Path], bool]) -> bool:
        """Keep a state of about ``size`` bytes for ``tokens`` unless another does nearly as well; False when it is not
        kept."""
        if self.best(tokens, len(tokens) - 2 * _GAIN)[0]:
            return False
        note = self._folder / f"{_stem(tokens)}.json"
        state, part = note.with_suffix(".state"), self._folder / f"{_UNFINISHED}{private.owner_mark()}.part"
        try:
            if not self._room(size):
                return False
            private.make_folder(self._folder)
            with _private_files():
                if not write(part):
                    raise OSError("not written")
                told = {"tokens": tokens.tolist(), "sha256": _checksum(part), "size": part.stat().st_size}
                part.replace(state)
            private.replace_file(note, json.dumps(told).encode())
        except OSError:
            _remove(part, state, note)
            return False
        self._known[note] = tokens
        return True

    def load(self, note: Path, read: Callable[[Path], bool]) -> bool:
        """Restore the state that ``note`` is about; False, and it is removed, when it can't be."""
        state = note.with_suffix(".state")
        try:
            _, size, checksum = _read_note(note)
            if state.stat().st_size == size and _checksum(state) == checksum and read(state):
                with contextlib.suppress(OSError):
                    os.utime(note)
                return True
        except _UNREADABLE:
            pass
        self._known.pop(note, None)
        _remove(state, note)
        return False

    def _tidy(self) -> None:
        """Remove what a process that was killed while it wrote has left."""
        private.remove_abandoned(self._folder, _UNFINISHED)
        for file in (*_files(self._folder, "*.part"), *_files(self._folder, "*.state")):
            with contextlib.suppress(OSError):
                if time.time() - file.stat().st_mtime > _ABANDONED and not file.with_suffix(".json").exists():
                    file.unlink()

    def _room(self, size: int) -> bool:
        """Whether ``size`` more bytes may be written, after those used longest ago have gone. Raises OSError."""
        above = next(folder for folder in self._folder.parents if folder.exists())
        if size > self._limit or shutil.disk_usage(above).free < size + _SPARE:
            return False
        notes = sorted(_files(self._folder.parent, "*/*.json"), key=_last_used)
        used = sum(_size(note) for note in notes)
        while notes and used + size > self._limit:
            oldest = notes.pop(0)
            used -= _size(oldest)
            self._known.pop(oldest, None)
            _remove(oldest.with_suffix(".state"), oldest)
        return True


def clear() -> int:
    """Remove all states of all models. Returns how many bytes that were."""
    folder = paths.states_dir()
    size = 0
    for file in _files(folder, "**/*"):
        with contextlib.suppress(OSError):
            found = file.lstat()
            size += found.st_size if stat.S_ISREG(found.st_mode) else 0
    shutil.rmtree(folder, ignore_errors=True)
    return size


def _checksum(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _read_note(note: Path) -> tuple[NDArray[np.int32], object, object]:
    """Read the tokens, size and checksum from ``note``. Raises one of _UNREADABLE, also when the note belongs to
    another state."""
    import numpy as np

    told = json.loads(note.read_text())
    tokens = np.asarray(told["tokens"], np.int32)
    if tokens.ndim != 1 or _stem(tokens) != note.stem:
        raise ValueError("a note under another one's name")
    return tokens, told["size"], told["sha256"]


def _stem(tokens: NDArray[np.int32]) -> str:
    """What the files of a state for ``tokens`` are called."""
    return hashlib.sha256(tokens.tobytes()).hexdigest()[:24]


def _files(folder: Path, pattern: str) -> list[Path]:
    """What is there now, as far as it can be seen."""
    found: list[Path] = []
    with contextlib.suppress(OSError):
        for file in folder.glob(pattern):
            found.append(file)
    return found


def _last_used(note: Path) -> float:
    with contextlib.suppress(OSError):
        return note.stat().st_mtime
    return 0.0


def _size(note: Path) -> int:
    with contextlib.suppress(OSError):
        return note.with_suffix(".state").stat().st_size
    return 0


def _remove(*files: Path) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink()


@contextlib.contextmanager
def _private_files() -> Iterator[None]:
    """Files made meanwhile can be read by this account only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)

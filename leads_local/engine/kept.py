"""Papers' evaluated text on disk, so that a job that resumes need not evaluate them again.

One file of llama.cpp's for each, beside a small one that says what it holds: the exact token ids and a checksum. They lie in a folder named
after the model file's content and the cache's type, and are as confidential as the papers: only the account may read them, and ``clear``
removes all. The one used longest ago goes first when the limit is reached, and nothing is written where disk is short. A file that is not
whole, or not what it says, is removed and never given to llama.cpp, which may end the process over it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from leads_local import paths, private

if TYPE_CHECKING:  # the command line clears states without loading NumPy
    import numpy as np
    from numpy.typing import NDArray

_SPARE = 4 << 30  # bytes of disk that are left free in any case
_ENDS = 1 << 20  # bytes of each end of a model file that tell it from others
_ABANDONED = 3600  # seconds after which a file that is not finished never will be
_UNFINISHED = ".state"  # begins the names of files that are being written
_GAIN = 1024  # tokens that a state must save to be worth reading


class Kept:
    """The states of one model. ``save`` and ``load`` are given what writes and reads a file (``llama.Context``)."""

    def __init__(self, model: Path, cache_type: str, limit: int) -> None:
        """States for ``model``, all models' together at most ``limit`` bytes; 0 keeps none."""
        self._limit = limit
        self._folder = paths.states_dir() / _name(model, cache_type)
        self._known: dict[Path, NDArray[np.int32]] = {}
        self._tidy()
        import numpy as np

        for note in self._folder.glob("*.json") if limit else ():
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                self._known[note] = np.asarray(json.loads(note.read_text())["tokens"], np.int32)

    def best(self, tokens: NDArray[np.int32], ready: int) -> tuple[Path | None, int, int]:
        """``(note, saved, length)``: the state that begins with the most of ``tokens``, with how many, and of how many tokens it is; None
        when it saves little beside the ``ready`` first ones."""
        from leads_local.engine.prefixes import common

        found = [(common(held, tokens), len(held), note) for note, held in self._known.items()]
        saved, length, note = max(found, default=(0, 0, None), key=lambda one: one[0])
        return (note, saved, length) if saved >= ready + _GAIN else (None, 0, 0)

    def save(self, tokens: NDArray[np.int32], size: int, write: Callable[[Path], bool]) -> bool:
        """Keep a state of about ``size`` bytes for ``tokens`` unless another does nearly as well; False when it is not kept."""
        if self.best(tokens, len(tokens) - 2 * _GAIN)[0] or not self._room(size):
            return False
        note = self._folder / f"{hashlib.sha256(tokens.tobytes()).hexdigest()[:24]}.json"
        state, part = note.with_suffix(".state"), self._folder / f"{_UNFINISHED}{private.mark()}.part"
        try:
            private.folder(self._folder)
            with _private():
                if not write(part):
                    raise OSError("not written")
                told = {"tokens": tokens.tolist(), "sha256": _checksum(part), "size": part.stat().st_size}
                part.replace(state)
                note.write_text(json.dumps(told))
        except OSError:
            _remove(part, state, note)
            return False
        self._known[note] = tokens
        return True

    def load(self, note: Path, read: Callable[[Path], bool]) -> bool:
        """Restore the state that ``note`` is about; False, and it is removed, when it can't be."""
        state = note.with_suffix(".state")
        try:
            told = json.loads(note.read_text())
            whole = state.stat().st_size == told["size"] and _checksum(state) == told["sha256"]
            if whole and read(state):
                os.utime(note)
                return True
        except (OSError, ValueError, KeyError, TypeError):
            pass
        self._known.pop(note, None)
        _remove(state, note)
        return False

    def _tidy(self) -> None:
        """Remove what a process that was killed while it wrote has left."""
        private.remove_abandoned(self._folder, _UNFINISHED)
        for file in (*self._folder.glob("*.part"), *self._folder.glob("*.state")):
            with contextlib.suppress(OSError):
                if time.time() - file.stat().st_mtime > _ABANDONED and not file.with_suffix(".json").exists():
                    file.unlink()

    def _room(self, size: int) -> bool:
        """Whether ``size`` more bytes may be written, after those used longest ago have gone."""
        above = next(folder for folder in self._folder.parents if folder.exists())
        if size > self._limit or shutil.disk_usage(above).free < size + _SPARE:
            return False
        notes = sorted(self._folder.parent.glob("*/*.json"), key=lambda note: note.stat().st_mtime)
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
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    shutil.rmtree(folder, ignore_errors=True)
    return size


def _name(model: Path, cache_type: str) -> str:
    """A name for the content of ``model``, by its size and its two ends, and the type of the cache."""
    digest = hashlib.sha256(f"{cache_type} {model.stat().st_size}".encode())
    with model.open("rb") as file:
        digest.update(file.read(_ENDS))
        file.seek(max(model.stat().st_size - _ENDS, 0))
        digest.update(file.read(_ENDS))
    return digest.hexdigest()[:24]


def _checksum(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _size(note: Path) -> int:
    with contextlib.suppress(OSError):
        return note.with_suffix(".state").stat().st_size
    return 0


def _remove(*files: Path) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink()


@contextlib.contextmanager
def _private() -> Iterator[None]:
    """Files made meanwhile can be read by this account only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)

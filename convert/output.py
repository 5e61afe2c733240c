"""The file being written: checked for room before, locked while, and under its real name only when it is whole.

Bytes go to ``FILE_NAME.gguf.part``. ``commit`` syncs and renames it, so that an older good file is replaced in one step
or not at all. Whatever else ends the block (a signal, an error, a full disk, a rename that fails) or the process leaves
the .part file with its journal, once there is a whole tensor in it, and the next run of the same conversion goes on
after the last one; what is there is believed only as far as its hash is the one that the journal has. Only weights that
can't be stored take it away: no later run would get further.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from . import disk
from .errors import ConvertError, WeightsError
from .journal import Journal
from .lock import lock_file
from .place import check_place, check_room, explain_write_errors
from .terminal import size_in_words

CHUNK = 8 << 20


class Output:
    """A context manager: ``resume`` or ``begin_anew``, then ``write`` and ``mark`` tensor by tensor, then ``commit``.

    ``size`` is that of the whole file; ``identity`` is equal for two runs exactly when they would write the same bytes.
    An error that leaves the block gets a note where something is kept.
    """

    def __init__(self, path: Path, size: int, identity: str) -> None:
        self.path = path
        self.part = _part(path)
        self.done = 0
        self.discarded = False  # whether something was there that could not be gone on with
        self._kept = (0, 0)  # whole tensors in the part, and bytes up to their end
        self._ours = True  # whether what is in the part is this run's
        self._size = size
        self._journal = Journal(path.with_name(path.name + ".part.journal"), identity)
        self._digest = hashlib.sha256()
        self._file: BinaryIO | None = None

    @property
    def sha256(self) -> str:
        """Of everything written so far."""
        return self._digest.hexdigest()

    def __enter__(self) -> Output:
        check_place(self.path)
        try:
            self._file = _open_locked(self.part)
        except OSError as error:
            raise ConvertError(
                f"{self.part}: it can't be written ({error.strerror}).", "Give another place with --out."
            ) from error
        there = self.part.stat().st_size
        self._ours = not there
        try:
            check_room(
                self.path, self._size - there, "Make room, choose a smaller type, or give another place with --out."
            )
        except ConvertError:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, WeightsError):
            self._kept = (0, 0)
        if self._file is not None and self._leave() and error is not None:
            tensors, size = self._kept
            finished = f"{tensors} tensor{'s' if tensors > 1 else ''}, {size_in_words(size)}"
            error.add_note(
                f"What is finished ({finished}) is kept in {self.part}: the same command goes on from there, --fresh "
                "begins anew."
            )

    def resume(self, step: Callable[[int], None] = lambda _: None) -> int:
        """Keep what an earlier run of the same conversion finished. Returns how many tensors that is; writing goes on
        after them. ``step`` is told of the bytes that were read again since the last call."""
        file, marks, finished = self._open(), self._journal.read(), 0
        self._ours = False
        self._kept = (len(marks), marks[-1][0] if marks else 0)  # as far as is known before they are read
        for end, digest in marks:
            if not self._read_on(file, end, step) or self.sha256 != digest:
                break
            finished, good, self.done = finished + 1, self._digest.copy(), end
        self._digest = good if finished else hashlib.sha256()
        self.discarded = not finished and self.part.stat().st_size > 0
        self._keep(finished)
        return finished

    def begin_anew(self) -> None:
        """Let go of what an earlier run left."""
        self._journal.remove()
        self._keep(0)

    def _keep(self, tensors: int) -> None:
        file = self._open()
        with explain_write_errors(self.path):
            self._journal.keep(tensors)
            self._ours, self._kept = True, (tensors, self.done)
            file.truncate(self.done)
            file.seek(self.done)

    def _read_on(self, file: BinaryIO, end: int, step: Callable[[int], None]) -> bool:
        """Hash the file up to ``end``; False when it ends before."""
        while (at := file.tell()) < end:
            data = file.read(min(CHUNK, end - at))
            if not data:
                return False
            self._digest.update(data)
            step(len(data))
        return True

    def write(self, data: bytes | memoryview) -> None:
        """Append. Raises ConvertError when the disk is full or gone."""
        file, rest = self._open(), memoryview(data).cast("B")
        self._digest.update(rest)
        self.done += len(rest)
        with explain_write_errors(self.path):
            while rest:
                rest = rest[file.write(rest) :]

    def mark(self) -> None:
        """Say that a whole tensor, with its padding, has been written."""
        with explain_write_errors(self.path):
            self._journal.add(self.done, self.sha256)
            self._kept = (self._kept[0] + 1, self.done)

    def sync(self) -> None:
        """Put everything written so far onto the disk."""
        with explain_write_errors(self.path):
            disk.sync(self._open().fileno())

    def commit(self) -> None:
        """Give the finished file its name, in one step. When that fails, the next run has nothing else to do."""
        file = self._open()
        self.sync()
        if sys.platform == "win32":  # an open file can't be renamed there
            file.close()
        try:
            disk.rename(self.part, self.path)
        except OSError as error:
            raise ConvertError(
                f"{self.path}: the new file is whole, but can't get this name: {error.strerror}.",
                "Where an older file has it, close the program that uses that.",
            ) from error
        file.close()
        self._file = None
        with explain_write_errors(self.path):
            disk.sync_folder(self.path.parent)
        with suppress(OSError):  # the next conversion to this name takes it away
            self._journal.remove()

    def _open(self) -> BinaryIO:
        if self._file is None:
            raise RuntimeError("the output is used outside its block")
        return self._file

    def _leave(self) -> bool:
        """Let go of the part, and take it away where nothing in it is of use. Whether it stays."""
        if self._ours and not self._kept[0]:
            self._drop()
            return False
        self._open().close()
        self._file = None
        return True

    def _drop(self) -> None:
        file = self._open()
        self._journal.remove()
        if sys.platform == "win32":  # an open file can't be removed there
            file.close()
        disk.remove(self.part)
        file.close()
        self._file = None


def part_size(path: Path) -> int:
    """How many bytes an unfinished conversion to ``path`` has on the disk."""
    try:
        return _part(path).stat().st_size
    except OSError:
        return 0


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _open_locked(part: Path) -> BinaryIO:
    file = lock_file(part)
    if file is None:
        name = part.name.removesuffix(".part")
        raise ConvertError(
            f"{name}: another conversion is writing this file now.", "Wait for it, or give another name with --out."
        )
    return file

"""Which contents of review files were looked at whole and found sound, kept on this computer, so that a large review
is not gone through row by row each time that a command opens it.

Why it exists: reading 250 MB and hashing it takes a fraction of a second, while proving that every page, reference and
seal of it is right takes some. A content is known by the hash of every byte of the file, so decay, an edit by another
program and an exchanged file make it one that is not known, and all of it is looked at as ever. What is kept tells
nothing of a review, and where it is lost or can't be kept, all is looked at each time.

These functions read the review file itself: as in ``leftovers``, only while this process has no connection to it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from leads_local import __version__, paths, private
from leads_local.errors import ConfigError
from leads_local.review import file_identity
from leads_local.review.file_identity import FileIdentity

_KEPT = 200  # contents
_PART = 4 * 2**20  # bytes that are hashed at once; the same on every computer, since the parts' hashes are hashed
_READ = 2**18  # bytes


@dataclass(frozen=True, slots=True)
class Content:
    """What a file held when it was looked at: ``digest`` of its bytes; which file it was, and when it had been written
    to, before its first byte was read."""

    digest: str
    file: FileIdentity | None
    written: tuple[int, int]

    def is_still_at(self, path: Path) -> bool:
        """Whether nobody has written to the file since, and it is the one at ``path``."""
        return (self.file, self.written) == (file_identity.identify_file(path), file_identity.last_written(path))

    def is_known(self) -> bool:
        return self.digest in _known()

    def remember(self) -> None:
        """That it is sound. Where that can't be kept, it is looked at again the next time."""
        with contextlib.suppress(OSError, ConfigError):
            rest = [digest for digest in _known() if digest != self.digest]
            private.replace_file(
                paths.known_sound_file(), "".join(f"{digest}\n" for digest in [self.digest, *rest][:_KEPT]).encode()
            )


def look(path: Path) -> Content | None:
    """What the file holds; None where changes lie beside it that SQLite would put into it, or it can't be read."""
    if any(file_identity.size_beside(path, ending) for ending in ("-journal", "-wal")):
        return None
    file, written = file_identity.identify_file(path), file_identity.last_written(path)
    try:
        return Content(_hash(path), file, written)
    except OSError:
        return None


def _hash(path: Path) -> str:
    """What is checked differs between versions of this program, so each knows its own."""
    whole = blake2b(f"leads-local {__version__}".encode(), digest_size=32)
    for part in _hash_parts(path, path.stat().st_size):
        whole.update(part)
    return whole.hexdigest()


def _hash_parts(path: Path, size: int) -> Iterator[bytes]:
    places = range(0, size, _PART)
    if len(places) < 2 or (os.cpu_count() or 1) < 2:
        yield from (_hash_part(path, place) for place in places)
        return
    from concurrent.futures import ThreadPoolExecutor  # which small files need not

    with ThreadPoolExecutor(max_workers=4) as threads:
        yield from threads.map(lambda place: _hash_part(path, place), places)


def _hash_part(path: Path, place: int) -> bytes:
    found, left = blake2b(digest_size=32), _PART
    with path.open("rb", buffering=0) as file:
        file.seek(place)
        while left and (read := file.read(min(left, _READ))):
            found.update(read)
            left -= len(read)
    return found.digest()


def _known() -> list[str]:
    with contextlib.suppress(OSError, ConfigError, UnicodeDecodeError):
        return paths.known_sound_file().read_text(encoding="ascii").split()
    return []

"""Identifies a model by the content of its file (SHA-256). Saved states, stored answers and JSON styles are filed
under this identity.

A name, a size or a manifest says too little: two merges into one model have equal names and sizes, and a file may be
put into another's place, beside its manifest. So a file is read whole, once, while its model is loaded, which reads it
in any case. What was found is kept with the file's path, size, times and number on disk, and a file of which any of
these is another is read anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

from leads_local import paths, private
from leads_local.errors import ModelError

_FIRST_PART = re.compile(r"-00001-of-(\d{5})\.gguf\Z")
_CLOCK_STEP = 2_000_000_000  # nanoseconds within which two changes of a file may have the same time (FAT's)
_MOST = 200  # files that are remembered

Stamp = list[list[int]]


def of(path: Path) -> str:
    """The SHA-256 of the model at ``path``, of a file in parts that of its parts' together; "" where it can't be
    read."""
    try:
        return _remembered_identity(path) or _hash_model(path)
    except (OSError, ValueError):
        return ""


def remembered(path: Path) -> str:
    """What ``of`` says of ``path``, where that was found before and the file was not changed since; else "". Reads only
    what the system says of the file."""
    try:
        return _remembered_identity(path)
    except (OSError, ValueError):
        return ""


def begin_hashing(path: Path) -> Callable[[Callable[[], None]], str]:
    """Start to find out what is at ``path``, beside what the caller does meanwhile. Gives what waits for it: call that
    with what is to be done each second until then. It raises ModelError when the file could not be read or was changed
    since ``begin``."""
    found: list[str] = []
    before = _stamp_or_nothing(path)
    thread = threading.Thread(target=lambda: found.append(of(path)), daemon=True)
    thread.start()

    def wait(meanwhile: Callable[[], None]) -> str:
        while thread.is_alive():
            meanwhile()
            thread.join(1.0)
        if not found or not found[0] or not _is_same_stamp(_stamp_or_nothing(path), before):
            raise ModelError(
                f"{path}: the model file was changed while it was read.",
                "Try again when nothing writes to it any more.",
            )
        return found[0]

    return wait


def _files(path: Path) -> list[Path]:
    """``path``, and the other parts of its model where it is the first of several, which llama.cpp loads with it."""
    parts = _FIRST_PART.search(path.name)
    if parts is None:
        return [path]
    return [
        path.with_name(f"{path.name[: parts.start()]}-{number:05d}-of-{parts[1]}.gguf")
        for number in range(1, int(parts[1]) + 1)
    ]


def _stamp(path: Path) -> Stamp:
    """Size, times and file number: what changes when a file is overwritten or replaced, even by one of equal size and
    modification time. Raises OSError."""
    stats = [file.stat() for file in _files(path)]
    return [[one.st_size, one.st_mtime_ns, one.st_ctime_ns, one.st_ino] for one in stats]


def _is_same_stamp(one: Stamp, other: Stamp) -> bool:
    """Whether two stamps are equal, apart from the change time (ctime), which renaming or a change of rights also
    moves."""
    return [[size, changed, number] for size, changed, _, number in one] == [
        [size, changed, number] for size, changed, _, number in other
    ]


def _stamp_or_nothing(path: Path) -> Stamp:
    with contextlib.suppress(OSError, ValueError):
        return _stamp(path)
    return []


def _remembered_identity(path: Path) -> str:
    entry = _read_remembered().get(str(path.resolve()))
    return (
        str(entry["sha256"])
        if isinstance(entry, dict) and entry.get("stamp") == _stamp(path) and entry.get("sha256")
        else ""
    )


def _hash_model(path: Path) -> str:
    """Read ``path`` whole. Raises OSError; "" where it was changed meanwhile."""
    before, begun = _stamp(path), time.time_ns()
    digests = []
    for file in _files(path):
        with file.open("rb") as source:
            digests.append(hashlib.file_digest(source, "sha256").hexdigest())
    found = digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest()
    if not _is_same_stamp(_stamp(path), before):
        return ""
    if all(abs(begun - when) > _CLOCK_STEP for _, changed, made, _ in before for when in (changed, made)):
        _remember(path, before, found)
    return found


def _read_remembered() -> dict[str, object]:
    try:
        found = json.loads(paths.identities_file().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(path: Path, stamp: Stamp, sha256: str) -> None:
    """A disk that can't be written to only means that the file is read again."""
    name, others = str(path.resolve()), _read_remembered()
    others.pop(name, None)
    kept = dict(list(others.items())[1 - _MOST :]) | {name: {"stamp": stamp, "sha256": sha256}}
    with contextlib.suppress(OSError):
        private.replace_file(paths.identities_file(), json.dumps(kept, indent=1).encode())

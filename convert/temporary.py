"""Temporary folders, known by their process: those of a process that was killed are removed by the next that makes one."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"leads-local-(\d+)-")


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder for as long as the block lasts."""
    _remove_abandoned(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=f"leads-local-{os.getpid()}-") as name:
        yield Path(name)


def _remove_abandoned(place: Path) -> None:
    import psutil  # type: ignore[import-untyped, unused-ignore]

    for left in place.glob("leads-local-*"):
        found = _NAME.match(left.name)
        if found and not psutil.pid_exists(int(found[1])):
            shutil.rmtree(left, ignore_errors=True)

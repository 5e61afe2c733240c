"""The reviews that were opened last, kept as plain paths. A list that is lost or damaged is an empty list; reviews are
never touched."""

from __future__ import annotations

import contextlib
from pathlib import Path

from leads_local import paths, private

_KEPT = 12


def _file() -> Path:
    return paths.recent_file()


def recent_reviews() -> list[Path]:
    """The reviews that are still there, latest first."""
    try:
        lines = _file().read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [path for entry in lines if entry.strip() and (path := Path(entry)).is_file()]


def remember(review: Path) -> None:
    """Put ``review`` first. That it can't be written down is no reason not to open it."""
    with contextlib.suppress(OSError, UnicodeEncodeError):
        entry = review.expanduser().resolve()
        rest = [path for path in recent_reviews() if path != entry]
        private.replace_file(_file(), ("\n".join(map(str, [entry, *rest][:_KEPT])) + "\n").encode())

"""SQLite's failures in plain words: one sentence that names the file, and what to do."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from leads_local.errors import ReviewError
from leads_local.review import seal
from leads_local.review.file_identity import why_read_only

SqliteError: TypeAlias = sqlite3.Error

_ERROR_SENTENCES: Mapping[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: (
        "is in use by another program",
        "Close the other program or wait until it has finished, then try again.",
    ),
    sqlite3.SQLITE_LOCKED: (
        "is in use by another part of this program",
        "Wait until that has finished, then try again.",
    ),
    sqlite3.SQLITE_READONLY: ("can't be changed: it is read-only", "Copy it to a folder that you may write to."),
    sqlite3.SQLITE_CANTOPEN: ("can't be opened for writing", "Check that you may write to the file and to its folder."),
    sqlite3.SQLITE_PERM: ("may not be opened by you", "Ask for permission, or copy it to a folder of your own."),
    sqlite3.SQLITE_FULL: (
        "can't grow: there is no room left on the disk",
        "Free some space and try again; all finished steps are kept.",
    ),
    sqlite3.SQLITE_IOERR: (
        "can't be read or written: the disk reports an error",
        "Copy the file to another disk and try again.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        "`leads-local check` says how; `leads-local restore` goes back to a copy and keeps this file.",
    ),
    sqlite3.SQLITE_NOTADB: ("is not a leads-local review", "Choose a file that `leads-local init` has made."),
}
_HALF_WRITTEN = {sqlite3.SQLITE_READONLY_ROLLBACK: "-journal", sqlite3.SQLITE_READONLY_RECOVERY: "-wal"}
_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NO_UTF8 = "Could not decode to UTF-8"
_IN_OUR_FUNCTION = "user-defined "  # how SQLite's error begins where a function of ours has raised something


class ReviewReplaced(ReviewError):
    """Another version of the review, or none, is at the path of the open one.

    ``acts``: the file in which what was said is kept; ``copy``: the review as it was here; None where there is none.
    """

    acts: Path | None = None
    copy: Path | None = None


class DamagedReview(ReviewError):
    """What the file holds is not what leads-local has written into it."""


@contextlib.contextmanager
def errors_in_plain_words(path: Path, *, damaged: bool = False) -> Iterator[None]:
    """SQLite's failures that a user can do something about become ReviewError; faults of ours stay what they are,
    and so does Ctrl-C.

    Of a file that is known to be ``damaged``, or not known yet, every failure is the file's.
    """
    try:
        yield
    except MemoryError as error:  # a cell that says it is larger than there is memory
        if not damaged:
            raise
        raise error_for_code(path, sqlite3.SQLITE_CORRUPT) from error
    except UnicodeDecodeError as error:  # in SQLite's own words about the file, which quote it
        raise error_for_code(path, sqlite3.SQLITE_CORRUPT) from error
    except sqlite3.Error as error:
        fault = seal.error_in_function() if str(error).startswith(_IN_OUR_FUNCTION) else error
        if not isinstance(fault, Exception):  # a signal that came while SQLite called us
            raise fault from None
        code = getattr(error, "sqlite_errorcode", None)
        if code is None and _NO_UTF8 in str(error):
            code = sqlite3.SQLITE_CORRUPT
        if code is None or code & 0xFF not in _ERROR_SENTENCES:
            if not damaged:
                raise fault from None
            code = sqlite3.SQLITE_CORRUPT
        raise error_for_code(path, code) from error


def error_for_code(path: Path, code: int) -> ReviewError:
    """What SQLite's result code means for the user of ``path``."""
    what, hint = _ERROR_SENTENCES[code & 0xFF]
    if code in _HALF_WRITTEN:
        return ReviewError(
            f"{path} holds half of a change that was cut short; what takes it back lies beside it "
            f"({path.name}{_HALF_WRITTEN[code]}), but nothing can be written here: {why_read_only(path)}.",
            "Copy both files into a folder that you may write to, and open the copy there.",
        )
    code &= 0xFF
    if code == sqlite3.SQLITE_READONLY:
        what = f"can't be changed: {why_read_only(path) or 'it is read-only'}"
    kind = DamagedReview if code == sqlite3.SQLITE_CORRUPT else ReviewError
    return kind(f"{path} {what}.", hint)


def damaged_error(path: Path) -> ReviewError:
    """What the file holds can't be what was written into it."""
    return error_for_code(path, sqlite3.SQLITE_CORRUPT)


def not_a_review(path: Path) -> ReviewError:
    return error_for_code(path, sqlite3.SQLITE_NOTADB)


def is_busy(error: BaseException) -> bool:
    """Whether somebody else held the file, so that nothing is known of it."""
    return _code_of(error) in _HELD


def holds_other_bytes(error: BaseException) -> bool:
    """Whether what was read is no page of a review. Not so where nothing could be read."""
    return _code_of(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _code_of(error: BaseException) -> int:
    """SQLite's result code, 0 where the error is none of SQLite's."""
    cause = error if isinstance(error, sqlite3.Error) else error.__cause__
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF if isinstance(cause, sqlite3.Error) else 0

"""Copies of a review: made by hand, once a day, and before whatever rewrites the file; and going back to one.

They lie in a folder beside the review, ``FILE_NAME.leads.copies``, so that they move along with it and are found
without this program. A copy is made by SQLite, which sees the review as it is at one moment even while it is written
to; a file manager does not. Going back keeps the review that is there, whatever state it is in.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from leads_local import durable
from leads_local.errors import InputError, LeadsError, ReviewError
from leads_local.review import leftovers, naming, opening, rights, soundness, sqlite_errors
from leads_local.review.database import DamagedReview, Database
from leads_local.review.file_identity import CONNECTING_LOCK
from leads_local.review.store import counting, events

DAILY_COPIES_KEPT = 7
_DAILY = "daily"
_COPY_NAME = re.compile(r"(\d{4}-\d\d-\d\d)(?:-(\d{6}))?(?:-([a-z-]+?))?(?:-\d+)?\.leads")


@dataclass(frozen=True, slots=True)
class ReviewCopy:
    """A copy in the folder: ``made`` is the time in its name, ``why`` what it was made for ("" by hand)."""

    path: Path
    made: str
    why: str
    size: int


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """``records`` and ``decided`` at the abstract stage are the numbers of the copy; ``kept`` is the review that was
    there before."""

    copy: Path
    records: int
    decided: int
    kept: Path | None


def copies_folder(review: Path) -> Path:
    return leftovers.path_beside(opening.find_file(review), ".copies")


def list_copies(review: Path) -> list[ReviewCopy]:
    """Every copy of ``review`` in its folder, newest first."""
    found = []
    with contextlib.suppress(OSError):
        for path in copies_folder(review).iterdir():
            if match := _COPY_NAME.fullmatch(path.name):
                day, clock, why = match.groups()
                made = f"{day} {clock[:2]}:{clock[2:4]}" if clock else day
                found.append(ReviewCopy(path, made, why or "", path.stat().st_size))
    return sorted(found, key=lambda copy: (copy.made, copy.path.name), reverse=True)


def back_up(db: Database, to: Path | None = None, why: str = "") -> Path:
    """A copy of the review as it stands: ``to`` a file or folder, else the folder of copies. Raises ReviewError or
    InputError."""
    return _write_copy(db.path, to, why, db.copy_to)


def _write_copy(review: Path, to: Path | None, why: str, write: Callable[[Path], None]) -> Path:
    if to is None:
        to = _copy_path(review, why)
    elif to.is_dir():
        to = leftovers.free_name(to / f"{review.stem}-{leftovers.time_stamp()}.leads")
    elif wrong := naming.why_no_name(to.name):
        raise InputError(f"{to} can't be the name of a copy: {wrong}.", "Choose another name, or a folder.")
    try:
        write(to)
    except FileExistsError:
        raise InputError(f"{to} exists already.", "Choose another name for the copy, or a folder.") from None
    except OSError as error:
        raise InputError(
            f"{to} can't be written: {error.strerror}.", "Choose a folder that you may write to and that has room."
        ) from error
    return to


def back_up_file(review: Path, to: Path | None = None) -> Path:
    """``back_up`` of a file as it is, of whatever version and in whatever state. Raises as that."""
    return _write_copy(review, to, "", lambda target: opening.copy_file(review, target))


def back_up_daily(db: Database) -> None:
    """Once a day, when the first change is about to be made: keep the review as the last day left it. A failure is
    told, not raised."""
    try:
        last = datetime.fromtimestamp(db.path.stat().st_mtime)
        target = copies_folder(db.path) / f"{last:%Y-%m-%d}-{_DAILY}.leads"
        if not db.writable or last.date() >= datetime.now().date() or target.exists():
            return
        _make_folder(db.path)
        with contextlib.suppress(FileExistsError):  # made by another program at this moment
            db.copy_to(target)
        for old in [copy for copy in list_copies(db.path) if copy.why == _DAILY][DAILY_COPIES_KEPT:]:
            durable.remove(old.path)
    except (OSError, ValueError, OverflowError, LeadsError) as error:
        reason = getattr(error, "strerror", None) or error
        db.notices.append(
            f"The daily copy of {db.path} could not be made: {reason}. Make one elsewhere: leads-local backup --to "
            "FOLDER."
        )


def restore(review: Path, copy: Path) -> RestoreResult:
    """Put ``copy`` in the place of ``review``, which is kept. Raises ReviewError when the copy is unusable or the
    review is in use."""
    review = opening.find_file(review).resolve()  # a link to it stays a link
    _require_target(review)
    if review.exists() and copy.exists() and review.samefile(copy):
        raise InputError(f"{copy} is the review itself.", "Name one of its copies: leads-local restore lists them.")
    with contextlib.closing(opening.open_file(copy, to_write=False)) as source:
        if source.damage:
            raise DamagedReview(
                f"{copy} is damaged: {soundness.findings_in_words(source.damage)}.", "Choose another copy."
            )
        counts = counting.counts(source)
        born = source.birth()
    part = leftovers.path_beside(review, f".{os.getpid()}.part")
    try:
        durable.remove(part)
        opening.copy_file(copy, part)
        _log_restore(part, copy)
        with _set_aside_current(review, born) as kept:
            if kept is not None and review.exists():
                rights.adopt(part, review)  # who could read it still can
            durable.replace(part, review)
    except OSError as error:
        raise ReviewError(
            f"{review} can't be replaced: {error.strerror}.",
            "Close it in other programs, and check that you may write to its folder.",
        ) from error
    finally:
        durable.discard(part)
    return RestoreResult(copy, counts.to_screen + counts.duplicates, counts.screened, kept)


def _copy_path(review: Path, why: str) -> Path:
    _make_folder(review)
    return leftovers.free_name(copies_folder(review) / f"{leftovers.time_stamp()}{f'-{why}' if why else ''}.leads")


def _make_folder(review: Path) -> None:
    try:
        folder = copies_folder(review)
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
            rights.adopt_folder(folder, review)
    except OSError as error:
        raise InputError(
            f"{copies_folder(review)} can't be made: {error.strerror}.",
            "Name another place: leads-local backup --to FOLDER.",
        ) from error


def _log_restore(part: Path, copy: Path) -> None:
    """A copy of an older version is put back as it is."""
    with contextlib.suppress(opening.OldReview), contextlib.closing(opening.open_file(part)) as db, db.transaction():
        events.add(db, "restore", f"this is the copy {copy.name}, put back")


def _require_target(review: Path) -> None:
    """Only a review, or what may have been one, is replaced: not a folder, a device, or another document."""
    if not review.exists():
        return
    if not stat.S_ISREG(review.stat().st_mode):
        raise InputError(f"{review} is no ordinary file.", "Name the review's .leads file.")
    if review.suffix != ".leads" and leftovers.read_header(review)[: len(opening.SQLITE_MAGIC)] != opening.SQLITE_MAGIC:
        raise InputError(f"{review} is no review, so no copy is put in its place.", "Name the review's .leads file.")


@contextlib.contextmanager
def _set_aside_current(review: Path, born: int) -> Iterator[Path | None]:
    """Keep the review that is there: as a copy where it can be read, else by its bytes. Nobody else writes until the
    block has ended.

    Raises ReviewError when another program uses it, or it is another review than the copy is of.
    """
    if not review.exists():
        yield None
        return
    kept = _copy_path(review, "before-restore")
    with contextlib.ExitStack() as held:
        try:
            with CONNECTING_LOCK:
                leftovers.set_aside(review)
                db = Database(review, busy_seconds=1.0, writable=True)
            held.callback(db.close)
            db.lock_exclusively()
            if born and db.birth() not in (0, born):
                raise InputError(
                    f"{review} is another review than the copy is of.",
                    "Move it away first, or restore under another name.",
                )
            db.copy_to(kept)
            rest = []
            if os.name == "nt":  # which replaces no file that is open
                db.close()
        except InputError:
            raise
        except ReviewError as error:
            if sqlite_errors.is_busy(error):
                raise
            held.close()
            durable.remove(kept)
            durable.rename(review, kept)  # whatever it is, it is kept as it is
            rest = ["-journal", "-wal", "-shm"]
        for ending in rest:
            if leftovers.path_beside(review, ending).exists():
                free = leftovers.free_name(kept.with_name(kept.name + ending))
                durable.rename(leftovers.path_beside(review, ending), free)
        yield kept

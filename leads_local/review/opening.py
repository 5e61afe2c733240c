"""How a review file is opened and made: what is checked before anything in it is believed.

A file is opened to be changed, or only to be read. To be changed it must be sound, of this program's version, and hold
exactly the schema that this program makes: a trigger that somebody added could store *exclude* where *include* is
shown. To be read, it may be older (then a private copy is brought up to date, and the file stays as it is), on a medium
that can't be written to, or damaged, which ``damage`` names.

It must never create a file that was to be opened, overwrite one that was to be created, change an older file that
nobody asked to upgrade, or read a newer program's file as if it knew it.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from leads_local import durable
from leads_local.errors import ReviewError
from leads_local.review import (
    file_identity,
    known_sound,
    leftovers,
    naming,
    rights,
    soundness,
    sqlite_errors,
    versions,
)
from leads_local.review.database import DamagedReview, Database
from leads_local.review.file_identity import CONNECTING_LOCK
from leads_local.review.known_sound import Content
from leads_local.review.schema import MIGRATIONS, SEALED_SINCE
from leads_local.review.soundness import RESTORE_HINT

CHECK_ALL_BELOW = 256 * 2**20  # bytes; up to here all is checked at opening, beyond only by ``check``
_STALE_SECONDS = 60.0  # seconds after which the beginnings of a review file are those of a program that was killed
SQLITE_MAGIC = b"SQLite format 3\x00"
_FORMATS = (b"\x01\x01\x00\x40\x20\x20", b"\x02\x02\x00\x40\x20\x20")  # with a rollback journal, with a WAL


class OldReview(ReviewError):
    """The file was made by an earlier version and has to be upgraded before it can be changed."""


def create(path: Path, fill: Callable[[Database], None]) -> Database:
    """A new review file at ``path``, with what ``fill`` writes into it; ``fill`` runs inside the transaction that makes
    the tables.

    Raises ReviewError when something stands there already or the folder can't be written to.
    """
    path = naming.find_spelling(path)
    with made_aside(path, fill):
        pass
    return open_file(path)


@contextlib.contextmanager
def made_aside(path: Path, fill: Callable[[Database], None]) -> Iterator[None]:
    """``create``, but the file, which is whole when the block begins, gets its name when that has ended; where the
    block raises, there is none."""
    path = naming.find_spelling(path)
    if os.path.lexists(path):
        raise _exists_error(path)
    if not path.parent.is_dir():
        raise ReviewError(
            f"{path}: the folder {path.parent} does not exist.", "Make the folder first, or choose another place."
        )
    if wrong := naming.why_unfit(path):
        raise ReviewError(
            f"{path} can't be the name of a review: {wrong}.", "Choose a shorter or simpler name, or another folder."
        )
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        _remove_stale_parts(path)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise _unmakeable_error(path, error) from error
    try:
        _write_whole(part, fill)
        yield
        _publish(part, path)
    except BaseException:
        durable.discard(part)
        raise


def _write_whole(part: Path, fill: Callable[[Database], None]) -> None:
    made = Database(part, busy_seconds=1.0, writable=True)
    try:
        with made.transaction():
            versions.migrate(made)
            fill(made)
            versions.seal_tables(made)
    finally:
        made.close()


def find_file(path: Path) -> Path:
    """The file that is meant: what belongs to it lies beside it, not beside a link to it, and has its name as the disk
    spells it."""
    path = naming.find_spelling(path)
    with contextlib.suppress(OSError):  # a folder that may not be looked into, which opening tells
        if path.is_symlink():
            return Path(os.path.realpath(path))
    return path


def open_file(path: Path, *, busy_seconds: float = 10.0, to_write: bool = True, whole: bool = False) -> Database:
    """The review at ``path``.

    ``busy_seconds`` is how long to wait for another program that is writing; with ``whole`` every byte is checked,
    however large the file is. Raises ReviewError when it is missing, no file, no review, locked, or made by a newer
    program; with ``to_write`` also when it is damaged or older (OldReview). A file that can't be written to is opened
    all the same: changing it then raises.
    """
    path = find_file(path)
    _require_file(path)
    with CONNECTING_LOCK:
        first = not file_identity.is_connected(path)
        writable = not file_identity.why_read_only(path)
        notices = _tidy_up(path, writable) if first else []
        alone = not writable and first and _has_wal_format(path)
        content = _look(path, whole) if first else None
        db = Database(path, busy_seconds=busy_seconds, writable=writable, immutable=alone)
    db.notices += notices
    try:
        return _check_unless_known(db, to_write, whole, content)
    except BaseException:
        db.close()
        raise


def _look(path: Path, whole: bool) -> Content | None:
    """What the file holds, where it is to be checked whole."""
    if path.stat().st_size >= CHECK_ALL_BELOW or (file_identity.is_known_sound(path) and not whole):
        return None
    return known_sound.look(path)


def _check_unless_known(db: Database, to_write: bool, whole: bool, content: Content | None) -> Database:
    """Check the file, each byte of it unless they are those of one that this computer has found sound."""
    path = db.path
    known = content is not None and content.is_known() and content.is_still_at(path)
    checked = known or file_identity.is_known_sound(path)
    deeply = whole or (path.stat().st_size < CHECK_ALL_BELOW and not checked)
    opened = _check_opened(db, to_write, deeply)
    if known and not deeply:
        opened.mark_sound()
    elif content is not None and deeply and not opened.damage and content.is_still_at(path):
        content.remember()
    return opened


def _check_opened(db: Database, to_write: bool, deeply: bool) -> Database:
    version = versions.require_known_version(db)
    if version < len(MIGRATIONS):
        return _open_older(db, version, to_write, deeply)
    found = soundness.findings_of_one_moment(db, version, deeply)
    if found and (to_write or not soundness.has_all_tables(db, version)):
        raise DamagedReview(f"{db.path} is damaged: {soundness.findings_in_words(found)}.", RESTORE_HINT)
    if found:
        return _make_read_only(db, found)
    if db.writable:
        db.row("PRAGMA journal_mode = DELETE")
        db.watch(db.columns())
    if deeply:
        db.mark_sound()
    return db


def _open_older(db: Database, version: int, to_write: bool, deeply: bool) -> Database:
    if to_write:
        raise OldReview(
            f"{db.path} was made by an earlier version of leads-local (file version {version}, now it is "
            f"{len(MIGRATIONS)}).",
            "`leads-local upgrade` brings it up to date and keeps a copy of it as it is. It can be read without.",
        )
    found = soundness.findings_of_one_moment(db, version, deeply)
    if any(soundness.schema_differences(db, version)):
        raise DamagedReview(f"{db.path} is damaged: {soundness.findings_in_words(found)}.", RESTORE_HINT)
    copy = db.copied()
    try:
        copy.sealed = version >= SEALED_SINCE
        db.close()
        with copy.private_transaction():
            versions.migrate(copy)
        return _make_read_only(copy, found)
    except BaseException:
        copy.close()
        raise


def _make_read_only(db: Database, found: list[str]) -> Database:
    db.damage = tuple(found)
    db.writable = False
    db.only_read_because = "it is damaged" if found else "it was made by an earlier version of leads-local"
    db.execute("PRAGMA query_only = ON")
    if found:
        db.tolerate_bad_text()
        db.notices.append(
            f"{db.path} is damaged: {soundness.findings_in_words(found)}. It is read as far as that is possible. "
            f"{RESTORE_HINT}"
        )
    return db


def upgrade(path: Path, keep: Callable[[Database], Path]) -> Path | None:
    """Bring an older file up to this program's schema, after ``keep`` has put a copy of it aside. Returns that, None if
    it is not older.

    Raises ReviewError when it can't be opened, is damaged or can't be written to; then nothing has been changed.
    """
    path = find_file(path)
    _require_file(path)
    with CONNECTING_LOCK:
        notices = _tidy_up(path, True)
        db = Database(path, busy_seconds=2.0, writable=True)
    db.notices += notices
    try:
        version = versions.require_known_version(db)
        if version == len(MIGRATIONS):
            return None
        db.lock_exclusively()
        found = list(soundness.findings(db, version, thoroughly=True))
        if found:
            raise DamagedReview(f"{path} is damaged: {soundness.findings_in_words(found)}.", RESTORE_HINT)
        kept = keep(db)
        db.row("PRAGMA journal_mode = DELETE")
        with db.transaction():
            versions.migrate(db)
            versions.seal_tables(db)
        return kept
    finally:
        db.close()


def find_damage(path: Path) -> list[str]:
    """Check every byte of the file through a new connection, which finds bytes changed under an open one. Returns the
    damage; empty if there is none, or if the file is too large or can't be read."""
    try:
        if path.stat().st_size < CHECK_ALL_BELOW:
            with contextlib.closing(open_file(path, to_write=False, whole=True)) as db:
                return list(db.damage)
    except DamagedReview as error:
        return [error.message]
    except (OSError, ReviewError):
        return []
    return []


def find_damage_aside(path: Path) -> list[str] | None:
    """``find_damage`` of a file in which people work: in a private copy, so that they wait only while that is made.
    None where the file could not be looked at now."""
    try:
        if path.stat().st_size >= CHECK_ALL_BELOW:
            return []
        with contextlib.closing(open_file(path, to_write=False)) as db, contextlib.closing(db.copied()) as copy:
            return list(db.damage) or list(soundness.findings(copy, len(MIGRATIONS), thoroughly=True))
    except DamagedReview as error:
        return [error.message]
    except (OSError, ReviewError):
        return None


def copy_file(path: Path, to: Path) -> None:
    """Copy a review file as it is, of whatever version, to the new file ``to``. Raises ReviewError or OSError."""
    path = find_file(path)
    _require_file(path)
    with CONNECTING_LOCK:
        db = Database(
            path,
            busy_seconds=2.0,
            writable=False,
            immutable=not os.access(path.absolute().parent, os.W_OK) and _has_wal_format(path),
        )
    try:
        db.copy_to(to)
    finally:
        db.close()


# ---------------------------------------------------------------- files


def _require_file(path: Path) -> None:
    if wrong := naming.why_too_long(path, "" if os.name == "nt" else naming.JOURNAL):
        raise ReviewError(f"{path} can't be opened: {wrong}.", "Move it to a folder whose path is shorter.")
    try:
        kind = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise ReviewError(
            f"{path}: there is no such review file.", "Check the name, or make a new review with `leads-local init`."
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ReviewError(f"{path} can't be opened: {reason}.", "Check the name and that you may read it.") from error
    if stat.S_ISDIR(kind):
        raise ReviewError(f"{path} is a folder, not a review file.", "Name the .leads file itself.")
    if not stat.S_ISREG(kind):
        raise ReviewError(f"{path} is no ordinary file.", "Name a .leads file.")
    if not os.access(path, os.R_OK):
        why, hint = rights.why_kept_out(path)
        raise ReviewError(f"{path} can't be read: {why}.", hint)


def _tidy_up(path: Path, writable: bool) -> list[str]:
    """What lay beside the file and was set aside. Raises ReviewError where that is needed and can't be done, or this is
    no such file."""
    try:
        header = leftovers.read_header(path)
        if header[: len(SQLITE_MAGIC)] != SQLITE_MAGIC:
            raise sqlite_errors.not_a_review(path)
        if header[18:24] not in _FORMATS:
            raise DamagedReview(f"{path} is damaged: its header is not as SQLite writes it.", RESTORE_HINT)
        return leftovers.set_aside(path) if writable else _name_leftovers(path)
    except OSError as error:
        raise ReviewError(
            f"{path} can't be opened: {error.strerror}.", "Check that you may write to its folder."
        ) from error


def _name_leftovers(path: Path) -> list[str]:
    return [
        f"Beside {path} lie unfinished changes of another version of it ({file.name}), which were left out."
        for file in leftovers.find_foreign(path)
    ]


def _has_wal_format(path: Path) -> bool:
    """A file of this format can be read on a read-only medium only as if nobody else could change it."""
    return leftovers.read_header(path)[18:20] == b"\x02\x02" or bool(leftovers.find_foreign(path))


def _exists_error(path: Path) -> ReviewError:
    return ReviewError(f"{path} already exists.", "Open it, or choose another name for the new review.")


def _unmakeable_error(path: Path, error: OSError) -> ReviewError:
    return ReviewError(f"{path} can't be made: {error.strerror}.", "Choose a folder that you may write to.")


def _publish(part: Path, path: Path) -> None:
    """Give the finished file its name, unless another program has taken it meanwhile."""
    try:
        file_identity.publish_file(part, path)
    except FileExistsError:
        raise _exists_error(path) from None
    except OSError as error:
        raise _unmakeable_error(path, error) from error


def _remove_stale_parts(path: Path) -> None:
    for part in path.parent.glob(f"{_escape_glob(path.name)}.*.part*"):
        if time.time() - part.stat().st_mtime > _STALE_SECONDS:
            durable.discard(part)


def _escape_glob(name: str) -> str:
    return re.sub(r"([\[\]*?])", r"[\1]", name)

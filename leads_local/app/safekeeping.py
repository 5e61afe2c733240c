"""What keeps a review safe: copies and going back to one, checking, upgrading, putting rescued acts back."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from leads_local import paths, private
from leads_local.app.outcome import Outcome, first_of, format_count
from leads_local.errors import ConfigError, InputError
from leads_local.files import size_in_words
from leads_local.review import backups, opening, places, rights
from leads_local.review.backups import RestoreResult
from leads_local.review.checking import CheckReport
from leads_local.review.read_models import PutBackReport
from leads_local.review.review import Review


def notices(review: Review) -> list[str]:
    """What a person should know of a file that was opened, a sentence each. What there is to say of its place is said
    once to each account; ``check`` says it whenever it is asked."""
    return [*review.notices, *_not_told_yet(review.path, place_notices(review.path))]


def place_notices(review: Path) -> list[str]:
    """What is to be known of where a review lies and of who may read it there."""
    return [*places.notices(review), *rights.notices(review)]


def _not_told_yet(review: Path, sentences: list[str]) -> list[str]:
    """Those that this account was not told before, and it is remembered that it was. Where that can't be, all are told
    again. Never raises."""
    new = sentences
    with contextlib.suppress(OSError, ConfigError, UnicodeDecodeError):
        file = paths.places_told_file()
        told = file.read_text("utf-8").split() if new and file.exists() else []
        marks = {_mark(review, sentence): sentence for sentence in sentences}
        new = [sentence for mark, sentence in marks.items() if mark not in told]
        if new:
            private.replace_file(file, "\n".join(dict.fromkeys([*told, *marks])).encode())
    return new


def _mark(review: Path, sentence: str) -> str:
    return hashlib.sha256(f"{review.resolve()} {sentence}".encode("utf-8", "replace")).hexdigest()[:16]


def back_up(review: Review, to: Path | None = None) -> Path:
    """Copy the review's file as it is, of whatever version and in whatever state. Returns where the copy is."""
    return backups.back_up_file(review.path, to)


def find_copy(review: Path, name: Path) -> Path:
    """The copy that is called ``name``: a file, or one of the folder of copies as its list names it."""
    listed = backups.copies_folder(review) / name.name
    return listed if not name.exists() and listed.exists() else name


def list_copies(review: Path) -> list[backups.ReviewCopy]:
    """The copies in the review's folder of copies, newest first. InputError when there are none."""
    found = backups.list_copies(review)
    if not found:
        raise InputError(
            f"There are no copies of {review}.", "Name one with leads-local restore --from, if you keep them elsewhere."
        )
    return found


def describe_copy(copy: backups.ReviewCopy) -> tuple[str, str, str]:
    """When it was made, what for, and how large it is."""
    return copy.made, copy.why or "by hand", size_in_words(copy.size)


def describe_restore(review: Path, done: RestoreResult) -> Outcome:
    told = (
        f"{review} is the copy {done.copy} again, with {done.decided:,} of {format_count(done.records, 'record')} "
        "decided by title and abstract."
    )
    kept = (f"The review that was there is kept as {done.kept}.",) if done.kept is not None else ()
    return Outcome((told,), kept)


def upgrade(review: Path) -> Path | None:
    """Bring an older review up to date. Returns the copy of it as it was, None where it was up to date."""
    return opening.upgrade(review, lambda db: backups.back_up(db, why="before-upgrade"))


def describe_upgrade(review: Path, kept: Path | None) -> Outcome:
    before = f" As it was before it is kept as {kept}." if kept is not None else ""
    return Outcome((f"{review} is up to date.{before}",))


def describe_unread(review: Review) -> Outcome:
    """What of a damaged review could not be read so far, and is therefore in nothing that was made of it."""
    unread = (f"{review.path}: {what} can't be read; it was left out." for what in review.unreadable())
    return Outcome((), first_of(unread, "leads-local check lists all of it."))


def describe_put_back(done: PutBackReport) -> Outcome:
    """What became of the acts that were kept when another version took the review's place."""
    told = (
        f"{done.done:,} put back, {done.there:,} were there already, {len(done.by_hand):,} are left for you to look at."
    )
    return Outcome((told,), tuple(done.by_hand), failed=bool(done.by_hand))


def describe_check(review: Path, report: CheckReport) -> Outcome:
    """Whether the file is sound; else what is wrong with it, and where to go from there."""
    about = tuple(place_notices(review))
    if not report.sound:
        found = (*(f"{what}." for what in report.findings), *(f"{row} can't be read." for row in report.rows))
        return Outcome(tuple(f"{review}: {what}" for what in found), (_way_out(report), *about), failed=True)
    if not report.sealed:
        return Outcome(
            (
                f"{review}: what SQLite and the histories tell is sound; a file of an earlier version carries no seal, "
                "so changed texts can't be told; leads-local upgrade seals it.",
            ),
            about,
        )
    size, commits = size_in_words(report.size), format_count(report.generation, "commit")
    return Outcome((f"{review} is sound: {size}, every byte as leads-local wrote it, {commits}.",), about)


def _way_out(report: CheckReport) -> str:
    newest = (
        f"The newest copy is {report.copies[0].path}: leads-local restore goes back to it (on the screen k, then r)."
        if report.copies
        else "There is no copy beside it."
    )
    return f"{newest} What can be read can be exported: leads-local export (on the screen e)."

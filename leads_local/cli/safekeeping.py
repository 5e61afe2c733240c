"""Commands that keep a review safe: copies of it, going back to one, checking it, upgrading it, and putting rescued
acts back."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from leads_local import terminal_text
from leads_local.cli.arguments import PATH, json_option, review_argument
from leads_local.cli.echo import echo, print_json
from leads_local.cli.reviews import reading
from leads_local.engine.installed import size_in_words
from leads_local.errors import InputError


@click.command()
@review_argument
@click.option(
    "--to",
    type=PATH,
    default=None,
    help="File or folder for the copy [default: the folder REVIEW.leads.copies beside it].",
)
@json_option
def backup(review: Path, to: Path | None, as_json: bool) -> int:
    """Copy a review as it stands now, also while other programs work on it. Copies made by hand are never deleted by
    this program."""
    from leads_local.review import backups

    with reading(review) as opened:
        made = backups.back_up_file(review, to)
        sound = not opened.db.damage
    if as_json:
        print_json({"copy": str(made), "sound": sound})
    else:
        echo(terminal_text.safe_line(str(made)))
    return 0 if sound else 1


@click.command()
@review_argument
@click.option(
    "--from", "copy", type=PATH, default=None, help="The copy to go back to [default: list those that there are]."
)
@json_option
def restore(review: Path, copy: Path | None, as_json: bool) -> None:
    """Go back to a copy of a review. The review that is there now is kept as another copy, whatever state it is in."""
    from leads_local.review import backups

    if copy is None:
        found = backups.list_copies(review)
        if as_json:
            print_json([dataclasses.asdict(one) for one in found])
            return
        if not found:
            raise InputError(f"There are no copies of {review}.", "Name one with --from, if you keep copies elsewhere.")
        for one in found:
            echo(
                f"{one.made:16}  {one.why or 'by hand':15} {size_in_words(one.size):>9}  "
                f"{terminal_text.safe_line(str(one.path))}"
            )
        echo("Go back to one with --from FILE.", err=True)
        return
    if not copy.exists() and (backups.copies_folder(review) / copy.name).exists():
        copy = backups.copies_folder(review) / copy.name  # as the list names it
    done = backups.restore(review, copy)
    if as_json:
        print_json(dataclasses.asdict(done))
        return
    echo(
        terminal_text.safe_line(
            f"{review} is the copy {done.copy} again: {done.records} records, {done.decided} decided by their abstract."
        )
    )
    if done.kept is not None:
        echo(terminal_text.safe_line(f"The review that was there is kept as {done.kept}."), err=True)


@click.command()
@review_argument
@json_option
def check(review: Path, as_json: bool) -> int:
    """Check every byte of a review: that it is as leads-local wrote it, and that decisions and their histories agree.
    Changes nothing."""
    from leads_local.review.checking import check_file as look

    report = look(review)
    if as_json:
        print_json({**dataclasses.asdict(report), "sound": report.sound})
        return 0 if report.sound else 1
    for what in report.findings:
        echo(terminal_text.safe_line(f"{review}: {what}."))
    for row in report.rows:
        echo(terminal_text.safe_line(f"{review}: {row} can't be read."))
    if report.sound and not report.sealed:
        unknown = (
            "a file of an earlier version carries no seal, so changed texts can't be told; leads-local upgrade seals it"
        )
        echo(terminal_text.safe_line(f"{review}: what SQLite and the histories tell is sound; {unknown}."))
        return 0
    if report.sound:
        echo(
            terminal_text.safe_line(
                f"{review} is sound: {size_in_words(report.size)}, every byte as leads-local wrote it, "
                f"{report.generation} commits."
            )
        )
        return 0
    newest = (
        f"The newest copy is {report.copies[0].path}: leads-local restore goes back to it."
        if report.copies
        else "There is no copy beside it."
    )
    echo(terminal_text.safe_line(f"{newest} What can be read can be exported: leads-local export."), err=True)
    return 1


@click.command()
@review_argument
def upgrade(review: Path) -> None:
    """Bring a review of an earlier version up to date. A copy of it as it is goes into the folder of copies first."""
    from leads_local.review import backups, opening

    kept = opening.upgrade(review, lambda db: backups.back_up(db, why="before-upgrade"))
    if kept is None:
        echo(terminal_text.safe_line(f"{review} is up to date."))
    else:
        echo(terminal_text.safe_line(f"{review} is up to date. As it was before it is kept as {kept}."))


@click.command()
@review_argument
@click.argument("file", type=PATH)
@json_option
def rescue(review: Path, file: Path, as_json: bool) -> int:
    """Put decisions back that were kept in FILE when a review was replaced while it was open.

    What is there already is left alone; what somebody else has decided meanwhile is listed and not replaced.
    """
    from leads_local.review.review import Review

    with Review.open(review) as opened:
        done = opened.put_back(file)
    if as_json:
        print_json(dataclasses.asdict(done))
    else:
        echo(f"{done.done} put back, {done.there} were there already, {len(done.by_hand)} are left for you to look at.")
        for act in done.by_hand:
            echo(f"  {terminal_text.safe_line(act)}", err=True)
    return 1 if done.by_hand else 0

"""Commands that keep a review safe: copies of it, going back to one, checking it, upgrading it, and putting rescued
acts back."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from leads_local import terminal_text
from leads_local.cli.arguments import PATH, json_option, review_argument
from leads_local.cli.echo import echo, echo_outcome, print_json
from leads_local.cli.reviews import reading
from leads_local.errors import ExitCode


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
    from leads_local.app import safekeeping

    with reading(review) as opened:
        made = safekeeping.back_up(opened, to)
        sound = not opened.db.damage
    if as_json:
        print_json({"copy": str(made), "sound": sound})
    else:
        echo(terminal_text.safe_line(str(made)))
    return ExitCode.look_if(not sound)


@click.command()
@review_argument
@click.option(
    "--from", "copy", type=PATH, default=None, help="The copy to go back to [default: list those that there are]."
)
@json_option
def restore(review: Path, copy: Path | None, as_json: bool) -> None:
    """Go back to a copy of a review. The review that is there now is kept as another copy, whatever state it is in."""
    from leads_local.app import safekeeping
    from leads_local.review import backups

    if copy is None:
        if as_json:
            print_json([dataclasses.asdict(one) for one in backups.list_copies(review)])
            return
        for one in safekeeping.list_copies(review):
            made, why, size = safekeeping.describe_copy(one)
            echo(f"{made:16}  {why:15} {size:>9}  {terminal_text.safe_line(str(one.path))}")
        echo("Go back to one with --from FILE.", err=True)
        return
    done = backups.restore(review, safekeeping.find_copy(review, copy))
    if as_json:
        print_json(dataclasses.asdict(done))
    else:
        echo_outcome(safekeeping.describe_restore(review, done))


@click.command()
@review_argument
@json_option
def check(review: Path, as_json: bool) -> int:
    """Check every byte of a review: that it is as leads-local wrote it, and that decisions and their histories agree.
    Changes nothing."""
    from leads_local.app import safekeeping
    from leads_local.review import checking

    report = checking.check_file(review)
    if as_json:
        print_json({**dataclasses.asdict(report), "sound": report.sound})
        return ExitCode.look_if(not report.sound)
    return echo_outcome(safekeeping.describe_check(review, report))


@click.command()
@review_argument
def upgrade(review: Path) -> None:
    """Bring a review of an earlier version up to date. A copy of it as it is goes into the folder of copies first."""
    from leads_local.app import safekeeping

    echo_outcome(safekeeping.describe_upgrade(review, safekeeping.upgrade(review)))


@click.command()
@review_argument
@click.argument("file", type=PATH)
@json_option
def rescue(review: Path, file: Path, as_json: bool) -> int:
    """Put decisions back that were kept in FILE when a review was replaced while it was open.

    What is there already is left alone; what somebody else has decided meanwhile is listed and not replaced.
    """
    from leads_local.app import safekeeping
    from leads_local.review.review import Review

    with Review.open(review) as opened:
        done = opened.put_back(file)
    if as_json:
        print_json(dataclasses.asdict(done))
        return ExitCode.look_if(done.by_hand)
    return echo_outcome(safekeeping.describe_put_back(done))

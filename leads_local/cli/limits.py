"""The command on criteria that are checked by rule."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from leads_local.cli.arguments import TEXT, json_option, review_argument, reviewer_option
from leads_local.cli.echo import ask_yes_or_no, at_terminal, echo, echo_outcome, print_json
from leads_local.cli.reviews import changing, reading
from leads_local.errors import ExitCode


@click.command()
@review_argument
@click.option(
    "--set",
    "put",
    type=TEXT,
    multiple=True,
    metavar="NAME=RULE",
    help='Add one, or give one another rule. RULE: "year only 2000-2020", "language only English; German", '
    '"publication type not Review; Letter", "journal country only …", "address country not …".',
)
@click.option("--remove", type=TEXT, multiple=True, metavar="NAME", help="Take one out of the protocol.")
@click.option(
    "--exclude", type=TEXT, multiple=True, metavar="NAME", help="Take out before screening what is not within it."
)
@click.option("--keep", type=TEXT, multiple=True, metavar="NAME", help="Have what is not within it screened (again).")
@click.option("--yes", is_flag=True, help="Apply changes without asking.")
@json_option
@reviewer_option
def limits(
    review: Path,
    put: tuple[str, ...],
    remove: tuple[str, ...],
    exclude: tuple[str, ...],
    keep: tuple[str, ...],
    yes: bool,
    as_json: bool,
    reviewer: str | None,
) -> int:
    """Criteria that need no model: year, language, publication type, country, by what the record's own fields say.

    Without options, how many reports are within each limit, are not, or don't say. The model is not asked about them.
    A limit only shows its answer until --exclude says that reports not within it are not screened; PRISMA counts
    them as ineligible by automation tools, and a person's decision on one takes it in again. `undo` takes a change
    back.
    """
    from leads_local.app import limits as words

    if not (put or remove or exclude or keep):
        with reading(review) as opened:
            if as_json:
                print_json(words.as_data(opened.preview_limits()))
                return ExitCode.DONE
            return echo_outcome(words.describe_limits(opened))
    with changing(review, reviewer) as opened:
        seen = opened.protocol()
        wanted = words.change(seen.limits, put, remove, exclude, keep)
        for line in (*words.describe_changes(seen.limits, wanted), *words.describe_preview(opened, wanted)):
            echo(line)
        if wanted == seen.limits:
            echo("Nothing is changed.")
            return ExitCode.DONE
        if not yes and at_terminal(sys.stdin, sys.stderr) and not ask_yes_or_no("Apply these changes?"):
            echo("Nothing was changed.")
            return ExitCode.LOOK
        opened.set_limits(wanted, seen)
        echo("The limits are changed; `leads-local undo` takes all of that back.", err=True)
        return ExitCode.DONE

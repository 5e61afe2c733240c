"""The command that takes in what was decided in another screening tool."""

from __future__ import annotations

from pathlib import Path

import click

from leads_local.cli.arguments import PATH, TEXT, json_option, review_argument, reviewer_option, stage_option
from leads_local.cli.echo import echo, echo_outcome, print_json
from leads_local.cli.progress import reporting, waiting
from leads_local.cli.reviews import changing, reading
from leads_local.errors import ExitCode
from leads_local.records import Choice, Stage


@click.command()
@review_argument
@click.argument("export", type=PATH, metavar="FILE|NUMBER")
@click.option("--take", is_flag=True, help="Take what the table shows. Without it nothing is changed.")
@stage_option
@click.option(
    "--reviewer-name",
    "names",
    type=TEXT,
    multiple=True,
    metavar="THERE=HERE",
    help="Who is meant by a name there; =NAME for decisions that name nobody.",
)
@click.option(
    "--column",
    "columns",
    type=TEXT,
    multiple=True,
    metavar="NAME[=REVIEWER]",
    help="A column that holds decisions, and whose they are.",
)
@click.option(
    "--label",
    "labels",
    type=TEXT,
    multiple=True,
    metavar="TEXT=CHOICE",
    help="What a label in it means: include, exclude, maybe or nothing.",
)
@click.option(
    "--every",
    type=click.Choice([one.value for one in Choice]),
    help="What was decided of every record of the file, as where a tool exports its included ones.",
)
@reviewer_option
@json_option
def decisions(
    review: Path,
    export: Path,
    take: bool,
    stage: str,
    names: tuple[str, ...],
    columns: tuple[str, ...],
    labels: tuple[str, ...],
    every: str | None,
    reviewer: str | None,
    as_json: bool,
) -> int:
    """Show which decisions, labels and notes an export of Rayyan, ASReview, Covidence, EPPI-Reviewer or another tool
    holds, and with --take take them.

    FILE is the export, or an import by its NUMBER in `sources`. Its records have to be in the review: import it first,
    or the searches that it came from. Each reviewer's decisions stay their own; what they have decided here already
    stays. Labels become tags, notes notes. One `undo` takes all back.

    The exit code is 1 where something is not taken.
    """
    from leads_local.app import taking as use

    how, order = use.make_reading(columns, labels, every), use.make_order(Stage(stage), names)
    with changing(review, reviewer) if take else reading(review) as opened:
        with waiting("Comparing the records"):
            file = opened.told_by(export, how)
            plan = opened.plan_taking(file, order)
        taken = None
        shown = echo_outcome(use.describe_plan(plan, file), quiet=as_json)
        if take and not plan.is_empty:
            with reporting("Taking decisions", "group") as progress:
                taken = opened.take(plan, progress)
            shown = max(shown, echo_outcome(use.describe_taken(taken), quiet=as_json))
        elif not plan.is_empty:
            echo("Nothing is taken yet: the same command with --take does.", err=True)
        if as_json:
            print_json(use.plan_as_data(plan, taken))
    return ExitCode(shown)

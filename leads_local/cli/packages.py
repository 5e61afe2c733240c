"""The command that gives a part of a review to one reviewer."""

from __future__ import annotations

from pathlib import Path

import click

from leads_local.app.conditions import WHERE_HELP
from leads_local.app.packages import RECORDS_HELP, Selection
from leads_local.cli.arguments import PATH, TEXT, json_option, review_argument, stage_option
from leads_local.cli.echo import echo_outcome, print_json
from leads_local.cli.reviews import changing
from leads_local.records import Stage


@click.command()
@review_argument
@click.argument("package", type=PATH, metavar="PACKAGE.leads")
@click.option("--reviewer", type=TEXT, required=True, help="Whom it is for.")
@stage_option
@click.option("--records", "numbers", type=TEXT, default="", help=RECORDS_HELP)
@click.option("--where", "conditions", type=TEXT, multiple=True, metavar="CONDITION", help=WHERE_HELP)
@click.option(
    "--conflicts", is_flag=True, help="What reviewers differ on, with what each decided and why: for who settles it."
)
@click.option("--rest", is_flag=True, help="Of these only what no work package has yet.")
@click.option(
    "--share",
    "part",
    type=click.FloatRange(0, 1, min_open=True),
    default=None,
    help="Of these only that part, drawn by the records' own names.",
)
@click.option(
    "--full-texts/--no-full-texts",
    "texts",
    default=None,
    help="With the full texts of the papers, or without [default: with them where full texts are decided].",
)
@click.option("--with-scores", "scores", is_flag=True, help="With the model's judgements, though reviewers are blind.")
@click.option("--by", type=TEXT, default=None, help="Who gives it out [default: as in other commands --reviewer].")
@json_option
def share(
    review: Path,
    package: Path,
    reviewer: str,
    stage: str,
    numbers: str,
    conditions: tuple[str, ...],
    conflicts: bool,
    rest: bool,
    part: float | None,
    texts: bool | None,
    scores: bool,
    by: str | None,
    as_json: bool,
) -> int:
    """Write a part of REVIEW to the new file PACKAGE.leads, for one reviewer to work on wherever they are.

    In it are the reports that they have to decide, or those that you name; the protocol; and what they said before.
    What others decided is not in it. They open it like any review, and `merge` brings what they did back.
    """
    from leads_local.app.packages import describe_share, make_order, package_as_data

    with changing(review, by) as opened:
        selection = Selection(numbers, conditions, conflicts, rest, part)
        order = make_order(opened, reviewer, Stage(stage), selection, texts, scores=scores)
        made = opened.share(package, order)
        if as_json:
            print_json({"file": str(package), **(package_as_data(made) or {})})
            return 0
        return echo_outcome(describe_share(opened, package, made))

"""Commands on the review itself: start one, decide, see where it stands."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leads_local import terminal_text
from leads_local.app.criteria import parse_criterion, require_criterion
from leads_local.app.past_flow import MOMENT_HELP, describe_past_flow, past_flow_as_data
from leads_local.cli.arguments import TEXT, json_option, load_settings, review_argument, reviewer_option
from leads_local.cli.echo import echo, echo_outcome, print_json
from leads_local.cli.reviews import reading
from leads_local.errors import ExitCode
from leads_local.records import Question, Stage
from leads_local.review.past_flow import read_moment

if TYPE_CHECKING:
    from leads_local.review.review import Review


@click.command()
@review_argument
@click.option("--title", type=TEXT, default="", help="What the review is called.")
@click.option("--population", type=TEXT, default="", help="P: who is studied.")
@click.option("--intervention", type=TEXT, default="", help="I: what is done.")
@click.option("--comparison", type=TEXT, default="", help="C: against what.")
@click.option("--outcome", type=TEXT, default="", help="O: what is measured.")
@click.option(
    "--criterion",
    "criteria",
    type=TEXT,
    multiple=True,
    metavar="NAME=TEXT",
    help="A further criterion; may be given again.",
)
def init(
    review: Path,
    title: str,
    population: str,
    intervention: str,
    comparison: str,
    outcome: str,
    criteria: tuple[str, ...],
) -> None:
    """Start a new review in the file REVIEW.leads."""
    from leads_local.review.review import Review

    question = Question(title.strip(), population.strip(), intervention.strip(), comparison.strip(), outcome.strip())
    own = [parse_criterion(text) for text in criteria]
    require_criterion(question, own)
    with Review.create(review, question, own) as created:
        names = ", ".join(c.name for c in created.criteria())
        echo(f"{review}: a new review with the criteria {names}.")


@click.command()
@review_argument
@click.option("--at", "moment", type=TEXT, metavar="MOMENT", help=f"The PRISMA flow as it stood then. {MOMENT_HELP}")
@click.option("--events", is_flag=True, help="Instead: what was done to the review, oldest first.")
@reviewer_option
@json_option
def status(review: Path, moment: str | None, events: bool, reviewer: str | None, as_json: bool) -> int:
    """Where a review stands: criteria, reviewers, records, decisions, model work and failures.

    With --at the numbers of the PRISMA flow as they stood at a past moment, counted from the log of what people did: by
    the time that each act has from the computer on which it was done. A day counts until its end.
    """
    from leads_local.app.status import done_lines, status_lines

    if moment is not None:
        return _past_status(review, moment, as_json)
    with reading(review) as opened:
        opened.acting = load_settings(reviewer=reviewer).reviewer_name if events else ""
        if as_json:
            print_json(_as_data(opened, events))
            return ExitCode.DONE
        for line in done_lines(opened) if events else status_lines(opened):
            echo(terminal_text.safe_block(line))
    return ExitCode.DONE


def _as_data(opened: Review, events: bool) -> object:
    if events:
        from leads_local.app.status import events_to_tell

        return [dataclasses.asdict(event) for event in events_to_tell(opened)]
    from leads_local.app.packages import package_as_data

    return {
        "counts": dataclasses.asdict(opened.counts()),
        "work": dataclasses.asdict(opened.work()),
        "failures": [dataclasses.asdict(failure) for failure in opened.failures()],
        "not_read_whole": [dataclasses.asdict(paper) for paper in opened.unread()],
        "waiting_pdfs": len(opened.waiting_pdfs()),
        "waiting_pairs": len(opened.doubts()),
        "outcomes": {stage: dataclasses.asdict(opened.outcome_counts(stage)) for stage in Stage},
        "reviewers": opened.reviewers(),
        "package": package_as_data(opened.package()),
        "given_packages": [dataclasses.asdict(one) for one in opened.given_packages()],
    }


def _past_status(review: Path, moment: str, as_json: bool) -> int:
    from leads_local.app.packages import package_as_data

    at = read_moment(moment)
    with reading(review) as opened:
        found, package = opened.counts_at(at), opened.package()
    told = describe_past_flow(found)
    if as_json:
        print_json(past_flow_as_data(found) | {"package": package_as_data(package)})
    elif package is not None:
        echo(terminal_text.safe_line(package.in_words()))
    for line in () if as_json else told.results:
        echo(line)
    return echo_outcome(told, quiet=True)

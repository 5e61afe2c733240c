"""Commands on the review itself: start one, decide, see where it stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import click

from leads_local import terminal_text
from leads_local.app.criteria import parse_criterion, require_criterion
from leads_local.app.past_flow import MOMENT_HELP, describe_past_flow, past_flow_as_data
from leads_local.cli.arguments import TEXT, json_option, review_argument
from leads_local.cli.echo import echo, echo_outcome, print_json
from leads_local.cli.reviews import reading
from leads_local.errors import ExitCode
from leads_local.records import Question, Stage
from leads_local.review.past_flow import read_moment
from leads_local.review.prisma import flow_lines
from leads_local.review.read_models import PrismaCounts


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
@json_option
def status(review: Path, moment: str | None, as_json: bool) -> int:
    """Where a review stands: records, decisions, model work and failures.

    With --at the numbers of the PRISMA flow as they stood at a past moment, counted from the log of what people did: by
    the time that each act has from the computer on which it was done. A day counts until its end.
    """
    from leads_local.app.protocol import stale_notice

    if moment is not None:
        return _past_status(review, moment, as_json)
    with reading(review) as opened:
        counts, work, failures, unread = opened.counts(), opened.work(), opened.failures(), opened.unread()
        waiting = len(opened.waiting_pdfs())
        stale = stale_notice(opened)
        outcomes = {stage: opened.outcome_counts(stage) for stage in Stage}
    if as_json:
        print_json(
            {
                "counts": dataclasses.asdict(counts),
                "work": dataclasses.asdict(work),
                "failures": [dataclasses.asdict(failure) for failure in failures],
                "not_read_whole": [dataclasses.asdict(paper) for paper in unread],
                "waiting_pdfs": waiting,
                "outcomes": {stage: dataclasses.asdict(counted) for stage, counted in outcomes.items()},
            }
        )
        return ExitCode.DONE
    for what, number in status_lines(counts):
        indent = len(what) - len(what.lstrip(" "))
        echo(f"{' ' * indent + terminal_text.safe_line(what):44} {number}")
    for stage, counted in outcomes.items():
        if counted.conflict:
            echo(f"{f'Reviewers differ ({stage})':44} {counted.conflict}")
        if counted.waiting:
            echo(f"{f'Waiting for a second reviewer ({stage})':44} {counted.waiting}")
    echo(f"{'Model work':44} {work.done} done, {work.pending} pending, {work.failed} failed")
    if waiting:
        echo(f"{'PDFs that match no record and wait for you':44} {waiting}")
    for paper in unread:
        echo(f"  record {paper.record_id}, {paper.stage}: a long paper; {terminal_text.safe_line(paper.in_words())}")
    if stale:
        echo(stale)
    for failure in failures:
        echo(f"  record {failure.record_id}, {failure.task}: {terminal_text.safe_line(failure.reason)}")
    return ExitCode.DONE


def _past_status(review: Path, moment: str, as_json: bool) -> int:
    at = read_moment(moment)
    with reading(review) as opened:
        found = opened.counts_at(at)
    told = describe_past_flow(found)
    if as_json:
        print_json(past_flow_as_data(found))
    for line in () if as_json else told.results:
        echo(line)
    return echo_outcome(told, quiet=True)


def status_lines(counts: PrismaCounts) -> Iterator[tuple[str, int]]:
    """The numbers of the PRISMA flow, each with what it counts, and those that are no part of it."""
    for line in flow_lines(counts):
        yield "  " * line.depth + line.label, line.number
    if counts.conflicts:
        yield "Duplicates that were decided differently", counts.conflicts
    for stage in counts.progress:
        yield f"Judged by the model ({stage.stage.value})", stage.screened

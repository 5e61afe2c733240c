"""The command that brings copies of a review together."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from leads_local.cli.arguments import PATH, json_option, review_argument, reviewer_option
from leads_local.cli.echo import echo_outcome, print_json
from leads_local.cli.reviews import changing
from leads_local.errors import ExitCode


@click.command()
@review_argument
@click.argument("others", type=PATH, nargs=-1, required=True, metavar="OTHER.leads...")
@json_option
@reviewer_option
def merge(review: Path, others: tuple[Path, ...], as_json: bool, reviewer: str | None) -> int:
    """Take into REVIEW what copies of it hold on which others worked, and what was done in work packages that it gave
    out (`share`): records, PDFs, the model's answers, decisions.

    The others stay as they are. In whatever order they are merged, and however often, the result is the same. A copy
    of the review as it was is kept.
    """
    from leads_local.app.merging import describe_merge

    with changing(review, reviewer) as opened:
        done = opened.merge(others)
        if as_json:
            print_json(dataclasses.asdict(done) | {"kept": str(done.kept) if done.kept else None})
            return ExitCode.look_if(any(report.conflicts for report in done.reports))
        return echo_outcome(describe_merge(opened, done))

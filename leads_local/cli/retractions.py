"""The command that looks for retractions in a list that the user has."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from leads_local.cli.arguments import PATH, json_option, review_argument, reviewer_option
from leads_local.cli.echo import echo_outcome, print_json
from leads_local.cli.progress import waiting
from leads_local.cli.reviews import changing


@click.command()
@review_argument
@click.argument("file", type=PATH, metavar="FILE.csv")
@reviewer_option
@json_option
def retractions(review: Path, file: Path, reviewer: str | None, as_json: bool) -> int:
    """Compare the review with Retraction Watch's list, as its CSV was downloaded: by DOI and PMID.

    Reports that were retracted, corrected, reinstated or have an expression of concern are tagged and told in every
    list; none is removed. The exit code is 1 where something was tagged.
    """
    from leads_local.app.newer import describe_retractions

    with changing(review, reviewer) as opened, waiting(f"Reading {file.name}"):
        report = opened.note_retractions(file)
    if as_json:
        print_json(dataclasses.asdict(report))
    return echo_outcome(describe_retractions(report), quiet=as_json)

"""The command on what was imported: which files, with how many records, and taking a wrong one out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from leads_local.cli.arguments import TEXT, json_option, review_argument, reviewer_option
from leads_local.cli.echo import echo_outcome, print_json
from leads_local.cli.reviews import changing, reading
from leads_local.errors import InputError


@click.command()
@review_argument
@click.option("--withdraw", type=TEXT, metavar="FILE|NUMBER", help="Take this import out of the review.")
@click.option("--back", type=TEXT, metavar="FILE|NUMBER", help="Have this import back, which was withdrawn.")
@click.option("--reason", type=TEXT, default="", help="Why it is withdrawn.")
@reviewer_option
@json_option
def sources(
    review: Path, withdraw: str | None, back: str | None, reason: str, reviewer: str | None, as_json: bool
) -> int:
    """List what was imported, with counts; with --withdraw take a wrong import out.

    Its records leave lists, counts, duplicates, the model's work and the tables of exports. Nothing is deleted: what
    was decided on them stays in the history, and `undo` or --back brings them back. A report that another import has
    too goes on with its decisions.
    """
    from leads_local.app.sources import describe_sources, describe_withdrawal

    if withdraw is not None and back is not None:
        raise InputError("--withdraw and --back can't be given together.", "Give them one after the other.")
    if reason and withdraw is None:
        raise InputError("--reason says why an import is withdrawn.", "Give it with --withdraw.")
    named = withdraw if withdraw is not None else back
    if named is None:
        with reading(review) as opened:
            found = opened.sources()
        if as_json:
            print_json([dataclasses.asdict(source) for source in found])
        return echo_outcome(describe_sources(found), quiet=as_json)
    with changing(review, reviewer) as opened:
        changed = opened.withdraw(opened.find_source(named).sha256, reason, withdrawn=withdraw is not None)
        if as_json:
            print_json(dataclasses.asdict(changed))
        return echo_outcome(describe_withdrawal(changed, opened), quiet=as_json)

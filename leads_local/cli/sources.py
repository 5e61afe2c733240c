"""The command on what was imported: which files, with how many records, how they were searched, and taking a wrong one
out."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leads_local.cli.arguments import TEXT, json_option, review_argument, reviewer_option, search_options
from leads_local.cli.echo import echo_outcome, print_json
from leads_local.cli.reviews import changing, reading
from leads_local.errors import InputError

if TYPE_CHECKING:
    from leads_local.review.read_models import Source
    from leads_local.review.search_details import SearchDetails


@click.command()
@review_argument
@click.argument("named", type=TEXT, required=False, metavar="[FILE|NUMBER]")
@search_options
@click.option("--withdraw", type=TEXT, metavar="FILE|NUMBER", help="Take this import out of the review.")
@click.option("--back", type=TEXT, metavar="FILE|NUMBER", help="Have this import back, which was withdrawn.")
@click.option("--reason", type=TEXT, default="", help="Why it is withdrawn.")
@reviewer_option
@json_option
def sources(
    review: Path,
    named: str | None,
    withdraw: str | None,
    back: str | None,
    reason: str,
    reviewer: str | None,
    as_json: bool,
    **search: str | None,
) -> int:
    """List what was imported, with counts and how it was searched; say how one was; with --withdraw take one out.

    With FILE or its number in the list: all that was said of it, or what the options say, for the appendix and the
    flow diagram (PRISMA-S). Where a database claimed another number of hits than came in, that is told.

    The records of a withdrawn import leave lists, counts, duplicates, the model's work and the tables of exports.
    Nothing is deleted: what was decided on them stays in the history, and `undo` or --back brings them back. A report
    that another import has too goes on with its decisions.
    """
    from leads_local.app.sources import describe_sources, describe_withdrawal

    if withdraw is not None and back is not None:
        raise InputError("--withdraw and --back can't be given together.", "Give them one after the other.")
    if reason and withdraw is None:
        raise InputError("--reason says why an import is withdrawn.", "Give it with --withdraw.")
    typed = {name: text for name, text in search.items() if text is not None}
    moved = withdraw if withdraw is not None else back
    if moved is not None and (named or typed):
        raise InputError("--withdraw and --back name the import themselves.", "Say the rest with another command.")
    if named is not None:
        return _one(review, named, typed, reviewer, as_json)
    if typed:
        raise InputError("Of which import is that said?", "Name it: leads-local sources REVIEW 1 --platform Ovid")
    if moved is None:
        with reading(review) as opened:
            found, searched = opened.sources(), opened.search_details()
        if as_json:
            print_json([_as_json(source, searched.get(source.sha256)) for source in found])
        return echo_outcome(describe_sources(found, searched), quiet=as_json)
    with changing(review, reviewer) as opened:
        changed = opened.withdraw(opened.find_source(moved).sha256, reason, withdrawn=withdraw is not None)
        if as_json:
            print_json(dataclasses.asdict(changed))
        return echo_outcome(describe_withdrawal(changed, opened), quiet=as_json)


def _one(review: Path, named: str, typed: dict[str, str], reviewer: str | None, as_json: bool) -> int:
    """What is said of one import, after that was changed where anything is typed."""
    from leads_local.app.sources import describe_one, describe_search
    from leads_local.review.search_details import NOTHING

    with changing(review, reviewer) if typed else reading(review) as opened:
        source = opened.find_source(named)
        if typed:
            describe_search(opened, source.sha256, typed)
        said = opened.search_details().get(source.sha256, NOTHING)
    if as_json:
        print_json(_as_json(source, said))
    return echo_outcome(describe_one(source, said), quiet=as_json)


def _as_json(source: Source, said: SearchDetails | None) -> dict[str, Any]:
    return {**dataclasses.asdict(source), "search": dataclasses.asdict(said) if said is not None else None}

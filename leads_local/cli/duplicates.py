"""The command on duplicates: finding them, listing them, and saying which records are one report and which are two."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from leads_local.cli.arguments import json_option, review_argument, reviewer_option
from leads_local.cli.echo import echo_outcome, print_json
from leads_local.cli.progress import reporting
from leads_local.cli.reviews import changing, reading
from leads_local.errors import InputError

_LIST, _SEPARATE, _JOIN, _BACK = "--list", "--separate", "--join", "--back"
_TWO = 2


@click.command()
@review_argument
@click.argument("records", type=int, nargs=-1)
@click.option(_LIST, "said", flag_value=_LIST, help="List the pairs that may be one report, and all groups.")
@click.option(
    *(_SEPARATE, "said"),
    flag_value=_SEPARATE,
    help="The first of RECORDS is another report than the others, or than all that it is grouped with.",
)
@click.option(_JOIN, "said", flag_value=_JOIN, help="The two RECORDS are one report.")
@click.option(_BACK, "said", flag_value=_BACK, help="RECORD, which was set apart, may be grouped again.")
@click.option("--anew", is_flag=True, help="Compare all records again, not only what came since the last time.")
@reviewer_option
@json_option
def dedupe(
    review: Path, records: tuple[int, ...], said: str | None, anew: bool, reviewer: str | None, as_json: bool
) -> int:
    """Group records of the same report. Nothing is deleted, and every group can be taken apart again.

    What is surely one report is grouped. What may be is listed (--list) with both records' fields, for you to say; what
    you say of two records stays, whatever is imported later.
    """
    from leads_local.app import duplicates as told

    _require_sense(records, said, anew)
    if said == _LIST:
        with reading(review) as opened:
            if as_json:
                print_json(told.list_as_data(opened))
                return 0
            return echo_outcome(told.describe_list(opened))
    if said is None:
        with changing(review, reviewer) as opened, reporting("Comparing records", "record") as progress:
            report = opened.dedupe(progress, anew=anew)
            outcome = told.describe_duplicates(opened, report)
        if as_json:
            print_json(dataclasses.asdict(report))
        return echo_outcome(outcome, quiet=as_json)
    with changing(review, reviewer) as opened:
        if said == _SEPARATE:
            outcome = told.describe_separation(records[0], opened.separate(records[0], records[1:]))
        elif said == _JOIN:
            outcome = told.describe_join(opened, opened.join_records(records[0], records[1]))
        else:
            opened.rejoin(records[0])
            outcome = told.describe_rejoining(records[0])
        return echo_outcome(outcome, quiet=as_json)


def _require_sense(records: tuple[int, ...], said: str | None, anew: bool) -> None:
    example = "For instance: dedupe REVIEW.leads --join 3 17"
    if anew and said is not None:
        raise InputError(f"--anew compares all records; {said} does not.", "Give them one after the other.")
    if said in (None, _LIST) and records:
        raise InputError("What of these records? Say --separate, --join or --back.", example)
    if said in (_SEPARATE, _BACK) and not records:
        raise InputError(f"{said} needs the number of a record.", "For instance: dedupe REVIEW.leads --separate 31")
    if said == _BACK and len(records) > 1:
        raise InputError("--back takes one record.", "For instance: dedupe REVIEW.leads --back 31")
    if said == _JOIN and len(set(records)) != _TWO:
        raise InputError("--join takes two records.", example)

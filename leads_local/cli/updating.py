"""The command that continues a review as an update."""

from __future__ import annotations

from pathlib import Path

import click

from leads_local.cli.arguments import TEXT, json_option, review_argument, reviewer_option
from leads_local.cli.echo import echo_outcome, print_json
from leads_local.cli.reviews import changing, reading


@click.command("continue")
@review_argument
@click.option("--label", type=TEXT, default=None, metavar="NAME", help="Continue it as the update that is called so.")
@reviewer_option
@json_option
def continue_(review: Path, label: str | None, reviewer: str | None, as_json: bool) -> int:
    """Continue a review as an update, in the same file; without --label, tell as which updates it was continued, and
    which records were excluded by an earlier wording of the criteria.

    What is included now is known as included in the previous version; what is excluded stays so until it is decided
    again. PRISMA has its form for updates from then on: it counts what new searches bring, what was not finished, and
    what is decided again. Nothing that was decided is lost or asked again. `undo` takes it back.
    """
    from leads_local.app import updating

    if label is None:
        with reading(review) as opened:
            if as_json:
                print_json(updating.updates_as_data(opened))
            return echo_outcome(updating.describe_updates(opened), quiet=as_json)
    with changing(review, reviewer) as opened:
        opened.begin_update(label)
        if as_json:
            print_json(updating.updates_as_data(opened))
        return echo_outcome(updating.describe_begun(opened), quiet=as_json)

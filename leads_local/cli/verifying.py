"""The command by which a person says what they make of a value that the model read from a paper."""

from __future__ import annotations

from pathlib import Path

import click

from leads_local.cli.arguments import TEXT, review_argument, reviewer_option
from leads_local.cli.echo import echo_outcome
from leads_local.cli.reviews import changing
from leads_local.errors import InputError
from leads_local.review.read_models import ValueStatus

_SAID = {
    "accept": ValueStatus.ACCEPTED,
    "edit": ValueStatus.EDITED,
    "reject": ValueStatus.REJECTED,
    "back": ValueStatus.PROPOSED,
}


@click.command()
@review_argument
@click.argument("value", type=int)
@click.argument("what", type=click.Choice(list(_SAID)))
@click.argument("text", type=TEXT, required=False)
@click.option("--note", type=TEXT, default="", help="A word on it, which stands beside the value.")
@reviewer_option
def verify(review: Path, value: int, what: str, text: str | None, note: str, reviewer: str | None) -> int:
    """Accept VALUE as the model gives it, edit it to TEXT, or reject it; `back` takes back what was said of it.

    `show` numbers the values of a record. What the model gave is kept beside what you say.
    """
    from leads_local.app.showing import describe_value

    if (text is not None) != (what == "edit"):
        raise InputError(
            f"verify {what} {'has no text' if text is not None else 'needs a text'}.",
            'For instance: verify REVIEW.leads 12 edit "54.2 years", or: verify REVIEW.leads 12 accept',
        )
    with changing(review, reviewer) as opened:
        return echo_outcome(describe_value(opened.verify(value, _SAID[what], text or "", note)))

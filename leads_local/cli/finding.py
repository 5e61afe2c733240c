"""Commands that look: for the records that hold some words, and at one record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from leads_local.app.conditions import WHERE_HELP
from leads_local.cli.arguments import (
    PATH,
    TEXT,
    json_option,
    load_settings,
    review_argument,
    reviewer_option,
    stage_option,
)
from leads_local.cli.echo import echo_outcome, print_json
from leads_local.cli.progress import reporting
from leads_local.cli.reviews import reading
from leads_local.errors import ExitCode, InputError
from leads_local.records import Stage
from leads_local.review.read_models import RecordFilter

if TYPE_CHECKING:
    from leads_local.review.review import Review


@click.command()
@review_argument
@click.argument("words", type=TEXT, nargs=-1)
@click.option("--undecided", "show", flag_value=RecordFilter.UNDECIDED.value, help="Only where nothing holds yet.")
@click.option("--conflict", "show", flag_value=RecordFilter.CONFLICT.value, help="Only where the reviewers differ.")
@click.option(
    "--ruled-out", "show", flag_value=RecordFilter.RULED_OUT.value, help="Only what a rule takes out before screening."
)
@click.option("--where", "conditions", type=TEXT, multiple=True, metavar="CONDITION", help=WHERE_HELP)
@click.option("--tag", "tags", type=TEXT, multiple=True, help="Only what has this tag; may be given more than once.")
@stage_option
@reviewer_option
@json_option
def find(
    review: Path,
    words: tuple[str, ...],
    show: str | None,
    conditions: tuple[str, ...],
    tags: tuple[str, ...],
    stage: str,
    reviewer: str | None,
    as_json: bool,
) -> int:
    """List the reports that hold all WORDS in title, abstract, authors, keywords, identifiers, tags or notes.

    Case and accents don't matter. A word is found where one begins with it and, from four letters on, inside words,
    too: rct does not find infarction. Words in quotation marks stand together, whatever joins them (covid-19,
    covid 19). !high and !low look for the priority. Without words, --undecided, --conflict, --ruled-out, --tag and
    --where list all that they say.
    """
    from leads_local.app import showing

    if not (show or conditions or any(text.strip() for text in (*words, *tags))):
        raise InputError("find needs something to look for.", 'For instance: find REVIEW.leads "heart failure" trial')
    with reading(review) as opened:
        opened.acting = load_settings(reviewer=reviewer).reviewer_name
        if words:
            with reporting("Preparing the search", "record") as told:
                opened.prepare_search(told)
        wanted = [*([show] if show else []), *conditions, *(f"tag=#{tag}" for tag in tags)]
        found = showing.find(opened, list(words), Stage(stage), wanted)
        if as_json:
            print_json(showing.found_as_data(found))
            return ExitCode.DONE
        return echo_outcome(showing.describe_found(found))


@click.command()
@review_argument
@click.argument("record", type=int)
@click.option("--page", type=int, help="Draw this page of its paper into a picture, with its values marked.")
@click.option("--value", type=int, help="The same for the page that this value of it stands on.")
@click.option(
    "--to", "picture", type=PATH, metavar="FILE", help="With --page or --value: the picture (PNG), a file that is new."
)
@reviewer_option
@json_option
def show(
    review: Path,
    record: int,
    page: int | None,
    value: int | None,
    picture: Path | None,
    reviewer: str | None,
    as_json: bool,
) -> int:
    """Show everything known of RECORD: citation, source, duplicates, decisions, notes, tags, judgements, values.

    With --page or --value it draws a page of the paper instead, every value on it highlighted in the colour of its
    state, into a PNG file for a viewer of yours. Where reviewers decide without knowing of each other, what others said
    is shown once you have decided.
    """
    from leads_local.app import showing

    if picture is not None and page is None and value is None:
        raise InputError("--to is where a picture goes.", "Say which page: --page N, or --value N.")
    with reading(review) as opened:
        opened.acting = load_settings(reviewer=reviewer).reviewer_name
        if page is not None or value is not None:
            return _draw_page(opened, record, page, value, picture, as_json)
        if as_json:
            print_json(showing.record_as_data(opened, record))
            return ExitCode.DONE
        return echo_outcome(showing.describe_record(opened, record))


def _draw_page(
    review: Review, record: int, number: int | None, value: int | None, picture: Path | None, as_json: bool
) -> int:
    from leads_local.app import pages

    if number is not None and number < 1:
        raise InputError("Pages are counted from 1.", "Give --page 1 for the first.")
    page = pages.find_page(review, record, number or 0, value or 0)
    to = picture or Path(pages.file_name(review, page))
    outcome = pages.save(page, to)
    if as_json:
        print_json(pages.page_as_data(page, to))
    return echo_outcome(outcome, quiet=as_json)

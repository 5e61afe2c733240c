"""The command that writes what leaves a review."""

from __future__ import annotations

from pathlib import Path

import click

from leads_local.cli.arguments import PATH, json_option, load_settings, review_argument, reviewer_option
from leads_local.cli.echo import echo_outcome, print_json
from leads_local.cli.progress import reporting
from leads_local.cli.reviews import reading


@click.command()
@review_argument
@click.option("--to", "folder", type=PATH, required=True, help="The folder to write into; made when missing.")
@click.option(
    "--annotated",
    is_flag=True,
    help="Also a copy of each included PDF with every value highlighted, and an index of values as its bookmarks.",
)
@click.option("--unblind", is_flag=True, help="Also while you have yet to decide without knowing of others.")
@reviewer_option
@json_option
def export(review: Path, folder: Path, annotated: bool, unblind: bool, reviewer: str | None, as_json: bool) -> int:
    """Write tables (CSV, XLSX), the included citations (RIS), and everything with its history (JSONL).

    That is for the whole review, others' decisions and notes among it. Where you are to decide reports without knowing
    of these, nothing is written unless you say --unblind.
    """
    from leads_local.app import exporting

    with reading(review) as opened:
        opened.acting = load_settings(reviewer=reviewer).reviewer_name
        with reporting("Writing", "record") as progress:
            result = exporting.export(opened, folder, progress, unblind=unblind, annotated=annotated)
    if as_json:
        print_json([str(file) for file in result.files])
    return echo_outcome(exporting.describe_export(result), quiet=as_json)

"""The command that writes what leaves a review."""

from __future__ import annotations

from pathlib import Path

import click

from leads_local.cli.arguments import PATH, json_option, review_argument
from leads_local.cli.echo import echo_outcome, print_json
from leads_local.cli.progress import reporting
from leads_local.cli.reviews import reading


@click.command()
@review_argument
@click.option("--to", "folder", type=PATH, required=True, help="The folder to write into; made when missing.")
@json_option
def export(review: Path, folder: Path, as_json: bool) -> int:
    """Write tables (CSV, XLSX), the included citations (RIS), and everything with its history (JSONL)."""
    from leads_local.app import exporting

    with reading(review) as opened, reporting("Writing", "record") as progress:
        result = exporting.export(opened, folder, progress)
    if as_json:
        print_json([str(file) for file in result.files])
    return echo_outcome(exporting.describe_export(result), quiet=as_json)

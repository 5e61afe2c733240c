"""The command that writes what leaves a review."""

from __future__ import annotations

from pathlib import Path

import click

from leads_local.cli.arguments import PATH, json_option, review_argument
from leads_local.cli.echo import echo, print_json
from leads_local.cli.progress import reporting
from leads_local.cli.reviews import reading
from leads_local.errors import ExitCode


@click.command()
@review_argument
@click.option("--to", "folder", type=PATH, required=True, help="The folder to write into; made when missing.")
@json_option
def export(review: Path, folder: Path, as_json: bool) -> int:
    """Write tables (CSV, XLSX), the included citations (RIS), and everything with its history (JSONL)."""
    from leads_local.export.tables import export_review as write

    with reading(review) as opened, reporting("Writing", "record") as progress:
        files = write(opened, folder, progress)
        whole = not opened.unreadable() and not opened.db.damage
    if as_json:
        print_json([str(file) for file in files])
        return ExitCode.look_if(not whole)
    for file in files:
        echo(str(file))
    return ExitCode.look_if(not whole)

"""Commands that bring citations in and group what is the same report."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import click

from leads_local import terminal_text
from leads_local.cli.arguments import PATH, json_option, review_argument
from leads_local.cli.echo import echo, print_json
from leads_local.cli.progress import reporting, waiting
from leads_local.cli.reviews import changing
from leads_local.errors import InputError
from leads_local.review.read_models import ImportReport

PROBLEMS_SHOWN = 10


@click.command("import")
@review_argument
@click.argument("files", type=PATH, nargs=-1, required=True, metavar="FILE…")
@json_option
def import_(review: Path, files: tuple[Path, ...], as_json: bool) -> int:
    """Read citation files (RIS, PubMed, CSV/TSV and others) into a review.

    Every record of a file is kept, also those that can be read only in part; a file that can't be read at all does not
    stop the others. The exit code is 1 when something is to be looked at, 2 when no file could be read.
    """
    from leads_local.review.importing import import_each

    reports: list[dict[str, Any]] = []
    failed, unreadable = False, 0
    with changing(review) as opened:

        def read(file: Path) -> ImportReport:
            with waiting(f"Reading {file.name}"):
                return opened.import_file(file)

        try:
            for file, found in import_each(read, files):
                if isinstance(found, InputError):
                    failed, unreadable = True, unreadable + 1
                    reports.append({"path": str(file), "error": str(found)})
                    echo(str(found), err=True)
                else:
                    failed |= bool(found.problems)
                    reports.append(dataclasses.asdict(found))
                    report_file(file, found, quiet=as_json)
        finally:  # also of an import that the review's file has ended half-way
            if as_json:
                print_json(reports)
    if unreadable == len(files):
        return 2
    return 1 if failed else 0


def report_file(file: Path, report: ImportReport, *, quiet: bool) -> None:
    """What came of one file. ``quiet`` leaves standard output to what follows."""
    name = terminal_text.safe_line(str(file))
    if not quiet:
        echo(f"{name}: {report.read} records read as {report.format} ({report.encoding}), {report.added} added.")
    if report.already:
        echo(f"{name}: this file has been imported before; nothing was added twice.", err=True)
    for problem in report.problems[:PROBLEMS_SHOWN]:
        echo(terminal_text.safe_line(problem.in_words(str(file))), err=True)
    if len(report.problems) > PROBLEMS_SHOWN:
        echo(
            f"{name}: and {len(report.problems) - PROBLEMS_SHOWN} more; --json and the export list all of them.",
            err=True,
        )


@click.command()
@review_argument
@json_option
def dedupe(review: Path, as_json: bool) -> None:
    """Group records of the same report. Nothing is deleted, and every group can be taken apart again."""
    with changing(review) as opened, reporting("Comparing records", "record") as progress:
        report = opened.dedupe(progress)
    if as_json:
        print_json(dataclasses.asdict(report))
    else:
        echo(
            f"{report.records} records, {report.groups} groups of duplicates; {report.duplicates} records need not "
            "be screened again."
        )

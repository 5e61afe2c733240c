"""The command that writes what leaves a review."""

from __future__ import annotations

from pathlib import Path

import click

from leads_local.app.conditions import WHERE_HELP
from leads_local.citations.telling import Target
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
from leads_local.cli.progress import reporting, waiting
from leads_local.cli.reviews import reading
from leads_local.errors import InputError
from leads_local.records import Stage
from leads_local.review.read_models import RecordFilter

_ONLY = (RecordFilter.INCLUDED, RecordFilter.EXCLUDED, RecordFilter.UNDECIDED, RecordFilter.MAYBE)


@click.command()
@review_argument
@click.option("--to", "folder", type=PATH, help="The folder to write tables into; made when missing.")
@click.option(
    "--annotated",
    is_flag=True,
    help="With --to: also a copy of each included PDF with every value highlighted, and an index of values as its "
    "bookmarks.",
)
@click.option(
    "--report",
    is_flag=True,
    help="With --to: also one HTML page: the evidence with a picture of each value's place, PRISMA numbers, use of a "
    "model.",
)
@click.option(
    "--records",
    "file",
    type=PATH,
    metavar="FILE",
    help="Write records into this file for another program: .ris, .nbib, .bib, .xml (EndNote), .csv, .xlsx, .jsonl or "
    ".json (CSL).",
)
@click.option(
    "--for",
    "target",
    type=click.Choice([one.value for one in Target]),
    default=Target.PLAIN.value,
    show_default=True,
    help="With --records: in whose fields decisions are told. plain: for Zotero, EndNote and leads-local.",
)
@click.option("--only", type=click.Choice([one.value for one in _ONLY]), help="With --records: only what holds so.")
@click.option("--tag", "tags", type=TEXT, multiple=True, help="With --records: only what has this tag.")
@click.option(
    "--where", "conditions", type=TEXT, multiple=True, metavar="CONDITION", help=f"With --records. {WHERE_HELP}"
)
@click.option("--replace", is_flag=True, help="With --records: also a file that is there already.")
@click.option(
    "--references",
    type=PATH,
    metavar="FILE",
    help="Write into this file (.ris, .csv, …) what the reference lists of included papers name that the review does "
    "not have: candidates, to be imported with --kind “citation searching”.",
)
@click.option("--unblind", is_flag=True, help="Also while you have yet to decide without knowing of others.")
@stage_option
@reviewer_option
@json_option
def export(
    review: Path,
    folder: Path | None,
    annotated: bool,
    report: bool,
    file: Path | None,
    target: str,
    only: str | None,
    tags: tuple[str, ...],
    conditions: tuple[str, ...],
    replace: bool,
    references: Path | None,
    unblind: bool,
    stage: str,
    reviewer: str | None,
    as_json: bool,
) -> int:
    """Write tables (CSV, XLSX), the included citations (RIS), and everything with its history (JSONL) into a folder
    (--to); or records into one file for another program (--records), with decisions, reasons, notes and tags; or what
    the reference lists of included papers name that the review does not have (--references).

    That is for the whole review, others' decisions and notes among it. Where you are to decide reports without knowing
    of these, nothing is written unless you say --unblind.
    """
    from leads_local.app import exporting

    if [folder, file, references].count(None) != 2:
        raise InputError(
            "Where to? --to names a folder for tables, --records a file for records, --references one for references.",
            "Give one of them.",
        )
    if file is not None and (annotated or report):
        raise InputError("--annotated and --report are added to tables.", "Give them with --to.")
    with reading(review) as opened:
        opened.acting = load_settings(reviewer=reviewer).reviewer_name
        if folder is not None:
            with reporting("Writing", "record") as progress:
                result = exporting.export(opened, folder, progress, unblind=unblind, annotated=annotated, report=report)
            if as_json:
                print_json([str(path) for path in result.files])
            return echo_outcome(exporting.describe_export(result), quiet=as_json)
        if references is not None:
            with waiting("Reading reference lists"):
                lists = exporting.export_references(opened, references)
            if as_json:
                print_json({"path": str(references), "candidates": len(lists.candidates), "known": lists.known})
            return echo_outcome(exporting.describe_references(lists, references), quiet=as_json)
        assert file is not None
        wanted = [*([only] if only else []), *conditions, *(f"tag=#{tag}" for tag in tags)]
        order = exporting.order_records(opened, file, Target(target), Stage(stage), wanted, replace=replace)
        with waiting(f"Writing {file.name}"):
            written = exporting.export_records(opened, order, unblind=unblind)
    if as_json:
        print_json({"path": str(written.path), "records": written.records, "lost": written.lost})
    return echo_outcome(exporting.describe_records(written), quiet=as_json)

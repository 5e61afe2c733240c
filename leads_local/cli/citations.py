"""The command that brings citations in."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leads_local import terminal_text
from leads_local.app.citations import TYPED
from leads_local.cli.arguments import (
    PATH,
    TEXT,
    json_option,
    review_argument,
    reviewer_option,
    search_options,
)
from leads_local.cli.echo import echo, echo_outcome, print_json
from leads_local.cli.progress import waiting
from leads_local.cli.reviews import changing, reading
from leads_local.errors import ExitCode, InputError

if TYPE_CHECKING:
    from leads_local.citations.previews import TablePreview
    from leads_local.review.read_models import ImportReport
    from leads_local.review.review import Review


@click.command("import")
@review_argument
@click.argument("files", type=PATH, nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--columns",
    type=TEXT,
    metavar="COLUMN=FIELD,…",
    help="What columns of a table hold, where their names don't tell; remembered for tables with the same columns.",
)
@click.option("--show-columns", is_flag=True, help="Import nothing; show what each column of a table is taken for.")
@search_options
@json_option
def import_(
    review: Path, files: tuple[Path, ...], columns: str | None, show_columns: bool, as_json: bool, **search: str | None
) -> int:
    """Read citation files (RIS, PubMed, CSV, XLSX and others, or ZIPs of them) into a review.

    Every record of a file is kept, also those that can be read only in part; a file that can't be read at all does not
    stop the others. How they were searched for can be said of all of them here, or of each later by `sources`. The exit
    code is 1 when something is to be looked at, 2 when no file could be read.
    """
    from leads_local.app import citations as use
    from leads_local.app.sources import check_search

    if show_columns:
        return _show_columns(review, files, as_json)
    said = use.parse_columns(columns) if columns is not None else ()
    typed = {name: text for name, text in search.items() if text is not None}
    check_search(typed)
    done: list[use.ImportedFile] = []
    with changing(review) as opened, contextlib.ExitStack() as shown:

        def begin(number: int, file: Path) -> None:
            shown.close()
            shown.enter_context(waiting(f"Reading {file.name}"))

        try:
            for file in use.import_files(opened, files, begin, said, typed):
                shown.close()
                done.append(file)
                echo_outcome(use.describe_import(file, str(file.path)), quiet=as_json)
        finally:  # also of an import that the review's file has ended half-way
            if as_json:
                print_json([_as_json(file.path, file.found) for file in done])
    return use.import_exit_code(done)


def _show_columns(review: Path, files: tuple[Path, ...], as_json: bool) -> int:
    """What the columns of each file are taken for; one that is no table does not stop the others."""
    with reading(review) as opened:
        found = [(file, _columns_of(opened, file)) for file in files]
    if as_json:
        print_json([_as_json(file, one) for file, one in found])
    codes = {_tell_columns(file, one, alone=len(files) == 1, quiet=as_json) for file, one in found}
    return ExitCode.BAD_INPUT if codes == {ExitCode.BAD_INPUT} else ExitCode.look_if(codes - {ExitCode.DONE})


def _columns_of(review: Review, file: Path) -> TablePreview | InputError:
    from leads_local.app.citations import preview_columns

    try:
        found = preview_columns(review, file)
    except InputError as error:
        return error
    return found or InputError(f"{file} is no table with columns.", "Columns are of CSV, TSV and workbooks.")


def _tell_columns(file: Path, found: TablePreview | InputError, *, alone: bool, quiet: bool) -> ExitCode:
    from leads_local.app.citations import describe_columns

    if isinstance(found, InputError):
        echo(terminal_text.safe_line(str(found)), err=True)
        return ExitCode.BAD_INPUT
    if not (alone or quiet):
        echo(terminal_text.safe_line(f"{file}:"))
    return echo_outcome(describe_columns(found), quiet=quiet)


def _field_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for name, hint in reversed(TYPED):
        command = click.option(f"--{name}", type=TEXT, default="", metavar="TEXT", help=hint)(command)
    return command


@click.command()
@review_argument
@_field_options
@reviewer_option
def add(review: Path, reviewer: str | None, **fields: str) -> int:
    """Type a record by hand: one that a reference list or a person told of.

    It is checked like any other and is an import of its own, which `sources --withdraw` takes out.
    """
    from leads_local.app.citations import add_record

    with changing(review, reviewer) as opened:
        return echo_outcome(add_record(opened, fields))


def _as_json(file: Path, found: ImportReport | TablePreview | InputError) -> dict[str, Any]:
    if isinstance(found, InputError):
        return {"path": str(file), "error": str(found)}
    return dataclasses.asdict(found)

"""Commands on full-text PDFs: attach a folder, look at what the reader makes of one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from leads_local import files, terminal_text
from leads_local.cli.arguments import PATH, json_option, review_argument
from leads_local.cli.echo import echo, echo_outcome, print_json
from leads_local.cli.progress import reporting
from leads_local.cli.reviews import changing
from leads_local.errors import ExitCode
from leads_local.records import Document, PassageKind


@click.command()
@review_argument
@click.argument("folder", type=PATH)
@json_option
def pdfs(review: Path, folder: Path, as_json: bool) -> int:
    """Read the PDFs in FOLDER and attach each to its record."""
    from leads_local.app.documents import describe_attachments

    with changing(review) as opened, reporting("Reading PDFs", "file") as progress:
        attachments = opened.attach(folder, progress)
    if as_json:
        print_json([dataclasses.asdict(a) for a in attachments])
    return echo_outcome(describe_attachments(attachments), quiet=as_json)


@click.command()
@click.argument("file", type=PATH)
@json_option
def text(file: Path, as_json: bool) -> int:
    """Show what the reader makes of one PDF: its text in reading order."""
    from leads_local.documents.pool import read_many

    (document,) = read_many([file])
    if as_json:
        print_json(dataclasses.asdict(document))
    else:
        print_text(document)
    if document.problem:
        echo(terminal_text.safe_line(document.problem), err=True)
        return ExitCode.BAD_INPUT
    if document.notice:
        echo(terminal_text.safe_line(f"{files.shown_name(file)}: {document.notice}"), err=True)
    return ExitCode.DONE


def print_text(document: Document) -> None:
    """Passages in reading order, one blank line between them; the rows of a table stand together."""
    before: PassageKind | None = None
    for passage in document.passages:
        if passage.kind is PassageKind.FURNITURE:
            continue
        if before is not None and not (before is passage.kind is PassageKind.TABLE_ROW):
            echo()
        echo(passage.text)
        before = passage.kind

"""Commands on full-text PDFs: attach a folder, look at what the reader makes of one."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leads_local import config, files, terminal_text
from leads_local.cli.arguments import PATH, TEXT, json_option, review_argument, reviewer_option
from leads_local.cli.echo import echo, echo_outcome, print_json
from leads_local.cli.progress import reporting
from leads_local.cli.reviews import changing, reading
from leads_local.errors import ExitCode, InputError
from leads_local.records import Document, PassageKind, Progress
from leads_local.review.attachments import Attachment, FileRole

if TYPE_CHECKING:
    from leads_local.review.review import Review


@click.command()
@review_argument
@click.argument("file", type=PATH, required=False, metavar="[FOLDER|FILE]")
@click.option("--list", "listed", is_flag=True, help="List every PDF: its report, how it was matched, problems.")
@click.option("--record", type=int, help="Link FILE to this record.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in FileRole]),
    help="With --record: which of the report's files it is; the model reads the main one first [default: main].",
)
@click.option("--also", is_flag=True, help="With --record: FILE belongs to this record beside those that it has.")
@click.option(
    "--pages",
    type=TEXT,
    metavar="FIRST-LAST",
    help="With --record: which pages of FILE are this record's, counted from 1; the model reads no others for it.",
)
@click.option("--new", is_flag=True, help="Make a new record of FILE, which matches none.")
@click.option("--ignore", is_flag=True, help="FILE is wanted for no record.")
@click.option("--unlink", is_flag=True, help="Take FILE from its records (with --record: from this one only).")
@click.option("--ocr", is_flag=True, help="Read scanned pages by OCR: FILE's, those of a FOLDER's PDFs, or all.")
@click.option("--no-ocr", is_flag=True, help="Have FILE be what it was before OCR read it.")
@reviewer_option
@json_option
def pdfs(review: Path, file: Path | None, as_json: bool, reviewer: str | None, **said: Any) -> int:
    """Read the PDFs in a folder and attach each to its record, or say of one FILE what it is.

    A PDF that matches no record waits: it counts for nothing until you link it to a record, make it a new one, or
    ignore it. One file may hold several reports (abstracts of a congress, say): link it to each, with --also and with
    the --pages that are its. FILE is a file, or one of the review by its name or the beginning of its SHA-256. `undo`
    takes back what you said.

    Scanned pages have no text until you ask for --ocr, which needs the package leads-local[ocr] or the program
    Tesseract. What OCR has read is marked wherever it is shown, and no value is ever taken to be found in it: OCR
    mistakes letters and numbers.
    """
    from leads_local.app.documents import as_data, describe_attachments, describe_file

    wanted = _Wanted(**said)
    wanted.require_sense(file)
    if wanted.listed:
        with reading(review) as opened:
            return _echo_files(opened.attachments(), as_json)
    if wanted.ocr:
        with changing(review, reviewer) as opened:
            return _read_scans(opened, file, as_json)
    assert file is not None
    with changing(review, reviewer) as opened:
        if wanted.about_one:
            changed = wanted.say(opened, file)
            if as_json:
                print_json(as_data(changed))
            else:
                echo(terminal_text.safe_line(describe_file(changed)))
            return ExitCode.DONE
        with reporting("Reading PDFs", "file") as progress:
            attachments = opened.attach(file, progress)
    if as_json:
        print_json([as_data(one) for one in attachments])
    return echo_outcome(describe_attachments(attachments), quiet=as_json)


@dataclasses.dataclass(frozen=True, slots=True)
class _Wanted:
    """What of a file a person says, by the options."""

    listed: bool
    record: int | None
    role: str | None
    also: bool
    pages: str | None
    new: bool
    ignore: bool
    unlink: bool
    ocr: bool
    no_ocr: bool

    @property
    def about_one(self) -> bool:
        return self.new or self.ignore or self.unlink or self.no_ocr or self.record is not None

    def require_sense(self, file: Path | None) -> None:
        """Raise InputError where the options contradict each other, or a file is missing."""
        names = ("new", "ignore", "unlink", "ocr", "no_ocr")
        given = [f"--{name.replace('_', '-')}" for name in names if getattr(self, name)]
        given += ["--list"] * self.listed + ["--record"] * (self.record is not None and not self.unlink)
        if len(given) > 1:
            raise InputError(f"{' and '.join(given)} can't be given together.", "Give them one after the other.")
        said = {"--role": self.role is not None, "--also": self.also, "--pages": self.pages is not None}
        for option in (name for name, is_given in said.items() if is_given):
            if self.record is None or self.unlink:
                raise InputError(f"{option} says what a file is to a record.", "Give it with --record N.")
        if file is None and not self.listed and not self.ocr:
            raise InputError("No folder and no file is named.", "Name a folder of PDFs, or give --list.")
        if file is not None and self.listed:
            raise InputError("--list lists all PDFs of the review.", "Give it without a file.")

    def say(self, review: Review, file: Path) -> Attachment:
        """Do it. Returns the file as it stands then."""
        from leads_local.app import documents, scans

        if self.no_ocr:
            return scans.take_back(review, file)
        if self.unlink:
            return documents.unlink(review, file, self.record)
        if self.record is not None:
            role, pages = (
                FileRole(self.role or FileRole.MAIN),
                documents.parse_pages(self.pages) if self.pages else None,
            )
            return documents.attach_and_link(review, file, self.record, role, pages, also=self.also)
        change = review.add_as_new if self.new else review.ignore
        return change(documents.find_attached(review, file).sha256)


def _read_scans(review: Review, file: Path | None, as_json: bool) -> int:
    from leads_local.app import scans

    languages = config.load().ocr_languages
    with reporting("Reading scans", "file") as progress:
        found = scans.read_scans(review, file, languages, progress)
    if as_json:
        print_json([scans.as_data(one) for one in found])
    return echo_outcome(scans.describe_scans(found), quiet=as_json)


def _echo_files(attachments: list[Attachment], as_json: bool) -> int:
    from leads_local.app import documents

    if as_json:
        print_json([documents.as_data(one) for one in attachments])
    return echo_outcome(documents.describe_files(attachments), quiet=as_json)


@click.command("reading")
@review_argument
@json_option
def reading_report(review: Path, as_json: bool) -> int:
    """Tell in one line for each paper what could be read of it.

    Pages that were read and those that were not, signs that could not be read, tables without rows or printed as
    pictures, the files that the paper consists of, and the sections that did not fit into the model's context.
    """
    from leads_local.app.reading import describe_readings, readings_as_data

    with reading(review) as opened:
        if as_json:
            print_json(readings_as_data(opened))
            return ExitCode.DONE
        return echo_outcome(describe_readings(opened))


@click.command()
@click.argument("file", type=PATH)
@click.option("--ocr", is_flag=True, help="Read its scanned pages by OCR, and mark what was read so.")
@json_option
def text(file: Path, ocr: bool, as_json: bool) -> int:
    """Show what the reader makes of one PDF: its text in reading order, and what of it could not be read."""
    from leads_local.documents.pool import read_many
    from leads_local.documents.reading_report import describe, read_from

    (document,) = read_many([file])
    if ocr:
        document = _with_scans(document, file)
    if as_json:
        print_json(dataclasses.asdict(document))
    else:
        print_text(document)
    if document.problem:
        echo(terminal_text.safe_line(document.problem), err=True)
        return ExitCode.BAD_INPUT
    if document.notice:
        echo(terminal_text.safe_line(f"{files.shown_name(file)}: {document.notice}"), err=True)
    echo(terminal_text.safe_line(f"{files.shown_name(file)}: {describe(read_from(document))}."), err=True)
    return ExitCode.DONE


def _with_scans(document: Document, file: Path) -> Document:
    """The document with what OCR reads of it; as it is where nothing is to be read by OCR."""
    from leads_local.documents.ocr import pages_to_read
    from leads_local.documents.ocr_reader import OcrReader

    if not (count := len(pages_to_read(document))):
        return document
    languages = config.load().ocr_languages
    with OcrReader(languages) as reader, reporting("Reading scans", "page") as progress:
        read, failed = reader.read(document, file, lambda done, total: progress(Progress("ocr", done, count)))
    for page in failed:
        echo(terminal_text.safe_line(f"{files.shown_name(file)}: page {page.number}: {page.problem}"), err=True)
    return read


def print_text(document: Document) -> None:
    """Passages in reading order, one blank line between them; the rows of a table stand together, their columns
    under each other."""
    from leads_local.documents.aligned import aligned, pad_rows
    from leads_local.documents.ocr import mark_pages

    before: PassageKind | None = None
    padding = pad_rows(document.passages)
    for passage in mark_pages(document.passages, document.pages):
        if passage.kind is PassageKind.FURNITURE:
            continue
        if before is not None and not (before is passage.kind is PassageKind.TABLE_ROW):
            echo()
        echo(aligned(passage, padding.get(passage.order, {})))
        before = passage.kind

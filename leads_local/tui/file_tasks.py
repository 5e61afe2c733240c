"""What takes a while and needs no model: importing, finding duplicates, reading PDFs, exporting. Each does one
thing of ``app`` and returns what that says of it, in lines for a person.

They run in a thread with a review connection of their own. Nothing here knows Textual.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from leads_local.app.citations import NOTHING_TYPED
from leads_local.app.outcome import format_count
from leads_local.config import Settings
from leads_local.errors import InputError
from leads_local.files import shown_name
from leads_local.records import Choice, Progress, Stage

if TYPE_CHECKING:
    from leads_local.app.packages import Selection
    from leads_local.citations.previews import TablePreview
    from leads_local.export.records import RecordsOrder
    from leads_local.review.review import Review
    from leads_local.review.sights import Sight
    from leads_local.review.told_plan import TakingPlan

ReportProgress = Callable[[Progress], None]
Chore = Callable[["Review", ReportProgress], tuple[str, ...]]
ChoreMaker = Callable[[Path], Chore]


def typed_path(text: str) -> Path:
    """The path that a person typed or dragged into the terminal. InputError when there is nothing."""
    path = typed_target(text)
    if not path.exists():
        raise InputError(
            f"{path}: there is no such file or folder.", "Type the whole path, or drag the file into the terminal."
        )
    return path


def typed_target(text: str) -> Path:
    """The same for what need not be there yet: quotes and ``~`` are understood. InputError when it names nothing."""
    cleaned = text.strip()
    if len(cleaned) > 1 and cleaned[0] == cleaned[-1] and cleaned[0] in "\"'":
        cleaned = cleaned[1:-1]
    try:
        path = Path(cleaned).expanduser()
    except RuntimeError:  # the home of somebody whom this computer does not know
        path = Path(cleaned)
    if not cleaned:
        raise InputError("Nothing: there is no such file or folder.", "Type the whole path.")
    return path


def import_citations(path: Path, columns: str = "", searched: Mapping[str, str] = NOTHING_TYPED) -> Chore:
    """Import one citation file, or every file of a folder; ``columns`` says what columns of a table hold, ``searched``
    what was typed of how they were searched for."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app import citations

        files = _files_in(path) if path.is_dir() else [path]

        def begin(number: int, file: Path) -> None:
            tell(Progress("Importing", number, len(files), note=file.name))

        said = citations.parse_columns(columns) if columns else ()
        done = list(citations.import_files(review, files, begin, said, searched))
        errors = [file.found for file in done if isinstance(file.found, InputError)]
        if errors and len(done) == 1:
            raise errors[0]
        described = [citations.describe_import(file, shown_name(file.path)).lines for file in done]
        unread = f"{len(errors):,} of {format_count(len(done), 'file')} can't be used; the others were imported."
        return (*([unread] if errors else []), *(line for lines in described for line in lines))

    return chore


def preview_columns(review: Review, path: Path) -> TablePreview | None:
    """What the columns of a table are taken for; None of what is no table, or says when it is imported what is wrong
    with it."""
    from leads_local.app import citations

    with contextlib.suppress(InputError):
        return citations.preview_columns(review, path) if path.is_file() else None
    return None


def _files_in(folder: Path) -> list[Path]:
    """The files of a folder in the order of their names; hidden ones are left out, as the system writes some by
    itself."""
    found = sorted(path for path in folder.iterdir() if path.is_file() and path.name[0] != ".")
    if not found:
        raise InputError(f"{folder} holds no files.", "Name the folder that holds the exports.")
    return found


def find_duplicates(review: Review, tell: ReportProgress, *, anew: bool = False) -> tuple[str, ...]:
    """Group records of one report; ``anew`` compares what was compared before, too."""
    from leads_local.app.duplicates import describe_duplicates

    tell(Progress("Finding duplicates", 0, 0))
    return describe_duplicates(review, review.dedupe(tell, anew=anew)).lines


find_duplicates_anew = partial(find_duplicates, anew=True)


def take_decisions(plan: TakingPlan) -> Chore:
    """Take what was shown of the decisions, labels and notes of an export."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app.taking import describe_taken

        return describe_taken(review.take(plan, tell)).lines

    return chore


def note_retractions(path: Path) -> Chore:
    """Tag the reports that Retraction Watch's list names."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app.newer import describe_retractions

        tell(Progress("Looking for retractions", 0, 0, note=path.name))
        outcome = describe_retractions(review.note_retractions(path))
        return (*reversed(outcome.results), *outcome.notices)

    return chore


def check_review(review: Review, tell: ReportProgress) -> tuple[str, ...]:
    """Whether the review file is sound, and what is wrong with it otherwise."""
    from leads_local.app.safekeeping import describe_check
    from leads_local.review.checking import check_file

    tell(Progress("Checking the review file", 0, 0))
    return describe_check(Path(review.path.name), check_file(review.path)).lines


def compare_reviewers(review: Review, tell: ReportProgress) -> tuple[str, ...]:
    """How far the reviewers agree at each stage."""
    from leads_local.app.agreement import report_lines
    from leads_local.evaluation.raters import compare_all

    tell(Progress("Comparing the reviewers", 0, 0))
    stages = [tuple(report_lines(compare_all(review, stage))) for stage in Stage]
    return (*stages[0], "", *stages[1])


def try_strategy(said: str) -> Chore:
    """A search strategy, or the one in the file of that name, tried on the review's records, and suggested in the other
    syntax."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app.searching import describe_translation, describe_trial, translate_strategy, try_on_review

        tell(Progress("Trying the strategy", 0, 0))
        named = _named_file(said)
        suggested = describe_translation(translate_strategy(named))
        tried = describe_trial(try_on_review(review, named)).lines
        return (*tried, "", *suggested.notices[:1], *suggested.results, *suggested.notices[1:])

    return chore


def _named_file(said: str) -> str:
    """The path as it is meant where a file of that name is there, dragged or typed; else what was said."""
    with contextlib.suppress(InputError, OSError, ValueError):
        return str(typed_path(said))
    return said


def past_flow(moment: datetime) -> Chore:
    """The numbers of the PRISMA flow as they stood at a past moment."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app.past_flow import describe_past_flow

        tell(Progress("Reading the log", 0, 0))
        outcome = describe_past_flow(review.counts_at(moment))
        return (*outcome.notices, "", *outcome.results)

    return chore


def give_package(path: Path, reviewer: str, stage: Stage, selection: Selection, *, texts: bool, scores: bool) -> Chore:
    """Write a part of the review for one reviewer."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app.packages import describe_share, make_order

        tell(Progress("Writing a work package", 0, 0, note=path.name))
        order = make_order(review, reviewer, stage, selection, texts, scores=scores)
        return describe_share(review, path, review.share(path, order)).lines

    return chore


def begin_update(label: str) -> Chore:
    """Continue the review as an update."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app.updating import describe_begun

        tell(Progress("Continuing the review", 0, 0, note=label))
        review.begin_update(label)
        return describe_begun(review).lines

    return chore


def decide_marked(marked: Mapping[int, Sight], stage: Stage, choice: Choice, reason: str) -> Chore:
    """Decide many records, all as they were seen or none."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        count = format_count(len(marked), "record")
        tell(Progress("Deciding", 0, 0, note=count))
        review.decide_many(marked, stage, choice, reason, seen=marked)
        return (f"{count}: {choice}. u takes all of them back.",)

    return chore


def merge_copy(path: Path) -> Chore:
    """Take in what others did in a copy or a work package of the review."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app.merging import describe_merge

        tell(Progress("Merging", 0, 0, note=path.name))
        return describe_merge(review, review.merge([path])).lines

    return chore


def attach_pdfs(folder: Path) -> Chore:
    """Read every PDF of a folder and link it to its record."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app.documents import describe_attachments

        outcome = describe_attachments(review.attach(folder, tell), "w says of each what it is.")
        return (*reversed(outcome.notices), *outcome.results)  # how many, and what can't be used, first

    return chore


def read_scans(named: Path | None, languages: str) -> Chore:
    """Have OCR read the scanned pages of one PDF, or of all."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app import scans

        outcome = scans.describe_scans(scans.read_scans(review, named, languages, tell))
        return (*reversed(outcome.notices), *outcome.results)

    return chore


def export_tables(folder: Path, unblind: bool = False, annotated: bool = False, report: bool = False) -> Chore:
    """Write tables, the included citations and the audit trail into a folder; with ``unblind`` also what the person may
    not know yet, with ``annotated`` also copies of the papers with their values marked, with ``report`` also the page
    with the evidence and its places."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app import exporting, safekeeping

        done = exporting.export(review, folder, tell, unblind=unblind, annotated=annotated, report=report)
        outcome = exporting.describe_export(done)
        return (*outcome.notices, *safekeeping.describe_unread(review).lines, *outcome.results)

    return chore


def export_records(order: RecordsOrder, unblind: bool = False) -> Chore:
    """Write records into a file for another program, with what people decided of them."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app import exporting

        tell(Progress("Writing records", 0, 0, note=order.path.name))
        return exporting.describe_records(exporting.export_records(review, order, unblind=unblind)).lines

    return chore


def export_references(path: Path) -> Chore:
    """Write what the reference lists of included papers name that the review does not have."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app import exporting

        tell(Progress("Reading reference lists", 0, 0, note=path.name))
        return exporting.describe_references(exporting.export_references(review, path), path).lines

    return chore


def examine_computer(settings: Settings) -> Chore:
    """What this computer can do, and whether all is in order."""

    def chore(review: Review, tell: ReportProgress) -> tuple[str, ...]:
        from leads_local.app import doctor

        tell(Progress("Looking at this computer", 0, 0))
        return tuple(doctor.report_lines(doctor.examine(settings)))

    return chore


def list_licences(review: Review, tell: ReportProgress) -> tuple[str, ...]:
    """What this program is made of, under which licences."""
    from leads_local.app import licences
    from leads_local.inventory import packages

    tell(Progress("Reading the licences", 0, 0))
    parts = packages.list_parts(False)
    return (*map(licences.doubt_in_words, licences.find_doubtful(parts)), *licences.table_lines(parts))

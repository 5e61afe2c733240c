"""Everything that leaves a review as files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from leads_local.app import showing
from leads_local.app.outcome import Outcome, format_count
from leads_local.citations.telling import Target
from leads_local.errors import InputError
from leads_local.export import reference_lists
from leads_local.export.annotated import AnnotatedPapers
from leads_local.export.records import RecordsOrder, WrittenRecords, format_of, write_records
from leads_local.export.reference_lists import ReferenceLists
from leads_local.export.report import Report
from leads_local.export.tables import Addition, export_review
from leads_local.records import Progress, Stage
from leads_local.review.packages import Package
from leads_local.review.review import Review

ADDITIONS = (AnnotatedPapers.name, Report.name)
"""What an export has only when it is asked for it."""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """``whole`` is False where something of a damaged review could not be read and is not in the files; ``package``:
    of which part of a review they are; ``remarks``: what a person must know of them, a
    sentence each; ``lacking``: something of what was asked for could not be written."""

    folder: Path
    files: tuple[Path, ...]
    whole: bool
    package: Package | None = None
    remarks: tuple[str, ...] = ()
    lacking: bool = False


def export(
    review: Review,
    folder: Path,
    progress: Callable[[Progress], None] | None = None,
    *,
    unblind: bool = False,
    annotated: bool = False,
    report: bool = False,
) -> ExportResult:
    """Write tables, citations and the audit trail into ``folder``; with ``annotated`` also copies of the included
    papers with their values marked, with ``report`` also one page of HTML with the evidence and its places.

    Raises InputError when it can't be written to, and, unless ``unblind``, when the files would tell the person who
    asks what they may not know yet.
    """
    if told := blind_in_words(review):
        if not unblind:
            raise InputError(told, "Decide them first, or export with --unblind.")
        if review.writable:
            review.record_event("export", f"unblinded: {told}", review.acting)
    additions: list[Addition] = [*([AnnotatedPapers()] if annotated else []), *([Report()] if report else [])]
    files = tuple(export_review(review, folder, progress, additions))
    whole = not review.unreadable() and not review.db.damage
    remarks = [remark for addition in additions for remark in addition.remarks]
    lacking = any(addition.lacking for addition in additions)
    return ExportResult(
        folder, files, whole, review.package(), (*remarks, *_left_of_earlier(folder, additions)), lacking
    )


def _left_of_earlier(folder: Path, additions: Sequence[Addition]) -> Iterator[str]:
    """What an earlier export has added there and this one was not asked for."""
    for name in ADDITIONS:
        if name not in [addition.name for addition in additions] and (folder / name).exists():
            yield f"{name} in that folder is an earlier export's."


def export_records(review: Review, order: RecordsOrder, *, unblind: bool = False) -> WrittenRecords:
    """Write some reports as one file for another program. Raises InputError as ``export`` does, and where nothing is
    meant or something stands there that is not to be replaced."""
    if not order.heads:
        raise InputError(
            "No record is meant, so nothing is written.", "`leads-local find` shows what a condition finds."
        )
    if told := blind_in_words(review, order.heads):
        if not unblind:
            raise InputError(told, "Decide them first, or export with --unblind.")
        if review.writable:
            review.record_event("export", f"unblinded: {told}", review.acting)
    return write_records(review, order)


def order_records(
    review: Review, path: Path, target: Target, stage: Stage, conditions: Sequence[str], *, replace: bool = False
) -> RecordsOrder:
    """Which reports ``conditions`` mean, and how they are to be written: by the file's name. Raises InputError."""
    heads = [one.id for one in showing.find(review, [], stage, conditions)]
    return RecordsOrder(path, format_of(path), heads, target, stage, replace)


def describe_records(written: WrittenRecords) -> Outcome:
    """How many records were written, and what of them the other program's form has no place for."""
    total = f"{format_count(written.records, 'record')} written to {written.path}"
    told = f", with {format_count(written.decisions, 'decision')}" if written.decisions else ""
    lost = (
        f"{written.lost:,} of these the form of {written.target} can't tell whole (who, stage, reason); plain does."
        if written.lost
        else ""
    )
    behind = f"{format_count(written.behind, 'duplicate')} of theirs left out." if written.behind else ""
    return Outcome((f"{total}{told}.",), tuple(filter(None, (behind, lost))), failed=bool(lost))


def export_references(review: Review, path: Path) -> ReferenceLists:
    """Write what the reference lists of the included reports name that the review does not have. Raises InputError
    where that is nothing, or the file can't be written."""
    asked = reference_lists.check_place(path)
    with review.copied() as moment:
        lists = reference_lists.find_candidates(moment)
    reference_lists.write_candidates(path, asked, lists)
    return lists


def describe_references(lists: ReferenceLists, path: Path) -> Outcome:
    """How many references were read, how many of them the review has, and what to do with the others."""
    read = f"{format_count(lists.entries, 'reference')} in {format_count(lists.papers, 'paper')}: {lists.known:,} known"
    total = f"{read}, {format_count(len(lists.candidates), 'candidate')} written to {path}."
    untitled = f"Of {lists.untitled:,} no title could be told: the whole entry stands in its place."
    without = f"No reference list could be read: {', '.join(lists.without)}."
    notices = (
        "Look through them, and import the file with --kind “citation searching” (on the screen i).",
        untitled if lists.untitled else "",
        without if lists.without else "",
    )
    return Outcome((total,), tuple(filter(None, notices)), failed=bool(lists.without))


def blind_in_words(review: Review, among: Collection[int] | None = None) -> str:
    """What an export (of these reports only, None for all) would give away to the person who asks for it; "" where that
    is nothing."""
    found = review.hidden_reports()
    hidden = len(found) if among is None else len({*found}.intersection(among))
    if not hidden:
        return ""
    whose = f"{review.acting} has" if review.acting else "you have"
    return (
        f"An export tells what others decided and noted on {format_count(hidden, 'report')} that {whose} yet to decide "
        "without knowing of it."
    )


def describe_export(result: ExportResult) -> Outcome:
    total = f"{format_count(len(result.files), 'file')} written to {result.folder}."
    damaged = () if result.whole else ("What could not be read of the damaged review is not in them.",)
    part = (result.package.in_words(),) if result.package is not None else ()
    told = (*result.remarks, total, *part, *damaged)
    return Outcome(tuple(map(str, result.files)), told, failed=not result.whole or result.lacking)

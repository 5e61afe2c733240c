"""Copies of a review on which people worked apart, brought together without a server.

What comes is the union of what the copies hold (``store.taking_over``) and of their logs; all that stands is then
derived anew from the whole log (``standing.rebuild``). So it does not matter in which order copies are merged, nor how
often. Invariants: all of it is one transaction, before which a copy of the review is kept, and after which the log must
explain all that stands; a file that is another review's, damaged, or not as this program wrote it brings nothing in.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from leads_local import files
from leads_local.errors import InputError, ReviewError
from leads_local.records import Stage
from leads_local.review import backups, log_check, merged_values, opening, packages, soundness, standing
from leads_local.review.acts import Act, ActKind
from leads_local.review.database import DamagedReview, Database
from leads_local.review.outcomes import OutcomeState
from leads_local.review.soundness import RESTORE_HINT
from leads_local.review.store import acts, decisions, events, groups, questions, taking_over, values
from leads_local.review.store.taking_over import Taken


@dataclass(frozen=True, slots=True)
class Brought:
    """What one reviewer's acts were that came. ``others``: undo, rules, duplicates and whatever else."""

    reviewer: str
    decisions: int
    verifications: int
    records: int
    pdfs: int
    others: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """A report on which reviewers differ at ``stage``."""

    stage: Stage
    record: int


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What came out of the file at ``path``; ``package``: for whom it is a work package, "" for a copy. ``conflicts``:
    those that arose by it; ``changed``: what else holds now that did not before (question, criteria, rules), a few
    words each."""

    path: str
    acts: int
    records: int
    pdfs: int
    replies: int
    reviewers: tuple[Brought, ...]
    conflicts: tuple[Conflict, ...]
    changed: tuple[str, ...]
    notices: tuple[str, ...]
    package: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """``kept``: the copy of the review as it was before; None where nothing has come."""

    reports: tuple[MergeReport, ...]
    kept: Path | None


def merge(db: Database, paths: Sequence[Path], reviewer: str = "") -> Merged:
    """Take from each of these copies what the review lacks, all or nothing. ``reviewer``: who does it.

    Raises InputError or ReviewError, with nothing changed, when one of them is no sound copy of this review.
    """
    with contextlib.ExitStack() as opened:
        copies = [opened.enter_context(_open_copy(db, path)) for path in paths]
        with contextlib.closing(db.copied()) as trial, trial.private_transaction():
            reports = tuple(_bring_in(trial, copy) for copy in copies)
            if not trial.rows_written():
                return Merged(reports, None)
        kept = backups.back_up(db, why="before-merge")
        with db.transaction():
            reports = tuple(_bring_in(db, copy) for copy in copies)
            for found in log_check.find_breaks(db):
                raise ReviewError(
                    f"{db.path} can't be merged with {', '.join(map(str, paths))}: together {found}. Nothing was "
                    "changed.",
                    "Run `leads-local check` on each of them.",
                )
            for report in reports:
                if report.acts or report.records or report.pdfs or report.replies:
                    events.add(db, "merge", _in_words(report), reviewer)
        return Merged(reports, kept)


@contextlib.contextmanager
def _open_copy(db: Database, path: Path) -> Iterator[Database]:
    """A private copy of the file, whole and of this review; one of an earlier version is brought up to date in it."""
    if path.exists() and path.samefile(db.path):
        raise InputError(f"{path} is the review itself.", "Name a copy of it on which somebody else worked.")
    with contextlib.closing(opening.open_file(path, to_write=False, whole=True)) as found:
        if found.damage:
            raise DamagedReview(
                f"{path} is damaged: {soundness.findings_in_words(found.damage)}. Nothing of it was taken.",
                f"Ask for an undamaged copy. {RESTORE_HINT}",
            )
        packages.require_of_review(db, found)
        copy = found.copied()
    with contextlib.closing(copy):
        for broken in log_check.find_breaks(copy):
            raise DamagedReview(
                f"{path} is not as leads-local wrote it: {broken}. Nothing of it was taken.",
                f"Ask for an unchanged copy. {RESTORE_HINT}",
            )
        yield copy


def _bring_in(db: Database, other: Database) -> MergeReport:
    """Inside a transaction."""
    before = _protocol(db)
    conflicting, said = _conflicts(db), values.said_rows(db)
    package = packages.package_of(other) if other.birth() != db.birth() else None
    taken = taking_over.take_over(db, other, part=package is not None)
    came = _take_acts(db, other, taken, package.session if package is not None else "")
    standing.rebuild(db)
    merged_values.settle(db, other, taken, said)
    after = _protocol(db)
    return MergeReport(
        path=str(other.path),
        acts=len(came),
        records=sum(taken.records.values()),
        pdfs=len(taken.documents),
        replies=taken.replies,
        reviewers=tuple(_count_by_reviewer(came, taken)),
        conflicts=_new_conflicts(db, conflicting),
        changed=tuple(what for what in after if after[what] != before[what]),
        notices=tuple(_notices(db)),
        package=package.reviewer if package is not None else "",
    )


def _take_acts(db: Database, other: Database, taken: Taken, said_again: str) -> list[Act]:
    """The acts that this log lacks, but for those of the session ``said_again``, with which a work package begins.
    Raises DamagedReview when both have one of the same name that differs."""
    here = {act.name: stored for act, stored in acts.stream(db)}
    came = []
    for act, record in acts.of_kinds(other, list(ActKind)):
        if act.name.session == said_again:
            continue
        if act.name not in here:
            came.append((act, taken.record_ids[record] if record else 0))
        elif here[act.name] != act.hash:
            raise DamagedReview(
                f"{other.path} and {db.path} tell act {act.name.number} of session {act.name.session} differently: one "
                "of them is not as leads-local wrote it. Nothing was taken.",
                f"Ask for an unchanged copy. {RESTORE_HINT}",
            )
    acts.add_many(db, came)
    return [act for act, _ in came]


def _count_by_reviewer(came: Sequence[Act], taken: Taken) -> Iterator[Brought]:
    counts: dict[str, Counter[str]] = {}
    records, pdfs = dict(taken.records), set(taken.documents)
    for act in came:
        found = counts.setdefault(act.reviewer, Counter())
        found[act.kind] += 1
        about = act.subject_parts()
        if act.kind == ActKind.IMPORT:
            found["records"] += records.pop(about[0], 0)
        elif act.kind == ActKind.ATTACH and about[0] in pdfs:
            pdfs.discard(about[0])
            found["pdfs"] += 1
    for reviewer, found in sorted(counts.items()):
        decided = found[ActKind.DECIDE] + found[ActKind.ADJUDICATE]
        named = (decided, found[ActKind.VERIFY], found["records"], found["pdfs"])
        told = {ActKind.DECIDE, ActKind.ADJUDICATE, ActKind.VERIFY, ActKind.IMPORT, ActKind.ATTACH, "records", "pdfs"}
        yield Brought(reviewer, *named, sum(number for kind, number in found.items() if kind not in told))


# ---------------------------------------------------------------- what is different now


def _conflicts(db: Database) -> set[tuple[str, int]]:
    """Every record of a report on which reviewers differ, by stage."""
    found = [place for place, row in decisions.outcome_rows(db).items() if row[0] == OutcomeState.CONFLICT]
    return {(stage, record) for stage, head in found for record in groups.of_head(db, head)}


def _new_conflicts(db: Database, before: set[tuple[str, int]]) -> tuple[Conflict, ...]:
    heads = {member.id for member in groups.members(db) if member.head == member.id}
    now = {(stage, record) for stage, record in _conflicts(db) if record in heads}
    return tuple(
        Conflict(Stage(stage), head)
        for stage, head in sorted(now)
        if not any((stage, record) in before for record in groups.of_head(db, head))
    )


def _protocol(db: Database) -> dict[str, object]:
    """What is asked and how it is decided, each by what it is called."""
    rules = {f"the rule of the {stage} stage": rule for stage, rule in decisions.rules(db).items()}
    criteria = {f"the criteria of the {stage} stage": questions.criteria(db, stage) for stage in Stage}
    return {"the question": questions.read(db), **criteria, **rules}


def _notices(db: Database) -> Iterator[str]:
    beginnings = {act.name.session for act, _ in acts.stream(db) if act.name.number == 1 and not act.before}
    if len(beginnings) > 1:
        yield (
            "Copies were upgraded apart from an earlier version: what both had before then stands twice in the "
            "history, and what was undone in one of them holds by the other. Look through the history."
        )
    for stage in Stage:
        names = Counter(criterion.name.casefold() for criterion in questions.criteria(db, stage))
        for name in (name for name, number in names.items() if number > 1):
            yield f"Two criteria of the {stage} stage are called {name!r} now: give each a name of its own."


def _in_words(report: MergeReport) -> str:
    return (
        f"{files.name_of(report.path)}: {report.acts} acts, {report.records} records, {report.pdfs} PDFs, "
        f"{report.replies} answers of the model, {len(report.conflicts)} conflicts arose"
    )

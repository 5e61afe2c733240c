"""Work packages: a part of a review as a file of its own, for one reviewer, who opens it like any review; what she
does there comes back by ``merging``.

A package's log begins with one session that says again what stood when it was written (``restating``) and ends with an
act ``package``. Her own sessions follow it. The review's act ``share`` has the hash of that act: so her sessions hang
on the review's log as the acts of any copy do, and a package that the review has not given out, or that somebody has
changed, is told. What others decided is not in the file, nor what the model judged where reviewers are to be
independent; see docs/decisions/0009-work-packages.md.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leads_local import __version__
from leads_local.errors import InputError, ReviewError
from leads_local.records import Question, Stage
from leads_local.review import log_check, opening, protocol, restating, standing
from leads_local.review.act_log import ActLog
from leads_local.review.acts import Act, ActKind, canonical
from leads_local.review.database import Database, utc_now
from leads_local.review.restating import Said, Wanted
from leads_local.review.same_reports import RecordName
from leads_local.review.store import (
    acts,
    citations,
    decisions,
    documents,
    events,
    groups,
    package_rows,
    protocol_rows,
    questions,
    taking_over,
    values,
)
from leads_local.review.store.package_rows import Work

_SESSION_BYTES = 8


@dataclass(frozen=True, slots=True)
class PackageOrder:
    """What a package is to hold: these records, each with all of its group, for ``reviewer`` to decide at ``stage``.
    ``texts``: with full texts. ``decisions``: with what the others decided and noted, for who settles conflicts.
    ``scores``: with what the model judged also where reviewers are to be independent."""

    reviewer: str
    stage: Stage
    records: tuple[int, ...]
    texts: bool = True
    decisions: bool = False
    scores: bool = False


@dataclass(frozen=True, slots=True)
class Package:
    """What a file says that is a work package: a part of the review called ``title`` whose first generation's token is
    ``review``. ``reports`` of ``of`` reports are in it. ``hash`` is that of the act that says so."""

    session: str
    hash: str
    review: int
    title: str
    reviewer: str
    stage: Stage
    reports: int
    of: int
    records: frozenset[RecordName]
    by: str
    at: str
    texts: bool
    decisions: bool

    def in_words(self) -> str:
        """What the file is, a sentence."""
        called = f" “{self.title}”" if self.title else ""
        return (
            f"This is a work package for {self.reviewer}: {self.reports:,} of the {self.of:,} reports of the review"
            f"{called}, for the {self.stage} stage, given out {self.at[:10]}. Its numbers are of these reports only."
        )


@dataclass(frozen=True, slots=True)
class GivenPackage:
    """A package that was given out: for whom, by whom, when, with how many reports; and what of it has come back.
    ``withdrawn``: that was taken back."""

    session: str
    reviewer: str
    stage: Stage
    reports: int
    by: str
    at: str
    withdrawn: bool
    back: Work


def package_of(db: Database) -> Package | None:
    """What package a file is, None for a review."""
    return next(iter(package_rows.of_kind(db, ActKind.PACKAGE, _to_package)), None)


def _to_package(act: Act, holds: bool) -> Package:
    said = act.said_parts()
    return Package(
        session=act.name.session,
        hash=act.hash,
        review=said["review"],
        title=said["title"],
        reviewer=said["for"],
        stage=Stage(said["stage"]),
        reports=said["reports"],
        of=said["of"],
        records=_names(said["records"]),
        by=act.reviewer,
        at=act.at,
        texts=said["texts"],
        decisions=said["decisions"],
    )


@dataclass(frozen=True, slots=True)
class _Share:
    """An act that gave a package out; ``hash``: that of the act which says in the package what it is."""

    session: str
    hash: str
    reviewer: str
    stage: Stage
    reports: int
    records: frozenset[RecordName]
    by: str
    at: str
    holds: bool


def _to_share(act: Act, holds: bool) -> _Share:
    said, (session,) = act.said_parts(), act.subject_parts()
    what = (said["for"], Stage(said["stage"]), said["reports"], _names(said["records"]))
    return _Share(session, said["hash"], *what, act.reviewer, act.at, holds)


def _shares(db: Database) -> list[_Share]:
    return package_rows.of_kind(db, ActKind.SHARE, _to_share)


def given(db: Database) -> list[GivenPackage]:
    """The packages that were given out, oldest first."""
    found = []
    for one in _shares(db):
        back = package_rows.work_in(db, one.session)
        what = (one.session, one.reviewer, one.stage, one.reports, one.by, one.at, not one.holds)
        found.append(GivenPackage(*what, back))
    return found


def given_records(db: Database, stage: Stage) -> set[int]:
    """The reports that are in a package for ``stage`` which was given out and not taken back."""
    numbers = {name: record for record, name in citations.all_names(db).items()}
    names = [name for one in _shares(db) if one.holds and one.stage is stage for name in one.records]
    return set(groups.heads_of(db, [numbers[name] for name in names if name in numbers]))


# ---------------------------------------------------------------- giving one out


def share(db: Database, log: ActLog, path: Path, order: PackageOrder) -> Package:
    """Write a package to the new file ``path``, and that it was given out into the log.

    Raises InputError where it would hold nothing, ReviewError where it can't be written; then nothing was given out.
    """
    if not order.records:
        raise InputError(
            f"There is no record for {order.reviewer} to put into a work package.",
            "Name some: --records 1,2,5-9, or --where.",
        )
    with contextlib.closing(db.copied()) as copy:
        contents = _take_out(copy, order, log.reviewer)
        with opening.made_aside(path, lambda new: _fill(new, copy, contents, order)):
            _note_given(db, log, contents, order)
    return _read(path)


@dataclass(frozen=True, slots=True)
class _Contents:
    """What goes into a package beside the rows: ``acts``, its first session, each with its record, and which record
    stands for each group (``heads``, by this file's numbers). ``said``: what the package says of itself."""

    said: Mapping[str, Any]
    acts: Sequence[tuple[Act, RecordName | None]]
    heads: Mapping[int, int]


def _take_out(copy: Database, order: PackageOrder, by: str) -> _Contents:
    """What of the review in this private copy goes into a package; the copy itself is cut down to its rows."""
    session, at = secrets.token_hex(_SESSION_BYTES), utc_now()
    ids = sorted(record for head in groups.heads_of(copy, order.records) for record in groups.of_head(copy, head))
    said, heads = _told(copy, order, ids), {member.id: member.head for member in groups.members(copy)}
    clock = acts.highest_clock(copy) + 1
    form = [] if protocol_rows.said(copy, ActKind.FORM) else [_form_in_use(copy, clock, by, at)]
    unseen = [stage for stage, rule in decisions.rules(copy).items() if rule.independent and not order.scores]
    package_rows.cut_out(copy, ids, unseen, texts=order.texts)
    again = restating.restate((act for act, _ in acts.stream(copy)), _wanted(copy, order))
    told = [*again, *form, Said(clock, ActKind.PACKAGE, canonical([session]), said, by, at)]
    made = restating.name_acts(session, told)
    return _Contents(said, list(zip(made, (one.record for one in told), strict=True)), heads)


def _form_in_use(db: Database, clock: int, by: str, at: str) -> Said:
    """So that an extraction in the package needs not say what the review's form is."""
    whole = canonical([])
    return Said(clock, ActKind.FORM, whole, protocol.registers(protocol.read(db))[ActKind.FORM, whole], by, at)


def _note_given(db: Database, log: ActLog, contents: _Contents, order: PackageOrder) -> None:
    last, _ = contents.acts[-1]
    shared = {key: contents.said[key] for key in ("for", "stage", "reports", "records", "texts", "decisions")}
    with db.transaction():
        log.write(ActKind.SHARE, last.subject, {**shared, "hash": last.hash}, at=last.at)
        told = f"{contents.said['reports']} reports for {order.reviewer}, {order.stage}"
        events.add(db, "share", told, log.reviewer)


def _read(path: Path) -> Package:
    with contextlib.closing(opening.open_file(path, to_write=False)) as made:
        found = package_of(made)
    assert found is not None
    return found


def _told(db: Database, order: PackageOrder, ids: Iterable[int]) -> dict[str, Any]:
    """What the package says of itself."""
    names, own = citations.all_names(db), package_of(db)
    records: dict[str, list[int]] = {}
    for source, number in sorted(names[record] for record in ids):
        records.setdefault(source, []).append(number)
    return {
        "review": own.review if own is not None else db.birth(),
        "title": questions.read(db).title,
        "for": order.reviewer,
        "stage": order.stage,
        "reports": len(groups.heads_of(db, list(ids))),
        "of": package_rows.count_reports(db),
        "records": records,
        "texts": order.texts,
        "decisions": order.decisions,
    }


def _wanted(cut: Database, order: PackageOrder) -> Wanted:
    names, records = citations.all_names(cut), package_rows.records_of_values(cut)
    return Wanted(
        records=frozenset(names.values()),
        pdfs=frozenset(documents.known_problems(cut)),
        values={name: names[records[value]] for value, name in values.all_names(cut).items()},
        reviewer=order.reviewer,
        stage=order.stage,
        decisions=order.decisions,
    )


def _fill(new: Database, cut: Database, contents: _Contents, order: PackageOrder) -> None:
    """Inside the transaction that makes the file."""
    questions.create(new, Question(), f"leads-local {__version__}")
    taking_over.take_over(new, cut, same_numbers=True)
    numbers = {name: record for record, name in citations.all_names(new).items()}
    acts.add_many(new, [(act, numbers[record] if record is not None else 0) for act, record in contents.acts])
    standing.rebuild(new)
    _show_the_same(new, contents.heads)
    events.add(new, "create", f"a work package for {order.reviewer}, made by leads-local {__version__}")
    for found in log_check.find_breaks(new):
        raise ReviewError(
            f"The work package can't be written: of it {found}. Nothing was given out.",
            "Run `leads-local check` on the review.",
        )


def _show_the_same(new: Database, heads: Mapping[int, int]) -> None:
    """Have the same record stand for each group as in the review."""
    members: dict[int, list[int]] = {}
    for one in groups.members(new):
        members.setdefault(one.head, []).append(one.id)
    for head, stored in groups.stored_groups(new).items():
        if heads[head] != head:
            groups.form_group(new, heads[head], members[head], stored.reasons, stored.clock)
            standing.refresh_outcomes(new, members[head])


# ---------------------------------------------------------------- taking one back


def require_of_review(db: Database, other: Database) -> bool:
    """Whether ``other`` is a work package that this review has given out, rather than a copy of it. Raises InputError
    where it is neither."""
    if db.birth() and other.birth() == db.birth():
        return False
    package, own = package_of(other), package_of(db)
    if package is not None and (package.session, package.hash) in {(one.session, one.hash) for one in _shares(db)}:
        return True
    if own is not None and (own.review == other.birth() or (package is not None and package.review == own.review)):
        raise InputError(
            f"{db.path} is a work package: {other.path} is not merged into it. Nothing of it was taken.",
            "Merge the work packages into the review that they are parts of.",
        )
    if package is not None and package.review == db.birth():
        raise InputError(
            f"{other.path} is a work package of this review that {db.path} has not given out, or it was changed since. "
            "Nothing of it was taken.",
            "Merge the copy of the review, or the work package, that gave it out first.",
        )
    raise InputError(
        f"{other.path} is another review than {db.path}, not a copy or a work package of it. Nothing of it was taken.",
        "Only copies and work packages of one review can be merged; export citations from the other one and import "
        "them.",
    )


def _names(records: Mapping[str, Iterable[int]]) -> frozenset[RecordName]:
    return frozenset((source, number) for source, numbers in records.items() for number in numbers)

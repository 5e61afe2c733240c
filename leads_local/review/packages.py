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
from collections.abc import Iterable, Mapping
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
from leads_local.review.derivation import RecordName
from leads_local.review.restating import Said, Wanted
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
    for act, _ in package_rows.of_kind(db, ActKind.PACKAGE)[:1]:
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
    return None


def given(db: Database) -> list[GivenPackage]:
    """The packages that were given out, oldest first."""
    found = []
    for act, holds in package_rows.of_kind(db, ActKind.SHARE):
        said, (session,) = act.said_parts(), act.subject_parts()
        back = package_rows.work_in(db, session)
        stage = Stage(said["stage"])
        found.append(GivenPackage(session, said["for"], stage, said["reports"], act.reviewer, act.at, not holds, back))
    return found


def given_records(db: Database, stage: Stage) -> set[int]:
    """The reports that are in a package for ``stage`` which was given out and not taken back."""
    numbers = {name: record for record, name in citations.all_names(db).items()}
    shares = [act.said_parts() for act, holds in package_rows.of_kind(db, ActKind.SHARE) if holds]
    names = [name for said in shares if said["stage"] == stage for name in _names(said["records"])]
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
    session, at, by = secrets.token_hex(_SESSION_BYTES), utc_now(), log.reviewer
    with contextlib.closing(db.copied()) as copy:
        ids = sorted(record for head in groups.heads_of(copy, order.records) for record in groups.of_head(copy, head))
        said = _told(copy, order, ids)
        known = acts.of_kinds(copy, list(ActKind))
        heads = {member.id: member.head for member in groups.members(copy)}
        form = protocol.registers(protocol.read(copy))[ActKind.FORM, canonical([])]
        has_form = bool(protocol_rows.said(copy, ActKind.FORM))
        unseen = [stage for stage, rule in decisions.rules(copy).items() if rule.independent and not order.scores]
        package_rows.cut_out(copy, ids, unseen, texts=order.texts)
        again = restating.restate([act for act, _ in known], _wanted(copy, order))
        clock = acts.highest_clock(copy) + 1
        if not has_form:  # so that an extraction in the package needs not say what the review's form is
            again.append(Said(clock, ActKind.FORM, canonical([]), form, by, at))
        last = Said(clock, ActKind.PACKAGE, canonical([session]), said, by, at)
        made = restating.name_acts(session, again, last)
        told = list(zip(made, (one.record for one in [*again, last]), strict=True))
        with opening.made_aside(path, lambda new: _fill(new, copy, told, heads, order)):
            shared = {key: said[key] for key in ("for", "stage", "reports", "records", "texts", "decisions")}
            with db.transaction():
                log.write(ActKind.SHARE, canonical([session]), {**shared, "hash": made[-1].hash}, at=at)
                events.add(db, "share", f"{said['reports']} reports for {order.reviewer}, {order.stage}", by)
    return _read(path)


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
    return Wanted(
        records=frozenset(citations.all_names(cut).values()),
        pdfs=frozenset(documents.known_problems(cut)),
        values=frozenset(values.all_names(cut).values()),
        reviewer=order.reviewer,
        stage=order.stage,
        decisions=order.decisions,
    )


def _fill(
    new: Database,
    cut: Database,
    told: Iterable[tuple[Act, RecordName | None]],
    heads: Mapping[int, int],
    order: PackageOrder,
) -> None:
    """Inside the transaction that makes the file."""
    questions.create(new, Question(), f"leads-local {__version__}")
    taking_over.take_over(new, cut, same_numbers=True)
    numbers = {name: record for record, name in citations.all_names(new).items()}
    acts.add_many(new, [(act, numbers[record] if record is not None else 0) for act, record in told])
    standing.rebuild(new)
    _show_the_same(new, heads)
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
    if package is not None and any(_gave(act, package) for act, _ in package_rows.of_kind(db, ActKind.SHARE)):
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


def _gave(act: Act, package: Package) -> bool:
    return bool(act.subject_parts() == [package.session] and act.said_parts().get("hash") == package.hash)


def _names(records: Mapping[str, Iterable[int]]) -> frozenset[RecordName]:
    return frozenset((source, number) for source, numbers in records.items() for number in numbers)

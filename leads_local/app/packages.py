"""Work packages: which reports go into one, and how what was given out and what has come back is told."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leads_local import files
from leads_local.app import reviewers
from leads_local.app.conditions import where
from leads_local.app.outcome import Outcome, first_of, format_count
from leads_local.errors import InputError
from leads_local.records import Stage
from leads_local.review.outcomes import Rule, RuleKind, is_drawn
from leads_local.review.packages import GivenPackage, Package, PackageOrder
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review
from leads_local.review.store import citations

_RANGE = re.compile(r"(\d{1,18})(?:\s*-\s*(\d{1,18}))?")
_SHARE = re.compile(r"0?\.\d+")
RECORDS_HELP = "Numbers and ranges of records, as 1,2,5-9."


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of the reports go into a package: those with these ``numbers`` (as ``RECORDS_HELP`` has it), those of which
    all ``conditions`` hold (``conditions.WHERE_HELP``), the ``conflicts``, or, where none of these is said, all that
    the reviewer has to decide. Of these, with ``rest``, those that no package has yet; of these a ``share``, 0 to 1."""

    numbers: str = ""
    conditions: tuple[str, ...] = ()
    conflicts: bool = False
    rest: bool = False
    share: float | None = None


def read_selection(text: str, selection: Selection) -> Selection:
    """``selection`` with what a person typed: numbers and ranges, a share such as 0.5, or conditions, separated by
    semicolons; nothing for all."""
    said = text.strip()
    if _SHARE.fullmatch(said):
        return dataclasses.replace(selection, share=float(said))
    if not said or said[0].isdecimal():
        return dataclasses.replace(selection, numbers=said)
    return dataclasses.replace(selection, conditions=tuple(part for part in said.split(";") if part.strip()))


def choose(review: Review, reviewer: str, stage: Stage, selection: Selection) -> tuple[int, ...]:
    """The reports that are meant, by their heads. Raises InputError where more than one way is named, or a record that
    is not to be decided at ``stage``."""
    if bool(selection.numbers) + bool(selection.conditions) + selection.conflicts > 1:
        raise InputError(
            "Which records? Name them by --records, by --where, or with --conflicts; one of these.",
            "Without any, all go into the work package that its reviewer has to decide.",
        )
    found = _named(review, reviewer, stage, selection)
    if selection.rest:
        given = review.given_records(stage)
        found = [record for record in found if record not in given]
    if selection.share is not None:
        rule = Rule(RuleKind.SHARE, selection.share)
        found = [record for record in found if is_drawn(rule, citations.names_of_group(review.db, record))]
    return tuple(found)


def _named(review: Review, reviewer: str, stage: Stage, selection: Selection) -> list[int]:
    if selection.conflicts:
        return review.record_ids(stage, RecordFilter.CONFLICT)
    if selection.conditions:
        with contextlib.closing(review.copied()) as moment:
            moment.acting = reviewer  # what is to do is so for somebody
            return where(moment, stage, selection.conditions)
    if not selection.numbers:
        return review.to_do_of(reviewer, stage)
    ranges = list(_read_ranges(selection.numbers))
    there = {record: head for record, head, _ in review.named_records()}
    first, last = min(there, default=1), max(there, default=0)
    wanted = [one for begin, end in ranges for one in range(max(begin, first - 1), min(end, last + 1) + 1)]
    to_decide = set(review.record_ids(stage))
    if wrong := [one for one in wanted if there.get(one) not in to_decide]:
        listed = ", ".join(first_of(map(str, wrong), "in what you typed"))
        raise InputError(
            f"Not to be decided at the {stage} stage: record {listed}.", "`leads-local find` lists the records."
        )
    return list(dict.fromkeys(there[one] for one in wanted))


def _read_ranges(text: str) -> Iterator[tuple[int, int]]:
    for part in text.split(","):
        found = _RANGE.fullmatch(part.strip())
        if found is None or int(found[1]) > int(found[2] or found[1]):
            raise InputError(f"{part.strip()!r} is no number or range of records.", RECORDS_HELP)
        yield int(found[1]), int(found[2] or found[1])


def make_order(
    review: Review,
    reviewer: str,
    stage: Stage,
    selection: Selection,
    texts: bool | None = None,
    *,
    scores: bool = False,
) -> PackageOrder:
    """What a package is to hold. Without a word on ``texts`` they come along where full texts are decided. Raises
    InputError as ``choose`` does, and where nobody can be called so."""
    name = reviewers.clean_name(reviewer)
    with_texts = stage is Stage.FULLTEXT if texts is None else texts
    chosen = choose(review, name, stage, selection)
    return PackageOrder(name, stage, chosen, with_texts, selection.conflicts, scores)


# ---------------------------------------------------------------- how it is told


def describe_share(review: Review, path: Path, package: Package) -> Outcome:
    """What was given out, and what is to be done with it."""
    what = [
        "with full texts" if package.texts else "without full texts",
        "with what the others decided" if package.decisions else "without what others decided",
    ]
    told = (
        f"{path}: {format_count(package.reports, 'report')} for {package.reviewer} to "
        f"{'settle' if package.decisions else 'decide'} at the {package.stage} stage, {', '.join(what)}."
    )
    notices = [
        f"Give that file to {package.reviewer}, who opens it like any review. When it comes back: leads-local merge "
        f"{files.name_of(str(review.path))} {files.name_of(str(path))} (on the screen k, then m)."
    ]
    if other := reviewers.same_but_for_spelling(package.reviewer, review.reviewers()):
        notices.append(f"This review has a reviewer {other!r}: {package.reviewer!r} counts as another person.")
    return Outcome((told,), tuple(notices))


def given_in_words(given: Sequence[GivenPackage]) -> list[str]:
    """A line for each work package that was given out: to whom, when, and whether it has come back."""
    return [_one_given(one) for one in given]


def _one_given(one: GivenPackage) -> str:
    by = f" by {one.by}" if one.by else ""
    told = f"{one.reviewer}: {format_count(one.reports, 'report')}, {one.stage} stage, given out {_day(one.at)}{by}"
    taken = ", taken back" if one.withdrawn else ""
    if not one.back.acts:
        return f"{told}{taken}: not come back yet" if not taken else f"{told}{taken}"
    return f"{told}{taken}: {one.back.decided:,} decided, as it came back last said {_day(one.back.last)}"


def _day(at: str) -> str:
    return at[:10]


def package_as_data(package: Package | None) -> dict[str, Any] | None:
    """For a program: all but which records they are."""
    if package is None:
        return None
    said = dataclasses.asdict(package)
    return {name: said[name] for name in said if name not in ("records", "review", "hash")}

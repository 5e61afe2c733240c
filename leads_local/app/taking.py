"""Decisions, labels and notes that another screening tool has exported: what would be taken, shown first, and taken."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from leads_local import files
from leads_local.app.outcome import Outcome, first_of, format_count
from leads_local.citations import screened
from leads_local.citations.screened import Reading
from leads_local.errors import InputError
from leads_local.records import Choice, Stage
from leads_local.review.told_plan import LeftOut, TakingOrder, TakingPlan, ToldFile, count_by_reviewer
from leads_local.review.told_taking import Taken

NOTHING = "nothing"
_NAME_IT = (
    "Where one holds decisions, name it: --column NAME, or NAME=REVIEWER; --label TEXT=CHOICE explains. "
    "In the UI c and l do."
)
_SHOWN_REASONS = 5
_SHOWN_COLUMNS = 30
_LOOKED_AT = 100  # records, whose columns are named


def make_reading(columns: Iterable[str], labels: Iterable[str], every: str | None) -> Reading:
    """How to read an export, from what a person wrote: ``COLUMN`` or ``COLUMN=REVIEWER``, ``LABEL=CHOICE`` (a choice,
    or "nothing"), and what was decided of every record. Raises InputError where one can't be read."""
    named: dict[str, str] = {}
    for text in columns:
        column, _, who = text.rpartition("=") if "=" in text else (text, "", "")
        named[column.strip()] = who.strip()
    words: dict[str, Choice | None] = {}
    for text in labels:
        label, sign, choice = text.rpartition("=")
        if not sign or choice.strip() not in (*Choice, NOTHING):
            allowed = ", ".join((*Choice, NOTHING))
            raise InputError(f"“{text}” doesn't say what a label means.", f"Write LABEL=CHOICE, with one of {allowed}.")
        words[label] = None if choice.strip() == NOTHING else Choice(choice.strip())
    return Reading(named, words, Choice(every) if every else None)


def make_order(stage: Stage, names: Iterable[str]) -> TakingOrder:
    """Whose decisions they are, from ``NAME THERE=NAME HERE``, or ``=NAME`` for who is not named. Raises InputError."""
    told: dict[str, str] = {}
    for text in names:
        there, sign, here = text.rpartition("=")
        if not sign or not here.strip():
            raise InputError(f"“{text}” doesn't say who is meant.", "Write NAME THERE=NAME HERE, or =NAME.")
        told[there.strip()] = here.strip()
    return TakingOrder(stage, told)


def describe_plan(plan: TakingPlan, file: ToldFile) -> Outcome:
    """What would be taken, by stage and reviewer, and all that would not be, with why."""
    name, tools = files.name_of(plan.path), " and ".join(plan.tools)
    if not plan.records:
        return Outcome((f"{name}: no decisions are found in its {len(file.citations):,} records.",), _how_to(file))
    here = plan.records - len(plan.unmatched)
    head = f"{name} ({tools}): {plan.records:,} of {format_count(len(file.citations), 'record')} say something"
    lines = [f"{head}; {here:,} are reports of the review."]
    for (stage, who), counts in count_by_reviewer(plan.decisions).items():
        said = ", ".join(f"{choice} {number:,}" for choice, number in counts.items())
        lines.append(f"- {stage} stage, {who}: {said}{_reasons_in_words(plan, stage, who)}")
    if plan.times:
        times = sorted(_time_in_words(at) for _, _, at in plan.times)
        count = format_count(len(times), "decision")
        lines.append(f"- times of {count}, from {times[0]} to {times[-1]}, which the log keeps")
    tags, notes = Counter(tag for _, tag in plan.tags), Counter(who for _, who, _ in plan.notes)
    lines += [f"- labels to be tags: {_counted(tags)}"] if tags else []
    lines += [f"- notes to be notes: {_counted(notes)}"] if notes else []
    lines += [f"- in the review already: {format_count(plan.already, 'decision')}"] if plan.already else []
    lines += ["- Nothing of it is new."] if plan.is_empty else []
    return Outcome(tuple(lines), tuple(_left_in_words(plan)), failed=bool(plan.left_out or plan.unmatched))


def _time_in_words(at: str) -> str:
    """To the minute; a number counts seconds since 1970."""
    if re.fullmatch(r"\d{9,10}(?:\.\d*)?", at):
        return datetime.fromtimestamp(float(at), UTC).strftime("%Y-%m-%d %H:%M")
    return at[:16].replace("T", " ")


def _how_to(file: ToldFile) -> tuple[str, ...]:
    columns = screened.column_names(file.citations[:_LOOKED_AT])
    told = (f"Its columns are: {', '.join(columns[:_SHOWN_COLUMNS])}.",) if columns else ()
    return (*told, _NAME_IT)


def _reasons_in_words(plan: TakingPlan, stage: Stage, who: str) -> str:
    said = Counter(one.reason for one in plan.decisions if (one.stage, one.reviewer) == (stage, who) and one.reason)
    return f"; because: {_counted(said)}" if said else ""


def _counted(counts: Counter[str]) -> str:
    shown = [f"{name} {number:,}" for name, number in counts.most_common(_SHOWN_REASONS)]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")


def _left_in_words(plan: TakingPlan) -> Iterator[str]:
    if plan.unnamed:
        yield "Some don't say who decided; they are called as shown, or as you say: --reviewer-name =NAME, in the UI w."
    if plan.unmatched:
        yield f"Not in the review, so not taken: {format_count(len(plan.unmatched), 'record')}."
        yield from first_of(map(_in_words, plan.unmatched), "--json lists all")
    if plan.left_out:
        yield f"Not taken: {len(plan.left_out):,}."
        yield from first_of(map(_in_words, plan.left_out), "--json lists all")


def _in_words(left: LeftOut) -> str:
    place = f"record {left.number} of the file" if left.number else "record"
    return f"- {place} (“{left.title[:60]}”): {left.why}"


def describe_taken(taken: Taken) -> Outcome:
    """What was taken, and what could not be."""
    done = f"Taken: {format_count(len(taken.decisions), 'decision')}, {format_count(taken.tags, 'tag')}, "
    notices = ["`undo` takes all of it back (in the UI U)."]
    if taken.not_included:
        records = ", ".join(str(one.record_id) for one in taken.not_included[:10])
        count = format_count(len(taken.not_included), "decision")
        notices.append(f"Not taken: {count} on full texts whose abstract is not included here (record {records}).")
    if taken.meanwhile:
        notices.append(f"Not taken: {format_count(taken.meanwhile, 'decision')} that somebody has made here meanwhile.")
    left = bool(taken.not_included or taken.meanwhile)
    return Outcome((f"{done}{format_count(taken.notes, 'note')}.",), tuple(notices), failed=left)


def tells_in_words(tools: Sequence[str]) -> str:
    """Of an imported file that decisions stand in it, which are not taken by importing it."""
    return (
        f"decisions, labels or notes of {' and '.join(tools)} stand in its records. None is taken by importing it: "
        "`leads-local decisions REVIEW FILE` (in the UI o, then d) shows what there is, and takes it with --take."
    )


def plan_as_data(plan: TakingPlan, taken: Taken | None = None) -> dict[str, Any]:
    """The same for a program."""
    told = dataclasses.asdict(plan)
    if taken is None:
        return {**told, "taken": None}
    done = {"decisions": len(taken.decisions), "tags": taken.tags, "notes": taken.notes, "meanwhile": taken.meanwhile}
    return {**told, "taken": {**done, "not included": [one.record_id for one in taken.not_included]}}

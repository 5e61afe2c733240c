"""Criteria that are checked by rule, in words: what they read, of how many reports they say what, what they take out
before screening. The same sentences on the command line and on the screen.

What a limit says is a fact of the record, not an opinion, so it is shown to reviewers who are to be blind to the model
and to each other, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from leads_local.app.outcome import Outcome, first_of, format_count
from leads_local.citations import limits as rules
from leads_local.citations.limits import Limit, LimitAnswer
from leads_local.errors import InputError
from leads_local.records import Stage
from leads_local.review.limiting import LimitsPreview, LimitTally
from leads_local.review.read_models import RecordView
from leads_local.review.review import Review

HEADING = "By rule, from the record's own fields (not the model):"
UNSAID = "the record doesn't say"
_NO_LIMITS = "No criterion is checked by rule."
_HOW = '`leads-local limits REVIEW --set "Language=language only English"` adds one.'


def limit_in_words(limit: Limit) -> str:
    """A limit with its name, its rule and what it does."""
    text = f" ({limit.text})" if limit.text else ""
    return f"{limit.name}: {limit.in_words()}{text}{', excludes' if limit.excludes else ''}"


def answer_in_words(answer: LimitAnswer) -> str:
    """What a limit says of a report: the answer, what it follows from, and the rule."""
    word = answer.within if answer.within is not rules.Within.UNSAID else UNSAID
    said = f" ({answer.evidence})" if answer.evidence else ""
    return f"{answer.limit.name}: {word}{said}; by rule: {answer.limit.in_words()}"


def answers_in_words(view: RecordView) -> tuple[str, ...]:
    """What the review's limits say of a report, a line each; nothing where there are none."""
    if not view.limits:
        return ()
    lines = [HEADING, *(f"- {answer_in_words(answer)}" for answer in view.limits)]
    if view.ruled_out_by:
        lines.append(ruled_out_in_words(view.ruled_out_by))
    return tuple(lines)


def ruled_out_in_words(limit: str) -> str:
    return f"Taken out before screening, as not within {limit}; a decision on it takes it in again."


def describe_limits(review: Review) -> Outcome:
    """Every limit with what it says of how many reports, and what is taken out before screening."""
    limits = review.limits()
    if not limits:
        return Outcome((_NO_LIMITS,), (_HOW,))
    shown = review.preview_limits(limits)
    number = len(shown.ruled_out)
    told = f"Taken out before screening: {format_count(number, 'report')}."
    more = ("`leads-local find REVIEW --ruled-out` lists them; a decision takes one in again.",) if number else ()
    return Outcome((*map(_tally_in_words, shown.tallies), told), more)


def describe_preview(review: Review, limits: Sequence[Limit]) -> tuple[str, ...]:
    """What these limits would take out before screening, a line each; nothing where neither they nor those of now take
    out anything."""
    return preview_in_words(review, review.preview_limits(limits))


def preview_in_words(review: Review, then: LimitsPreview) -> tuple[str, ...]:
    """``describe_preview`` where it is known what would follow, for which every record is read."""
    now = review.ruled_out()
    if not (now or then.ruled_out):
        return tuple(map(_tally_in_words, then.tallies))
    new = [head for head in then.ruled_out if head not in now]
    titles = {one.id: one.shown_title for one in review.summaries(new, Stage.ABSTRACT)}
    told = (f"{head}: {titles.get(head, '')} ({then.ruled_out[head].evidence})" for head in new)
    count = format_count(len(then.ruled_out), "report")
    return (
        *map(_tally_in_words, then.tallies),
        f"Taken out before screening by rule: {count} (now {len(now):,}; PRISMA: marked as ineligible by automation).",
        *(f"- {line}" for line in first_of(told, "`leads-local find REVIEW --ruled-out` lists all, once it holds")),
    )


def as_data(shown: LimitsPreview) -> dict[str, object]:
    """The same for a program."""
    tallies = [
        {**rules.to_said(one.limit), "yes": one.yes, "no": one.no, "not said": one.unsaid} for one in shown.tallies
    ]
    ruled_out = [
        {"record": head, "limit": answer.limit.name, "evidence": answer.evidence}
        for head, answer in shown.ruled_out.items()
    ]
    return {"limits": tallies, "ruled_out": ruled_out}


def describe_changes(before: Sequence[Limit], after: Sequence[Limit]) -> Iterable[str]:
    """What differs, a line each."""
    old, new = ({one.name: one for one in limits} for limits in (before, after))
    for name, limit in new.items():
        if name not in old:
            yield f"new criterion by rule {limit_in_words(limit)}"
        elif old[name] != limit:
            yield f"criterion by rule {limit_in_words(limit)} (was: {limit_in_words(old[name])})"
    yield from (f"criterion by rule taken out: {limit_in_words(one)}" for name, one in old.items() if name not in new)
    both = [name for name in new if name in old]
    if both != [name for name in old if name in new]:
        yield f"order of the criteria by rule: {', '.join(new)} (was: {', '.join(old)})"


def change(
    limits: Sequence[Limit],
    put: Iterable[str] = (),
    remove: Iterable[str] = (),
    exclude: Iterable[str] = (),
    keep: Iterable[str] = (),
) -> tuple[Limit, ...]:
    """``limits`` with what a person asks for: NAME=RULE to ``put`` in the place of one of that name, or at the end;
    names to ``remove``; names of those that are to ``exclude`` from now on, or to ``keep`` in what is not within them.
    Raises InputError for a name that is none."""
    found = {limit.name.casefold(): limit for limit in limits}
    for text in put:
        limit = parse(text)
        stood = found.get(limit.name.casefold(), limit)
        found[limit.name.casefold()] = replace(limit, excludes=stood.excludes, text=stood.text)
    for name in remove:
        del found[_require(found, name)]
    for names, excludes in ((exclude, True), (keep, False)):
        for name in names:
            key = _require(found, name)
            found[key] = replace(found[key], excludes=excludes)
    return tuple(found.values())


def parse(text: str, mark: str = "=") -> Limit:
    """NAME=RULE as a person writes it. Raises InputError."""
    name, found, rule = text.partition(mark)
    if not (name.strip() and found and rule.strip()):
        raise InputError(
            f"{text.strip()!r} is not NAME{mark}RULE.", f'For instance: "Language{mark}language only English; German".'
        )
    return rules.parse_line(name.strip(), rule)


def _require(found: dict[str, Limit], name: str) -> str:
    key = " ".join(name.split()).casefold()
    if key not in found:
        there = ", ".join(limit.name for limit in found.values()) or "none"
        raise InputError(f"No criterion that is checked by rule is called {name!r}.", f"There are: {there}.")
    return key


def _tally_in_words(tally: LimitTally) -> str:
    counted = f"{tally.yes:,} yes, {tally.no:,} no, {tally.unsaid:,} don't say"
    return f"{limit_in_words(tally.limit)}: {counted}"

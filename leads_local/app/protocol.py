"""The protocol in words: what would change, what changed when and by whom, what deviates from the locked one, and what
was judged by an earlier wording. The same sentences on the command line and on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from leads_local.app import limits
from leads_local.app.deciding import rule_in_words
from leads_local.app.outcome import Outcome, first_of, format_count
from leads_local.records import PICO, Stage
from leads_local.review.protocol import SCOPES, Protocol
from leads_local.review.protocol_history import Lock, ProtocolChange
from leads_local.review.review import Review
from leads_local.tasks.forms import Form

_SHOWN_TEXT = 200


def describe_changes(before: Protocol, after: Protocol) -> tuple[str, ...]:
    """What differs, a line each; nothing where they say the same."""
    return (
        *_question_changes(before, after),
        *_criteria_changes(before, after),
        *limits.describe_changes(before.limits, after.limits),
        *_reason_changes(before, after),
        *(
            f"rule of the {stage} stage: {rule_in_words(rule)} (was: {rule_in_words(before.rules[stage])})"
            for stage, rule in after.rules.items()
            if rule != before.rules[stage]
        ),
        *_list_changes("keyword for including", before.keywords.include, after.keywords.include),
        *_list_changes("keyword for excluding", before.keywords.exclude, after.keywords.exclude),
        *describe_form_changes(before.form, after.form),
    )


def describe_effects(review: Review, before: Protocol, after: Protocol) -> tuple[str, ...]:
    """``describe_changes``, and where other criteria are checked by rule what these take out before screening."""
    preview = limits.describe_preview(review, after.limits) if before.limits != after.limits else ()
    return (*describe_changes(before, after), *preview)


def describe_form_changes(before: Form, after: Form) -> tuple[str, ...]:
    """What the form asks for now, no more, or in other words."""
    title = [f"title of the form: {after.title} (was: {before.title})"] if before.title != after.title else []
    return (
        *title,
        *_entry_changes("field", before.fields, after.fields),
        *_entry_changes("outcome", before.outcomes, after.outcomes),
        *_entry_changes("measure", before.measures, after.measures),
    )


def describe_history(review: Review) -> Outcome:
    """What changed the protocol, when and by whom; deviations are what changed after it was locked."""
    changes = review.protocol_history()
    lines = [line for change in changes for line in _change_in_words(change)]
    deviations = sum(change.deviation for change in changes)
    locked = review.locks()
    told = lock_in_words(locked[-1]) if locked else "The protocol is not locked."
    more = f" Deviations from it: {deviations}." if locked else ""
    return Outcome(tuple(lines), (told + more,))


def describe_lock(lock: Lock) -> Outcome:
    return Outcome((lock_in_words(lock),), ("Later changes are allowed; --history names them as deviations.",))


def lock_in_words(lock: Lock) -> str:
    by = f" by {lock.by}" if lock.by else ""
    return f"The protocol is locked since {_day(lock.at)}{by}, SHA-256 {lock.sha256}."


def describe_stale(review: Review) -> Outcome:
    """Which records the model judged, or people decided, by another wording than the one that is asked now."""
    judged = [line for stage in Stage for line in _listed(review, review.stale(stage), stage, _stale_in_words)]
    decided = [
        line for stage in Stage for line in _listed(review, review.decided_earlier(stage), stage, _decided_in_words)
    ]
    if not (judged or decided):
        return Outcome(("Every judgement and every decision is by the criteria that are asked now.",))
    again = "They count in no score until they are asked again: `leads-local screen` with that stage does it."
    look = "What people decided stays: `find --where earlier-wording` lists it; in the UI f, then c."
    return Outcome((*judged, *decided), (*([again] if judged else []), *([look] if decided else [])), failed=True)


def _listed(review: Review, records: Sequence[int], stage: Stage, in_words: Callable[[int, Stage], str]) -> list[str]:
    """So many, and the first of them; nothing where there are none."""
    told = (f"record {one.id}: {one.shown_title}" for one in review.summaries(records, stage))
    return [f"{in_words(len(records), stage)}:", *first_of(told, "--json lists all")] if records else []


def stale_notice(review: Review) -> str:
    """How many judgements are by an earlier wording; "" where none is."""
    told = [_stale_in_words(len(stale), stage) for stage in Stage if (stale := review.stale(stage))]
    return f"{'; '.join(told)}. `leads-local protocol --stale` lists them." if told else ""


def _stale_in_words(number: int, stage: Stage) -> str:
    return f"{format_count(number, 'record')} judged by an earlier wording of the criteria at the {stage} stage"


def _decided_in_words(number: int, stage: Stage) -> str:
    return f"{format_count(number, 'record')} decided by an earlier wording of the criteria at the {stage} stage"


def describe_retrieval(record: int, *, not_retrieved: bool, changed: bool) -> Outcome:
    """What was said of a report that could not be had."""
    if not changed:
        return Outcome((f"Record {record}: that was said before; nothing is changed.",))
    if not_retrieved:
        told = "its report was sought and could not be had; PRISMA counts it as not retrieved"
    else:
        told = "its report is sought again"
    return Outcome((f"Record {record}: {told}.",))


# ---------------------------------------------------------------- parts


def _question_changes(before: Protocol, after: Protocol) -> Iterable[str]:
    for part in ("title", *PICO):
        old, new = getattr(before.question, part), getattr(after.question, part)
        if old != new:
            yield f"{part} of the question: {_text(new)} (was: {_text(old)})"


def _criteria_changes(before: Protocol, after: Protocol) -> Iterable[str]:
    for scope in SCOPES:
        old = {one.name: one.text for one in before.criteria.get(scope, ())}
        new = {one.name: one.text for one in after.criteria.get(scope, ())}
        yield from _named_changes(f"criterion of the {scope} stage" if scope else "criterion", old, new)


def _reason_changes(before: Protocol, after: Protocol) -> Iterable[str]:
    old, new = ({one.key: one for one in protocol.reasons} for protocol in (before, after))
    for key, one in new.items():
        stood = old.get(key)
        if stood is None:
            yield f"new reason for exclusion {key}: {one.text}"
        elif stood.text != one.text:
            yield f"reason for exclusion {key}: {one.text} (was: {stood.text})"
        if stood is not None and stood.retired != one.retired:
            yield f"reason for exclusion {key} ({one.text}) {'retired' if one.retired else 'in use again'}"
    yield from (f"reason for exclusion {key} taken out: {old[key].text}" for key in old if key not in new)
    both = [key for key in new if key in old]
    if both != [key for key in old if key in new]:
        yield f"order of the reasons for exclusion: {', '.join(new)} (was: {', '.join(old)})"


def _entry_changes(what: str, before: Sequence[object], after: Sequence[object]) -> Iterable[str]:
    old, new = ({str(getattr(one, "name", "")): repr(one) for one in entries} for entries in (before, after))
    yield from (f"new {what} of the form: {name}" for name in new if name not in old)
    yield from (f"{what} of the form taken out: {name}" for name in old if name not in new)
    yield from (f"{what} of the form in other words: {name}" for name in new if old.get(name, new[name]) != new[name])
    both = [name for name in new if name in old]
    if both != [name for name in old if name in new]:
        yield f"order of the {what}s of the form"


def _list_changes(what: str, before: Sequence[str], after: Sequence[str]) -> Iterable[str]:
    yield from (f"new {what}: {word}" for word in after if word not in before)
    yield from (f"{what} taken out: {word}" for word in before if word not in after)


def _named_changes(what: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterable[str]:
    for name, text in new.items():
        if name not in old:
            yield f"new {what} {name}: {_text(text)}"
        elif old[name] != text:
            yield f"{what} {name}: {_text(text)} (was: {_text(old[name])})"
    yield from (f"{what} taken out: {name}: {_text(text)}" for name, text in old.items() if name not in new)


def _change_in_words(change: ProtocolChange) -> list[str]:
    head = f"{change.at[:16].replace('T', ' ')} UTC, {change.by or 'nobody named'}"
    if change.before is None:
        return [f"{head}: the review was made"]
    words = [*describe_changes(change.before, change.after)]
    if change.lock is not None:
        words.append(f"locked, SHA-256 {change.lock.sha256}")
    undone = "taken back or done again: " if change.undoes else ""
    mark = "DEVIATION: " if change.deviation else ""
    return [f"{head}: {mark}{undone}{word}" for word in words or ["nothing that is in force"]]


def _text(text: str) -> str:
    return (text if len(text) <= _SHOWN_TEXT else f"{text[:_SHOWN_TEXT]}…") or "nothing"


def _day(at: str) -> str:
    return at[:10]

"""The review's own list of reasons for exclusion, in the order in which they count.

Why it exists: PRISMA counts a report under one reason, the first that applies, so the order is part of the protocol;
and what the key 7 means today it must mean tomorrow. So each reason has a key for good: the list is put in another
order, gets new reasons and retires old ones, but loses none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from leads_local.errors import InputError
from leads_local.records import Choice, Criterion, Stage

KEYS = "123456789abcdefghijklmnopqrstuvwxyz"
"""What is given to new reasons first: each is one key of the keyboard. 0 is for no reason."""
NOT_RETRIEVED = "Full text not available"
_NEVER_REASONS = frozenset({NOT_RETRIEVED.casefold(), "not available in full"})
_LONGEST_KEY = 20
LONGEST_TEXT = 500
_DESIGN = "Wrong study design"
_COMMON = (_DESIGN, "Wrong publication type", "Language that we do not read")


@dataclass(frozen=True, slots=True)
class Reason:
    """``key`` stays the same for ever; what is ``retired`` is offered no more, and still counts in its place."""

    key: str
    text: str
    retired: bool = False


def means_not_retrieved(text: str) -> bool:
    """Whether a text says that a report could not be had: PRISMA counts that as not retrieved, never as excluded."""
    return " ".join(text.split()).rstrip(".").casefold() in _NEVER_REASONS


def require_exclusion(stage: Stage, choice: Choice, reason: str) -> None:
    """Raise InputError where a full text is excluded for not being there."""
    if stage is Stage.FULLTEXT and choice == Choice.EXCLUDE and means_not_retrieved(reason):
        raise InputError(
            f"“{reason.strip()}” excludes no report: PRISMA counts it as not retrieved.",
            "Say that with `leads-local retrieval`; in the UI with e, then -.",
        )


def first_list(criteria: Iterable[Criterion], given: Iterable[str] = ()) -> tuple[Reason, ...]:
    """The list of a new review: one for each criterion, then common ones; before them those that were ``given`` in
    decisions already."""
    wrong = [f"Wrong {one.name[:1].lower()}{one.name[1:]}" for one in criteria]
    common = [text for text in _COMMON if text != _DESIGN or not any("design" in text for text in wrong)]
    made: tuple[Reason, ...] = ()
    seen: set[str] = set()
    for text in (*given, *wrong, *common):
        if _same(text) and _same(text) not in seen:
            seen.add(_same(text))
            made = (*made, Reason(new_key(made), text, means_not_retrieved(text)))
    return made


def new_key(reasons: Sequence[Reason]) -> str:
    """A key that none of them has."""
    taken = {one.key for one in reasons}
    offered: list[str] = [*KEYS, *map(str, range(10, 11 + len(taken)))]
    return next(key for key in offered if key not in taken)


def find_problems(reasons: Sequence[Reason], before: Iterable[Reason]) -> list[tuple[int, str]]:
    """What is wrong with a list that is to take the place of ``before``, a sentence each, with the place of the reason
    in the list (from 1, 0 for none)."""
    found: list[tuple[int, str]] = []
    keys: set[str] = set()
    texts: set[str] = set()
    for place, one in enumerate(reasons, 1):
        said = f"the reason {one.text[:60]!r}"
        if not (one.key.isalnum() and one.key.isascii() and len(one.key) <= _LONGEST_KEY) or one.key == "0":
            found.append(
                (place, f"{said} needs a key of letters and digits, like {new_key(reasons)!r}, it has {one.key!r}")
            )
        elif one.key in keys:
            found.append((place, f"{said} has the key {one.key!r} of another reason; give it one of its own"))
        if not one.text.strip() or len(one.text) > LONGEST_TEXT:
            found.append((place, f"the reason {one.key!r} needs a text of 1 to {LONGEST_TEXT} characters"))
        elif _same(one.text) in texts:
            found.append((place, f"{said} is in the list twice; leave one out"))
        elif means_not_retrieved(one.text) and not one.retired:
            found.append((place, f"{said} excludes no report: say that it was not retrieved (`leads-local retrieval`)"))
        keys.add(one.key)
        texts.add(_same(one.text))
    missing = [one for one in before if one.key not in keys]
    return found + [
        (0, f"the reason {one.key!r} ({one.text}) is missing; no reason is deleted, write retired = true at it")
        for one in missing
    ]


def require_sound(reasons: Sequence[Reason], before: Sequence[Reason], used: Collection[str]) -> None:
    """Raise InputError where a list can't take the place of ``before``, ``used`` being the reasons that decisions
    give."""
    problems = [told for _, told in find_problems(reasons, before)]
    problems += [told for _, told in find_reworded(reasons, before, used)]
    if problems:
        raise InputError(f"{problems[0][:1].upper()}{'; '.join(problems)[1:]}.", "Correct the list of reasons.")


def find_reworded(reasons: Sequence[Reason], before: Iterable[Reason], used: Collection[str]) -> list[tuple[int, str]]:
    """Which reasons got other words although decisions give the ones that they have, as ``find_problems`` does."""
    stood = {one.key: one.text for one in before}
    return [
        (place, f"the reason {one.key!r} ({stood[one.key]}) is given by decisions, so its words stay; retire it and "
        f"write {one.text[:60]!r} with a key of its own")
        for place, one in enumerate(reasons, 1)
        if one.text != stood.get(one.key, one.text) and stood[one.key] in used
    ]  # fmt: skip


def _same(text: str) -> str:
    return " ".join(text.split()).casefold()

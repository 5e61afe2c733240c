"""Which reports are meant by what is known of them: conditions that a person writes, all of which must hold.

Nothing is told by that which the person at the keyboard may not see: of others' notes, those that they may read.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence, Set
from typing import TYPE_CHECKING

from leads_local.app.annotating import NO_PRIORITY
from leads_local.citations import normalise
from leads_local.errors import InputError
from leads_local.records import Stage
from leads_local.review.annotations import Priority
from leads_local.review.phrases import fold_text
from leads_local.review.read_models import RecordFilter, RecordSummary
from leads_local.review.store import annotation_rows, groups, sources

if TYPE_CHECKING:
    from leads_local.review.review import Review

_SLICE = 500
_COMPARED = re.compile(r"(year|score|duplicates)\s*(<=|>=|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_TEXT = re.compile(r"(title|note)\s*~\s*(.*\w.*)", re.DOTALL)
_NAMED = re.compile(r"(tag|priority|source)\s*=\s*(.*\S.*)", re.DOTALL)
_PART = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
}
_PRIORITIES = (*Priority, NO_PRIORITY)
WHERE_HELP = (
    f"Of all: {', '.join(RecordFilter)}; year, score or duplicates with <, <=, =, >=, > and a number (what has no year "
    "or score is never meant); title~WORDS; note~WORDS (of the notes that you may read); tag=NAME; "
    f"priority={'|'.join(_PRIORITIES)}; source=FILE, or its number in `sources`. Given again, all must hold."
)
_Test = Callable[[RecordSummary], bool]


def parse_term(term: str) -> tuple[list[str], list[str]]:
    """What a person types to search: the conditions in it that name what is looked at, and all other words; what stands
    in quotation marks is one."""
    conditions, texts = list[str](), list[str]()
    for found in _PART.findall(term):
        part = found.replace('"', "")
        named = any(pattern.fullmatch(part) for pattern in (_COMPARED, _TEXT, _NAMED))
        (conditions if named else texts).append(part)
    return conditions, [text for text in texts if text.strip()]


def where(
    review: Review,
    stage: Stage,
    conditions: Sequence[str],
    of: Set[int] | None = None,
    among: Sequence[int] | None = None,
) -> list[int]:
    """The reports at ``stage`` of which all ``conditions`` hold, in the order of ``among``, or of the stage's list. Of
    those in ``of`` only. Raises InputError when a condition can't be read."""
    tests: list[_Test] = []
    years: list[Callable[[float], bool]] = []
    sets: list[Set[int]] = [] if of is None else [of]
    ruled_out = False
    for condition in conditions:
        said = condition.strip()
        if names_a_list(said):
            show = RecordFilter(said.replace("-", "_"))
            ruled_out = ruled_out or show is RecordFilter.RULED_OUT
            sets.append(set(review.record_ids(stage, show)))
        elif (found := _reports(review, said)) is not None:
            sets.append(found)
        elif (compared := _COMPARED.fullmatch(said)) and compared.group(1) == "year":
            years.append(_compare(compared))
        else:
            tests.append(_test(said))
    if among is None:
        among = review.record_ids(stage, RecordFilter.RULED_OUT if ruled_out else RecordFilter.ALL)
    found_in_all = among
    for kept in sorted(sets, key=len):
        found_in_all = list(filter(kept.__contains__, found_in_all))
    if years:
        dated = review.find_dated(found_in_all, lambda year: all(holds(year) for holds in years))
        found_in_all = list(filter(dated.__contains__, found_in_all))
    if not tests:
        return list(found_in_all)
    return [one.id for one in summaries_of(review, found_in_all, stage) if all(test(one) for test in tests)]


def names_a_list(condition: str) -> bool:
    """Whether it says which of the review's lists is meant."""
    return condition.strip().replace("-", "_") in tuple(RecordFilter)


def summaries_of(review: Review, ids: Sequence[int], stage: Stage) -> Iterator[RecordSummary]:
    """``Review.summaries`` of many, a slice at a time."""
    for start in range(0, len(ids), _SLICE):
        yield from review.summaries(ids[start : start + _SLICE], stage)


def _reports(review: Review, said: str) -> Set[int] | None:
    """The reports of which a condition holds that is looked up at once; None where it is another kind."""
    if compared := _COMPARED.fullmatch(said):
        if compared.group(1) != "duplicates":
            return None
        sign, number = _SIGNS[compared.group(2)], float(compared.group(3))
        return {head for head, count in groups.count_duplicates(review.db).items() if sign(count, number)}
    if (text := _TEXT.fullmatch(said)) and text.group(1) == "note":
        words = fold_text(text.group(2)).split()
        notes = [(head, fold_text(note.text)) for head, note in annotation_rows.notes(review.db, review.acting)]
        return {head for head, note in notes if all(word in note for word in words)}
    if named := _NAMED.fullmatch(said):
        what, name = named.group(1), named.group(2).strip()
        if what == "source":
            return set(sources.heads_of(review.db, review.find_source(name).sha256))
        return _tagged(review, name) if what == "tag" else _prioritised(review, name)
    return None


def _tagged(review: Review, tag: str) -> Set[int]:
    return review.find([f"#{tag.lstrip('#')}"])


def _prioritised(review: Review, name: str) -> Set[int]:
    priority = name.casefold()
    if priority not in _PRIORITIES:
        raise InputError(f"--where: {name!r} is no priority.", f"Say one of {', '.join(_PRIORITIES)}.")
    high, low = (review.find([f"!{one}"]) for one in Priority)
    if priority == NO_PRIORITY:
        return set(groups.count_duplicates(review.db)) - high - low
    return high if priority == Priority.HIGH else low - high


def _test(said: str) -> _Test:
    if compared := _COMPARED.fullmatch(said):
        holds = _compare(compared)
        return lambda summary: summary.score is not None and holds(summary.score)
    if title := _TEXT.fullmatch(said):
        words = normalise.fold_words(title.group(2))
        return lambda summary: set(words) <= set(normalise.fold_words(summary.title))
    raise InputError(f"--where {said!r} says nothing that can be looked up.", WHERE_HELP)


def _compare(compared: re.Match[str]) -> Callable[[float], bool]:
    sign, number = _SIGNS[compared.group(2)], float(compared.group(3))
    return lambda value: sign(value, number)

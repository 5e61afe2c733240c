"""Where a short value most plausibly stands, for models that return values without quotes.

A value is looked for as it is worded; numbers must be there as whole numbers, with their signs and decimals, in the
order of the value and near each other, in one cell of a table. Of the places that hold it, the one that
also holds most of the hint words (item, group, unit) is taken, rare words counting more than frequent ones; a table row
is read together with its caption and header. Without a place that holds the value there is no evidence, and none is
made up.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from leads_local.documents.characters import REPLACEMENT_CHARACTER, count_unreadable
from leads_local.documents.text_match import find_exact, find_normalised, is_sign, normalise_wording, quote_span
from leads_local.records import Passage, PassageKind, Quote

_TOKEN = re.compile(r"\d+(?:[.,·]\d+)*|[^\W\d_]+")
_SENTENCE = re.compile(r"(?<=[.?!])[\"”’)\]]*\s+(?=[A-Z0-9\"“(\[])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:vs|al|e\.g|i\.e|fig|figs|no|nos|approx|resp|cf|dr|st|ref|refs|eq|inc|[A-Z])\.)$", re.IGNORECASE
)
_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be by for from in is it of on or that the to was were with which this than had has "
        "have not no",
    )
)
_UNITS = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
)
_TENS = re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety")
_NUMBERS = {word: n for n, word in enumerate(_UNITS)} | {word: 10 * n for n, word in enumerate(_TENS, start=2)}
_UNIT_NAMES = {
    "h": "hour",
    "hr": "hour",
    "hrs": "hour",
    "hours": "hour",
    "min": "minut",
    "mins": "minut",
    "minutes": "minut",
    "wk": "week",
}
_UNIT_NAMES |= {
    "wks": "week",
    "weeks": "week",
    "mo": "month",
    "yr": "year",
    "yrs": "year",
    "years": "year",
    "months": "month",
    "days": "day",
}
_PEOPLE = frozenset(
    {"patien", "subjec", "partic", "indivi", "volunt", "sample", "random", "enroll"}
)  # first six letters
_ENOUGH = 0.8  # of a value's words, by weight, for a place that does not hold it as worded
_HEADER_ROWS = 2
_WIDER, _MORE_APART = 2, 30  # how much further apart than in the value its numbers may stand, in letters
_ROUND_TENS = frozenset(range(20, 100, 10))
_SECTION_WEIGHT = {
    "references": 0.0,
    "declarations": 0.4,
    "acknowledgements": 0.3,
    "introduction": 0.75,
    "discussion": 0.85,
    "supplement": 0.8,
    "protocol": 0.6,
}


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence or table row that may be the evidence."""

    passage: Passage
    start: int
    end: int
    words: frozenset[str]
    topics: frozenset[str]
    around: frozenset[str]


def find_evidence(value_text: str, hints: Sequence[str], passages: Iterable[Passage]) -> Quote:
    """The sentence or table row that most plausibly supports ``value_text``; a Quote without a match where none does.

    ``hints`` are words on what the value is of (item, group, unit, time). ``match`` is "exact" where the value stands
    there to the letter, "normalised" where it does but for its typography or the order of its words. A bare number
    counts only with some hint beside it.
    """
    places = _find_candidates(tuple(passages))
    value = reduce_words(value_text)
    if not value or not places:
        return Quote(value_text)
    weight = _count_words(places)
    hinted = frozenset(word for hint in hints for word in _topic_stems(hint)) - _topic_stems(value_text)
    sought = normalise_wording(value_text)[0]
    needs_hint = bool(hinted) and all(w[0].isdigit() or len(w) < 4 for w in value)
    best, best_score = None, 0.0
    for place in places:
        held = _match_score(place, value_text, sought, value, weight)
        if held <= 0:
            continue
        near, far = _weighted_share(hinted, place.topics, weight), _weighted_share(hinted, place.around, weight)
        if needs_hint and near == far == 0:
            continue
        score = (held + 1.5 * near + 0.7 * far) * _SECTION_WEIGHT.get(place.passage.section, 1.0)
        if score > best_score:
            best, best_score = place, score
    return Quote(value_text) if best is None else _quote_candidate(best, value_text)


def _quote_candidate(place: _Candidate, value_text: str) -> Quote:
    exact = find_exact(place.passage.text[place.start : place.end], value_text.strip()) is not None
    return quote_span(place.passage, place.start, place.end, "exact" if exact else "normalised")


def _match_score(place: _Candidate, value_text: str, sought: str, value: frozenset[str], weight: Counter[str]) -> float:
    """How far the place holds the value: 0 not at all, 1 with all its words, up to 1.5 as it is worded."""
    numbers = {word for word in value if word[0].isdigit()}
    if not numbers <= place.words:
        return 0.0
    share = _weighted_share(value, place.words, weight)
    if share < _ENOUGH:
        return 0.0
    text = place.passage.text[place.start : place.end]
    if find_exact(text, value_text.strip()) is not None:
        return 1.5
    if find_normalised(text, sought) is not None:
        return 1.3
    return share if numbers_stand_together(value_text, text) else 0.0


def numbers_stand_together(value: str, text: str) -> bool:
    """Whether a text has the numbers of a value as one statement has them: with their signs and decimals, in their
    order, in one cell of a table, and no further apart than a few words and one number."""
    sought = _numbers(value)
    if not sought:
        return True
    apart = max(sought[-1].end - sought[0].start, 0) * _WIDER + _MORE_APART
    return any(_follow(sought, _numbers(cell), apart) for cell in text.split(" | ")) or (
        " | " in value and _follow(sought, _numbers(text), len(text))
    )


@dataclass(frozen=True, slots=True)
class _Number:
    """A number as it is printed, without thousand separators, and where it stands."""

    said: str
    start: int
    end: int


@lru_cache(maxsize=16384)
def _numbers(text: str) -> tuple[_Number, ...]:
    """Every number in its order, a sign with its number."""
    return tuple(_signed(token, text) for token in _tokens(text) if token.said[0].isdigit())


def _signed(token: _Token, text: str) -> _Number:
    if not text[token.start].isdigit():  # spelt out
        return _Number(token.said, token.start, token.end)
    signed = token.start > 0 and is_sign(text, token.start - 1)
    beside = text[max(token.start - 1, 0) : token.start] + text[token.end : token.end + 1]
    unsure = REPLACEMENT_CHARACTER if count_unreadable(beside) else ""  # which number it is nobody can tell
    return _Number(f"{unsure}{'-' if signed else ''}{token.said}", token.start, token.end)


class _Token(NamedTuple):
    """A word in small letters, or a number without thousand separators, in digits where it is spelt out."""

    said: str
    start: int
    end: int


def _tokens(text: str) -> Iterator[_Token]:
    tens: _Token | None = None  # a spelt-out number that a word beside it may go on with
    for match in _TOKEN.finditer(text.replace("·", ".")):
        word, start, end = match[0].lower(), match.start(), match.end()
        number = _NUMBERS.get(word)
        if tens is not None and number is not None and 0 < number < 10 and start - tens.end == 1:
            yield _Token(str(int(tens.said) + number), tens.start, end)
            tens = None
            continue
        if tens is not None:
            yield tens
            tens = None
        if number is not None and number in _ROUND_TENS:
            tens = _Token(str(number), start, end)
        else:
            said = _drop_separators(word) if number is None else str(number)
            yield _Token(said, start, end)
    if tens is not None:
        yield tens


def _follow(sought: Sequence[_Number], given: Sequence[_Number], apart: int) -> bool:
    """Whether the sought numbers stand among the given ones in their order, one other at most between two of them."""
    starts = [place for place, number in enumerate(given) if number.said == sought[0].said]
    return any(_follow_from(place, sought, given, given[place].start + apart) for place in starts)


def _follow_from(place: int, sought: Sequence[_Number], given: Sequence[_Number], last: int) -> bool:
    for number in sought[1:]:
        near = [step for step in (1, 2) if place + step < len(given) and given[place + step].said == number.said]
        if not near or given[place + near[0]].end > last:
            return False
        place += near[0]
    return True


def _weighted_share(sought: frozenset[str], words: frozenset[str], weight: Counter[str]) -> float:
    """The share of the sought words, by weight, that are among ``words``; 0 where nothing is sought."""
    total = sum(_word_weight(word, weight) for word in sought)
    return sum(_word_weight(word, weight) for word in sought & words) / total if total else 0.0


def _word_weight(word: str, places: Counter[str]) -> float:
    return 1.0 + math.log((places.total() + 1) / (places[word] + 1)) / 4


@lru_cache(maxsize=4)
def _count_words(places: tuple[_Candidate, ...]) -> Counter[str]:
    return Counter(word for place in places for word in place.words | place.topics)


@lru_cache(maxsize=4)
def _find_candidates(passages: tuple[Passage, ...]) -> tuple[_Candidate, ...]:
    """Every sentence and table row of the running text, with its words and those of what it must be read together
    with."""
    result: list[_Candidate] = []
    heading: frozenset[str] = frozenset()
    table: frozenset[str] = frozenset()
    group: frozenset[str] = frozenset()
    rows = 0
    for passage in passages:
        if passage.kind is PassageKind.FURNITURE or passage.section == "references":
            continue
        if passage.kind in {PassageKind.HEADING, PassageKind.TITLE}:
            heading = _topic_stems(passage.text)
        if passage.kind is PassageKind.CAPTION:
            table, group, rows = _topic_stems(passage.text), frozenset(), 0
        if passage.kind is PassageKind.TABLE_ROW:
            topics = _topic_stems(passage.text)
            result.append(_Candidate(passage, 0, len(passage.text), reduce_words(passage.text), topics, table | group))
            rows += 1
            if rows <= _HEADER_ROWS:
                table |= topics
            if passage.text.split(" | ")[0].strip():  # the label that rows without one of their own stand under
                group = topics
            continue
        around = _topic_stems(passage.text) | heading
        for start, end in split_sentences(passage.text):
            sentence = passage.text[start:end]
            result.append(_Candidate(passage, start, end, reduce_words(sentence), _topic_stems(sentence), around))
    return tuple(result)


def split_sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of ``text`` as offsets; together they leave out only white space. Abbreviations do not end one."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE.finditer(text):
        if _ABBREVIATED.search(text[start : match.start()]):
            continue
        end = match.end() - (len(match[0]) - len(match[0].rstrip()))
        found.append((start, end))
        start = match.end()
    if text[start:].strip():
        found.append((start, len(text)))
    return found


@lru_cache(maxsize=16384)
def reduce_words(text: str) -> frozenset[str]:
    """Words without empty ones and endings, and numbers."""
    words = (token.said for token in _tokens(text))
    return frozenset(
        word if word[0].isdigit() else _UNIT_NAMES.get(word) or _stem(word) for word in words if word not in _STOP_WORDS
    )


@lru_cache(maxsize=16384)
def _topic_stems(text: str) -> frozenset[str]:
    """What a text is about: beginnings of words, those for people who take part being one, and numbers."""
    found = {word if word[0].isdigit() else word[:6] for word in reduce_words(text)}
    if found & _PEOPLE:
        found.add("partic")
    return frozenset(found)


def _drop_separators(token: str) -> str:
    return re.sub(r",(?=\d{3}(?:\D|$))", "", token)


def _stem(word: str) -> str:
    """A word without the endings that differ between a form's wording and a paper's: plural and participle."""
    for ending in ("ies", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word

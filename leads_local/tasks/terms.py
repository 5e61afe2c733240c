"""Which terms of a search query have nothing to do with the question: an aid to the eye, explained in words, never a
filter.

Terms are compared by words, beginnings of words and abbreviations. A true synonym ("glucophage" for metformin) is named
too; only a person can tell it from a term that the model made up, and naming one too many costs a glance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"[^\W_]+")


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


_GRAMMAR = _list(
    "a an and as at by for from in into is not of on or than that the to under versus vs was were with without"
)
_GENERAL = _list(
    "adult adults care clinical condition control controlled controls disease diseases disorder disorders effect "
    "effectiveness effects "
    "efficacy group groups human humans intervention interventions level levels management measure measures "
    "outcome outcomes "
    "participant participants patient patients people placebo population random randomised randomized randomly "
    "rate rates rct rcts result "
    "results review risk safety score scores studies study subject subjects syndrome therapies therapy treated "
    "treatment treatments trial "
    "trials use"
)


def unrelated(terms: Iterable[str], question: Sequence[str]) -> tuple[str, ...]:
    """Those of ``terms`` that have neither a word, a beginning of a word nor an abbreviation in common with the
    question's texts.

    Words that occur in every question (patients, treatment, trial …) prove nothing and are left aside; a term of such
    words only is not returned.
    """
    asked = [word for text in question for word in _words(text)]
    stems = {_fold_spelling(word) for word in asked if _is_telling(word)}
    initials = "".join(word[0].casefold() for word in asked if word.casefold() not in _GRAMMAR)
    short = {word.casefold() for word in asked if _is_abbreviation(word)}
    return tuple(term for term in terms if not _related(term, stems, initials, short))


def says_nothing(terms: Iterable[str]) -> bool:
    """Whether all words of all terms are such as occur in every question, or numbers."""
    return not any(_is_telling(word) for term in terms for word in _words(term))


def repeats(term: str) -> bool:
    """Whether a term says one word again, in one form or another: ``adult adults adults``."""
    words = [_fold_spelling(word) for word in _words(term) if word.casefold() not in _GRAMMAR]
    return any(_share_stem(one, other) for place, one in enumerate(words) for other in words[place + 1 :])


def _related(term: str, stems: set[str], initials: str, short: set[str]) -> bool:
    words = [word for word in _words(term) if _is_telling(word)]
    if not words:
        return True
    if any(_share_stem(_fold_spelling(word), stem) for word in words for stem in stems):
        return True
    own = "".join(word[0].casefold() for word in _words(term) if word.casefold() not in _GRAMMAR)
    return own in short or any(_is_abbreviation(word) and word.casefold() in initials for word in words)


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _is_telling(word: str) -> bool:
    return word.casefold() not in _GRAMMAR and word.casefold() not in _GENERAL and not word.isdigit()


def _is_abbreviation(word: str) -> bool:
    return len(word) > 1 and sum(c.isupper() for c in word) > 1


def _fold_spelling(word: str) -> str:
    return word.casefold().replace("ae", "e").replace("oe", "e")


def _share_stem(one: str, other: str) -> bool:
    """Equal, or the same for all but the ending ("diabetes", "diabetic")."""
    if one == other:
        return True
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return same >= max(4, min(len(one), len(other)) - 3)

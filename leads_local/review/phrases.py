"""What a person looks for in records, and whether a text has it: without regard to case and accents.

Words and phrases are looked for as they begin: ``diabet`` stands in *diabetes*, and, being of four letters or more, in
*prediabetes*; ``rct`` does not stand in *infarction*. What joins words (hyphens, commas, brackets) is like a space, and
``*`` at a word's end says nothing more. Any other sign (``%``, ``<``) must stand in the text as it is written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

LONG = 4  # characters; from there on a word is also found inside other words
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_MANY_LETTERS = 12  # beyond ASCII; from there on it is faster to go through a text once (measured)
_WORD = re.compile(r"[^\W_]+")
_JOINS = re.compile(r"[-/'.,:;()\[\]*\"&\u2010-\u201f\u2032\s]")


@dataclass(frozen=True, slots=True)
class Phrase:
    """``words``: folded, with one space between; "" where there is none. ``literal``: what must stand in the text sign
    for sign, too; "" where the words say it all."""

    words: str
    literal: str = ""

    @property
    def inside(self) -> bool:
        """Whether its first word may be the end, or a part, of a longer one."""
        first = self.words.partition(" ")[0]
        return len(first) >= LONG or not first.isascii()


def parse_phrase(text: str) -> Phrase:
    """What a person typed, with one space for all white space."""
    folded = fold_text(" ".join(text.split()))
    words = words_of(folded)
    rest = _JOINS.sub("", _WORD.sub("", folded))
    return Phrase(words, folded if rest or not words else "")


def words_of(folded: str) -> str:
    """The words of a folded text with one space between."""
    return " ".join(_WORD.findall(folded))


def has(folded: str, phrase: Phrase) -> bool:
    """Whether a folded text has it."""
    if not all(word in folded for word in phrase.words.split()):
        return False
    if phrase.words and not (phrase.inside and " " not in phrase.words):
        line = f" {words_of(folded)}"
        if (phrase.words if phrase.inside else f" {phrase.words}") not in line:
            return False
    return not phrase.literal or phrase.literal in " ".join(folded.split())


def has_each(folded: Iterable[str], phrases: Iterable[Phrase]) -> bool:
    """Whether each phrase stands in one of these texts."""
    texts = tuple(folded)
    return all(any(has(text, phrase) for text in texts) for phrase in phrases)


class _Folded(dict[int, str]):
    """Of each letter beyond ASCII, what it is without case and accents; worked out once."""

    def __missing__(self, letter: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(letter).casefold())
        self[letter] = "".join(one for one in decomposed if not unicodedata.combining(one))
        return self[letter]


_FOLDED = _Folded()


def fold_text(text: str) -> str:
    """``text`` in a form in which what a reader takes for the same letters is the same."""
    letters = set(_BEYOND_ASCII.findall(text))
    if len(letters) > _MANY_LETTERS:
        return text.translate(_FOLDED).lower()
    for letter in letters:
        text = text.replace(letter, _FOLDED[ord(letter)])
    return text.lower()

"""Finding records by words, tags and priority: without regard to case, accents or the order of words.

Words are looked for as they are, in this program: no character of them means anything to the database, and there is no
index that could be behind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from leads_local.review.acts import ActKind
from leads_local.review.annotations import Priority, tidy_tags
from leads_local.review.database import Database
from leads_local.review.store import annotation_rows, citations

_TAG_MARK, _PRIORITY_MARK = "#", "!"
_LOOK_EVERY = 1_000  # records, for whether it is still wanted
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_MANY_LETTERS = 12  # beyond ASCII; from there on it is faster to go through a text once (measured)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a record has to have: every phrase somewhere in it, every tag ("" for any), the priority."""

    phrases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()


def parse(texts: Iterable[str]) -> Wanted:
    """Each text is a phrase, ``#`` with a tag, or ``!high`` or ``!low``."""
    phrases, tags, priorities = [], [], []
    for text in (" ".join(text.split()) for text in texts):
        if text.startswith(_TAG_MARK):
            tags += [fold_text(tag) for tag in tidy_tags([text])] or [""]
        elif text.startswith(_PRIORITY_MARK) and text[1:].casefold() in tuple(Priority):
            priorities.append(text[1:].casefold())
        elif text:
            phrases.append(fold_text(text))
    return Wanted(tuple(phrases), tuple(tags), tuple(priorities))


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
        return text.translate(_FOLDED)
    for letter in letters:
        text = text.replace(letter, _FOLDED[ord(letter)])
    return text.lower()


def marked(db: Database, wanted: Wanted) -> set[int] | None:
    """The reports that have the tags and priorities; None where none is wanted."""
    sets = []
    if wanted.tags:
        tagged = [(head, fold_text(tag)) for head, tag, _ in annotation_rows.heads_with(db, ActKind.TAG)]
        sets = [{head for head, tag in tagged if wish in ("", tag)} for wish in wanted.tags]
    if wanted.priorities:
        said = annotation_rows.heads_with(db, ActKind.PRIORITY)
        sets += [{head for head, _, priority in said if priority == wish} for wish in wanted.priorities]
    return set.intersection(*sets) if sets else None


def find(db: Database, wanted: Wanted, reviewer: str, cancelled: Callable[[], bool] = lambda: False) -> list[int]:
    """The reports one of whose records has all that is wanted, its phrases in title, abstract, authors, tags, or those
    notes that ``reviewer`` may see. Stops early, with what it has, once ``cancelled``."""
    among = marked(db, wanted)
    if not wanted.phrases:
        return sorted(among or ())
    added: dict[int, list[str]] = {}
    for head, tag, _ in annotation_rows.heads_with(db, ActKind.TAG):
        added.setdefault(head, []).append(f"{_TAG_MARK}{tag}")
    for head, note in annotation_rows.notes(db, reviewer):
        added.setdefault(head, []).append(note.text)
    found: set[int] = set()
    for count, (head, text) in enumerate(citations.stream_texts(db)):
        if count % _LOOK_EVERY == 0 and cancelled():
            break
        if head not in found and (among is None or head in among):
            whole = fold_text("\n".join((text, *added.get(head, ()))))
            if all(phrase in whole for phrase in wanted.phrases) or _across_lines(whole, wanted.phrases):
                found.add(head)
    return sorted(found)


def _across_lines(text: str, phrases: Iterable[str]) -> bool:
    """Whether they are there once every run of white space is one space, as in ``parse``."""
    if not all(word in text for phrase in phrases for word in phrase.split()):
        return False
    line = " ".join(text.split())
    return all(phrase in line for phrase in phrases)

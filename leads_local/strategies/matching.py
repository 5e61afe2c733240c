"""Whether a record is found by a part of a strategy, by what its own fields say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from leads_local.citations import limits, normalise, publication_types
from leads_local.records import Citation
from leads_local.strategies.tree import (
    EVERYWHERE,
    TOPIC,
    Answer,
    Field,
    HasAbstract,
    Heading,
    Join,
    Joined,
    Language,
    Near,
    Node,
    Number,
    PublicationType,
    Words,
    Years,
    answer,
    walk,
)

# What PubMed gives to nearly every record that it has indexed; where one of these stands, the others are all there.
_CHECK_TAGS = frozenset(("humans", "animals", "female", "male", "adult", "aged", "child", "middle aged", "adolescent"))
_NARROWER = {  # a database may count them among the wider type
    "clinical trial": frozenset(("controlled clinical trial", "randomized controlled trial")),
    "controlled clinical trial": frozenset(("randomized controlled trial",)),
    "review": frozenset(("systematic review", "scoping review", "meta analysis")),
}

Span = tuple[int, int]
"""The first and the last word of what was found, counted from 0."""


@dataclass(frozen=True, slots=True)
class Searched:
    """A record as it is searched: the folded words of each field, its headings, and whether those are all that a
    database gave it."""

    citation: Citation
    words: dict[Field, tuple[str, ...]]
    headings: dict[str, frozenset[str]]
    indexed: bool
    types: frozenset[str]


def prepare(citation: Citation) -> Searched:
    """Fold a record once, to try many parts on it."""
    extra = [value for tag, value in citation.extra if tag in ("MH", "mesh", "MeSH")]
    headings: dict[str, set[str]] = {}
    for keyword in (*citation.keywords, *extra):
        name, *parts = keyword.replace("*", "").split("/")
        headings.setdefault(_folded(name), set()).update(map(_folded, parts))
    return Searched(
        citation,
        {
            Field.TITLE: _words_of(citation.title),
            Field.ABSTRACT: _words_of(citation.abstract),
            Field.KEYWORDS: _words_of("\n".join(citation.keywords)),
            Field.JOURNAL: _words_of(citation.journal),
            Field.AUTHORS: _words_of("\n".join(citation.authors)),
        },
        {name: frozenset(parts) for name, parts in headings.items()},
        bool(headings.keys() & _CHECK_TAGS) or any("/" in word or word.startswith("*") for word in citation.keywords),
        frozenset(limits.types_of(citation, citation.extra)),
    )


def _words_of(text: str) -> tuple[str, ...]:
    return tuple(normalise.fold_words(text))


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return " ".join(normalise.fold_words(text))


def finds(node: Node, record: Searched) -> Answer:
    """Whether the record is found by the node: None where that hangs on what the record does not say."""
    return answer(node, lambda part: tell(part, record))


def tell(node: Node, record: Searched) -> Answer:
    """``finds`` for a part that is not joined of others."""
    if isinstance(node, Words):
        return _tell_words(node, record)
    if isinstance(node, Near):
        return _tell_near(node, record)
    if isinstance(node, Heading):
        return _tell_heading(node, record)
    if isinstance(node, Years):
        year = record.citation.year
        return None if year is None else node.first <= year <= node.last
    if isinstance(node, Language):
        known = limits.languages_of(record.citation, record.citation.extra)
        return True if node.name in known else False if known and all(known) else None
    if isinstance(node, PublicationType):
        return _tell_type(publication_types.to_type(node.name.rstrip("*$.")), record.types)
    if isinstance(node, HasAbstract):
        return True if record.citation.abstract else None
    if isinstance(node, Number):
        own = {record.citation.pmid, record.citation.doi} - {""}
        return None if not own else node.value in own
    return None


def _tell_type(wanted: str, types: Collection[str]) -> Answer:
    if any(f" {wanted} " in f" {kind} " for kind in types):
        return True
    tells = publication_types.is_form if publication_types.is_form(wanted) else publication_types.tells
    return False if any(map(tells, types)) and _NARROWER.get(wanted, frozenset()).isdisjoint(types) else None


def _tell_words(node: Words, record: Searched) -> Answer:
    fields = node.fields if node.fields is not None else EVERYWHERE
    if node.apart:
        alone = [Words((pattern,), node.said, fields) for pattern in node.patterns]
        found = all(any(True for _ in _spans_anywhere(each, record)) for each in alone)
    else:
        found = any(True for _ in _spans_anywhere(node, record))
    if found:
        return True
    bare = node.fields is None and node.apart and not any("\\w" in pattern for pattern in node.patterns)
    if bare:  # PubMed looks for headings and other spellings of it
        return None
    return None if node.mapped and not record.indexed else False


def _spans_anywhere(node: Words, record: Searched) -> Iterator[Span]:
    for field in node.fields if node.fields is not None else EVERYWHERE:
        yield from _spans(node, record.words[field])


def _tell_near(node: Near, record: Searched) -> Answer:
    fields = _fields_of(node)
    if fields is None:
        return None
    if any(next(_spans(node, record.words[field]), None) is not None for field in fields):
        return True
    mapped = any(isinstance(part, Words) and part.mapped for part in walk(node))
    return None if mapped and not record.indexed else False


def _fields_of(node: Node) -> frozenset[Field] | None:
    """The fields that all of a near-group is looked for in; None where a part of it is no words."""
    if isinstance(node, Words):
        return node.fields if node.fields is not None else TOPIC
    parts = node.parts if isinstance(node, Joined) else (node.left, node.right) if isinstance(node, Near) else ()
    known = [_fields_of(part) for part in parts]
    found: frozenset[Field] = frozenset()
    for fields in known:
        if fields is None:
            return None
        found |= fields
    return found or None


def _spans(node: Node, words: Sequence[str]) -> Iterator[Span]:
    """Where a text has it."""
    if isinstance(node, Words):
        yield from _spans_of_words(node, words)
    elif isinstance(node, Joined) and node.by is Join.OR:
        for part in node.parts:
            yield from _spans(part, words)
    elif isinstance(node, Joined) and node.by is Join.AND:  # two words side by side
        near = node.parts[0]
        for part in node.parts[1:]:
            near = Near(near, part, 0, True, "")
        yield from _spans(near, words)
    elif isinstance(node, Near):
        rights = list(_spans(node.right, words))
        for left in _spans(node.left, words) if rights else ():
            for right in rights:
                first, last = sorted((left, right))
                if (left <= right or not node.ordered) and 0 <= last[0] - first[1] - 1 <= node.within:
                    yield first[0], max(first[1], last[1])


def _spans_of_words(node: Words, words: Sequence[str]) -> Iterator[Span]:
    patterns = [_compiled(pattern) for pattern in node.patterns]
    if not patterns:
        return
    if node.within is None:
        for place in range(len(words) - len(patterns) + 1):
            if all(pattern.fullmatch(words[place + step]) for step, pattern in enumerate(patterns)):
                yield place, place + len(patterns) - 1
        return
    places = [[place for place, word in enumerate(words) if pattern.fullmatch(word)] for pattern in patterns]
    longest = len(patterns) + node.within
    for start in sorted({place for found in places for place in found}):
        window = range(start, start + longest)
        if all(any(place in window for place in found) for found in places):
            yield start, min(start + longest, len(words)) - 1


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _tell_heading(node: Heading, record: Searched) -> Answer:
    found = record.headings.get(_folded(node.name))
    if found is not None:
        return True if not node.qualifiers or any(_folded(part) in found for part in node.qualifiers) else None
    return None if node.explodes or not record.indexed else False

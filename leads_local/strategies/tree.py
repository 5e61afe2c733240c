"""A search strategy as a tree, and whether a record is found by it: yes, no, or can't be told.

Three answers, since an export holds a part of what a database searches: no headings that a record was given later, no
publication types where the export leaves them out, none of the terms that a database adds. Where the answer hangs on
such a thing it is None, never no: a good strategy must not be blamed for what the export lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

Answer = bool | None
"""None: can't be told."""


class Field(StrEnum):
    """Where words are looked for."""

    TITLE = "title"
    ABSTRACT = "abstract"
    KEYWORDS = "keywords"
    JOURNAL = "journal"
    AUTHORS = "authors"


TOPIC = frozenset((Field.TITLE, Field.ABSTRACT, Field.KEYWORDS))
EVERYWHERE = frozenset(Field)


class Join(StrEnum):
    """How parts are joined."""

    AND = "AND"
    OR = "OR"
    NOT = "NOT"


@dataclass(frozen=True, slots=True)
class Words:
    """Words in fields. ``patterns`` is a regular expression for each. They stand next to each other in their order;
    where ``within`` is a number, in any order with at most so many words between; ``apart`` says that each may stand
    anywhere. ``fields`` None: no field was named. ``mapped``: the database looks for more than these words."""

    patterns: tuple[str, ...]
    said: str
    fields: frozenset[Field] | None = None
    within: int | None = None
    apart: bool = False
    mapped: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """Both, with at most ``within`` words between; ``ordered``: the left one first."""

    left: Node
    right: Node
    within: int
    ordered: bool
    said: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A subject heading; ``explodes``: with all that are narrower, which no export tells."""

    name: str
    said: str
    explodes: bool = True
    qualifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Years:
    """Published from ``first`` to ``last``, both included."""

    first: int
    last: int
    said: str


@dataclass(frozen=True, slots=True)
class Language:
    """Written in this language, by its English name."""

    name: str
    said: str


@dataclass(frozen=True, slots=True)
class PublicationType:
    """Of this type, as PubMed names types."""

    name: str
    said: str


@dataclass(frozen=True, slots=True)
class Number:
    """Has this PMID or DOI."""

    value: str
    said: str


@dataclass(frozen=True, slots=True)
class HasAbstract:
    """The database has an abstract of it; an export may have left it out."""

    said: str


@dataclass(frozen=True, slots=True)
class Untold:
    """What can't be told offline, or is not known here; ``why`` in a few words."""

    said: str
    why: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts joined by one operator, from left to right; of NOT the first is what the others are taken from."""

    by: Join
    parts: tuple[Node, ...]


Node = Words | Near | Heading | Years | Language | PublicationType | Number | HasAbstract | Untold | Joined


def answer(node: Node, tell: Callable[[Node], Answer]) -> Answer:
    """Whether a record is found; ``tell`` answers for everything but what is joined."""
    if not isinstance(node, Joined):
        return tell(node)
    if node.by is Join.NOT:
        kept, *taken = node.parts
        return _all([answer(kept, tell), *(_negated(answer(part, tell)) for part in taken)])
    answers = (answer(part, tell) for part in node.parts)
    if node.by is Join.AND:
        return _all(answers)
    return _negated(_all(_negated(each) for each in answers))


def _negated(told: Answer) -> Answer:
    return None if told is None else not told


def _all(answers: Iterable[Answer]) -> Answer:
    found: Answer = True
    for each in answers:
        if each is False:
            return False
        if each is None:
            found = None
    return found


def walk(node: Node) -> Iterator[Node]:
    """The node and all that are below it."""
    yield node
    below = node.parts if isinstance(node, Joined) else (node.left, node.right) if isinstance(node, Near) else ()
    for part in below:
        yield from walk(part)


def change(node: Node, how: Callable[[Node], Node]) -> Node:
    """The tree with ``how`` applied to every part that has none below it."""
    if isinstance(node, Joined):
        return replace(node, parts=tuple(change(part, how) for part in node.parts))
    if isinstance(node, Near):
        return replace(node, left=change(node.left, how), right=change(node.right, how))
    return how(node)


def join(by: Join, left: Node, right: Node) -> Node:
    """Two parts joined, one level where both are joined by the same AND or OR."""
    if isinstance(left, Joined) and left.by is by:
        return Joined(by, (*left.parts, right))
    return Joined(by, (left, right))

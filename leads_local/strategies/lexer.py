"""The tokens of a search strategy: words, phrases, operators, brackets, field codes, headings, numbers of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OVID_CODES = r"[a-z]{2}(?:,\s?[a-z]{2})*"
_TOKEN = re.compile(
    rf"""
    (?P<note>\[(?:mp|[a-z]{{2}})\s*=[^\]]*\])                       # Ovid repeats what .mp. means
    |(?P<tag>\[[^\[\]]*\])
    |(?P<quote>"[^"]*"|“[^”]*”|„[^“”]*[“”]|''[^']*'')
    |(?P<open>\()|(?P<close>\))
    |(?P<often>\.?\s*/\s*freq\s*=\s*\d+)
    |(?P<suffix>\.{_OVID_CODES}\.?(?=[\s)/]|$)|:{_OVID_CODES}(?=[\s)]|$))
    |(?P<range>\b(?:or|and)\s?/\s?\d+(?:\s?-\s?\d+)?(?:,\s?\d+(?:\s?-\s?\d+)?)*|\bor/\#\d+-\#?\d+)
    |(?P<ref>\#\d+(?!\w))
    |(?P<near>(?<![\w.*$?-])(?:adj\d*|near(?:/\d+)?|next(?:/\d+)?|[nw]/\d+|pre/\d+|n\d+|w\d+)(?=[\s("“]|$))
    |(?P<op>(?<![\w.*$?-])(?:and|or|not)(?=[\s()"“\[]|$)|(?<=\s)[&|](?=\s))
    |(?P<word>(?:(?!\.{_OVID_CODES}\.?(?:[\s)/]|$)|:{_OVID_CODES}(?:[\s)]|$))[^\s()"“”\[\]])+)
    |(?P<lost>\S)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HEADING = re.compile(
    r"(?P<focus>(?:exp\s+)?\*?)(?P<name>\"[^\"\n]+\"|[A-Za-z0-9][^/()\[\]\"\n]*(?:\([^()]*\)[^/()\[\]\"\n]*)?)/"
    r"(?!\d|\s*freq)(?P<parts>[a-z]{2}\b(?:\s*,\s*[a-z]{2}\b)*)?(?:\s*\[[^\]=]*\])?",
    re.IGNORECASE,
)
_NOT_IN_HEADINGS = re.compile(
    r"\b(?:or|not|adj\d*)\s|\.[a-z]{2}(?:,[a-z]{2})*\.|\b(?:and|or)$|^(?:and|or)\b", re.IGNORECASE
)
_JOINED_BY_AND = re.compile(r"(?:^|[\s,])([\w*$?.'-]+)\s+and\s+([\w*'-]+)")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a strategy. ``kind`` is the name of its group in the pattern above, or "heading"."""

    kind: str
    text: str
    start: int


def tokens(text: str, ovid: bool) -> Iterator[Token]:
    """All of the text but its white space and what Ovid repeats."""
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        found = _heading_at(text, place) if ovid else None
        if found is not None:
            yield Token("heading", found, place)
            place += len(found)
            continue
        match = _TOKEN.match(text, place)
        if match is None or match.end() == place:
            yield Token("lost", text[place], place)
            place += 1
            continue
        if match.lastgroup != "note":
            yield Token(str(match.lastgroup), match[0], place)
        place = match.end()


def _heading_at(text: str, place: int) -> str | None:
    found = _HEADING.match(text, place)
    if found is None or _NOT_IN_HEADINGS.search(found["name"]):
        return None
    # "Wounds and Injuries/" is one heading, "asthma and Child/" a word and a heading
    if any(left[:1].islower() or right[:1].islower() for left, right in _JOINED_BY_AND.findall(found["name"])):
        return None
    return found[0]


def take_heading_apart(text: str) -> tuple[str, bool, tuple[str, ...]]:
    """The name of a heading, whether it explodes, and its subheadings."""
    found = _HEADING.match(text)
    if found is None:
        return text, False, ()
    parts = tuple(part.strip() for part in (found["parts"] or "").split(",") if part.strip())
    return found["name"].strip('" '), found["focus"].casefold().startswith("exp"), parts

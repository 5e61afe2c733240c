"""The tokens of a search strategy: words, phrases, operators, brackets, field codes, headings, numbers of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from leads_local.strategies.syntaxes import Syntax

_CODE = r"(?:[a-z]{2}|m_titl)"
_CODES = rf"{_CODE}(?:\s?,\s?{_CODE})*"
_AFTER_CODES = r"(?=[\s)/]|$|(?:and|or|not|adj\d*)\s)"
_SUFFIX = rf"\.\s?{_CODES}\s?\.{_AFTER_CODES}|\.{_CODES}(?=[\s)/]|$)|:{_CODES}(?=[\s)]|$)"
_LINK = r"(?:dm|dd|dv|ad|ae|cb)_\w\w"  # of Embase.com, to a subheading
_SLASH = rf"/(?:exp|de|mj|br|it|lim|py|sd|dd|lnk|ta|jt|au|cn|mn|dn|tn|{_LINK})\b(?:/(?:mj|exp|{_LINK}))*(?=[\s)]|$)"
_TOKEN = re.compile(
    rf"""
    (?P<note>\[(?:mp|[a-z]{{2}})\s*=[^\]]*\])                       # Ovid repeats what .mp. means
    |(?P<tag>\[[^\[\]]*\])
    |(?P<quote>"[^"]*"|''[^']*''|'[^'\n]+'(?=[\s/:)]|$))
    |(?P<open>\()|(?P<close>\))
    |(?P<often>\.?\s*/\s*freq\s*=\s*\d+)
    |(?P<dates>\d{{4}}(?:\s?[:-]\s?\d{{4}})?\s?\.\s?\(sa_year\)\.?)
    |(?P<suffix>{_SUFFIX})
    |(?P<slash>{_SLASH})
    |(?P<field>\bin\s+(?:all\ text|title,\s*abstract,?\s*(?:or|and)\s*keywords?|record\ title))
    |(?P<range>\b(?:or|and)\s?/\s?\#?\d+(?:\s?-\s?\#?\d+)?(?:\s?,\s?\#?\d+(?:\s?-\s?\#?\d+)?)*
        |\{{\s*(?:or|and)\s+\#?\d+(?:\s?-\s?\#?\d+)?(?:\s?,\s?\#?\d+(?:\s?-\s?\#?\d+)?)*\s*\}})
    |(?P<ref>\#\d+(?!\w))
    |(?P<near>(?<![\w.*$?-])(?:adj\d*|near(?:/\d+)?|next(?:/\d+)?|[nw]/\d+|pre/\d+|n\d+|w\d+)(?=[\s()"]|$))
    |(?P<op>(?<![\w*$?-])(?:and|or|not)(?=[\s()"\[]|$)|(?<=\s)[&|](?=\s))
    |(?P<word>(?:(?!{_SUFFIX}|{_SLASH})[^\s()"\[\]])+)
    |(?P<lost>\S)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FIELDS = r"ti|ab|su|mesh|mjmesh|tw|tx|au|pub|la|noft|ft|if|diskw|mainsubject|stype|rtype|dtype|all"
_PREFIX = re.compile(
    rf"""
    [A-Z]{{2,4}}\s?=\s?(?=[("'\w])                                      # Web of Science
    |(?:TITLE|ABS|KEY|AUTHKEY|INDEXTERMS|ALL|AUTH|SRCTITLE|AFFIL(?:COUNTRY)?|LANGUAGE|DOCTYPE|CHEMNAME)
        (?:-(?:ABS|KEY|AUTH))*\s*(?=\()                                  # Scopus
    |(?i:(?:{_FIELDS})(?:\.[a-z]+)*(?:,(?:{_FIELDS}))*(?=\())            # ProQuest
    |(?i:[a-z_]{{2,25}})\s?:\s?(?=[("])                                 # LILACS
    """,
    re.VERBOSE,
)
_PREFIX_OF_EBSCO = re.compile(r"[A-Z]{2}\s+(?=[(\"\w])(?!(?:AND|OR|NOT)\b)")
_SCOPUS_LIMIT = re.compile(r"(?:LIMIT-TO|EXCLUDE)\s*\([^()]*\)|PUBYEAR\s*(?:[<>=]|AFT|BEF|IS)\s*\d{4}")
_HEADING = re.compile(
    r"(?P<focus>(?:exp(?:\s+|(?=\")))?\*?)(?P<name>\"[^\"\n]+\"|[A-Za-z0-9][^/()\[\]\"\n]*(?:\([^()]*\)[^/()\[\]\"\n]*)?)/"
    r"(?!\d|\s*freq|(?:exp|lim)\b)(?P<parts>[a-z]{2}\b(?:\s*,\s*[a-z]{2}\b)*)?(?:\s*\[[^\]=]*\])?",
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


def tokens(text: str, syntax: Syntax) -> Iterator[Token]:
    """All of the text but its white space and what Ovid repeats."""
    place, before = 0, ""
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        token = _token_at(text, place, syntax, before)
        if token.kind != "note":
            yield token
            before = token.kind
        place += len(token.text)


def _token_at(text: str, place: int, syntax: Syntax, before: str) -> Token:
    """``before``: the kind of the token that stands before it. Where a term may begin, a field may be named, too."""
    heading = _heading_at(text, place) if syntax is Syntax.OVID else None
    if heading is not None:
        return Token("heading", heading, place)
    if before in ("", "open", "op", "near", "prefix"):
        patterns = [("limit", _SCOPUS_LIMIT), ("prefix", _PREFIX)]
        patterns += [("prefix", _PREFIX_OF_EBSCO)] if syntax is Syntax.EBSCO else []
        for kind, pattern in patterns:
            if (found := pattern.match(text, place)) and not _is_operator(found[0]):
                return Token(kind, found[0], place)
    match = _TOKEN.match(text, place)
    if match is None or match.end() == place:
        return Token("lost", text[place], place)
    return Token(str(match.lastgroup), match[0], place)


def _is_operator(text: str) -> bool:
    return re.fullmatch(r"and|or|not|adj\d*|near|next", text.strip(), re.IGNORECASE) is not None


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

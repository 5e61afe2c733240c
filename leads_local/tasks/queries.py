"""Boolean search queries as PubMed reads them: their groups, their terms, and what is wrong with them. Pure text, no
search.

A query is only taken apart where its structure is certain. Unbalanced brackets or quotes, or AND and OR mixed without
brackets, leave it whole and are named; quoted phrases and field tags (``[tiab]``) are never cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

MOST_SUB_QUERIES = 500
_DEEPEST = 50

_TOKEN = re.compile(
    r"""(?P<quote>"[^"]*"?|“[^”]*”?)|(?P<tag>\[[^\]]*\]?)|(?P<open>\()|(?P<close>\))"""
    r"""|(?P<op>(?<![^\s()"”\]])(?:AND|OR|NOT)(?=[\s()"“]|$))|(?P<word>[^\s()"“\[]+)|(?P<space>\s+)"""
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a query at its outermost level and the operator before it ("" for the first)."""

    operator: str
    text: str


def tidy(query: str) -> str:
    """The query on one line, without white space just inside its brackets. What stands in quotation marks keeps its
    own."""
    found = ""
    for kind, text in _tokens(query.strip()):
        if kind == "space":
            text = "" if found.endswith("(") else " "
        elif kind == "close":
            found = found.rstrip()
        found += " ".join(text.split()) if kind == "quote" else text
    return found


def faults(query: str) -> tuple[str, ...]:
    """What makes the structure of a query uncertain, one sentence each."""
    found = []
    depth = lowest = 0
    for match in _TOKEN.finditer(query):
        depth += (match.lastgroup == "open") - (match.lastgroup == "close")
        lowest = min(lowest, depth)
    if lowest < 0:
        found.append("A closing bracket has no opening one before it.")
    if depth - min(lowest, 0) > 0:
        found.append("An opening bracket is never closed.")
    if any(m.lastgroup == "quote" and not _is_closed_quote(m[0]) for m in _TOKEN.finditer(query)):
        found.append("A quotation mark is never closed.")
    if any(m.lastgroup == "tag" and not m[0].endswith("]") for m in _TOKEN.finditer(query)):
        found.append("A square bracket is never closed.")
    if not found and any(not part.text for part in _parts(_strip_outer_brackets(query))):
        found.append("An AND, OR or NOT has nothing on one of its sides.")
    return tuple(found)


def mixes_operators(query: str) -> bool:
    """Whether OR stands beside AND or NOT outside of brackets, which PubMed reads from left to right."""
    operators = {part.operator for part in _parts(_strip_outer_brackets(query))}
    return "OR" in operators and bool(operators & {"AND", "NOT"})


def mixes_operators_inside(query: str) -> bool:
    """As ``mixed``, but within any pair of brackets that does not stand around the whole."""
    levels: list[set[str]] = [set()]
    for kind, text in _tokens(_strip_outer_brackets(query)):
        if kind == "open":
            levels.append(set())
        elif kind == "close" and len(levels) > 1:
            operators = levels.pop()
            if "OR" in operators and len(operators) > 1:
                return True
        elif kind == "op":
            levels[-1].add(text)
    return False


def blocks(query: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The groups that AND joins, and those that NOT takes away, without their outer brackets. The query's structure
    must be certain."""
    parts = _parts(_strip_outer_brackets(query))
    if "OR" in {part.operator for part in parts}:
        return (_strip_outer_brackets(query),), ()
    joined = tuple(_strip_outer_brackets(part.text) for part in parts if part.operator != "NOT" and part.text)
    return joined, tuple(_strip_outer_brackets(part.text) for part in parts if part.operator == "NOT" and part.text)


def alternatives(block: str, depth: int = 0) -> tuple[str, ...]:
    """The terms that OR joins in a group, inner OR groups included; one that is not a plain OR group is returned
    whole."""
    block = _strip_outer_brackets(block)
    parts = _parts(block)
    if depth >= _DEEPEST or {part.operator for part in parts} != {"", "OR"}:
        return (f"({block})" if len(parts) > 1 else block,)
    return tuple(dict.fromkeys(term for part in parts if part.text for term in alternatives(part.text, depth + 1)))


def sub_queries(query: str) -> tuple[str, ...]:
    """One narrow query for each choice of one term from each group, with what NOT takes away kept on each.

    The query itself where its structure is uncertain or the choices are more than MOST_SUB_QUERIES.
    """
    if faults(query) or mixes_operators(query):
        return (query,)
    joined, excluded = blocks(query)
    choices = [alternatives(block) for block in joined]
    if not choices or prod(map(len, choices)) > MOST_SUB_QUERIES:
        return (query,)
    tail = "".join(f" NOT {_wrap_block(block)}" for block in excluded)
    return tuple(dict.fromkeys(" AND ".join(choice) + tail for choice in product(*choices)))


def terms(query: str) -> tuple[str, ...]:
    """Every term between operators and brackets, without quotation marks and field tags, each once, in order."""
    return tuple(dict.fromkeys(every_term(query)))


def every_term(query: str) -> tuple[str, ...]:
    """``terms``, each as often as it stands there."""
    found: list[str] = []
    words: list[str] = []
    for kind, text in [*_tokens(query), ("op", "")]:
        if kind in ("quote", "word"):
            words.append(text.strip('"“” '))
        elif kind != "space" and kind != "tag":
            found.append(" ".join(" ".join(words).split()))
            words = []
    return tuple(term for term in found if term)


def _tokens(query: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(query):
        yield str(match.lastgroup), match[0]


def _parts(query: str) -> list[_Part]:
    """The query cut at the operators outside of all brackets."""
    parts: list[_Part] = []
    operator, start, depth = "", 0, 0
    for match in _TOKEN.finditer(query):
        depth += (match.lastgroup == "open") - (match.lastgroup == "close")
        if match.lastgroup == "op" and depth == 0:
            text = query[start : match.start()].strip()
            if text or match[0] != "NOT" or not operator:  # "AND NOT" is one operator
                parts.append(_Part(operator, text))
            operator, start = match[0], match.end()
    parts.append(_Part(operator, query[start:].strip()))
    return parts


def _strip_outer_brackets(query: str) -> str:
    """The query without brackets around the whole of it."""
    query = query.strip()
    for _ in range(_DEEPEST):
        if not (query.startswith("(") and query.endswith(")") and _closes_at(query) == len(query)):
            break
        query = query[1:-1].strip()
    return query


def _closes_at(query: str) -> int:
    """Where the bracket that opens the query is closed, one past it; 0 when it is not."""
    depth = 0
    for match in _TOKEN.finditer(query):
        depth += (match.lastgroup == "open") - (match.lastgroup == "close")
        if depth == 0:
            return match.end()
    return 0


def _is_closed_quote(quote: str) -> bool:
    return len(quote) > 1 and quote[-1] == {'"': '"', "“": "”"}[quote[0]]


def _wrap_block(block: str) -> str:
    return f"({block})" if len(_parts(block)) > 1 else block

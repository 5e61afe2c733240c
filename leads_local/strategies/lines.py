"""A whole strategy: one query, or a set of lines that name each other, as Ovid's and PubMed's histories are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from leads_local.strategies import fields
from leads_local.strategies.reading import StrategyFault, read_line
from leads_local.strategies.tree import Node, Untold, walk

_NUMBERED = re.compile(r"^\s*#?(\d{1,3})(?:\s*[.):]\s*|\s+|\t)(?=\S)(.*)$", re.DOTALL)
_HITS = re.compile(r"(?:\t|\s{2,})\(?\d[\d,. ]*\)?\s*$|\s\(\d[\d,]*\)\s*$")
_REFERS = re.compile(
    r"\b(?:or|and)\s?/\s?\d|#\d|^\s*\d+\s+(?:and|or|not)\s|\blimit\s+#?\d", re.IGNORECASE | re.MULTILINE
)
_OVID = re.compile(
    r"\.(?:ti|ab|tw|mp|kw|kf|pt|af|sh|hw)(?:,[a-z]{2})*(?=[\s)]|$)|"
    r"[\w*$?#\")]\.[a-z]{2}(?:,\s?[a-z]{2})*\.(?=[\s)]|$)|\badj\d*\b|\bexp\s+\S|\w/(?=\s|$|[a-z]{2}\b)|\bor/\d|"
    r"^\s*limit\s+\d|:(?:ti|ab|kw)(?:,[a-z]{2})*(?=[\s)]|$)",
    re.IGNORECASE | re.MULTILINE,
)
_PUBMED = re.compile(r"\[([^\[\]=]{1,40})\]")
_HEADER = re.compile(
    r"\s*(?:database|search strategy|search history|ovid\b.*|results?|-{3,}|={3,})\s*:?.*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``fault`` says why it could not be read; its node can't be told then."""

    number: int
    text: str
    node: Node
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Strategy:
    """The lines; what is searched is the last of them. ``syntax``: PubMed or Ovid, as it looks."""

    lines: tuple[Line, ...]
    syntax: str
    passed_over: tuple[str, ...] = ()

    @property
    def node(self) -> Node:
        return self.lines[-1].node

    @property
    def unknown(self) -> tuple[Untold, ...]:
        """What can't be told of any record, each once: faults, and what is not known here."""
        found = [part for line in self.lines for part in walk(line.node) if isinstance(part, Untold)]
        return tuple(dict.fromkeys(found))


def read_strategy(text: str) -> Strategy:
    """Read a strategy of one query or of many lines. Nothing raises; what can't be read is in ``fault`` and in
    ``unknown``."""
    ovid = _looks_like_ovid(text)
    numbered, passed_over = _number(text)
    nodes: dict[int, Node] = {}
    lines = []
    for number, said in numbered:
        try:
            node, fault = read_line(said, nodes, ovid), ""
        except StrategyFault as error:
            node, fault = Untold(said, str(error)), str(error)
        nodes[number] = node
        lines.append(Line(number, said, node, fault))
    if not lines:
        fault = "There is nothing in it."
        lines = [Line(1, text.strip(), Untold(text.strip(), fault), fault)]
    return Strategy(tuple(lines), "Ovid" if ovid else "PubMed", tuple(passed_over))


def _looks_like_ovid(text: str) -> bool:
    codes = [code for code in _PUBMED.findall(text) if fields.is_known(code.partition(":")[0], ovid=False)]
    return len(_OVID.findall(text)) > len(codes)


def _number(text: str) -> tuple[list[tuple[int, str]], list[str]]:
    """The lines with their numbers, and what stands before the first of them."""
    rows = [row.rstrip() for row in text.splitlines() if re.search(r"\w", row)]
    found = [_NUMBERED.match(row) for row in rows]
    numbers = [int(match[1]) for match in found if match]
    if len(numbers) > 1 and numbers == sorted(set(numbers)) and numbers[0] <= 2:
        return _join_wrapped(rows)
    rows = [row for row in rows if not _HEADER.fullmatch(row)]
    if len(rows) > 1 and _REFERS.search(text) and not _continues(rows):
        return [(number, _HITS.sub("", row)) for number, row in enumerate(rows, 1)], []
    whole = " ".join(rows)
    if (
        len(rows) == 1
        and (match := _NUMBERED.match(whole))
        and not re.match(r"(?:and|or|not|adj)\b", match[2], re.IGNORECASE)
    ):
        whole = match[2] if whole.lstrip().startswith("#") or re.match(r"\s*\d+[.):]", whole) else whole
    return ([(1, whole)] if whole else []), []


def _continues(rows: Sequence[str]) -> bool:
    """Whether the rows are one query that was broken, since a bracket stays open over a line's end."""
    return any(row.count("(") != row.count(")") for row in rows)


def _join_wrapped(rows: Sequence[str]) -> tuple[list[tuple[int, str]], list[str]]:
    lines: list[tuple[int, str]] = []
    passed_over = []
    for row in rows:
        match = _NUMBERED.match(row)
        if match and int(match[1]) > (lines[-1][0] if lines else 0) and not _is_reference(row, match, lines):
            lines.append((int(match[1]), match[2]))
        elif lines:
            lines[-1] = (lines[-1][0], f"{lines[-1][1]} {row.strip()}")
        else:
            passed_over.append(row.strip())
    return [(number, _HITS.sub("", said).strip()) for number, said in lines], passed_over


def _is_reference(row: str, match: re.Match[str], lines: Sequence[tuple[int, str]]) -> bool:
    """Whether a row goes on with a line's number (``12 and 13``) and is not numbered itself."""
    goes_on = re.match(r"(?:and|or|not)\b", match[2], re.IGNORECASE) is not None
    return goes_on and bool(lines) and int(match[1]) != lines[-1][0] + 1

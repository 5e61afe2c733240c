"""A whole strategy: one query, or a set of lines that name each other, as Ovid's and PubMed's histories are."""

from __future__ import annotations

from dataclasses import dataclass

from leads_local.strategies import histories, syntaxes
from leads_local.strategies.reading import StrategyFault, read_line
from leads_local.strategies.syntaxes import Syntax
from leads_local.strategies.tree import Node, Untold, walk


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``fault`` says why it could not be read; its node can't be told then."""

    number: int
    text: str
    node: Node
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Strategy:
    """The lines; what is searched is the last of them. ``syntax``: as it looks. ``passed_over``: headlines and what
    tells how it was run, which ask for nothing."""

    lines: tuple[Line, ...]
    syntax: Syntax
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
    tidy = histories.tidy(text)
    syntax = syntaxes.whose(tidy)
    rows = histories.take_apart(tidy)
    nodes: dict[int, Node] = {}
    lines = []
    for number, said in rows.lines:
        try:
            node, fault = read_line(said, nodes, syntax), ""
        except StrategyFault as error:
            node, fault = Untold(said, str(error)), str(error)
        nodes[number] = node
        lines.append(Line(number, said, node, fault))
    if not lines:
        fault = "There is nothing in it."
        lines = [Line(1, text.strip(), Untold(text.strip(), fault), fault)]
    return Strategy(tuple(lines), syntax, rows.passed_over)

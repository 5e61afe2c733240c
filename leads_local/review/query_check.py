"""A search strategy tried on the records that the review already holds, without any network.

What it tells: how many of the known records it finds and, above all, which included ones it would miss, and by which
line. What it can't tell: how large the result in a database is, and what hangs on that which the records don't have,
such as headings; that is counted apart and named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leads_local.records import Citation, Stage
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review
from leads_local.review.store import citations
from leads_local.strategies.lines import Strategy, read_strategy
from leads_local.strategies.matching import prepare, tell
from leads_local.strategies.tree import Answer, Join, Joined, Node, Untold, answer, walk
from leads_local.tasks import queries
from leads_local.tasks.search import SearchQuery

_MISSED_NAMED = 5
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class MissedRecord:
    """An included record that is not found; ``lost_by``: the lines, or the parts of the one line, that don't find
    it."""

    record_id: int
    title: str
    lost_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineResult:
    """One line of a strategy: of the review's records and of the included ones, how many it finds and of how many that
    can't be told. ``fault`` says why it could not be read."""

    number: int
    text: str
    found: int
    untold: int
    included_found: int
    included_untold: int
    fault: str


@dataclass(frozen=True, slots=True)
class QueryResult:
    """``found`` of ``records``, and ``included_found`` of ``included``; of ``untold`` and ``included_untold`` it can't
    be told offline. ``needless``: terms among alternatives without which no included record would be lost. ``unknown``:
    what can't be told, each with why. ``passed_over``: what of the text asks for nothing. ``problem`` says why the
    query could not be tried."""

    records: int = 0
    found: int = 0
    untold: int = 0
    included: int = 0
    included_found: int = 0
    included_untold: int = 0
    missed: tuple[MissedRecord, ...] = ()
    lines: tuple[LineResult, ...] = ()
    needless: tuple[str, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    passed_over: tuple[str, ...] = ()
    syntax: str = ""
    problem: str = ""

    def in_words(self) -> str:
        """The result in one or two sentences."""
        if self.problem:
            return f"The query was not tried on this review's records: {self.problem}"
        if not self.records:
            return "This review holds no records yet to try the query on."
        text = f"Tried on the {self.records:,} records of this review, the query finds {self.found:,}"
        text += f"; of {self.untold:,} it can't be told offline." if self.untold else "."
        if not self.included:
            return f"{text} None is included yet, so whether it finds what it should can't be told."
        text += f" Of the {self.included:,} included it finds {self.included_found:,}"
        text += f"; of {self.included_untold:,} it can't be told." if self.included_untold else "."
        if self.missed:
            more = len(self.missed) - _MISSED_NAMED
            names = "; ".join(f"record {missed.record_id} ({missed.title})" for missed in self.missed[:_MISSED_NAMED])
            text += f" It misses {names}{f'; and {more:,} more' if more > 0 else ''}."
        return text


def try_query(review: Review, query: SearchQuery) -> QueryResult:
    """``try_strategy`` with a query that the model wrote, unless its brackets or quotation marks are not closed, or
    it is none that could be searched with."""
    faults = queries.faults(query.query) or ((query.unusable,) if query.unusable else ())
    return QueryResult(problem=" ".join(faults)) if faults else try_strategy(review, query.query)


def try_strategy(review: Review, text: str) -> QueryResult:
    """Try a strategy, of one query or many lines in the syntax of PubMed or Ovid, on one record of each report; what
    was included by its abstract must be found. Nothing raises: what can't be read is named."""
    strategy = read_strategy(text)
    included = set(review.record_ids(Stage.ABSTRACT, RecordFilter.INCLUDED))
    told = {line.number: Counter[tuple[bool, Answer]]() for line in strategy.lines}
    missed: list[MissedRecord] = []
    needed: set[Node] = set()
    records = 0
    for record, _, _, citation in citations.stream(review.db, heads_only=True):
        records += 1
        parts = _Parts(citation)
        answers = {line.number: parts.answer(line.node) for line in strategy.lines}
        for number, found in answers.items():
            told[number][record in included, found] += 1
        if record in included:
            if answers[strategy.lines[-1].number] is False:
                missed.append(MissedRecord(record, citation.title, _lost_by(strategy, answers, parts)))
            needed |= parts.needed(strategy.node)
    lines = tuple(_line_result(line.number, line.text, line.fault, told[line.number]) for line in strategy.lines)
    last = lines[-1]
    return QueryResult(
        records,
        last.found,
        last.untold,
        len(included),
        last.included_found,
        last.included_untold,
        tuple(missed),
        lines,
        tuple(_in_words(part) for part in _alternatives(strategy.node) if part not in needed) if included else (),
        tuple((part.said, part.why) for part in strategy.unknown),
        strategy.passed_over,
        strategy.syntax,
    )


class _Parts:
    """The answers of a record to the parts of a strategy, each asked once."""

    def __init__(self, citation: Citation) -> None:
        self._searched = prepare(citation)
        self._known: dict[Node, Answer] = {}

    def tell(self, node: Node) -> Answer:
        if node not in self._known:
            self._known[node] = tell(node, self._searched)
        return self._known[node]

    def answer(self, node: Node) -> Answer:
        return answer(node, self.tell)

    def needed(self, node: Node) -> set[Node]:
        """The terms without each of which the record would not be found any more."""
        if self.answer(node) is not True:
            return set()
        terms = [part for part in _alternatives(node) if self.tell(part) is not False]
        return {term for term in terms if self._answer_without(term, node) is not True}

    def _answer_without(self, term: Node, node: Node) -> Answer:
        return answer(node, lambda part: False if part == term else self.tell(part))


def _alternatives(node: Node) -> tuple[Node, ...]:
    """The terms that OR joins with others, each once."""
    found = [part for one in walk(node) if isinstance(one, Joined) and one.by is Join.OR for part in one.parts]
    return tuple(dict.fromkeys(part for part in found if not isinstance(part, Joined | Untold)))


def _lost_by(strategy: Strategy, answers: Mapping[int, Answer], parts: _Parts) -> tuple[str, ...]:
    lost = [f"line {line.number}" for line in strategy.lines[:-1] if answers[line.number] is False]
    node = strategy.node
    if lost or not isinstance(node, Joined):
        return tuple(lost)
    if node.by is Join.AND:
        return tuple(_in_words(part) for part in node.parts if parts.answer(part) is False)
    if node.by is Join.NOT:
        return tuple(f"NOT {_in_words(part)}" for part in node.parts[1:] if parts.answer(part) is True)
    return ()


def _in_words(node: Node) -> str:
    """What a part says, short."""
    if isinstance(node, Joined):
        said = f" {node.by} ".join(_in_words(part) for part in node.parts)
    else:
        said = " ".join(getattr(part, "said", "") for part in walk(node)) if hasattr(node, "left") else node.said
    return said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"


def _line_result(number: int, text: str, fault: str, told: Mapping[tuple[bool, Answer], int]) -> LineResult:
    def count(wanted: Answer, only: Sequence[bool]) -> int:
        return sum(told.get((included, wanted), 0) for included in only)

    both = (True, False)
    return LineResult(
        number, text, count(True, both), count(None, both), count(True, (True,)), count(None, (True,)), fault
    )

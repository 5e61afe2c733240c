"""A search query tried on the records that the review already holds, without any network.

What it tells: how many of the known records the query finds and, above all, which included ones it would miss. What it
can't tell: how a database maps terms to its own vocabulary; here a term is looked for in titles, abstracts and
keywords, as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from leads_local.records import Citation, Stage
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review
from leads_local.review.store import citations
from leads_local.tasks import queries
from leads_local.tasks.search import SearchQuery

_TAG = re.compile(r"\[[^\]]*\]")
_WORD = re.compile(r"[\w*?]+")
_MISSED_NAMED = 5

TextMatcher = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class MissedRecord:
    """An included record that the query does not find."""

    record_id: int
    title: str


@dataclass(frozen=True, slots=True)
class QueryResult:
    """``found`` of ``records``, and ``included_found`` of ``included``. ``problem`` says why the query could not be
    tried."""

    records: int = 0
    found: int = 0
    included: int = 0
    included_found: int = 0
    missed: tuple[MissedRecord, ...] = ()
    problem: str = ""

    def in_words(self) -> str:
        """The result in one or two sentences."""
        if self.problem:
            return f"The query was not tried on this review's records: {self.problem}"
        if not self.records:
            return "This review holds no records yet to try the query on."
        text = f"Tried on the {self.records} records of this review, the query finds {self.found}."
        if not self.included:
            return f"{text} None is included yet, so whether it finds what it should can't be told."
        text += f" Of the {self.included} included it finds {self.included_found}."
        if self.missed:
            more = len(self.missed) - _MISSED_NAMED
            names = "; ".join(f"record {missed.record_id} ({missed.title})" for missed in self.missed[:_MISSED_NAMED])
            text += f" It misses {names}{f'; and {more:,} more' if more > 0 else ''}."
        return text


def try_query(review: Review, query: SearchQuery) -> QueryResult:
    """Try ``query`` on one record of each report; what was included by its abstract must be found."""
    faults = queries.faults(query.query)
    if faults:
        return QueryResult(problem=" ".join(faults))
    try:
        finds = compile_query(query.query)
    except ValueError as error:
        return QueryResult(problem=str(error))
    included = set(review.record_ids(Stage.ABSTRACT, RecordFilter.INCLUDED))
    records = found = 0
    missed = []
    for record, _, _, citation in citations.stream(review.db, heads_only=True):
        hit = finds(searched_text(citation))
        records += 1
        found += hit
        if record in included and not hit:
            missed.append(MissedRecord(record, citation.title))
    return QueryResult(records, found, len(included), len(included) - len(missed), tuple(missed))


def searched_text(citation: Citation) -> str:
    """What terms are looked for in."""
    return "\n".join((citation.title, citation.abstract, *citation.keywords)).casefold()


def compile_query(query: str) -> TextMatcher:
    """Whether a text, case-folded, matches ``query``, which must be without faults (``tasks.queries.faults``).

    Raises ValueError where AND and OR stand side by side, at any depth.
    """
    if queries.mixes_operators(query):
        raise ValueError("AND and OR stand side by side without brackets.")
    joined, excluded = queries.blocks(query)
    wanted = [_compile_block(block) for block in joined]
    unwanted = [_compile_block(block) for block in excluded]
    return lambda text: all(finds(text) for finds in wanted) and not any(finds(text) for finds in unwanted)


def _compile_block(block: str) -> TextMatcher:
    """One group: any of its alternatives, each a term or a query of its own."""
    alternatives = queries.alternatives(block)
    nested = [compile_query(term) if term.startswith("(") else _compile_term(term) for term in alternatives]
    return lambda text: any(finds(text) for finds in nested)


@lru_cache(maxsize=4096)
def _compile_term(term: str) -> TextMatcher:
    """A phrase in quotation marks stands together; of other terms all words are there. ``*`` is any ending."""
    bare = _TAG.sub(" ", term).strip().casefold()
    quoted = len(bare) > 1 and bare[0] in '"“' and bare[-1] in '"”'
    words = [re.escape(word).replace(r"\*", r"\w*").replace(r"\?", r"\w") for word in _WORD.findall(bare)]
    patterns = [re.compile(rf"\b{pattern}\b") for pattern in ([r"\W+".join(words)] if quoted else words) if pattern]
    return lambda text: bool(patterns) and all(pattern.search(text) for pattern in patterns)

"""A search query tried on the records that a review already holds, without any network.

A database would answer differently (its index knows subject headings, ours has titles, abstracts and keywords), so this says what the
query would at least miss among records that are known to matter, and never how many hits a database will give.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from leads_local.records import Citation, Stage
from leads_local.review.review import Review
from leads_local.review.views import Show
from leads_local.tasks import queries
from leads_local.tasks.search import SearchQuery

MISSED_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SearchTrial:
    """``found`` of ``records`` match the query; of the ``included`` ones ``included_found`` do; ``missed`` are included and do not.

    ``tried`` is False when the query's structure is uncertain, so that nothing can be said.
    """

    tried: bool
    records: int = 0
    found: int = 0
    included: int = 0
    included_found: int = 0
    missed: tuple[tuple[int, str], ...] = ()

    def in_words(self) -> str:
        """The trial in sentences for a reviewer."""
        if not self.tried:
            return "The query could not be tried: its brackets, quotation marks or operators are not certain."
        if not self.records:
            return "The review holds no records yet, so the query could not be tried on any."
        text = f"Tried on the review's own records (title, abstract, keywords): it finds {self.found} of {self.records}"
        text += f", and {self.included_found} of the {self.included} that you included." if self.included else "; none is included yet."
        for record_id, title in self.missed[:MISSED_SHOWN]:
            text += f"\n  misses record {record_id}: {title}"
        return text


def try_query(review: Review, query: SearchQuery) -> SearchTrial:
    """Which of the review's records the query would find, judged by words; field tags are not looked at."""
    if queries.faults(query.query) or queries.mixed(query.query):
        return SearchTrial(tried=False)
    included = set(review.record_ids(Stage.ABSTRACT, Show.INCLUDED))
    ids = review.record_ids(Stage.ABSTRACT)
    found: set[int] = set()
    missed: list[tuple[int, str]] = []
    for record_id in ids:
        citation = review.citation(record_id)
        if matches(query.query, searched_text(citation)):
            found.add(record_id)
        elif record_id in included:
            missed.append((record_id, citation.title))
    return SearchTrial(True, len(ids), len(found), len(included), len(found & included), tuple(missed))


def searched_text(citation: Citation) -> str:
    return " \n ".join((citation.title, citation.abstract, *citation.keywords)).casefold()


def matches(query: str, text: str) -> bool:
    """Whether ``text`` (case-folded) satisfies a query whose structure is certain: phrases as they stand, ``*`` for any ending."""
    joined, excluded = queries.blocks(query)
    return all(_any(block, text) for block in joined) and not any(_any(block, text) for block in excluded)


def _any(block: str, text: str) -> bool:
    return any(_holds(term, text) for term in queries.alternatives(block))


def _holds(term: str, text: str) -> bool:
    """A plain term is looked up; brackets are taken apart again. AND and OR mixed inside brackets ask for all terms: strict, not lax."""
    parts = queries.terms(term)
    if len(parts) > 1 and not queries.mixed(term):
        return matches(term, text)
    return all(_pattern(part).search(text) for part in parts)


@lru_cache(maxsize=1024)
def _pattern(term: str) -> re.Pattern[str]:
    words = [re.escape(word).replace(r"\*", r"\w*") for word in re.split(r"[\s\-]+", term.casefold()) if word]
    return re.compile(r"(?<!\w)" + r"[\s\-]+".join(words) + r"(?!\w)")

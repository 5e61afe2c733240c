"""PubMed's text (``.nbib``), as reference managers read it: four columns of tag, a dash, a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from leads_local.citations.formats.nbib import TAGS
from leads_local.citations.outgoing import rest
from leads_local.records import Citation

_OF_FIELDS = ("PMID", "TI", "AB", "FAU", "JT", "DP", "VI", "IP", "PG", "LA", "PT", "OT", "LID")
_WRITTEN = tuple(sorted(TAGS - {*_OF_FIELDS, "GN", "AU", "CN", "UI", "DB", "TT", "BTI", "CTI", "OAB", "MH", "KW"}))


def write(citations: Iterable[Citation], out: TextIO) -> int:
    """Returns how many records there were."""
    count = 0
    for citation in citations:
        count += 1
        for tag, value in _lines(citation):
            text = rest.plain(value).replace("\n", "\n      ")
            if text:
                out.write(f"{tag:<4}- {text}\n")
        out.write("\n")
    return count


def _lines(citation: Citation) -> Iterator[tuple[str, str]]:
    yield "PMID", citation.pmid
    yield "OWN", "leads-local"
    yield "TI", citation.title
    yield "LID", f"{citation.doi} [doi]" if citation.doi else ""
    yield "PG", citation.pages
    yield "AB", citation.abstract
    yield from (("FAU", author) for author in citation.authors)
    yield from (("LA", citation.language), ("PT", citation.kind), ("DP", rest.year(citation)))
    yield from (("JT", citation.journal), ("VI", citation.volume), ("IP", citation.issue))
    yield from (("OT", keyword) for keyword in citation.keywords)
    own = [(tag, value) for tag, value in citation.extra if tag in _WRITTEN and tag != "OWN"]
    yield from own
    yield from (("GN", f"URL: {url}") for url in citation.urls)
    yield from (("GN", note) for note in rest.notes(citation, *_WRITTEN))

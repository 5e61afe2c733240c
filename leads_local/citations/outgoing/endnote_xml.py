"""EndNote XML, as EndNote, Covidence, EPPI-Reviewer and Zotero read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape  # not that of xml.sax, which loads a client of the network
from typing import TextIO

from leads_local.citations.outgoing import rest
from leads_local.records import Citation

_TYPES = {
    "chapter": ("Book Section", 5),
    "book": ("Book", 6),
    "thesis": ("Thesis", 32),
    "conference": ("Conference Paper", 47),
    "report": ("Report", 27),
    "web": ("Web Page", 12),
    "article": ("Journal Article", 17),
}
_BEGIN = '<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n'
_END = "</records></xml>\n"


def write(citations: Iterable[Citation], out: TextIO) -> int:
    """Returns how many records there were."""
    count = 0
    out.write(_BEGIN)
    for count, citation in enumerate(citations, start=1):
        out.write(f"<record>{''.join(_elements(citation, count))}</record>\n")
    out.write(_END)
    return count


def _elements(citation: Citation, number: int) -> Iterator[str]:
    kind, code = _TYPES[rest.kind_of_work(citation.kind)]
    yield f'<rec-number>{number}</rec-number><ref-type name="{escape(kind)}">{code}</ref-type>'
    yield _around("contributors/authors", *(_text("author", author) for author in citation.authors))
    yield _around("titles", _text("title", citation.title), _text("secondary-title", citation.journal))
    yield _around("periodical", _text("full-title", citation.journal))
    yield from (_text("pages", citation.pages), _text("volume", citation.volume), _text("number", citation.issue))
    yield _around("keywords", *(_text("keyword", keyword) for keyword in citation.keywords))
    yield _around("dates", _text("year", rest.year(citation)))
    if citation.pmid:
        yield _text("accession-num", citation.pmid) + _text("remote-database-name", "PubMed")
    yield _text("electronic-resource-num", citation.doi) + _text("abstract", citation.abstract)
    yield _text("notes", "\n".join(rest.notes(citation)))
    yield _text("work-type", citation.kind) if citation.kind != kind else ""
    yield _around("urls/related-urls", *(_text("url", url) for url in citation.urls))
    yield _text("language", citation.language)


def _text(name: str, text: str) -> str:
    said = escape(rest.plain(text), quote=False)
    return f'<{name}><style face="normal" font="default" size="100%">{said}</style></{name}>' if said else ""


def _around(path: str, *inner: str) -> str:
    """Elements in those of ``path``, from outside in; "" where there is nothing."""
    text = "".join(inner)
    for name in reversed(path.split("/")) if text else ():
        text = f"<{name}>{text}</{name}>"
    return text
